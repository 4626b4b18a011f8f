"""The store: releases, decisions and incidents in SQLite or another database.

SQLite is written by one connection of one process (WAL, synchronous FULL): a decision is on
the disk before it is answered.
"""

import hashlib
import json
import secrets
from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from importlib.metadata import version
from importlib.resources import files
from threading import RLock
from typing import Any

import alembic.command
import alembic.config
from sqlalchemy import Engine, event
from sqlmodel import Session, col, create_engine, select

from api.answer import Answer, MatchersDifferError
from api.table import Content, Incident, Release, StoredDecision
from knowledge.canonical import canonical
from rules.pack import Files, Pack


class Store:
    """The record of one installation."""

    def __init__(self, url: str) -> None:
        self._engine = _open(url)
        self._one_writer = RLock()
        with self._engine.begin() as connection:
            config = alembic.config.Config()
            config.set_main_option("script_location", str(files("api") / "migrations"))
            config.attributes["connection"] = connection
            alembic.command.upgrade(config, "head")

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()

    # releases

    def release(self, pack: Pack, files_of_pack: Files, from_day: date) -> Release:
        """Put a pack into force from a day; earlier days keep what was in force before."""
        body = _bundle(files_of_pack)
        digest = _digest(body)
        row = Release(
            pack=pack.id,
            from_day=from_day,
            files=digest,
            ruleset=pack.rules.digest,
            catalogue=pack.catalogue.digest,
            recorded_at=_now(),
        )
        with self._writing() as session:
            if session.get(Content, digest) is None:
                session.add(Content(digest=digest, body=body))
                session.flush()
            session.add(row)
            session.flush()
            session.refresh(row)
        return row

    def in_force(self, day: date) -> Release | None:
        """Return the release that decides cases of a day, if any."""
        with self._reading() as session:
            return session.exec(
                select(Release)
                .where(col(Release.from_day) <= day)
                .order_by(col(Release.from_day).desc(), col(Release.id).desc())
            ).first()

    def releases(self) -> list[Release]:
        """Return all releases, in the order in which they were recorded."""
        with self._reading() as session:
            return list(session.exec(select(Release).order_by(col(Release.id))))

    def files(self, release: Release) -> Files:
        """Return the files of a release."""
        with self._reading() as session:
            body = session.get_one(Content, release.files).body
        return {name: b64decode(text) for name, text in json.loads(body).items()}

    # decisions

    def keep(self, answer: Answer, release: Release) -> StoredDecision:
        """Keep a decision; when this returns it is on the disk."""
        row = StoredDecision(
            number=_number(answer.case.as_of),
            recorded_at=_now(),
            release=release.id or 0,
            as_of=answer.case.as_of,
            digest=_digest(answer.encoded),
            body=answer.encoded,
            case=canonical(answer.case.form.model_dump(mode="json", exclude_defaults=True)),
            matchers=answer.matchers,
            engine_fault=answer.engine_fault,
            program=version("jianzheng"),
        )
        with self._writing() as session:
            session.add(row)
        return row

    def decision(self, number: str) -> StoredDecision | None:
        """Return a kept decision by its number."""
        with self._reading() as session:
            return session.get(StoredDecision, number)

    def decisions(
        self, numbers: Sequence[str] = (), since: date | None = None, until: date | None = None
    ) -> Iterator[StoredDecision]:
        """Yield kept decisions in the order of keeping; days of `as_of`, half-open."""
        query = select(StoredDecision).order_by(col(StoredDecision.recorded_at))
        if numbers:
            query = query.where(col(StoredDecision.number).in_(numbers))
        if since is not None:
            query = query.where(col(StoredDecision.as_of) >= since)
        if until is not None:
            query = query.where(col(StoredDecision.as_of) < until)
        with self._reading() as session:
            yield from session.exec(query.execution_options(yield_per=500))

    def keep_incident(self, error: MatchersDifferError) -> None:
        """Keep the two answers of matchers that differ."""
        body = {
            "case": error.case.form.model_dump(mode="json", exclude_defaults=True),
            "program": error.program.key,
            "live": error.live,
            "reference": error.reference,
        }
        with self._writing() as session:
            kind = "matchers differ"
            session.add(Incident(recorded_at=_now(), kind=kind, body=canonical(_plain(body))))

    @contextmanager
    def _writing(self) -> Iterator[Session]:
        with self._one_writer, Session(self._engine, expire_on_commit=False) as session:
            yield session
            session.commit()

    @contextmanager
    def _reading(self) -> Iterator[Session]:
        with self._one_writer, Session(self._engine, expire_on_commit=False) as session:
            yield session


def _open(url: str) -> Engine:
    if not url.startswith("sqlite"):
        return create_engine(url)
    engine = create_engine(url, connect_args={"check_same_thread": False}, pool_size=1)

    @event.listens_for(engine, "connect")
    def _durable(connection: Any, _: object) -> None:
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")

    return engine


def _number(day: date) -> str:
    """Return a decision number that nobody can guess: the day and 60 random bits."""
    return f"{day:%Y%m%d}-{secrets.token_hex(8)[:15].upper()}"


def _now() -> datetime:
    return datetime.now(UTC)


def _digest(body: bytes) -> str:
    return "sha256:" + hashlib.sha256(body).hexdigest()


def _bundle(files_of_pack: Files) -> bytes:
    return canonical(
        {name: b64encode(body).decode() for name, body in sorted(files_of_pack.items())}
    )


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(inner) for key, inner in value.items()}
    return [_plain(inner) for inner in value] if isinstance(value, list | tuple) else value
