"""The store: releases and decisions, each sealed in the transaction that keeps it."""

import hashlib
import json
import secrets
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from importlib.metadata import version

from sqlmodel import Session, col, select

from api import record
from api.answer import Answer, MatchersDifferError
from api.database import Database
from api.keyring import Keyring
from api.record import Asker, CaseKey, Record
from api.table import DecisionGround, DecisionItem, Release, StoredDecision
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


def _now() -> datetime:
    return datetime.now(UTC)


class Store:
    """The record of one installation."""

    def __init__(
        self, database: Database, keys: Keyring, clock: Callable[[], datetime] = _now
    ) -> None:
        self.database, self.keys, self._clock = database, keys, clock

    def close(self) -> None:
        """Close the database."""
        self.database.close()

    def begin(self) -> None:
        """Begin the log if this is a new database."""
        with self.log() as log:
            if log.last_checkpoint() is None:
                self.keys.log.found(log, self.milliseconds())

    def milliseconds(self) -> int:
        """Return the time of the store's clock, in milliseconds since 1970, UTC."""
        return _milliseconds(self._clock())

    @contextmanager
    def log(self) -> Iterator[SqlStore]:
        """Open a transaction on the log alone."""
        with self.database.transaction() as session:
            yield SqlStore(session.connection())

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
        with self.database.transaction() as session:
            self._seal(session, record.of_release(row, body, at=self.milliseconds()))
            session.add(row)
            session.flush()
            session.refresh(row)
        return row

    def in_force(self, day: date) -> Release | None:
        """Return the release that decides cases of a day, if any."""
        with self.database.transaction() as session:
            return session.exec(
                select(Release)
                .where(col(Release.from_day) <= day)
                .order_by(col(Release.from_day).desc(), col(Release.id).desc())
            ).first()

    def releases(self) -> list[Release]:
        """Return all releases, in the order in which they were recorded."""
        with self.database.transaction() as session:
            return list(session.exec(select(Release).order_by(col(Release.id))))

    def files(self, release: Release) -> Files:
        """Return the files of a release."""
        with self.log() as log:
            body = log.body(release.files)
        return {name: b64decode(text) for name, text in json.loads(body).items()}

    # decisions

    def keep(
        self, answer: Answer, release: Release, organs: Iterable[tuple[str, str]], asker: Asker
    ) -> Kept:
        """Seal and keep a decision; when this returns it is on the disk.

        `organs` are the items of the case with their organs.
        """
        number, at = _number(answer.case.as_of), self._clock()
        key, wrapped = self.keys.vault.new_key(number)
        case_key = CaseKey(number, key)
        sealed = record.of_decision(answer, release, asker, at=_milliseconds(at), key=case_key)
        with self.database.transaction() as session:
            log = SqlStore(session.connection())
            self._keep_person(log, answer, number, wrapped)
            receipt = self._seal(session, sealed)
            row = StoredDecision(
                number=number,
                recorded_at=at,
                release=release.id or 0,
                as_of=answer.case.as_of,
                leaf=receipt.leaf,
                promise=receipt.promise,
                decision_box=sealed.entry.parts["decision"],
                case_box=sealed.entry.parts["case"],
                matchers=answer.matchers,
                engine_fault=answer.engine_fault,
                program=version("jianzheng"),
                user=asker.user,
                office=asker.office,
            )
            session.add(row)
            session.flush()
            session.add_all(
                DecisionItem(number=number, item=item, organ=organ) for item, organ in organs
            )
            session.add_all(
                DecisionGround(number=number, ground=one) for one in sorted(_grounds(answer))
            )
        return Kept(row, answer.encoded, record.case_bytes(answer))

    def decision(self, number: str) -> Kept | None:
        """Return a kept decision by its number, or raise `ErasedError`."""
        with self.database.transaction() as session:
            row = session.get(StoredDecision, number)
            return None if row is None else self._opened(session, row)

    def decisions(
        self, numbers: Sequence[str] = (), since: date | None = None, until: date | None = None
    ) -> Iterator[Kept]:
        """Yield kept decisions in the order of keeping; days of `as_of`, half-open.

        Those whose personal data were erased are left out: they cannot be decided again.
        """
        query = select(StoredDecision).order_by(col(StoredDecision.recorded_at))
        if numbers:
            query = query.where(col(StoredDecision.number).in_(numbers))
        if since is not None:
            query = query.where(col(StoredDecision.as_of) >= since)
        if until is not None:
            query = query.where(col(StoredDecision.as_of) < until)
        with self.database.transaction() as session:
            for row in session.exec(query.execution_options(yield_per=500)):
                try:
                    yield self._opened(session, row)
                except ErasedError:
                    continue

    def numbers_of(self, identity: str) -> list[str]:
        """Return the numbers of the decisions about a person, by identity number."""
        with self.log() as log:
            return log.cases_of(self.keys.vault.blind(IDENTITY, identity))

    def seal(self, sealed: Record) -> Receipt:
        """Seal something that is no decision: a refusal, a look."""
        with self.database.transaction() as session:
            return self._seal(session, sealed)

    def keep_refusal(self, faults: Iterable[Fault], asker: Asker) -> None:
        """Seal that a case was refused, and where its faults are."""
        self.seal(record.of_refusal(faults, asker, at=self.milliseconds()))

    def keep_incident(self, error: MatchersDifferError, asker: Asker) -> None:
        """Seal the two answers of matchers that differ."""
        number = _number(error.case.as_of)
        key, wrapped = self.keys.vault.new_key(number)
        case_key = CaseKey(number, key)
        sealed = record.of_incident(error, asker, at=self.milliseconds(), key=case_key)
        with self.database.transaction() as session:
            SqlStore(session.connection()).keep_case_key(number, wrapped)
            self._seal(session, sealed)

    def _opened(self, session: Session, row: StoredDecision) -> Kept:
        log = SqlStore(session.connection())
        wrapped = log.case_key(row.number)
        if wrapped is None:
            raise ErasedError(row.number)
        key = CaseKey(row.number, self.keys.vault.unwrap(row.number, wrapped))
        body = record.opened(log.body(row.decision_box), "decision", key)
        case = record.opened(log.body(row.case_box), "case", key)
        return Kept(row, body, case)

    def _keep_person(self, log: SqlStore, answer: Answer, number: str, wrapped: bytes) -> None:
        log.keep_case_key(number, wrapped)
        form = answer.case.form
        for identity in sorted({form.applicant.id, *(party.id for party in form.parties)}):
            log.keep_blind(self.keys.vault.blind(IDENTITY, identity), number)

    def _seal(self, session: Session, sealed: Record) -> Receipt:
        store = SqlStore(session.connection())
        return self.keys.log.seal(store, sealed.entry, sealed.bodies)


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
