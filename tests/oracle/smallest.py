"""The smallest matter: what is left of a failing pack and case when nothing more can go.

For failures of the seeded run, which Hypothesis cannot shrink, and faster than Hypothesis.
"""

from collections.abc import Callable, Iterator
from typing import Any

from tests.oracle.matter import Json

Fails = Callable[[Json, Json], bool]

# What is needed, or would say nothing if it went.
PLAIN: Json = {"when": "true", "select": {}, "until": None, "since": "2010-01-01"}
STAYS = {"id", "key", "name", "item", "ground", "basis", "accepts", "as_of", "applicant"}


def less_list(content: list[Any]) -> Iterator[list[Any]]:
    """Yield the list with a half less, one element less, or an element smaller."""
    half = len(content) // 2
    yield from [content[half:], content[:half]] if half > 1 else []
    for place in range(len(content)):
        yield content[:place] + content[place + 1 :]
    for place, part in enumerate(content):
        for less in less_of(part):
            yield [*content[:place], less, *content[place + 1 :]]


def less_mapping(content: Json) -> Iterator[Json]:
    """Yield the mapping with one key less, a plainer value, or a smaller value."""
    for key, part in content.items():
        if key not in STAYS:
            yield {other: one for other, one in content.items() if other != key}
        if key in PLAIN and part != PLAIN[key]:
            yield {**content, key: PLAIN[key]}
    for key, part in content.items():
        for less in less_of(part):
            yield {**content, key: less}


def less_of(content: object) -> Iterator[Any]:
    """Yield whatever is one part less, larger parts first; nothing for a plain value."""
    if isinstance(content, list):
        yield from less_list(content)
    if isinstance(content, dict):
        yield from less_mapping(content)


def smaller(pack: Json, case: Json) -> Iterator[tuple[Json, Json]]:
    """Yield the matter with one part less: of the case, then of the pack."""
    for less in less_of(case):
        yield pack, less
    for less in less_of(pack):
        yield less, case


def smallest(pack: Json, case: Json, fails: Fails) -> tuple[Json, Json]:
    """Return a part of a failing matter that still fails and of which every part is needed.

    `fails` says whether a matter shows the failure; a matter for which it raises anything
    does not.
    """

    def still(pack: Json, case: Json) -> bool:
        try:
            return fails(pack, case)
        except Exception:  # noqa: BLE001 (what is no sound pack is no smaller example)
            return False

    while True:
        found = next((one for one in smaller(pack, case) if still(*one)), None)
        if found is None:
            return pack, case
        pack, case = found
