"""Helping: when a busy service takes an assistant, and for which release."""

from collections.abc import Callable
from threading import Lock
from typing import Final

from api.answer import Answerer
from api.assistant import Assistant
from api.cores import ALL
from rules.pack import Files

MOST_LOSSES: Final = 3
"""Assistants that may be lost over one release before the service goes on without."""


class Helping:
    """At most one assistant at a time, for the release that was asked for last."""

    def __init__(self, *, cores: int = len(ALL)) -> None:
        self._lock = Lock()
        self._of: Answerer | None = None
        self._losses = 0
        self._closed = cores == 1  # two processes on one core only wait for each other

    def call(self, answerer: Answerer, files: Callable[[], Files]) -> None:
        """Have an assistant for a release soon, unless there is one; returns at once."""
        known = answerer.assistant
        if self._closed or (known is not None and not known.ended):
            return
        with self._lock:
            if self._of is not answerer:
                self._leave()
                self._of, self._losses = answerer, 0
            if known is not None:
                self._losses += known.lost
                answerer.assistant = None
            if self._losses < MOST_LOSSES:
                rules, catalogue = answerer.decider.pack.rules, answerer.decider.pack.catalogue
                answerer.assistant = Assistant(files, rules.digest, catalogue.digest)

    def close(self) -> None:
        """End the assistant, and take no other."""
        with self._lock:
            self._closed = True
            self._leave()

    def _leave(self) -> None:
        if self._of is not None and self._of.assistant is not None:
            self._of.assistant.close()
            self._of.assistant = None
