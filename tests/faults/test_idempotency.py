"""A request sent twice is carried out once: over restarts, at once, and for a day."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlencode

import orjson
import pytest
from sqlalchemy import Connection, func, select

from api.idempotency import KEPT_FOR, Once, Remember, Reply
from api.office import Office
from api.record import Asker
from api.store import Kept, Store
from api.table import StoredDecision
from knowledge.strict_json import read_json
from tests.faults.installation import Installation, Running
from tests.small_pack import sound_case

CASE = orjson.dumps(sound_case())
OTHER = orjson.dumps(sound_case() | {"facts": {"premises": "owned"}})
FORM = {"content-type": "application/x-www-form-urlencoded"}


@pytest.fixture
def office(tmp_path: Path) -> Installation:
    return Installation(tmp_path).begun()


@pytest.fixture
def running(office: Installation) -> Iterator[Running]:
    with office.served() as running:
        yield running


def sent(running: Running, key: str, body: bytes = CASE) -> tuple[int, bytes, str | None]:
    """Return status, body and location of the answer to a case that comes with a key."""
    headers = {"content-type": "application/json", "idempotency-key": key}
    answer, text = running.ask("POST", "/api/v1/decisions", body, headers)
    return answer.status, text, answer.headers["location"]


def kept_at_desk(running: Running, **fields: str) -> str:
    """Return the number of the decision that a page of the desk led to."""
    form = {"item": "setup", "typed.premises": "rented", "token": "a-page", **fields}
    answer, _ = running.ask("POST", "/desk/decisions", urlencode(form).encode(), FORM)
    assert answer.status == 303
    return str(answer.headers["location"])


def decisions(store: Store) -> int:
    with store.database.reading() as connection:
        count = select(func.count()).select_from(StoredDecision)
        return int(connection.execute(count).scalar_one())


def test_the_same_request_gets_the_same_bytes_and_another_is_refused(
    office: Installation, running: Running
) -> None:
    first = sent(running, "one")

    assert first[0] == 201
    assert sent(running, "one") == first
    status, body, _ = sent(running, "one", OTHER)
    assert status == 422
    assert "sent with another request" in orjson.loads(body)["detail"]
    assert sent(running, "two")[1] != first[1]
    assert len(office.numbers()) == 2


def test_a_refusal_is_not_remembered(running: Running) -> None:
    assert sent(running, "one", b"{}")[0] == 422

    assert sent(running, "one")[0] == 201


@pytest.mark.parametrize("key", ["", "x" * 256, "two words", "schlüssel"])
def test_a_key_that_is_none_is_refused_and_nothing_is_kept(
    office: Installation, running: Running, key: str
) -> None:
    status, body, _ = sent(running, key)

    assert status == 400
    assert "visible ASCII" in orjson.loads(body)["detail"]
    assert office.numbers() == set()


def test_sixteen_at_once_keep_one(office: Installation, running: Running) -> None:
    with ThreadPoolExecutor(16) as clients:
        answers = set(clients.map(lambda _: sent(running, "one"), range(16)))

    assert len(answers) == 1
    assert len(office.numbers()) == 1


def test_after_a_kill_the_next_server_remembers(office: Installation) -> None:
    with office.served() as running:
        first, page = sent(running, "one"), kept_at_desk(running)
        running.kill()

    with office.served() as running:
        assert sent(running, "one") == first
        assert kept_at_desk(running) == page
        assert len(office.numbers()) == 2


def test_a_page_whose_answers_were_changed_is_kept_as_well(running: Running) -> None:
    first = kept_at_desk(running)

    assert kept_at_desk(running, **{"typed.premises": "owned"}) != first
    assert kept_at_desk(running) == first


class Hours:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 28, tzinfo=UTC)

    def __call__(self) -> datetime:
        """Tell the time."""
        return self.now


def decided(office: Office, key: str) -> bytes:
    """Decide under a key; return the number."""

    def told(kept: Kept) -> Reply:
        return Reply(201, kept.number.encode(), about=kept.number)

    def act(remember: Remember) -> Reply:
        _, kept = office.answer(
            read_json(CASE), along=lambda within, kept: remember(within, told(kept))
        )
        return told(kept)

    return Once(office.store, "somebody", key, CASE).carry_out(act).body


@pytest.fixture
def clock() -> Hours:
    return Hours()


@pytest.fixture
def working(office: Installation, clock: Hours) -> Iterator[Office]:
    """Give the office in this process, by that clock."""
    with office.opened() as store:
        working = Office(Store(store.database, store.keys, clock))
        yield working
        working.close()


def test_a_key_is_remembered_for_a_day(working: Office, clock: Hours) -> None:
    first = decided(working, "one")
    clock.now += KEPT_FOR - timedelta(seconds=1)
    assert decided(working, "one") == first
    clock.now += timedelta(seconds=1)

    assert decided(working, "one") != first
    assert decisions(working.store) == 2


def test_old_replies_are_removed(working: Office, clock: Hours) -> None:
    for number in range(3):
        decided(working, f"key-{number}")
    clock.now += KEPT_FOR
    decided(working, "new")

    with working.store.database.reading() as connection:
        left = connection.exec_driver_sql("SELECT count(*) FROM idempotency").scalar_one()
    assert left == 1


def test_whoever_is_erased_is_in_no_reply(working: Office) -> None:
    number = decided(working, "one").decode()
    working.store.erase(number, Asker())

    with working.store.database.reading() as connection:
        left = connection.exec_driver_sql("SELECT count(*) FROM idempotency").scalar_one()
    assert left == 0


def test_callers_have_keys_of_their_own(working: Office) -> None:
    first = decided(working, "one")

    other = Once(working.store, "another", "one", CASE)

    assert other.carry_out(lambda _: Reply(200, b"another's")).body == b"another's"
    assert decided(working, "one") == first


def test_what_fails_is_undone_with_its_reply(working: Office) -> None:
    class BrokenError(Exception):
        pass

    def act(remember: Remember) -> Reply:
        def along(within: Connection, _: Kept) -> None:
            remember(within, Reply(201))
            raise BrokenError

        working.answer(read_json(CASE), along=along)
        return Reply(201)

    with pytest.raises(BrokenError):
        Once(working.store, "somebody", "one", CASE).carry_out(act)

    assert decisions(working.store) == 0
    assert decided(working, "one")
