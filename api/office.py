"""The office: everything that the doors need, wired once: store, engine, packs by release."""

from collections import OrderedDict
from datetime import date
from threading import Lock
from typing import Any

from api.answer import Answer, Answerer, MatchersDifferError
from api.bundled import bundled_folder
from api.inspect_pack import refuse_unfit
from api.store import Store
from api.table import Release, StoredDecision
from evaluator.rete_worker import EngineWorker
from knowledge.fault import Fault, FaultsError
from rules.pack import Reader, read_files

SINCE_EVER = date(1949, 10, 1)
"""The first day of the bundled pack's release: its rules carry their own days."""

MOST_PACKS = 4
"""Releases whose packs are kept loaded."""


class Office:
    """Answers cases by the release in force on their day, and keeps every answer."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._engine = EngineWorker()
        self._answerers: OrderedDict[int, Answerer] = OrderedDict()
        self._lock = Lock()
        if not store.releases():
            self.seed()

    def close(self) -> None:
        """End the engine and close the store."""
        self._engine.close()
        self.store.close()

    def seed(self) -> None:
        """Put the bundled pack into force."""
        files = read_files(bundled_folder())
        pack = Reader(files).pack()
        refuse_unfit(pack)
        self.store.release(pack, files, SINCE_EVER)

    def on(self, day: date) -> tuple[Release, Answerer]:
        """Return the release in force on a day with its answerer, or raise `FaultsError`."""
        release = self.store.in_force(day)
        if release is None or release.id is None:
            what = f"no pack is in force on {day}"
            raise FaultsError([Fault("", 0, "as_of", what, "choose a later day")])
        with self._lock:
            answerer = self._answerers.get(release.id)
            if answerer is None:
                pack = Reader(self.store.files(release)).pack()
                answerer = self._answerers[release.id] = Answerer(pack, self._engine)
            self._answerers.move_to_end(release.id)
            if len(self._answerers) > MOST_PACKS:
                self._answerers.popitem(last=False)
        return release, answerer

    def answer(self, raw: Any) -> tuple[Answer, StoredDecision]:
        """Decide a case and keep the decision, or raise `FaultsError`.

        Raises `MatchersDifferError` after keeping the incident.
        """
        release, answerer = self.on(_day(raw))
        case = answerer.decider.read(raw)
        try:
            answer = answerer.answer(case)
        except MatchersDifferError as error:
            self.store.keep_incident(error)
            raise
        return answer, self.store.keep(answer, release)


def _day(raw: Any) -> date:
    """Return the day of a case; one that has none is refused later, with all its faults."""
    text = raw.get("as_of") if isinstance(raw, dict) else None
    try:
        return date.fromisoformat(text) if isinstance(text, str) else date.max
    except ValueError:
        return date.max
