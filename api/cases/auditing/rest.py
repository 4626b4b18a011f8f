"""The auditor's doors of cases over REST: the same search, story and checks as on the pages."""

import json
from base64 import b64decode
from collections.abc import Callable
from datetime import date
from http import HTTPStatus
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from api.auditor import Auditor, look, office_of
from api.cases.auditing.bundle import whole
from api.cases.auditing.deciding_again import Again, decide_again
from api.cases.auditing.sealed import SealedCase, sealed_case
from api.cases.auditing.search import NUMBER, STANDINGS, Line, Search, find
from api.cases.auditing.story import tell_case
from api.cases.auditing.told import CaseTold
from api.cases.auditing.verifying import verify
from api.cases.door import hall_of
from api.cases.evidence import RECEIPT
from api.inspection_rest import Verified
from api.office import Office
from api.problem import problem
from api.public_log import refusals
from api.record import Asker
from api.search import MOST_PAGES
from api.speech import Lang
from api.supervision.said import Said
from knowledge.entry import Id

router = APIRouter(prefix="/api/v1/audit/cases", tags=["audit"])

Number = Annotated[str, Path(pattern=NUMBER, description="The number of a case.")]
Ref = Annotated[str, Path(pattern="^[0-9a-f]{20}$", description="The id of a receipt.")]
Typed = Annotated[str, Field(max_length=200)]


class CaseFilter(BaseModel):
    """Which cases to look for, and on which page; days are those of the opening."""

    model_config = ConfigDict(extra="forbid")

    since: date | None = None
    until: date | None = None
    number: Annotated[str, Field(pattern=NUMBER)] | None = None
    item: Id | None = None
    organ: Id | None = None
    office: Typed | None = None
    handler: Typed | None = None
    status: Annotated[str, Field(pattern=f"^({'|'.join(STANDINGS)})$")] | None = None
    page: Annotated[int, Field(ge=1, le=MOST_PAGES)] = 1

    def search(self, person: str = "") -> Search:
        """Return what is looked for as a search."""
        keys = ("number", "item", "organ", "office", "handler", "status")
        texts = {key: getattr(self, key) or "" for key in keys}
        return Search(since=self.since, until=self.until, person=person, **texts)


class CasePersonFilter(CaseFilter):
    """The same, about one person: an identity number or credit code, in the body alone."""

    person: Annotated[str, Field(min_length=1, max_length=200)]


class CaseLines(BaseModel):
    """A page of the cases that were found, the newest first; `total` counts up to 1,000."""

    cases: list[Line]
    total: int
    more: bool
    page: int
    pages: int


class CaseReplayed(BaseModel):
    """Every sealed decision of a case, decided again from its events."""

    same: bool
    decisions: list[Again]


class RawAnswer(BaseModel):
    """What a registry answered, as it came, and the digest under which it was kept."""

    receipt: str
    digest: str
    answer: str


_MISSING = {"s404": "There is no such case.", "s422": "The request cannot be read."}


@router.get("", responses=refusals(s422="The search cannot be read."))
def cases(
    request: Request, asker: Auditor, wanted: Annotated[CaseFilter, Query()]
) -> CaseLines:
    """Find cases by day, number, item, organ, office, handler and status."""
    look(office_of(request), asker, "cases")
    return _lines(office_of(request), wanted.search(), wanted.page)


@router.post("/search", responses=refusals(s422="The search cannot be read."))
def cases_of_person(request: Request, asker: Auditor, wanted: CasePersonFilter) -> CaseLines:
    """Find the cases of one person; the number stands in the body, never in a URL."""
    look(office_of(request), asker, "cases of an applicant")
    return _lines(office_of(request), wanted.search(wanted.person), wanted.page)


@router.get("/{number}/story", response_model=CaseTold, responses=refusals(**_MISSING))
def story(request: Request, asker: Auditor, number: Number, lang: Lang = "zh") -> Response:
    """Tell a case: every event, look-up, paper, notice, task and alert."""

    def answer(one: SealedCase) -> Any:
        return tell_case(one, office_of(request), Said.of(request, lang))

    return _of(request, asker, f"case {number}", number, answer)


@router.post("/{number}/verify", response_model=Verified, responses=refusals(**_MISSING))
def verify_now(request: Request, asker: Auditor, number: Number) -> Response:
    """Check every row of a case against the log, its proofs, and every box."""

    def answer(one: SealedCase) -> Any:
        steps = verify(one, hall_of(request).desk)
        return {"good": all(step.state != "bad" for step in steps), "steps": steps}

    return _of(request, asker, f"verify {number}", number, answer)


@router.post("/{number}/replay", response_model=CaseReplayed, responses=refusals(**_MISSING))
def replay_now(request: Request, asker: Auditor, number: Number) -> Response:
    """Fold the events again and decide each sealed decision again, to the byte."""

    def answer(one: SealedCase) -> Any:
        found = decide_again(one, office_of(request))
        return {"same": not any(each.differences for each in found), "decisions": found}

    return _of(request, asker, f"replay {number}", number, answer)


@router.post(
    "/{number}/receipts/{ref}", response_model=RawAnswer, responses=refusals(**_MISSING)
)
def raw(request: Request, asker: Auditor, number: Number, ref: Ref) -> Response:
    """Open what a registry answered; the look names the receipt."""

    def answer(one: SealedCase) -> Any:
        known = {row.id: row for row in one.receipts}
        if ref not in known:
            return None
        return {"receipt": ref, "digest": known[ref].digest, "answer": raw_answer(one, ref)}

    return _of(request, asker, f"raw {number} {ref}", number, answer)


@router.get("/{number}/bundle", responses=refusals(**_MISSING))
def bundled(request: Request, asker: Auditor, number: Number) -> dict[str, Any]:
    """Return the whole case with all proofs in one document."""
    response: Any = download(office_of(request), asker, number)
    return response  # type: ignore[no-any-return] # FastAPI sends a response as it is


def download(office: Office, asker: Asker, number: str) -> Response:
    """Return a case with all its proofs, to be saved."""
    look(office, asker, f"download {number}")
    one = sealed_case(office.store, number)
    if one is None:
        return problem(HTTPStatus.NOT_FOUND, f"there is no case `{number}`")
    response = _json(whole(one, office.store))
    response.headers["Content-Disposition"] = f'attachment; filename="{number}.json"'
    return response


def raw_answer(one: SealedCase, ref: str) -> str:
    """Return the answer of a registry as it came, empty where it was erased or altered."""
    row = next((each for each in one.receipts if each.id == ref), None)
    plain = one.opened(f"{RECEIPT}-{ref}", row.box) if row else None
    return b64decode(json.loads(plain)["raw"]).decode(errors="replace") if plain else ""


def _of(
    request: Request,
    asker: Asker,
    what: str,
    number: str,
    answer: Callable[[SealedCase], Any],
) -> Response:
    office = office_of(request)
    look(office, asker, what)
    one = sealed_case(office.store, number)
    found = answer(one) if one else None
    if found is None:
        return problem(HTTPStatus.NOT_FOUND, f"there is no case `{number}`")
    return _json(found)


def _lines(office: Office, wanted: Search, page: int) -> CaseLines:
    found = find(office.store, wanted, page)
    return CaseLines(
        cases=list(found.lines),
        total=found.total,
        more=found.more,
        page=found.page,
        pages=found.pages,
    )


def _json(value: Any) -> Response:
    response = Response(orjson.dumps(value), media_type="application/json")
    response.headers["Cache-Control"] = "private, no-store"
    return response
