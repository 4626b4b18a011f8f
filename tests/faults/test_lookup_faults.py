"""Look-ups against real sockets: every fault has its word and its time, and settles nothing."""

import socket
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import chain, repeat
from statistics import median
from typing import Any

import orjson
import pytest

from knowledge.lookup.hub import Hub, Limits
from knowledge.lookup.order import Answer, Order
from knowledge.lookup.registries import Registries
from tests.registering import (
    PURPOSE,
    SECRET,
    Behaviour,
    Caller,
    Json,
    Server,
    cuts,
    document_of,
    drips,
    drips_headers,
    huge,
    late,
    order_of,
    replies,
    resets,
    row_of,
    says,
    signed,
    source_of,
    told,
    well,
)

DEADLINE = 2.6
Timed = tuple[list[Answer], float]


def timed(
    registries: Registries,
    orders: list[Order],
    arrived: Callable[[Answer], None] | None = None,
) -> Timed:
    begun = time.monotonic()
    return registries.ask_all(orders, arrived), time.monotonic() - begun


def changed(change: Callable[[Json], Json]) -> Behaviour:
    """Change a good signed answer, and leave its signature as it was."""

    def behave(caller: Caller, request: Json) -> None:
        caller.reply(orjson.dumps(change(document_of(request["requestId"]))))

    return behave


def resigned(**other: Any) -> Behaviour:
    """Answer with another document, properly signed."""
    return lambda caller, request: caller.reply(
        orjson.dumps(signed(document_of(request["requestId"]) | other))
    )


def head(**other: Any) -> Behaviour:
    """Answer properly, with another head."""
    return lambda caller, request: caller.reply(
        orjson.dumps(document_of(request["requestId"], **other))
    )


def ago(minutes: int) -> str:
    return (datetime.now(UTC) - timedelta(minutes=minutes)).isoformat()


UNAVAILABLE: dict[str, tuple[Behaviour, str]] = {
    "slow": (late(1.5), "timeout"),
    "very slow": (late(10), "timeout"),
    "dripping": (drips, "timeout"),
    "dripping headers": (drips_headers, "timeout"),
    "reset at once": (cuts, "reset"),
    "reset mid-answer": (resets, "reset"),
    "out of order": (replies(b"down", 503), "server"),
    "overloaded": (replies(b"later", 429), "server"),
    "unknown there": (replies(b"what?", 404), "server"),
    "overloaded, by the head": (head(status="503"), "server"),
    "redirecting": (replies(b"", 302, {"location": "http://127.0.0.1:1/"}), "redirect"),
    "huge": (huge, "too_large"),
    "huge and said so": (replies(b"[" + b" " * 300_000 + b"]"), "too_large"),
    "a page": (replies(b"<html>login</html>"), "not_json"),
    "empty": (replies(b""), "not_json"),
    "half": (replies(b'{"head": {"status": "200"'), "not_json"),
    "a key twice": (replies(b'{"sign": "", "sign": ""}'), "not_json"),
    "a list": (replies(b"[]"), "schema"),
    "no content": (replies(b"", 204), "schema"),
    "without data": (resigned(data=None), "schema"),
    "with another total": (resigned(data={"cxjg": {"total": 9, "data": []}}), "schema"),
    "with more than an answer": (resigned(remark="hello"), "schema"),
    "of another request": (head(requestId="0" * 32), "other_request"),
    "unsigned": (
        changed(lambda document: {k: v for k, v in document.items() if k != "sign"}),
        "signature",
    ),
    "wrongly signed": (changed(lambda document: document | {"sign": "0" * 64}), "signature"),
    "an hour late": (head(timestamp=ago(60)), "clock"),
    "an hour early": (head(timestamp=ago(-60)), "clock"),
    "from tomorrow": (says([row_of(sjrq="2999-01-01")]), "clock"),
}  # fmt: skip


@pytest.mark.parametrize("name", UNAVAILABLE)
def test_a_fault_is_no_answer_in_time_with_its_reason(
    server: Server, registries: Registries, name: str
) -> None:
    server.faults["s_register"], reason = UNAVAILABLE[name]

    (answer,), seconds = timed(registries, [order_of()])

    assert told(answer) == {("unavailable", reason)}
    assert answer.findings[0].materials == ("card", "permit")
    assert answer.findings[0].claims == ("identity",)
    assert (answer.facts, answer.licences, answer.shown) == ({}, (), ())
    assert seconds < DEADLINE


def test_a_registry_that_is_not_there_is_refused() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, so that nobody else takes it; not listening
        hub = Hub(f"http://127.0.0.1:{taken.getsockname()[1]}", "us", SECRET)
        registries = Registries({"city": hub})
        (answer,), seconds = timed(registries, [order_of()])
        registries.close()

    assert told(answer) == {("unavailable", "refused")}
    assert seconds < 1


@pytest.mark.parametrize(
    "behaviour", [replies(b"", 401), replies(b"", 403), head(status="403")]
)
def test_a_registry_may_say_that_we_may_not_ask(
    server: Server, registries: Registries, behaviour: Behaviour
) -> None:
    server.faults["s_register"] = behaviour

    assert told(registries.ask(order_of())) == {("not_authorised", "registry")}


def test_a_good_answer_is_found_and_kept_with_what_was_sent(
    server: Server, registries: Registries
) -> None:
    answer = registries.ask(order_of())

    assert told(answer) == {("found_match", "")}
    assert answer.facts == {"kind": "a", "area": "12.50"}
    assert ("姓名", "甄示例") in answer.shown
    assert answer.attempts == 1
    assert orjson.loads(answer.request) == server.requests[0]
    assert orjson.loads(answer.raw)["head"]["requestId"] == server.requests[0]["requestId"]
    assert answer.digest.startswith("sha256:")
    assert answer.request_digest.startswith("sha256:")


@pytest.mark.parametrize(
    "order",
    [
        order_of(purpose=replace(PURPOSE, basis=" ")),
        order_of(materials=("card", "passport")),
        order_of(claims=("household",)),
        order_of(replace_source := source_of().model_copy(update={"items": ("other",)})),
        order_of(replace_source.model_copy(update={"sharing": "none", "items": ("*",)})),
    ],
)
def test_what_may_not_be_asked_is_never_sent(
    server: Server, registries: Registries, order: Order
) -> None:
    answer = registries.ask(order)

    assert told(answer) == {("not_authorised", "authority")}
    assert server.requests == []


def test_a_source_that_is_not_connected_says_nothing(
    server: Server, registries: Registries
) -> None:
    elsewhere = source_of(hub="elsewhere")
    bare = elsewhere.model_copy(update={"lookup": None})

    assert not registries.connected(elsewhere)
    assert not registries.connected(bare)
    assert [
        answer.findings for answer in registries.ask_all(map(order_of, (elsewhere, bare)))
    ] == [
        (),
        (),
    ]
    assert server.requests == []


def test_eight_black_holes_at_once_take_no_longer_than_one(
    server: Server, registries: Registries
) -> None:
    names = [f"r{place}" for place in range(8)]
    server.faults |= {f"s_{name}": drips for name in names}

    answers, seconds = timed(registries, [order_of(source_of(name)) for name in names])

    assert all(told(answer) == {("unavailable", "timeout")} for answer in answers)
    assert seconds < DEADLINE


def test_every_fault_at_once_is_no_answer_and_leaves_a_good_registry_alone(
    server: Server,
) -> None:
    # The server of this test has all of them on its hands: it may take longer than a registry.
    registries = Registries({"city": server.hub}, Limits(connect=2.4, read=2.4))
    names = {f"r{place}": fault for place, fault in enumerate(UNAVAILABLE) if fault != "slow"}
    server.faults |= {f"s_{name}": UNAVAILABLE[fault][0] for name, fault in names.items()}
    came: list[str] = []

    answers, seconds = timed(
        registries,
        [order_of(source_of(name)) for name in (*names, "good")],
        lambda answer: came.append(answer.order.source.id),
    )
    registries.close()

    *bad, good = answers
    for answer in bad:
        reason = UNAVAILABLE[names[answer.order.source.id]][1]
        assert told(answer) <= {("unavailable", reason), ("unavailable", "timeout")}
    assert told(good) == {("found_match", "")}
    assert seconds < DEADLINE
    assert sorted(came) == sorted([*names, "good"])


def test_whoever_asks_is_answered_even_if_the_asking_itself_is_held_up(server: Server) -> None:
    def clock() -> datetime:
        if threading.current_thread().name == "look-ups":
            time.sleep(1)
        return datetime.now(UTC)

    registries = Registries({"city": server.hub}, Limits(total=0.3), clock)
    (answer,), seconds = timed(registries, [order_of()])
    registries.close()

    assert told(answer) == {("unavailable", "timeout")}
    assert seconds < 0.8


def test_answers_arrive_one_by_one_in_the_thread_that_asked(
    server: Server, registries: Registries
) -> None:
    server.faults["s_slow"] = late(0.5)
    came: list[tuple[str, str]] = []

    answers = registries.ask_all(
        [order_of(source_of("slow")), order_of(source_of("fast"))],
        lambda answer: came.append((answer.order.source.id, threading.current_thread().name)),
    )

    assert [source for source, _ in came] == ["fast", "slow"]
    assert {thread for _, thread in came} == {threading.current_thread().name}
    assert [answer.order.source.id for answer in answers] == ["slow", "fast"]


def test_an_open_breaker_answers_at_once_and_sends_nothing(
    server: Server, registries: Registries
) -> None:
    server.faults["s_register"] = replies(b"down", 503)
    for _ in range(5):
        registries.ask(order_of())
    sent = server.calls["s_register"]

    (answer,), seconds = timed(registries, [order_of()])

    assert told(answer) == {("unavailable", "breaker")}
    assert seconds < 0.05
    assert server.calls["s_register"] == sent
    (standing,) = registries.standing()
    assert (standing.source, standing.state, standing.last_error) == (
        "register",
        "open",
        "server",
    )


def test_a_registry_that_is_back_is_asked_again_after_one_probe(server: Server) -> None:
    registries = Registries({"city": server.hub}, Limits(rest=0.2))
    server.faults["s_register"] = replies(b"down", 503)
    for _ in range(5):
        registries.ask(order_of())
    server.faults["s_register"] = late(0.3)
    time.sleep(0.25)

    together = registries.ask_all([order_of()] * 6)
    afterwards = registries.ask(order_of())
    registries.close()

    verdicts = [next(iter(told(answer))) for answer in together]
    assert verdicts.count(("found_match", "")) == 1, "the probe"
    assert verdicts.count(("unavailable", "breaker")) == 5
    assert told(afterwards) == {("found_match", "")}


def test_a_total_outage_costs_no_more_than_a_tenth_of_calls_again(server: Server) -> None:
    registries = Registries({"city": server.hub}, Limits(in_a_row=10**6, window=10**6))
    server.faults["s_register"] = replies(b"down", 503)

    answers = registries.ask_all([order_of()] * 8)
    for _ in range(20):
        answers += registries.ask_all([order_of()] * 4)
    registries.close()

    again = server.calls["s_register"] - len(answers)
    assert 0 < again <= len(answers) / 10
    assert max(answer.attempts for answer in answers) == 2


def test_a_single_reset_is_mended_by_asking_again(
    server: Server, registries: Registries
) -> None:
    for _ in range(10):
        registries.ask(order_of())
    behaviours = chain([cuts], repeat(well))

    def first_cuts(caller: Caller, request: Json) -> None:
        next(behaviours)(caller, request)

    server.faults["s_register"] = first_cuts

    answer = registries.ask(order_of())

    assert told(answer) == {("found_match", "")}
    assert answer.attempts == 2


def test_no_more_are_sent_to_one_registry_at_once_than_its_limit(server: Server) -> None:
    server.faults["s_register"] = late(0.5)
    limited = Registries({"city": server.hub}, Limits(at_once=8, wait=0.1))

    try:
        answers = limited.ask_all([order_of()] * 12)
    finally:
        limited.close()

    verdicts = [next(iter(told(answer))) for answer in answers]
    assert verdicts.count(("found_match", "")) == 8
    assert verdicts.count(("unavailable", "busy")) == 4
    assert server.calls["s_register"] == 8


def test_a_black_hole_among_eight_does_not_slow_the_others(
    server: Server, registries: Registries
) -> None:
    names = [f"r{place}" for place in range(8)]
    orders = [order_of(source_of(name)) for name in names]

    def times_of_the_others() -> float:
        seen: list[int] = []

        def desk(_: int) -> None:
            for answer in registries.ask_all(orders):
                if answer.order.source.id != "r0":
                    assert told(answer) == {("found_match", "")}
                    seen.append(answer.milliseconds)

        with ThreadPoolExecutor(4) as desks:
            list(desks.map(desk, range(24)))
        return median(seen)

    times_of_the_others()
    before = times_of_the_others()
    server.faults["s_r0"] = late(10)
    during = times_of_the_others()

    assert during <= 1.1 * before + 5, "milliseconds; the machine itself wavers by a few"
