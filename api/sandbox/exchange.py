"""The exchange: who may ask which registry, what it answers, and what it has been asked."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from hashlib import sha256
from typing import Any, Final

from api.sandbox.fault import Fault, Faults
from api.sandbox.population import Population
from api.sandbox.registry import Registry
from api.sandbox.spoiling import spoil
from knowledge.day import CHINA
from knowledge.lookup.envelope import SIGN, is_signed, sign
from knowledge.strict_json import StrictJsonError, read_json
from rules.pack import Pack

APP_ID: Final = "jianzheng-sandbox"
CLOCK_TOLERANCE: Final = timedelta(minutes=5)
_CLOCK_ERROR: Final = timedelta(hours=1)
_STALE: Final = timedelta(days=400)
_QUICKEST, _SPREAD = 20, 231
"""Milliseconds: a registry needs from 20 to 250."""


class RefusedError(Exception):
    """A caller that is not let in; `status` is the HTTP status that says so."""

    def __init__(self, status: int, message: str) -> None:
        self.status = status
        super().__init__(message)


@dataclass(slots=True)
class Standing:
    """What a registry has been asked since the start: how often, and last for which item."""

    calls: int = 0
    item: str = ""
    basis: str = ""


@dataclass(frozen=True)
class Exchange:
    """All registries of a pack over one population; callers sign with one secret."""

    registries: Mapping[str, Registry]
    secret: bytes
    faults: Faults
    standing: Mapping[str, Standing] = field(repr=False)
    patient: bool = True

    @classmethod
    def of(
        cls, pack: Pack, population: Population, secret: bytes, *, patient: bool = True
    ) -> "Exchange":
        """Return the exchange for every source that can be asked; `patient`: with latency."""
        catalogue = pack.catalogue
        names = {key: one.name for key, one in catalogue.claims.items()}
        names |= {key: one.name for key, one in catalogue.materials.items()}
        registries = {
            key: Registry(source, source.lookup, population, catalogue.facts, names)
            for key, source in catalogue.sources.items()
            if source.lookup is not None
        }
        standing = {key: Standing() for key in registries}
        return cls(registries, secret, Faults(tuple(registries)), standing, patient)

    @cached_property
    def _by_path(self) -> dict[tuple[str, str], Registry]:
        return {
            (one.interface.hub, one.interface.code): one for one in self.registries.values()
        }

    @cached_property
    def hubs(self) -> tuple[str, ...]:
        """Return the names of all hubs."""
        return tuple(sorted({one.interface.hub for one in self.registries.values()}))

    def registry(self, hub: str, code: str) -> Registry | None:
        """Return the registry with an interface id at a hub."""
        return self._by_path.get((hub, code))

    def latency(self, source: str) -> int:
        """Return how many milliseconds a registry needs, always the same."""
        if not self.patient:
            return 0
        return _QUICKEST + int.from_bytes(sha256(source.encode()).digest()[:4]) % _SPREAD

    def answer(self, registry: Registry, raw: bytes, now: datetime) -> dict[str, Any]:
        """Return the signed answer to a request, or raise `RefusedError`."""
        request = self._let_in(registry, raw, now)
        source, fault = registry.source.id, self.faults.of(registry.source.id)
        self._note(source, request["purpose"])
        authorised = fault is not Fault.NOT_AUTHORISED and _may_ask(registry, request)
        head = {
            "status": "200" if authorised else "403",
            "msg": "查询成功" if authorised else "该事项未获授权使用本接口",
            "requestId": request["requestId"],
            "timestamp": _stamp(now - _CLOCK_ERROR if fault is Fault.CLOCK else now),
        }
        rows = self._rows(registry, request, now, fault) if authorised else []
        return self.signed(registry, head, rows)

    def signed(
        self, registry: Registry, head: Mapping[str, str], rows: list[dict[str, Any]]
    ) -> dict[str, Any]:
        """Return the document of an answer with its signature, broken where it is to be."""
        fault = self.faults.of(registry.source.id)
        found: Any = {"total": len(rows), "data": rows}
        if fault is Fault.BAD_SCHEMA:
            found = rows
        document: dict[str, Any] = {"head": dict(head), "data": {"cxjg": found}}
        if fault is not Fault.UNSIGNED:
            kind = registry.interface.signature
            right = sign(document, signature=kind, secret=self.secret)
            wrong = sign(document, signature=kind, secret=self.secret + b"?")
            document[SIGN] = wrong if fault is Fault.WRONG_SIGNATURE else right
        return document

    def _rows(
        self, registry: Registry, request: Mapping[str, Any], now: datetime, fault: Fault
    ) -> list[dict[str, Any]]:
        asked, interface = request["biz_content"], registry.interface
        number, codes = asked[interface.request["number"]], asked[interface.wants]
        day = now.astimezone(CHINA).date() - (_STALE if fault is Fault.STALE else timedelta())
        return spoil(registry, fault, registry.rows(number, codes, day), codes, day)

    def _note(self, source: str, purpose: Mapping[str, Any]) -> None:
        standing = self.standing[source]
        standing.calls += 1
        standing.item, standing.basis = str(purpose["item"]), str(purpose["basis"])

    def _let_in(self, registry: Registry, raw: bytes, now: datetime) -> Mapping[str, Any]:
        """Return the request of a caller who is who he says, asking just now."""
        try:
            request = read_json(raw)
        except StrictJsonError as error:
            raise RefusedError(400, str(error)) from error
        fault = _malformed(registry, request)
        if fault:
            raise RefusedError(400, f"the request is not of the form agreed on: {fault}")
        if not hmac.compare_digest(str(request["appId"]).encode(), APP_ID.encode()):
            raise RefusedError(401, "this appId is not known here; use that of the hubs file")
        kind = registry.interface.signature
        if not is_signed(request, signature=kind, secret=self.secret):
            raise RefusedError(401, "the signature is wrong; sign with the hub's secret")
        if abs(now - datetime.fromisoformat(request["timestamp"])) > CLOCK_TOLERANCE:
            raise RefusedError(401, "the timestamp is not of now; set the clock")
        return request  # type: ignore[no-any-return]  # (what `_malformed` has looked at)


def _malformed(registry: Registry, request: Any) -> str:
    """Return which part of a request is missing or of the wrong kind, else nothing."""
    if not isinstance(request, dict):
        return "it is no object"
    interface = registry.interface
    asked, purpose = request.get("biz_content"), request.get("purpose")
    asked, purpose = (one if isinstance(one, dict) else {} for one in (asked, purpose))
    texts = {key: request.get(key) for key in ("appId", "requestId", "nonce", SIGN)}
    texts |= {key: purpose.get(key) for key in ("item", "basis")}
    field, wants = interface.request["number"], asked.get(interface.wants)
    texts[field] = asked.get(field)
    right = {key: isinstance(value, str) for key, value in texts.items()}
    right["interface"] = request.get("interface") == interface.code
    right["timestamp"] = _is_moment(request.get("timestamp"))
    right[interface.wants] = isinstance(wants, tuple) and all(
        isinstance(one, str) for one in wants
    )
    return next((f"`{key}`" for key, fine in right.items() if not fine), "")


def _is_moment(value: object) -> bool:
    """Return whether a value is a moment with its distance from UTC."""
    try:
        return isinstance(value, str) and datetime.fromisoformat(value).tzinfo is not None
    except ValueError:
        return False


def _may_ask(registry: Registry, request: Mapping[str, Any]) -> bool:
    """Return whether a purpose opens the registry: an item it is open to, and a basis."""
    purpose = request["purpose"]
    return registry.source.usable_for(purpose["item"]) and bool(purpose["basis"].strip())


def _stamp(moment: datetime) -> str:
    return moment.astimezone(CHINA).isoformat(timespec="seconds")
