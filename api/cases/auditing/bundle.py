"""Bundles: a case with everything that proves it, as one document for a stranger to check."""

import json
from base64 import b64encode
from typing import Any

from api.cases.auditing.sealed import SealedCase, SealedEvent
from api.cases.evidence import RECEIPT
from api.cases.papers.noticing import PART
from api.proof import bundle, sealed
from api.search import instant
from api.store import Store
from audit.commitment import SALT_LENGTH

_BLIND = frozenset({"token", "box"})
"""Columns that say nothing to a stranger."""


def whole(one: SealedCase, store: Store) -> dict[str, Any]:
    """Return a case with its events, receipts, notices and decisions, each with its proof.

    Bytes are base64, digests hexadecimal. What was erased is left out; its proofs are not.
    """
    notes = [each.proof.checkpoint for each in one.events if each.proof]
    decisions = [sealed(store, number) for number in one.decisions]
    return {
        "number": one.number,
        "head": _plain(one.head),
        "events": [_event(each) for each in one.events],
        "receipts": [
            {**_plain(row), **_box(one, f"{RECEIPT}-{row.id}", row.box)} for row in one.receipts
        ],
        "notices": [
            {**_plain(row), **_box(one, f"{PART}-{row.number}", row.box)} for row in one.notices
        ],
        "tasks": [_plain(row) for row in one.tasks],
        "alerts": [_plain(row) for row in one.alerts],
        "decisions": [bundle(each, store.keys) for each in decisions if each],
        "checkpoint": notes[-1] if notes else None,
        "log": {"origin": store.keys.log.origin, "keys": [str(key) for key in one.keys]},
        "witnesses": [str(key) for key in store.keys.witnesses],
    }


def _event(one: SealedEvent) -> dict[str, Any]:
    known = {
        **_plain(one.row),
        "leaf": bytes(one.row.leaf).hex(),
        "entry": (one.encoded or b"").decode(),
        "index": one.proof.index if one.proof else None,
        "path": [b64encode(each).decode() for each in one.proof.path] if one.proof else [],
    }
    if one.salted:
        known["event"] = json.loads(one.salted[SALT_LENGTH:])
        known["salt"] = one.salted[:SALT_LENGTH].hex()
    return known


def _box(one: SealedCase, part: str, digest: str) -> dict[str, Any]:
    plain = one.opened(part, digest)
    return {"content": json.loads(plain)} if plain else {}


def _plain(row: Any) -> dict[str, Any]:
    columns = type(row).model_fields.keys() - _BLIND - {"leaf"}
    values = {key: getattr(row, key) for key in sorted(columns)}
    return {
        key: instant(value).isoformat() if hasattr(value, "tzinfo") else value
        for key, value in values.items()
    }
