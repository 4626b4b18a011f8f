"""Connections to registries: kept, without cookies and proxies, and nothing in the logs."""

import threading
from concurrent.futures import ThreadPoolExecutor

import orjson
import pytest

from knowledge.lookup.registries import Registries
from tests.registering import (
    NUMBER,
    Caller,
    Json,
    Server,
    cuts,
    document_of,
    order_of,
    replies,
    source_of,
    told,
)


def test_many_threads_share_one_that_asks_and_none_is_left_behind(server: Server) -> None:
    before = threading.active_count()
    registries = Registries({"city": server.hub})
    registries.ask(order_of())
    names = {thread.name for thread in threading.enumerate()}

    with ThreadPoolExecutor(16) as desks:
        answers = list(desks.map(lambda _: registries.ask(order_of()), range(200)))
        others = {thread.name for thread in threading.enumerate()} - names
    registries.close()

    assert all(
        told(answer) <= {("found_match", ""), ("unavailable", "busy")} for answer in answers
    )
    assert "look-ups" in names
    assert "look-ups" not in others
    assert not any(thread.name == "look-ups" for thread in threading.enumerate())
    assert threading.active_count() <= before + 16, "connections of the server may linger"


def test_nothing_can_be_asked_once_the_registries_are_closed(server: Server) -> None:
    registries = Registries({"city": server.hub})
    registries.close()
    registries.close()

    with pytest.raises(RuntimeError, match="closed"):
        registries.ask(order_of())


def test_connections_are_kept_and_cookies_are_not(
    server: Server, registries: Registries
) -> None:
    ports: set[int] = set()
    cookies: list[str | None] = []

    def behave(caller: Caller, request: Json) -> None:
        ports.add(caller.client_address[1])
        cookies.append(caller.headers["cookie"])
        body = orjson.dumps(document_of(request["requestId"]))
        caller.reply(body, headers={"set-cookie": f"person={NUMBER}"})

    server.faults["s_register"] = behave
    for _ in range(5):
        assert told(registries.ask(order_of())) == {("found_match", "")}

    assert len(ports) == 1
    assert cookies == [None] * 5


def test_a_proxy_of_the_environment_is_not_used(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    registries = Registries({"city": server.hub})

    answer = registries.ask(order_of())
    registries.close()

    assert told(answer) == {("found_match", "")}


def test_a_compressed_answer_is_not_unpacked(server: Server, registries: Registries) -> None:
    server.faults["s_register"] = replies(
        b"\x1f\x8b\x08\x00", headers={"content-encoding": "gzip"}
    )

    assert told(registries.ask(order_of())) == {("unavailable", "not_json")}


def test_no_person_appears_in_the_logs(
    server: Server, registries: Registries, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    server.faults["s_down"] = cuts
    for _ in range(11):
        registries.ask_all([order_of(), order_of(source_of("down"))])

    assert NUMBER not in caplog.text
    assert "甄示例" not in caplog.text
    assert "secret of" not in caplog.text
