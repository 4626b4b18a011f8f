"""The sequencer: the service that gives places about every second and publishes checkpoints."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from threading import Event

from audit.log import BATCH, Batch, Log, Store

Transaction = Callable[[], AbstractContextManager[Store]]
"""Opens a transaction that commits when its block ends well."""


class Sequencer:
    """Runs a log's `sequence` over and over, one at a time in the whole installation."""

    def __init__(
        self,
        log: Log,
        transaction: Transaction,
        clock: Callable[[], int],
        published: Callable[[Batch], None],
    ) -> None:
        """`clock` tells milliseconds since 1970; `published` gets batches that are not idle."""
        self._log = log
        self._transaction = transaction
        self._clock = clock
        self._published = published

    def once(self) -> Batch:
        """Place all that waits; return the last batch that placed or refused something."""
        last = Batch(0, None)
        while True:
            with self._transaction() as store:
                batch = self._log.sequence(store, self._clock())
            if batch.placed or batch.refused:
                self._published(batch)
                last = batch
            if batch.placed < BATCH:
                return last

    def run(
        self, stop: Event, failed: Callable[[Exception], None], *, seconds: float = 0.5
    ) -> None:
        """Work until told to stop; a failure is handed on, and the next round tries again."""
        while not stop.is_set():
            try:
                self.once()
            except Exception as error:  # noqa: BLE001 the record outlives a database restart
                failed(error)
            stop.wait(seconds)
