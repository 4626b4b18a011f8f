"""Replaying: kept decisions decided again from what was kept, with the program of today.

No network and no clock is needed: the pack of the day is kept by its digest, the case beside
the decision. What differs is reported key by key.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache

from api.store import Kept, Store
from evaluator.decide import Decider
from evaluator.decision import encode
from knowledge.fault import FaultsError
from knowledge.strict_json import read_json
from rules.pack import Reader


@dataclass(frozen=True, slots=True)
class Replay:
    """One decision decided again; `differences` is empty when every byte is the same."""

    number: str
    differences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which decisions to replay: by number, day (half-open) or item; all if nothing is said."""

    numbers: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None
    item: str | None = None


class Replayer:
    """Decides again what a store has kept; each release is read once.

    `decider_of` gives the decider of a release by its number, where one is at hand already.
    """

    def __init__(
        self, store: Store, decider_of: Callable[[int], Decider] | None = None
    ) -> None:
        self._store = store
        self._decider = decider_of or cache(self._read)

    def replay(self, wanted: Wanted) -> Iterator[Replay]:
        """Yield each wanted decision, decided again, in the order in which they were kept."""
        for kept in self._store.decisions(wanted.numbers, wanted.since, wanted.until):
            if wanted.item is None or wanted.item in _items(kept):
                yield self.again(kept)

    def again(self, kept: Kept) -> Replay:
        """Return one kept decision decided again."""
        decider = self._decider(kept.row.release)
        try:
            decision = decider.decide(decider.read(read_json(kept.case)))
        except FaultsError as error:
            return Replay(kept.number, (f"the case is refused today: {error.faults[0]}",))
        body = encode(decision)
        return Replay(
            kept.number, () if body == kept.body else tuple(_compare(kept.body, body))
        )

    def _read(self, release: int) -> Decider:
        return Decider(Reader(self._store.files(self._store.release_of(release))).pack())


def _items(kept: Kept) -> set[str]:
    return {entry["item"] for entry in json.loads(kept.body)["entries"]}


def _compare(old: bytes, new: bytes) -> Iterator[str]:
    was, becomes = json.loads(old), json.loads(new)
    for key in sorted({*was, *becomes}):
        if was.get(key) != becomes.get(key):
            yield f"{key}: was {_short(was.get(key))}, becomes {_short(becomes.get(key))}"


def _short(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 200 else text[:200] + "…"  # noqa: PLR2004 (one screen line)
