"""Sources: registers that answer look-ups (数据资源), and what their answers can settle."""

from typing import Literal

from pydantic import Field

from knowledge.entry import Entry, Id, Text
from knowledge.interface import Interface
from knowledge.law import Basis

ANY_ITEM = "*"


class Source(Entry):
    """A register and the terms on which it may be asked.

    `sharing` is the attribute of 政务数据共享条例 art. 14; `items` may use it (`*`: all);
    `materials` and `claims` are what an answer can speak of; only for claims in
    `complete_for` does "not found" prove the negative; answers older than `max_age_days`
    (days) say nothing; `on_unavailable` says whether an outage is the agency's task; `lookup`
    is how it is asked over the wire.
    """

    id: Id
    name: Text
    organ: Id
    sharing: Literal["unconditional", "conditional", "none"]
    items: tuple[str, ...] = (ANY_ITEM,)
    materials: tuple[Id, ...] = ()
    claims: tuple[Id, ...] = ()
    complete_for: tuple[Id, ...] = ()
    max_age_days: int = Field(default=30, ge=0)
    on_unavailable: Literal["defer", "ask"] = "defer"
    basis: Basis = ()
    lookup: Interface | None = None

    def usable_for(self, item: str) -> bool:
        """Return whether the register may be asked for an item."""
        return self.sharing != "none" and (ANY_ITEM in self.items or item in self.items)
