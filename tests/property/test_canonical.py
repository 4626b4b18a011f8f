"""Canonical JSON: our fast writer gives the bytes of RFC 8785."""

import json
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from knowledge.canonical import LARGEST_INTEGER, canonical
from knowledge.strict_json import read_json
from tests.matters import matters

TEXT = st.text(st.characters(codec="utf-8"))
KEY = st.text(st.characters(codec="ascii"))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-LARGEST_INTEGER, LARGEST_INTEGER) | TEXT,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(KEY, inner, max_size=5),
    max_leaves=20,
)


@given(VALUES)
def test_canonical_bytes_are_those_of_rfc_8785(value: Any) -> None:
    assert canonical(value) == rfc8785.dumps(value)


@given(VALUES)
def test_canonical_bytes_read_back_as_the_same_value(value: object) -> None:
    assert json.loads(canonical(value)) == value


@given(st.integers(LARGEST_INTEGER + 1) | st.integers(max_value=-LARGEST_INTEGER - 1))
def test_a_number_that_other_readers_would_round_is_refused(number: int) -> None:
    with pytest.raises(TypeError):
        canonical(number)


def test_the_bytes_of_decisions_are_those_of_rfc_8785() -> None:
    for matter in matters("canonical", packs=15):
        assert canonical(matter.decision) == rfc8785.dumps(matter.decision)


@given(VALUES.map(lambda value: {"value": value}))
def test_strict_json_reads_what_canonical_json_writes(value: object) -> None:
    assert canonical(read_json(canonical(value))) == canonical(value)
