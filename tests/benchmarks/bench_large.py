"""A large pack: 2,000 items and 20,000 requirement rules, checked, and one item decided."""

import json
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from evaluator.decide import Decider
from knowledge.strict_json import read_json
from rules.pack import load
from tests.benchmarks.measure import Gate, interleaved, run

ITEMS, RULES_EACH = 2_000, 10
FACTS, MATERIALS, LAWS = 300, 500, 60
GROUNDS = ("data_sharing", "e_licence", "history", "exempt", "commitment")
ALONE, AMONG = "its item alone", "among 2,000 items"


def bench() -> tuple[list[str], list[Gate]]:
    """Return what is to be told, and the gates, of a generated pack."""
    with TemporaryDirectory() as folder:
        whole, alone = Path(folder, "whole"), Path(folder, "alone")
        write(whole, range(ITEMS))
        write(alone, [1_234])
        _, seconds, memory = run("check", str(whole))
        ratio, times = _cost(whole, alone)
    lines = [
        "",
        (
            f"A pack of {ITEMS:,} items and {ITEMS * RULES_EACH:,} requirement rules: "
            f"`jianzheng check` takes {seconds:.1f} s and {memory:.0f} MB at most. A case of "
            f"one item takes {times[0]:.0f} µs in it, {times[1]:.0f} µs with its item alone."
        ),
    ]
    gates = [
        Gate("large pack: check", seconds, 20, "s"),
        Gate("large pack: check, peak memory", memory, 1_000, "MB"),
        Gate(f"large pack: a case {AMONG} / {ALONE}", ratio, 1.25, "×"),
    ]
    return lines, gates


def _cost(whole: Path, alone: Path) -> tuple[float, tuple[float, float]]:
    """Return how much longer a case takes among all items, and both medians (µs)."""
    subjects = {}
    for name, folder in ((AMONG, whole), (ALONE, alone)):
        decider = Decider(load(folder))
        read = [decider.read(read_json(text)) for text in _cases()]
        subjects[name] = lambda at, decider=decider, read=read: decider.decide(read[at])
    times = interleaved(subjects, len(_cases()), 15)
    return times[AMONG].against(times[ALONE]), (times[AMONG].median, times[ALONE].median)


def _cases() -> list[str]:
    return [
        json.dumps(
            {
                "as_of": "2026-11-23",
                "items": ["i1234"],
                "applicant": {"kind": kind, "id": "A-1"},
                "facts": {f"f{at}": (number + at) % 2 == 0 for at in range(0, FACTS, 2)},
            }
        )
        for kind in ("natural", "legal")
        for number in range(20)
    ]


def write(folder: Path, items: Iterable[int]) -> None:
    """Write a pack with some of the items; what they name is the same in each."""
    numbers = list(items)
    (folder / "knowledge").mkdir(parents=True)
    (folder / "rules").mkdir()
    _file(folder / "pack.yaml", {"id": "large", "name": "大", "regions": ["中国"]})
    _file(folder / "knowledge" / "all.yaml", _knowledge(numbers))
    _file(folder / "rules" / "cuts.yaml", {"reductions": _reductions(), "keeps": _keeps()})
    for start in range(0, len(numbers), 100):
        some = numbers[start : start + 100]
        rules = [rule for item in some for rule in _requirements(item)]
        _file(folder / "rules" / f"r{start}.yaml", {"requirements": rules})


def _file(path: Path, content: dict[str, Any]) -> None:
    lines = []
    for key, value in content.items():
        rows = value if isinstance(value, list) else None
        lines.append(f"{key}:" if rows is not None else f"{key}: {_flow(value)}")
        lines += [f"  - {_flow(row)}" for row in rows or ()]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _flow(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _knowledge(items: list[int]) -> dict[str, Any]:
    law = {"level": "law", "since": "2000-01-01"}
    return {
        "laws": [{"id": f"l{at}", "title": f"法{at}", **law} for at in range(LAWS)],
        "organs": [{"id": f"o{at}", "name": f"局{at}"} for at in range(20)],
        "facts": [
            {"key": f"f{at}", "type": "boolean", "name": f"事实{at}号"} for at in range(FACTS)
        ]
        + [{"key": f"n{at}", "type": "integer", "name": f"数目{at}号"} for at in range(FACTS)],
        "claims": [{"id": f"c{at}", "name": f"待证{at}"} for at in range(100)],
        "materials": [
            {
                "id": f"m{at}",
                "name": f"材料{at}",
                "class": "certificate",
                "proves": [f"c{at % 100}"],
            }
            for at in range(MATERIALS)
        ],
        "items": [
            {"id": f"i{at}", "name": f"事项{at}", "organ": f"o{at % 20}"} for at in items
        ],
        "sources": [
            {
                "id": f"s{at}",
                "name": f"库{at}",
                "organ": f"o{at}",
                "sharing": "unconditional",
                "materials": [f"m{one}" for one in range(at, MATERIALS, 20)],
            }
            for at in range(20)
        ],
    }


def _requirements(item: int) -> list[dict[str, Any]]:
    return [
        {
            "id": f"i{item}/r{at}",
            "item": f"i{item}",
            "proves": [f"c{(item * 7 + at) % 100}"],
            "when": f"f{(item + at) % FACTS} and not f{(item * 3 + at) % FACTS}"
            f" or n{(item + at * 5) % FACTS} >= {item * RULES_EACH + at}",  # no two alike
            "accepts": [
                [f"m{(item * 11 + at) % MATERIALS}"],
                [
                    f"m{(item * 11 + at + 1) % MATERIALS}",
                    f"m{(item * 11 + at + 2) % MATERIALS}",
                ],
            ],
            "basis": [f"l{item % LAWS} 第{at + 1}条"],
            "since": "2020-01-01",
        }
        for at in range(RULES_EACH)
    ]


def _reductions() -> list[dict[str, Any]]:
    return [
        {
            "id": f"cut{at}",
            "ground": GROUNDS[at % len(GROUNDS)],
            "select": {"materials": [f"m{one}" for one in range(at, MATERIALS, 60)]},
            "when": f"f{at}",
            "basis": [f"l{at % LAWS} 第一条"],
            "since": "2020-01-01",
        }
        for at in range(60)
    ]


def _keeps() -> list[dict[str, Any]]:
    return [
        {
            "id": f"keep{at}",
            "defeats": ["data_sharing", "history"],
            "select": {"materials": [f"m{at}"]},
            "when": f"f{at + 100}",
            "basis": [f"l{at % LAWS} 第二条"],
            "since": "2020-01-01",
        }
        for at in range(20)
    ]
