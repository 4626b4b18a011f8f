"""The record on PostgreSQL: rights of the roles, two servers, a database that stops."""

from collections.abc import Iterator
from pathlib import Path

import orjson
import psycopg
import pytest

from api.accounts.book import Draft
from api.accounts.permission import VISITOR
from api.accounts.reception import Claim, Reception
from api.database import Database
from api.opening import open_store
from api.rights import RIGHTS
from api.settings import Settings
from audit.store import SqlStore
from tests.faults.cluster import Cluster, running_cluster
from tests.faults.installation import Acknowledged, Client, Installation
from tests.reception import BY, PASSWORD
from tests.small_pack import sound_case

TABLES = (
    "release", "decision", "decision_item", "decision_ground", "log_entry", "log_leaf",
    "log_node", "log_body", "log_checkpoint", "log_cosignature", "case_event", "receipt",
    "notice", "credit_note",
)  # fmt: skip
ACTS = ("UPDATE {0} SET {1} = {1}", "DELETE FROM {0}", "TRUNCATE {0} CASCADE")


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    with running_cluster() as cluster:
        yield cluster


def first_column(cluster: Cluster, table: str) -> str:
    query = f"SELECT * FROM {table} LIMIT 0"  # noqa: S608 (our own names)
    with psycopg.connect(cluster.address("record")) as connection:
        described = connection.execute(query.encode()).description
    assert described is not None
    return f'"{described[0].name}"'


def test_a_server_needs_only_a_role_that_adds_and_reads(
    cluster: Cluster, tmp_path: Path
) -> None:
    owner = Installation(tmp_path, cluster.new("record")).begun()
    cluster.execute("CREATE ROLE jz_serves LOGIN")
    assert owner.run("grant", "jz_serves").returncode == 0
    assert "make the role first" in owner.run("grant", "jz_nobody").stderr
    office = Installation(tmp_path, cluster.url("record", "jz_serves"))

    with office.served() as running:
        told = [Acknowledged.read(running.post(sound_case())[1]) for _ in range(3)]
        assert running.post(b"{}")[0] == 422
        answer, body = running.ask("GET", f"/api/v1/decisions/{told[0].number}")
    assert answer.status == 200
    assert Acknowledged.read(body) == told[0]
    assert owner.verdict(told).code == 0
    for table in TABLES:
        column = first_column(cluster, table)
        for act in ACTS:
            statement = act.format(table, column)
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                cluster.execute(statement, "record", "jz_serves")
            with pytest.raises(psycopg.errors.RaiseException, match="record is not changed"):
                cluster.execute(statement, "record")
    for statement in ("UPDATE log_case_key SET wrapped = ''", "DROP TABLE decision"):
        with pytest.raises(psycopg.Error):
            cluster.execute(statement, "record", "jz_serves")
    assert owner.verdict(told).code == 0


def test_the_role_that_serves_keeps_accounts_and_every_table_has_its_rights(
    cluster: Cluster, tmp_path: Path
) -> None:
    owner = Installation(tmp_path, cluster.new("accounts")).begun()
    cluster.execute("CREATE ROLE jz_desk LOGIN")
    database = Database(owner.url)
    database.grant("jz_desk")
    database.close()
    serving = Settings.of(cluster.url("accounts", "jz_desk"), str(tmp_path / "keys"))
    store = open_store(serving)
    reception = Reception(store)
    reception.book.new(Draft("wang", "王示例", "clerk"), PASSWORD, BY)
    account = reception.book.active("wang")
    token = reception.tokens.new(account, "x", 1, BY)
    secret = reception.sign_in(Claim("wang", PASSWORD, ""))

    assert secret
    assert reception.who(secret, program=False).login == "wang"
    assert reception.who(token, program=True).login == "wang"
    reception.sign_out(secret)
    reception.book.set_password("wang", "another-password", BY)
    reception.book.close("wang", BY)
    assert reception.who(token, program=True) == VISITOR
    store.close()
    query = b"SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
    with psycopg.connect(cluster.address("accounts")) as connection:
        tables = {name for (name,) in connection.execute(query)}
    assert {name for name in tables if not name.startswith("log_")} == RIGHTS.keys()
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        cluster.execute("DELETE FROM account", "accounts", "jz_desk")


def test_two_servers_write_one_record(cluster: Cluster, tmp_path: Path) -> None:
    office = Installation(tmp_path, cluster.new("shared")).begun()

    with office.served() as one, office.served() as other:
        clients = [Client(running) for running in (one, other) for _ in range(4)]
        for client in clients:
            client.start()
        while min(len(client.told) for client in clients) < 10:
            clients[0].join(0.05)
        one.kill()
        other.kill()
    for client in clients:
        client.join()
    told = [each for client in clients for each in client.told]

    assert {each.number for each in told} <= office.numbers()
    assert not any(client.refused for client in clients)
    assert office.verdict(told).code == 0


def test_while_postgresql_is_down_nothing_is_answered_and_afterwards_all_goes_on(
    tmp_path: Path,
) -> None:
    with running_cluster() as cluster:
        office = Installation(tmp_path, cluster.new("record")).begun()
        with office.served() as running:
            told = [Acknowledged.read(running.post(sound_case())[1])]
            cluster.kill()
            status, body = running.post(sound_case())
            assert status == 503
            assert "try again" in orjson.loads(body)["detail"]
            page, shown = running.ask(
                "GET", f"/desk/decisions/{told[0].number}", headers={"accept": "text/html"}
            )
            assert page.status == 503
            assert "暂时无法存档" in shown.decode()
            cluster.start()
            answers = [running.post(sound_case()) for _ in range(3)]
        assert answers[-1][0] == 201
        told += [Acknowledged.read(body) for status, body in answers if status == 201]

        assert {each.number for each in told} == office.numbers()
        assert office.verdict(told).code == 0


def test_whoever_is_erased_is_in_no_file_of_the_database(
    cluster: Cluster, tmp_path: Path
) -> None:
    office = Installation(tmp_path, cluster.new("erased")).begun()
    (erased, other) = office.decided([sound_case()] * 2)
    with office.opened(to_read=True) as store, store.database.reading() as connection:
        keys = [SqlStore(connection).case_key(one.number) or b"" for one in (erased, other)]
    assert [where(cluster, key) != [] for key in keys] == [True, True]

    ran = office.run("erase", erased.number)

    assert ran.returncode == 0, ran.stderr
    assert where(cluster, keys[0]) == []
    assert where(cluster, keys[1]) != []
    assert office.numbers() == {other.number}
    assert office.verdict().code == 0


def test_an_erasure_by_a_role_that_cannot_finish_it_says_so(
    cluster: Cluster, tmp_path: Path
) -> None:
    cluster.execute("CREATE ROLE jz_owns LOGIN")
    cluster.execute("CREATE DATABASE owned OWNER jz_owns")
    office = Installation(tmp_path, cluster.url("owned", "jz_owns")).begun()
    (kept,) = office.decided([sound_case()])

    first = office.run("erase", kept.number)
    by_superuser = Installation(tmp_path, cluster.url("owned")).run("erase", kept.number)

    assert first.returncode == 1
    assert first.stderr.startswith("the key is destroyed, but its old bytes stay")
    assert first.stderr.count("\n") == 1
    assert by_superuser.stderr == f"the personal data of `{kept.number}` were erased before\n"


def where(cluster: Cluster, wanted: bytes) -> list[str]:
    """Return the files of the cluster in which bytes are found."""
    files = [path for path in cluster.data.rglob("*") if path.is_file()]
    return [path.name for path in files if wanted in path.read_bytes()]
