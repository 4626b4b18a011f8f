"""Charts: counts by day as bars, to be drawn without a script."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from api.speech import Speech

HEIGHT: Final = 48
STEP: Final = 10
"""Width of a day, its gap included, in the units of the drawing."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One day: where its bar begins, how high it is, and what it says."""

    x: int
    y: int
    height: int
    said: str


@dataclass(frozen=True, slots=True)
class Chart:
    """The bars of one kind of event."""

    kind: str
    bars: tuple[Bar, ...]
    total: int
    most: int
    first: str
    last: str

    @property
    def width(self) -> int:
        """The width of the drawing."""
        return STEP * len(self.bars)


def chart(kind: str, counted: Sequence[tuple[date, int]], speech: Speech) -> Chart:
    """Return the chart of counts by day; a day with any event has a bar that can be seen."""
    most = max(count for _, count in counted)
    bars = []
    for place, (day, count) in enumerate(counted):
        height = max(3, HEIGHT * count // most) if count else 0
        said = speech.say("audit.bar", day=speech.day(day), n=count)
        bars.append(Bar(STEP * place, HEIGHT - height, height, said))
    total = sum(count for _, count in counted)
    first, last = (f"{one[0]:%m-%d}" for one in (counted[0], counted[-1]))
    return Chart(kind, tuple(bars), total, most, first, last)
