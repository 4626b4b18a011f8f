"""The assistant: the same answers as the service's own, and none that nobody stands behind."""

import asyncio
import os
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import orjson
import pytest
from stdnum.cn.ric import calc_check_digit

from api import assistant as assistants
from api import assisting
from api.answer import Answer, Answerer, MatchersDifferError
from api.assistant import DIFFERS, Assistant
from api.bundled import bundled_folder
from api.cases.door import open_hall
from api.cases.event import Answered
from api.helping import MOST_LOSSES, Helping
from api.replaying import Replayer, Wanted
from api.workbench import MANY
from evaluator import rete_formula
from evaluator.example import read_examples
from knowledge.fault import FaultsError
from knowledge.strict_json import read_json
from rules.pack import Files, Reader, read_files
from tests.looping import run
from tests.matters import matters
from tests.product import Json, files_of
from tests.small_pack import sound_case, sound_pack
from tests.supervising import supervised

PATIENCE = 60
Patch = pytest.MonkeyPatch


def stated(**keys: Any) -> Json:
    """Return the sound case as a door reads it."""
    case: Json = read_json(orjson.dumps(sound_case() | keys))
    return case


def until(reached: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not reached():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.01)


def helped(answerer: Answerer, files: Files) -> Assistant:
    """Give an answerer an assistant, and wait until it can be asked."""
    pack = answerer.decider.pack
    found = Assistant(lambda: files, pack.rules.digest, pack.catalogue.digest)
    answerer.assistant = found
    until(lambda: found.ready or found.ended)
    assert found.ready
    return found


def sound_answerer() -> tuple[Answerer, Files]:
    files = files_of(sound_pack())
    return Answerer(Reader(files).pack()), files


def lost(found: Assistant) -> int:
    """Kill an assistant at its work; return which process it was."""
    until(lambda: found.ready)
    assert found.pid is not None
    os.kill(found.pid, signal.SIGKILL)
    until(lambda: found.ended)
    return found.pid


@pytest.fixture
def small() -> Iterator[Answerer]:
    answerer, files = sound_answerer()
    found = helped(answerer, files)
    yield answerer
    found.close()
    answerer.close()


def same(one: Answer, other: Answer, answerer: Answerer) -> bool:
    told = [
        (
            each.decision, each.encoded, each.form, each.matchers, each.engine_fault,
            list(each.items), list(each.persons), answerer.statutory(each), each.case,
        )
        for each in (one, other)
    ]  # fmt: skip
    return told[0] == told[1]


def test_it_answers_the_bundled_pack_as_the_service_does() -> None:
    files = read_files(bundled_folder())
    answerer = Answerer(Reader(files).pack())
    found = helped(answerer, files)
    cases = [each.case for _, each in read_examples(answerer.decider.pack)][::7]

    for case in cases:
        answer = answerer.answer_stated(case)
        assert answer.told is not None
        assert same(answer, answerer.answer(answerer.decider.read(case)), answerer)

    found.close()
    answerer.close()
    assert len(cases) > 50


def test_many_ask_at_once_and_each_gets_its_own(small: Answerer) -> None:
    def asked(staff: int) -> int:
        case = stated(facts={**sound_case()["facts"], "staff": staff})
        return int(small.answer_stated(case).case.form.facts["staff"])

    with ThreadPoolExecutor(40) as threads:
        assert list(threads.map(asked, range(400))) == list(range(400))


@pytest.mark.parametrize("spoilt", [{"items": ["unheard-of"]}, {"as_of": "never"}, {"x": {1}}])
def test_what_it_refuses_the_service_refuses_with_all_reasons(
    small: Answerer, spoilt: Json
) -> None:
    case = stated() | spoilt
    with pytest.raises(FaultsError) as alone:
        small.decider.read(case)
    with pytest.raises(FaultsError) as refused:
        small.answer_stated(case)

    assert refused.value.faults == alone.value.faults


def test_killed_under_work_nobody_loses_an_answer(small: Answerer) -> None:
    found = small.assistant
    assert found is not None
    assert found.pid is not None

    with ThreadPoolExecutor(8) as threads:
        answers = [threads.submit(small.answer_stated, stated()) for _ in range(300)]
        os.kill(found.pid, signal.SIGKILL)
        encoded = {one.result(PATIENCE).encoded for one in answers}

    assert len(encoded) == 1
    until(lambda: found.ended)
    assert found.lost
    assert small.answer_stated(stated()).told is None


def test_one_that_is_silent_is_given_up(small: Answerer, monkeypatch: Patch) -> None:
    found = small.assistant
    assert found is not None
    assert found.pid is not None
    monkeypatch.setattr(assistants, "PATIENCE", 0.1)
    os.kill(found.pid, signal.SIGSTOP)

    assert small.answer_stated(stated()).told is None
    assert found.lost


def test_one_that_takes_half_of_a_case_is_never_asked_again(small: Answerer) -> None:
    found = small.assistant
    assert found is not None
    assert found.pid is not None
    os.kill(found.pid, signal.SIGSTOP)

    assert found.ask(stated(lacks=["x" * (8 << 20)])) is None
    assert not found.ready
    until(lambda: found.ended)
    assert found.lost


def test_one_without_work_goes_and_is_not_lost(small: Answerer, monkeypatch: Patch) -> None:
    found = small.assistant
    assert found is not None
    monkeypatch.setattr(assistants, "IDLE", 0.1)

    until(lambda: found.ended)
    assert not found.lost


def test_one_that_reads_another_pack_is_never_asked() -> None:
    answerer, _ = sound_answerer()
    other = sound_pack()
    del other["requirements"][0]
    rules, catalogue = answerer.decider.pack.rules, answerer.decider.pack.catalogue
    found = Assistant(lambda: files_of(other), rules.digest, catalogue.digest)

    until(lambda: found.ended)
    assert found.lost
    assert found.ask(stated()) is None


def test_matchers_that_differ_there_give_no_list_here(monkeypatch: Patch) -> None:
    contraries = rete_formula._CONTRARY  # noqa: SLF001 (the fault goes where the signs are)
    monkeypatch.setitem(contraries, "<", ">")
    found = islice(matters("seeded engine", packs=400), 2000)
    for one in found:
        answerer = Answerer(one.decider.pack)
        sort, text = assisting.answered(answerer, _text(one.case))
        answerer.close()
        if sort == DIFFERS:
            break
    else:
        pytest.fail("the seeded fault was never seen")
    monkeypatch.undo()
    differing = assistants._read(sort, text)  # noqa: SLF001 (as it is read here)
    lying = Answerer(one.decider.pack)
    monkeypatch.setattr(lying, "assistant", _Saying(differing))

    with pytest.raises(MatchersDifferError) as error:
        lying.answer_stated(read_json(_text(one.case)))

    assert [*error.value.live] != [*error.value.reference]
    assert error.value.program.conditions
    lying.close()


class _Saying:
    def __init__(self, said: object) -> None:
        self._said = said

    def ask(self, _: object) -> object:
        return self._said


def _text(case: Json) -> str:
    return orjson.dumps(case).decode()


def test_a_service_takes_one_and_no_more_than_it_can_lose() -> None:
    answerer, files = sound_answerer()
    helping, pids = Helping(cores=2), set[int]()
    for _ in range(MOST_LOSSES):
        helping.call(answerer, lambda: files)
        found = answerer.assistant
        assert found is not None
        helping.call(answerer, lambda: files)
        assert answerer.assistant is found
        pids.add(lost(found))

    helping.call(answerer, lambda: files)

    assert answerer.assistant is None
    assert len(pids) == MOST_LOSSES
    helping.close()
    answerer.close()


def test_a_new_release_has_its_own_and_the_old_one_goes() -> None:
    (old, files), (new, _) = sound_answerer(), sound_answerer()
    helping = Helping(cores=2)
    helping.call(old, lambda: files)
    first = old.assistant
    assert first is not None
    until(lambda: first.ready)

    helping.call(new, lambda: files)

    assert old.assistant is None
    assert first.ended
    assert not first.lost
    assert new.assistant is not None
    helping.close()
    assert new.assistant is None
    for one in (old, new):
        one.close()


def test_on_one_core_there_is_none() -> None:
    answerer, files = sound_answerer()
    helping = Helping(cores=1)
    helping.call(answerer, lambda: files)
    assert answerer.assistant is None
    answerer.close()


def test_a_busy_desk_takes_one_and_what_it_said_decides_again_the_same(tmp_path: Path) -> None:
    with supervised(tmp_path) as office:
        desk, hall = office.desk, open_hall(office.office, None)
        people = [f"44190019000101{number:03d}" for number in range(MANY + 2)]

        def opened(person: str) -> str:
            return office.open(
                "b.company_setup", person + calc_check_digit(f"{person}0")
            ).number

        async def all_at_once() -> list[str]:
            return list(await asyncio.gather(*(hall.done(partial(opened, p)) for p in people)))

        office.open("b.company_setup")  # the pack is read
        numbers = run(all_at_once())
        _, answerer = office.office.on(desk.today)
        until(lambda: answerer.assistant is not None and answerer.assistant.ready)
        told = [office.act(one, Answered(facts={"premises": "rented"})) for one in numbers]
        again = [*Replayer(office.office.store).replay(Wanted())]
        hall.close()

    assert all(one.answer.told for one in told)
    assert len(again) == 2 * len(numbers) + 1
    assert not any(one.differences for one in again)
