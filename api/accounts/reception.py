"""The reception: lets people and programs in, and knows them again."""

from dataclasses import dataclass
from threading import Lock

from api import record
from api.accounts import password as passwords
from api.accounts.attempts import Attempts
from api.accounts.book import LOGIN, AccountBook, AccountError
from api.accounts.permission import VISITOR, Who
from api.accounts.recent import Recent
from api.accounts.session import Sessions, Tokens
from api.record import Asker
from api.store import Store


class TooManyError(Exception):
    """Too many failures: `seconds` to wait."""

    def __init__(self, seconds: int) -> None:
        self.seconds = seconds
        super().__init__(f"too many failures; try again in {-(-seconds // 60)} minutes")


@dataclass(frozen=True, slots=True, repr=False)
class Claim:
    """Who somebody says to be, and from which address."""

    login: str
    password: str
    address: str


class Reception:
    """Accounts, sessions and tokens of an installation, with what was read of them just now."""

    def __init__(self, store: Store, attempts: Attempts | None = None) -> None:
        self._store = store
        self._attempts = attempts or Attempts()
        self._known: Recent[Who] = Recent()
        self._begun: Recent[bool] = Recent(float("inf") if store.database.alone else 2.0)
        self._one_at_a_time = Lock()
        self.book = AccountBook(store, self._changed)
        self.sessions, self.tokens = Sessions(store), Tokens(store)
        passwords.nobody()  # made now, so that the first unknown login takes no longer

    # who is it

    def is_open(self) -> bool:
        """Return whether there is no account yet."""
        return not self._begun.read("any", self.book.any)

    def is_open_just_now(self) -> bool | None:
        """Return the same without asking the database, or None if that is not known."""
        begun = self._begun.peek("any")
        return None if begun is None else not begun

    def known(self, secret: str, *, program: bool) -> Who | None:
        """Return who was seen with a secret just now, without asking the database."""
        return self._known.peek((program, secret))

    def who(self, secret: str, *, program: bool) -> Who:
        """Return who has a secret: that of a session, or the token of a program."""
        of = self.tokens if program else self.sessions
        return self._known.read((program, secret), lambda: of.who(secret) or VISITOR)

    # coming and going

    def sign_in(self, claim: Claim, *, instead_of: str = "") -> str | None:
        """Return the secret of a new session, or None for a wrong login or password.

        Raises `TooManyError` for who failed too often.
        """
        account = self.book.find(claim.login) if LOGIN.fullmatch(claim.login) else None
        active = account is not None and account.active
        if not self.verified(claim, account.password if account and active else None):
            return None
        if account is None:
            return None
        if passwords.is_outdated(account.password):
            self.book.renew_digest(account, claim.password)
        secret = self.sessions.begin(account, instead_of=instead_of)
        self._known.forget()
        return secret

    def verified(self, claim: Claim, kept: str | None) -> bool:
        """Return whether the password is that of the digest, or raise `TooManyError`.

        One at a time: nobody can try many passwords at once, or fill the memory with them.
        """
        with self._one_at_a_time:
            seconds = self._attempts.wait(claim.login, claim.address)
            if seconds:
                raise TooManyError(seconds)
            if passwords.matches(kept, claim.password[: passwords.LONGEST + 1]):
                self._attempts.succeeded(claim.login)
                return True
            last = self._attempts.failed(claim.login, claim.address)
        if last:
            self._seal_failures(claim.login if kept else "")
        return False

    def sign_out(self, secret: str) -> None:
        """End a session."""
        self.sessions.end(secret)
        self._known.forget()

    def change_password(self, who: Who, claim: Claim, new: str) -> str:
        """Give somebody another password, and return the secret of a new session.

        Raises `AccountError` for a wrong or weak one, `TooManyError` after many failures.
        """
        account = self.book.active(who.login)
        if not self.verified(claim, account.password):
            raise AccountError("wrong_password", "the present password is another one")
        self.book.set_password(who.login, new, asking(who))
        return self.sessions.begin(account)

    def revoke(self, key: str, who: Who) -> None:
        """Revoke a token of somebody's own, or raise `AccountError`."""
        self.tokens.revoke(key, asking(who), login=who.login)
        self._known.forget()

    def _changed(self) -> None:
        self._known.forget()
        self._begun.forget()

    def _seal_failures(self, login: str) -> None:
        """Seal that the limit is reached; what is no login may be a password."""
        asker = Asker(door="desk", why="accounts")
        at = self._store.milliseconds()
        self._store.seal(record.of_account_change("too many failures", login, asker, at=at))


def asking(who: Who, *, door: str = "desk", why: str = "accounts") -> Asker:
    """Return who asks as it is sealed."""
    return Asker(user=who.login or "anonymous", office=who.office, door=door, why=why)
