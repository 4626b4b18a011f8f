"""The sandbox's registries as the program meets them: over HTTP, signed, with every fault."""

import statistics
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import orjson
import pytest

from api.sandbox.cast import member
from api.sandbox.exchange import APP_ID
from api.sandbox.fault import ALL, Fault
from api.sandbox.particular import UNSAID
from api.sandbox.registry import Registry
from knowledge.lookup.envelope import is_signed, seal, sign
from knowledge.lookup.hub import Hub
from knowledge.lookup.order import Answer, Order, Purpose
from knowledge.lookup.registries import Registries
from tests.sandboxed import SECRET, Sandbox, sandboxed

ITEM = "r.generic"
TOGETHER = 8


@pytest.fixture(scope="module")
def served() -> Iterator[Sandbox]:
    with sandboxed() as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(served: Sandbox) -> Iterator[Sandbox]:
    yield served
    served.exchange.faults.put(ALL, "none")


def order(registry: Registry, number: str, name: str, *words: str, item: str = "") -> Order:
    """Return an order for words of a registry, for an item that may ask it."""
    source = registry.source
    item = item or next(one for one in (*source.items, ITEM) if one != "*")
    return Order(
        source=source,
        subject=number,
        name=name,
        kind="natural",
        materials=tuple(one for one in words if one in source.materials),
        claims=tuple(one for one in words if one in source.claims),
        purpose=Purpose(item, "政务数据共享条例第十四条", "clerk", "一窗", "1"),
    )


def title(sandbox: Sandbox, key: str = "wronged") -> Order:
    """Return an order for the title of one of the cast."""
    one = member(key)
    registry = sandbox.exchange.registries["real_estate"]
    return order(registry, one.number, one.name, "title_certificate")


def ask(sandbox: Sandbox, one: Order) -> Answer:
    """Return the answer of the program's own look-up, whose breakers are new."""
    registries = Registries(sandbox.hubs)
    try:
        return registries.ask(one)
    finally:
        registries.close()


def said(answer: Answer) -> set[tuple[str, str]]:
    return {(one.verdict, one.reason) for one in answer.findings}


def url(sandbox: Sandbox, one: Order) -> str:
    assert one.source.lookup is not None
    return f"{sandbox.hubs[one.source.lookup.hub].address}/{one.source.lookup.code}"


def request(sandbox: Sandbox, one: Order, *, at: datetime | None = None, **other: Any) -> bytes:
    """Return a signed request for an order, with other values in it."""
    assert one.source.lookup is not None
    hub: Hub = sandbox.hubs[one.source.lookup.hub]
    sealed = seal(one, one.source.lookup, hub, at=at or datetime.now(UTC), nonce="a1b2")
    document = orjson.loads(sealed) | other
    kind = one.source.lookup.signature
    document["sign"] = other.get("sign") or sign(document, signature=kind, secret=SECRET)
    return orjson.dumps(document)


def test_every_source_that_can_be_asked_answers_about_somebody(sandbox: Sandbox) -> None:
    orders = []
    for registry in sandbox.exchange.registries.values():
        for code in registry.codes:
            one = registry.some(code)[0]
            orders.append(order(registry, one.number, one.name, *registry.words(code)))

    registries = Registries(sandbox.hubs)
    answers = [
        answer
        for at in range(0, len(orders), TOGETHER)
        for answer in registries.ask_all(orders[at : at + TOGETHER])
    ]
    registries.close()

    assert len(orders) > 100
    for answer in answers:
        assert said(answer) == {("found_match", "")}, answer.order.source.id
        assert UNSAID not in [value for _, value in answer.shown], answer.shown


def test_an_answer_is_signed_and_of_the_form_agreed_on(sandbox: Sandbox) -> None:
    one = title(sandbox)
    answer = httpx2.post(url(sandbox, one), content=request(sandbox, one)).json()

    assert is_signed(answer, signature="hmac-sm3", secret=SECRET)
    assert answer.keys() == {"head", "data", "sign"}
    assert answer["head"]["status"] == "200"
    assert answer["head"]["requestId"] == "a1b2"
    assert answer["data"]["cxjg"]["total"] == len(answer["data"]["cxjg"]["data"]) == 1


def test_nothing_is_found_about_a_stranger(sandbox: Sandbox) -> None:
    registry = sandbox.exchange.registries["population"]

    answer = ask(sandbox, order(registry, "11010519491231002X", "张三", "id_card"))

    assert said(answer) == {("not_found", "")}


@pytest.mark.parametrize(
    ("fault", "verdict", "reason"),
    [
        ("none", "found_match", ""),
        ("slow", "unavailable", "timeout"),
        ("very_slow", "unavailable", "timeout"),
        ("down", "unavailable", "server"),
        ("refuse", "unavailable", "reset"),
        ("reset", "unavailable", "reset"),
        ("wrong_person", "found_conflict", "other_person"),
        ("stale", "found_match", ""),
        ("conflicting", "found_conflict", "contradictory"),
        ("bad_schema", "unavailable", "schema"),
        ("not_json", "unavailable", "not_json"),
        ("unsigned", "unavailable", "signature"),
        ("wrong_signature", "unavailable", "signature"),
        ("huge", "unavailable", "too_large"),
        ("drip", "unavailable", "timeout"),
        ("redirect", "unavailable", "redirect"),
        ("not_authorised", "not_authorised", "registry"),
        ("clock", "unavailable", "clock"),
        ("empty", "not_found", ""),
    ],
)
def test_the_program_sees_each_fault_for_what_it_is(
    sandbox: Sandbox, fault: str, verdict: str, reason: str
) -> None:
    sandbox.exchange.faults.put("real_estate", fault)

    assert said(ask(sandbox, title(sandbox))) == {(verdict, reason)}


def test_every_fault_has_been_tried() -> None:
    marks = test_the_program_sees_each_fault_for_what_it_is.pytestmark  # type: ignore[attr-defined]  # (pytest keeps the cases there)

    assert [case[0] for case in marks[0].args[1]] == [*Fault]


def test_a_fault_of_one_registry_leaves_the_others_alone(sandbox: Sandbox) -> None:
    sandbox.exchange.faults.put("real_estate", "down")
    one, registry = member("founder"), sandbox.exchange.registries["population"]

    assert said(ask(sandbox, order(registry, one.number, one.name, "id_card"))) == {
        ("found_match", "")
    }


def test_stale_data_are_of_400_days_ago(sandbox: Sandbox) -> None:
    sandbox.exchange.faults.put(ALL, "stale")

    (finding,) = ask(sandbox, title(sandbox)).findings

    age = datetime.now(UTC) + timedelta(hours=8) - datetime.fromisoformat(f"{finding.on}T00Z")
    assert age.days == 400


def test_who_is_not_known_or_does_not_sign_is_refused(sandbox: Sandbox) -> None:
    one, address = title(sandbox), url(sandbox, title(sandbox))
    late = datetime.now(UTC) - timedelta(minutes=6)
    bodies = {
        "appId": request(sandbox, one, appId="somebody"),
        "signature": request(sandbox, one, sign="00" * 32),
        "timestamp": request(sandbox, one, at=late),
    }

    for word, body in bodies.items():
        answer = httpx2.post(address, content=body)
        assert answer.status_code == 401, word
        assert word in answer.json()["head"]["msg"]


def test_a_request_of_another_form_is_refused_with_the_place(sandbox: Sandbox) -> None:
    one, address = title(sandbox), url(sandbox, title(sandbox))
    bodies = {
        "not JSON": b"{",
        "no object": b"[]",
        "`appId`": request(sandbox, one, appId=APP_ID.split("-")),
        "`timestamp`": request(sandbox, one, timestamp="2026-11-28T13:00:00"),
        "`zjhm`": request(sandbox, one, biz_content={}),
        "`basis`": request(sandbox, one, purpose={"item": ITEM}),
        "`interface`": request(sandbox, one, interface="s_other"),
    }

    for word, body in bodies.items():
        answer = httpx2.post(address, content=body)
        assert answer.status_code == 400, word
        assert word in answer.json()["head"]["msg"]
    assert httpx2.post(address, content=b" " * 70_000).status_code == 413
    assert httpx2.post(f"{address}x", content=b"{}").status_code == 404


def test_a_registry_opens_only_to_its_items_and_for_a_reason(sandbox: Sandbox) -> None:
    registry, one = sandbox.exchange.registries["vehicles"], member("driver")
    bodies = [
        request(
            sandbox, order(registry, one.number, one.name, "vehicle_licence", item="f.divorce")
        ),
        request(
            sandbox,
            order(registry, one.number, one.name, "vehicle_licence"),
            purpose={"item": "v.modify", "basis": " "},
        ),
    ]
    address = url(sandbox, order(registry, one.number, one.name))

    answers = [httpx2.post(address, content=body).json() for body in bodies]

    assert [answer["head"]["status"] for answer in answers] == ["403", "403"]
    assert all(answer["data"]["cxjg"]["total"] == 0 for answer in answers)


def test_a_look_up_takes_less_than_5_ms_on_a_connection_that_stays_open(
    sandbox: Sandbox,
) -> None:
    one, address = title(sandbox), url(sandbox, title(sandbox))
    body, took = request(sandbox, one), []

    with httpx2.Client() as client:
        for _ in range(50):
            start = time.perf_counter()
            assert client.post(address, content=body).status_code == 200
            took.append(time.perf_counter() - start)

    quicker_quarter, *_ = statistics.quantiles(took)  # others use this machine too
    assert quicker_quarter < 0.005


def test_each_registry_has_a_latency_of_its_own_that_never_changes() -> None:
    with sandboxed(patient=True) as sandbox:
        exchange = sandbox.exchange
        latencies = {key: exchange.latency(key) for key in exchange.registries}
        start = time.perf_counter()
        ask(sandbox, title(sandbox))
        took = time.perf_counter() - start

    assert all(20 <= one <= 250 for one in latencies.values())
    assert len({*latencies.values()}) > 30
    assert took * 1000 >= latencies["real_estate"]
    assert {key: exchange.latency(key) for key in latencies} == latencies
