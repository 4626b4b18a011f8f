"""Envelopes: what goes over the wire around a look-up, and the signature that closes it.

A document is signed by an HMAC, keyed with the hub's secret, of the RFC 8785 bytes of all of
it but `sign`.
"""

from collections.abc import Mapping
from datetime import datetime
from hmac import compare_digest
from typing import Any, Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.hmac import HMAC

from knowledge.canonical import canonical
from knowledge.interface import Interface, Signature
from knowledge.lookup.hub import Hub
from knowledge.lookup.order import Order

SIGN: Final = "sign"
_HASHES: Final[Mapping[Signature, type[hashes.HashAlgorithm]]] = {
    "hmac-sm3": hashes.SM3,
    "hmac-sha256": hashes.SHA256,
}


def sign(document: Mapping[str, Any], *, signature: Signature, secret: bytes) -> str:
    """Return the signature (hexadecimal) of a document, whatever its `sign` says."""
    keyed = HMAC(secret, _HASHES[signature]())
    keyed.update(canonical({key: value for key, value in document.items() if key != SIGN}))
    return keyed.finalize().hex()


def is_signed(document: Mapping[str, Any], *, signature: Signature, secret: bytes) -> bool:
    """Return whether the `sign` of a document is the signature of the rest of it."""
    stated = document.get(SIGN)
    if not isinstance(stated, str):
        return False
    expected = sign(document, signature=signature, secret=secret)
    return compare_digest(stated.lower().encode(), expected.encode())


def seal(order: Order, interface: Interface, hub: Hub, *, at: datetime, nonce: str) -> bytes:
    """Return the signed request for an order; `nonce` also identifies it.

    A word that we have no value for (the name, where only the number is known) is left out.
    """
    purpose = order.purpose
    document = {
        "appId": hub.app_id,
        "interface": interface.code,
        "requestId": nonce,
        "timestamp": at.isoformat(timespec="seconds"),
        "nonce": nonce,
        "purpose": {
            "item": purpose.item,
            "basis": purpose.basis,
            "operator": purpose.operator,
            "office": purpose.office,
            "case": purpose.case,
        },
        "biz_content": {
            interface.request[word]: known
            for word, known in words(order).items()
            if word in interface.request
        }
        | {interface.wants: sorted({interface.code_of(name) for name in order.wanted})},
    }
    document[SIGN] = sign(document, signature=interface.signature, secret=hub.secret)
    return canonical(document)


def words(order: Order) -> dict[Any, str]:
    """Return what is known of the person, by the words of an interface."""
    known = {"number": order.subject, "name": order.name, "kind": order.kind}
    return {word: value for word, value in known.items() if value}
