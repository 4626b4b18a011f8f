"""What a database administrator may do to a case, and how the auditor's check finds it.

The administrator owns the database: triggers are no hindrance. What is sealed of a case is
found by the offline verifier, too.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import Any

import pytest

from api.cases import event as happened
from api.cases.auditing.sealed import sealed_case
from api.cases.auditing.search import Search, find
from api.cases.auditing.story import tell_case
from api.cases.auditing.verifying import verify
from api.cases.papers.noticing import Noticing, Place
from api.speech import speech
from api.supervision.said import Said
from audit.export import export
from tests.halls import AMR, TestHall, hall
from tests.ledger import run_verifier
from tests.sandboxed import sandboxed

TABLES = (
    "case_event", "case_file", "case_person", "receipt", "notice", "alert",
    "log_entry", "log_body", "log_case_key",
)  # fmt: skip
WORDS = {
    "of": "WHERE number = :number",
    "last": "(SELECT max(seq) FROM case_event WHERE number = :number)",
    "box": "(SELECT box FROM case_event WHERE number = :number AND seq = 3)",
    "leaf": "(SELECT leaf FROM case_event WHERE number = :number AND seq = 3)",
    "receipt": "(SELECT min(id) FROM receipt WHERE number = :number "
    "AND verdict = 'found_match')",
    "other": "(SELECT min(number) FROM case_file WHERE number <> :number)",
    "ago": "'2026-01-01 00:00:00.000000'",
}
"""What stands for what in the statements below."""

TAMPERINGS = {
    "an event of somebody else": (
        "events", "UPDATE case_event SET user = 'nobody' $of AND seq = 3",
    ),
    "an event at another time": (
        "events", "UPDATE case_event SET at = $ago $of AND seq = 3",
    ),
    "an event without its decision": (
        "events", "UPDATE case_event SET decision = '' $of AND decision <> ''",
    ),
    "an event with another content": (
        "events",
        ("UPDATE case_event SET box = (SELECT box FROM case_event WHERE number = :number "
        "AND seq = 4) $of AND seq = 3"),
    ),
    "the last event gone": (
        "sequence",
        "DELETE FROM case_event $of AND seq = $last",
        "UPDATE case_file SET version = version - 1 $of",
    ),
    "an event in the middle gone": (
        "sequence",
        "DELETE FROM case_event $of AND seq = 4",
        "UPDATE case_event SET seq = seq - 1 $of AND seq > 4",
        "UPDATE case_file SET version = version - 1 $of",
    ),
    "an event inserted": (
        "sequence",
        ("INSERT INTO case_event SELECT number, seq + 1, at, kind, user, office, leaf, box, "
        "decision FROM case_event $of AND seq = $last"),
        "UPDATE case_file SET version = version + 1 $of",
    ),
    "an event of another case inserted": (
        "events",
        ("INSERT INTO case_event SELECT :number, $last + 1, at, kind, user, office, leaf, box, "
        "decision FROM case_event WHERE number = $other AND seq = 3"),
        "UPDATE case_file SET version = version + 1 $of",
    ),
    "two events swapped": (
        "events",
        "UPDATE case_event SET seq = 99 $of AND seq = 4",
        "UPDATE case_event SET seq = 4 $of AND seq = 5",
        "UPDATE case_event SET seq = 5 $of AND seq = 99",
    ),
    "a head that says granted": ("case_row", "UPDATE case_file SET status = 'granted' $of"),
    "a head with another handler": ("case_row", "UPDATE case_file SET handler = 'x' $of"),
    "a head with fewer papers": ("case_row", "UPDATE case_file SET submit = 0 $of"),
    "a head with another due day": (
        "case_row", "UPDATE case_file SET due_on = '2030-01-01' $of",
    ),
    "a head with another day of opening": (
        "case_row", "UPDATE case_file SET opened_at = $ago $of",
    ),
    "a head called erased": ("erasure", "UPDATE case_file SET status = 'erased' $of"),
    "a person who is no longer found": ("persons", "DELETE FROM case_person $of"),
    "a person who is found and was never there": (
        "persons", "UPDATE case_person SET token = zeroblob(32) $of AND role = 'applicant'",
    ),
    "a receipt with another verdict": (
        "receipts", "UPDATE receipt SET verdict = 'not_found' WHERE id = $receipt",
    ),
    "a receipt with another purpose": (
        "receipts", "UPDATE receipt SET purpose = 'x' WHERE id = $receipt",
    ),
    "a receipt asked by somebody else": (
        "receipts", "UPDATE receipt SET operator = 'x' WHERE id = $receipt",
    ),
    "a receipt asked at another time": (
        "receipts",
        "UPDATE receipt SET asked_at = $ago WHERE id = $receipt",
    ),
    "a receipt with another digest": (
        "receipts", "UPDATE receipt SET digest = 'sha256:0' WHERE id = $receipt",
    ),
    "a receipt of somebody else": (
        "receipts", "UPDATE receipt SET token = zeroblob(32) WHERE id = $receipt",
    ),
    "a receipt gone": ("receipts", "DELETE FROM receipt WHERE id = $receipt"),
    "a receipt inserted": (
        "receipts", "UPDATE receipt SET number = :number WHERE number = $other",
    ),
    "a notice with another check code": (
        "notices", "UPDATE notice SET code = 'AAAAAAAA' WHERE [case] = :number",
    ),
    "a notice with another digest": (
        "notices", "UPDATE notice SET digest = 'sha256:0' WHERE [case] = :number",
    ),
    "a notice that hides what it added": (
        "notices", "UPDATE notice SET added = '[\"lease\"]' WHERE [case] = :number",
    ),
    "a notice of another day": (
        "notices",
        "UPDATE notice SET issued_at = $ago WHERE [case] = :number",
    ),
    "a notice gone": ("notices", "DELETE FROM notice WHERE [case] = :number"),
    "an alert gone": ("alerts", "DELETE FROM alert $of"),
    "an alert about another office": ("alerts", "UPDATE alert SET office = 'x' $of"),
    "a head gone": ("case_row", "DELETE FROM case_file $of"),
    "a case gone without a trace": (
        "sequence",
        "DELETE FROM case_file $of", "DELETE FROM case_event $of",
        "DELETE FROM receipt $of", "DELETE FROM case_person $of",
    ),
    "rows that nobody can read": (
        "notices", "UPDATE notice SET added = '[' WHERE [case] = :number",
    ),
    "a key destroyed without an erasure": (
        "boxes", "DELETE FROM log_case_key WHERE [case] = :number",
    ),
}  # fmt: skip
"""What was done: the step that finds it, and the statements."""

SEALED = {
    "an entry edited": (
        "events",
        ("UPDATE log_entry SET encoded = "
        "CAST(replace(encoded, 'answered', 'forgotten') AS BLOB) WHERE leaf = $leaf"),
    ),
    "an entry gone": ("events", "DELETE FROM log_entry WHERE leaf = $leaf"),
    "the box of an event altered": (
        "boxes", "UPDATE log_body SET body = CAST(body || x'00' AS BLOB) WHERE digest = $box",
    ),
    "the box of an event gone": ("boxes", "DELETE FROM log_body WHERE digest = $box"),
    "the raw answer of a registry altered": (
        "receipts",
        ("UPDATE log_body SET body = CAST(body || x'00' AS BLOB) WHERE digest = "
        "(SELECT box FROM receipt WHERE id = $receipt)"),
    ),
}  # fmt: skip
"""The same to what is sealed: the offline verifier finds it, too."""


@dataclass(frozen=True)
class Tampered:
    """A hall with two worked cases, whose database somebody else writes."""

    desk: TestHall
    number: str
    path: Path

    @contextmanager
    def by(self, *statements: str) -> Iterator[None]:
        """Change the database for a while."""
        with closing(sqlite3.connect(self.path)) as database:
            before = {
                table: database.execute(f"SELECT * FROM {table}").fetchall()  # noqa: S608 (our own tables)
                for table in TABLES
            }
            for statement in statements:
                words = Template(statement).substitute(WORDS)
                with database:
                    done = database.execute(words, {"number": self.number})
                    assert done.rowcount > 0, statement
            try:
                yield
            finally:
                with database:
                    for table, rows in before.items():
                        database.execute(f"DELETE FROM {table}")  # noqa: S608 (ours)
                        marks = ", ".join("?" * len(rows[0]))
                        database.executemany(
                            f"INSERT INTO {table} VALUES ({marks})",  # noqa: S608 (ours)
                            rows,
                        )

    def wrong(self) -> dict[str, str]:
        """Return the steps that find something, with what they say."""
        office = self.desk.office
        one = sealed_case(office.office.store, self.number)
        assert one is not None
        steps = verify(one, office.desk)
        return {step.what: step.detail for step in steps if step.state == "bad"}

    def exported(self, folder: Path) -> Any:
        """Return what the offline verifier says of an export."""
        with self.desk.office.office.store.log() as log:
            export(log, folder)
        return run_verifier(folder)


@pytest.fixture(scope="module")
def tampered(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tampered]:
    folder = tmp_path_factory.mktemp("tampered")
    with sandboxed() as sandbox, hall(folder, sandbox) as desk:
        sandbox.exchange.faults.put("lease_filing", "down")
        worked = desk.look_up(AMR, desk.company())
        number = worked.number
        desk.look_up(AMR, desk.company())
        with closing(sqlite3.connect(folder / "record.db")) as database:
            names = database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
            for (name,) in names.fetchall():
                database.execute(f"DROP TRIGGER {name}")
        paper = worked.decision["submit"][0]
        desk.act(AMR, number, happened.Received(paper=paper, how="original"))
        Noticing(desk.office.desk).give(number, AMR, Place("http://127.0.0.1/verify"))
        desk.office.office.sequencer.once()
        yield Tampered(desk, number, folder / "record.db")


def test_nothing_is_wrong_with_a_case_that_nobody_touched(
    tampered: Tampered, tmp_path: Path
) -> None:
    assert tampered.wrong() == {}
    assert tampered.exported(tmp_path / "export").code == 0


@pytest.mark.parametrize("what", TAMPERINGS)
def test_what_is_done_to_the_rows_of_a_case_is_found(tampered: Tampered, what: str) -> None:
    step, *statements = TAMPERINGS[what]
    with tampered.by(*statements):
        assert step in tampered.wrong()

    assert tampered.wrong() == {}


@pytest.mark.parametrize("what", SEALED)
def test_what_is_done_to_the_sealed_parts_is_found_offline_too(
    tampered: Tampered, what: str, tmp_path: Path
) -> None:
    step, *statements = SEALED[what]
    with tampered.by(*statements):
        assert step in tampered.wrong()
        said = tampered.exported(tmp_path / "export")

    assert said.code == 1
    assert said.wrong


GARBAGE = (
    "UPDATE case_file SET items = 'x', status = 'x', channel = 'x' $of",
    "UPDATE alert SET words = 'x', state = 'x', kind = 'x' $of",
    "UPDATE case_event SET kind = 'x' $of",
    "UPDATE receipt SET item = 'x', materials = 'x' $of",
    "UPDATE notice SET added = 'x', box = 'x' WHERE [case] = :number",
)


def test_garbage_in_every_table_is_told_and_found(tampered: Tampered) -> None:
    office = tampered.desk.office
    pack = office.office.on(office.desk.today)[1].decider.pack
    for statements in (*((one,) for one in GARBAGE), GARBAGE, TAMPERINGS["a head gone"][1:]):
        with tampered.by(*statements):
            one = sealed_case(office.office.store, tampered.number)
            assert one is not None
            told = tell_case(one, office.office, Said(pack, speech("zh")))
            assert len(told.events) == len(one.events)
            assert told.items == ("公司设立登记",)
            assert tampered.wrong()
            assert find(office.office.store, Search()).total >= 1


def test_all_that_is_wrong_is_listed_at_once(tampered: Tampered) -> None:
    with tampered.by(
        "UPDATE case_event SET user = 'x' $of AND seq IN (2, 4)",
        "UPDATE receipt SET verdict = 'not_found', milliseconds = 1 WHERE id = $receipt",
        "UPDATE case_file SET handler = 'x', office = 'y' $of",
    ):
        wrong = tampered.wrong()

    assert wrong["events"] == "2 (user); 4 (user)"
    assert wrong["case_row"] == "office; handler"
    assert wrong["receipts"].endswith("(verdict, milliseconds)")
