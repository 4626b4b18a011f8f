"""Look-ups: one order carried out, from the check of authority to the answer."""

import asyncio
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from knowledge.day import CHINA
from knowledge.lookup.answer_form import read_rows
from knowledge.lookup.envelope import seal
from knowledge.lookup.failure import NotAuthorisedError, UnavailableError
from knowledge.lookup.hearing import hear
from knowledge.lookup.hub import Hub
from knowledge.lookup.order import Answer, Heard, Order, of_all
from knowledge.lookup.registry import Registry
from knowledge.lookup.wire import Wire

Clock = Callable[[], datetime]


@dataclass(slots=True)
class LookUp:
    """One order on its way, with what was sent and what came, whatever becomes of it."""

    order: Order
    clock: Clock
    asked_at: datetime
    begun: float
    attempts: int = 0
    request: bytes = b""
    raw: bytes = b""

    @classmethod
    def of(cls, order: Order, clock: Clock) -> "LookUp":
        """Return a look-up that begins now."""
        return cls(order, clock, clock(), time.monotonic())

    async def run(self, hub: Hub, registry: Registry, wire: Wire, total: float) -> Answer:
        """Return the answer within `total` seconds, whatever the registry does."""
        try:
            async with asyncio.timeout(total):
                heard = await registry.ask(lambda: self._call(hub, wire))
        except NotAuthorisedError:
            return self.not_authorised("registry")
        except UnavailableError as error:
            return self.unavailable(error.reason)
        except TimeoutError:
            return self.unavailable("timeout")
        except Exception:  # noqa: BLE001 (a fault of ours must not settle anything either)
            return self.unavailable("schema")
        return self.answer(heard)

    async def _call(self, hub: Hub, wire: Wire) -> Heard:
        interface = self.order.source.lookup
        if interface is None:  # pragma: no cover (connected sources have one)
            raise NotAuthorisedError
        self.attempts += 1
        self.raw = b""
        nonce = secrets.token_hex(16)
        at = self.clock().astimezone(CHINA)
        self.request = seal(self.order, interface, hub, at=at, nonce=nonce)
        url = f"{hub.address.rstrip('/')}/{interface.code}"
        self.raw = await wire.post(url, self.request)
        rows, moment = read_rows(
            self.raw,
            signature=interface.signature,
            secret=hub.secret,
            request_id=nonce,
            now=self.clock(),
        )
        return hear(rows, self.order, interface, moment)

    def unavailable(self, reason: str) -> Answer:
        """Return the answer that there is none; `reason` is the word for it."""
        day = self.asked_at.astimezone(CHINA).date()
        return self.answer(Heard(of_all(self.order, "unavailable", reason, day)))

    def not_authorised(self, reason: str) -> Answer:
        """Return the answer that this may not be asked: by us, or by the registry's word."""
        day = self.asked_at.astimezone(CHINA).date()
        return self.answer(Heard(of_all(self.order, "not_authorised", reason, day)))

    def answer(self, heard: Heard) -> Answer:
        """Return an answer that says this much."""
        return Answer(
            order=self.order,
            findings=heard.findings,
            facts=heard.facts,
            licences=heard.licences,
            shown=heard.shown,
            asked_at=self.asked_at,
            milliseconds=round((time.monotonic() - self.begun) * 1000),
            attempts=self.attempts,
            request_digest=_digest(self.request),
            raw=self.raw,
            digest=_digest(self.raw),
            request=self.request,
        )


def _digest(content: bytes) -> str:
    return "sha256:" + sha256(content).hexdigest() if content else ""
