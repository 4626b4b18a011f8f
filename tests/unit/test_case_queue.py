"""The queue over a real database: whose cases, in which order, which cards, projects' turns."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert

from api.accounts.permission import Role, Who
from api.cases.line import card_of
from api.cases.project import stages
from api.cases.queue import PAGE, Queue, Wanted
from api.cases.store import CaseStore
from api.cases.table import CaseHead
from api.opening import open_store
from api.settings import Settings
from knowledge.calendar import bundled_calendar
from knowledge.process import Process

TODAY = date(2026, 11, 27)
"""A Friday."""
NOON = datetime(2026, 11, 27, 4, tzinfo=UTC)
MINE = Who("wei", "魏示例", Role.CLERK, "amr", "window 1")


def head(number: str, **keys: Any) -> CaseHead:
    """Return the head of a case of one's own, with some keys changed."""
    values: dict[str, Any] = {
        "number": number,
        "opened_at": NOON,
        "updated_at": NOON,
        "version": 1,
        "status": "receiving",
        "organ": "amr",
        "office": "window 1",
        "handler": "wei",
        "channel": "window",
        "items": json.dumps(["b.company_setup"]),
    }
    return CaseHead(**(values | keys))


HEADS = (
    head("mine-old", opened_at=NOON - timedelta(days=2), due_on=date(2026, 12, 1)),
    head("mine-new", due_on=date(2026, 11, 30), outstanding=2),
    head("mine-late", opened_at=NOON - timedelta(days=9), due_on=date(2026, 11, 26)),
    head("of-a-colleague", handler="lin", items=json.dumps(["c.engplan"])),
    head("unclaimed", handler="", status="accepted"),
    head("of-the-organ", handler="zhou", office="window 2"),
    head("of-others", handler="he", office="hall", organ="civil"),
    head("ended", status="granted", due_on=date(2026, 11, 1)),
)


@pytest.fixture(scope="module")
def queue(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Queue]:
    folder: Path = tmp_path_factory.mktemp("queue")
    store = open_store(Settings.of(f"sqlite:///{folder / 'record.db'}"))
    rows = [one.model_dump() for one in HEADS]
    store.database.write(lambda connection: connection.execute(insert(CaseHead), rows))
    yield Queue(CaseStore(store), bundled_calendar(), TODAY)
    store.close()


def found(queue: Queue, **wanted: Any) -> list[str]:
    return [one.number for one in queue.find(Wanted(**wanted), MINE).heads]


def test_each_scope_shows_its_running_cases_the_newest_first(queue: Queue) -> None:
    assert found(queue) == ["mine-new", "mine-old", "mine-late"]
    assert found(queue, scope="unclaimed") == ["unclaimed"]
    assert set(found(queue, scope="office")) == {
        "mine-new", "mine-old", "mine-late", "of-a-colleague", "unclaimed",
    }  # fmt: skip
    assert set(found(queue, scope="organ")) - set(found(queue, scope="office")) == {
        "of-the-organ"
    }
    assert found(queue, scope="ended") == ["ended"]


def test_what_is_due_first_comes_first_where_that_is_asked(queue: Queue) -> None:
    assert found(queue, sort="due") == ["mine-late", "mine-new", "mine-old"]


def test_filters_narrow_by_status_service_handler_and_day_in_china(queue: Queue) -> None:
    office = {"scope": "office"}

    assert found(queue, **office, status="accepted") == ["unclaimed"]
    assert found(queue, **office, item="c.engplan") == ["of-a-colleague"]
    assert found(queue, **office, item="c_engplan") == []
    assert found(queue, **office, handler="lin") == ["of-a-colleague"]
    assert found(queue, **office, day=date(2026, 11, 25)) == ["mine-old"]


def test_counts_say_what_is_late_nearly_due_and_waiting(queue: Queue) -> None:
    mine = queue.counts(MINE)["mine"]

    assert (mine.total, mine.red, mine.yellow, mine.papers) == (3, 1, 1, 1)


def test_who_has_no_office_sees_those_of_the_organ_and_without_organ_all(queue: Queue) -> None:
    organ = Who("x", "", Role.CLERK, "civil", "")
    everybody = Who("x", "", Role.CLERK, "", "")

    assert [one.number for one in queue.find(Wanted("office"), organ).heads] == ["of-others"]
    assert queue.find(Wanted("office"), everybody).total == len(HEADS) - 1


def test_a_page_beyond_the_last_is_empty_and_the_last_is_known(queue: Queue) -> None:
    beyond = queue.find(Wanted("office"), MINE, 7)

    assert beyond.heads == ()
    assert beyond.pages == 1
    assert len(HEADS) < PAGE


@pytest.mark.parametrize(
    ("due", "status", "card"),
    [
        (None, "receiving", ("", 0)),
        (date(2026, 12, 1), "accepted", ("", 2)),
        (date(2026, 11, 30), "accepted", ("yellow", 1)),
        (date(2026, 11, 27), "accepted", ("yellow", 0)),
        (date(2026, 11, 25), "accepted", ("red", 2)),
        (date(2026, 11, 25), "granted", ("", 0)),
    ],
)
def test_a_card_is_shown_before_and_after_the_due_day_in_working_days(
    due: date | None, status: str, card: tuple[str, int]
) -> None:
    assert card_of(head("x", due_on=due, status=status), bundled_calendar(), TODAY) == card


def test_the_turn_of_a_step_comes_when_what_is_before_it_was_granted() -> None:
    process = Process.model_validate(
        {
            "id": "p",
            "name": "p",
            "steps": (
                {"id": "a", "item": "i"},
                {"id": "b", "item": "j", "after": ("a",)},
                {"id": "c", "item": "k", "after": ("b",)},
            ),
        }
    )
    heads = [
        head("later", step="a", status="refused"),
        head("first", step="a", status="granted"),
        head("tried", step="b", status="withdrawn"),
    ]
    first, second, third = stages(process, heads)

    assert first.through
    assert not first.openable
    assert (second.ready, second.openable) == (True, True)
    assert (third.ready, third.missing) == (False, ("b",))
