"""Who may come in where: every route, every role, and nobody, from the application itself."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Final

import pytest
from fastapi import APIRouter, Depends, FastAPI

from api.accounts.declared import UndeclaredError, declarations, require_declared
from api.accounts.permission import MAY, Permission, Public, Role, requires
from api.app import create_app
from tests.reception import Staffed, open_staffed, served

NEEDS: Final = {
    "/": "public",
    "/login": "public",
    "/logout": "public",
    "/account": "signed_in",
    "/accounts": "admin",
    "/desk": "decide",
    "/audit": "audit",
    "/api/v1/accounts": "admin",
    "/api/v1/audit": "audit",
    "/api/v1/cases": "work",
    "/api/v1/credit": "credit",
    "/api/v1/decisions": "decide",
    "/api/v1/log": "public",
    "/api/v1/persons": "work",
    "/cases": "work",
    "/verify": "public",
    "/tasks/{about}": "work",
    "/tasks": "tasks",
    "/supervision": "supervise",
    "/publicity": "public",
    "/credit": "credit",
    "/api/v1/tasks": "work",
    "/api/v1/notices/{number}": "public",
    "/api/v1/figures": "supervise",
    "/api/v1/alerts": "supervise",
    "/notices": "work",
    "/api/v1/notices": "work",
    "/people": "work",
    "/processes": "work",
    "/projects": "work",
    "/queue": "work",
}
"""What a path and all below it should need, by the longest match: written down apart."""

PARTS: Final = {"number": "20260101-000000000000000", "leaf": "0" * 64, "login": "nobody"}
ALLOWED: Final = {str(role): {str(one) for one in MAY[role]} for role in Role} | {
    "nobody": {"public"}
}

Route = tuple[str, str]
APP: Final = create_app()
EXPRESS: Final = ("*", "")
"""The express door has no address of its own: it asks for what its routes do (test_express)."""

DECLARED: Final = {
    route: needed for route, needed in declarations(APP).items() if route != EXPRESS
}
ROUTES: Final = sorted(DECLARED)


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Staffed]:
    with served(open_staffed(tmp_path_factory.mktemp("matrix"))) as office:
        yield office


def should_need(path: str) -> str:
    """Return what a path should need, as it is written down here."""
    below = path
    while below not in NEEDS:
        below = below.rpartition("/")[0]
        assert below, f"write down in NEEDS what {path} should need"
    return NEEDS[below]


@pytest.mark.parametrize("route", ROUTES, ids=" ".join)
def test_a_route_needs_what_it_should(route: Route) -> None:
    assert DECLARED[route] == {Permission(should_need(route[1]))}


def test_every_described_operation_is_one_of_these_routes() -> None:
    described = {
        (method.upper(), path)
        for path, methods in APP.openapi()["paths"].items()
        for method in methods
    }

    assert described
    assert described <= set(ROUTES)


def test_guarded_operations_say_that_they_want_a_token_and_may_refuse() -> None:
    for path, methods in APP.openapi()["paths"].items():
        for operation in methods.values():
            guarded = should_need(path) != "public"
            assert bool(operation.get("security")) == guarded, path
            assert ({"401", "403"} <= operation["responses"].keys()) == guarded, path


@pytest.mark.parametrize("login", [*ALLOWED])
def test_every_route_lets_in_who_may_and_nobody_else(office: Staffed, login: str) -> None:
    wrong = []
    for method, path in ROUTES:
        status = asked(office, login, method, path)
        allowed = should_need(path) in ALLOWED[login]
        denied = 401 if login == "nobody" else 403
        good = status not in (401, 403) and status < 500 if allowed else status == denied
        if (method, path) == ("POST", "/login"):
            good = status == 403  # let in to try, and the password is wrong
        if not good:
            wrong.append((method, path, status))

    assert wrong == []


def asked(office: Staffed, login: str, method: str, path: str) -> int:
    """Return the status of a route; programs ask the interface, people the pages."""
    place = path.format_map(Parts())
    if login == "nobody":
        client = office.visitor()
    elif path.startswith("/api/"):
        client = office.program(login)
    else:
        client = office.client(login)
    # A reply may be a stream without an end: its head is enough.
    with client, client.stream(method, place) as answer:
        return int(answer.status_code)


class Parts(dict[str, str]):
    """The parts of a path: of the right form, and of nothing that is there."""

    def __missing__(self, name: str) -> str:
        """Return what stands for a part."""
        return PARTS.get(name.partition(":")[0], "x")


# routes that nobody declared


def bare() -> None:
    """Stand for a route."""


def test_the_service_does_not_start_with_a_route_that_declares_nothing() -> None:
    app = create_app()
    hidden = APIRouter(prefix="/hidden")
    hidden.add_api_route("/door", bare, methods=["POST"])
    app.include_router(hidden)

    with pytest.raises(UndeclaredError, match="POST /hidden/door"):
        require_declared(app)


def test_mounts_and_sockets_are_not_forgotten() -> None:
    app = FastAPI(openapi_url=None)
    app.mount("/elsewhere", FastAPI())
    app.add_api_websocket_route("/socket", bare)

    with pytest.raises(UndeclaredError) as refused:
        require_declared(app)
    assert refused.value.paths == ["* /elsewhere", "* /socket"]


def test_a_declaration_counts_on_the_route_on_its_router_or_below_another_dependency() -> None:
    def through(_: Annotated[object, Depends(requires(Permission.WORK))]) -> None:
        """Stand for a dependency."""

    def declared(who: Public) -> str:
        return who.login

    app = FastAPI(openapi_url=None)
    guarded = APIRouter(prefix="/a", dependencies=[Depends(through)])
    guarded.add_api_route("/b", bare)
    app.include_router(guarded)
    app.add_api_route("/c", declared)

    assert declarations(app) == {
        ("GET", "/a/b"): {Permission.WORK},
        ("GET", "/c"): {Permission.PUBLIC},
    }


def test_this_file_names_no_path_that_is_gone() -> None:
    below = {path: [one for _, one in ROUTES if one == path or one.startswith(f"{path}/")]
             for path in NEEDS}  # fmt: skip

    assert [path for path, found in below.items() if not found] == []
    assert Path(__file__).name == "test_authorisation.py"
