"""The list of services: every item by organ and every process by step, to choose from."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from api.naming import Naming
from api.speech import Speech
from rules.pack import Pack


@dataclass(frozen=True, slots=True)
class Service:
    """An item, or a step (`process/step`) of a process; `words` is what a search looks in."""

    key: str
    name: str
    words: str
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """The services of one organ, or the steps of one process."""

    key: str
    name: str
    services: tuple[Service, ...]


def services(pack: Pack, speech: Speech, query: str, chosen: Iterable[str]) -> list[Group]:
    """Return the items that a search finds, by organ, those with the most items first."""
    names, wanted, picked = Naming(pack, speech), query.casefold().split(), {*chosen}
    known = pack.catalogue
    by_organ: dict[str, list[Service]] = defaultdict(list)
    for item in known.items.values():
        organ = known.organs[item.organ]
        entries: tuple[Any, ...] = (
            item,
            organ,
            *(known.materials[one] for one in item.outputs),
        )
        words = _searched(
            item.id, *(part for one in entries for part in (one.name, one.name_en))
        )
        if all(one in words for one in wanted):
            found = Service(item.id, names.entry(item), words, item.id in picked)
            by_organ[organ.id].append(found)
    ordered = sorted(by_organ.items(), key=lambda one: (-len(one[1]), one[0]))
    return [Group(organ, names.organ(organ), tuple(found)) for organ, found in ordered]


def processes(pack: Pack, speech: Speech, query: str) -> list[Group]:
    """Return the processes that a search finds, each with all its steps in order."""
    names, wanted = Naming(pack, speech), query.casefold().split()
    groups = []
    for process in pack.catalogue.processes.values():
        items = [process.by_id[step].item for step in process.order]
        entries: list[Any] = [process, *(pack.catalogue.items[item] for item in items)]
        words = _searched(*(part for one in entries for part in (one.name, one.name_en)))
        steps = tuple(
            Service(f"{process.id}/{step}", names.item(item), words)
            for step, item in zip(process.order, items, strict=True)
        )
        if all(one in words for one in wanted):
            groups.append(Group(process.id, names.entry(process), steps))
    return groups


def _searched(*parts: str | None) -> str:
    return " ".join(part for part in parts if part).casefold()
