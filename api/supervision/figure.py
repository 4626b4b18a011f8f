"""Figures: what the desk achieved and where it failed, counted from the record by SQL alone.

Counted are the cases opened within a period, and all that happened in them since. Each figure
has a numerator, a denominator and a definition (口径, `figures.of.*` in the catalogue);
K-numbers are those of the circular's promises.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final, Literal

from sqlalchemy import (
    ColumnElement,
    Connection,
    String,
    and_,
    case,
    cast,
    func,
    literal,
    or_,
    select,
)
from sqlmodel import col

from api.cases.table import Alert, CaseTally, Publicity, StoredReceipt, Task
from api.database import Database
from api.supervision.alert import begin, end
from rules.ground import ORDER, Ground

DEFINITION: Final = 1
"""The version of the definitions; it grows when one of them changes."""

By = Literal["month", "organ", "office", "item"]
BYS: Final[tuple[By, ...]] = ("month", "organ", "office", "item")
Unit = Literal["share", "seconds", "mean", "count"]

MADE: Final = ("true", "false", "exempt")
RECTIFIABLE: Final = (
    "beyond_list", "own_issued_taken", "repeated_demand", "second_notice", "in_vain",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Kind:
    """One figure: its key, the promise it measures, its unit, and what it should be."""

    key: str
    promise: str
    unit: Unit
    target: str = ""


KINDS: Final = (
    Kind("statutory", "K18", "mean"),
    Kind("submit", "K18", "mean"),
    Kind("saved", "K18", "share"),
    Kind("zero_paper", "K18", "share"),
    Kind("zero_visit", "K5", "share"),
    Kind("online", "K2", "share"),
    Kind("finished_online", "K3", "share"),
    Kind("hits", "K8", "share"),
    Kind("look_up_time", "K8", "seconds"),
    Kind("beyond_list", "K8", "count", "0"),
    Kind("made", "K9", "count"),
    Kind("published", "K9", "share", "100 %"),
    Kind("verified", "K9", "share", "100 %"),
    Kind("false", "K9", "share"),
    Kind("repeated_demand", "K11", "count", "0"),
    Kind("own_issued_taken", "K11", "count", "0"),
    Kind("second_notice", "K13", "share", "0 %"),
    Kind("in_time", "K13", "share", "100 %"),
    Kind("time_to_list", "K13", "seconds"),
    Kind("time_to_acceptance", "K13", "seconds"),
    Kind("deemed", "K13", "count", "0"),
    Kind("cloned", "K14", "share"),
    Kind("prefilled", "K14", "share"),
    Kind("yellow", "K16", "count"),
    Kind("red", "K16", "count", "0"),
    Kind("rectified", "K16", "share", "100 %"),
)


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure as counted; a denominator of 0 means that there was nothing to count."""

    kind: Kind
    numerator: int
    denominator: int

    @property
    def value(self) -> float | None:
        """The share, mean or number of seconds; a count as it is; none without anything."""
        if self.kind.unit == "count":
            return self.numerator
        return self.numerator / self.denominator if self.denominator else None


@dataclass(frozen=True, slots=True)
class Period:
    """Which cases are counted: opened from `since` to `until`, both included."""

    since: date
    until: date
    organ: str = ""
    office: str = ""
    item: str = ""

    def conditions(self) -> Iterable[ColumnElement[bool]]:
        """Yield what a counted case fulfils."""
        yield col(CaseTally.day) >= self.since
        yield col(CaseTally.day) <= self.until
        for key in ("organ", "office", "item"):
            if getattr(self, key):
                yield col(getattr(CaseTally, key)) == getattr(self, key)


@dataclass(frozen=True, slots=True)
class Answers:
    """What a register answered: how often with which verdict, and how long it took."""

    source: str
    verdicts: Mapping[str, int]
    milliseconds: int

    @property
    def asked(self) -> int:
        """How often it was asked."""
        return sum(self.verdicts.values())


@dataclass(frozen=True, slots=True)
class Counted:
    """All figures of a period, in all and by group; papers saved by ground; registers."""

    cases: int
    figures: tuple[Figure, ...]
    groups: Mapping[str, tuple[Figure, ...]]
    savings: Mapping[str, int]
    registers: tuple[Answers, ...]


Sums = dict[str, int]


def _nothing() -> Sums:
    return defaultdict(int)


@dataclass
class _Sums:
    all: Sums = field(default_factory=_nothing)
    groups: dict[str, Sums] = field(default_factory=lambda: defaultdict(_nothing))

    def add(self, group: str, key: str, n: int) -> None:
        self.all[key] += n
        self.groups[group][key] += n


def count(database: Database, period: Period, by: By = "month") -> Counted:
    """Return the figures of a period."""
    group, where = _group(by), list(period.conditions())
    sums = _Sums()
    with database.reading() as connection:
        _tally(connection, group, where, sums)
        _alerts(connection, group, where, sums)
        _commitments(connection, group, where, sums)
        registers = tuple(_registers(connection, period))
        savings = _savings(connection, where)
    groups = sorted(sums.groups.items())
    return Counted(
        cases=sums.all["cases"],
        figures=_figures(sums.all),
        groups={name: _figures(found) for name, found in groups},
        savings=savings,
        registers=registers,
    )


def _group(by: By) -> Any:
    if by == "month":
        return func.substr(cast(col(CaseTally.day), String), 1, 7)
    return col(getattr(CaseTally, by))


def _n(condition: Any) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)


def _total(column: Any) -> ColumnElement[int]:
    return func.coalesce(func.sum(column), 0)


def _tally(
    connection: Connection, group: Any, where: list[ColumnElement[bool]], sums: _Sums
) -> None:
    one = CaseTally
    ended = col(one.status).in_(("granted", "refused"))
    measured = {
        "cases": func.count(),
        "statutory": _total(one.statutory),
        "submit": _total(one.submit),
        "final": _n(col(one.final)),
        "zero_paper": _n(and_(col(one.final), col(one.submit) == 0, col(one.papers) == 0)),
        "zero_visit": _n(and_(col(one.online), col(one.originals) == 0)),
        "online": _n(col(one.online)),
        "finished_online": _n(and_(col(one.online), ended)),
        "ended": _n(ended),
        "in_time": _n(and_(ended, ~col(one.late))),
        "listed": func.count(col(one.listed_after)),
        "time_to_list": _total(one.listed_after),
        "accepted": func.count(col(one.accepted_after)),
        "time_to_acceptance": _total(one.accepted_after),
        "deemed": _n(col(one.deemed)),
        "cloned": _n(col(one.cloned)),
        "stated": _total(one.stated),
        "prefilled": _total(one.prefilled),
        "notices": _total(one.notices),
        "look_ups": _total(one.look_ups),
        "hits": _total(one.hits),
        "milliseconds": _total(one.milliseconds),
    }
    query = select(group, *measured.values()).where(*where).group_by(group)
    for row in connection.execute(query):
        for key, n in zip(measured, row[1:], strict=True):
            sums.add(row[0], key, int(n))


def _alerts(
    connection: Connection, group: Any, where: list[ColumnElement[bool]], sums: _Sums
) -> None:
    kind, closed = col(Alert.kind), col(Alert.state) != "open"
    query = (
        select(group, kind, func.count(), _n(closed))
        .join(CaseTally, col(CaseTally.number) == col(Alert.number))
        .where(*where)
        .group_by(group, kind)
    )
    for name, what, n, done in connection.execute(query):
        sums.add(name, what, n)
        if what in RECTIFIABLE:
            sums.add(name, "rectifiable", n)
            sums.add(name, "rectified", done)


def _commitments(
    connection: Connection, group: Any, where: list[ColumnElement[bool]], sums: _Sums
) -> None:
    made = and_(col(Task.kind) == "verification", col(Task.outcome) != "taken_back")
    done = col(Task.outcome).in_(MADE)
    closed = func.substr(cast(col(Task.closed_at), String), 1, 10)
    in_time = and_(done, closed <= func.substr(cast(col(Task.due_on), String), 1, 10))
    paper, material = col(Task.paper), col(Publicity.material)
    published = (
        select(col(Publicity.id))
        .where(col(Publicity.number) == col(Task.number))
        .where(or_(paper == material, paper.like(literal("%:").concat(material))))
        .exists()
    )
    query = (
        select(
            group, func.count(), _n(published), _n(done), _n(in_time),
            _n(col(Task.outcome) == "false"),
        )
        .select_from(Task)
        .join(CaseTally, col(CaseTally.number) == col(Task.number))
        .where(made, *where)
        .group_by(group)
    )  # fmt: skip
    for name, *counts in connection.execute(query):
        keys = ("made", "published", "checked", "verified", "false")
        for key, n in zip(keys, counts, strict=True):
            sums.add(name, key, int(n))


def _registers(connection: Connection, period: Period) -> Iterable[Answers]:
    """Yield what each register answered to look-ups of the period; an index has it all."""
    one = StoredReceipt
    source, verdict = col(one.source), col(one.verdict)
    where = [
        col(one.asked_at) >= begin(period.since),
        col(one.asked_at) < end(period.until),
    ]
    if period.office:
        where.append(col(one.office) == period.office)
    if period.item:
        where.append(col(one.item) == period.item)
    if period.organ:
        own = select(col(CaseTally.number)).where(col(CaseTally.organ) == period.organ)
        where.append(col(one.number).in_(own))
    query = (
        select(source, verdict, func.count(), _total(one.milliseconds))
        .where(*where)
        .group_by(source, verdict)
        .order_by(source, verdict)
    )
    verdicts: dict[str, Sums] = defaultdict(_nothing)
    times: Sums = defaultdict(int)
    for what, said, n, milliseconds in connection.execute(query):
        verdicts[what][said] += n
        times[what] += int(milliseconds)
    for what, found in verdicts.items():
        yield Answers(what, dict(found), times[what])


def _savings(connection: Connection, where: list[ColumnElement[bool]]) -> dict[str, int]:
    savings = col(CaseTally.savings)
    query = select(savings, func.count()).where(*where).group_by(savings)
    found: Sums = defaultdict(int)
    for text, cases in connection.execute(query):
        for ground, papers in json.loads(text).items():
            found[ground] += papers * cases
    return dict(sorted(found.items(), key=lambda one: ORDER[Ground(one[0])]))


_OF: Final = {
    "statutory": ("statutory", "cases"),
    "submit": ("submit", "cases"),
    "saved": ("saved", "statutory"),
    "zero_paper": ("zero_paper", "final"),
    "zero_visit": ("zero_visit", "cases"),
    "online": ("online", "cases"),
    "finished_online": ("finished_online", "online"),
    "hits": ("hits", "look_ups"),
    "look_up_time": ("seconds", "look_ups"),
    "published": ("published", "made"),
    "verified": ("verified", "checked"),
    "false": ("false", "checked"),
    "second_notice": ("second_notice", "notices"),
    "in_time": ("in_time", "ended"),
    "time_to_list": ("time_to_list", "listed"),
    "time_to_acceptance": ("time_to_acceptance", "accepted"),
    "cloned": ("cloned", "cases"),
    "prefilled": ("prefilled", "stated"),
    "rectified": ("rectified", "rectifiable"),
}
"""The sums of numerator and denominator; a figure that is not here counts among the cases."""


def _figures(sums: Sums) -> tuple[Figure, ...]:
    sums["saved"] = max(0, sums["statutory"] - sums["submit"])
    sums["seconds"] = round(sums["milliseconds"] / 1000)
    found = []
    for kind in KINDS:
        above, below = _OF.get(kind.key, (kind.key, "cases"))
        found.append(Figure(kind, sums[above], sums[below]))
    return tuple(found)
