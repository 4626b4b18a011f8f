"""Hubs in the settings: the exchanges through which registries are asked, from one file.

The file names each hub's `address`, `app_id` and `secret`; the secret itself stands elsewhere,
in the environment (`env:NAME`) or in a file (`file:PATH`), and is never shown.
"""

import os
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from pydantic import Field, TypeAdapter, ValidationError, field_validator

from knowledge.document import Document, UnreadableError
from knowledge.entry import Id, Value
from knowledge.fault import describe, spell_path
from knowledge.lookup.hub import Hub

SHORTEST_SECRET: Final = 16
"""Bytes below which a secret is too easy to guess."""


class HubsError(Exception):
    """The hubs cannot be read from the settings; the message says the cure, never a secret."""


class _HubForm(Value):
    address: str
    app_id: str = Field(min_length=1)
    secret: str = Field(repr=False)

    @field_validator("address")
    @classmethod
    def _plain_address(cls, text: str) -> str:
        if not _is_plain(text):
            raise ValueError(
                "is no address of a hub; write it like https://hub.example/api, "
                "without user, query or fragment"
            )
        return text

    @field_validator("secret")
    @classmethod
    def _by_reference(cls, text: str) -> str:
        if not text.startswith(("env:", "file:")):
            raise ValueError(
                "does not say where the secret is kept; write env:NAME or file:PATH"
            )
        return text


_FORMS: Final = TypeAdapter(dict[Id, _HubForm])


def read_hubs(path: Path | None) -> dict[str, Hub]:
    """Return the hubs of a YAML or JSON file by name, none without a file.

    Raises `HubsError` with everything that is wrong.
    """
    if path is None:
        return {}
    try:
        content = _content(path)
        forms = _FORMS.validate_python({} if content is None else content)
    except (OSError, UnicodeDecodeError, UnreadableError) as error:
        raise HubsError(
            f"the hubs cannot be read from `{path}` ({error}); correct JIANZHENG_HUBS"
        ) from error
    except ValidationError as error:
        troubles = (
            f"{spell_path(where) or 'the file'}: {what}; {cure}"
            for where, what, cure in describe(error)
        )
        raise HubsError(f"the hubs in `{path}`: " + "\n".join(troubles)) from None
    return {
        name: Hub(form.address, form.app_id, _secret(name, form.secret, path.parent))
        for name, form in forms.items()
    }


def _content(path: Path) -> Any:
    document = Document(path.read_text(encoding="utf-8-sig"))
    for problem in document.problems:
        raise UnreadableError(*problem)
    return document.value


def _is_plain(text: str) -> bool:
    try:
        url = urlsplit(text)
        known = url.scheme in {"http", "https"} and bool(url.hostname) and url.port != 0
    except ValueError:
        return False
    return known and text.isprintable() and not ({*"@?# "} & {*text})


def _secret(hub: str, reference: str, folder: Path) -> bytes:
    """Return the secret that a reference leads to; files are looked for beside the settings."""
    kind, _, name = reference.partition(":")
    try:
        secret = os.environb[name.encode()] if kind == "env" else (folder / name).read_bytes()
    except (KeyError, OSError) as error:
        raise HubsError(
            f"hub `{hub}`: there is nothing at `{reference}`; put the secret there"
        ) from error
    secret = secret.strip()
    if len(secret) < SHORTEST_SECRET:
        raise HubsError(
            f"hub `{hub}`: the secret at `{reference}` has fewer than {SHORTEST_SECRET} "
            "bytes; agree on a longer one with the hub"
        )
    return secret
