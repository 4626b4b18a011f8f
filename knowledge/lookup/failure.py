"""Failures: why a registry gave no answer. None of them ever settles anything.

`UnavailableError` (with the word for it) and `NotAuthorisedError`.
"""

from typing import Literal

Reason = Literal[
    "timeout",
    "refused",
    "reset",
    "server",
    "redirect",
    "too_large",
    "not_json",
    "schema",
    "other_request",
    "signature",
    "clock",
    "breaker",
    "busy",
]


class UnavailableError(Exception):
    """The registry gave no answer that can be used; `reason` is the word for it."""

    def __init__(self, reason: Reason) -> None:
        self.reason: Reason = reason
        super().__init__(f"the registry gave no usable answer (`{reason}`); ask again later")


class NotAuthorisedError(Exception):
    """The registry does not let us ask."""
