"""The office: everything that the doors need, wired once: store, engine, packs by release."""

import gc
from collections import OrderedDict
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date
from functools import partial
from threading import Event, Lock, Thread
from typing import Any

import structlog
from sqlalchemy import Connection

from api.answer import Answer, Answerer, MatchersDifferError
from api.bundled import bundled_folder
from api.helping import Helping
from api.inspect_pack import refuse_unfit
from api.record import Asker
from api.store import Kept, Store
from api.table import Release
from audit.log import Batch
from audit.sequencer import Sequencer
from audit.store import SqlStore
from evaluator.decide import Decider
from evaluator.rete_worker import EngineWorker
from knowledge.fault import Fault, FaultsError
from rules.pack import Reader, read_files

SINCE_EVER = date(1949, 10, 1)
"""The first day of the bundled pack's release: its rules carry their own days."""

MOST_PACKS = 4
"""Releases whose packs are kept loaded."""

Along = Callable[[Connection, Kept], None]
"""Work in the transaction that keeps a decision."""

_log = structlog.get_logger()


class Office:
    """Answers cases by the release in force on their day, and keeps every answer."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._engine = EngineWorker()
        self._helping = Helping()
        self._answerers: OrderedDict[int, Answerer] = OrderedDict()
        self._lock = Lock()
        self._stop = Event()
        self.sequencer = Sequencer(
            store.keys.log, self._transaction, store.milliseconds, self._published
        )
        if not store.releases():
            self.seed()
        self._placing = Thread(target=self._place, name="sequencer", daemon=True)
        self._placing.start()

    def close(self) -> None:
        """Give what waits its place, end the engine and close the store."""
        self._stop.set()
        self._placing.join()
        self.sequencer.once()
        self._helping.close()
        self._engine.close()
        self.store.close()
        gc.unfreeze()

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
        return release, self._answerer(release)

    def call_help(self, day: date) -> None:
        """Have an assistant soon for the release in force on a day, where that can help."""
        release = self.store.in_force(day)
        answerer = self._answerers.get(release.id or 0) if release else None
        if release and answerer:  # who is busy has loaded it
            self._helping.call(answerer, partial(self.store.files, release))

    def decider_of(self, number: int) -> Decider:
        """Return the decider of a release, by its number: what decided its cases."""
        return self.answerer_of(number)[1].decider

    def answerer_of(self, number: int) -> tuple[Release, Answerer]:
        """Return a release by its number, with its answerer."""
        release = self.store.release_of(number)
        return release, self._answerer(release)

    def _answerer(self, release: Release) -> Answerer:
        with self._lock:
            number = release.id or 0
            answerer = self._answerers.get(number)
            if answerer is None:
                pack = Reader(self.store.files(release)).pack()
                answerer = self._answerers[number] = Answerer(pack, self._engine)
                gc.freeze()  # a pack is large and stays: not to be looked through again
            self._answerers.move_to_end(number)
            if len(self._answerers) > MOST_PACKS:
                self._answerers.popitem(last=False)
                gc.unfreeze()
        return answerer

    def answer(
        self, raw: Any, asker: Asker | None = None, along: Along | None = None
    ) -> tuple[Answer, Kept]:
        """Decide a case and keep the decision, or raise `FaultsError`.

        What goes `along` is done in the transaction that keeps it, or undoes both.
        Raises `MatchersDifferError` after sealing the incident; a refusal is sealed too.
        """
        asker = asker or Asker()
        release, answerer = self.on(_day(raw))
        try:
            answer = answerer.answer_stated(raw)
        except FaultsError as error:
            self.store.keep_refusal(error.faults, asker)
            raise
        except MatchersDifferError as error:
            self.store.keep_incident(error, asker)
            raise
        kept, keep = self.store.keeping(answer, release, answerer.organs(answer), asker)

        def work(connection: Connection) -> None:
            keep(connection)
            if along is not None:
                along(connection, kept)

        self.store.database.write(work)
        return answer, kept

    def _transaction(self) -> AbstractContextManager[SqlStore]:
        return self.store.log()

    def _published(self, batch: Batch) -> None:
        if batch.refused:
            _log.error("rows that did not come through the gate", count=len(batch.refused))

    def _place(self) -> None:
        self.sequencer.run(self._stop, _failed)


def _failed(error: Exception) -> None:
    _log.error("giving places failed", reason=type(error).__name__)


def _day(raw: Any) -> date:
    """Return the day of a case; one that has none is refused later, with all its faults."""
    text = raw.get("as_of") if isinstance(raw, dict) else None
    try:
        return date.fromisoformat(text) if isinstance(text, str) else date.max
    except ValueError:
        return date.max
