"""What is known of cases: files, rows and keys that were read or kept just now.

Where this process alone writes the database, what it knows of a case is how the case stands:
everything that changes one says so here. Elsewhere it is compared with the row each time.
"""

from collections import OrderedDict
from threading import Lock
from typing import Final
from weakref import WeakKeyDictionary

from api.cases.file import CaseFile
from api.cases.table import CaseHead
from api.database import Database

MOST: Final = 2048
"""Cases that are kept in memory; the least used goes first."""

Standing = tuple[CaseHead, CaseFile]


class Known:
    """Cases of one database, shared by all who work on them; rows in here are not changed."""

    def __init__(self) -> None:
        self._cases: OrderedDict[str, Standing] = OrderedDict()
        self._keys: OrderedDict[str, bytes] = OrderedDict()
        self._releases: OrderedDict[str, int] = OrderedDict()
        self._lock = Lock()

    def case(self, number: str) -> Standing | None:
        """Return where a case stands, and its file."""
        with self._lock:
            return self._cases.get(number)

    def remember(self, head: CaseHead, file: CaseFile) -> None:
        """Keep where a case stands, unless something newer is known."""
        with self._lock:
            known = self._cases.get(head.number)
            if known is not None and known[0].version > head.version:
                return
            self._cases[head.number] = head, file
            self._cases.move_to_end(head.number)
            while len(self._cases) > MOST:
                self._cases.popitem(last=False)

    def forget_case(self, number: str) -> None:
        """Let a case be read anew: somebody else changed it."""
        with self._lock:
            self._cases.pop(number, None)

    def key(self, number: str) -> bytes | None:
        """Return the key of a case's boxes."""
        with self._lock:
            return self._keys.get(number)

    def remember_key(self, number: str, key: bytes) -> None:
        """Keep the key of a case's boxes."""
        with self._lock:
            self._keys[number] = key
            while len(self._keys) > MOST:
                self._keys.popitem(last=False)

    def release(self, decision: str) -> int | None:
        """Return the number of the release that a sealed decision rests on, for ever."""
        with self._lock:
            return self._releases.get(decision)

    def remember_release(self, decision: str, release: int) -> None:
        """Keep the number of the release that a sealed decision rests on."""
        with self._lock:
            self._releases[decision] = release
            while len(self._releases) > MOST:
                self._releases.popitem(last=False)

    def forget(self, number: str) -> None:
        """Keep nothing of a case: it was erased."""
        with self._lock:
            self._cases.pop(number, None)
            self._keys.pop(number, None)


_OF: Final[WeakKeyDictionary[Database, Known]] = WeakKeyDictionary()
_GUARD: Final = Lock()


def known_in(database: Database) -> Known:
    """Return what is known of the cases of a database."""
    with _GUARD:
        return _OF.setdefault(database, Known())
