"""Searches when there are many: pages, counts and orders that do not depend on how many."""

import sqlite3
from collections.abc import Iterator

import pytest

from api import found, search
from api.search import Search, find, offices
from api.store import Store
from tests.faults.installation import Installation
from tests.product import Json
from tests.small_pack import sound_case


def case_of(day: str, *items: str) -> Json:
    return sound_case() | {"as_of": day, "items": list(items)}


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """Return an office with six decisions: two of them about two items of one organ."""
    office = Installation(tmp_path_factory.mktemp("office")).begun()
    both = [case_of("2026-11-23", "setup", "change") for _ in range(2)]
    office.decided([*both, *(case_of(f"2026-11-2{day}", "setup") for day in (2, 4, 1, 3))])
    return office


@pytest.fixture(scope="module")
def store(office: Installation) -> Iterator[Store]:
    with office.opened(to_read=True) as store:
        yield store


def test_two_items_of_one_organ_are_one_decision(store: Store) -> None:
    assert find(store, Search(organ="office")).total == 6
    assert find(store, Search(item="change")).total == 2
    assert find(store, Search(item="change", organ="office")).total == 2
    assert find(store, Search(item="change", organ="none")).total == 0


def test_the_newest_day_comes_first_whatever_is_looked_for(store: Store) -> None:
    for wanted in (Search(), Search(organ="office"), Search(item="setup")):
        days = [one.as_of for one in find(store, wanted).lines]
        assert days == sorted(days, reverse=True)
        assert len(days) == 6


def test_more_than_are_counted_can_still_be_paged_through(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (search, found):
        monkeypatch.setattr(module, "MOST_COUNTED", 3)
        monkeypatch.setattr(module, "PAGE", 2)
    seen: list[str] = []
    page, pages = 0, 1
    while page < pages:
        page += 1
        here = find(store, Search(organ="office"), page)
        pages = here.pages
        seen += [one.number for one in here.lines]

    assert (here.total, here.more) == (3, True)
    assert len(seen) == len(set(seen)) == 6


def test_offices_are_listed_once(store: Store) -> None:
    assert offices(store) == []


@pytest.mark.parametrize(
    "wanted",
    [
        Search(),
        Search(item="setup"),
        Search(organ="office"),
        Search(ground="g"),
        Search(office="o"),
    ],
    ids=["all", "item", "organ", "ground", "office"],
)
def test_a_page_is_read_in_the_order_of_an_index(office: Installation, wanted: Search) -> None:
    keys, order = search._keys(wanted, None)  # noqa: SLF001 (what it asks is the point)
    asked = str(keys.order_by(*order).limit(50).compile(compile_kwargs={"literal_binds": True}))
    with sqlite3.connect(office.database) as database:
        plan = [row[3] for row in database.execute(f"EXPLAIN QUERY PLAN {asked}")]

    assert len(plan) == 1
    assert "USING COVERING INDEX" in plan[0]
