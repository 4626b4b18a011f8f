"""The checker: verifies that a list is least, from the witness alone.

It shares no code with the search. `verify` returns everything that is wrong, nothing if the
list is proved: each rule is met by the alternative it is said to use; the list holds no
paper without use; parts share no paper; and in each part every branch of the proof ends in
a leaf whose bound is not below the part's own cost. Cost is (number of papers, burden).
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

Cost = tuple[int, int]
Papers = frozenset[str]


def verify(submit: Sequence[str], witness: Mapping[str, Any]) -> list[str]:
    """Return what is wrong with a list and its witness, in words; empty when it is least.

    A part that says `optimal: false` is checked as far as it claims: its list is enough,
    and no list is cheaper than its bound.
    """
    try:
        return list(_Checker(submit, witness).troubles())
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        return [f"the witness has not the form of a witness ({error!r})"]


class _Checker:
    def __init__(self, submit: Sequence[str], witness: Mapping[str, Any]) -> None:
        self._submit = frozenset(submit)
        self._listed = list(submit)
        self._burdens: dict[str, int] = dict(witness["burdens"])
        self._uses = {rule: frozenset(papers) for rule, papers in witness["uses"].items()}
        self._parts = list(witness["parts"])
        self._alternatives = {
            rule: [frozenset(papers) for papers in lists]
            for rule, lists in witness["alternatives"].items()
        }
        # A list that holds an alternative holds every smaller one: the smallest are enough.
        self._minimal = {
            rule: [one for one in lists if not any(other < one for other in lists)]
            for rule, lists in self._alternatives.items()
        }

    def troubles(self) -> Iterator[str]:
        yield from self._enough()
        yield from self._apart()
        for number, part in enumerate(self._parts):
            yield from self._least(number, part)

    def _enough(self) -> Iterator[str]:
        if self._listed != sorted(set(self._listed)):
            yield "the list is not sorted or names a paper twice"
        if self._uses.keys() != self._alternatives.keys():
            yield "some rule has no alternative that it uses, or some use has no rule"
        for rule, papers in self._uses.items():
            if papers not in self._alternatives.get(rule, []):
                yield f"rule `{rule}` uses what is not one of its alternatives"
            if not papers <= self._submit:
                yield f"rule `{rule}` uses a paper that is not on the list"
        for paper in sorted(self._submit - frozenset().union(*self._uses.values())):
            yield f"no rule uses `{paper}`"

    def _apart(self) -> Iterator[str]:
        rules = [rule for part in self._parts for rule in part["rules"]]
        if sorted(rules) != sorted(self._alternatives):
            yield "the parts are not a division of the rules"
        papers = [paper for part in self._parts for paper in self._reach(part["rules"])]
        if len(set(papers)) < len(papers):
            yield "two parts share a paper"
        if sorted(paper for part in self._parts for paper in part["papers"]) != self._listed:
            yield "the lists of the parts are not the list"

    def _reach(self, rules: Sequence[str]) -> Papers:
        return frozenset().union(*(papers for rule in rules for papers in self._minimal[rule]))

    def _least(self, number: int, part: Mapping[str, Any]) -> Iterator[str]:
        cost = self._cost(frozenset(part["papers"]))
        goal = cost if part["optimal"] else tuple(part["bound"])
        if part["optimal"] and tuple(part["bound"]) != cost:
            yield f"part {number}: the bound is not the cost of the list"
        if not part["optimal"] and goal > cost:
            yield f"part {number}: the bound is above the cost of the list"
        for trouble in self._node(part["proof"], frozenset(), part["rules"], goal):
            yield f"part {number}: {trouble}"

    def _node(
        self,
        node: Mapping[str, Any],
        taken: Papers,
        rules: Sequence[str],
        goal: tuple[int, ...],
    ) -> Iterator[str]:
        """Check that no list that holds `taken` and meets `rules` is cheaper than `goal`."""
        if "close" in node:
            if self._bound(node["close"], taken, rules) < goal:
                yield f"a leaf under {sorted(taken)} closes too early"
            return
        if node["rule"] not in rules:
            yield f"a node splits on `{node['rule']}`, which is not a rule of the part"
        branches = [(frozenset(papers), below) for papers, below in node["branches"]]
        for papers in self._minimal[node["rule"]]:
            if papers not in [branch for branch, _ in branches]:
                yield f"under {sorted(taken)} no branch takes {sorted(papers)}"
        for papers, below in branches:
            yield from self._node(below, taken | papers, rules, goal)

    def _bound(self, closing: Sequence[str], taken: Papers, rules: Sequence[str]) -> Cost:
        """Return what the papers taken and rules that share no paper cost at least."""
        number, burden = self._cost(taken)
        seen: Papers = frozenset()
        for rule in closing:
            reach = self._reach([rule]) - taken
            if rule not in rules or reach & seen:
                return (-1, 0)  # no bound at all: the rule is foreign or shares a paper
            seen |= reach
            least = min(self._cost(papers - taken) for papers in self._minimal[rule])
            number, burden = number + least[0], burden + least[1]
        return number, burden

    def _cost(self, papers: Papers) -> Cost:
        return len(papers), sum(self._burdens[paper] for paper in papers)
