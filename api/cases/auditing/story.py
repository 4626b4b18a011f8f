"""The story of a case as an auditor reads it: every event, look-up, paper, notice and task.

It is told from the sealed events alone, so it shows what was sealed even where the rows for
the desks were altered. Persons are masked: an auditor finds one by the whole number.
"""

import json
from collections.abc import Iterator
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from api.answer import Answer
from api.cases.auditing.sealed import SealedCase
from api.cases.auditing.told import (
    CaseTold,
    Duty,
    Fate,
    Finding,
    Given,
    Look,
    Promised,
    Raised,
    Told,
    Turn,
)
from api.cases.event import LookedUp, Notified
from api.cases.file import CaseFile
from api.cases.papers.noticing import PART
from api.cases.story import lines
from api.cases.table import Alert, Task
from api.cases.working import Worked
from api.masking import mask_name, masked
from api.naming import Naming
from api.office import Office
from api.paper_row import paper_list
from api.search import instant
from api.speech import Speech
from api.store import ErasedError, Kept
from api.supervision.said import Said
from api.wording import Wording
from audit.error import AuditError
from evaluator.decide import Decider
from knowledge.day import CHINA
from knowledge.fault import FaultsError
from knowledge.item import APPLICANT
from knowledge.strict_json import read_json


def tell_case(one: SealedCase, office: Office, said: Said) -> CaseTold:
    """Return a case as a story, in the words of the release that decided it last."""
    return _Teller(one, office, said).told()


class _Teller:
    def __init__(self, one: SealedCase, office: Office, said: Said) -> None:
        self._one, self._office, self._said = one, office, said
        self._voice: Speech = said.voice
        self._file = one.file
        self._worked = self._read() if self._file else None
        self._receipts = {row.id: row for row in one.receipts}

    def told(self) -> CaseTold:
        head, file, moment = self._one.head, self._file, self._said.moment
        return CaseTold(
            number=head.number,
            status=head.status,
            items=tuple(self._said.item(item) for item in self._items()),
            organ=self._said.organ(head.organ),
            persons=tuple(self._persons(file)) if file else (),
            channel=file.opened.channel if file else head.channel,
            events=tuple(self._events()),
            papers=tuple(self._papers()),
            notices=tuple(self._notices()),
            promises=tuple(self._promises()),
            tasks=tuple(self._duty(row) for row in self._one.tasks),
            alerts=tuple(
                Raised(self._alert(row), moment(row.at), row.state, row.closed_by)
                for row in self._one.alerts
            ),
        )

    def _items(self) -> list[str]:
        """Return the items by their events; by the row only where nobody can read those."""
        if self._worked:
            return list(self._worked.answer.case.items)
        try:
            return [str(item) for item in json.loads(self._one.head.items)]
        except ValueError:
            return []

    def _alert(self, row: Alert) -> str:
        try:
            return self._said.alert(row)
        except (ValueError, KeyError, AttributeError):
            return row.kind  # somebody altered it: verifying says so

    def _read(self) -> Worked | None:
        """Return the case as it stood at its last decision, to be worded by its release."""
        head, file = self._one.head, self._file
        kept = next(filter(None, map(self._kept, reversed(self._one.decisions))), None)
        if kept is None or file is None:
            return None
        release, answerer = self._office.answerer_of(kept.row.release)
        case = answerer.decider.read(read_json(kept.case))
        answer = Answer(lambda: case, json.loads(kept.body), kept.body, "both")
        return Worked(head.number, head, file, answer, answerer, release, case.as_of)

    def _kept(self, decision: str) -> Kept | None:
        try:
            kept = self._office.store.decision(decision)
            if kept is not None:
                self._office.decider_of(kept.row.release)
        except (ErasedError, AuditError, SQLAlchemyError):
            return None
        return kept

    def _persons(self, file: CaseFile) -> Iterator[tuple[str, str]]:
        names = self._names
        for role, person, name in (
            (APPLICANT, file.applicant, file.applicant.name),
            *((one.role, one, one.name) for one in file.parties),
        ):
            said = masked(self._voice, person)
            shown = f"{mask_name(name, person.kind)} · {said}" if name else said
            yield (names.role(role) if names else role), shown

    @property
    def _names(self) -> Naming | None:
        return Naming(self._worked.pack, self._voice) if self._worked else None

    def _events(self) -> Iterator[Told]:
        sentences = self._sentences()
        for one in self._one.events:
            row, entry = one.row, one.entry
            asked = entry.body.get("asked", {}) if entry else {}
            event, why = one.event, str(asked.get("why", ""))
            yield Told(
                seq=row.seq,
                at=instant(row.at),
                kind=row.kind,
                what=sentences.get(row.seq) or self._or(f"auditcase.kind.{row.kind}", row.kind),
                user=row.user,
                office=row.office,
                door=str(asked.get("door", "")),
                why=self._or(f"auditcase.why.{_key(why)}", why),
                decision=row.decision,
                leaf=bytes(row.leaf).hex(),
                look=self._look(event) if isinstance(event, LookedUp) else None,
                notice=event.notice if isinstance(event, Notified) else "",
            )

    def _sentences(self) -> dict[int, str]:
        if self._worked is None:
            return {}
        return {
            one.seq: line.what
            for one in self._one.happened
            for line in lines([one], self._worked, self._voice, {})
        }

    def _or(self, key: str, other: str, **words: object) -> str:
        """Return a text, or what stands for it where there is none."""
        try:
            return self._voice.say(key, **words)
        except KeyError:
            return other

    def _look(self, look: LookedUp) -> Look | None:
        names = self._names
        if names is None:
            return None
        rows = [self._receipts[ref] for ref in look.refs if ref in self._receipts]
        first = rows[0] if rows else None
        sources = names.pack.catalogue.sources
        facts = names.pack.catalogue.facts
        return Look(
            source=self._said.source(look.source),
            organ=self._said.organ(sources[look.source].organ)
            if look.source in sources
            else "",
            person=mask_name(self._file.persons.get(look.subject, "") if self._file else ""),
            item=self._said.item(first.item) if first else "",
            basis=first.purpose if first else "",
            asked_at=instant(first.asked_at) if first else None,
            milliseconds=look.milliseconds,
            attempts=first.attempts if first else 0,
            digest=first.digest if first else "",
            reused=look.reused,
            findings=tuple(self._findings(look, names)),
            shown=look.shown,
            facts=tuple(
                (names.fact(key), names.answer(key, facts[key].read(value)))
                for key, value in look.facts.items()
                if key in facts
            ),
            refs=tuple(row.id for row in rows if row.digest),
        )

    def _findings(self, look: LookedUp, names: Naming) -> Iterator[Finding]:
        known = names.pack.catalogue
        for place, receipt in enumerate(look.receipts):
            papers = [
                names.material(one) for one in receipt.materials if one in known.materials
            ]
            claims = names.claims(one for one in receipt.claims if one in known.claims)
            reason = look.reasons[place] if place < len(look.reasons) else ""
            yield Finding(
                asked_for=self._voice.join([*papers, *([claims] if claims else [])]),
                verdict=receipt.verdict,
                said=self._voice.say(f"verdict.{receipt.verdict}"),
                reason=self._said.reason(reason) if reason else "",
                day=self._voice.day(receipt.on),
            )

    def _papers(self) -> Iterator[Fate]:
        """Yield each paper with every turn of its fate, in the order of their appearing."""
        turns: dict[str, list[Turn]] = {}
        names: dict[str, str] = {}
        for seq, kept in self._decided():
            decider = self._office.decider_of(kept.row.release)
            for turn, paper, name in _turns(decider, kept, seq, self._voice):
                if turn.word == "not_applicable" and paper not in turns:
                    continue  # nobody ever thought of it
                names[paper] = name
                known = turns.setdefault(paper, [])
                if not known or (known[-1].word, known[-1].why) != (turn.word, turn.why):
                    known.append(turn)
        for paper, known in turns.items():
            idle = known[-1].word == "not_applicable"
            yield Fate(paper, names[paper], tuple(known), idle)

    def _decided(self) -> Iterator[tuple[int, Kept]]:
        for one in self._one.events:
            if one.row.decision and (kept := self._kept(one.row.decision)) is not None:
                yield one.row.seq, kept

    def _notices(self) -> Iterator[Given]:
        rows = {row.number: row for row in self._one.notices}
        for seen in self._one.happened:
            told = seen.event
            if not isinstance(told, Notified):
                continue
            row = rows.get(told.notice)
            plain = self._one.opened(f"{PART}-{told.notice}", row.box) if row else None
            sheet = json.loads(plain)[self._voice.lang] if plain else {}
            yield Given(
                number=told.notice,
                day=self._voice.day(seen.at.astimezone(CHINA).date()),
                papers=tuple(self._said.paper(one) for one in told.papers),
                added=tuple(self._said.paper(one) for one in told.added),
                digest=told.digest,
                says=tuple(_sentences_of(sheet)),
            )

    def _promises(self) -> Iterator[Promised]:
        if self._file is None:
            return
        days = {row.material: self._said.day(row.day) for row in self._one.publicity}
        for paper, signed in self._file.commitments.items():
            how = self._voice.say("auditcase.signed", signature=signed.signature)
            published = days.get(paper.rpartition(":")[2], "")
            yield Promised(self._said.paper(paper), how, published)
        for paper, due in self._file.promises.items():
            how = self._voice.say("auditcase.promised", day=self._voice.day(due))
            yield Promised(self._said.paper(paper), how, "")

    def _duty(self, row: Task) -> Duty:
        return Duty(
            what=self._or(
                f"tasks.todo.{row.kind}", row.kind, paper=self._said.paper(row.paper)
            ),
            organ=self._said.organ(row.organ),
            opened=self._said.moment(row.opened_at),
            due=self._said.day(row.due_on),
            state=row.state,
            outcome=self._or(f"tasks.outcome.{row.outcome}", row.outcome),
            closed_by=row.closed_by,
        )


def _turns(
    decider: Decider, kept: Kept, seq: int, voice: Speech
) -> Iterator[tuple[Turn, str, str]]:
    """Yield the fate of each paper by one decision, with the paper and its name."""
    try:
        case = decider.read(read_json(kept.case))
    except FaultsError:
        return
    wording = Wording(decider.pack, case, voice)
    papers = paper_list(decider, case, json.loads(kept.body), wording)
    for row in (*papers.rows, *papers.others):
        grounds = tuple(sorted(row.grounds))
        yield Turn(seq, kept.number, row.word, row.why, grounds), row.paper, row.name


def _key(why: str) -> str:
    return why.replace(" ", "_").replace("-", "_")


def _sentences_of(sheet: dict[str, Any]) -> Iterator[str]:
    """Yield what a put-away paper says, line by line."""
    if not sheet:
        return
    yield sheet["title"]
    yield from filter(None, (sheet["lead"], sheet["deadline"], sheet["contest"]))
    for section in sheet["sections"]:
        yield section["title"]
        yield from section["sentences"]
        yield from (_line(line) for line in section["lines"])


def _line(line: dict[str, Any]) -> str:
    return " · ".join(filter(None, (line[key] for key in ("word", "name", "why", "note"))))
