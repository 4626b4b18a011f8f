"""Examples: cases of a pack with the list that they must give, judged by legal staff."""

from collections.abc import Iterator
from typing import Any

from pydantic import Field

from evaluator.decide import Decider
from evaluator.decision import Decision
from knowledge.entry import Entry, Text, Value
from knowledge.fault import FaultsError, Path
from knowledge.law import Basis
from rules.pack import CASES, Pack, Place


class Want(Value):
    """What a decision must say; what is not named is not compared."""

    submit: tuple[str, ...] | None = None
    reference: tuple[str, ...] | None = None
    commitment: tuple[str, ...] | None = None
    deferred: tuple[str, ...] | None = None
    unmeetable: tuple[str, ...] | None = None
    open: tuple[str, ...] | None = None
    questions: tuple[str, ...] | None = None
    complete: bool | None = None
    final: bool | None = None

    def differences(self, decision: Decision) -> Iterator[tuple[str, str]]:
        """Yield (key, what differs) where a decision is not as wanted."""
        for key in self.model_fields_set:
            wanted, got = getattr(self, key), decision[key]
            if isinstance(wanted, bool) or wanted is None:
                if wanted != got:
                    yield key, f"is {str(got).lower()}, wanted {str(wanted).lower()}"
            elif sorted(wanted) != got:
                extra = ", ".join(sorted(set(got) - set(wanted))) or "nothing"
                lost = ", ".join(sorted(set(wanted) - set(got))) or "nothing"
                yield key, f"holds {extra} too much and lacks {lost}"


class Example(Entry):
    """One case with its name, a sentence that legal staff would sign, and its basis."""

    name: Text
    case: dict[str, Any]
    want: Want
    basis: Basis = Field(default=())


def read_examples(pack: Pack) -> list[tuple[Place, Example]]:
    """Return the examples of a pack, or raise `FaultsError` with every fault of them."""
    reader = pack.reader
    raw = reader.entries(("cases",), (CASES,))
    examples: list[tuple[Place, Example]] = reader.parse(raw[CASES], Example)
    for place, example in examples:
        for at, cited in enumerate(example.basis):
            if cited.law not in pack.catalogue.laws:
                path = (CASES, place.index, "basis", at)
                what = f"`{cited.law}` is not declared in `laws`"
                reader.fault(place.file, path, what, "declare it", _where(example))
    reader.stop_on_faults()
    return examples


def run_examples(decider: Decider) -> int:
    """Decide every example of a pack; return their number, or raise `FaultsError`."""
    reader = decider.pack.reader
    examples = read_examples(decider.pack)
    for place, example in examples:
        for key, what, cure in troubles(decider, example):
            path: Path = (CASES, place.index, *key)
            reader.fault(place.file, path, what, cure, _where(example))
    reader.stop_on_faults()
    return len(examples)


def troubles(decider: Decider, example: Example) -> Iterator[tuple[tuple[str, ...], str, str]]:
    """Yield (path, what is wrong, cure) where an example does not come out as wanted."""
    try:
        decision = decider.decide(decider.read(example.case))
    except FaultsError as error:
        for fault in error.faults:
            yield ("case",), f"the case is refused: {fault.where}: {fault.what}", fault.cure
        return
    for key, what in example.want.differences(decision):
        yield ("want", key), f"`{key}` {what}", "correct the rules or the wanted list"


def _where(example: Example) -> str:
    return f"{CASES} `{example.name}`"
