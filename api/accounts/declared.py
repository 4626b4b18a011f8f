"""Declarations: every route says which permission it needs, or the service does not start."""

from collections.abc import Iterator
from typing import Any, Final

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts

from api.accounts.permission import Permission, Requirement

OPEN_TO_ALL: Final = {
    "/static": "stylesheets and scripts, the same for everybody",
    "/openapi.json": "the description of the interface, which other systems read first",
}
"""Routes that are no doors of ours and carry no declaration, each with its reason."""


class UndeclaredError(RuntimeError):
    """Routes without a permission; `paths` names them."""

    def __init__(self, paths: list[str]) -> None:
        self.paths = paths
        super().__init__(
            f"no permission is declared for {', '.join(paths)}; give the route a parameter "
            "like `who: Worker` (api.accounts.permission)"
        )


def declarations(app: FastAPI) -> dict[tuple[str, str], frozenset[Permission]]:
    """Return the permissions that each method of each path needs: all of them."""
    return {
        (method, context.path or ""): frozenset(_permissions(_dependant(context)))
        for context in iter_route_contexts(app.routes)
        if context.path not in OPEN_TO_ALL
        for method in sorted(getattr(context, "methods", None) or {"*"})
    }


def require_declared(app: FastAPI) -> None:
    """Raise `UndeclaredError` unless every route declares what it needs."""
    found = declarations(app)
    bare = [f"{method} {path}" for (method, path), needed in found.items() if not needed]
    if bare:
        raise UndeclaredError(bare)


def _dependant(context: Any) -> Any:
    return getattr(context, "dependant", None)  # a mount or a plain route has none


def _permissions(dependant: Any) -> Iterator[Permission]:
    if dependant is None:
        return
    if isinstance(dependant.call, Requirement):
        yield dependant.call.permission
    for one in dependant.dependencies:
        yield from _permissions(one)
