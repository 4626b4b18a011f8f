"""Entries and commitments: one value, one sequence of bytes; one salt, one value."""

from hashlib import sha256
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from audit.commitment import commit, opens
from audit.entry import Entry, EntryError, canonical
from audit.suite import SHA256_ED25519, SUITES, UnknownSuiteError, suite_named
from audit.verify import read_entry

DIGEST = "sha256:" + "ab" * 32
SEALED = (
    b'{"at":1700000000000,"body":{"list":["\xe8\xba\xab\xe4\xbb\xbd\xe8\xaf\x81"],"n":-1},'
    b'"kind":"decision","parts":{"rules":"' + DIGEST.encode() + b'"},"suite":"sha256+ed25519"}'
)
texts = st.text(st.characters(exclude_categories=["Cs"]))
keys = st.text(st.characters(max_codepoint=0xFFFF, exclude_categories=["Cs"]))
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | texts,
    lambda inner: st.lists(inner) | st.dictionaries(keys, inner),
)


def test_an_entry_sealed_once_is_read_for_ever() -> None:
    entry = Entry(
        "decision", 1_700_000_000_000, {"n": -1, "list": ["身份证"]}, {"rules": DIGEST}
    )

    assert entry.encoded() == SEALED
    assert Entry.parse(SEALED) == entry


@given(st.dictionaries(keys, values))
def test_every_body_has_the_bytes_of_rfc_8785(body: dict[str, Any]) -> None:
    assert canonical(body) == rfc8785.dumps(body)

    encoded = Entry("note", 0, body).encoded()

    assert Entry.parse(encoded).body == body
    assert read_entry(encoded) is not None


@pytest.mark.parametrize(
    "body",
    [
        {"x": 1.5},
        {"x": float("nan")},
        {"x": 2**53},
        {"x": -(2**53)},
        {"x": "\ud800"},
        {"\ud800": 1},
        {"\U0001f600": 1},
        {1: 1},
        {"x": b"bytes"},
        {"x": {1, 2}},
    ],
)
def test_what_has_two_readings_cannot_be_sealed(body: dict[str, Any]) -> None:
    with pytest.raises(EntryError):
        Entry("note", 0, body).encoded()


@pytest.mark.parametrize(
    "entry",
    [
        Entry("Note", 0, {}),
        Entry("", 0, {}),
        Entry("note", -1, {}),
        Entry("note", 0, {}, {"x": "sha256:short"}),
        Entry("note", 0, {}, {"x": DIGEST.upper()}),
    ],
)
def test_an_entry_without_a_kind_a_time_or_digests_cannot_be_sealed(entry: Entry) -> None:
    with pytest.raises(EntryError):
        entry.encoded()


@pytest.mark.parametrize(
    "spoilt",
    [
        b"",
        b"[]",
        b"{}",
        SEALED + b" ",
        SEALED.replace(b'"n":-1', b'"n": -1'),
        SEALED.replace(b'"n":-1', b'"n":-1.0'),
        SEALED.replace(b'"n":-1', b'"n":1,"n":-1'),
        SEALED.replace(b'"n":-1', b'"n":-1e0'),
        SEALED.replace(b'"n":-1', b'"n":NaN'),
        SEALED.replace(b'"at":1700000000000', b'"at":"1700000000000"'),
        SEALED.replace(b'"at":1700000000000', b'"at":true'),
        SEALED.replace(b'"at":1700000000000,', b""),
        SEALED.replace(b'"kind":', b'"index":1,"kind":'),
        SEALED.replace("身".encode(), b"\\u8eab"),
        SEALED.replace("身".encode(), b"\xff"),
        SEALED.replace(b"sha256:ab", b"sha256:xb"),
        b"[" * 100_000,
    ],
)
def test_bytes_with_another_form_are_no_entry(spoilt: bytes) -> None:
    with pytest.raises(EntryError):
        Entry.parse(spoilt)
    assert read_entry(spoilt) is None


def test_an_unknown_suite_is_named() -> None:
    with pytest.raises(UnknownSuiteError, match="`sm3\\+sm2` is unknown"):
        Entry.parse(SEALED.replace(b"sha256+ed25519", b"sm3+sm2"))
    assert read_entry(SEALED.replace(b"sha256+ed25519", b"sm3+sm2")) is None
    assert [suite_named(name).name for name in SUITES] == ["sha256+ed25519"]


def test_a_digest_names_its_hash() -> None:
    assert SHA256_ED25519.digest(b"x") == "sha256:" + sha256(b"x").hexdigest()


@given(st.binary(), st.binary(min_size=32, max_size=32), st.binary())
def test_a_commitment_opens_to_its_value_and_salt_only(
    value: bytes, salt: bytes, other: bytes
) -> None:
    commitment = commit(value, salt)

    assert opens(commitment, value, salt)
    assert opens(commitment, other, salt) == (other == value)
    assert not opens(commitment, value, bytes([salt[0] ^ 1]) + salt[1:])
    assert not opens(commitment, salt[31:] + value, salt[:31])


def test_a_short_salt_is_refused() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        commit(b"x", b"short")
