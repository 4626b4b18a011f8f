"""Refusals of the desk: why something was not done, by the key of its text, all at once."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Reason:
    """Why one thing was refused: the key of its text below `refusal.`, and the words in it.

    `where` names the field or paper that it is about; `papers` are names of papers that the
    text lists, put into words where it is shown.
    """

    key: str
    where: str = ""
    words: Mapping[str, Any] = field(default_factory=dict)
    papers: tuple[str, ...] = ()


class CaseRefusedError(Exception):
    """Something was not done; nothing was kept. `reasons` says all that stands against it."""

    def __init__(self, reasons: Iterable[Reason]) -> None:
        self.reasons = tuple(reasons)
        super().__init__("; ".join(f"{one.key} {one.where}".strip() for one in self.reasons))


class NotYoursError(Exception):
    """The case is another organ's: whoever asks may not see it."""

    def __init__(self, number: str, organ: str, office: str) -> None:
        self.number, self.organ, self.office = number, organ, office
        super().__init__(
            f"case `{number}` is with another office; ask it to hand the case over"
        )
