"""The reference and the live engine agree on whole cases, and a batch is as good as one."""

from collections.abc import Iterator

import pytest

from api.answer import Answer, Answerer
from evaluator.decision import encode
from evaluator.rete_worker import EngineWorker
from tests.effort import tries
from tests.matters import matters
from tests.product import case_of


@pytest.fixture(scope="module")
def engine() -> Iterator[EngineWorker]:
    with EngineWorker() as engine:
        yield engine


def test_both_matchers_stand_behind_every_answer(engine: EngineWorker) -> None:
    answered = 0
    for matter in matters("both matchers", packs=25, cases=6):
        answer = Answerer(matter.decider.pack, engine).answer(
            case_of(matter.decider, matter.case)
        )
        answered += 1

        assert answer.matchers == "both", answer.engine_fault
        assert answer.encoded == encode(matter.decision), matter
    assert answered > tries(80)


def test_a_batch_gives_what_each_case_gives_alone(engine: EngineWorker) -> None:
    for number in range(3):
        found = list(matters(f"batch {number}", packs=1, cases=40))[:40]
        cases = [case_of(one.decider, one.case) for one in found]
        answers = list(Answerer(found[0].decider.pack, engine).answer_all(cases))

        assert [answer.encoded for answer in answers if isinstance(answer, Answer)] == [
            encode(one.decision) for one in found
        ]
