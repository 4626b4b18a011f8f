"""Releasing: a pack is checked, compared over its examples, and put into force from a day."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

from api.inspect_pack import refuse_unfit
from api.opening import open_store
from api.settings import Settings
from evaluator.decide import Decider
from evaluator.decision import Decision
from evaluator.example import Example, read_examples, run_examples
from evaluator.trial import LIST
from knowledge.fault import FaultsError
from rules.pack import Pack, Reader, read_files


def put_into_force(folder: Path, from_day: date) -> Iterator[str]:
    """Release the pack of a folder; yield what the clerk sees. Raises `FaultsError`."""
    files = read_files(folder)
    pack = Reader(files).pack()
    refuse_unfit(pack)
    run_examples(Decider(pack))
    store = open_store(Settings.from_environment())
    try:
        before = store.in_force(from_day)
        if before is None:
            yield f"no pack is in force on {from_day}; this is the first"
        else:
            yield from changes(Reader(store.files(before)).pack(), pack)
        row = store.release(pack, files, from_day)
        with store.log() as log:
            store.keys.log.sequence(log, store.milliseconds())
        yield f"pack `{pack.id}` is in force from {from_day} (release {row.id}, {row.ruleset})"
    finally:
        store.close()


def changes(old: Pack, new: Pack) -> Iterator[str]:
    """Yield whose lists differ between two packs, over the examples of the new one."""
    was, will = Decider(old), Decider(new)
    examples = [example for _, example in read_examples(new)]
    changed = 0
    for example in examples:
        lines = list(_differences(was, will, example))
        changed += bool(lines)
        if lines:
            yield f"* {example.name}"
            yield from lines
    yield f"{changed} of {len(examples)} examples change"


def _differences(was: Decider, will: Decider, example: Example) -> Iterator[str]:
    old, new = _decision(was, example), _decision(will, example)
    if isinstance(old, str) or isinstance(new, str):
        if old != new:
            yield f"    was {_spell(old)}, becomes {_spell(new)}"
        return
    for key in LIST:
        gone, come = (
            sorted(set(old[key]) - set(new[key])),
            sorted(set(new[key]) - set(old[key])),
        )
        if gone or come:
            signs = [*(f"-{name}" for name in gone), *(f"+{name}" for name in come)]
            yield f"    {key}: {' '.join(signs)}"


def _spell(side: Decision | str) -> str:
    return side if isinstance(side, str) else "decided"


def _decision(decider: Decider, example: Example) -> Decision | str:
    try:
        return decider.decide(decider.read(example.case))
    except FaultsError as error:
        return f"refused ({error.faults[0].what})"
