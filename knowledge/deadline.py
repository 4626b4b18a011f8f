"""Deadlines: within what time the law wants an application decided, and where it says so."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Self

from pydantic import Field, model_validator

from knowledge.calendar import Counted, WorkCalendar
from knowledge.entry import Value
from knowledge.law import Basis, Citation, Law

LICENSING_LAW: Final = "中华人民共和国行政许可法"
GENERAL_DAYS: Final = 20
"""Working days where no law sets a time of its own (行政许可法 arts. 42, 82)."""
GENERAL_PLACE: Final = "第四十二条第一款"
LONGEST: Final = 1000
_ONE = timedelta(days=1)


class Deadline(Value):
    """The time for the decision, counted from acceptance; the day of acceptance is not counted.

    `at_once`: on the spot; with `working_days`, these are for what cannot be done on the spot.
    `days` are calendar days, where the law says 日 and not 工作日. Of several times that hang
    on the kind of application, the longest.
    """

    at_once: bool = False
    working_days: int | None = Field(default=None, ge=1, le=LONGEST)
    days: int | None = Field(default=None, ge=1, le=LONGEST)
    basis: Basis = Field(min_length=1)

    @model_validator(mode="after")
    def _one_time(self) -> Self:
        if self.working_days and self.days:
            raise ValueError("has both `working_days` and `days`; keep the one the law says")
        if not (self.at_once or self.working_days or self.days):
            raise ValueError("says no time; write `at_once: true`, `working_days` or `days`")
        return self

    def due(
        self,
        accepted: date,
        calendar: WorkCalendar,
        stopped: AbstractSet[date] = frozenset(),
    ) -> Counted:
        """Return the last lawful day of the decision, over the stopped days."""
        day, left = accepted, self.days or self.working_days or 0
        while left or day in stopped or not calendar.works(day):
            day += _ONE
            counts = day not in stopped and (self.days is not None or calendar.works(day))
            left -= left > 0 and counts
        return Counted(day, calendar.is_announced(day))


@dataclass(frozen=True, slots=True)
class Statutory:
    """The deadline that holds for an item; `general` where its own law sets none."""

    deadline: Deadline
    general: bool


def statutory(own: Deadline | None, laws: Mapping[str, Law]) -> Statutory | None:
    """Return an item's own deadline, else that of 行政许可法 if the pack has it, else None."""
    if own is not None:
        return Statutory(own, general=False)
    law = next((key for key, law in sorted(laws.items()) if law.title == LICENSING_LAW), None)
    if law is None:
        return None
    place = Citation(law, GENERAL_PLACE)
    return Statutory(Deadline(working_days=GENERAL_DAYS, basis=(place,)), general=True)
