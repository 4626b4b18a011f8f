"""Hearings: what the rows of an answer say about the things that were asked, and no more."""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any, Final

from knowledge.day import CHINA
from knowledge.fact import Fact, FactValueError
from knowledge.interface import Interface, LicenceFields
from knowledge.lookup.answer_form import Row
from knowledge.lookup.envelope import words
from knowledge.lookup.failure import UnavailableError
from knowledge.lookup.order import Finding, Heard, Order, Verdict

_DAY: Final = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})([ T].*)?|([0-9]{4})([0-9]{2})([0-9]{2})([0-9]{6})?"
)
_NUMBER: Final = re.compile(r"-?[0-9]{1,16}")
_ENDLESS: Final = frozenset({"", "长期"})


def hear(rows: Iterable[Row], order: Order, interface: Interface, moment: datetime) -> Heard:
    """Return what the rows of an answer of this moment say.

    Raises `UnavailableError` where a row is not what the interface describes.
    """
    return _Hearing(order, interface, moment.astimezone(CHINA).date()).of(tuple(rows))


class _Hearing:
    """One answer being read; `today` is its day in China."""

    def __init__(self, order: Order, interface: Interface, today: date) -> None:
        self._order, self._interface, self._today = order, interface, today
        self._words = words(order)

    def of(self, rows: tuple[Row, ...]) -> Heard:
        codes = {self._interface.code_of(name) for name in self._order.wanted}
        by_code: dict[str, list[Row]] = {code: [] for code in codes}
        for row in rows:
            code = _text(row, self._interface.row)
            if code not in by_code:  # the register speaks of what nobody asked about
                raise UnavailableError("schema")
            by_code[code].append(row)
        said = {code: self._verdict(about) for code, about in by_code.items()}
        matching = [
            row
            for code, about in by_code.items()
            if said[code][0] == "found_match"
            for row in about
        ]
        return Heard(
            findings=tuple(self._findings(said)),
            facts=self._facts(matching),
            licences=tuple(self._licences(by_code, said)),
            shown=tuple(self._shown(rows)),
        )

    def _verdict(self, rows: list[Row]) -> tuple[Verdict, str, date]:
        if not rows:
            return "not_found", "", self._today
        days = [self._day(row) for row in rows]
        if not all(self._is_asked(row) for row in rows):
            return "found_conflict", "other_person", self._today
        in_force = {self._in_force(row) for row in rows}
        if len(in_force) > 1 or self._contradict(rows):
            return "found_conflict", "contradictory", self._today
        if not in_force.pop():
            return "found_conflict", "not_in_force", self._today
        return "found_match", "", min(days)

    def _day(self, row: Row) -> date:
        """Return the day as of which the register speaks."""
        if self._interface.day is None:
            return self._today
        day = _read_day(_text(row, self._interface.day))
        if day > self._today:
            raise UnavailableError("clock")
        return day

    def _is_asked(self, row: Row) -> bool:
        """Return whether a row is about the person asked about."""
        return all(
            _text(row, field) == self._words[word]
            for word, field in self._interface.echoed.items()
            if word in self._words
        )

    def _in_force(self, row: Row) -> bool:
        status, licence = self._interface.status, self._interface.licence
        if status and _text(row, status.field) not in status.good:
            return False
        if licence is None:
            return True
        since, until = _period(row, licence)
        return (since is None or since <= self._today) and (
            until is None or self._today < until
        )

    def _contradict(self, rows: list[Row]) -> bool:
        """Return whether rows about one thing (one licence) tell it in two ways."""
        licence = self._interface.licence
        told: dict[str, set[tuple[Any, ...]]] = {}
        for row in rows:
            thing = _text(row, licence.number) if licence else ""
            facts = [row.get(described.field) for described in self._interface.facts.values()]
            period = _period(row, licence) if licence else ()
            told.setdefault(thing, set()).add((*facts, *period))
        return any(len(ways) > 1 for ways in told.values())

    def _findings(self, said: Mapping[str, tuple[Verdict, str, date]]) -> Iterator[Finding]:
        """Yield one finding for all that the same is said of."""
        order, code_of = self._order, self._interface.code_of
        for one in sorted({*said.values()}):
            materials = (name for name in order.materials if said[code_of(name)] == one)
            claims = (name for name in order.claims if said[code_of(name)] == one)
            verdict, reason, on = one
            yield Finding(verdict, reason, tuple(materials), tuple(claims), on)

    def _facts(self, rows: list[Row]) -> dict[str, Any]:
        """Return the facts asked for on which all matching rows agree."""
        facts = {}
        for fact in self._order.facts:
            described = self._interface.facts.get(fact.key)
            if described is None:
                continue
            cells = {row.get(described.field) for row in rows}
            if len(cells) == 1:
                stated = _stated(fact, cells.pop(), described.values)
                if stated is not None:
                    facts[str(fact.key)] = stated
        return facts

    def _licences(
        self,
        by_code: Mapping[str, list[Row]],
        said: Mapping[str, tuple[Verdict, str, date]],
    ) -> Iterator[dict[str, Any]]:
        """Yield the licences on record, as a case states them; of a contradiction none."""
        licence = self._interface.licence
        if licence is None:
            return
        for material in self._order.materials:
            code = self._interface.code_of(material)
            if said[code][1] in {"other_person", "contradictory"}:
                continue
            for row in by_code[code]:
                status = self._standing(row, licence)
                if status is not None:
                    yield self._licence(material, row, licence, status)

    def _standing(self, row: Row, licence: LicenceFields) -> str | None:
        status = self._interface.status
        if status is None or _text(row, status.field) in status.good:
            return "valid"
        return licence.spoilt.get(_text(row, status.field))

    def _licence(
        self, material: str, row: Row, licence: LicenceFields, status: str
    ) -> dict[str, Any]:
        since, until = _period(row, licence)
        return {
            "material": material,
            "holder": self._order.subject,
            "trust": "A",
            "status": status,
            "number": _text(row, licence.number),
            **({"since": since.isoformat()} if since else {}),
            **({"until": until.isoformat()} if until else {}),
        }

    def _shown(self, rows: Iterable[Row]) -> Iterator[tuple[str, str]]:
        """Yield what a clerk may see, never of another person."""
        seen: set[tuple[str, str]] = set()
        for row in rows:
            for field, label in self._interface.show.items():
                cell = row.get(field)
                if self._is_asked(row) and cell not in {None, ""}:
                    pair = (label, _spell(cell))
                    if pair not in seen:
                        seen.add(pair)
                        yield pair


def _text(row: Row, field: str) -> str:
    """Return the text of a described field; a row without it is not what was described."""
    cell = row.get(field)
    if cell is None:
        raise UnavailableError("schema")
    return _spell(cell)


def _spell(cell: object) -> str:
    return str(cell).lower() if isinstance(cell, bool) else str(cell)


def _read_day(text: str) -> date:
    found = _DAY.fullmatch(text)
    if found is None:
        raise UnavailableError("schema")
    year, month, day = (part for part in found.group(1, 2, 3, 5, 6, 7) if part)
    try:
        return date(int(year), int(month), int(day))
    except ValueError as error:
        raise UnavailableError("schema") from error


def _period(row: Row, licence: LicenceFields) -> tuple[date | None, date | None]:
    """Return the half-open period of a licence record: theirs names the last valid day."""
    since = _text(row, licence.since) if licence.since else ""
    last = _text(row, licence.until) if licence.until else ""
    until = None if last in _ENDLESS else _read_day(last)
    if until is not None:
        until = None if until.year == date.max.year else until + timedelta(days=1)
    return None if since in _ENDLESS else _read_day(since), until


def _stated(fact: Fact, cell: object, values: Mapping[str, Any] | None) -> Any:
    """Return the value that a cell states, as a case writes it; None if it fits no value."""
    stated = cell if values is None else values.get(_spell(cell))
    if values is None and fact.type in {"integer", "decimal", "date"}:
        stated = _spelt_as(fact.type, _spell(cell))
    try:
        fact.read(stated)
    except FactValueError:
        return None
    return stated


def _spelt_as(kind: str, text: str) -> Any:
    """Return the text of a cell as a case spells a number or a day."""
    if kind == "decimal":
        return text
    if kind == "integer":
        return int(text) if _NUMBER.fullmatch(text) else text
    try:
        return _read_day(text).isoformat()
    except UnavailableError:
        return text
