"""What auditors find: searches, stories, proofs, looks that are sealed, erasure."""

import json
import sqlite3
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from api import record
from api.found import PAGE
from api.keyring import Keyring
from api.office import Office
from api.opening import open_store
from api.proof import bundle, sealed, verify
from api.record import Asker
from api.replaying import Replayer
from api.search import Search, find, find_one
from api.self_check import faults_of
from api.settings import Settings
from api.speech import speech
from api.standing import counts, standing
from api.story import tell
from audit.commitment import opens
from audit.entry import Entry
from audit.tree import leaf_hash
from knowledge.fault import FaultsError
from knowledge.strict_json import read_json

APPLICANT, OFFICER = "11010519491231002X", "440524188001010014"
CASE = json.loads(
    (Path(__file__).parents[2] / "docs" / "examples" / "company.json").read_text("utf-8")
)
LAST = date(2026, 11, 23)
AT_DESK: dict[str, Any] = {"until": LAST - timedelta(days=2)}


def case(back: int = 0, **changed: Any) -> Any:
    """Return the example, decided some days earlier."""
    day = str(LAST - timedelta(days=back))
    receipts = [one | {"on": day} for one in CASE["receipts"]]
    return read_json(json.dumps({**CASE, "as_of": day, "receipts": receipts, **changed}))


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("inspected") / "record.db"


@pytest.fixture(scope="module")
def office(path: Path) -> Iterator[Office]:
    """Yield an office with six decisions of three days, two persons, and a refusal."""
    office = Office(open_store(Settings.of(f"sqlite:///{path}")))
    for back in (0, 1, 1, 2, 2):
        office.answer(case(back), Asker(office="长安窗口" if back == 2 else "", door="desk"))
    other = {"kind": "natural", "id": "440524188001010014"}
    office.answer(case(0, applicant=other, parties=[], receipts=[]))
    with pytest.raises(FaultsError):
        office.answer({"as_of": "2026-11-23"})
    office.sequencer.once()
    yield office
    office.close()


def found(office: Office, /, **wanted: Any) -> int:
    return find(office.store, Search(**wanted)).total


def first(office: Office, /, **wanted: Any) -> str:
    return find(office.store, Search(**wanted)).lines[0].number


def test_decisions_are_found_by_day_item_organ_ground_office_and_number(
    office: Office,
) -> None:
    yesterday = LAST - timedelta(days=1)

    assert found(office) == 6
    assert found(office, since=yesterday, until=yesterday) == 2
    assert found(office, item="b.company_setup") == 6
    assert found(office, item="m.marriage") == 0
    assert found(office, organ="dg-amr") == 6
    assert found(office, ground="data_sharing") == 5
    assert found(office, office="长安窗口") == 2
    assert found(office, number=first(office)) == 1
    assert found(office, ground="data_sharing", until=yesterday, office="长安窗口") == 2


def test_a_person_is_found_in_every_role_by_the_whole_number_alone(office: Office) -> None:
    assert found(office, person=APPLICANT) == 5
    assert found(office, person=OFFICER) == 6
    assert found(office, person=APPLICANT[:-1]) == 0


def test_the_newest_come_first_and_pages_do_not_overlap(office: Office) -> None:
    lines = find(office.store, Search()).lines
    beyond = find(office.store, Search(), page=2)

    assert [(one.as_of, one.recorded_at) for one in lines] == sorted(
        ((one.as_of, one.recorded_at) for one in lines), reverse=True
    )
    assert len(lines) <= PAGE
    assert beyond.lines == ()
    assert beyond.total == 6


def test_what_is_looked_for_can_stand_in_an_address_but_never_the_person() -> None:
    wanted = Search(since=LAST, item="b.company_setup", person=APPLICANT)

    assert wanted.stated == [("since", "2026-11-23"), ("item", "b.company_setup")]
    assert APPLICANT not in repr(wanted)


def story_of(office: Office, number: str, lang: str = "zh") -> Any:
    kept = office.store.decision(number)
    one = sealed(office.store, number)
    assert kept is not None
    assert one is not None
    return tell(office, kept, one.door, speech("zh" if lang == "zh" else "en"))


def test_a_decision_is_told_with_where_each_thing_comes_from(office: Office) -> None:
    told = story_of(office, first(office, **AT_DESK))
    verdicts = [(one.source, one.verdict, one.number) for one in told.looked_up]

    assert told.items == ("公司设立登记",)
    assert told.persons[0].value == "自然人（尾号 002X）"
    assert ("场所来源", "租赁", "申请人陈述（窗口页面）") in [
        (one.name, one.value, one.origin) for one in told.stated
    ]
    assert verdicts == [
        ("人口基础库", "found_match", 1),
        ("房屋租赁登记备案信息", "unavailable", 2),
    ]
    assert [one.person for one in told.not_asked] == ["法定代表人和董事监事高级管理人员"]
    assert len(told.of("applies")) == 6
    assert all(one.basis for one in told.rules)
    assert told.papers.hand_in == 4


def test_the_story_shows_no_identity_number_in_either_language(office: Office) -> None:
    for lang in ("zh", "en"):
        told = repr(story_of(office, first(office, **AT_DESK), lang))

        assert APPLICANT not in told
        assert OFFICER not in told


def test_every_step_of_verifying_an_untouched_decision_agrees(office: Office) -> None:
    for line in find(office.store, Search()).lines:
        one = sealed(office.store, line.number)
        assert one is not None
        steps = {step.what: step.state for step in verify(one, office.store.keys)}

        assert steps.pop("witnesses") == "waiting"
        assert set(steps.values()) == {"good"}
        assert len(steps) == 7


def test_a_decision_decided_again_has_the_same_bytes(office: Office) -> None:
    kept = office.store.decision(first(office))
    assert kept is not None

    assert Replayer(office.store, office.decider_of).again(kept).differences == ()


def test_the_download_holds_what_a_stranger_needs_to_check_it(office: Office) -> None:
    one = sealed(office.store, first(office))
    assert one is not None
    given = json.loads(json.dumps(bundle(one, office.store.keys)))
    entry = Entry.parse(given["proof"]["place"]["entry"].encode())

    assert leaf_hash(entry.encoded()).hex() == given["proof"]["leaf"]
    for part in ("decision", "case"):
        text = json.dumps(
            given[part], ensure_ascii=False, sort_keys=True, separators=(",", ":")
        )
        salt = bytes.fromhex(given[f"{part}_salt"])
        assert opens(entry.body["commitments"][part], text.encode(), salt)


TAMPERINGS = {
    "box_lost": "DELETE FROM log_body WHERE digest = "
    "(SELECT case_box FROM decision WHERE number = :number)",
    "row": "UPDATE decision SET program = '9' WHERE number = :number",
    "box_case": "UPDATE log_body SET body = CAST(body || x'00' AS BLOB) WHERE digest = "
    "(SELECT case_box FROM decision WHERE number = :number)",
    "box_decision": "UPDATE log_body SET body = x'00' WHERE digest = "
    "(SELECT decision_box FROM decision WHERE number = :number)",
    "promise": "UPDATE decision SET promise = (SELECT promise FROM decision "
    "WHERE number <> :number LIMIT 1) WHERE number = :number",
    "entry": "UPDATE log_entry SET encoded = CAST(replace(encoded, 'both', 'none') AS BLOB) "
    "WHERE leaf = (SELECT leaf FROM decision WHERE number = :number)",
    "inclusion": "UPDATE log_leaf SET hash = zeroblob(32) WHERE place = 1",
}


@pytest.mark.parametrize("step", TAMPERINGS)
def test_verifying_says_which_part_was_touched(
    step: str, office: Office, path: Path, tmp_path: Path
) -> None:
    number = first(office)
    office.sequencer.once()
    copy = tmp_path / "record.db"
    with sqlite3.connect(path) as source, sqlite3.connect(copy) as target:
        source.backup(target)
        for (name,) in target.execute("SELECT name FROM sqlite_master WHERE type='trigger'"):
            target.execute(f"DROP TRIGGER {name}")
    engine = create_engine(f"sqlite:///{copy}")
    with engine.begin() as connection:
        connection.execute(text(TAMPERINGS[step]), {"number": number})
    engine.dispose()
    settings = Settings.of(f"sqlite:///{copy}", str(path.with_name("record-keys")))
    store = open_store(settings)
    try:
        one = sealed(store, number)
        assert one is not None

        wrong = [each.what for each in verify(one, store.keys) if each.state == "bad"]
    finally:
        store.close()

    assert step.replace("lost", "case") in wrong


def test_the_standing_tells_the_size_and_that_no_witness_is_there(office: Office) -> None:
    office.sequencer.once()
    state = standing(office.store)

    assert state.size >= 9
    assert state.waiting is None
    assert [one.key for one in state.alarms] == ["no_witness"]
    assert list(faults_of(office.store)) == []


def test_what_happened_is_counted_by_day(office: Office) -> None:
    counted = counts(office.store, LAST, 30)

    assert [count for _, count in counted["decision"]][-3:] == [2, 2, 2]
    assert len(counted["decision"]) == 30
    assert counted["incident"] == [(day, 0) for day, _ in counted["incident"]]


def test_the_same_look_twice_in_one_millisecond_is_sealed_twice(office: Office) -> None:
    looks = [record.of_look("overview", Asker(), at=1) for _ in range(2)]

    assert len({office.store.seal(one).leaf for one in looks}) == 2


def test_an_erased_decision_is_still_found_and_proved_but_not_read(office: Office) -> None:
    _, kept = office.answer(case(0), Asker(door="desk"))
    office.store.erase(kept.number, Asker(door="cli", why="erasure"))
    office.sequencer.once()
    line, one = find_one(office.store, kept.number), sealed(office.store, kept.number)
    assert line is not None
    assert one is not None
    steps = {step.what: step.state for step in verify(one, office.store.keys)}

    assert line.erased
    assert {steps["box_case"], steps["box_decision"]} == {"gone"}
    assert steps["inclusion"] == steps["entry"] == steps["row"] == "good"
    assert bundle(one, office.store.keys).keys() == {"proof"}
    assert kept.number not in office.store.numbers_of(APPLICANT)


def test_witness_keys_are_read_from_the_folder_of_keys(office: Office) -> None:
    assert isinstance(office.store.keys, Keyring)
    assert office.store.keys.witnesses == ()
