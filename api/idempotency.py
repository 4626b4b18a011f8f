"""Idempotency: a request that is sent twice is carried out once, and answered the same again.

A reply is kept in the transaction of what it tells, so neither is there without the other,
over restarts and in all processes. What it says may be personal: it lies in a box that only
the key of its sender opens, together with the vault. Keys and requests are kept blinded.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Final

from fastapi import Response
from sqlalchemy import Connection, delete, insert, or_
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from api.cases.table import Idempotency
from api.store import Store
from audit.vault import lock, unlock

HEADER: Final = "Idempotency-Key"
KEPT_FOR: Final = timedelta(hours=24)
LONGEST_KEY: Final = 255

KEY_PARAMETER: Final = {
    "name": HEADER,
    "in": "header",
    "required": False,
    "schema": {"type": "string", "minLength": 1, "maxLength": LONGEST_KEY},
    "description": "Sent again within 24 hours, the same request gets the same reply.",
}
"""How a route that takes keys says so in OpenAPI."""

_SWEPT_AT_ONCE: Final = 100
_COLUMNS = [getattr(Idempotency, name) for name in ("digest", "status", "headers", "body")]


class RepeatError(Exception):
    """A key that cannot be used for this request; `status` says whether it was used before."""

    def __init__(self, status: HTTPStatus, cure: str) -> None:
        self.status = status
        super().__init__(cure)


@dataclass(frozen=True, slots=True)
class Reply:
    """What a request was answered; `about` is the number of the decision or case it is about.

    Whoever erases that number removes the reply.
    """

    status: int
    body: bytes = field(default=b"", repr=False)
    headers: Mapping[str, str] = field(default_factory=dict)
    about: str = ""

    def response(self) -> Response:
        """Return the reply as it goes out."""
        return Response(self.body, self.status, dict(self.headers))


Remember = Callable[[Connection, Reply], None]
"""Keeps the reply; called in the transaction of what it tells."""


class Once:
    """A request under the key that its sender made up; without a key it is just carried out."""

    def __init__(self, store: Store, caller: str, key: str | None, request: bytes) -> None:
        """`caller` has keys of its own; `request` is all that the act depends on."""
        if key is not None and not (0 < len(key) <= LONGEST_KEY and _is_plain(key)):
            raise RepeatError(
                HTTPStatus.BAD_REQUEST,
                f"`{HEADER}` must be 1 to {LONGEST_KEY} visible ASCII characters; "
                "send a random one, like a UUID",
            )
        self._store, self._caller, self._keyed = store, caller, key is not None
        if key is None:
            return
        named = f"{caller}\n{key}"
        self._token = store.keys.vault.blind("idempotency key", named).hex()
        self._secret = store.keys.vault.blind("idempotency reply", named)
        blinded = store.keys.vault.blind("idempotency request", request.hex())
        self._digest = blinded.hex()

    def carry_out(
        self, act: Callable[[Remember], Reply], lost: tuple[type[Exception], ...] = ()
    ) -> Reply:
        """Return the reply of the act; if it was carried out before, the one it had then.

        The act calls what it is given in its transaction, and may be undone by it. `lost` are
        errors by which it too may say that the same request was first. Raises `RepeatError`
        if the key came with another request.
        """
        earlier = self._earlier()
        if earlier is not None:
            return earlier
        first: tuple[type[Exception], ...] = (IntegrityError, *lost)
        try:
            return act(self._remember)
        except first:
            # Sent twice at once: the other was first.
            earlier = self._earlier()
            if earlier is None:
                raise
            return earlier

    def _earlier(self) -> Reply | None:
        if not self._keyed:
            return None
        with self._store.database.reading() as connection:
            row = connection.execute(
                select(*_COLUMNS).where(
                    col(Idempotency.key) == self._token,
                    col(Idempotency.at) > self._store.now() - KEPT_FOR,
                )
            ).first()
        if row is None:
            return None
        if row.digest != self._digest:
            raise RepeatError(
                HTTPStatus.UNPROCESSABLE_ENTITY,
                f"this `{HEADER}` was sent with another request; send a new key",
            )
        body = unlock(self._secret, bytes(row.body), case=self._token, part="reply")
        return Reply(row.status, body, json.loads(row.headers))

    def _remember(self, connection: Connection, reply: Reply) -> None:
        if not self._keyed:
            return
        now = self._store.now()
        _sweep(connection, self._token, now - KEPT_FOR)
        row = Idempotency(
            key=self._token,
            caller=self._caller,
            digest=self._digest,
            status=reply.status,
            headers=json.dumps(dict(reply.headers)),
            body=lock(self._secret, reply.body, case=self._token, part="reply"),
            about=reply.about,
            at=now,
        )
        connection.execute(insert(Idempotency), row.model_dump())


def _sweep(connection: Connection, token: str, until: datetime) -> None:
    """Remove the reply of a key and some others that nobody is owed any more."""
    old = (
        select(Idempotency.key)
        .where(col(Idempotency.at) <= until)
        .order_by(col(Idempotency.at))
        .limit(_SWEPT_AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    key = col(Idempotency.key)
    connection.execute(
        delete(Idempotency).where(col(Idempotency.at) <= until, or_(key == token, key.in_(old)))
    )


def _is_plain(key: str) -> bool:
    return all("!" <= letter <= "~" for letter in key)
