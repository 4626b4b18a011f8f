"""The express door: the same answers as by the routes, for the usual requests and no others."""

from collections.abc import Iterator
from typing import Any

import pytest
from starlette.routing import Match

from api.cases.rest.express import CASES, NEEDED, Express
from tests.casework import Clerk, at_work, opening
from tests.reception import Staffed
from tests.unit.test_authorisation import DECLARED

NUMBER = "20261128-ABCDEF"
Work = tuple[Staffed, dict[str, Clerk]]


@pytest.fixture(scope="module")
def work(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[Staffed, dict[str, Clerk]]]:
    with at_work(tmp_path_factory.mktemp("express")) as work:
        yield work


def scope(method: str, path: str, **keys: Any) -> dict[str, Any]:
    asked = {"type": "http", "method": method, "path": path, "query_string": b"", "headers": []}
    return asked | keys


def takes(method: str, path: str, **keys: Any) -> bool:
    return Express().matches(scope(method, path, **keys))[0] == Match.FULL


@pytest.mark.parametrize(
    "asked",
    [("POST", CASES), ("GET", f"{CASES}/{NUMBER}"), ("POST", f"{CASES}/{NUMBER}/answers")],
)
def test_it_takes_what_desks_ask_for_most(asked: tuple[str, str]) -> None:
    assert takes(*asked)


@pytest.mark.parametrize(
    ("method", "path", "keys"),
    [
        ("GET", CASES, {}),
        ("PUT", f"{CASES}/{NUMBER}", {}),
        ("GET", f"{CASES}/{NUMBER}/answers", {}),
        ("GET", f"{CASES}/{NUMBER}/events", {}),
        ("POST", f"{CASES}/{NUMBER}/lookups", {}),
        ("POST", f"{CASES}/{NUMBER}/unheard-of", {}),
        ("POST", f"{CASES}/{NUMBER}/answers/more", {}),
        ("GET", f"{CASES}/{NUMBER}\n", {}),
        ("GET", f"{CASES}/small-letters", {}),
        ("GET", f"{CASES}/{'1' * 33}", {}),
        ("GET", f"{CASES}/{NUMBER}", {"query_string": b"full=true"}),
        ("POST", f"{CASES}/{NUMBER}/answers", {"headers": [(b"if-match", b'"3"')]}),
        ("POST", f"{CASES}/{NUMBER}/answers", {"root_path": "/hall"}),
        ("POST", f"{CASES}/{NUMBER}/answers", {"type": "websocket"}),
    ],
)
def test_it_leaves_what_is_unusual_to_the_routes(
    method: str, path: str, keys: dict[str, Any]
) -> None:
    assert not takes(method, path, **keys)


def test_it_asks_for_the_permission_that_the_routes_declare() -> None:
    taken = {
        route: needed
        for route, needed in DECLARED.items()
        if takes(route[0], route[1].replace("{number}", NUMBER))
    }
    assert len(taken) > 15
    assert set(taken.values()) == {frozenset({NEEDED})}


@pytest.mark.parametrize("login", ["auditor", "admin"])
def test_nobody_comes_in_here_who_may_not_by_the_routes(work: Work, login: str) -> None:
    client = work[1][login].client
    for method, path in (("POST", CASES), ("GET", f"{CASES}/{NUMBER}")):
        quick, slow = (
            client.request(method, path + query, json=opening() if method == "POST" else None)
            for query in ("", "?by=routes")
        )
        assert quick.status_code == slow.status_code == 403
        assert quick.json() == slow.json()


def test_without_a_token_it_answers_as_the_routes(
    work: Work,
) -> None:
    with work[0].visitor() as visitor:
        quick, slow = (visitor.get(f"{CASES}/{NUMBER}{query}") for query in ("", "?by=routes"))
    assert quick.status_code == slow.status_code == 401
    assert quick.json() == slow.json()
    assert dict(quick.headers).keys() == dict(slow.headers).keys()


def test_it_answers_as_the_routes(work: Work) -> None:
    clerk = work[1]["own"]
    number = clerk.open()["number"]
    there = f"{CASES}/{number}"
    for method, path, body in (
        ("GET", there, None),
        ("GET", f"{CASES}/{NUMBER}", None),
        ("POST", f"{there}/note", {"text": ""}),
        ("POST", f"{there}/answers", {"facts": {"unheard_of": 1}}),
        ("POST", f"{CASES}/{NUMBER}/note", {"text": "a remark"}),
        ("POST", CASES, {"items": ["unheard_of"]}),
    ):
        quick, slow = (
            clerk.client.request(method, path + query, json=body)
            for query in ("", "?by=routes")
        )
        assert quick.status_code == slow.status_code
        assert quick.json() == slow.json()
        assert quick.headers["content-type"] == slow.headers["content-type"]
        assert quick.headers.get("etag") == slow.headers.get("etag")
