"""The catalogue: everything a pack knows besides its rules, by id."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

from pydantic import Field

from knowledge.authority import Authority
from knowledge.canonical import digest
from knowledge.entry import Entry, Id, Text
from knowledge.fact import Fact
from knowledge.item import Item, Organ
from knowledge.law import Citation, Law
from knowledge.material import Claim, Material
from knowledge.process import Process
from knowledge.source import Source
from knowledge.vocabulary import Vocabulary


class Title(Entry):
    """What `pack.yaml` says: the pack's id, name and regions, from widest to narrowest."""

    id: Id
    name: Text
    regions: tuple[Text, ...] = Field(min_length=1)


@dataclass(frozen=True)
class Catalogue:
    """The knowledge of one pack. INVARIANT (closed): every id that an entry names is here."""

    title: Title
    laws: Mapping[str, Law]
    authority: tuple[Authority, ...]
    organs: Mapping[str, Organ]
    facts: Mapping[str, Fact]
    claims: Mapping[str, Claim]
    materials: Mapping[str, Material]
    items: Mapping[str, Item]
    processes: Mapping[str, Process]
    sources: Mapping[str, Source]
    vocabulary: Vocabulary
    _in_region: dict[str, bool] = field(default_factory=dict, repr=False, compare=False)

    def counts(self, citation: Citation, day: date) -> bool:
        """Return whether a citation counts on a day: in force, and of one of our regions."""
        law = self.laws[citation.law]
        return law.in_force(day) and self.is_ours(law)

    def is_ours(self, law: Law) -> bool:
        """Return whether a law is valid in the pack's regions; foreign law demands nothing."""
        return (law.region or self.title.regions[0]) in self.title.regions

    @cached_property
    def digest(self) -> str:
        """The hash of the whole content, whatever the order or files it was written in."""
        return digest(
            {
                "pack": self.title.model_dump(mode="json", by_alias=True),
                "authority": sorted(map(_plain, self.authority), key=repr),
            }
            | {
                name: [_plain(entry) for _, entry in sorted(getattr(self, name).items())]
                for name in SECTIONS
                if name != "authority"
            }
        )


_YOUNGER = ("choices_en", "unit_en", "roles_en", "lookup", "deadline")
# NOTE: younger than the first digests, so left out where unset: what was sealed stays true.


def _plain(entry: Entry) -> Any:
    plain = entry.model_dump(mode="json", by_alias=True)
    for key in _YOUNGER:
        if key in plain and not plain[key]:
            del plain[key]
    if "lookup" in plain and not plain["lookup"]["show_en"]:
        del plain["lookup"]["show_en"]
    return spell_citations(plain)


def spell_citations(value: Any) -> Any:
    """Return a dumped value with every citation as it is written in a pack."""
    if isinstance(value, dict):
        if value.keys() == {"law", "locator"}:
            return f"{value['law']} {value['locator']}"
        return {key: spell_citations(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [spell_citations(inner) for inner in value]
    return value


SECTIONS: dict[str, type[Entry]] = {
    "laws": Law,
    "authority": Authority,
    "organs": Organ,
    "facts": Fact,
    "claims": Claim,
    "materials": Material,
    "items": Item,
    "processes": Process,
    "sources": Source,
}
"""The sections of a pack's knowledge and what each holds."""
