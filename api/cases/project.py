"""Projects: the run of a process for one undertaking, step by step, each with its case.

Pure: what is ready follows from the process and from where the cases of its steps stand.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from api.cases.table import CaseHead
from knowledge.process import Process

THROUGH: Final = "granted"
FAILED: Final = frozenset({"refused", "withdrawn"})


@dataclass(frozen=True, slots=True)
class Stage:
    """One step of a run: its item, its case, and the steps before it that are not through.

    `head` is the case that was granted, else the newest.
    """

    step: str
    item: str
    after: tuple[str, ...]
    head: CaseHead | None
    missing: tuple[str, ...]

    @property
    def through(self) -> bool:
        """Whether the step is granted."""
        return self.head is not None and self.head.status == THROUGH

    @property
    def openable(self) -> bool:
        """Whether a case may be opened: there is none, or the last one came to nothing."""
        return self.head is None or self.head.status in FAILED

    @property
    def ready(self) -> bool:
        """Whether it is its turn."""
        return self.openable and not self.missing


def stages(process: Process, heads: Iterable[CaseHead]) -> list[Stage]:
    """Return the steps of a run in their order; `heads` are its cases, the newest first."""
    newest: dict[str, CaseHead] = {}
    for head in sorted(heads, key=lambda one: one.status != THROUGH):
        newest.setdefault(head.step, head)
    through = {step for step, head in newest.items() if head.status == THROUGH}
    return [
        Stage(
            step,
            process.by_id[step].item,
            process.by_id[step].after,
            newest.get(step),
            tuple(one for one in process.by_id[step].after if one not in through),
        )
        for step in process.order
    ]
