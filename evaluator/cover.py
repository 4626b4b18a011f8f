"""The minimal list: the least set of papers that contains an alternative of every rule.

Least by number, then burden, then the sorted names (semantics 7). Exact: a branch and bound
search over components that share no paper, with a proof that `evaluator.checker` verifies.

All three criteria become one additive weight: number and burden in the upper digits, and in
the lower a bit for each paper, the higher the earlier its name, to be subtracted. So the
least weight is unique, and bounds add up over disjoint rules.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

NODE_BUDGET = 20_000
"""Nodes that the search of one component may open before it gives the best list so far."""

Alternatives = tuple[tuple[str, ...], ...]
Proof = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule that is not settled: its alternatives, each a sorted tuple of papers."""

    id: str
    alternatives: Alternatives


@dataclass(frozen=True, slots=True)
class Part:
    """Rules that share papers with each other and with no other rule, and their least list.

    `bound` is (number, burden) that no list can go below; equal to the list's own when the
    search was finished.
    """

    rules: tuple[str, ...]
    papers: tuple[str, ...]
    optimal: bool
    bound: tuple[int, int]
    proof: Proof


@dataclass(frozen=True, slots=True)
class Cover:
    """The minimal list with its parts, and the burdens of all papers it was chosen from."""

    papers: tuple[str, ...]
    parts: tuple[Part, ...]
    burdens: Mapping[str, int]

    @property
    def optimal(self) -> bool:
        """Whether every part is proved least."""
        return all(part.optimal for part in self.parts)


def least_cover(rules: Iterable[Rule], burdens: Mapping[str, int]) -> Cover:
    """Return the least set of papers that contains some alternative of every rule.

    `burdens` are those of the papers of the alternatives, whole numbers from 1.
    """
    ordered = sorted(rules, key=lambda rule: rule.id)
    parts = tuple([_least(component, burdens) for component in _components(ordered)])
    papers = sorted([paper for part in parts for paper in part.papers])
    return Cover(tuple(papers), parts, burdens)


def _least(rules: tuple[Rule, ...], burdens: Mapping[str, int]) -> Part:
    """Return the least list of a component; one rule with one alternative needs no search."""
    if len(rules) == 1 and len(rules[0].alternatives) == 1:
        (rule,), (papers,) = rules, rules[0].alternatives
        bound = (len(papers), sum([burdens[paper] for paper in papers]))
        return Part((rule.id,), papers, optimal=True, bound=bound, proof={"close": [rule.id]})
    return _solve(rules, tuple([(paper, burdens[paper]) for paper in _papers(rules)]))


def _papers(rules: Iterable[Rule]) -> list[str]:
    return sorted({paper for rule in rules for one in rule.alternatives for paper in one})


def _components(rules: list[Rule]) -> list[tuple[Rule, ...]]:
    """Return the rules, which come in id order, grouped by shared papers, in id order."""
    leader = list(range(len(rules)))  # an earlier rule of the same group, or itself

    def first(number: int) -> int:
        while leader[number] != number:
            leader[number] = leader[leader[number]]
            number = leader[number]
        return number

    owner: dict[str, int] = {}
    for number, rule in enumerate(rules):
        for alternative in rule.alternatives:
            for paper in alternative:
                holder = owner.setdefault(paper, number)
                if holder != number:
                    one, other = first(holder), first(number)
                    leader[max(one, other)] = min(one, other)
    groups: dict[int, list[Rule]] = {}
    for number, rule in enumerate(rules):
        groups.setdefault(first(number), []).append(rule)
    return [tuple(group) for group in groups.values()]


@lru_cache(maxsize=8192)
def _solve(rules: tuple[Rule, ...], burdens: tuple[tuple[str, int], ...]) -> Part:
    """Solve one component; the same residual problem is solved once."""
    search = _Search(rules, dict(burdens))
    return search.run()


class _Unmet(NamedTuple):
    """A rule that is not met yet, with what each alternative still lacks, as bit masks.

    `cost` is the weight of the cheapest option, `reach` the papers of all; an option is
    (weight, papers still lacking, papers of the alternative).
    """

    cost: int
    reach: int
    at: int
    options: list[tuple[int, int, int]]


class _Search:
    """Branch and bound over the alternatives of one component's rules, as bit masks."""

    def __init__(self, rules: tuple[Rule, ...], burdens: Mapping[str, int]) -> None:
        self._rules = rules
        self._papers = sorted(burdens)
        self._burdens = burdens
        size = len(self._papers)
        self._bit = {paper: 1 << (size - 1 - at) for at, paper in enumerate(self._papers)}
        self._unit = (sum(burdens.values()) + 1) << size
        self._weight = {
            self._bit[paper]: self._unit + (burdens[paper] << size) - self._bit[paper]
            for paper in self._papers
        }
        self._size = size
        self._weights: dict[int, int] = {0: 0}
        self._choices = [
            _undominated(self._mask(one) for one in rule.alternatives) for rule in rules
        ]
        self._nodes = 0
        self._best = -1
        self._best_weight = 0
        self._open_bound: int | None = None

    def run(self) -> Part:
        """Return the least list of the component with its proof."""
        self._best = self._without_idle(self._greedy())
        self._best_weight = self._weigh(self._best)
        proof = self._branch(0, list(range(len(self._rules))))
        optimal = self._open_bound is None
        bound = self._best_weight if self._open_bound is None else self._open_bound
        return Part(
            rules=tuple(rule.id for rule in self._rules),
            papers=self._names(self._best),
            optimal=optimal,
            bound=self._spell(min(bound, self._best_weight)),
            proof=proof,
        )

    def _branch(self, chosen: int, rules: list[int]) -> Proof:
        """Close or split the node in which the papers of `chosen` are taken."""
        self._nodes += 1
        unmet = self._unmet(chosen, rules)
        taken = self._weigh(chosen)
        if not unmet:
            if taken < self._best_weight:
                self._best = self._without_idle(chosen)
                self._best_weight = self._weigh(self._best)
            return {"close": []}
        apart = _apart(unmet)
        floor = taken + sum([one.cost for one in apart])
        if floor >= self._best_weight:
            return {"close": self._ids(apart)}
        if self._nodes >= NODE_BUDGET:
            self._open_bound = min(floor, self._open_bound or floor)
            return {"close": self._ids(apart), "open": True}
        split = self._split(unmet, apart, self._best_weight - taken)
        left = [one.at for one in unmet]
        return {
            "rule": self._rules[split.at].id,
            "branches": [
                [list(self._names(papers)), self._branch(chosen | papers, left)]
                for _, _, papers in sorted(split.options)
            ],
        }

    def _unmet(self, chosen: int, rules: list[int]) -> list["_Unmet"]:
        """Return the rules that the papers taken do not meet."""
        unmet = []
        for at in rules:
            options = []
            reach = 0
            for papers in self._choices[at]:
                rest = papers & ~chosen
                if not rest:
                    break
                reach |= rest
                options.append((self._weigh(rest), rest, papers))
            else:
                unmet.append(_Unmet(min(options)[0], reach, at, options))
        return unmet

    def _split(self, unmet: list["_Unmet"], apart: list["_Unmet"], limit: int) -> "_Unmet":
        """Return the rule with the fewest options that can stay below `limit`.

        Of several, the one whose best option costs most: its branches close soonest.
        """
        best, best_key = unmet[0], (len(self._papers) + 1, 0)
        for one in unmet:
            floors = [self._floor(weight, rest, one, apart) for weight, rest, _ in one.options]
            key = (sum([floor < limit for floor in floors]), -min(floors))
            if key < best_key:
                best, best_key = one, key
        return best

    def _floor(self, weight: int, rest: int, rule: "_Unmet", apart: list["_Unmet"]) -> int:
        """Return what an option of a rule costs at least, with the rules that stand apart."""
        for other in apart:
            if other is not rule:
                shared = rest & other.reach
                weight += max(0, other.cost - self._weigh(shared)) if shared else other.cost
        return weight

    def _ids(self, rules: list["_Unmet"]) -> list[str]:
        return sorted([self._rules[one.at].id for one in rules])

    def _greedy(self) -> int:
        """Return a first list: the cheapest alternative of each rule, dearest rule first."""
        chosen = 0
        for at in sorted(
            range(len(self._rules)), key=lambda at: -min(map(self._weigh, self._choices[at]))
        ):
            chosen |= min(self._choices[at], key=lambda one: self._weigh(one & ~chosen))
        return chosen

    def _without_idle(self, chosen: int) -> int:
        """Return a list without the papers that no rule needs, the dearest dropped first."""
        for bit in sorted(self._weight, key=self._weight.__getitem__, reverse=True):
            fewer = chosen & ~bit
            if fewer != chosen and all(
                any(one & fewer == one for one in choices) for choices in self._choices
            ):
                chosen = fewer
        return chosen

    def _weigh(self, mask: int) -> int:
        weight = self._weights.get(mask)
        if weight is None:
            low = mask & -mask
            weight = self._weights[mask] = self._weight[low] + self._weigh(mask ^ low)
        return weight

    def _mask(self, papers: Iterable[str]) -> int:
        mask = 0
        for paper in papers:
            mask |= self._bit[paper]
        return mask

    def _names(self, mask: int) -> tuple[str, ...]:
        return tuple(paper for paper in self._papers if self._bit[paper] & mask)

    def _spell(self, weight: int) -> tuple[int, int]:
        """Return the number of papers and the burden that a weight stands for."""
        upper = -(-weight >> self._size)  # the subtracted bits are less than one burden
        total = sum(self._burdens.values()) + 1
        return upper // total, upper % total


def _apart(unmet: list[_Unmet]) -> list[_Unmet]:
    """Return rules that share no paper, so that their costs add up to a bound, a high one."""
    dearest = _disjoint(sorted(unmet, key=lambda one: (-one.cost, one.reach.bit_count())))
    densest = _disjoint(sorted(unmet, key=lambda one: -(one.cost // one.reach.bit_count())))
    return max(dearest, densest, key=lambda rules: sum([one.cost for one in rules]))


def _disjoint(rules: Iterable[_Unmet]) -> list[_Unmet]:
    """Return the rules without those that share a paper with an earlier one."""
    apart, used = [], 0
    for one in rules:
        if not one.reach & used:
            used |= one.reach
            apart.append(one)
    return apart


def _undominated(masks: Iterable[int]) -> list[int]:
    """Return the alternatives that contain no other one, in order, each once."""
    distinct = list(dict.fromkeys(masks))
    return [
        one
        for one in distinct
        if not any(other != one and other & one == other for other in distinct)
    ]
