"""A process that seals without end, on eight threads, and says what it has promised.

`python -m tests.sealing URL`: after each commit a line with the hexadecimal leaf hash. It is
made to be killed at any moment.
"""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from os import getpid
from pathlib import Path
from threading import Event, RLock, Thread

from sqlalchemy import create_engine

from audit.entry import Entry
from audit.log import Log
from audit.sequencer import Sequencer
from audit.store import SqlStore
from tests.ledger import ORIGIN, signer, sqlite_engine

WRITERS = 8


def main(url: str) -> None:
    """Seal until killed."""
    embedded = url.startswith("sqlite:///")
    engine = (
        sqlite_engine(Path(url.removeprefix("sqlite:///")))
        if embedded
        else create_engine(url, pool_size=WRITERS + 1)
    )
    log, one_writer, one_line = Log(ORIGIN, signer(1), b"gate" * 8), RLock(), RLock()

    @contextmanager
    def transaction() -> Iterator[SqlStore]:
        if embedded:
            one_writer.acquire()
        try:
            with engine.begin() as connection:
                yield SqlStore(connection)
        finally:
            if embedded:
                one_writer.release()

    def write(writer: int) -> None:
        for number in count():
            body = {"process": getpid(), "writer": writer, "number": number}
            with transaction() as store:
                receipt = log.seal(store, Entry("note", clock(), body))
            with one_line:
                sys.stdout.write(receipt.leaf.hex() + "\n")
                sys.stdout.flush()

    for writer in range(WRITERS):
        Thread(target=write, args=(writer,), daemon=True).start()
    sequencer = Sequencer(log, transaction, clock, lambda _: None)
    sequencer.run(Event(), lambda error: sys.exit(f"{error}"), seconds=0.02)


def clock() -> int:
    """Return the milliseconds since 1970."""
    return time.time_ns() // 1_000_000


if __name__ == "__main__":
    main(sys.argv[1])
