"""The list to hand in, by trying every set of papers (section 7)."""

from collections.abc import Mapping
from itertools import combinations

Alternative = frozenset[str]


def preference(papers: Alternative, burden: Mapping[str, int]) -> tuple[int, int, list[str]]:
    """Section 7: number of papers, sum of burdens, the sorted tuple of names."""
    return len(papers), sum(burden[paper] for paper in papers), sorted(papers)


def least_list(demands: list[list[Alternative]], burden: Mapping[str, int]) -> Alternative:
    """Return the least set of papers that contains some alternative of every demand.

    Every demand must have an alternative. All sets of one size are tried before any larger.
    """
    papers = sorted({p for alternatives in demands for one in alternatives for p in one})
    for size in range(len(papers) + 1):
        enough = [
            frozenset(chosen)
            for chosen in combinations(papers, size)
            if all(any(one <= set(chosen) for one in alternatives) for alternatives in demands)
        ]
        if enough:
            return min(enough, key=lambda chosen: preference(chosen, burden))
    raise ValueError("a demand without an alternative has no list")
