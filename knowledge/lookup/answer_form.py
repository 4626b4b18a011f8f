"""Answer forms: the document that a registry sends back, read strictly and checked once.

Nothing in it is looked at before its signature is: what is not signed says nothing.
"""

from datetime import datetime, timedelta
from typing import Any, Final

from pydantic import Field, ValidationError

from knowledge.entry import Value
from knowledge.interface import Signature
from knowledge.lookup.envelope import SIGN, is_signed
from knowledge.lookup.failure import NotAuthorisedError, UnavailableError
from knowledge.strict_json import StrictJsonError, read_json

MOST_SKEW: Final = timedelta(minutes=5)
_ANSWERED: Final = "200"
_NOT_AUTHORISED: Final = frozenset({"401", "403"})

Cell = str | int | bool | None
Row = dict[str, Cell]


class Head(Value):
    """The head of an answer."""

    status: str = Field(pattern=r"^[0-9]{3}$")
    msg: str = ""
    request_id: str = Field(alias="requestId")
    timestamp: str


class Result(Value):
    """The rows (查询结果), all of them."""

    total: int
    data: tuple[Row, ...]


class _Data(Value):
    cxjg: Result


class _Document(Value):
    head: Head
    data: _Data | None = None
    sign: str


def read_rows(
    raw: bytes, *, signature: Signature, secret: bytes, request_id: str, now: datetime
) -> tuple[tuple[Row, ...], datetime]:
    """Return the rows of an answer and its moment.

    Raises `UnavailableError` for what is no proper answer to this request, and
    `NotAuthorisedError` where the registry says so.
    """
    try:
        document: Any = read_json(raw)
    except StrictJsonError as error:
        raise UnavailableError("not_json") from error
    if not isinstance(document, dict):
        raise UnavailableError("schema")
    if SIGN not in document or not is_signed(document, signature=signature, secret=secret):
        raise UnavailableError("signature")
    answer = _fit(document)
    if answer.head.request_id != request_id:
        raise UnavailableError("other_request")
    moment = _moment(answer.head.timestamp)
    if abs(moment - now) > MOST_SKEW:
        raise UnavailableError("clock")
    return _rows(answer), moment


def _fit(document: dict[str, Any]) -> _Document:
    try:
        return _Document.model_validate(document)
    except ValidationError as error:
        raise UnavailableError("schema") from error


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise UnavailableError("schema") from error
    if moment.tzinfo is None:  # whose clock would that be
        raise UnavailableError("schema")
    return moment


def _rows(answer: _Document) -> tuple[Row, ...]:
    status = answer.head.status
    if status in _NOT_AUTHORISED:
        raise NotAuthorisedError
    if status != _ANSWERED:
        raise UnavailableError("server" if status == "429" or status[0] == "5" else "schema")
    if answer.data is None or answer.data.cxjg.total != len(answer.data.cxjg.data):
        raise UnavailableError("schema")
    return answer.data.cxjg.data
