"""Processes: the approval stages (审批环节) of one undertaking, a directed acyclic graph.

networkx is imported where a graph is asked for: most cases and commands never need one.
"""

from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING

from pydantic import Field

from knowledge.entry import Entry, Id, Text, Value

if TYPE_CHECKING:
    import networkx as nx


class Step(Value):
    """One stage: an item inside a process, after other stages."""

    id: Id
    item: Id
    after: tuple[Id, ...] = ()


class Process(Entry):
    """The stages of one undertaking. INVARIANT (acyclic): the loader refuses a cycle."""

    id: Id
    name: Text
    steps: tuple[Step, ...] = Field(min_length=1)

    @cached_property
    def graph(self) -> "nx.DiGraph[str]":
        """The stages as a graph: an edge leads from a stage to one that comes after it."""
        import networkx as nx

        graph: nx.DiGraph[str] = nx.DiGraph()
        graph.add_nodes_from(step.id for step in self.steps)
        graph.add_edges_from((before, step.id) for step in self.steps for before in step.after)
        return graph

    @cached_property
    def by_id(self) -> dict[str, Step]:
        """The stages by their ids."""
        return {step.id: step for step in self.steps}

    @cached_property
    def order(self) -> tuple[str, ...]:
        """The stages in topological order, among those that are ready the least id first."""
        import networkx as nx

        return tuple(nx.lexicographical_topological_sort(self.graph))

    @cached_property
    def ancestry(self) -> dict[str, frozenset[str]]:
        """For each stage, the stages that come before it."""
        import networkx as nx

        return {step: frozenset(nx.ancestors(self.graph, step)) for step in self.graph}

    def cycle(self) -> list[str]:
        """Return the stages of one cycle, or an empty list."""
        if self._in_order:
            return []
        import networkx as nx

        try:
            return [edge[0] for edge in nx.find_cycle(self.graph)]
        except nx.NetworkXNoCycle:
            return []

    @property
    def _in_order(self) -> bool:
        """Whether each stage comes after stages written before it, so that none can circle."""
        before: set[str] = set()
        for step in self.steps:
            if not before.issuperset(step.after):
                return False
            before.add(step.id)
        return True

    def faults(self) -> Iterator[tuple[tuple[str | int, ...], str, str]]:
        """Yield (path, what is wrong, cure) for the stages themselves."""
        seen: set[str] = set()
        known = {step.id for step in self.steps}
        for place, step in enumerate(self.steps):
            if step.id in seen:
                yield (
                    ("steps", place, "id"),
                    f"step `{step.id}` is there twice",
                    "rename or remove one",
                )
            seen.add(step.id)
            for at, before in enumerate(step.after):
                if before not in known:
                    yield (
                        ("steps", place, "after", at),
                        f"there is no step `{before}`",
                        "name a step of this process",
                    )
        if cycle := self.cycle():
            yield (
                ("steps",),
                f"the steps wait for each other in a circle: {' → '.join([*cycle, cycle[0]])}",
                "remove one `after`",
            )
