"""The account book: who has an account. Every change is sealed with it."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, delete, insert, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from api import record
from api.accounts import password as passwords
from api.accounts.permission import ANONYMOUS, Role
from api.accounts.table import Account, ApiToken, Session
from api.record import Asker
from api.store import Store
from audit.store import SqlStore

LOGIN: Final = re.compile("[a-z][a-z0-9._-]{1,31}")
LONGEST: Final = 100
"""Characters of a name, an office, a phone number."""


class AccountError(Exception):
    """An account that cannot be had so; `key` names the sentence, the message is English."""

    def __init__(self, key: str, message: str, **words: object) -> None:
        self.key, self.words = key, words
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class Draft:
    """An account to be made."""

    login: str
    name: str
    role: str
    organ: str = ""
    office: str = ""
    phone: str = ""

    def checked(self) -> "Draft":
        """Return it without blanks at the ends, or raise `AccountError`."""
        values = {key: str(getattr(self, key)).strip() for key in self.__slots__}
        draft = Draft(**values)
        if not LOGIN.fullmatch(draft.login) or draft.login == ANONYMOUS:
            raise AccountError(
                "bad_login",
                f"`{draft.login}` is no login; write 2 to 32 of a-z, 0-9, `.`, `_`, `-`, "
                "a letter first",
                login=draft.login,
            )
        if draft.role not in set(Role):
            roles = ", ".join(Role)
            raise AccountError(
                "bad_role", f"there is no role `{draft.role}`; write one of {roles}"
            )
        if not draft.name or any(len(one) > LONGEST for one in values.values()):
            raise AccountError(
                "bad_name", f"write a name; no field is longer than {LONGEST} characters"
            )
        return draft


class AccountBook:
    """The accounts of an installation; `changed` is called after every change."""

    def __init__(self, store: Store, changed: Callable[[], None] = lambda: None) -> None:
        self._store, self._changed = store, changed

    def any(self) -> bool:
        """Return whether there is an account, active or closed."""
        with self._store.database.reading() as connection:
            return connection.execute(select(Account.id).limit(1)).first() is not None

    def all(self) -> list[Account]:
        """Return all accounts, by login."""
        with self._store.database.reading() as connection:
            rows = connection.execute(select(Account).order_by(col(Account.login)))
            return [Account(**row._asdict()) for row in rows]

    def find(self, login: str) -> Account | None:
        """Return an account by its login."""
        with self._store.database.reading() as connection:
            query = select(Account).where(col(Account.login) == login)
            row = connection.execute(query).first()
        return None if row is None else Account(**row._asdict())

    def new(self, draft: Draft, password: str, by: Asker) -> None:
        """Make an account, or raise `AccountError`."""
        draft = draft.checked()
        refuse_bad_password(password, draft.login)
        values = {
            **{key: getattr(draft, key) for key in draft.__slots__},
            "password": passwords.digest(password),
            "active": True,
            "created_at": self._store.now(),
        }
        try:
            self._change(
                lambda connection: connection.execute(insert(Account), values),
                f"new {draft.role}", draft.login, by,
            )  # fmt: skip
        except IntegrityError:
            what = f"there is an account `{draft.login}` already; choose another login"
            raise AccountError("taken", what, login=draft.login) from None

    def close(self, login: str, by: Asker) -> None:
        """Close an account for good: its sessions and tokens end at once."""
        account = self.active(login)
        admins = [one for one in self.all() if one.active and one.role == Role.ADMIN]
        if [one.login for one in admins] == [login]:
            raise AccountError(
                "last_admin",
                f"`{login}` is the last administrator; make another one first",
                login=login,
            )

        def work(connection: Connection) -> None:
            mine = col(Account.id) == account.id
            connection.execute(update(Account).where(mine).values(active=False))
            connection.execute(delete(Session).where(col(Session.account) == account.id))
            tokens = update(ApiToken).where(col(ApiToken.account) == account.id)
            unrevoked = tokens.where(col(ApiToken.revoked_at).is_(None))
            connection.execute(unrevoked.values(revoked_at=self._store.now()))

        self._change(work, "closed", login, by)

    def set_password(self, login: str, password: str, by: Asker) -> None:
        """Give an account another password; its sessions end at once."""
        account = self.active(login)
        refuse_bad_password(password, login)
        kept = passwords.digest(password)

        def work(connection: Connection) -> None:
            mine = col(Account.id) == account.id
            connection.execute(update(Account).where(mine).values(password=kept))
            connection.execute(delete(Session).where(col(Session.account) == account.id))

        self._change(work, "password", login, by)

    def renew_digest(self, account: Account, password: str) -> None:
        """Keep the same password under the parameters of today."""
        kept = passwords.digest(password)
        mine = col(Account.id) == account.id
        self._store.database.write(
            lambda connection: connection.execute(
                update(Account).where(mine).values(password=kept)
            )
        )

    def active(self, login: str) -> Account:
        """Return an active account, or raise `AccountError`."""
        account = self.find(login)
        if account is None or not account.active:
            what = f"there is no active account `{login}`; see `jianzheng account list`"
            raise AccountError("missing", what, login=login)
        return account

    def _change(
        self, work: Callable[[Connection], Any], what: str, login: str, by: Asker
    ) -> None:
        sealed = record.of_account_change(what, login, by, at=self._store.milliseconds())

        def sealing(connection: Connection) -> None:
            work(connection)
            log = SqlStore(connection)
            self._store.keys.log.seal(log, sealed.entry, sealed.bodies)

        self._store.database.write(sealing)
        self._changed()


def refuse_bad_password(password: str, login: str) -> None:
    """Raise `AccountError` for a password that is too weak to be taken."""
    fault = passwords.fault(password, login)
    if fault:
        raise AccountError(
            f"password_{fault}",
            f"a password has {passwords.SHORTEST} to {passwords.LONGEST} characters and "
            "does not contain the login; choose another one",
            least=passwords.SHORTEST,
            most=passwords.LONGEST,
        )
