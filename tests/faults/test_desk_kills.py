"""A server killed in the middle of look-ups: nothing is half done, and all is asked again."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlmodel import col

from api.cases.store import CaseStore
from api.cases.table import StoredReceipt, Task
from tests.effort import THOROUGH, dice_of
from tests.faults.desks import CASES, Registers, company_of, desked, of_the_cast, registers
from tests.faults.installation import Installation
from tests.product import Json
from tests.sandboxed import population

KILLS = 30 if THOROUGH else 3
SETTLED = {"founder:id_card", "officer:id_card", "lease"}


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registers]:
    with registers(tmp_path_factory.mktemp("sandbox"), population()) as served:
        yield served


def require_whole(office: Installation, numbers: list[str]) -> int:
    """Require that each case is what its events say, with all that goes with them.

    Return how many answers of registries are kept.
    """
    kept = 0
    with office.opened(to_read=True) as store:
        cases = CaseStore(store)
        for number in numbers:
            head, file = cases.file(number)
            events = cases.happened(number)
            assert [one.seq for one in events] == [*range(1, head.version + 1)]
            assert file.version == head.version
            refs = [ref for look in file.lookups if not look.reused for ref in look.refs]
            rows = cases.rows(
                select(StoredReceipt).where(col(StoredReceipt.number) == number), StoredReceipt
            )
            assert {row.id for row in rows} == {*refs}
            for row in rows:
                assert cases.open_part(number, f"receipt-{row.id}", row.box)
            sealed = [kept.number for kept in store.decisions([head.decision])]
            assert sealed == [head.decision]
            tasks = cases.rows(select(Task).where(col(Task.number) == number), Task)
            assert all(task.state == "open" for task in tasks)
            kept += len(rows)
    return kept


def test_a_server_killed_while_registries_are_asked_leaves_whole_cases_and_asks_again(
    tmp_path: Path, sandbox: Registers
) -> None:
    desk = desked(tmp_path, sandbox.hubs)
    rng = dice_of("kill look-ups")
    body = company_of(of_the_cast("founder"), of_the_cast("partner"))
    numbers: list[str] = []
    for turn in range(KILLS):
        # Some answer at once, the others after everything is over.
        sandbox.exchange.faults.put("all", "none")
        sandbox.exchange.faults.put(("population", "lease_filing")[turn % 2], "very_slow")
        with desk.office.served() as running:
            for _ in range(2):
                status, made, _ = desk.ask(running, "POST", CASES, body)
                assert status == 201
                numbers.append(made["number"])
            time.sleep(rng.uniform(0, 0.25))
            running.kill()
        require_whole(desk.office, numbers)

    sandbox.exchange.faults.put("all", "none")
    interrupted = 0
    with desk.office.served() as running:
        for number in numbers:
            _, before, _ = desk.ask(running, "GET", f"{CASES}/{number}")
            if SETTLED & {*before["submit"]}:
                assert {row["source"] for row in before["lookups"]}, "it can be asked again"
                interrupted += 1
            after = looked_up(desk.ask(running, "POST", f"{CASES}/{number}/lookups", WAIT)[1])
            assert not SETTLED & {*after["submit"], *after["deferred"]}
    assert interrupted, "some were killed before all had answered"
    assert require_whole(desk.office, numbers) > 0
    verdict = desk.office.verdict()
    assert verdict.code == 0, verdict.text


WAIT: Json = {"again": True, "wait": 5}


def looked_up(case: Json) -> Json:
    assert case["lookups"] == []
    return case
