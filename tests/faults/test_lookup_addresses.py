"""Look-ups go to the addresses of the hubs and nowhere else, whatever a pack or answer says."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from pydantic import ValidationError

from knowledge.lookup.hub import Hub
from knowledge.lookup.registries import Registries
from tests.registering import SECRET, Server, order_of, replies, serving, source_of

ELSEWHERE = (
    "http://{0}/", "http://127.0.0.1:{1}/s", "http://localhost:{1}/s", "//{0}/s",
    "http://2130706433:{1}/s", "http://0x7f000001:{1}/s", "http://0177.0.0.1:{1}/s",
    "http://127.1:{1}/s", "http://[::ffff:127.0.0.1]:{1}/s", "http://[::1]:{1}/s",
    "http://0.0.0.0:{1}/s", "http://user@{0}/s", "http://hub@{0}#@hub/",
    "http:\\\\{0}\\s", "HTTP://{0}/s", "http://{0}/latest/meta-data/",
    "https://{0}/", "ftp://{0}/", "gopher://{0}/_x", "file:///etc/hostname",
)  # fmt: skip
STATUSES = (301, 302, 303, 307, 308)
ODD_CODES = (
    "http://{0}/s", "//{0}/s", "../s", "s/../../t", "/s", "s?x=1", "s#x", "s@{0}", "s:80",
    "%2e%2e", "s\\t", " s", "s\n", "", ".", "..", "登记",
)  # fmt: skip


@contextmanager
def listening() -> Iterator[tuple[int, list[object]]]:
    """Listen, on all addresses of this machine, for whoever should not come."""
    came: list[object] = []
    with socket.create_server(("", 0)) as listener:
        listener.settimeout(0.05)
        over = threading.Event()

        def accept() -> None:
            while not over.is_set():
                try:
                    caller, address = listener.accept()
                except TimeoutError:
                    continue
                caller.close()
                came.append(address)

        thread = threading.Thread(target=accept)
        thread.start()
        try:
            yield listener.getsockname()[1], came
        finally:
            over.set()
            thread.join()


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as running:
        yield running


def test_a_registry_that_points_elsewhere_is_never_followed(server: Server) -> None:
    with listening() as (port, came):
        registries = Registries({"city": server.hub})
        for place, there in enumerate(ELSEWHERE):
            address = there.format(f"127.0.0.1:{port}", port)
            headers = {"location": address, "refresh": f"0; url={address}"}
            source = source_of(f"r{place}")
            status = STATUSES[place % len(STATUSES)]
            server.faults[f"s_r{place}"] = replies(b"", status, headers)
            (finding,) = registries.ask(order_of(source)).findings
            assert (finding.verdict, finding.reason) == ("unavailable", "redirect")
        registries.close()

    assert came == []


@pytest.mark.parametrize("code", ODD_CODES)
def test_an_interface_that_would_lead_elsewhere_is_refused_with_its_pack(code: str) -> None:
    with pytest.raises(ValidationError):
        source_of(code=code.format("127.0.0.1:9"))


def test_a_code_that_came_past_the_check_stays_below_the_hub(server: Server) -> None:
    """Whatever made such a source: what is called is the host of the hub."""
    with listening() as (port, came):
        registries = Registries({"city": server.hub})
        for code in ODD_CODES:
            source = source_of()
            assert source.lookup is not None
            odd = source.lookup.model_copy(update={"code": code.format(f"127.0.0.1:{port}")})
            answer = registries.ask(order_of(source.model_copy(update={"lookup": odd})))
            assert {one.verdict for one in answer.findings} <= {"unavailable", "found_match"}
        registries.close()

    assert came == []


def test_proxies_of_the_surroundings_are_not_asked(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    with listening() as (port, came):
        for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{port}")
        registries = Registries({"city": server.hub})
        (finding,) = registries.ask(order_of()).findings
        registries.close()

    assert finding.verdict == "found_match"
    assert came == []


@pytest.mark.parametrize("address", ["file:///etc/", "ftp://127.0.0.1/", "127.0.0.1", ""])
def test_a_hub_that_is_no_web_address_is_out_of_reach(address: str) -> None:
    registries = Registries({"city": Hub(address, "us", SECRET)})
    (finding,) = registries.ask(order_of()).findings
    registries.close()

    assert finding.verdict == "unavailable"


def test_the_listener_would_see_whoever_came() -> None:
    with listening() as (port, came):
        socket.create_connection(("127.0.0.1", port)).close()
        while not came:
            threading.Event().wait(0.01)

    assert len(came) == 1
