"""The sandbox's faults on the line itself: what arrives, how fast, and how it ends."""

import socket
import time
from collections.abc import Iterator
from datetime import UTC, datetime

import httpx2
import pytest

from api.sandbox.cast import member
from knowledge.lookup.envelope import seal
from knowledge.lookup.order import Order, Purpose
from tests.sandboxed import Sandbox, sandboxed


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with sandboxed() as served:
        yield served


def place_and_body(sandbox: Sandbox) -> tuple[str, bytes]:
    """Return the path of the population library and a request for a founder."""
    source = sandbox.exchange.registries["population"].source
    one, purpose = member("founder"), Purpose("b.company_setup", "x", "y", "z", "1")
    order = Order(source, one.number, one.name, "natural", ("id_card",), (), purpose)
    assert source.lookup is not None
    hub = sandbox.hubs[source.lookup.hub]
    body = seal(order, source.lookup, hub, at=datetime.now(UTC), nonce="a1b2")
    return f"{hub.address.removeprefix(sandbox.address)}/{source.lookup.code}", body


def called(sandbox: Sandbox, fault: str) -> socket.socket:
    """Return a connection on which a look-up has just been sent."""
    sandbox.exchange.faults.put("population", fault)
    path, body = place_and_body(sandbox)
    host, port = sandbox.address.removeprefix("http://").split(":")
    line = socket.create_connection((host, int(port)), timeout=20)
    head = f"POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Length: {len(body)}\r\n\r\n"
    line.sendall(head.encode() + body)
    return line


def arriving(line: socket.socket) -> Iterator[bytes]:
    while part := line.recv(65536):
        yield part


def until_reset(line: socket.socket) -> bytes:
    """Return what arrives before the connection is reset; any other end fails."""
    arrived = b""
    try:
        for part in arriving(line):
            arrived += part
    except ConnectionResetError:
        return arrived
    pytest.fail("the connection ended in peace")


def test_a_reset_comes_in_the_middle_of_an_answer(sandbox: Sandbox) -> None:
    with called(sandbox, "reset") as line:
        arrived = until_reset(line)

    head, _, body = arrived.partition(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
    assert 0 < len(body) < length


def test_a_refused_connection_brings_nothing(sandbox: Sandbox) -> None:
    with called(sandbox, "refuse") as line, pytest.raises(ConnectionResetError):
        next(arriving(line))


def test_a_drip_is_one_byte_in_100_ms(sandbox: Sandbox) -> None:
    with called(sandbox, "drip") as line:
        start, parts = time.perf_counter(), []
        for part in arriving(line):
            parts.append(part)
            if len(parts) > 10:
                break
        took = time.perf_counter() - start

    chunks = b"".join(parts).partition(b"\r\n\r\n")[2].split(b"\r\n")
    assert all(len(one) <= 1 for one in chunks)
    assert took > 0.7


@pytest.mark.parametrize(("fault", "seconds"), [("slow", 1.5), ("very_slow", 10)])
def test_a_slow_registry_answers_in_the_end(
    sandbox: Sandbox, fault: str, seconds: float
) -> None:
    start = time.perf_counter()
    with called(sandbox, fault) as line:
        first = next(arriving(line))

    assert first.startswith(b"HTTP/1.1 200")
    assert seconds <= time.perf_counter() - start < seconds + 2


def test_a_huge_answer_has_10_megabytes(sandbox: Sandbox) -> None:
    size = 0
    with called(sandbox, "huge") as line:
        for part in arriving(line):
            size += len(part)
            if part.endswith(b"0\r\n\r\n"):
                break

    assert size > 10 * 1024 * 1024


def test_a_huge_answer_may_be_left_half_way(
    sandbox: Sandbox, capfd: pytest.CaptureFixture[str]
) -> None:
    with called(sandbox, "huge") as line:
        next(arriving(line))
    with called(sandbox, "none") as line:
        assert next(arriving(line)).startswith(b"HTTP/1.1 200")

    assert capfd.readouterr().err == ""


def test_who_follows_a_redirect_gets_an_answer_and_is_found_out(sandbox: Sandbox) -> None:
    path, body = place_and_body(sandbox)
    sandbox.exchange.faults.put("population", "redirect")

    stays, follows = (
        httpx2.post(sandbox.address + path, content=body, follow_redirects=follow)
        for follow in (False, True)
    )

    assert stays.status_code == 307
    assert follows.status_code == 200
    assert "moved" in str(follows.url)


@pytest.mark.parametrize("fault", ["reset", "refuse", "drip"])
def test_a_broken_line_leaves_the_server_well(sandbox: Sandbox, fault: str) -> None:
    for _ in range(5):
        called(sandbox, fault).close()

    with called(sandbox, "none") as line:
        assert next(arriving(line)).startswith(b"HTTP/1.1 200")
