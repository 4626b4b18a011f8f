"""Rules: the demand for papers, and what reduces or keeps it, each with its legal basis."""

from datetime import date
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, ValidationInfo, WithJsonSchema, model_validator

from knowledge.day import Day, check_period, holds
from knowledge.entry import Entry, Id, Text, Value, Word
from knowledge.item import APPLICANT
from knowledge.law import Basis, Citation
from knowledge.material import MaterialClass
from knowledge.vocabulary import Vocabulary
from rules.condition import Always, Condition
from rules.ground import UNDEFEATABLE, Ground
from rules.language import parse


def _read_condition(value: object, info: ValidationInfo) -> Condition:
    """Parse a condition with the vocabulary that the loader passes as context."""
    if value is True or value is False:
        value = str(value).lower()
    if not isinstance(value, str):
        message = 'is not a condition; write text such as `premises == "rented"`'
        raise ValueError(message)  # noqa: TRY004 (pydantic makes a fault of a ValueError only)
    vocabulary: Vocabulary = (info.context or {})["vocabulary"]
    return parse(value, vocabulary)


When = Annotated[Any, BeforeValidator(_read_condition), WithJsonSchema({"type": "string"})]


class Selector(Value):
    """Which edges a rule speaks of: every field given must match, one value of it will do."""

    items: tuple[Id, ...] | None = None
    organs: tuple[Id, ...] | None = None
    classes: tuple[Word[MaterialClass], ...] | None = None
    materials: tuple[Id, ...] | None = None
    claims: tuple[Id, ...] | None = None
    rules: tuple[Id, ...] | None = None


class Rule(Entry):
    """What every rule has: an id, a basis in law, a condition and a period."""

    id: Id
    basis: Basis = Field(min_length=1)
    since: Day
    name: Text | None = None
    when: When = Always(value=True)
    until: Day | None = None

    @model_validator(mode="after")
    def _some_day(self) -> Self:
        check_period(self.since, self.until)
        return self

    def live(self, day: date) -> bool:
        """Return whether the rule holds on a day."""
        return holds(self.since, self.until, day)


class Requirement(Rule):
    """An item demands one of these lists of materials, to prove these claims (材料要求).

    CCCEV Requirement with EvidenceTypeLists: AND inside a list, OR between lists.
    `edge_basis` gives single materials a basis of their own, even an empty one;
    `terms` records for a material the word by which the cited article names it.
    """

    item: Id
    accepts: tuple[tuple[Id, ...], ...] = Field(min_length=1)
    party: Id = APPLICANT
    proves: tuple[Id, ...] = ()
    edge_basis: dict[Id, Basis] = Field(default_factory=dict)
    secondary: bool = False
    terms: dict[Id, Text] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _lists(self) -> Self:
        for place, accepted in enumerate(self.accepts, 1):
            if not accepted:
                raise ValueError(f"list {place} of `accepts` is empty; name its materials")
            if len(set(accepted)) < len(accepted):
                raise ValueError(
                    f"list {place} of `accepts` names a material twice; remove one"
                )
        for material in self.edge_basis.keys() | self.terms.keys():
            if not any(material in accepted for accepted in self.accepts):
                raise ValueError(
                    f"`edge_basis` or `terms` names `{material}`, which no list accepts; "
                    "remove it or add it to `accepts`"
                )
        return self

    def edge_citations(self, material: str) -> tuple[Citation, ...]:
        """Return the legal basis of the demand for one material (semantics 4)."""
        return self.edge_basis.get(material, self.basis)

    @property
    def materials(self) -> tuple[str, ...]:
        """The distinct materials, in the order in which `accepts` first names them."""
        return tuple(dict.fromkeys(name for accepted in self.accepts for name in accepted))


class Reduction(Rule):
    """A material need not be handed in, on this ground (精简规则)."""

    ground: Word[Ground]
    select: Selector = Selector()


class Keep(Rule):
    """A material must be handed in all the same; defeats reductions (保留规则)."""

    defeats: tuple[Word[Ground], ...]
    select: Selector = Selector()

    @model_validator(mode="after")
    def _defeatable(self) -> Self:
        for ground in self.defeats:
            if ground in UNDEFEATABLE:
                raise ValueError(
                    f"`{ground}` cannot be defeated: what has no basis in law cannot be kept; "
                    "remove it from `defeats`"
                )
        return self
