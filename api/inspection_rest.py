"""The auditor's doors over REST: the same search, story, proof and checks as on the pages."""

from collections.abc import Callable
from datetime import date
from http import HTTPStatus
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from api.auditor import Auditor, look, office_of
from api.found import Found
from api.office import Office
from api.problem import problem
from api.proof import Sealed, bundle, document, sealed, verify
from api.public_log import refusals
from api.record import Asker
from api.replaying import Replayer
from api.search import MOST_PAGES, Line, Search, find
from api.speech import Lang, speech
from api.store import ErasedError, Kept
from api.story import Told
from api.story import tell as tell_story
from knowledge.entry import Id
from rules.ground import Ground

router = APIRouter(prefix="/api/v1/audit", tags=["audit"])

NUMBER = r"^[0-9]{8}-[0-9A-F]{15}$"
Number = Annotated[str, Path(pattern=NUMBER, description="The number of a decision.")]
Page = Annotated[int, Query(ge=1, le=MOST_PAGES, description="Pages count from 1.")]


class Filter(BaseModel):
    """What to look for, and on which page of what is found."""

    model_config = ConfigDict(extra="forbid")

    since: date | None = None
    until: date | None = None
    item: Id | None = None
    organ: Id | None = None
    ground: Ground | None = None
    office: Annotated[str, Field(max_length=200)] | None = None
    page: Annotated[int, Field(ge=1, le=MOST_PAGES)] = 1

    def search(self, person: str = "") -> Search:
        """Return what is looked for as a search."""
        return Search(
            since=self.since,
            until=self.until,
            item=self.item or "",
            organ=self.organ or "",
            ground=self.ground or "",
            office=self.office or "",
            person=person,
        )


class PersonFilter(Filter):
    """The same, about one person: an identity number or credit code, in the body alone."""

    person: Annotated[str, Field(min_length=1, max_length=200)]


class Lines(BaseModel):
    """A page of the decisions that were found, the newest first.

    `total` counts up to 1,000; `more` says that there are more than that.
    """

    decisions: list[Line]
    total: int
    more: bool
    page: int
    pages: int


class Place(BaseModel):
    """Where an entry stands, and what proves it; `entry` is the text that was sealed."""

    index: int
    path: list[str]
    checkpoint: str
    entry: str


class LogNamed(BaseModel):
    """A log: its name, and its keys in their order."""

    origin: str
    keys: list[str]


class ReleaseNamed(BaseModel):
    """The release that decided, with the digests of its content."""

    id: int
    pack: str
    files: str
    ruleset: str
    catalogue: str


class ProofDocument(BaseModel):
    """What proves a decision; `place` is null for the moment until its entry has one."""

    number: str
    recorded_at: str
    leaf: str
    promise: str
    promised_at: int
    place: Place | None
    log: LogNamed
    witnesses: list[str]
    release: ReleaseNamed


class Bundle(BaseModel):
    """Decision, case and proof; the parts are left out where the personal data were erased."""

    decision: dict[str, Any] | None = None
    decision_salt: str | None = None
    case: dict[str, Any] | None = None
    case_salt: str | None = None
    proof: ProofDocument


class StepDone(BaseModel):
    """One step of a verification."""

    what: str
    state: str
    detail: str


class Verified(BaseModel):
    """Every step; `good` is false if one of them is bad."""

    good: bool
    steps: list[StepDone]


class Replayed(BaseModel):
    """A decision decided again; no differences: every byte is the same."""

    same: bool
    differences: list[str]


_MISSING = {"s404": "There is no such decision.", "s422": "The request cannot be read."}
_ERASED = {"s410": "The personal data of the decision were erased."}


@router.get("/decisions", responses=refusals(s422="The search cannot be read."))
def decisions(request: Request, asker: Auditor, wanted: Annotated[Filter, Query()]) -> Lines:
    """Find decisions by day, item, organ, ground and office."""
    look(office_of(request), asker, "decisions")
    return _lines(find(office_of(request).store, wanted.search(), wanted.page))


@router.post("/decisions/search", responses=refusals(s422="The search cannot be read."))
def decisions_of_person(request: Request, asker: Auditor, wanted: PersonFilter) -> Lines:
    """Find the decisions about one person; the number stands in the body, never in a URL."""
    look(office_of(request), asker, "decisions of an applicant")
    return _lines(find(office_of(request).store, wanted.search(wanted.person), wanted.page))


@router.get(
    "/decisions/{number}/story", response_model=Told, responses=refusals(**_MISSING, **_ERASED)
)
def story(request: Request, asker: Auditor, number: Number, lang: Lang = "zh") -> Response:
    """Tell a decision: what was asked, looked up, ruled and decided, with every basis."""

    def answer(office: Office, one: Sealed, kept: Kept) -> Any:
        return tell_story(office, kept, one.door, speech(lang))

    return _opened(office_of(request), (asker, "story"), number, answer)


@router.get(
    "/decisions/{number}/proof", response_model=ProofDocument, responses=refusals(**_MISSING)
)
def proof(request: Request, asker: Auditor, number: Number) -> Response:
    """Return what proves a decision; an erased one is still proved."""
    store = office_of(request).store
    look(office_of(request), asker, f"proof {number}")
    one = sealed(store, number)
    return _missing(number) if one is None else _json(document(one, store.keys))


@router.get("/decisions/{number}/bundle", response_model=Bundle, responses=refusals(**_MISSING))
def whole(request: Request, asker: Auditor, number: Number) -> Response:
    """Return decision, case and proof in one document, with what opens the commitments."""
    return download(office_of(request), asker, number)


@router.post(
    "/decisions/{number}/verify", response_model=Verified, responses=refusals(**_MISSING)
)
def verify_now(request: Request, asker: Auditor, number: Number) -> Response:
    """Check a decision against the record, its signatures, and the boxes beside it."""
    store = office_of(request).store
    look(office_of(request), asker, f"verify {number}")
    one = sealed(store, number)
    if one is None:
        return _missing(number)
    steps = verify(one, store.keys)
    return _json({"good": all(step.state != "bad" for step in steps), "steps": steps})


@router.post(
    "/decisions/{number}/replay",
    response_model=Replayed,
    responses=refusals(**_MISSING, **_ERASED),
)
def replay_now(request: Request, asker: Auditor, number: Number) -> Response:
    """Decide again from what was kept, with the program of today, and compare the bytes."""

    def answer(office: Office, _: Sealed, kept: Kept) -> Any:
        found = Replayer(office.store, office.decider_of).again(kept).differences
        return {"same": not found, "differences": found}

    return _opened(office_of(request), (asker, "replay"), number, answer)


def download(office: Office, asker: Asker, number: str) -> Response:
    """Return a decision with its case and proof, to be saved."""
    look(office, asker, f"download {number}")
    one = sealed(office.store, number)
    if one is None:
        return _missing(number)
    response = _json(bundle(one, office.store.keys))
    response.headers["Content-Disposition"] = f'attachment; filename="{number}.json"'
    return response


def _opened(
    office: Office,
    looked: tuple[Asker, str],
    number: str,
    answer: Callable[[Office, Sealed, Kept], Any],
) -> Response:
    asker, act = looked
    look(office, asker, f"{act} {number}")
    one = sealed(office.store, number)
    try:
        kept = office.store.decision(number)
    except ErasedError as error:
        return problem(HTTPStatus.GONE, str(error))
    if one is None or kept is None:
        return _missing(number)
    return _json(answer(office, one, kept))


def _lines(found: Found[Line]) -> Lines:
    return Lines(
        decisions=list(found.lines),
        total=found.total,
        more=found.more,
        page=found.page,
        pages=found.pages,
    )


def _missing(number: str) -> Response:
    return problem(HTTPStatus.NOT_FOUND, f"there is no decision `{number}`")


def _json(value: Any) -> Response:
    body = orjson.dumps(value, default=sorted)
    response = Response(body, media_type="application/json")
    response.headers["Cache-Control"] = "private, no-store"
    return response
