"""The bundled pack and the example packs: no fault, every case as wanted, every rule judged."""

from functools import cache
from pathlib import Path

import pytest

from api.bundled import bundled_folder, load_pack
from api.inspect_pack import inspect
from evaluator.coverage import uncovered
from evaluator.decide import Decider
from evaluator.decision import Decision
from evaluator.example import Example, read_examples
from rules.ground import Ground
from rules.pack import Pack

EXAMPLES = Path(__file__).parents[2] / "examples"
FOLDERS = [bundled_folder(), *sorted(path.parent for path in EXAMPLES.glob("*/pack.yaml"))]
SHARES = 4


@cache
def bundled() -> Pack:
    return load_pack(None)


@cache
def examples() -> list[Example]:
    return [example for _, example in read_examples(bundled())]


@cache
def decisions() -> list[Decision]:
    decider = Decider(bundled())
    return [decider.decide(decider.read(example.case)) for example in examples()]


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_a_pack_has_no_fault_and_every_case_gives_the_wanted_list(folder: Path) -> None:
    report = inspect(folder)

    assert report.faults == ()
    assert report.size["cases"] > 0


@pytest.mark.parametrize("part", range(SHARES))
def test_no_rule_of_the_bundled_pack_can_be_deleted_unnoticed(part: int) -> None:
    assert uncovered(bundled(), share=(part, SHARES)) == []


@pytest.mark.parametrize("folder", FOLDERS[1:], ids=lambda folder: folder.name)
def test_no_rule_of_an_example_pack_can_be_deleted_unnoticed(folder: Path) -> None:
    assert uncovered(load_pack(folder)) == []


@pytest.mark.parametrize("ground", Ground, ids=str)
def test_each_ground_is_stated_for_some_paper_of_some_case(ground: Ground) -> None:
    stated = {
        edge["ground"]
        for decision in decisions()
        for entry in decision["entries"]
        for edge in entry["edges"]
    }

    assert str(ground) in stated


def test_each_keep_rule_keeps_some_paper_of_some_case() -> None:
    keeping = {
        edge["kept_by"]
        for decision in decisions()
        for entry in decision["entries"]
        for edge in entry["edges"]
    }

    assert set(bundled().rules.keeps) <= keeping


def test_legal_staff_can_judge_at_least_eighty_cases() -> None:
    assert len(examples()) >= 80


def test_every_case_has_a_name_of_its_own_and_a_basis_in_law() -> None:
    assert len({example.name for example in examples()}) == len(examples())
    assert [example.name for example in examples() if not example.basis] == []


def test_no_case_wants_nothing() -> None:
    assert [one.name for one in examples() if not one.want.model_fields_set] == []


def test_cases_stand_on_both_sides_of_changes_of_the_law() -> None:
    earlier = [example for example in examples() if "law_day" in example.case]
    assert any(one.case["law_day"] < one.case["as_of"] for one in earlier)


def test_cases_cover_roles_bundles_steps_and_unknown_facts() -> None:
    cases = [example.case for example in examples()]

    assert any(case.get("parties") for case in cases)
    assert any(len(case.get("items", ())) > 1 for case in cases)
    assert any(case.get("step") for case in cases)
    assert any(decision["questions"] for decision in decisions())


def test_no_list_of_any_case_is_cut_short_by_the_budget_of_the_search() -> None:
    assert all(decision["optimal"] for decision in decisions())
