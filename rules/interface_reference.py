"""Interface references: an interface speaks only of what its source and its pack declare."""

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from itertools import pairwise

from knowledge.fact import Fact, FactValueError
from knowledge.fault import Path
from knowledge.interface import FactField, Interface
from knowledge.source import Source

_WORDED = frozenset({"choice", "boolean"})
"""Facts that a register spells in words of its own."""


def interface_troubles(
    source: Source, facts: Mapping[str, Fact], declared: AbstractSet[str]
) -> Iterator[tuple[Path, str, str]]:
    """Yield (path, what is wrong, cure) for the interface of a source.

    `declared` are the keys of all facts, `facts` those that could be read.
    """
    interface = source.lookup
    if interface is None:
        return
    yield from _nothing_to_ask(source, interface)
    yield from _codes(source, interface)
    for key, described in interface.facts.items():
        path = ("lookup", "facts", key)
        if key not in declared:
            yield path, f"`{key}` is not declared in `facts`", "declare it or correct it"
        elif key in facts:
            yield from _values(path, facts[key], described)


def _nothing_to_ask(source: Source, interface: Interface) -> Iterator[tuple[Path, str, str]]:
    if source.sharing == "none":
        what = "the source shares nothing, so nobody may ask it"
        yield ("lookup",), what, "leave `lookup` out or correct `sharing`"
    if not (source.materials or source.claims):
        what = "there is nothing to ask the source about"
        yield ("lookup",), what, "leave `lookup` out or name `materials` or `claims`"
    if interface.licence and not source.materials:
        what = "the source names no material, so its rows are no licences"
        yield ("lookup", "licence"), what, "leave `licence` out or name `materials`"


def _codes(source: Source, interface: Interface) -> Iterator[tuple[Path, str, str]]:
    names = (*source.materials, *source.claims)
    for name in interface.codes:
        if name not in names:
            what = f"`{name}` is neither a material nor a claim of this source"
            yield ("lookup", "codes", name), what, "name it there or correct its spelling"
    coded = sorted((interface.code_of(name), name) for name in dict.fromkeys(names))
    for (code, name), (other_code, other) in pairwise(coded):
        if code == other_code:
            what = f"`{name}` and `{other}` have one code, `{code}`"
            yield ("lookup", "codes"), what, "give each a code of its own"


def _values(path: Path, fact: Fact, described: FactField) -> Iterator[tuple[Path, str, str]]:
    if described.values is None and fact.type in _WORDED:
        what = f"nothing says which of their words is which value of `{fact.key}`"
        yield path, what, "write `values: {their word: our value}`"
    for word, value in (described.values or {}).items():
        try:
            fact.read(value)
        except FactValueError as error:
            what, _, cure = str(error).partition("; ")
            yield (*path, "values", word), what, cure
