"""Erasure of a case: nobody can read the persons any more, and everything is still proved."""

import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Executable, func, select, text, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import col

from api.cases import event as happened
from api.cases.auditing.erasing import erase_case, is_case, is_erased
from api.cases.papers.noticing import Noticing, Place
from api.cases.store import NoCaseError
from api.cases.table import (
    CaseHead,
    CasePerson,
    Holding,
    Idempotency,
    Publicity,
    StoredReceipt,
    Task,
)
from api.cases.working import Worked
from api.record import Asker
from api.sandbox.cast import member
from api.store import ErasedError
from audit.store import SqlStore
from tests.halls import AMR, TestHall, hall
from tests.installation import Installation
from tests.ledger import run_verifier
from tests.sandboxed import Sandbox, sandboxed

BY = Asker(door="cli", why="erasure")
PLACE = Place("http://127.0.0.1/verify")
CANARY = "留言里的金丝雀欧阳"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with sandboxed() as served:
        yield served


@pytest.fixture
def desk(tmp_path: Path, sandbox: Sandbox) -> Iterator[TestHall]:
    with hall(tmp_path, sandbox) as opened:
        yield opened


def worked_out(desk: TestHall) -> Worked:
    """Return a case with look-ups, a paper taken, a notice, and a remark."""
    worked = desk.look_up(AMR, desk.company())
    paper = worked.decision["submit"][0]
    desk.act(AMR, worked.number, happened.Received(paper=paper, how="original"))
    desk.act(AMR, worked.number, happened.Noted(text=CANARY))
    Noticing(desk.office.desk).give(worked.number, AMR, PLACE)
    return desk.office.desk.see(worked.number, AMR)


def decisions_of(desk: TestHall, number: str) -> list[str]:
    told = desk.office.desk.cases.happened(number)
    return [one.decision for one in told if one.decision]


def test_an_erased_case_is_shown_by_no_desk_though_it_was_in_memory(desk: TestHall) -> None:
    worked = worked_out(desk)
    cases, number = desk.office.desk.cases, worked.number
    (notice,) = [one.notice for one in worked.file.notices]
    row = Noticing(desk.office.desk).given(notice)
    assert row is not None

    erase_case(cases, number, BY)

    for see in (
        lambda: desk.office.desk.see(number, AMR),
        lambda: desk.act(AMR, number, happened.Noted(text="noch")),
        lambda: cases.happened(number),
        lambda: cases.file(number),
        lambda: Noticing(desk.office.desk).sheet(row, "zh"),
        lambda: desk.office.desk.require(cases.head(number), AMR),
    ):
        with pytest.raises(NoCaseError):
            see()
    assert cases.key(number) is None
    assert is_erased(cases.store, number)
    assert not is_case(cases.store, "20260101-AAAAAA")


def test_an_erasure_by_another_process_is_seen_at_the_next_read(
    desk: TestHall, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On PostgreSQL another process erases: only the row of the case says so."""
    worked = worked_out(desk)
    cases, number = desk.office.desk.cases, worked.number
    erase_case(type(cases)(cases.store), number, BY)
    monkeypatch.setattr(type(cases.store.database), "alone", property(lambda _: False))

    with pytest.raises(NoCaseError):
        desk.office.desk.see(number, AMR)
    assert cases.key(number) is None


def test_whoever_works_on_it_at_that_moment_is_too_late(desk: TestHall) -> None:
    worked = worked_out(desk)
    cases, number = desk.office.desk.cases, worked.number
    late: list[Any] = []
    add = cases.add

    def slowly(addition: Any, file: Any) -> Any:
        late.append(erase_case(type(cases)(cases.store), number, BY))
        return add(addition, file)

    cases.add = slowly  # type: ignore[method-assign] # the erasure comes between
    with pytest.raises(NoCaseError):
        desk.act(AMR, number, happened.Noted(text="too late"))

    assert late
    assert is_erased(cases.store, number)


def test_nothing_finds_the_persons_of_an_erased_case(desk: TestHall) -> None:
    worked = worked_out(desk)
    cases, number = desk.office.desk.cases, worked.number
    decisions = decisions_of(desk, number)
    founder = member("founder").number
    token = cases.token(founder)
    assert set(decisions) & set(cases.store.numbers_of(founder))

    assert set(erase_case(cases, number, BY)) == set(decisions)

    assert cases.store.numbers_of(founder) == []
    for table in (CasePerson, Holding, StoredReceipt):
        query = select(func.count()).where(col(table.token) == token)
        with cases.store.database.reading() as connection:
            assert connection.execute(query).scalar_one() == 0
    assert desk.office.rows(Publicity, number=number) == []
    assert desk.office.rows(Idempotency, about=number) == []
    assert {one.state for one in desk.office.rows(Task, number=number)} <= {"done"}
    for decision in decisions:
        with pytest.raises(ErasedError):
            cases.store.decision(decision)
    again = desk.company()
    assert all(number not in repr(one) for one in again.file.lookups)
    assert not again.file.lookups


def test_an_erasure_is_sealed_with_what_went(desk: TestHall) -> None:
    number = worked_out(desk).number
    decisions = decisions_of(desk, number)
    events = len(desk.office.desk.cases.happened(number))
    erase_case(desk.office.desk.cases, number, BY)
    desk.office.office.sequencer.once()

    with desk.office.office.store.log() as log:
        (entry,) = log.placed_of_kind("case_erasure")
    body = json.loads(entry)["body"]
    assert body["number"] == number
    assert body["events"] == events
    assert body["decisions"] == decisions
    assert body["asked"]["why"] == "erasure"
    with pytest.raises(NoCaseError):
        erase_case(desk.office.desk.cases, number, BY)


def test_no_key_and_no_person_is_in_any_file_after_an_erasure(
    desk: TestHall, tmp_path: Path
) -> None:
    number = worked_out(desk).number
    store = desk.office.office.store
    with store.database.reading() as connection:
        log = SqlStore(connection)
        keys = [log.case_key(one) or b"" for one in (number, *decisions_of(desk, number))]
    tokens = [
        desk.office.desk.cases.token(member(one).number) for one in ("founder", "partner")
    ]
    assert all(keys)
    assert all(secret in everything(tmp_path) for secret in keys)

    erase_case(desk.office.desk.cases, number, BY)

    left = everything(tmp_path)
    names = [member(one).name for one in ("founder", "partner")]
    numbers = [member(one).number for one in ("founder", "partner")]
    clear = [one.encode() for one in (*names, *numbers, CANARY)]
    assert [secret for secret in (*keys, *tokens, *clear) if secret in left] == []


def everything(folder: Path, names: str = "record.db*") -> bytes:
    files = sorted(path for path in folder.glob(names) if path.is_file())
    return b"".join(path.read_bytes() for path in files)


def _execute(statement: Executable, connection: Connection) -> None:
    connection.execute(statement)


def test_the_database_lets_a_receipt_lose_its_person_and_nothing_else(desk: TestHall) -> None:
    number = worked_out(desk).number
    database = desk.office.office.store.database
    for values in ({"token": b"another"}, {"verdict": "not_found"}, {"digest": ""}):
        change = update(StoredReceipt).where(col(StoredReceipt.number) == number).values(values)
        with pytest.raises(IntegrityError, match="record is not changed"):
            database.write(partial(_execute, change))
    with pytest.raises(IntegrityError, match="record is not changed"):
        database.write(lambda connection: connection.execute(text("DELETE FROM receipt")))
    erase_case(desk.office.desk.cases, number, BY)

    rows = desk.office.rows(StoredReceipt, number=number)
    assert rows
    assert {one.token for one in rows} == {b""}


def test_a_case_that_is_erased_leaves_other_cases_as_they_are(desk: TestHall) -> None:
    first, second = worked_out(desk), worked_out(desk)
    before = second.answer.encoded
    erase_case(desk.office.desk.cases, first.number, BY)

    after = desk.office.desk.see(second.number, AMR)
    assert after.answer.encoded == before
    heads = desk.office.rows(CaseHead, status="erased")
    assert [one.number for one in heads] == [first.number]


def test_the_command_erases_a_case_with_its_decisions_and_the_record_still_verifies(
    tmp_path: Path, sandbox: Sandbox
) -> None:
    with hall(tmp_path / "office", sandbox) as desk:
        number = worked_out(desk).number
        decisions = decisions_of(desk, number)
    office = Installation(tmp_path / "office")
    first, again = office.run("erase", number), office.run("erase", number)
    one, none = office.run("erase", decisions[0]), office.run("erase", "20260101-AAAAAA")
    office.run("export", tmp_path / "export")
    replayed = office.run("replay", "--all")

    assert (first.code, first.err) == (0, "")
    assert first.out.startswith(f"the personal data of {number} are erased")
    assert [again.code, one.code, none.code] == [2, 2, 2]
    assert again.err == f"the personal data of `{number}` were erased before\n"
    assert one.err == f"the personal data of `{decisions[0]}` were erased before\n"
    assert none.err.startswith("there is no case or decision `20260101-AAAAAA`")
    assert run_verifier(tmp_path / "export").code == 0
    assert replayed.code == 0
    left = everything(tmp_path / "office") + everything(tmp_path / "export", "*")
    assert CANARY.encode() not in left
    assert member("founder").number.encode() not in left
