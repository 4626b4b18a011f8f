"""Old decisions stay replayable: those of each semantics are made again, byte for byte."""

import hashlib
from pathlib import Path

import orjson
import pytest

from evaluator.decision import SEMANTICS
from tests.golden.corpus import FOLDER, golden

CORPORA = {
    "semantics-1.ndjson.gz": "0a024cf5de48ef1df15809c755835e744355b19585e3ae86b9aec2736a9cfb38"
}
"""Each corpus with its digest: what is golden is never edited."""


@pytest.mark.parametrize("name", CORPORA)
def test_every_golden_decision_is_made_again_byte_for_byte(name: str) -> None:
    decided = [(one.again() == one.decision, one.case) for one in golden(FOLDER / name)]

    assert len(decided) >= 500
    assert [case for same, case in decided if not same] == []


@pytest.mark.parametrize("name", CORPORA)
def test_a_golden_corpus_is_never_edited(name: str) -> None:
    assert hashlib.sha256((FOLDER / name).read_bytes()).hexdigest() == CORPORA[name]


def test_each_semantics_has_its_corpus() -> None:
    assert set(CORPORA) == {path.name for path in Path(FOLDER).glob("*.gz")}
    assert f"semantics-{SEMANTICS}.ndjson.gz" in CORPORA


def test_the_corpora_hold_decisions_of_all_kinds() -> None:
    made = [orjson.loads(one.decision) for one in golden(FOLDER / max(CORPORA))]
    entries = [entry for decision in made for entry in decision["entries"]]
    grounds = {edge["ground"] for entry in entries for edge in entry["edges"]}
    keys = {key for decision in made for key, value in decision.items() if value}

    assert len(grounds - {None}) >= 8, grounds
    assert {"submit", "lookups", "offers", "missing_roles", "deferred"} <= keys, keys
    assert any(not decision["final"] for decision in made)
