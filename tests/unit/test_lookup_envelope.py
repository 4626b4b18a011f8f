"""Envelopes: what is sent is signed as the standard says, and says who asks what, and why."""

import hashlib
import hmac
import re
from datetime import UTC, datetime
from typing import Literal

import orjson
import pytest
from cryptography.hazmat.primitives import hashes

from knowledge.canonical import canonical
from knowledge.lookup.envelope import is_signed, seal, sign
from knowledge.lookup.hub import Hub
from tests.console import ROOT
from tests.registering import NAME, NUMBER, SECRET, order_of, source_of

NOW = datetime(2026, 11, 28, 5, 0, tzinfo=UTC)
HUB = Hub("http://hub.test", "us", SECRET)
BLOCK = 64
"""Bytes of a block of SM3 and of SHA-256."""


def sm3(content: bytes) -> bytes:
    taken = hashes.Hash(hashes.SM3())
    taken.update(content)
    return taken.finalize()


def test_sm3_gives_the_example_of_the_standard() -> None:
    # GB/T 32905-2016, example 1.
    assert sm3(b"abc").hex() == (
        "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    )


@pytest.mark.parametrize("secret", [b"k", SECRET, b"longer than one block" * 5])
def test_the_signature_is_the_hmac_of_rfc_2104_over_sm3(secret: bytes) -> None:
    document = {"b": [1, "二"], "a": None}
    key = (sm3(secret) if len(secret) > BLOCK else secret).ljust(BLOCK, b"\0")
    inner = sm3(bytes(byte ^ 0x36 for byte in key) + canonical(document))

    assert sign(document, signature="hmac-sm3", secret=secret) == (
        sm3(bytes(byte ^ 0x5C for byte in key) + inner).hex()
    )


def test_the_signature_may_be_hmac_sha_256() -> None:
    expected = hmac.new(SECRET, b'{"a":"1","b":2}', hashlib.sha256).hexdigest()

    assert sign({"b": 2, "a": "1"}, signature="hmac-sha256", secret=SECRET) == expected


@pytest.mark.parametrize("signature", ["hmac-sm3", "hmac-sha256"])
def test_a_signature_holds_for_its_document_key_and_kind_alone(
    signature: Literal["hmac-sm3", "hmac-sha256"],
) -> None:
    document = {"a": 1}
    good = document | {"sign": sign(document, signature=signature, secret=SECRET)}
    other: Literal["hmac-sm3", "hmac-sha256"] = (
        "hmac-sha256" if signature == "hmac-sm3" else "hmac-sm3"
    )

    assert is_signed(good, signature=signature, secret=SECRET)
    assert not is_signed(good, signature=other, secret=SECRET)
    assert not is_signed(good, signature=signature, secret=SECRET + b"!")
    assert not is_signed(good | {"a": 2}, signature=signature, secret=SECRET)
    assert not is_signed(good | {"b": 2}, signature=signature, secret=SECRET)
    assert not is_signed(document, signature=signature, secret=SECRET)
    assert not is_signed(document | {"sign": None}, signature=signature, secret=SECRET)


@pytest.mark.parametrize("place", [0, 1])
def test_the_examples_of_the_documentation_are_signed(place: int) -> None:
    page = (ROOT / "docs" / "registries.md").read_text(encoding="utf-8")
    secret = b"only an example, never use it"
    example = re.findall(r"^```json\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)[place]

    assert secret.decode() in page
    assert is_signed(orjson.loads(example), signature="hmac-sm3", secret=secret)


def test_a_request_says_who_asks_whom_about_what_and_why() -> None:
    order = order_of()
    assert order.source.lookup is not None

    sent = orjson.loads(seal(order, order.source.lookup, HUB, at=NOW, nonce="ab12"))

    assert is_signed(sent, signature="hmac-sm3", secret=SECRET)
    del sent["sign"]
    assert sent == {
        "appId": "us",
        "interface": "s_register",
        "requestId": "ab12",
        "nonce": "ab12",
        "timestamp": "2026-11-28T05:00:00+00:00",
        "purpose": {
            "item": "any.item",
            "basis": "某法 第一条",
            "operator": "clerk-1",
            "office": "窗口 3",
            "case": "44-1",
        },
        "biz_content": {
            "zjhm": NUMBER,
            "xm": NAME,
            "lx": "natural",
            "cxlx": ["kp", "permit", "sf"],
        },
    }


def test_a_request_holds_no_more_than_was_ordered_and_described() -> None:
    source = source_of(request={"number": "zjhm", "name": "xm"})
    order = order_of(source, materials=("card",), claims=(), name="")
    assert source.lookup is not None

    sent = orjson.loads(seal(order, source.lookup, HUB, at=NOW, nonce="ab12"))

    assert sent["biz_content"] == {"zjhm": NUMBER, "cxlx": ["kp"]}


def test_a_hub_never_shows_its_secret() -> None:
    assert "secret of" not in repr(HUB)
