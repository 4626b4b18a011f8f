"""The product under test: packs and cases as plain JSON in, decisions or refusals out."""

from collections.abc import Mapping
from typing import Any

import orjson

from evaluator.case import Case
from evaluator.decide import Decider
from evaluator.plan import plan
from knowledge.fault import FaultsError
from knowledge.strict_json import StrictJsonError, read_json
from rules.pack import Files, Pack, Reader

Json = dict[str, Any]

TITLE = ("id", "name", "regions")
KNOWLEDGE = (
    "laws", "authority", "organs", "facts", "claims", "materials", "items", "processes",
    "sources",
)  # fmt: skip
RULES = ("requirements", "reductions", "keeps")


def files_of(pack: Mapping[str, Any]) -> Files:
    """Return a pack as the files of its folder; JSON text is YAML."""
    parts = {
        "pack.yaml": TITLE,
        "knowledge/all.yaml": KNOWLEDGE,
        "rules/all.yaml": RULES,
        "cases/all.yaml": ("cases",),
    }
    return {
        name: orjson.dumps({key: pack[key] for key in keys if key in pack})
        for name, keys in parts.items()
    }


def pack_of(pack: Mapping[str, Any]) -> Pack:
    """Return the pack that plain JSON describes, or raise `FaultsError`."""
    return Reader(files_of(pack)).pack()


def case_of(decider: Decider, case: Any) -> Case:
    """Return the case that plain JSON describes; it is read as a door would read it."""
    return decider.read(read_json(orjson.dumps(case)))


def decide(decider: Decider, case: Any) -> Json:
    """Return the decision, or `{"error": …}` as a batch would give it."""
    try:
        return decider.decide(case_of(decider, case))
    except (FaultsError, StrictJsonError) as error:
        return {"error": str(error)}


def plan_steps(decider: Decider, process: str, case: Any) -> Json:
    """Return the plan of a process in the public format, or `{"error": …}`."""
    try:
        steps = plan(decider, process, read_json(orjson.dumps(case)))
    except (FaultsError, StrictJsonError) as error:
        return {"error": str(error)}
    return {"steps": [{"step": step, "decision": made} for step, made in steps]}
