"""The log's public doors: checkpoint, proofs, keys, cosignatures; for witnesses and anybody.

Nothing here is personal, and nothing here has to be believed: it is checked with the keys.
"""

from base64 import b64encode
from http import HTTPStatus
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import PlainTextResponse
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from api.accounts.permission import Permission, requires
from api.auditor import office_of
from api.cosigning import OtherHistoryError, UnknownWitnessError, accept
from api.decisions import read_body
from api.problem import MEDIA_TYPE, Problem, problem
from audit.checkpoint import Checkpoint
from audit.entry import Entry
from audit.error import AuditError
from audit.log import LogError
from audit.note import Note
from audit.store import SqlStore
from audit.succession import KIND, Succession

router = APIRouter(
    prefix="/api/v1/log", tags=["log"], dependencies=[Depends(requires(Permission.PUBLIC))]
)

LARGEST_SIZE: Final = 2**53 - 1
LEAF: Final = "[0-9a-f]{64}"


class Inclusion(BaseModel):
    """That a leaf stands at an index of the tree; `path` is base64, `checkpoint` a note."""

    leaf: str
    index: int
    size: int
    path: list[str]
    checkpoint: str


class Consistency(BaseModel):
    """That the tree of `old_size` is the beginning of that of `size`; `path` is base64."""

    old_size: int
    size: int
    path: list[str]
    checkpoint: str


class LogKey(BaseModel):
    """A key of the log, and the sealed entry (base64) by which the key before names it."""

    key: str
    entry: str


class Kept(BaseModel):
    """How many cosignatures were kept; those that say nothing new are not."""

    kept: int


def refusals(**words: str) -> dict[int | str, dict[str, Any]]:
    """Return the refusals of a door by status (`s404="…"`), for its description."""
    return {
        int(status[1:]): {
            "model": Problem, "content": {MEDIA_TYPE: {}}, "description": text,
        }
        for status, text in words.items()
    }  # fmt: skip


_NOTE: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/plain": {"schema": {"type": "string"}}}, "description": "A note."}
}
_NOTE_BODY = {
    "requestBody": {
        "required": True,
        "content": {"text/plain": {"schema": {"type": "string"}}},
    }
}


@router.get(
    "/checkpoint",
    response_class=PlainTextResponse,
    responses=_NOTE | refusals(s503="The record has not begun."),
)
def checkpoint(request: Request) -> Response:
    """Return the last checkpoint as a signed note (C2SP), with its cosignatures."""
    with office_of(request).store.database.reading() as connection:
        note = SqlStore(connection).last_checkpoint()
    if note is None:
        return problem(
            HTTPStatus.SERVICE_UNAVAILABLE, "there is no checkpoint yet; ask in a moment"
        )
    return PlainTextResponse(note, headers={"Cache-Control": "no-store"})


@router.get(
    "/proof/inclusion/{leaf}",
    responses=refusals(s404="No such leaf has a place yet.", s422="That is no leaf hash."),
)
def inclusion(request: Request, leaf: Annotated[str, Path(pattern=f"^{LEAF}$")]) -> Inclusion:
    """Return the proof that a leaf hash, as its receipt names it, is in the tree."""
    store = office_of(request).store
    with store.database.reading() as connection:
        try:
            proof = store.keys.log.prove(SqlStore(connection), bytes.fromhex(leaf))
        except LogError:
            what = f"the leaf `{leaf}` has no place in the record; if it is new, ask again"
            raise HTTPException(HTTPStatus.NOT_FOUND, what) from None
    return Inclusion(
        leaf=leaf,
        index=proof.index,
        size=Checkpoint.parse(Note.parse(proof.checkpoint).text).size,
        path=[b64encode(each).decode() for each in proof.path],
        checkpoint=proof.checkpoint,
    )


@router.get(
    "/proof/consistency",
    responses=refusals(s404="The tree is not that large.", s422="That is no size."),
)
def consistency(
    request: Request, old_size: Annotated[int, Query(ge=0, le=LARGEST_SIZE)]
) -> Consistency:
    """Return the last checkpoint, and the proof that it grew from a tree of an older size."""
    store = office_of(request).store
    with store.database.reading() as connection:
        log = SqlStore(connection)
        last = log.last_checkpoint()
        size = Checkpoint.parse(Note.parse(last).text).size if last else 0
        if old_size > size:
            what = f"the tree has {size} entries; a proof starts from no more than that"
            raise HTTPException(HTTPStatus.NOT_FOUND, what)
        path, note = store.keys.log.consistency(log, old_size)
    return Consistency(
        old_size=old_size,
        size=Checkpoint.parse(Note.parse(note).text).size,
        path=[b64encode(each).decode() for each in path],
        checkpoint=note,
    )


@router.get("/keys")
def keys(request: Request) -> list[LogKey]:
    """Return all keys of the log, the first one first."""
    with office_of(request).store.database.reading() as connection:
        entries = list(SqlStore(connection).placed_of_kind(KIND))
    return [
        LogKey(key=str(Succession.parse(Entry.parse(one)).after), entry=b64encode(one).decode())
        for one in entries
    ]


@router.post(
    "/cosignatures",
    response_model=Kept,
    openapi_extra=_NOTE_BODY,
    responses=refusals(
        s400="The body is no cosigned checkpoint.",
        s403="No witness that is trusted here signed it.",
        s409="The checkpoint is of another history: alarm.",
        s413="The body is too large.",
    ),
)
async def cosignatures(request: Request) -> Response:
    """Take the cosignatures of trusted witnesses on a checkpoint of this log."""
    body = await read_body(request)
    if body is None:
        return problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "a checkpoint is a few lines")
    return await run_in_threadpool(_accept, request, body)


def _accept(request: Request, body: bytes) -> Response:
    status = HTTPStatus.BAD_REQUEST
    try:
        count = accept(office_of(request).store, body.decode())
    except UnicodeDecodeError:
        return problem(status, "the body is not UTF-8; send the note as the witness gave it")
    except AuditError as error:
        if isinstance(error, UnknownWitnessError):
            status = HTTPStatus.FORBIDDEN
        elif isinstance(error, OtherHistoryError):
            status = HTTPStatus.CONFLICT
        return problem(status, str(error))
    return Response(Kept(kept=count).model_dump_json(), media_type="application/json")
