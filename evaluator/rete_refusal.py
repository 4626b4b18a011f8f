"""Engine refusals: what the live engine will not take, and when it gives no answer.

`EngineRefusalError` is the base:

- `EngineLimitError`: a condition is outside what the engine can be trusted with
- `FactKindError`: a case states a fact in another kind than the conditions hold it against
- `EngineUnavailableError`: the engine gave no answer that can be believed
"""

from knowledge.fact import FactKey, FactValue
from rules.condition import Condition


class EngineRefusalError(Exception):
    """The live engine refuses, or cannot answer."""


class EngineLimitError(EngineRefusalError):
    """A condition is outside what the engine can be trusted with."""

    def __init__(self, condition: Condition, reason: str) -> None:
        self.condition, self.reason = condition, reason
        facts = ", ".join(f"`{key}`" for key in sorted(condition.keys)[:6]) or "no fact"
        more = ", …" if len(condition.keys) > 6 else ""  # noqa: PLR2004 one screen line
        super().__init__(f"the condition on {facts}{more} {reason}")


class FactKindError(EngineRefusalError):
    """A case states a fact in another kind than the conditions hold it against."""

    def __init__(self, fact: FactKey, value: FactValue, *, kind: str) -> None:
        self.fact, self.value, self.kind = fact, value, kind
        super().__init__(f"fact `{fact}` is not a {kind}; state it as the pack declares it")


class EngineUnavailableError(EngineRefusalError):
    """The engine gave no answer that can be believed; the reference answers alone."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"the live engine gave no answer: {reason}")
