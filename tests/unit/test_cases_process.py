"""Steps of a process in two offices: what one collects or gives out, no later one asks for."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from api.accounts.permission import Role, Who
from api.cases import event as happened
from api.cases.refusal import CaseRefusedError
from api.cases.working import Worked
from evaluator.case import Credit
from tests.halls import GENERAL, TestHall, hall, joined
from tests.sandboxed import Sandbox, sandboxed

LAND = Who("land", "田示例", Role.CLERK, "dg-nr", "自然资源窗口")
CIVIL = Who("marriage", "红示例", Role.CLERK, "dg-civil", "婚姻登记窗口")
STEPS = (("filing", GENERAL), ("landplan", LAND), ("engplan", LAND), ("eia", GENERAL))
ANSWERS = {"boolean": False, "integer": 1, "decimal": "1", "date": "2026-01-01", "text": "x"}


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with sandboxed() as served:
        yield served


@pytest.fixture
def desk(tmp_path: Path, sandbox: Sandbox) -> Iterator[TestHall]:
    with hall(tmp_path, sandbox) as opened:
        yield opened


def answered(desk: TestHall, who: Who, worked: Worked) -> Worked:
    """Answer whatever is asked, the first choice each time."""
    while worked.decision["questions"]:
        key = worked.decision["questions"][0]
        if key == "credit":
            clean = Credit(severe=False, false_commitment=False)
            worked = desk.act(who, worked.number, happened.CreditStated(credit=clean))
            continue
        fact = worked.pack.catalogue.facts[key]
        value = next(iter(fact.choices or ()), None) or ANSWERS[fact.type]
        worked = desk.act(who, worked.number, happened.Answered(facts={key: value}))
    return worked


def granted(desk: TestHall, who: Who, worked: Worked) -> Worked:
    """Take what is on the list, accept, and grant."""
    number = worked.number
    for paper in worked.decision["submit"]:
        desk.act(who, number, happened.Received(paper=paper, how="original"))
    for paper in worked.decision["reference"]:
        desk.act(who, number, happened.Received(paper=paper, how="number", number="A1"))
    desk.act(who, number, happened.Accepted(day=worked.today))
    outputs = worked.pack.catalogue.items[worked.answer.case.items[0]].outputs
    return desk.act(
        who, number, happened.Decided(result="granted", day=worked.today, outputs=outputs)
    )


def step(desk: TestHall, who: Who, name: str, project: str) -> Worked:
    worked = desk.open(who, "developer", process="build", step=name, project=project)
    return desk.look_up(who, answered(desk, who, worked))


def test_four_steps_in_two_offices_never_ask_for_the_same_paper_twice(desk: TestHall) -> None:
    project, held = "", set[str]()
    for name, who in STEPS:
        worked = step(desk, who, name, project)
        assert not held & {*worked.decision["submit"]}, name
        ended = granted(desk, who, worked)
        project = ended.file.opened.project
        outputs = {*(ended.file.ended.outputs if ended.file.ended else ())}
        held |= {*worked.decision["submit"]} | outputs

    assert {"land_planning_permit", "project_filing", "design_scheme"} <= held


def test_a_step_of_another_project_inherits_nothing(desk: TestHall) -> None:
    first = granted(desk, GENERAL, step(desk, GENERAL, "filing", ""))
    other = desk.open(LAND, "developer", process="build", step="landplan")

    assert other.file.opened.project != first.file.opened.project
    assert other.file.found.collected == ()
    assert other.file.found.history


def test_a_paper_given_back_is_not_inherited(desk: TestHall) -> None:
    worked = step(desk, GENERAL, "filing", "")
    desk.act(
        GENERAL, worked.number, happened.Received(paper="policy_statement", how="original")
    )
    again = desk.open(
        LAND, "developer", process="build", step="landplan",
        project=worked.file.opened.project,
    )  # fmt: skip
    assert "policy_statement" in {one.material for one in again.file.found.collected}

    desk.act(GENERAL, worked.number, happened.Returned(paper="policy_statement"))
    again = desk.office.desk.refresh(again.number, LAND)
    assert again.file.found.collected == ()


@pytest.mark.parametrize(
    ("day", "item", "household"),
    [(date(2025, 5, 9), "f.marriage_2003", True), (date(2025, 5, 10), "f.marriage", False)],
)
def test_a_couple_marries_on_either_side_of_the_new_regulation(
    desk: TestHall, day: date, item: str, *, household: bool
) -> None:
    desk.office.on(day)
    worked = desk.open(CIVIL, "groom", items=(item,))
    for role in worked.decision["missing_roles"]:
        worked = desk.act(CIVIL, worked.number, joined(role, "bride"))
    worked = answered(desk, CIVIL, worked)
    papers = {one.rpartition(":")[2] for one in worked.decision["submit"]}

    assert ("household_register" in papers) is household
    other = {"f.marriage": "f.marriage_2003", "f.marriage_2003": "f.marriage"}[item]
    with pytest.raises(CaseRefusedError, match="items"):
        desk.open(CIVIL, "groom", items=(other,))


def test_the_list_is_the_same_to_the_byte_after_the_case_is_handed_over(
    desk: TestHall,
) -> None:
    worked = desk.look_up(GENERAL, desk.company(GENERAL))
    handed = happened.HandedOver(organ="dg-amr", office="企业登记窗口", handler="company")
    there = desk.act(GENERAL, worked.number, handed)

    assert there.answer.encoded == worked.answer.encoded
    assert (there.head.organ, there.head.handler) == ("dg-amr", "company")
