"""Peers: other engines that decide the same conditions, each in the fastest way found.

They know no unknown, so they are given cases that state every fact. Each returns the truth of
every condition of a program, in its order; one that decides something else is no peer.
"""

import json
from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import zen
from json_logic import jsonLogic  # type: ignore[import-untyped]  # it has no types

from rules.condition import Always, And, Comparison, Condition, Membership, Not, Or

Plain = dict[str, Any]
Peer = Callable[[Plain], Sequence[bool]]


def plain(value: Any) -> str | bool | int | float:
    """Return a fact's value as the peers know it: a day as a number, a decimal as a float."""
    if isinstance(value, date):
        return value.toordinal()
    return float(value) if isinstance(value, Decimal) else value


# zen-engine: a decision graph of one expression node that gives the list of all truths. A
# decision table (one row a rule, hit policy `collect`) and one expression for each condition
# are slower.


def zen_graph(conditions: Sequence[Condition]) -> dict[str, Any]:
    """Return the JDM graph that gives the truth of every condition."""
    value = f"[{', '.join(map(_zen, conditions))}]"
    content = {"expressions": [{"id": "truths", "key": "truths", "value": value}]}
    nodes = [
        ("input", "inputNode", {}),
        ("conditions", "expressionNode", content),
        ("output", "outputNode", {}),
    ]
    edges = [("input", "conditions"), ("conditions", "output")]
    return {
        "nodes": [
            {
                "id": key,
                "name": key,
                "type": sort,
                "content": inner,
                "position": {"x": 0, "y": 0},
            }
            for key, sort, inner in nodes
        ],
        "edges": [
            {"id": f"{one}-{other}", "type": "edge", "sourceId": one, "targetId": other}
            for one, other in edges
        ],
    }


def zen_created(conditions: Sequence[Condition]) -> Peer:
    """Return zen-engine as its own guide shows it: a created decision, asked each time."""
    decision = zen.ZenEngine().create_decision(json.dumps(zen_graph(conditions)))
    return lambda facts: decision.evaluate(facts)["result"]["truths"]


def zen_loaded(conditions: Sequence[Condition]) -> Peer:
    """Return zen-engine in the fastest way found: a graph that a static loader has compiled."""
    graph = zen_graph(conditions)
    engine = zen.ZenEngine({"loader": {"type": "static", "content": {"item": graph}}})
    return lambda facts: engine.evaluate("item", facts)["result"]["truths"]


def zen_expression(conditions: Sequence[Condition]) -> Peer:
    """Return zen's bare expression language, without any decision around it."""
    expression = zen.compile_expression(f"[{', '.join(map(_zen, conditions))}]")
    evaluate: Peer = expression.evaluate
    return evaluate


def _zen(condition: Condition) -> str:
    match condition:
        case Always(value):
            return json.dumps(value)
        case Comparison(fact, sign, value):
            return f"{fact} {sign} {json.dumps(plain(value))}"
        case Membership(fact, values):
            return f"{fact} in [{', '.join(json.dumps(plain(value)) for value in values)}]"
        case And(parts):
            return f"({' and '.join(map(_zen, parts))})"
        case Or(parts):
            return f"({' or '.join(map(_zen, parts))})"
        case Not(part):
            return f"not ({_zen(part)})"


def json_logic(conditions: Sequence[Condition]) -> Peer:
    """Return json-logic-qubit: one rule for each condition."""
    rules = [_logic(condition) for condition in conditions]
    return lambda facts: [jsonLogic(rule, facts) for rule in rules]


def _logic(condition: Condition) -> Any:
    match condition:
        case Always(value):
            return value
        case Comparison(fact, sign, value):
            strict = {"==": "===", "!=": "!=="}.get(sign, sign)
            return {strict: [{"var": fact}, plain(value)]}
        case Membership(fact, values):
            return {"in": [{"var": fact}, [plain(value) for value in values]]}
        case And(parts):
            return {"and": [_logic(part) for part in parts]}
        case Or(parts):
            return {"or": [_logic(part) for part in parts]}
        case Not(part):
            return {"!": _logic(part)}


def handwritten(conditions: Sequence[Condition]) -> Peer:
    """Return the function that a programmer would write down for these very conditions.

    It is spelled out from the conditions, so that it cannot fall behind the pack: plain
    comparisons of `facts["…"]` and nothing else, the floor under every engine in Python.
    """
    rows = ",\n        ".join(map(_python, conditions))
    source = f"def decide(facts):\n    return [\n        {rows},\n    ]\n"
    names: dict[str, Any] = {}
    exec(source, names)  # noqa: S102 the source is spelled out two lines above
    decide: Peer = names["decide"]
    return decide


def _python(condition: Condition) -> str:
    match condition:
        case Always(value):
            return repr(value)
        case Comparison(fact, sign, value):
            return f'facts["{fact}"] {sign} {plain(value)!r}'
        case Membership(fact, values):
            return f'facts["{fact}"] in {tuple(plain(value) for value in values)!r}'
        case And(parts):
            return f"({' and '.join(map(_python, parts))})"
        case Or(parts):
            return f"({' or '.join(map(_python, parts))})"
        case Not(part):
            return f"(not {_python(part)})"


PEERS: dict[str, Callable[[Sequence[Condition]], Peer]] = {
    "zen-engine, created decision": zen_created,
    "zen-engine, static loader": zen_loaded,
    "zen expression alone": zen_expression,
    "json-logic-qubit": json_logic,
    "hand-written function": handwritten,
}
