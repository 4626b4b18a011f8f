"""Deciding: a case over a pack comes to a decision; a pure function of both."""

from collections.abc import Sequence
from typing import Any

from evaluator.case import Case, read_case
from evaluator.decision import Decision, compose, unsure_edges
from evaluator.matching import Matcher, Truth
from evaluator.provenance import provenance
from evaluator.questions import Conditions, Reasons, questions
from evaluator.reference import ReferenceMatcher
from evaluator.resolution import Resolution, resolve
from evaluator.view import Days, ItemView, Views
from rules.pack import Pack


class Decider:
    """Decides cases over one pack; remembers the views of its items."""

    def __init__(self, pack: Pack, matcher: Matcher | None = None) -> None:
        self.pack = pack
        self._views = Views(pack)
        self._matcher = matcher or ReferenceMatcher()

    def read(self, raw: Any) -> Case:
        """Return the case that a JSON value describes, or raise `FaultsError`."""
        return read_case(raw, self.pack)

    def views(self, case: Case) -> list[ItemView]:
        """Return the views of a case's items, each with the program to be matched."""
        days = Days(case.law_day, case.as_of)
        kind = case.form.applicant.kind
        return [self._views.view(item, days, kind) for item in case.items]

    def decide(self, case: Case) -> Decision:
        """Return the decision by this decider's matcher."""
        views = self.views(case)
        return self.conclude(
            case, views, [self._matcher.match(view.program, case.facts) for view in views]
        )

    def reasons(self, case: Case) -> Reasons:
        """Return the open questions of a case with the rules that each can decide."""
        views = self.views(case)
        truths = [self._matcher.match(view.program, case.facts) for view in views]
        return questions(self.resolve(case, views, truths), _conditions(case, views))

    def unsure_edges(self, case: Case) -> dict[str, list[dict[str, Any]]]:
        """Return, for each open rule, the edges that it has if it applies."""
        views = self.views(case)
        truths = [self._matcher.match(view.program, case.facts) for view in views]
        return unsure_edges(self.resolve(case, views, truths))

    def conclude(
        self, case: Case, views: Sequence[ItemView], truths: Sequence[Sequence[Truth]]
    ) -> Decision:
        """Return the decision that follows from the truths of each view's conditions."""
        decision = compose(
            self.resolve(case, views, truths),
            _conditions(case, views),
            self.pack.rules.digest,
            self.pack.catalogue.digest,
        )
        return decision | provenance(case, self.pack.catalogue.vocabulary, views, truths)

    def resolve(
        self, case: Case, views: Sequence[ItemView], truths: Sequence[Sequence[Truth]]
    ) -> Resolution:
        """Return what follows from the truths, before it is put into the public format."""
        return resolve(case, self.pack.catalogue, list(zip(views, truths, strict=True)))


def _conditions(case: Case, views: Sequence[ItemView]) -> Conditions:
    programs = {view.item.id: view.program.conditions for view in views}
    return Conditions(programs, case.facts)
