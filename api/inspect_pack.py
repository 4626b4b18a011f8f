"""Inspecting a pack: its faults or its size, and what a lawyer should look at."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import orjson

from evaluator.decide import Decider
from evaluator.example import run_examples
from evaluator.rete import fit
from evaluator.rete_refusal import EngineLimitError
from knowledge.fault import Fault, FaultsError
from rules.ground import Ground
from rules.pack import Pack, load
from rules.rule import Rule


@dataclass(frozen=True)
class Report:
    """What is wrong with a pack; where nothing is, its size and warnings."""

    pack: str
    faults: tuple[Fault, ...] = ()
    size: dict[str, int] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


def inspect(folder: Path) -> Report:
    """Return the report on the pack of a folder: its text, its rules, its examples."""
    try:
        pack = load(folder)
        refuse_unfit(pack)
        examples = run_examples(Decider(pack))
    except FaultsError as error:
        return Report(folder.name, error.faults)
    known, rules = pack.catalogue, pack.rules
    size = {
        "laws": len(known.laws),
        "items": len(known.items),
        "materials": len(known.materials),
        "facts": len(known.facts),
        "sources": len(known.sources),
        "requirements": len(rules.requirements),
        "reductions": len(rules.reductions),
        "keeps": len(rules.keeps),
        "cases": examples,
    }
    return Report(pack.id, size=size, warnings=tuple(warnings(pack)))


def refuse_unfit(pack: Pack) -> None:
    """Raise `FaultsError` for conditions that the live engine cannot be trusted with."""
    tried: dict[object, EngineLimitError | None] = {}
    for section in ("requirements", "reductions", "keeps"):
        rules: Mapping[str, Rule] = getattr(pack.rules, section)
        for rule in rules.values():
            if rule.when not in tried:
                tried[rule.when] = _unfit(rule)
            if error := tried[rule.when]:
                pack.reader.blame(section, rule.id, ("when",), str(error), "split the rule")
    pack.reader.stop_on_faults()


def _unfit(rule: Rule) -> EngineLimitError | None:
    try:
        fit(rule.when)
    except EngineLimitError as error:
        return error
    return None


def warnings(pack: Pack) -> Iterator[str]:
    """Yield what is no fault, and yet worth a lawyer's look."""
    known, rules = pack.catalogue, pack.rules
    for item in known.items.values():
        if not rules.demands(item.id) and not item.no_materials:
            yield (
                f"item `{item.id}` has no requirement rule and every case of it is refused; "
                "add rules or say `no_materials: true`"
            )
    grounds = {rule.ground for rule in rules.reductions.values()}
    if known.processes and Ground.EARLIER_STAGE not in grounds:
        yield "no `earlier_stage` reduction: steps ask again for what an earlier one collected"
    for law in known.laws.values():
        if not known.is_ours(law):
            yield f"law `{law.id}` is of another region ({law.region}); it demands nothing here"


def spell_report(report: Report, *, as_json: bool) -> str:
    """Return a report as JSON, or as lines for people."""
    if as_json:
        return orjson.dumps(
            {
                "pack": report.pack,
                "faults": [fault.as_dict() for fault in report.faults],
                "size": report.size,
                "warnings": report.warnings,
            }
        ).decode()
    if report.faults:
        lines = [str(fault) for fault in report.faults]
        number = f"{len(lines)} fault" + "s" * (len(lines) != 1)
        return "\n".join([f"{report.pack}: {number}", *lines])
    lines = [f"warning: {warning}" for warning in report.warnings]
    size = ", ".join(f"{number} {name}" for name, number in report.size.items())
    return "\n".join([*lines, f"{report.pack}: no fault; {size}"])
