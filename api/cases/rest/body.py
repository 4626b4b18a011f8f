"""Bodies: what a request to the cases says, read strictly, refused with all faults at once."""

from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any, Final, TypeVar

from fastapi import Request, Response
from pydantic import BaseModel, ValidationError

from api.decisions import LARGEST_BODY, read_body
from api.idempotency import KEY_PARAMETER
from api.problem import problem
from knowledge.fault import Fault, describe, spell_path
from knowledge.strict_json import StrictJsonError, read_json

JSON: Final = "application/json"

Model = TypeVar("Model", bound=BaseModel)


class BodyError(Exception):
    """A request that says nothing that can be done; `faults` are all that is wrong with it."""

    def __init__(
        self, detail: str, faults: Iterable[Fault] = (), status: HTTPStatus | None = None
    ) -> None:
        self.detail, self.faults = detail, tuple(faults)
        self.status = status or HTTPStatus.UNPROCESSABLE_ENTITY
        super().__init__(detail)

    def response(self) -> Response:
        """Return the refusal as a problem document."""
        return problem(self.status, self.detail, self.faults)


async def body_of(request: Request) -> bytes:
    """Return the body of a request, or raise `BodyError`; none is an empty object."""
    body = await read_body(request)
    if body is None:
        limit = f"a request has at most {LARGEST_BODY} bytes; send it without attachments"
        raise BodyError(limit, status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if body and kind != JSON:
        status = HTTPStatus.UNSUPPORTED_MEDIA_TYPE
        raise BodyError("send the request as application/json", status=status)
    return body


def mapping_of(body: bytes) -> dict[str, Any]:
    """Return the JSON object of a body, or raise `BodyError`."""
    try:
        raw = read_json(body) if body else {}
    except StrictJsonError as error:
        raise BodyError(str(error), status=HTTPStatus.BAD_REQUEST) from error
    if not isinstance(raw, dict):
        raise BodyError("the request is not a mapping; write {key: value}")
    return raw


def read(model: type[Model], raw: Mapping[str, Any]) -> Model:
    """Return the value that a JSON object describes, or raise `BodyError` with every fault."""
    try:
        return model.model_validate(raw)
    except ValidationError as error:
        raise unreadable(faults_of(error)) from error


def faults_of(error: ValidationError) -> list[Fault]:
    """Return what a validation found, by place."""
    return [
        Fault("", 0, spell_path(path) or "body", what, cure)
        for path, what, cure in describe(error)
    ]


def unreadable(faults: Iterable[Fault]) -> BodyError:
    """Return the refusal of a body for all its faults."""
    return BodyError("the request cannot be carried out; correct what is listed", faults)


def described(model: type[BaseModel]) -> dict[str, Any]:
    """Return the JSON Schema of a model in one piece: nothing in it refers to elsewhere."""
    schema = model.model_json_schema()
    parts = schema.pop("$defs", {})
    whole: dict[str, Any] = _whole(schema, parts)
    return whole


def taking(schema: Mapping[str, Any], *, required: bool, keyed: bool = True) -> dict[str, Any]:
    """Return how a route says in OpenAPI which body it takes, and that it takes keys."""
    body = {"required": required, "content": {JSON: {"schema": schema}}}
    return {"requestBody": body, **({"parameters": [KEY_PARAMETER]} if keyed else {})}


def _whole(schema: Any, parts: Mapping[str, Any]) -> Any:
    if isinstance(schema, dict):
        if "$ref" in schema:
            return _whole(parts[schema["$ref"].rpartition("/")[2]], parts)
        kept = {key: value for key, value in schema.items() if key != "discriminator"}
        return {key: _whole(value, parts) for key, value in kept.items()}
    return [_whole(one, parts) for one in schema] if isinstance(schema, list) else schema
