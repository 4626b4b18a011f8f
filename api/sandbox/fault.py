"""Faults: what can be wrong with a registry, to be switched on and off."""

from enum import StrEnum
from typing import Final

ALL: Final = "all"
"""Every registry at once."""


class Fault(StrEnum):
    """One thing that goes wrong. `NONE` is the registry at its best."""

    NONE = "none"
    SLOW = "slow"
    VERY_SLOW = "very_slow"
    DOWN = "down"
    REFUSE = "refuse"
    RESET = "reset"
    WRONG_PERSON = "wrong_person"
    STALE = "stale"
    CONFLICTING = "conflicting"
    BAD_SCHEMA = "bad_schema"
    NOT_JSON = "not_json"
    UNSIGNED = "unsigned"
    WRONG_SIGNATURE = "wrong_signature"
    HUGE = "huge"
    DRIP = "drip"
    REDIRECT = "redirect"
    NOT_AUTHORISED = "not_authorised"
    CLOCK = "clock"
    EMPTY = "empty"


class UnknownFaultError(ValueError):
    """There is no such registry or fault."""


class Faults:
    """Which registry has which fault just now."""

    def __init__(self, sources: tuple[str, ...]) -> None:
        self._of = dict.fromkeys(sources, Fault.NONE)

    def of(self, source: str) -> Fault:
        """Return the fault of a registry."""
        return self._of[source]

    def every(self) -> dict[str, Fault]:
        """Return the fault of each registry."""
        return dict(self._of)

    def put(self, source: str, fault: str) -> None:
        """Give a registry, or `all`, a fault from now on, or raise `UnknownFaultError`."""
        if source != ALL and source not in self._of:
            raise UnknownFaultError(
                f"there is no registry `{source}` here; write {ALL} or {', '.join(self._of)}"
            )
        try:
            wanted = Fault(fault)
        except ValueError:
            known = ", ".join(Fault)
            raise UnknownFaultError(f"there is no fault `{fault}`; write {known}") from None
        for one in self._of if source == ALL else (source,):
            self._of[one] = wanted

    def put_all(self, wishes: tuple[str, ...]) -> None:
        """Give faults as `SOURCE=FAULT`, in order, or raise `UnknownFaultError`."""
        for wish in wishes:
            source, _, fault = wish.partition("=")
            self.put(source, fault)
