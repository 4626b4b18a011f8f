"""Decisions: matching, whole decisions and explanations of one item beside its peers."""

import json
from typing import Any

from api.answer import Answerer, read_text
from evaluator.case import Case
from evaluator.decide import Decider
from evaluator.explanation import explain
from evaluator.reference import ReferenceMatcher
from evaluator.rete_worker import EngineWorker
from knowledge.fault import FaultsError
from rules.pack import Pack
from tests.benchmarks.measure import Gate, Subject, Times, interleaved, table
from tests.benchmarks.peers import PEERS, Peer, plain
from tests.benchmarks.sample import cases, most_demanding, stated, view_of

CASES, ROUNDS = 200, 9
FLIPPED = 10
"""Cases that are explained with flips: each decides hundreds of variations."""

REFERENCE = "matching by the reference"
ENGINE = "matching by the engine, its process included"
WHOLE = "whole decision by both matchers, as canonical bytes"
CREATED, LOADED = "zen-engine, created decision", "zen-engine, static loader"


def bench(pack: Pack) -> tuple[list[str], list[Gate]]:
    """Return what is to be told, and the gates, for two items of the bundled pack."""
    lines: list[str] = []
    gates: list[Gate] = []
    for item in dict.fromkeys(("b.company_setup", most_demanding(pack)[0])):
        told, passed = bench_item(pack, item)
        lines += told
        gates += passed
    return lines, gates


def bench_item(pack: Pack, item: str) -> tuple[list[str], list[Gate]]:
    """Return the table and the gates of one item."""
    answerer = Answerer(pack)
    try:
        texts = [json.dumps(raw).encode() for raw in cases(answerer.decider, item, CASES)]
        subjects = _subjects(answerer, item, texts)
        times = interleaved(subjects, CASES, ROUNDS)
        flips = interleaved({"with flips": _explained(answerer, texts, flips=True)}, FLIPPED, 3)
    finally:
        answerer.close()
    view = view_of(answerer.decider, item)
    told = (
        f"`{item}`: {len(view.rules)} requirement rules, "
        f"{len(view.program.conditions)} conditions, {CASES} cases, {ROUNDS} rounds."
    )
    flipped = flips["with flips"]
    lines = ["", told, "", *table(times, (CREATED, LOADED))]
    lines += ["", f"Explained with all flips: median {flipped.median / 1000:,.1f} ms."]
    return lines, _gates(item, times)


def _gates(item: str, times: dict[str, Times]) -> list[Gate]:
    reference, whole = times[REFERENCE], times[WHOLE]
    return [
        Gate(f"`{item}`: reference / {CREATED}", reference.against(times[CREATED]), 0.5, "×"),
        Gate(f"`{item}`: whole decision / {CREATED}", whole.against(times[CREATED]), 5, "×"),
        Gate(f"`{item}`: whole decision, median", whole.median / 1000, 3, "ms"),
    ]


def _subjects(answerer: Answerer, item: str, texts: list[bytes]) -> dict[str, Subject]:
    """Return all subjects, each asked once about every case and found to agree."""
    decider = answerer.decider
    read = [_read(decider, text) for text in texts]
    program = view_of(decider, item).program
    reference, engine = ReferenceMatcher(), EngineWorker(processes=1)
    facts: list[dict[str, Any]] = [
        {key: plain(value) for key, value in stated(case).items()} for case in read
    ]
    truths = [list(reference.match(program, case.facts)) for case in read]
    subjects: dict[str, Subject] = {}
    for name, prepare in PEERS.items():
        peer = prepare(program.conditions)
        _agree(name, [list(peer(one)) for one in facts], truths)
        subjects[name] = _on(peer, facts)
    _agree(ENGINE, [list(engine.match(program, case.facts)) for case in read], truths)
    return subjects | {
        REFERENCE: lambda at: reference.match(program, read[at].facts),
        ENGINE: lambda at: engine.match(program, read[at].facts),
        "reading a case from its JSON text": lambda at: _read(decider, texts[at]),
        "decision by the reference alone": lambda at: decider.decide(read[at]),
        WHOLE: lambda at: answerer.answer(read[at]),
        f"{WHOLE}, explained": _explained(answerer, texts, flips=False),
    }


def _explained(answerer: Answerer, texts: list[bytes], *, flips: bool) -> Subject:
    read = [_read(answerer.decider, text) for text in texts]

    def subject(at: int) -> object:
        decision = answerer.answer(read[at]).decision
        return explain(answerer.decider, read[at], decision, with_changes=flips)

    return subject


def _on(peer: Peer, facts: list[dict[str, Any]]) -> Subject:
    return lambda at: peer(facts[at])


def _read(decider: Decider, text: bytes) -> Case:
    case = read_text(decider, text)
    if isinstance(case, FaultsError):
        raise case
    return case


def _agree(name: str, found: object, truths: object) -> None:
    if found != truths:
        raise AssertionError(f"{name} decides something else, so it is no peer")
