"""The stop: an office that no witness has seen for too long takes nothing new in.

Without a witness whoever holds the database and the log's key can rewrite what came after the
last cosignature. An installation may rather stand still than go on unseen.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import structlog

from audit.checkpoint import time_of
from audit.entry import Entry
from audit.error import AuditError
from audit.log import Store
from audit.note import Note, VerifierKey
from audit.succession import KIND as KEY
from knowledge.day import CHINA

GOES_ON: Final = frozenset({
    "key", "pulse",  # without them nobody could witness again
    "look", "account",  # whoever looks into it, and lets others in
    "incident", "alert",  # what the service finds by itself, and must not hide
    "release", "erasure", "case_erasure",  # what the law wants on its day
})  # fmt: skip
"""Kinds of entries that are taken in all the same; decisions and acts are not among them."""

HOUR: Final = 3600

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Cosigned:
    """A witness whose cosignature stands under a checkpoint, and when, in seconds, UTC."""

    witness: str
    at: int


def cosigned(note: Note, witnesses: tuple[VerifierKey, ...]) -> list[Cosigned]:
    """Return the trusted witnesses that truly cosigned a note, each with its latest time."""
    found = []
    for key in witnesses:
        try:
            found.append(Cosigned(key.name, time_of(note, key)))
        except AuditError:
            continue
    return found


class WitnessStopError(AuditError):
    """Nothing is taken in: no witness has signed since a time, in seconds since 1970, UTC."""

    def __init__(self, since: int, hours: int) -> None:
        self.since, self.hours = since, hours
        super().__init__(
            f"nothing is decided or recorded: no witness has signed since {self.moment}, and "
            f"this office stops after {hours} hours without one; start `jianzheng witness` or "
            "see why it does not reach this service, which goes on once it has signed"
        )

    @property
    def moment(self) -> str:
        """Since when nobody has signed, in the time of China."""
        return f"{datetime.fromtimestamp(self.since, CHINA):%Y-%m-%d %H:%M}"


class WitnessStop:
    """The guard of a log: after some hours without a witness it refuses most entries."""

    def __init__(
        self, hours: int, witnesses: tuple[VerifierKey, ...], seconds: Callable[[], int]
    ) -> None:
        """`seconds` tells the time since 1970, UTC."""
        self.hours = hours
        self._witnesses, self._seconds = witnesses, seconds
        self._seen_by_now = 0
        """A witness has signed then or later. Only when that is too long ago, look again."""

    def __call__(self, log: Store, entry: Entry) -> None:
        """Raise `WitnessStopError` for an entry that has to wait for a witness."""
        if entry.kind not in GOES_ON and self.reached(self._seen_by_now):
            self._seen_by_now = since = seen_since(log, self._witnesses)
            if self.reached(since):
                _log.error("the office stands still: no witness has signed", since=since)
                raise WitnessStopError(since, self.hours)

    def reached(self, since: int) -> bool:
        """Tell whether an office stands still that nobody has seen since a time."""
        return self._seconds() - since > self.hours * HOUR


def seen_since(log: Store, witnesses: tuple[VerifierKey, ...]) -> int:
    """Return when a trusted witness signed last, in seconds since 1970, UTC.

    Before the first cosignature it is the beginning of the log, or 0 before that.
    """
    note = log.last_cosigned()
    found = cosigned(Note.parse(note), witnesses) if note else []
    if found:
        return max(one.at for one in found)
    begun = next(iter(log.placed_of_kind(KEY)), None)
    return Entry.parse(begun).at // 1000 if begun else 0
