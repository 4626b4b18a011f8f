"""What a search found: a page of lines, and how many more there are."""

from dataclasses import dataclass
from typing import Final, Generic, TypeVar

Line = TypeVar("Line")

PAGE: Final = 50
"""Lines on a page."""

MOST_COUNTED: Final = 1_000
"""So many are counted; counting a million would take longer than finding them."""


@dataclass(frozen=True, slots=True)
class Found(Generic[Line]):
    """A page of what was found, the newest first; pages count from 1.

    `total` is counted up to `MOST_COUNTED`; `more` says that there are more.
    """

    lines: tuple[Line, ...]
    total: int
    page: int
    more: bool = False

    @property
    def pages(self) -> int:
        """How many pages there are, at least one; of those counted, or one more than this."""
        counted = max(1, -(-self.total // PAGE))
        beyond = self.page + (len(self.lines) == PAGE)
        return max(counted, beyond) if self.more else counted
