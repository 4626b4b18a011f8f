"""Work calendars: which days are working days, from the notices of each year.

A period in working days does not count the day it begins on (行政许可法 art. 82).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, cached_property
from importlib.resources import files
from typing import Self

from pydantic import Field, ValidationError, model_validator

from knowledge.day import Day
from knowledge.document import Document, UnreadableError
from knowledge.entry import Entry, Id, Text, Value
from knowledge.fault import Fault, FaultsError, describe, spell_path

_ONE = timedelta(days=1)
_SATURDAY = 5


class Break(Value):
    """A holiday as its notice has it: from its first to its last day, both off."""

    name: Text
    first: Day = Field(alias="from")
    last: Day = Field(alias="to")

    def days(self) -> Iterator[date]:
        """Yield the days off."""
        for past in range((self.last - self.first).days + 1):
            yield self.first + past * _ONE


class Year(Value):
    """What the notices say of one year: days off, and weekend days that are worked."""

    year: int
    notices: tuple[Text, ...] = Field(min_length=1)
    off: tuple[Break, ...] = ()
    work: tuple[Day, ...] = ()

    @model_validator(mode="after")
    def _its_own_days(self) -> Self:
        for one in self.off:
            if one.last < one.first:
                raise ValueError(f"`{one.name}` ends on {one.last}, before it begins")
        off = [day for one in self.off for day in one.days()]
        for day in (*off, *self.work):
            if day.year != self.year:
                raise ValueError(f"{day} is not in {self.year}; move it to its own year")
        for day in self.work:
            if day in off or day.weekday() < _SATURDAY:
                raise ValueError(f"{day} is no weekend day to be worked; remove it from `work`")
        return self


class Announced(Entry):
    """The file of a calendar: its years, one after the other."""

    id: Id
    name: Text
    years: tuple[Year, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _without_a_gap(self) -> Self:
        for place, one in enumerate(self.years):
            if one.year != self.years[0].year + place:
                raise ValueError(f"{one.year} is out of order; write each year once, in order")
        return self


@dataclass(frozen=True, slots=True, order=True)
class Counted:
    """A day found by counting; `announced` is false where a later notice may still move it."""

    day: date
    announced: bool


@dataclass(frozen=True)
class WorkCalendar:
    """Working days; a day outside the announced years works from Monday to Friday."""

    announced: Announced

    @cached_property
    def _off(self) -> frozenset[date]:
        years = self.announced.years
        return frozenset(day for year in years for one in year.off for day in one.days())

    @cached_property
    def _work(self) -> frozenset[date]:
        return frozenset(day for year in self.announced.years for day in year.work)

    def is_announced(self, day: date) -> bool:
        """Return whether the notices of the day's year are known."""
        years = self.announced.years
        return years[0].year <= day.year <= years[-1].year

    def works(self, day: date) -> bool:
        """Return whether a day is a working day."""
        if day in self._work:
            return True
        return day.weekday() < _SATURDAY and day not in self._off

    def after(self, day: date, *, working_days: int) -> Counted:
        """Return the nth working day after a day; for 0 the day itself, or the next that works.

        Raises `ValueError` for fewer than 0.
        """
        if working_days < 0:
            raise ValueError("days are counted forwards; write 0 or more")
        left = working_days
        while left or not self.works(day):
            day += _ONE
            left -= left > 0 and self.works(day)
        return Counted(day, self.is_announced(day))

    def before(self, day: date, *, working_days: int) -> date:
        """Return the nth working day before a day; for 0 the day itself."""
        for _ in range(working_days):
            day -= _ONE
            while not self.works(day):
                day -= _ONE
        return day

    def between(self, first: date, last: date) -> int:
        """Return how many working days come after `first`, up to and with `last`."""
        days = range(1, (last - first).days + 1)
        return sum(self.works(first + past * _ONE) for past in days)


def read_calendar(text: str, file: str = "calendar") -> WorkCalendar:
    """Return the calendar that a YAML text describes, or raise `FaultsError`."""
    try:
        document = Document(text)
    except UnreadableError as error:
        raise FaultsError([Fault(file, error.line, "", error.what, error.cure)]) from error
    faults = [Fault(file, line, "", what, cure) for line, what, cure in document.problems]
    if faults:
        raise FaultsError(faults)
    try:
        return WorkCalendar(Announced.model_validate(document.value))
    except ValidationError as error:
        raise FaultsError(
            Fault(file, document.line(path), spell_path(path), what, cure)
            for path, what, cure in describe(error)
        ) from error


@cache
def bundled_calendar() -> WorkCalendar:
    """Return the calendar of China that comes with the product."""
    path = files("knowledge").joinpath("calendars", "china.yaml")
    return read_calendar(path.read_text(encoding="utf-8"), "china.yaml")
