"""The service: batches, the start of the command line, and the memory of the server."""

import json
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psutil

from evaluator.example import read_examples
from rules.pack import Pack
from tests.benchmarks.measure import COMMAND, Gate, proportional_memory, run

BATCH = 6_000
REQUESTS = 300
ROUNDS = 3


def bench(pack: Pack) -> tuple[list[str], list[Gate]]:
    """Return what is to be told, and the gates, of the command line and the server."""
    texts = [json.dumps(example.case) for _, example in read_examples(pack)]
    first, rate = _batch(texts)
    answer, memory, processes = _server(texts)
    lines = [
        "",
        (
            f"`jianzheng decide --batch` of {BATCH:,} cases (the examples of the bundled pack, "
            f"repeated), both matchers: {rate:,.0f} cases/s; a batch of one case takes "
            f"{first:.2f} s."
        ),
        "",
        (
            f"`jianzheng serve`: {REQUESTS} decisions kept, median {answer:.1f} ms a request; "
            f"its {processes} processes take {memory:.0f} MB together (PSS)."
        ),
    ]
    gates = [
        Gate("batch, both matchers", rate, 1_000, "cases/s", at_least=True),
        Gate("batch: from the start to the end of one case", first, 2, "s"),
        Gate(f"server's memory after {REQUESTS} decisions", memory, 350, "MB"),
    ]
    return lines, gates


def _batch(texts: list[str]) -> tuple[float, float]:
    """Return the seconds that one case takes, and cases a second, the best of some rounds."""
    many = [texts[at % len(texts)] for at in range(BATCH)]
    with TemporaryDirectory() as folder:
        one, all_ = Path(folder, "one.ndjson"), Path(folder, "all.ndjson")
        one.write_text(many[0] + "\n")
        all_.write_text("\n".join(many) + "\n")
        first = min(_seconds(one, 1) for _ in range(ROUNDS))
        whole = min(_seconds(all_, BATCH) for _ in range(ROUNDS))
    return first, (BATCH - 1) / (whole - first)


def _seconds(cases: Path, number: int) -> float:
    said, seconds, _ = run("decide", "--batch", str(cases))
    lines = said.splitlines()
    refused = sum(line.startswith('{"error"') for line in lines)
    if len(lines) != number or refused:
        raise AssertionError(
            f"{refused} of {len(lines)} cases were refused, not {number} decided"
        )
    return seconds


def _server(texts: list[str]) -> tuple[float, float, int]:
    """Return the median request in milliseconds, the memory in MB, the number of processes."""
    with _serving() as (process, port):
        connection = HTTPConnection("127.0.0.1", port, timeout=30)
        times = []
        for at in range(REQUESTS):
            begin = time.perf_counter()
            _post(connection, texts[at % len(texts)])
            times.append(time.perf_counter() - begin)
        family = [process.pid]
        family += [child.pid for child in psutil.Process(process.pid).children(recursive=True)]
        memory = sum(proportional_memory(one) for one in family)
    return sorted(times)[len(times) // 2] * 1000, memory, len(family)


def _post(connection: HTTPConnection, text: str) -> None:
    connection.request(
        "POST", "/api/v1/decisions", text.encode(), {"Content-Type": "application/json"}
    )
    response = connection.getresponse()
    body = response.read()
    if response.status != 201:
        raise AssertionError(f"the server answers {response.status}: {body[:500]!r}")


@contextmanager
def _serving() -> Iterator[tuple["subprocess.Popen[Any]", int]]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with TemporaryDirectory() as folder:
        process = subprocess.Popen(  # noqa: S603 our own command line
            [COMMAND, "serve", "--port", str(port)], cwd=folder, stdout=subprocess.DEVNULL
        )
        try:
            _wait(port)
            yield process, port
        finally:
            process.terminate()
            process.wait(20)


def _wait(port: int) -> None:
    for _ in range(300):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise RuntimeError("the server does not start")
