"""The standing of the record: how large it is, who has seen it, what waits, what is wrong."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, func, select
from sqlmodel import col

from api.store import Store
from api.table import StoredDecision
from api.witness_stop import Cosigned, cosigned, seen_since
from audit.checkpoint import Checkpoint, opened, time_of
from audit.error import AuditError
from audit.note import Note
from audit.promise import MERGE_DELAY
from audit.store import SqlStore
from audit.table import ENTRY
from knowledge.day import CHINA

WITNESS_DELAY: Final = 4 * 3600
"""Seconds without a witness after which nobody could tell a rewritten record: alarm."""

_DAY: Final = 24 * 3600 * 1000
_CHINA_MILLISECONDS: Final = 8 * 3600 * 1000


@dataclass(frozen=True, slots=True)
class Alarm:
    """Something wrong: the key of its text, and the words put into it."""

    key: str
    words: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Standing:
    """The record at a moment; times in seconds since 1970, UTC.

    `signed_at` and `witnessed_at` are none where nobody signed; `waiting` is for how many
    seconds the oldest entry has waited for its place. `stops_after` is how many hours without
    a witness are borne, `stopped` whether they are over.
    """

    origin: str
    size: int
    root: str
    signed_at: int | None
    witnessed_at: int | None
    witnessed_size: int
    witnesses: tuple[Cosigned, ...]
    waiting: int | None
    stops_after: int | None
    stopped: bool
    alarms: tuple[Alarm, ...]


def standing(store: Store) -> Standing:
    """Return the standing of a record now, by the clock of its store."""
    now = store.milliseconds()
    with store.database.reading() as connection:
        log = SqlStore(connection)
        keys = store.keys.log.keys(log)
        last, seen, oldest = log.last_checkpoint(), log.last_cosigned(), log.oldest_staged()
        size = log.size()
        since = seen_since(log, store.keys.witnesses) if store.stop else 0
    alarms = []
    root, signed_at = "", None
    try:
        note = Note.parse(last or "")
        root, signed_at = opened(note, *keys).root.hex(), time_of(note, keys[-1])
    except AuditError as error:
        alarms.append(Alarm("checkpoint", {"reason": str(error)}))
    found = tuple(cosigned(Note.parse(seen), store.keys.witnesses)) if seen else ()
    witnessed_at = max((one.at for one in found), default=None)
    waiting = None if oldest is None else max(0, now - oldest) // 1000
    stopped = store.stop is not None and store.stop.reached(since)
    if stopped and store.stop:
        alarms.append(Alarm("stopped", {"hours": store.stop.hours}))
    alarms += _late(store, now // 1000, witnessed_at, waiting)
    return Standing(
        origin=store.keys.log.origin,
        size=size,
        root=root,
        signed_at=signed_at,
        witnessed_at=witnessed_at,
        witnessed_size=Checkpoint.parse(Note.parse(seen).text).size if seen and found else 0,
        witnesses=found,
        waiting=waiting,
        stops_after=store.stop.hours if store.stop else None,
        stopped=stopped,
        alarms=tuple(alarms),
    )


def _late(
    store: Store, now: int, witnessed_at: int | None, waiting: int | None
) -> Iterator[Alarm]:
    if not store.keys.witnesses:
        yield Alarm("no_witness", {})
    elif witnessed_at is None:
        yield Alarm("never_witnessed", {})
    elif now - witnessed_at > WITNESS_DELAY:
        yield Alarm("witness_late", {"hours": (now - witnessed_at) // 3600})
    if waiting is not None and 1000 * waiting > MERGE_DELAY:
        yield Alarm("waiting_late", {"seconds": waiting})


def counts(store: Store, until: date, days: int) -> dict[str, list[tuple[date, int]]]:
    """Return how many decisions, refusals and incidents there were on each of some days."""
    since = until - timedelta(days=days - 1)
    with store.database.reading() as connection:
        found = {"decision": _decisions(connection, since)}
        for kind in ("refusal", "incident"):
            found[kind] = _entries(connection, kind, since)
    every = [since + timedelta(days=place) for place in range(days)]
    return {kind: [(day, by.get(day, 0)) for day in every] for kind, by in found.items()}


def _decisions(connection: Connection, since: date) -> dict[date, int]:
    day = col(StoredDecision.as_of)
    query = select(day, func.count()).where(day >= since).group_by(day)
    return {row[0]: row[1] for row in connection.execute(query)}


def _entries(connection: Connection, kind: str, since: date) -> dict[date, int]:
    begin = datetime(since.year, since.month, since.day, tzinfo=CHINA)
    number = (ENTRY.c.at + _CHINA_MILLISECONDS) // _DAY
    query = (
        select(number, func.count())
        .where(ENTRY.c.kind == kind, ENTRY.c.at >= int(begin.timestamp()) * 1000)
        .group_by(number)
    )
    epoch = date(1970, 1, 1)
    return {epoch + timedelta(days=int(row[0])): row[1] for row in connection.execute(query)}
