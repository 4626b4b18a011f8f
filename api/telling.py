"""Telling: a decision for a person, as lines of text, in Chinese or English."""

from collections.abc import Iterator, Sequence

from api.answer import Answerer, MatchersDifferError, read_text
from api.naming import Cited
from api.paper_row import Detail, PaperList, Row, paper_list
from api.speech import Lang, speech
from api.wording import Word, Wording
from evaluator.case import Case
from evaluator.decide import Decider
from evaluator.decision import Decision
from evaluator.interview import interview
from knowledge.fault import Fault, FaultsError
from rules.pack import Pack

_ORDER: tuple[Word, ...] = (
    "submit", "unmeetable", "reference", "commitment", "later", "agency",
    "open", "removed", "moot", "alternative", "not_applicable",
)  # fmt: skip


def tell_text(pack: Pack, text: bytes, lang: Lang) -> list[str]:
    """Return the lines for a case in JSON, matched by both matchers; raises `FaultsError`."""
    answerer = Answerer(pack)
    try:
        case = read_text(answerer.decider, text)
        if isinstance(case, FaultsError):
            raise case
        decision = answerer.answer(case).decision
    except MatchersDifferError as error:
        what, _, cure = str(error).partition("; ")
        raise FaultsError([Fault("", 0, "case", what, cure)]) from error
    finally:
        answerer.close()
    return list(tell(answerer.decider, case, decision, lang))


def tell(decider: Decider, case: Case, decision: Decision, lang: Lang) -> Iterator[str]:
    """Yield the explanation of a decision: the list, each paper's reasons, the questions."""
    wording = Wording(decider.pack, case, speech(lang))
    papers = paper_list(decider, case, decision, wording, flips=None)
    telling = _Telling(wording)
    yield from telling.head(case, papers)
    for word in _ORDER:
        yield from telling.section(word, papers.of(word))
    yield ""
    yield from telling.questions(decider, case)
    yield from telling.outside(case, decision)


class _Telling:
    """The lines of one explanation."""

    def __init__(self, wording: Wording) -> None:
        self._wording, self._names = wording, wording.names
        self._speech, self._say = wording.speech, wording.speech.say

    def head(self, case: Case, papers: PaperList) -> Iterator[str]:
        items = self._speech.join([self._names.item(item) for item in case.items])
        yield self._say("explain.title", items=items)
        pending = self._say("explain.pending", n=papers.pending) if papers.pending else ""
        count = self._say("explain.count", n=papers.statutory, m=papers.hand_in)
        yield count + pending
        if not papers.standing:
            yield self._say("explain.nothing")

    def section(self, word: Word, rows: Sequence[Row]) -> Iterator[str]:
        if not rows:
            return
        yield ""
        yield self._say("explain.section", fate=self._say(f"fate.{word}"), n=len(rows))
        for row in rows:
            yield f"  {self._say(f'mark.{word}')} {row.name}"
            yield self._line("why", why=row.why)
            if row.details:
                for detail in row.details:
                    yield from self._detail(detail, row.why)
                yield self._line("change", change=row.change)
            else:
                yield self._line("basis", basis=self._cites(row.basis))

    def _detail(self, detail: Detail, why: str) -> Iterator[str]:
        yield self._line("demanded", rule=detail.rule)
        yield self._line("basis", basis=self._cites(detail.basis))
        if detail.outcome != why:
            yield self._line("outcome", outcome=detail.outcome)
        if detail.relief:
            yield self._line("relief", basis=self._cites(detail.relief))
        for evidence in detail.evidence:
            yield self._line("evidence", evidence=evidence)
        if detail.grounds:
            yield self._line("also", grounds=self._speech.join(list(detail.grounds)))
        if detail.kept_by:
            basis = self._cites(detail.kept_basis)
            yield self._line("kept", rule=detail.kept_by, basis=basis)

    def questions(self, decider: Decider, case: Case) -> Iterator[str]:
        asked = interview(decider, case)
        if not asked:
            yield self._say("explain.no_questions")
            return
        yield self._say("explain.questions")
        for place, question in enumerate(asked, 1):
            text = self._names.question(question.key)
            yield "  " + self._say("explain.question", n=place, question=text)
            yield self._line("why", why=self._wording.reason(question))
            yield self._line("basis", basis=self._cites(self._wording.reason_basis(question)))
            if worth := self._wording.worth(question):
                yield f"      {worth}"

    def outside(self, case: Case, decision: Decision) -> Iterator[str]:
        """Yield what is still missing besides answers: persons, and what may be looked up."""
        if decision["missing_roles"]:
            roles = [self._names.role(role, case.items) for role in decision["missing_roles"]]
            yield self._say("explain.missing", roles=self._speech.join(roles))
        for row in decision["lookups"]:
            asked = [self._names.material(one) for one in row["materials"]]
            what = self._speech.join(asked) or self._names.claims(row["claims"])
            source = self._names.source(row["source"])
            yield self._say("explain.lookup", source=source, what=what)

    def _line(self, key: str, **words: object) -> str:
        return "      " + self._say(f"explain.{key}", **words)

    def _cites(self, basis: Sequence[Cited]) -> str:
        return self._say("cite.and").join(one.full for one in basis)
