"""Hubs: the exchange through which registries are reached, and how long we wait for them."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Hub:
    """An exchange: its address, who we are to it, and the secret that signs (never shown)."""

    address: str
    app_id: str
    secret: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of us a registry may take: seconds, bytes and calls.

    A desk with a queue waits for a place (`wait`) rather than hand the check to the agency;
    `total` covers the waiting, every attempt and the whole body. One call in
    `calls_per_retry` may be repeated. The breaker opens after `in_a_row` failures, or when half
    of the last `window` calls failed, and stays open for `rest`.
    """

    connect: float = 0.5
    read: float = 1.0
    total: float = 2.5
    body: int = 256 * 1024
    at_once: int = 16
    wait: float = 1.0
    pause: float = 0.05
    calls_per_retry: int = 10
    in_a_row: int = 5
    window: int = 20
    rest: float = 10.0
