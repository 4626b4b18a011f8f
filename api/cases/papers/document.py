"""Official papers: what a sheet says, in one language, before it becomes a page or a PDF.

Pure. A sheet holds finished sentences only: the same sheet gives the same page everywhere.
"""

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any, Literal
from urllib.parse import urlencode

import segno

from api.cases.clock import Clock
from api.cases.papers.commitment import Commitment
from api.naming import Cited
from api.paper_row import Row
from api.speech import Lang, Speech
from knowledge.canonical import digest

Kind = Literal["notice", "list", "acceptance", "commitment"]


@dataclass(frozen=True, slots=True)
class Line:
    """One thing of a section: a paper with its fate, why, the law; `box` is to be ticked."""

    name: str
    word: str = ""
    mark: str = ""
    why: str = ""
    basis: tuple[str, ...] = ()
    note: str = ""
    box: bool = False


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a sheet: sentences, then lines, then the law behind both."""

    title: str
    sentences: tuple[str, ...] = ()
    lines: tuple[Line, ...] = ()
    basis: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Issue:
    """Who gives out a paper, for what, to whom and when.

    `address` is the page on which anybody can check it; `where` is where the office is.
    """

    speech: Speech
    number: str
    code: str
    day: date
    case: str
    applicant: str
    items: str
    organ: str
    address: str
    office: str = ""
    where: str = ""
    hours: str = ""
    handler: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True)
class Papers:
    """What has to be handed in, what the agency checks itself, and what need not be brought."""

    needed: Sequence[Row]
    agency: Sequence[Row] = ()
    spared: Sequence[Row] = ()


@dataclass(frozen=True, slots=True)
class Sheet:
    """One official paper. `marks` are (label, value); `signs` who signs it, empty for none."""

    lang: Lang
    kind: Kind
    title: str
    issuer: str
    number: str
    code: str
    day: date
    address: str
    check: str
    lead: str
    marks: tuple[tuple[str, str], ...]
    sections: tuple[Section, ...] = ()
    contest: str = ""
    deadline: str = ""
    contact: tuple[tuple[str, str], ...] = ()
    signs: tuple[str, ...] = ()

    @property
    def target(self) -> str:
        """The address that the QR code leads to: the page of checking, filled in."""
        return f"{self.address}?{urlencode({'number': self.number, 'code': self.code})}"

    @property
    def digest(self) -> str:
        """The hash of everything it says."""
        return digest(asdict(self) | {"day": self.day.isoformat()})


def sheet_of(plain: Mapping[str, Any]) -> Sheet:
    """Return the sheet that was put away as a JSON value."""
    sections = tuple(
        Section(
            one["title"],
            tuple(one["sentences"]),
            tuple(Line(**{**line, "basis": tuple(line["basis"])}) for line in one["lines"]),
            tuple(one["basis"]),
        )
        for one in plain["sections"]
    )
    pairs = {key: tuple((a, b) for a, b in plain[key]) for key in ("marks", "contact")}
    told = {"sections": sections, "signs": tuple(plain["signs"]), **pairs}
    return Sheet(**{**plain, **told, "day": date.fromisoformat(plain["day"])})


def notice_sheet(
    issue: Issue,
    papers: Papers,
    *,
    tell_by: date,
    seq: int = 1,
    added: Container[str] = frozenset(),
) -> Sheet:
    """Return the one-time notice: everything at once; `seq` 2 and more are further notices.

    `added` are the papers (`role:material`) that no earlier notice named.
    """
    say, needed = issue.speech.say, papers.needed
    new = sum(row.paper in added for row in needed)
    first = [say("papers.notice.added", n=new)] if new else []
    first.append(say("papers.notice.needed_lead" if needed else "papers.none"))
    lead = "papers.notice.lead" if needed else "papers.notice.lead_none"
    sections = [
        Section(
            say("papers.notice.needed"),
            tuple(first),
            _lines(issue.speech, needed, added=added, box=True),
        ),
        *_others(issue.speech, papers),
    ]
    title = say("papers.notice.title") if seq == 1 else say("papers.notice.title_again", n=seq)
    sheet = _sheet(
        issue, "notice", title, say(lead, items=issue.items, n=len(needed)), sections
    )
    return replace(
        sheet,
        contest=say("papers.notice.contest"),
        deadline=say("papers.notice.deadline", day=issue.speech.day(tell_by)),
        signs=_signs(issue.speech, "organ", "applicant"),
    )


def list_sheet(issue: Issue, papers: Papers, *, statutory: int) -> Sheet:
    """Return the list of papers; `statutory` is how many the law would have asked for."""
    say, needed = issue.speech.say, papers.needed
    none = () if needed else (say("papers.none"),)
    sections = [
        Section(say("papers.notice.needed"), none, _lines(issue.speech, needed, box=True)),
        *_others(issue.speech, papers),
    ]
    lead = say("papers.list.lead", items=issue.items, statutory=statutory, n=len(needed))
    sheet = _sheet(issue, "list", say("papers.list.title"), lead, sections)
    return replace(sheet, contest=say("papers.notice.contest"))


def acceptance_sheet(
    issue: Issue,
    clock: Clock,
    *,
    received: Iterable[tuple[str, str]],
    basis: Iterable[Cited] = (),
) -> Sheet:
    """Return the notice of acceptance; `received` are (paper, how), `basis` that of the time.

    Raises `ValueError` for a clock that has not started.
    """
    if clock.start is None:
        raise ValueError("the application is not accepted yet; accept it first")
    say = issue.speech.say
    key = "papers.acceptance.lead_deemed" if clock.deemed else "papers.acceptance.lead"
    lead = say(key, items=issue.items, day=issue.speech.day(clock.start))
    lines = tuple(Line(name, word=how) for name, how in received)
    none = () if lines else (say("papers.none"),)
    time = tuple(_time(issue.speech, clock))
    sections = [
        Section(say("papers.acceptance.received"), none, lines),
        Section(say("papers.deadline_title"), time, (), _full(basis)),
    ]
    sheet = _sheet(issue, "acceptance", say("papers.acceptance.title"), lead, sections)
    contest, signs = say("papers.acceptance.late"), _signs(issue.speech, "organ")
    return replace(sheet, contest=contest, signs=signs)


def commitment_sheet(issue: Issue, text: Commitment) -> Sheet:
    """Return the notice of commitment, to be read and signed."""

    def section(part: str, sentence: str, basis: tuple[Cited, ...] = ()) -> Section:
        title = issue.speech.say(f"papers.commitment.{part}_title")
        return Section(title, (sentence,), (), _full(basis))

    def listed(part: str, names: tuple[str, ...], *, box: bool = False) -> Section:
        lines = tuple(Line(name, box=box) for name in names)
        return Section(issue.speech.say(f"papers.commitment.{part}_title"), (), lines)

    sections = [
        section("duty", text.duty, text.demanded_by),
        listed("content", text.content),
        section("manner", text.manner, text.allowed_by),
        listed("liability", text.liability),
        section("publicity", text.publicity),
        section("checking", text.checking),
        listed("promises", text.promises, box=True),
    ]
    sheet = _sheet(issue, "commitment", text.title, text.choice, sections)
    return replace(sheet, signs=_signs(issue.speech, "applicant", "organ"))


def qr_code(address: str) -> str:
    """Return the QR code of an address as SVG, black on white, without a size of its own."""
    return str(
        segno.make(address, error="m", micro=False).svg_inline(
            border=2, omitsize=True, svgclass="qr", lineclass=None
        )
    )


def _sheet(
    issue: Issue, kind: Kind, title: str, lead: str, sections: Sequence[Section]
) -> Sheet:
    speech, say = issue.speech, issue.speech.say
    marks = (
        ("case", issue.case),
        ("applicant", issue.applicant),
        ("items", issue.items),
        ("organ", issue.organ),
        ("issued", speech.day(issue.day)),
    )
    contact = (
        ("handler", issue.handler),
        ("phone", issue.phone),
        ("office", issue.office),
        ("address", issue.where),
        ("hours", issue.hours),
    )
    return Sheet(
        lang=speech.lang,
        kind=kind,
        title=title,
        issuer=issue.organ,
        number=issue.number,
        code=issue.code,
        day=issue.day,
        address=issue.address,
        check=say("papers.check", address=issue.address),
        lead=lead,
        marks=tuple((say(f"papers.{key}"), value) for key, value in marks if value),
        sections=tuple(sections),
        contact=tuple((say(f"papers.{key}"), value) for key, value in contact if value),
    )


def _others(speech: Speech, papers: Papers) -> Iterator[Section]:
    """Yield the sections of what the applicant need not bring, without empty ones."""
    if papers.agency:
        yield Section(speech.say("papers.notice.agency"), (), _lines(speech, papers.agency))
    if papers.spared:
        why = (speech.say("papers.notice.not_needed_lead"),)
        lines = _lines(speech, papers.spared)
        yield Section(speech.say("papers.notice.not_needed"), why, lines)


def _signs(speech: Speech, *who: str) -> tuple[str, ...]:
    return tuple(speech.say(f"papers.sign.{one}") for one in who)


def _lines(
    speech: Speech,
    rows: Iterable[Row],
    *,
    added: Container[str] = frozenset(),
    box: bool = False,
) -> tuple[Line, ...]:
    return tuple(
        Line(
            name=row.name,
            word=speech.say(f"fate.{row.word}"),
            mark=speech.say(f"mark.{row.word}"),
            why=row.why,
            basis=_full(row.basis),
            note=speech.say("papers.added") if row.paper in added else "",
            box=box,
        )
        for row in rows
    )


def _full(basis: Iterable[Cited]) -> tuple[str, ...]:
    return tuple(one.full for one in basis)


def _time(speech: Speech, clock: Clock) -> Iterator[str]:
    """Yield when the decision is due, and what that rests on."""
    say = speech.say
    if clock.due is None or clock.statutory is None:
        yield say("papers.none")
        return
    deadline = clock.statutory.deadline
    working, days = deadline.working_days, deadline.days
    if not (working or days):
        yield say("papers.acceptance.at_once")
        return
    time = say("papers.acceptance.days" if days else "papers.acceptance.working_days",
               n=days or working)  # fmt: skip
    key = "due_after_at_once" if deadline.at_once else "due"
    yield say(f"papers.acceptance.{key}", due=speech.day(clock.due.day), time=time)
    if clock.statutory.general:
        yield say("papers.acceptance.general")
    if not clock.due.announced:
        yield say("papers.acceptance.unannounced")
    yield say("papers.acceptance.stops")
