"""Form bodies: the fields of a posted form, as a page of ours sends them."""

from typing import Final
from urllib.parse import parse_qsl

from fastapi import Request

from api.decisions import read_body
from api.desk_form import Fields

MOST_FIELDS: Final = 2000


async def form_fields(request: Request) -> Fields | None:
    """Return the fields of a form in their order, or None for what no page of ours sends."""
    body = await read_body(request)
    return None if body is None else fields_of(body)


def fields_of(body: bytes) -> Fields | None:
    """Return the fields of the body of a form, or None for what no page of ours sends."""
    try:
        return parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=MOST_FIELDS,
        )
    except ValueError:
        return None
