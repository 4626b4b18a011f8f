"""The opening page: who comes, what the government has of them, what for; then a case."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from hashlib import sha256
from http import HTTPStatus
from typing import Any, Final

from fastapi import APIRouter, Request, Response

from api.accounts.permission import Worker
from api.answer import MatchersDifferError
from api.cases.door import words
from api.cases.line import Line
from api.cases.opening import (
    CHANNELS,
    Draft,
    Earlier,
    Offer,
    cloned,
    number_fault,
    offer,
    opened,
    read_draft,
)
from api.cases.pages.visit import Visit, posted, visit
from api.cases.person import PersonView
from api.cases.project import Stage, stages
from api.cases.refusal import CaseRefusedError
from api.cases.table import CaseHead
from api.desk_form import Fields
from api.idempotency import Once, Remember, Reply
from api.page import error_page
from api.service_list import processes, services

router = APIRouter(include_in_schema=False)

Faults = dict[str, str]
"""What is wrong, by field."""


@router.get("/cases/new")
def new(request: Request, who: Worker) -> Response:
    """Show the page to open a case; an address may name services, nobody's number."""
    plain = [
        (name, value) for name, value in request.query_params.multi_items() if name in _OPEN
    ]
    return opening_page(visit(request, who), read_draft(plain))


@router.post("/cases/new")
async def again(request: Request, who: Worker) -> Response:
    """Show the page with what was entered, and what is on file of the person."""
    return await posted(request, who, _again)


@router.post("/cases")
async def open_case(request: Request, who: Worker) -> Response:
    """Open the case, begin to ask the registries, and lead to it; sent twice, it opens once."""
    return await posted(request, who, _open)


_OPEN: Final = frozenset({"item", "step", "q", "kind"})
"""What may stand in an address."""


@dataclass(frozen=True)
class Sheet:
    """What the page shows: the person, earlier answers, projects, and what goes together."""

    draft: Draft
    person: PersonView | None
    offer: Offer
    earlier: Earlier
    projects: tuple["Project", ...] = ()

    @property
    def clonable(self) -> list[Line]:
        """The cases that can be done once more."""
        lines = self.person.lines if self.person else ()
        return [one for one in lines if one.number in self.earlier and not one.project]

    @property
    def running_already(self) -> bool:
        """Whether something that is chosen is running for the person."""
        lines = self.person.running if self.person else ()
        return any({*one.items} & {*self.draft.items} for one in lines)

    @property
    def all_ticked(self) -> bool:
        """Whether every earlier answer is confirmed."""
        ticks = [one.ticked for one in self.offer.suggestions]
        return all((*ticks, *(one.ticked for one in self.offer.parties)))


@dataclass(frozen=True)
class Project:
    """A run of a process of the person, with the steps that can be opened."""

    number: str
    process: str
    name: str
    stages: tuple[Stage, ...]

    @property
    def openable(self) -> list[Stage]:
        """The steps that have no case."""
        return [one for one in self.stages if one.openable]


def opening_page(
    seen: Visit,
    draft: Draft,
    faults: Faults | None = None,
    *,
    unknown: bool = False,
) -> Response:
    """Return the page for a draft; `unknown` says that somebody was looked for in vain."""
    sheet = _sheet(seen, draft)
    draft, faults = sheet.draft, dict(faults or {})
    if draft.number and not faults:
        wrong = number_fault(draft.kind, draft.number)
        faults |= {"number": _fault(seen, wrong, draft)} if wrong else {}
    if sheet.offer.unfit:
        faults["what"] = seen.speech.say("opening.fault.unfit")
    pack = seen.names.pack
    groups = services(pack, seen.speech, draft.query, draft.items)
    return seen.page(
        "open_case.html",
        sheet=sheet,
        draft=draft,
        faults=faults,
        unknown=unknown,
        channels=CHANNELS,
        groups=groups,
        processes=processes(pack, seen.speech, draft.query),
        names=seen.names,
        organ=seen.organ,
        names_of=lambda process, steps: seen.speech.join(
            [seen.names.step(process, one) for one in steps]
        ),
        sources=[seen.names.source(one) for one in sheet.offer.sources],
        examples=_examples(seen),
        more_keys=(),
    )


def _sheet(seen: Visit, draft: Draft) -> Sheet:
    if number_fault(draft.kind, draft.number):
        return Sheet(draft, None, offer(seen.decider, draft, {}, seen.hall.desk.today), {})
    person = seen.persons.view(seen.hall.desk.cases.token(draft.number))
    if person.name and not draft.name:
        draft = replace(draft, name=person.name)
    earlier = _earlier(person, draft)
    offered = offer(seen.decider, draft, earlier, seen.hall.desk.today)
    return Sheet(draft, person, offered, earlier, tuple(_projects(seen, person)))


def _earlier(person: PersonView, draft: Draft) -> Earlier:
    """Return the cases in which the person was the applicant, the newest first."""
    lines = sorted(
        (one for one in person.lines if one.opened and one.number in person.files),
        key=lambda one: (one.opened, one.number),
        reverse=True,
    )
    return {
        one.number: (one.opened.date(), person.files[one.number])
        for one in lines
        if one.opened and person.files[one.number].applicant.id == draft.number
    }


def _projects(seen: Visit, person: PersonView) -> Iterator[Project]:
    """Yield the runs of processes that the person has begun, the newest first."""
    runs: dict[str, list[CaseHead]] = defaultdict(list)
    for head in seen.persons.heads(bytes.fromhex(person.token)):
        if head.project:
            runs[head.project].append(head)
    known = seen.names.pack.catalogue.processes
    for number, heads in runs.items():
        process = known.get(heads[0].process)
        if process is not None:
            name = seen.names.entry(process)
            found = sorted(stages(process, heads), key=lambda one: _order(seen, one))
            yield Project(number, process.id, name, tuple(found))


def _order(seen: Visit, stage: Stage) -> tuple[bool, bool]:
    """Return what sorts the steps of one's own organ first, those whose turn it is before."""
    organ = seen.names.pack.catalogue.items[stage.item].organ
    return organ != seen.who.organ, not stage.ready


def _again(seen: Visit, fields: Fields) -> Response:
    draft = read_draft(fields)
    does = [value for name, value in fields if name == "do"]
    verb, _, rest = (does[-1] if does else "find").partition("|")
    if (token := dict(fields).get("person", "")) and not draft.number:
        draft = _of_person(seen, draft, token)
    if verb == "clone":
        earlier = _sheet(seen, draft).earlier
        draft = replace(draft, **cloned(draft, rest, earlier, seen.decider), project="")
    elif verb == "unclone":
        draft = replace(draft, cloned_from="", parties=())
    elif verb == "tick":
        draft = _ticked(seen, draft)
    elif verb == "drop":
        draft = replace(draft, items=tuple(one for one in draft.items if one != rest))
    elif verb == "nostep":
        draft = replace(draft, step=None, project="")
    elif verb == "step":
        draft = _at_step(draft, rest)
    elif verb == "clear":
        draft = replace(draft, query="")
    faults = {}
    if verb == "find" and not draft.number:
        faults["number"] = _fault(seen, f"no_number_{draft.kind}", draft)
    return opening_page(seen, draft, faults)


def _ticked(seen: Visit, draft: Draft) -> Draft:
    """Return the draft with every earlier answer confirmed by the applicant."""
    offered = _sheet(seen, draft).offer
    return replace(
        draft,
        facts=tuple((one.number, one.key) for one in offered.suggestions),
        parties=tuple((one.number, one.place) for one in offered.parties),
    )


def _at_step(draft: Draft, text: str) -> Draft:
    """Return the draft for a step: `process/step`, and the run that it belongs to, if any."""
    what, _, project = text.partition("|")
    process, _, step = what.partition("/")
    return replace(draft, items=(), step=(process, step), project=project, cloned_from="")


def _of_person(seen: Visit, draft: Draft, token: str) -> Draft:
    """Return the draft for a person that another page names by the blind token."""
    try:
        person = seen.persons.view(bytes.fromhex(token))
    except ValueError:
        return draft
    return replace(draft, kind=person.kind, number=person.identity, name=person.name)


def _open(seen: Visit, fields: Fields) -> Response:
    draft = read_draft(fields)
    faults = dict(_faults(seen, draft))
    if faults:
        return opening_page(seen, draft, faults)
    sheet = _sheet(seen, draft)
    if draft.project and draft.project not in {one.number for one in sheet.projects}:
        text = seen.speech.say("opening.fault.project", number=draft.project)
        return opening_page(seen, draft, {"what": text})
    try:
        return _opened_once(seen, sheet).response()
    except CaseRefusedError as error:
        said = words(error.reasons, seen.speech, seen.names.pack)
        return opening_page(seen, draft, {"what": seen.speech.say("stop").join(said)})
    except MatchersDifferError:
        return error_page(seen.request, HTTPStatus.CONFLICT, "differ")


def _opened_once(seen: Visit, sheet: Sheet) -> Reply:
    desk, event = seen.hall.desk, opened(sheet.draft, sheet.offer)
    request = sheet.draft.canonical
    key = sha256(sheet.draft.token.encode() + b"\n" + request).hexdigest()

    def act(remember: Remember) -> Reply:
        number = desk.fresh_number()
        there = {"location": f"/cases/{number}"}
        reply = Reply(HTTPStatus.SEE_OTHER, headers=there, about=number)
        works = (lambda connection: remember(connection, reply),)
        worked = desk.open(event, seen.who, works, number)
        seen.hall.looking_up.start(worked, seen.who)
        return reply

    return Once(desk.office.store, f"open {seen.who.login}", key, request).carry_out(act)


def _faults(seen: Visit, draft: Draft) -> Iterator[tuple[str, str]]:
    """Yield all that keeps a case from being opened, by field."""
    wrong = number_fault(draft.kind, draft.number)
    if wrong:
        yield "number", _fault(seen, wrong, draft)
    if not draft.name:
        yield "name", _fault(seen, "no_name", draft)
    if not (draft.items or draft.step):
        yield "what", _fault(seen, "no_service", draft)
        return
    known = seen.names.pack.catalogue
    process = known.processes.get(draft.step[0]) if draft.step else None
    strange = draft.step and (process is None or draft.step[1] not in process.by_id)
    if strange or any(one not in known.items for one in draft.items):
        yield "what", _fault(seen, "strange", draft)


def _fault(seen: Visit, key: str, draft: Draft) -> str:
    return seen.speech.say(f"opening.fault.{key}", n=len(draft.number))


def _examples(seen: Visit) -> Iterable[Any]:
    """Return people of the sandbox to try, only where the service runs to be tried."""
    if not getattr(seen.request.app.state, "demo", False):
        return ()
    from api.sandbox.cast import CAST  # noqa: PLC0415 (only a demonstration has it)

    return CAST
