"""The store: releases and decisions, each sealed in the transaction that keeps it."""

import hashlib
import json
import secrets
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any, TypeVar, cast

from sqlalchemy import Connection, Row, delete, insert
from sqlmodel import SQLModel, col, select

from api import record
from api.answer import Answer, MatchersDifferError
from api.cases.table import Idempotency
from api.database import Database
from api.keyring import Keyring
from api.record import Asker, CaseKey, Record
from api.table import DecisionGround, DecisionItem, Release, StoredDecision
from api.witness_stop import WitnessStop
from audit.insertion import Insertion
from audit.log import Receipt
from audit.store import SqlStore
from knowledge.canonical import canonical
from knowledge.fault import Fault
from rules.pack import Files, Pack

IDENTITY = "identity"
"""The kind of identifier that the blind index finds a person by."""


class ErasedError(Exception):
    """A decision whose personal data were erased."""

    def __init__(self, number: str) -> None:
        self.number = number
        super().__init__(
            f"the personal data of decision `{number}` were erased; only its proof remains"
        )


@dataclass(frozen=True, slots=True)
class Kept:
    """A kept decision, opened: its row, the canonical bytes of decision and case."""

    row: StoredDecision
    body: bytes
    case: bytes

    @property
    def number(self) -> str:
        """The number that the applicant is told."""
        return self.row.number

    @property
    def digest(self) -> str:
        """The digest of the canonical bytes of the decision."""
        return "sha256:" + hashlib.sha256(self.body).hexdigest()


Table = TypeVar("Table", bound=SQLModel)

_ADD_DECISION, _ADD_ITEMS, _ADD_GROUNDS = (
    Insertion(getattr(table, "__table__"))  # noqa: B009 (SQLModel hides its table)
    for table in (StoredDecision, DecisionItem, DecisionGround)
)


def _now() -> datetime:
    return datetime.now(UTC)


class Store:
    """The record of one installation."""

    def __init__(
        self,
        database: Database,
        keys: Keyring,
        clock: Callable[[], datetime] = _now,
        *,
        witness_stop: int | None = None,
    ) -> None:
        """`witness_stop` is after how many hours without a witness nothing is taken in."""
        self.database, self.keys, self._clock = database, keys, clock
        self.stop: WitnessStop | None = None
        if witness_stop is not None:
            self.stop = WitnessStop(
                witness_stop, keys.witnesses, lambda: self.milliseconds() // 1000
            )
            self.keys = replace(keys, log=keys.log.guarded(self.stop))
        self._all_releases: list[Release] | None = None

    def close(self) -> None:
        """Close the database."""
        self.database.close()

    def begin(self) -> None:
        """Begin the log if this is a new database."""
        with self.log() as log:
            if log.alone() and log.last_checkpoint() is None:
                self.keys.log.found(log, self.milliseconds())

    def now(self) -> datetime:
        """Return the time of the store's clock, UTC."""
        return self._clock()

    def milliseconds(self) -> int:
        """Return the time of the store's clock, in milliseconds since 1970, UTC."""
        return _milliseconds(self._clock())

    @contextmanager
    def log(self) -> Iterator[SqlStore]:
        """Open a transaction on the log alone."""
        with self.database.transaction() as connection:
            yield SqlStore(connection)

    # releases

    def release(self, pack: Pack, files: Files, from_day: date) -> Release:
        """Put a pack into force from a day; earlier days keep what was in force before."""
        body = _bundle(files)
        row = Release(
            pack=pack.id,
            from_day=from_day,
            files=record.SUITE.digest(body),
            ruleset=pack.rules.digest,
            catalogue=pack.catalogue.digest,
            recorded_at=self._clock(),
        )
        sealed = record.of_release(row, body, at=self.milliseconds())

        def work(connection: Connection) -> int:
            self._seal(connection, sealed)
            added: Any = insert(Release).returning(col(Release.id).label("id"))
            number: int = connection.execute(added, row.model_dump(exclude={"id"})).scalar_one()
            return number

        row.id = self.database.write(work)
        self._all_releases = None
        return row

    def in_force(self, day: date) -> Release | None:
        """Return the release that decides cases of a day, if any."""
        # Nobody else can release into a database that only this process writes.
        known = self._all_releases if self.database.alone else None
        if known is None:
            known = self._all_releases = self.releases()
        begun = [one for one in known if one.from_day <= day]
        return max(begun, key=lambda one: (one.from_day, one.id or 0), default=None)

    def releases(self) -> list[Release]:
        """Return all releases, in the order in which they were recorded."""
        with self.database.reading() as connection:
            rows = connection.execute(select(Release).order_by(col(Release.id)))
            return [_read(Release, row) for row in rows]

    def release_of(self, number: int) -> Release:
        """Return a release by its number."""
        with self.database.reading() as connection:
            row = connection.execute(select(Release).where(col(Release.id) == number)).one()
        return _read(Release, row)

    def files(self, release: Release) -> Files:
        """Return the files of a release."""
        with self.database.reading() as connection:
            body = SqlStore(connection).body(release.files)
        return {name: b64decode(text) for name, text in json.loads(body).items()}

    # decisions

    def keeping(
        self, answer: Answer, release: Release, organs: Iterable[tuple[str, str]], asker: Asker
    ) -> tuple[Kept, Callable[[Connection], None]]:
        """Return a decision to be kept, and the work that seals it in the caller's transaction.

        `organs` are the items of the case with their organs. The receipt in what is returned
        is complete once the work has run.
        """
        as_of = date.fromisoformat(answer.decision["as_of"])
        number, at = _number(as_of), self._clock()
        key, wrapped = self.keys.vault.new_key(number)
        case_key = CaseKey(number, key)
        sealed, case = record.of_decision(
            answer, release, asker, at=_milliseconds(at), key=case_key
        )
        row = StoredDecision.model_construct(
            number=number,
            recorded_at=at,
            release=release.id or 0,
            as_of=as_of,
            leaf=b"",
            promise="",
            decision_box=sealed.entry.parts["decision"],
            case_box=sealed.entry.parts["case"],
            matchers=answer.matchers,
            engine_fault=answer.engine_fault,
            program=record.PROGRAM,
            user=asker.user,
            office=asker.office,
        )
        key_of = {"number": number, "as_of": row.as_of, "recorded_at": at}
        items = [{**key_of, "item": item, "organ": organ} for item, organ in organs]
        grounds = [{**key_of, "ground": one} for one in sorted(_grounds(answer))]

        def work(connection: Connection) -> None:
            self._keep_person(SqlStore(connection), answer, number, wrapped)
            receipt = self._seal(connection, sealed)
            vars(row).update(leaf=receipt.leaf, promise=receipt.promise)
            _ADD_DECISION(connection, vars(row))
            _ADD_ITEMS(connection, *items)
            if grounds:
                _ADD_GROUNDS(connection, *grounds)

        return Kept(row, answer.encoded, case), work

    def decision(self, number: str) -> Kept | None:
        """Return a kept decision by its number, or raise `ErasedError`."""
        query = select(StoredDecision).where(col(StoredDecision.number) == number)
        with self.database.reading() as connection:
            row = connection.execute(query).first()
            return None if row is None else self._opened(connection, row)

    def decisions(
        self, numbers: Sequence[str] = (), since: date | None = None, until: date | None = None
    ) -> Iterator[Kept]:
        """Yield kept decisions in the order of keeping; days of `as_of`, half-open.

        Those whose personal data were erased are left out: they cannot be decided again.
        """
        query = select(StoredDecision).order_by(
            col(StoredDecision.recorded_at), col(StoredDecision.number)
        )
        if numbers:
            query = query.where(col(StoredDecision.number).in_(numbers))
        if since is not None:
            query = query.where(col(StoredDecision.as_of) >= since)
        if until is not None:
            query = query.where(col(StoredDecision.as_of) < until)
        with self.database.reading() as connection:
            for row in connection.execute(query, execution_options={"yield_per": 500}):
                try:
                    yield self._opened(connection, row)
                except ErasedError:
                    continue

    def numbers_of(self, identity: str) -> list[str]:
        """Return the numbers of the decisions about a person, by identity number."""
        with self.database.reading() as connection:
            return SqlStore(connection).cases_of(self.keys.vault.blind(IDENTITY, identity))

    def erase(self, number: str, asker: Asker) -> None:
        """Destroy the key of a decision for ever: nobody can read its personal data again.

        What proves it stays. Backups made before keep the key: they must expire.
        """
        sealed = record.of_erasure(number, asker, at=self.milliseconds())

        def work(connection: Connection) -> None:
            SqlStore(connection).erase(number)
            connection.execute(delete(Idempotency).where(col(Idempotency.about) == number))
            self._seal(connection, sealed)

        self.database.write(work)
        self.database.scrub()

    def seal(self, sealed: Record) -> Receipt:
        """Seal something that is no decision: a refusal, a look."""
        return self.database.write(lambda connection: self._seal(connection, sealed))

    def keep_refusal(self, faults: Iterable[Fault], asker: Asker) -> None:
        """Seal that a case was refused, and where its faults are."""
        self.seal(record.of_refusal(faults, asker, at=self.milliseconds()))

    def keep_incident(self, error: MatchersDifferError, asker: Asker) -> None:
        """Seal the two answers of matchers that differ."""
        number = _number(error.case.as_of)
        key, wrapped = self.keys.vault.new_key(number)
        case_key = CaseKey(number, key)
        sealed = record.of_incident(error, asker, at=self.milliseconds(), key=case_key)

        def work(connection: Connection) -> None:
            SqlStore(connection).keep_case_key(number, wrapped)
            self._seal(connection, sealed)

        self.database.write(work)

    def _opened(self, connection: Connection, found: Row[Any]) -> Kept:
        row, log = _read(StoredDecision, found), SqlStore(connection)
        wrapped = log.case_key(row.number)
        if wrapped is None:
            raise ErasedError(row.number)
        key = CaseKey(row.number, self.keys.vault.unwrap(row.number, wrapped))
        body = record.opened(log.body(row.decision_box), "decision", key)
        case = record.opened(log.body(row.case_box), "case", key)
        return Kept(row, body, case)

    def _keep_person(self, log: SqlStore, answer: Answer, number: str, wrapped: bytes) -> None:
        log.keep_case_key(number, wrapped)
        blind = self.keys.vault.blind
        log.keep_blind(number, *(blind(IDENTITY, identity) for identity in answer.persons))

    def _seal(self, connection: Connection, sealed: Record) -> Receipt:
        return self.keys.log.seal(SqlStore(connection), sealed.entry, sealed.bodies)


def _read(table: type[Table], row: Row[Any]) -> Table:
    # Not `table(…)`: nothing has to be watched for a session.
    return cast("Table", table.model_construct(**row._asdict()))


def _milliseconds(at: datetime) -> int:
    return int(at.timestamp() * 1000)


def _number(day: date) -> str:
    """Return a decision number that nobody can guess: the day and 60 random bits."""
    return f"{day:%Y%m%d}-{secrets.token_hex(8)[:15].upper()}"


def _bundle(files: Files) -> bytes:
    return canonical({name: b64encode(body).decode() for name, body in sorted(files.items())})


def _grounds(answer: Answer) -> set[str]:
    edges = [edge for entry in answer.decision["entries"] for edge in entry["edges"]]
    return {edge["ground"] for edge in edges if edge["ground"]}
