"""Navigation: the links at the head of every page, to what somebody may do."""

from dataclasses import dataclass
from typing import Final

from api.accounts.permission import Permission, Who

PLACES: Final = (
    ("/queue", "queue", Permission.WORK),
    ("/tasks", "tasks", Permission.WORK),
    ("/desk", "desk", Permission.DECIDE),
    ("/supervision", "supervision", Permission.SUPERVISE),
    ("/credit", "credit", Permission.LEGAL),
    ("/audit", "audit", Permission.AUDIT),
    ("/accounts", "accounts", Permission.ADMIN),
)
"""Path, key of the name (`accounts.nav.*`), and what it takes to go there."""


@dataclass(frozen=True, slots=True)
class Link:
    """A link; `here` where the page lies below it."""

    path: str
    key: str
    here: bool


def links(who: Who, path: str) -> list[Link]:
    """Return the links of somebody; while nobody can sign in there are none to choose from."""
    if not who.signed_in:
        return []
    return [
        Link(place, f"accounts.nav.{key}", here=f"{path}/".startswith(f"{place}/"))
        for place, key, needed in PLACES
        if who.may(needed)
    ]
