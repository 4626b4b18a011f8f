"""Commitments (告知承诺): what is told, what the applicant promises, when it is checked.

Pure: made from the pack, the case and the paper alone, so the text that was signed can be made
again. Sources: 国办发〔2020〕42号 (duty, content, liability in writing; the applicant's choice;
checked afterwards), circular 三(四) (published).
"""

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import date
from typing import Final

from api.naming import Cited, Naming
from evaluator.case import Case
from evaluator.decide import Decider
from knowledge.calendar import Counted, WorkCalendar
from knowledge.canonical import digest
from rules.ground import Ground
from rules.rule import Reduction, Requirement


@dataclass(frozen=True, slots=True)
class Checking:
    """Within what time of the decision a promise is checked; `source` says who set it."""

    working_days: int
    source: str


CHECKING: Final = Checking(60, "浙江省保障“最多跑一次”改革规定 art. 14")
"""No law of ours sets a time: a model from another province, until the office sets its own."""


@dataclass(frozen=True, slots=True)
class Demanded:
    """A demand for a paper that a commitment may replace, with the rule that allows it."""

    requirement: Requirement
    reduction: Reduction


@dataclass(frozen=True, slots=True)
class Commitment:
    """The notice of commitment for one paper, in one language.

    `duty`: who has to prove it with which paper. `content`: what is to be proved. `promises`:
    what the applicant declares. `liability`: what follows a false promise. `demanded_by` is
    the law of the duty, `allowed_by` that of the commitment.
    """

    paper: str
    title: str
    item: str
    organ: str
    duty: str
    content: tuple[str, ...]
    manner: str
    promises: tuple[str, ...]
    liability: tuple[str, ...]
    publicity: str
    checking: str
    choice: str
    demanded_by: tuple[Cited, ...]
    allowed_by: tuple[Cited, ...]

    @property
    def digest(self) -> str:
        """The hash of the text: what a signature stands under."""
        return digest(asdict(self))


def demanded(decider: Decider, case: Case, name: str) -> Iterator[Demanded]:
    """Yield each demand for a paper that the law lets a commitment replace."""
    for view in decider.views(case):
        for rule in view.rules:
            for edge in rule.edges:
                for bearer in edge.choices:
                    if edge.paper == name and bearer.ground is Ground.COMMITMENT:
                        yield Demanded(rule.rule, bearer.reduction)


def commitment(
    names: Naming, name: str, demands: Iterable[Demanded], checking: Checking = CHECKING
) -> Commitment:
    """Return the notice of commitment for a paper; `ValueError` where no law has one."""
    found = list(demands)
    if not found:
        raise ValueError(f"no law lets a commitment replace `{name}`; ask for the paper")
    rules = list({one.requirement.id: one.requirement for one in found}.values())
    material = name.rpartition(":")[2]
    items = list(dict.fromkeys(rule.item for rule in rules))
    item = names.speech.join([names.item(one) for one in items])
    organ = names.speech.join(
        list(dict.fromkeys(names.organ(names.pack.catalogue.items[one].organ) for one in items))
    )
    said = _Said(names, item, organ, names.paper(name, items), checking)
    claims = list(dict.fromkeys(claim for rule in rules for claim in rule.proves))
    proved = claims or names.pack.catalogue.materials[material].proves
    return Commitment(
        paper=said.paper,
        title=said("title"),
        item=item,
        organ=organ,
        duty=said("duty"),
        content=tuple(names.claims([claim]) for claim in proved) or (said("content_plain"),),
        manner=said("manner"),
        promises=said.each("promises"),
        liability=said.each("liability"),
        publicity=said("publicity"),
        checking=said("checking"),
        choice=said("choice"),
        demanded_by=names.cited(one for rule in rules for one in rule.edge_citations(material)),
        allowed_by=names.cited(one for each in found for one in each.reduction.basis),
    )


def check_by(decided: date, calendar: WorkCalendar, checking: Checking = CHECKING) -> Counted:
    """Return the last day on which the office may check a promise, from the day it decided."""
    return calendar.after(decided, working_days=checking.working_days)


class _Said:
    """The sentences of the notice, each with the same words to put in."""

    def __init__(
        self, names: Naming, item: str, organ: str, name: str, checking: Checking
    ) -> None:
        self.paper = name
        self._speech = names.speech
        self._words = {"item": item, "organ": organ, "paper": name, "n": checking.working_days}

    def __call__(self, key: str) -> str:
        return self._speech.say(f"papers.commitment.{key}", **self._words)

    def each(self, key: str) -> tuple[str, ...]:
        """Return the numbered sentences below a key."""
        return tuple(self(f"{key}.{place}") for place in PLACES)


PLACES: Final = ("a", "b", "c", "d")
"""The sentences of each list, in order."""
