"""Coverage: a rule that no example would miss is named."""

from evaluator.coverage import uncovered
from tests.product import pack_of
from tests.small_pack import sound_pack


def test_rules_that_no_example_would_miss_are_named() -> None:
    assert uncovered(pack_of(sound_pack())) == [
        "change/right", "cut/reuse", "cut/sharing", "keep/title",
    ]  # fmt: skip


def test_without_examples_no_rule_is_judged() -> None:
    pack = sound_pack() | {"cases": []}

    assert len(uncovered(pack_of(pack))) == 6


def test_several_can_share_the_work() -> None:
    pack = pack_of(sound_pack())
    shares = [uncovered(pack, share=(part, 3)) for part in range(3)]

    assert sorted(rule for share in shares for rule in share) == sorted(uncovered(pack))


def test_progress_is_told_rule_by_rule() -> None:
    told: list[tuple[int, int]] = []
    uncovered(pack_of(sound_pack()), lambda *step: told.append(step))

    assert told == [(number, 6) for number in range(1, 7)]
