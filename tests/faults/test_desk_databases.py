"""The desk on both databases: one story, two services at one case, nothing lost."""

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic

import psycopg
import pytest

from api.accounts.permission import Role, Who
from api.cases import event as happened
from api.cases.looking_up import LookingUp
from api.cases.papers.noticing import Noticing, Place
from api.cases.permitted import outstanding
from api.cases.refusal import CaseRefusedError
from api.cases.store import CaseChangedError
from api.cases.table import Alert, CaseEvent, Holding, Notice, StoredReceipt, Task
from api.cases.working import Act
from api.database import Database
from api.office import Office
from api.opening import open_store
from api.rights import RIGHTS
from api.search import instant
from api.settings import Settings
from api.supervision.checking import Checking
from knowledge.lookup.registries import Registries
from tests.faults.cluster import Cluster, running_cluster
from tests.faults.installation import Installation, place
from tests.halls import AMR, PATIENCE, UNHURRIED, TestHall, hall
from tests.sandboxed import Sandbox, population, sandboxed
from tests.supervising import Supervised

ROLE = "jz_desk"
OTHER = Who("other", "何示例", Role.CLERK, "dg-amr", "企业登记窗口")
ONLY_ADDED = tuple(table for table, rights in RIGHTS.items() if rights == "SELECT, INSERT")
WORKED_OUT = ("case_file", "holding", "task", "alert")
ACTS = ("UPDATE {0} SET {1} = {1}", "DELETE FROM {0}")
CHINA_TIME = "Asia/Shanghai"


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    with running_cluster() as running:
        running.execute(f"CREATE ROLE {ROLE} LOGIN")
        # A server far from Greenwich: times are kept as they were all the same.
        running.execute(f"ALTER ROLE {ROLE} SET timezone TO '{CHINA_TIME}'")
        yield running


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    assert population().residents  # made before anybody is asked
    with sandboxed() as served:
        yield served


@contextmanager
def service(settings: Settings, sandbox: Sandbox) -> Iterator[TestHall]:
    """Yield a hall of a service of its own over a database that others may use as well."""
    office = Office(open_store(settings))
    try:
        supervised = Supervised(office, datetime.now(UTC))
        asking = Registries(sandbox.hubs, UNHURRIED)
        looking_up = LookingUp(supervised.desk, asking, within=PATIENCE)
        yield TestHall(supervised, looking_up, sandbox)
        looking_up.close()
    finally:
        sandbox.exchange.faults.put("all", "none")
        office.close()


@pytest.fixture(scope="module")
def begun(cluster: Cluster) -> Callable[[str], Settings]:
    """Return what begins a database: its tables are the owner's, and the role uses them."""

    def begin(name: str) -> Settings:
        keys = str(cluster.folder / name)
        Office(open_store(Settings.of(cluster.new(name), keys))).close()
        database = Database(cluster.url(name))
        database.grant(ROLE)
        database.close()
        return Settings.of(cluster.url(name, ROLE), keys)

    return begin


@pytest.fixture(scope="module")
def services(begun: Callable[[str], Settings], sandbox: Sandbox) -> Iterator[list[TestHall]]:
    """Yield two services on one PostgreSQL, neither of which knows of the other."""
    settings = begun("shared")
    with ExitStack() as both:
        yield [both.enter_context(service(settings, sandbox)) for _ in range(2)]


def together(*works: Callable[[], object]) -> list[BaseException]:
    """Do works at once; return what they raised."""
    raised: list[BaseException] = []
    barrier = threading.Barrier(len(works))

    def run(work: Callable[[], object]) -> None:
        barrier.wait()
        try:
            work()
        except (CaseChangedError, CaseRefusedError) as error:
            raised.append(error)

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return raised


def story(desk: TestHall) -> str:
    """Work a case from its opening to the licence, a registry being down for a while."""
    desk.sandbox.exchange.faults.put("lease_filing", "down")
    worked = desk.look_up(AMR, desk.company())
    number = worked.number
    assert worked.decision["deferred"] == ["lease"]
    assert not {"founder:id_card", "officer:id_card"} & {*worked.decision["submit"]}
    (task,) = desk.office.rows(Task, number=number, kind="agency_check")
    assert (task.state, task.paper) == ("open", "lease")
    (alert,) = desk.office.rows(Alert, kind="outage")
    assert alert.number == number

    moved = happened.HandedOver(organ="dg-amr", office="二号窗口", handler="other", why="轮班")
    desk.act(AMR, number, moved)
    _, notice = Noticing(desk.office.desk).give(number, OTHER, Place("http://127.0.0.1/verify"))
    assert desk.office.rows(Notice, case=number)[0].digest == notice.digest
    worked = desk.office.desk.see(number, OTHER)
    for paper in outstanding(worked.file, worked.decision):
        worked = desk.act(OTHER, number, happened.Received(paper=paper, how="original"))
    worked = desk.act(OTHER, number, happened.Accepted(day=worked.today))
    assert worked.file.status == "accepted"
    with pytest.raises(CaseRefusedError, match="checks_open"):
        desk.act(OTHER, number, happened.Decided(result="granted", day=worked.today))

    organ = Who("checker", "程示例", Role.CLERK, task.organ, "")
    Checking(desk.office.desk).end(task.id, "confirmed", "电话核实", organ)
    worked = desk.act(OTHER, number, happened.Decided(result="granted", day=worked.today))
    assert worked.file.status == "granted"
    (task,) = desk.office.rows(Task, number=number, kind="agency_check")
    assert (task.state, task.outcome) == ("done", "confirmed")
    assert desk.office.rows(Holding, number=number)
    return number


def require_story(desk: TestHall, number: str) -> None:
    """Require that what is kept of the story tells it, with its times."""
    events = desk.office.desk.cases.happened(number)
    assert [one.seq for one in events] == [*range(1, len(events) + 1)]
    kinds = [one.event.kind for one in events]
    assert (kinds[0], kinds[-1]) == ("opened", "decided")
    assert kinds.count("looked_up") >= 3
    now = datetime.now(UTC)
    for at in (
        *(one.at for one in events),
        *(row.asked_at for row in desk.office.rows(StoredReceipt, number=number)),
        *(row.opened_at for row in desk.office.rows(Task, number=number)),
        *(row.issued_at for row in desk.office.rows(Notice, case=number)),
        desk.office.desk.cases.head(number).opened_at,
    ):
        assert now - timedelta(minutes=10) < instant(at) <= now
    place(desk.office.office.store)


def test_a_case_is_worked_on_sqlite(tmp_path: Path, sandbox: Sandbox) -> None:
    with hall(tmp_path, sandbox) as desk:
        require_story(desk, story(desk))


def test_a_case_is_worked_on_postgresql_by_a_role_that_cannot_rewrite_it(
    cluster: Cluster, begun: Callable[[str], Settings], sandbox: Sandbox, tmp_path: Path
) -> None:
    name = "story"
    settings = begun(name)
    with service(settings, sandbox) as desk:
        number = story(desk)
        require_story(desk, number)
        second = desk.look_up(AMR, desk.company())
        assert any(look.reused for look in second.file.lookups)

    for table in ONLY_ADDED:
        query = f"SELECT * FROM {table} LIMIT 0"  # noqa: S608 (our own names)
        with psycopg.connect(cluster.address(name)) as connection:
            described = connection.execute(query.encode()).description
        assert described is not None
        for act in ACTS:
            statement = act.format(table, f'"{described[0].name}"')
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                cluster.execute(statement, name, ROLE)
    for table in ("case_event", "receipt", "notice", "credit_note"):
        for act in ACTS:
            statement = act.format(table, "number")
            with pytest.raises(psycopg.errors.RaiseException, match="record is not changed"):
                cluster.execute(statement, name)
    for table in WORKED_OUT:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            cluster.execute(ACTS[1].format(table), name, ROLE)
    owner = Installation(tmp_path, cluster.url(name), {"JIANZHENG_KEYS": str(settings.keys)})
    verified = owner.run("export", tmp_path / "export")
    assert verified.returncode == 0, verified.stderr


def test_both_services_ask_for_many_cases_of_one_office_while_a_registry_is_down(
    services: list[TestHall],
) -> None:
    """The alert of the outage is one for all: who comes second must lose nothing by it."""
    services[0].sandbox.exchange.faults.put("all", "down")
    cases = [(desk, desk.company()) for desk in services for _ in range(3)]
    for desk, worked in cases:
        desk.looking_up.start(worked, AMR)
    for desk, worked in cases:
        assert desk.looking_up.wait(worked.number, PATIENCE)

    for desk, worked in cases:
        now = desk.office.desk.see(worked.number, AMR)
        assert {*now.decision["deferred"]} == {"lease", "founder:id_card", "officer:id_card"}
    services[0].sandbox.exchange.faults.put("all", "none")
    alerts: list[Alert] = services[0].office.rows(Alert, kind="outage")
    assert len(alerts) == 2, "one for each source"


def test_two_services_at_one_case_lose_nobodys_remarks(services: list[TestHall]) -> None:
    """Each repeats what met a changed case, as its clerk would."""
    one, other = services
    number = one.company().number
    remarks, changed = 12, [0]

    def remarking(desk: TestHall, who: Who) -> Callable[[], None]:
        def run() -> None:
            for turn in range(remarks):
                until = monotonic() + PATIENCE
                while monotonic() < until:
                    try:
                        desk.act(who, number, happened.Noted(text=f"{who.login} {turn}"))
                        break
                    except CaseChangedError:
                        changed[0] += 1

        return run  # fmt: skip

    assert not together(remarking(one, AMR), remarking(other, OTHER))

    told = [
        e.event.text for e in one.office.desk.cases.happened(number) if e.event.kind == "noted"
    ]
    assert sorted(told) == sorted(
        f"{who.login} {turn}" for who in (AMR, OTHER) for turn in range(remarks)
    )
    heads = {desk.office.desk.cases.head(number).version for desk in services}
    assert heads == {len(one.office.desk.cases.happened(number))}


def test_only_one_of_two_acts_for_the_same_version_is_kept(services: list[TestHall]) -> None:
    number = services[0].company().number
    version = services[0].office.desk.cases.head(number).version
    acts = [
        lambda desk=desk, who=who: desk.office.desk.act(
            number, who, Act((happened.Noted(text=who.login),), expected=version)
        )
        for desk, who in zip(services, (AMR, OTHER), strict=True)
    ]
    raised = together(*acts)

    assert len(raised) == 1
    assert services[1].office.desk.cases.head(number).version == version + 1


def test_answers_of_registries_are_not_lost_while_another_service_works_on_the_case(
    services: list[TestHall],
) -> None:
    one, other = services
    worked = one.company()
    stop = threading.Event()

    def remark() -> None:
        while not stop.is_set():
            try:
                other.act(OTHER, worked.number, happened.Noted(text="电话联系"))
            except CaseChangedError:
                continue
            stop.wait(0.01)

    clerk = threading.Thread(target=remark)
    clerk.start()
    one.looking_up.start(worked, AMR)
    assert one.looking_up.wait(worked.number, PATIENCE)
    stop.set()
    clerk.join()

    for desk in services:
        now = desk.office.desk.see(worked.number, AMR)
        assert now.decision["lookups"] == []
        assert now.head.submit == 3
    asked = one.office.rows(StoredReceipt, number=worked.number)
    assert len(asked) == len({(row.source, row.token, row.materials) for row in asked})


def test_both_services_show_the_queue_and_what_the_other_does(services: list[TestHall]) -> None:
    one, other = services
    number = one.company().number
    assert other.office.desk.see(number, OTHER).number == number
    seen = other.act(OTHER, number, happened.Noted(text="已阅"))
    again = one.office.desk.see(number, AMR)

    assert again.file.version == seen.file.version
    assert again.decision == seen.decision
    assert len(one.office.rows(CaseEvent, number=number)) == seen.file.version
