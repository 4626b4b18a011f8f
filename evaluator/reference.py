"""The reference matcher: the normative truth of every condition, written to be believed."""

from evaluator.matching import Facts, Program, Truth


class ReferenceMatcher:
    """Evaluates each condition's tree over the facts (semantics 3)."""

    def match(self, program: Program, facts: Facts) -> tuple[Truth, ...]:
        """Return the truth of each condition of a program, in its order."""
        return tuple(condition.truth(facts) for condition in program.conditions)
