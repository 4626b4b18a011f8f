"""Sessions and tokens: what stands for somebody who signed in, kept as digests alone."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, bindparam, delete, insert, or_, update
from sqlmodel import col, select

from api import record
from api.accounts.book import AccountError
from api.accounts.permission import Role, Who
from api.accounts.table import Account, ApiToken, Session
from api.record import Asker
from api.store import Store
from audit.query import Query
from audit.store import SqlStore

IDLE: Final = timedelta(minutes=30)
"""Without a request for so long, a session is over."""

LONGEST: Final = timedelta(hours=12)
"""However busy, a session is over after a working day."""

NOTED_EVERY: Final = timedelta(minutes=1)
"""How exactly the last request of a session is noted."""

MOST_DAYS: Final = 366
"""Days that a token of a program may be good for."""


class _Holder(NamedTuple):
    """Whose token it is, and until when."""

    login: str
    name: str
    role: str
    organ: str
    office: str
    phone: str
    expires_at: datetime | None


_HOLDER: Final[list[Any]] = [
    *(getattr(Account, one) for one in _Holder._fields[:-1]),
    col(ApiToken.expires_at),
]
_OF_TOKEN: Final = Query(
    select(*_HOLDER)
    .join(ApiToken, col(ApiToken.account) == col(Account.id))
    .where(col(ApiToken.digest) == bindparam("digest", None), col(Account.active))
    .where(col(ApiToken.revoked_at).is_(None))
)


def digest(secret: str) -> bytes:
    """Return what is kept of a random secret."""
    return hashlib.sha256(secret.encode()).digest()


class Sessions:
    """The sessions of browsers."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def begin(self, account: Account, *, instead_of: str = "") -> str:
        """Return the secret of a new session; the one it takes the place of ends."""
        secret, now = secrets.token_urlsafe(32), self._store.now()
        values = {
            "digest": digest(secret),
            "account": account.id,
            "csrf": secrets.token_urlsafe(32),
            "created_at": now,
            "seen_at": now,
            "expires_at": now + LONGEST,
        }
        over = or_(
            col(Session.expires_at) <= now,
            col(Session.seen_at) <= now - IDLE,
            col(Session.digest) == digest(instead_of),
        )

        def work(connection: Connection) -> None:
            connection.execute(delete(Session).where(over))
            connection.execute(insert(Session), values)

        self._store.database.write(work)
        return secret

    def who(self, secret: str) -> Who | None:
        """Return whose session this is, and note that it is in use; None once it is over."""
        mine, now = col(Session.digest) == digest(secret), self._store.now()
        query = (
            select(Account, Session.csrf, Session.seen_at, Session.expires_at)
            .join(Session, col(Session.account) == col(Account.id))
            .where(mine, col(Account.active))
        )
        with self._store.database.reading() as connection:
            row = connection.execute(query).first()
        if row is None or now >= min(_utc(row.expires_at), _utc(row.seen_at) + IDLE):
            return None
        if now - _utc(row.seen_at) >= NOTED_EVERY:
            noted = update(Session).where(mine).values(seen_at=now)
            self._store.database.write(lambda connection: connection.execute(noted))
        return _who(row, row.csrf)

    def end(self, secret: str) -> None:
        """End a session."""
        gone = delete(Session).where(col(Session.digest) == digest(secret))
        self._store.database.write(lambda connection: connection.execute(gone))


@dataclass(frozen=True, slots=True)
class TokenLine:
    """A token as it is listed; `key` is the beginning of its digest, no secret."""

    key: str
    login: str
    label: str
    created_at: datetime
    expires_at: datetime | None
    good: bool


class Tokens:
    """The bearer tokens of programs."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def new(self, account: Account, label: str, days: int, by: Asker) -> str:
        """Return a new token, good for some days; it is shown this once."""
        if not 1 <= days <= MOST_DAYS:
            what = f"a token is good for 1 to {MOST_DAYS} days; choose a number between"
            raise AccountError("bad_days", what, most=MOST_DAYS)
        secret, now = "jz_" + secrets.token_urlsafe(32), self._store.now()
        values = {
            "digest": digest(secret),
            "account": account.id,
            "label": label.strip()[:100],
            "created_at": now,
            "expires_at": now + timedelta(days=days),
            "revoked_at": None,
        }
        self._sealed(insert(ApiToken).values(values), "token", account.login, by)
        return secret

    def who(self, secret: str) -> Who | None:
        """Return whose token this is, or None if it is not good."""
        found = self._store.database.read(_OF_TOKEN, digest=digest(secret))
        row = _Holder(*found[0]) if found else None
        if row is None or (row.expires_at and self._store.now() >= _utc(row.expires_at)):
            return None
        return _who(row, "")

    def all(self, login: str = "") -> list[TokenLine]:
        """Return all tokens, or those of a login, the newest first."""
        now = self._store.now()
        return [_line(row, now) for row in self._rows(login)]

    def _rows(self, login: str) -> Sequence[Any]:
        query = (
            select(ApiToken, Account.login)
            .join(Account, col(ApiToken.account) == col(Account.id))
            .order_by(col(ApiToken.created_at).desc(), col(ApiToken.digest))
        )
        if login:
            query = query.where(col(Account.login) == login)
        with self._store.database.reading() as connection:
            return connection.execute(query).all()

    def revoke(self, key: str, by: Asker, *, login: str = "") -> None:
        """Revoke the token with a key (of a login), or raise `AccountError`."""
        now = self._store.now()
        for row in self._rows(login):
            line = _line(row, now)
            if line.key == key and line.good:
                mine = update(ApiToken).where(col(ApiToken.digest) == row.digest)
                self._sealed(mine.values(revoked_at=now), "token revoked", line.login, by)
                return
        what = f"there is no good token `{key}`; see `jianzheng token list`"
        raise AccountError("no_token", what)

    def _sealed(self, statement: Any, what: str, login: str, by: Asker) -> None:
        sealed = record.of_account_change(what, login, by, at=self._store.milliseconds())

        def work(connection: Connection) -> None:
            connection.execute(statement)
            log = SqlStore(connection)
            self._store.keys.log.seal(log, sealed.entry, sealed.bodies)

        self._store.database.write(work)


def _line(row: Any, now: datetime) -> TokenLine:
    until = _utc(row.expires_at) if row.expires_at else None
    return TokenLine(
        key=row.digest.hex()[:16],
        login=row.login,
        label=row.label,
        created_at=_utc(row.created_at),
        expires_at=until,
        good=row.revoked_at is None and (until is None or now < until),
    )


def _who(row: Any, csrf: str) -> Who:
    return Who(
        login=row.login,
        name=row.name,
        role=Role(row.role),
        organ=row.organ,
        office=row.office,
        phone=row.phone,
        csrf=csrf,
    )


def _utc(at: datetime) -> datetime:
    """Return the instant; SQLite keeps the digits of UTC alone."""
    return at if at.tzinfo else at.replace(tzinfo=UTC)
