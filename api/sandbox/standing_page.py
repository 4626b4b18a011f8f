"""The sandbox's page: every registry with its state and calls, the cast, and who is who."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby

from fastapi import Request, Response

from api.naming import Naming
from api.page import HEADERS, language, page
from api.sandbox.cast import CAST, Member
from api.sandbox.exchange import Exchange
from api.sandbox.fault import ALL, Fault
from api.sandbox.registry import Registry
from api.speech import speech
from knowledge.day import CHINA
from rules.pack import Pack


@dataclass(frozen=True, slots=True)
class Line:
    """One registry on the page; `item` and `basis` are the purpose of the last call."""

    source: str
    name: str
    organ: str
    fault: Fault
    calls: int
    item: str
    basis: str
    latency: int


@dataclass(frozen=True, slots=True)
class Held:
    """What one registry holds about somebody: papers and claims, and what a row says."""

    name: str
    holds: str
    shown: tuple[tuple[str, str], ...]


def show(
    request: Request, exchange: Exchange, pack: Pack, number: str, source: str
) -> Response:
    """Return the page, with what is held about a number if one is asked for."""
    lang = language(request)
    naming = Naming(pack, speech(lang))
    residents = (
        next(iter(exchange.registries.values())).population if exchange.registries else None
    )
    somebody = residents.find(number) if residents and number else None
    response = page(
        request,
        "sandbox.html",
        lang,
        lines=[_line(exchange, naming, one) for one in exchange.registries.values()],
        faults=[one.value for one in Fault],
        every=ALL,
        chosen=source,
        stories=[(story, [*members]) for story, members in groupby(CAST, _story)],
        number=number,
        somebody=somebody,
        held=[*_held(exchange, naming, number)] if somebody else [],
    )
    response.headers.update(HEADERS)
    response.headers["Cache-Control"] = "no-store"
    return response


def _story(member: Member) -> str:
    return member.story


def _line(exchange: Exchange, naming: Naming, registry: Registry) -> Line:
    source = registry.source
    standing = exchange.standing[source.id]
    known = naming.pack.catalogue.items
    item = naming.item(standing.item) if standing.item in known else standing.item
    return Line(
        source=source.id,
        name=naming.source(source.id),
        organ=naming.organ(source.organ),
        fault=exchange.faults.of(source.id),
        calls=standing.calls,
        item=item,
        basis=standing.basis,
        latency=exchange.latency(source.id),
    )


def _held(exchange: Exchange, naming: Naming, number: str) -> Iterator[Held]:
    day = datetime.now(UTC).astimezone(CHINA).date()
    for key, registry in exchange.registries.items():
        rows = registry.rows(number, registry.codes, day)
        if not rows:
            continue
        words = [word for row in rows for word in registry.words(row[registry.interface.row])]
        materials = [naming.material(one) for one in words if one in registry.source.materials]
        claims = [one for one in words if one in registry.source.claims]
        shown = dict.fromkeys(
            (label, str(row[field]))
            for row in rows
            for field, label in registry.interface.show.items()
        )
        names = [*materials, *([naming.claims(claims)] if claims else [])]
        yield Held(naming.source(key), naming.speech.join(names), tuple(shown))
