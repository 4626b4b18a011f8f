"""Erasure on PostgreSQL: another process erases a case that a running service has in memory."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from api.cases import event as happened
from api.cases.auditing.erasing import erase_case
from api.cases.auditing.sealed import sealed_case
from api.cases.auditing.verifying import verify
from api.cases.store import CaseStore, NoCaseError
from api.database import Database
from api.office import Office
from api.opening import open_store
from api.record import Asker
from api.sandbox.cast import member
from api.settings import Settings
from audit.store import SqlStore
from tests.faults.cluster import Cluster, running_cluster
from tests.halls import AMR, COMPANY, joined, named
from tests.supervising import Supervised

ROLE = "jz_serves"


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    with running_cluster() as running:
        running.execute(f"CREATE ROLE {ROLE} LOGIN")
        yield running


@pytest.fixture(scope="module")
def served(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Supervised]:
    """Yield an office that works as a role without rights of its own."""
    name, keys = "erasing", str(tmp_path_factory.mktemp("keys") / "keys")
    owned = Settings.of(cluster.new(name), keys)
    open_store(owned).close()
    database = Database(owned.database_url)
    database.grant(ROLE)
    database.close()
    office = Office(open_store(Settings.of(cluster.url(name, ROLE), keys)))
    yield Supervised(office, datetime.now(UTC))
    office.close()


def opened(office: Supervised) -> str:
    """Open a case, work it a little, and return its number."""
    first = happened.Opened(applicant=named("founder"), items=("b.company_setup",))
    worked = office.desk.open(first, AMR)
    number = worked.number
    answered = happened.Answered(facts=COMPANY)
    worked = office.act(number, answered, joined("founder", "founder"), who=AMR)
    paper = worked.decision["submit"][0]
    office.act(number, happened.Received(paper=paper, how="original"), who=AMR)
    return number


def erased_elsewhere(office: Supervised, cluster: Cluster, number: str, keys: Path) -> None:
    """Erase a case as the owner of the database, in a process of its own."""
    store = open_store(Settings.of(cluster.url("erasing"), str(keys)))
    try:
        erase_case(CaseStore(store), number, Asker(door="cli", why="erasure"))
    finally:
        store.close()
    office.office.sequencer.once()


def test_a_case_erased_by_another_process_is_shown_no_more_and_is_proved(
    served: Supervised, cluster: Cluster, tmp_path_factory: pytest.TempPathFactory
) -> None:
    number, kept = opened(served), opened(served)
    store, cases = served.office.store, served.desk.cases
    served.office.sequencer.once()
    with store.database.reading() as connection:
        secret = SqlStore(connection).case_key(number) or b""
    before = steps(served, number)
    keys = next(Path(tmp_path_factory.getbasetemp()).glob("keys*/keys"))

    erased_elsewhere(served, cluster, number, keys)

    for see in (served.desk.see, lambda one, _: cases.happened(one)):
        with pytest.raises(NoCaseError):
            see(number, AMR)
    assert cases.key(number) is None
    assert before.pop("witnesses") == "waiting"
    assert set(before.values()) == {"good"}
    after = steps(served, number)
    assert after["erasure"] == after["sequence"] == after["inclusion"] == "good"
    assert "bad" not in after.values()
    assert store.numbers_of(member("founder").number) != []  # of the other case
    assert served.desk.see(kept, AMR).number == kept
    files = [path for path in cluster.data.rglob("*") if path.is_file()]
    assert [path.name for path in files if secret in path.read_bytes()] == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE receipt SET verdict = 'not_found'",
        "UPDATE receipt SET token = 'x', digest = ''",
        "DELETE FROM receipt",
        "UPDATE case_event SET kind = 'x'",
        "DELETE FROM notice",
    ],
)
def test_the_role_that_serves_changes_no_receipt_event_or_notice(
    served: Supervised, statement: str
) -> None:
    with pytest.raises(DBAPIError, match=r"permission denied|record is not changed"):
        served.office.store.database.write(lambda c: c.execute(text(statement)))


def steps(office: Supervised, number: str) -> dict[str, str]:
    one = sealed_case(office.office.store, number)
    assert one is not None
    return {step.what: step.state for step in verify(one, office.desk)}
