"""Days and periods: half-open, from the first day to the first day that is out."""

import re
from datetime import date, timedelta, timezone
from typing import Annotated, Final

from pydantic import BeforeValidator

CHINA: Final = timezone(timedelta(hours=8))
"""One time for the whole country (北京时间); every day of an office begins by it."""

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")


def read_day(value: object) -> date:
    """Return the day that `YYYY-MM-DD` names, or raise `ValueError` with the cure."""
    if isinstance(value, date):
        return value
    if not isinstance(value, str) or not _DAY.match(value):
        raise ValueError("is not a day; write it as YYYY-MM-DD")
    try:
        return date.fromisoformat(value)
    except ValueError as error:
        raise ValueError(
            f"`{value}` is not in the calendar; write a day that exists"
        ) from error


Day = Annotated[date, BeforeValidator(read_day)]


def holds(since: date, until: date | None, day: date) -> bool:
    """Return whether a half-open period holds on a day."""
    return since <= day and (until is None or day < until)


def check_period(since: date | None, until: date | None) -> None:
    """Refuse a period without a single day."""
    if since is not None and until is not None and until <= since:
        raise ValueError(
            f"the period ends on {until}, before its first day {since} is over; "
            "`until` is the first day it no longer holds"
        )
