"""Paper rows: a paper, its fate and why, on every page, print and command line alike."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from api.naming import Cited
from api.wording import STANDS, Word, Wording
from evaluator.case import Case, paper
from evaluator.change import Changes
from evaluator.decide import Decider
from evaluator.decision import Decision
from evaluator.explanation import Demand, Explanation, Story, explain


@dataclass(frozen=True, slots=True)
class Detail:
    """One rule's demand for a paper: who demands it, what became of that, on what proof."""

    rule: str
    item: str
    basis: tuple[Cited, ...]
    outcome: str
    relief: tuple[Cited, ...] = ()
    grounds: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()
    kept_by: str = ""
    kept_basis: tuple[Cited, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """One paper. `change` is empty where the smallest change was not looked for."""

    paper: str
    name: str
    word: Word
    why: str
    basis: tuple[Cited, ...]
    details: tuple[Detail, ...]
    change: str = ""
    grounds: frozenset[str] = frozenset()

    @property
    def stands(self) -> bool:
        """Whether something is still to be done about it, or to be known."""
        return self.word in STANDS


@dataclass(frozen=True, slots=True)
class PaperList:
    """The rows of a decision in the order in which a clerk acts on them, and the counts."""

    rows: tuple[Row, ...]
    others: tuple[Row, ...]
    statutory: int
    decision: Decision

    def of(self, *words: Word) -> list[Row]:
        """Return the rows of some fates."""
        return [row for row in (*self.rows, *self.others) if row.word in words]

    @property
    def standing(self) -> list[Row]:
        """The rows above the line."""
        return [row for row in self.rows if row.stands]

    @property
    def struck(self) -> list[Row]:
        """The rows below the line: what need not be handed in."""
        return [row for row in self.rows if not row.stands]

    @property
    def hand_in(self) -> int:
        """How many papers have to be handed in."""
        return len(self.decision["submit"])

    @property
    def pending(self) -> int:
        """How many papers depend on an answer."""
        return len(self.of("open"))


def paper_list(
    decider: Decider,
    case: Case,
    decision: Decision,
    wording: Wording,
    flips: tuple[str, ...] | None = (),
) -> PaperList:
    """Return the rows of a decision.

    The smallest change is sought for the papers of `flips`, for all of them where it is None:
    that decides again many times.
    """
    explanation = explain(decider, case, decision, with_changes=flips is None)
    stories = explanation.stories
    if flips:
        changes = Changes(decider, case, decision)
        stories = tuple(
            replace(one, change=changes.flipping(one.paper)) if one.paper in flips else one
            for one in stories
        )
    rows = tuple(
        _row(wording, story, sought=flips is None or story.paper in flips) for story in stories
    )
    others = tuple(_not_applicable(decider, explanation, wording))
    return PaperList(rows, others, explanation.statutory, decision)


def _row(wording: Wording, story: Story, *, sought: bool) -> Row:
    return Row(
        paper=story.paper,
        name=wording.paper(story),
        word=wording.word(story),
        why=wording.why(story),
        basis=wording.basis(story),
        details=tuple(_detail(wording, story.party, one) for one in story.demands),
        change=wording.change(story) if sought else "",
        grounds=frozenset(one.ground for one in story.demands if one.ground),
    )


def _detail(wording: Wording, party: str, demand: Demand) -> Detail:
    names = wording.names
    kept = names.find_rule(demand.kept_by) if demand.kept_by else None
    return Detail(
        rule=names.rule(demand.rule),
        item=names.item(demand.item),
        basis=names.cited(demand.basis),
        outcome=wording.outcome(party, demand),
        relief=names.cited(demand.relief),
        grounds=tuple(wording.grounds(demand)),
        evidence=tuple(wording.evidence(demand)),
        kept_by=names.entry(kept) if kept else "",
        kept_basis=names.cited(kept.basis) if kept else (),
    )


def _not_applicable(
    decider: Decider, explanation: Explanation, wording: Wording
) -> Iterator[Row]:
    """Yield the papers that the law lists and this case does not come to, once each."""
    rules, names = decider.pack.rules.requirements, wording.names
    seen = {story.paper for story in explanation.stories}
    for entry in explanation.decision["entries"]:
        rule = rules[entry["rule"]]
        if entry["status"] != "not":
            continue
        why = wording.speech.say("why.not_applicable", condition=names.condition(rule.when))
        for material in rule.materials:
            name = paper(rule.party, material)
            if name not in seen:
                seen.add(name)
                basis = names.cited(rule.edge_citations(material))
                shown = names.paper(name, (rule.item,))
                yield Row(name, shown, "not_applicable", why, basis, ())
