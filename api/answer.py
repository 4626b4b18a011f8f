"""Answers: a case decided live, matched by both matchers, with nothing given if they differ."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import islice
from typing import Any, Literal

import orjson

from api.assistant import Assistant, Differing, Told
from evaluator.case import Case
from evaluator.decide import Decider
from evaluator.decision import Decision, encode
from evaluator.explanation import statutory
from evaluator.matching import Program, Truth
from evaluator.reference import ReferenceMatcher
from evaluator.rete_refusal import EngineRefusalError
from evaluator.rete_worker import EngineWorker
from evaluator.view import ItemView
from knowledge.canonical import canonical
from knowledge.fault import Fault, FaultsError
from knowledge.strict_json import StrictJsonError, read_json
from rules.pack import Pack

WINDOW = 96
"""Cases of a batch that the engine matches ahead of the one that is being resolved."""

Engine = Literal["both", "reference"]


@dataclass(frozen=True)
class Answer:
    """A decision, its canonical bytes, and which matchers stand behind it.

    `matchers` is `reference` when the engine gave no answer; `engine_fault` then says why.
    `told` is what an assistant said; `reads` then reads the case again, where it is needed.
    """

    reads: Callable[[], Case]
    decision: Decision
    encoded: bytes
    matchers: Engine
    engine_fault: str | None = None
    told: Told | None = None

    @cached_property
    def case(self) -> Case:
        """The case that was decided."""
        return self.reads()

    @property
    def items(self) -> Sequence[str]:
        """The items of the case."""
        return self.told.items if self.told else self.case.items

    @property
    def persons(self) -> Sequence[str]:
        """The identity numbers of all persons of the case, in order, each once."""
        if self.told:
            return self.told.persons
        form = self.case.form
        return sorted({form.applicant.id, *(party.id for party in form.parties)})

    @cached_property
    def form(self) -> bytes:
        """The canonical bytes of the case, as it has to be decided again."""
        if self.told:
            return self.told.form
        return canonical(self.case.form.model_dump(mode="json", exclude_defaults=True))


class MatchersDifferError(Exception):
    """The two matchers differ: the case is refused, and both answers are kept."""

    def __init__(
        self, case: Case, program: Program, live: Sequence[Truth], reference: Sequence[Truth]
    ) -> None:
        self.case, self.program, self.live, self.reference = case, program, live, reference
        super().__init__(
            "the two matchers do not agree on this case, so no list is given; "
            "the incident is recorded, decide the case by hand and tell the operator"
        )


class Answerer:
    """Answers cases over one pack."""

    def __init__(self, pack: Pack, engine: EngineWorker | None = None) -> None:
        self.decider = Decider(pack)
        self.assistant: Assistant | None = None
        self._reference = ReferenceMatcher()
        self._engine = engine or EngineWorker()

    def close(self) -> None:
        """End the engine's processes."""
        self._engine.close()

    def answer(self, case: Case) -> Answer:
        """Return the answer to a case, or raise `MatchersDifferError`."""
        return self._conclude(case, self.decider.views(case), self._ask(case))

    def answer_stated(self, raw: Mapping[str, Any]) -> Answer:
        """Return the answer to a case as it is stated, by the assistant if there is one.

        Raises `FaultsError` and `MatchersDifferError`.
        """
        told = self.assistant.ask(raw) if self.assistant else None
        if isinstance(told, Differing):
            case = self.decider.read(raw)
            program = self.decider.views(case)[told.view].program
            raise MatchersDifferError(case, program, told.live, told.reference)
        if told is None:
            return self.answer(self.decider.read(raw))
        decision = orjson.loads(told.encoded)
        reads = partial(self.decider.read, raw)
        return Answer(reads, decision, told.encoded, told.matchers, told.engine_fault, told)

    def statutory(self, answer: Answer) -> int:
        """Return the size of the least list when nothing at all is discharged or covered."""
        if answer.told:
            return answer.told.statutory
        return statutory(self.decider, answer.decision)

    def organs(self, answer: Answer) -> list[tuple[str, str]]:
        """Return the items of an answer's case with their organs."""
        known = self.decider.pack.catalogue.items
        return [(item, known[item].organ) for item in answer.items]

    def answer_all(self, cases: Iterable[Case | FaultsError]) -> Iterator[Answer | Exception]:
        """Yield the answer or the refusal of each case, in order; the engine works ahead."""
        waiting = iter(cases)
        ahead: list[tuple[Case | FaultsError, list[Any]]] = []
        while True:
            ahead += [
                (case, [] if isinstance(case, FaultsError) else self._ask(case))
                for case in islice(waiting, WINDOW - len(ahead))
            ]
            if not ahead:
                return
            case, asked = ahead.pop(0)
            if isinstance(case, FaultsError):
                yield case
                continue
            try:
                yield self._conclude(case, self.decider.views(case), asked)
            except MatchersDifferError as error:
                yield error

    def _ask(self, case: Case) -> list[Any]:
        """Send each item's program to the engine; return tickets or refusals."""
        asked: list[Any] = []
        for view in self.decider.views(case):
            try:
                asked.append(self._engine.submit(view.program, case.facts))
            except EngineRefusalError as refusal:
                asked.append(refusal)
        return asked

    def _conclude(self, case: Case, views: Sequence[ItemView], asked: list[Any]) -> Answer:
        # The decision is worked out while the engine matches; it leaves only if both agree.
        truths = [self._reference.match(view.program, case.facts) for view in views]
        decision = self.decider.conclude(case, views, truths)
        encoded = encode(decision)
        fault: str | None = None
        for view, ticket, reference in zip(views, asked, truths, strict=True):
            live = _result(ticket)
            if isinstance(live, EngineRefusalError):
                fault = str(live)
            elif tuple(live) != reference:
                raise MatchersDifferError(case, view.program, live, reference)
        matchers: Engine = "both" if fault is None else "reference"
        return Answer(lambda: case, decision, encoded, matchers, fault)


def _result(ticket: Any) -> Sequence[Truth] | EngineRefusalError:
    if isinstance(ticket, EngineRefusalError):
        return ticket
    try:
        truths: Sequence[Truth] = ticket.result()
    except EngineRefusalError as refusal:
        return refusal
    return truths


def read_text(decider: Decider, text: bytes | str) -> Case | FaultsError:
    """Return the case that a JSON text describes, or its faults."""
    try:
        return decider.read(read_json(text))
    except StrictJsonError as error:
        what, _, cure = str(error).partition("; ")
        return FaultsError([Fault("", 0, "case", what, cure or "correct it")])
    except FaultsError as error:
        return error
