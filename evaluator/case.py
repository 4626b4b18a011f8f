"""Cases: one application as it stands on a day, with all that is known and on record."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Annotated, Any, Literal, Self

from pydantic import Field, ValidationError, field_validator, model_validator

from knowledge.day import Day
from knowledge.entry import Id, Value
from knowledge.fact import FactKey, FactValue, FactValueError
from knowledge.fault import Fault, FaultsError, Path, describe, spell_path
from knowledge.item import APPLICANT
from knowledge.person import Party, Person
from rules.condition import Facts
from rules.pack import Pack

Verdict = Literal["found_match", "found_conflict", "not_found", "unavailable", "not_authorised"]
Trust = Literal["A", "B", "C", "D"]


class Receipt(Value):
    """The stored answer of one look-up about one person (查询回执)."""

    source: Id
    verdict: Verdict
    on: Day
    subject: str
    materials: tuple[Id, ...] = ()
    claims: tuple[Id, ...] = ()


class _Kept(Value):
    # A period without a day is no fault: registers hold such records, they just never count.

    material: Id
    on: Day
    until: Day | None = None


class Collected(_Kept):
    """A material that a step has collected; `subject` defaults to the applicant."""

    step: Id
    subject: str | None = None


class History(_Kept):
    """A material of an earlier case; trust after 国办函〔2016〕108号 (A to D)."""

    trust: Trust
    subject: str
    reconfirmed: bool = False


class Licence(Value):
    """A licence on record (电子证照)."""

    material: Id
    holder: str
    trust: Trust
    status: Literal["valid", "suspended", "revoked", "expired"]
    number: str | None = None
    issuer: str | None = None
    since: Day | None = None
    until: Day | None = None


class Credit(Value):
    """The applicant's credit as far as commitments ask for it (国办发〔2020〕42号)."""

    severe: bool
    false_commitment: bool

    @property
    def clean(self) -> bool:
        """Whether a commitment may be accepted."""
        return not (self.severe or self.false_commitment)


def _without_null(schema: dict[str, Any]) -> None:
    """Let the schema say that what is not stated is left out."""
    for key in _NEVER_NULL:
        rest = [one for one in schema["properties"][key]["anyOf"] if one != {"type": "null"}]
        schema["properties"][key] = rest[0]


_NEVER_NULL = ("law_day", "items", "process", "step", "credit")


class CaseForm(Value, json_schema_extra=_without_null):
    """A case as it is written: the public JSON format."""

    as_of: Day
    applicant: Person
    law_day: Day | None = None
    items: Annotated[tuple[Id, ...], Field(min_length=1)] | None = None
    process: Id | None = None
    step: Id | None = None
    parties: tuple[Party, ...] = ()
    facts: dict[str, Any] = Field(default_factory=dict)
    receipts: tuple[Receipt, ...] = ()
    collected: tuple[Collected, ...] = ()
    history: tuple[History, ...] = ()
    licences: tuple[Licence, ...] = ()
    commitments: tuple[str, ...] = ()
    promised_later: tuple[str, ...] = ()
    contested: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    credit: Credit | None = None

    @field_validator(*_NEVER_NULL, mode="before")
    @classmethod
    def _stated_or_left_out(cls, value: Any) -> Any:
        if value is None:
            raise ValueError("is null; leave it out")
        return value

    @model_validator(mode="after")
    def _items_or_step(self) -> Self:
        if self.law_day and self.law_day > self.as_of:
            raise ValueError("`law_day` is after `as_of`; it is the day the case was accepted")
        by_items = self.items is not None
        by_step = self.process is not None and self.step is not None
        if by_items == by_step or (by_items and (self.process or self.step)):
            raise ValueError(
                "the case names not what is applied for; "
                "name `items`, or `process` and `step`, and not both"
            )
        return self


@dataclass(frozen=True)
class Case:
    """A case that fits a pack. INVARIANT (known): every id in it is declared by the pack."""

    form: CaseForm
    items: tuple[str, ...]
    facts: Facts
    parties: Mapping[str, tuple[str, ...]]
    ancestors: frozenset[str]

    @property
    def as_of(self) -> date:
        """Today: the day that decides evidence."""
        return self.form.as_of

    @property
    def law_day(self) -> date:
        """The day the case was accepted: it decides which law governs."""
        return self.form.law_day or self.form.as_of

    def persons(self, party: str) -> tuple[str, ...]:
        """Return the identifiers of the persons in a role, none when nobody is named."""
        return self.parties.get(party, ())

    @cached_property
    def commitments(self) -> frozenset[str]:
        """The papers that the applicant chooses to replace by a commitment."""
        return frozenset(self.form.commitments)

    @cached_property
    def promised_later(self) -> frozenset[str]:
        """The papers that the applicant promises to bring later."""
        return frozenset(self.form.promised_later)

    @cached_property
    def contested(self) -> frozenset[str]:
        """The papers about which the applicant contests what a register says."""
        return frozenset(self.form.contested)

    @cached_property
    def lacks(self) -> frozenset[str]:
        """The papers that the applicant cannot get."""
        return frozenset(self.form.lacks)


def paper(party: str, material: str) -> str:
    """Return the name of a material of one party: `lease`, `buyer:id_card`."""
    return material if party == APPLICANT else f"{party}:{material}"


def read_case(raw: Any, pack: Pack) -> Case:
    """Return the case that a JSON value describes, or raise `FaultsError` with every fault."""
    try:
        form = CaseForm.model_validate(raw)
    except ValidationError as error:
        found = describe(error)
        found += _more_faults(raw, {str(path[0]) for path, _, _ in found if path}, pack)
        raise FaultsError(
            Fault("", 0, spell_path(path) or "case", what, cure) for path, what, cure in found
        ) from error
    return fit_case(form, pack)


def _more_faults(raw: Any, bad: set[str], pack: Pack) -> list[tuple[Path, str, str]]:
    """Return what else is wrong with a case, as far as it can be read without its bad keys."""
    known = CaseForm.model_fields.keys() - bad if isinstance(raw, dict) else set()
    rest = {key: value for key, value in raw.items() if key in known} if known else {}
    named = rest.keys() & {"items", "process", "step"}
    filled = {
        "as_of": date.max.isoformat(),
        "applicant": {"kind": "natural", "id": "?"},
        **({} if named else {"items": ("unnamed",)}),
    }
    try:
        form = CaseForm.model_validate(filled | rest)
    except ValidationError:  # what is left does not even make a form
        return []
    check = _Check(form, pack, ())
    return list(check.troubles_of(rest.keys()))


def fit_case(form: CaseForm, pack: Pack, roles: Collection[str] = ()) -> Case:
    """Return the case over a pack, or raise `FaultsError` with every id that it does not know.

    `roles` are allowed besides those of the case's own items: a plan carries the persons of
    all its steps.
    """
    check = _Check(form, pack, roles)
    faults = [
        Fault("", 0, spell_path(path), what, cure) for path, what, cure in check.troubles()
    ]
    if faults:
        raise FaultsError(faults)
    step = form.step if form.process else None
    process = pack.catalogue.processes[form.process] if form.process else None
    return Case(
        form=form,
        items=check.items(),
        facts=check.facts,
        parties=_parties(form),
        ancestors=process.ancestry[step] if process and step else frozenset(),
    )


def _parties(form: CaseForm) -> dict[str, tuple[str, ...]]:
    parties: dict[str, tuple[str, ...]] = {APPLICANT: (form.applicant.id,)}
    for party in form.parties:
        others = parties.get(party.role, ())
        if party.id not in others:
            parties[party.role] = (*others, party.id)
    return parties


class _Check:
    """What a pack has to know of everything that a case names."""

    def __init__(self, form: CaseForm, pack: Pack, roles: Collection[str]) -> None:
        self._form = form
        self._more_roles = set(roles)
        self._pack = pack
        self._known = pack.catalogue
        self.facts: dict[FactKey, FactValue] = {}

    def items(self) -> tuple[str, ...]:
        """Return the distinct known items, sorted."""
        form = self._form
        if form.items is not None:
            return tuple(sorted({item for item in form.items if item in self._known.items}))
        process = self._known.processes.get(form.process or "")
        step = process.by_id.get(form.step or "") if process else None
        return (step.item,) if step else ()

    def troubles(self) -> Iterator[tuple[Path, str, str]]:
        """Yield (path, what is wrong, cure)."""
        yield from self._what()
        yield from self._whether_demanded()
        yield from self._whose()
        yield from self._stated()
        yield from self._papers()
        yield from self._records()

    def troubles_of(self, keys: Collection[str]) -> Iterator[tuple[Path, str, str]]:
        """Yield what is wrong with some keys of a case, whatever the others may be."""
        if "items" in keys or {"process", "step"} <= {*keys}:
            yield from self._what()
            yield from self._whose()
            yield from self._papers()
        yield from self._stated()
        yield from self._records()

    def _what(self) -> Iterator[tuple[Path, str, str]]:
        form, known = self._form, self._known
        for place, item in enumerate(form.items or ()):
            if item not in known.items:
                yield _unknown(("items", place), "item", item)
        if form.process is not None:
            process = known.processes.get(form.process)
            if process is None:
                yield _unknown(("process",), "process", form.process)
            elif form.step not in process.by_id:
                yield _unknown(("step",), f"step of `{process.id}`", str(form.step))

    def _whether_demanded(self) -> Iterator[tuple[Path, str, str]]:
        day = self._form.law_day or self._form.as_of
        for item in self.items():
            if self._known.items[item].no_materials:
                continue
            demands = self._pack.rules.demands(item)
            if not any(rule.live(day) for rule in demands):
                periods = {
                    f"{rule.since} to {rule.until}" if rule.until else f"{rule.since} onwards"
                    for rule in demands
                }
                when = "; it has some from " + ", ".join(sorted(periods)) if periods else ""
                yield (
                    ("items",),
                    f"item `{item}` has no material list on {day}",
                    "choose another day or item" + when.replace(";", ":"),
                )

    def _roles(self) -> set[str] | None:
        """Return the roles that the case may name; None when not all its items are known."""
        form = self._form
        if any(item not in self._known.items for item in form.items or ()) or not self.items():
            return None
        own = {role for item in self.items() for role in self._known.items[item].roles}
        return own | self._more_roles

    def _whose(self) -> Iterator[tuple[Path, str, str]]:
        roles = self._roles()
        for place, party in enumerate(self._form.parties):
            if party.role == APPLICANT or (roles is not None and party.role not in roles):
                yield _unknown(("parties", place, "role"), "role of these items", party.role)

    def _stated(self) -> Iterator[tuple[Path, str, str]]:
        vocabulary = self._known.vocabulary
        for key, value in self._form.facts.items():
            fact = vocabulary.by_key.get(FactKey(key))
            if fact is None or key == APPLICANT_KIND:
                yield _unknown(("facts", key), "fact", key)
                continue
            try:
                self.facts[fact.key] = fact.read(value)
            except FactValueError as error:
                what, _, cure = str(error).partition("; ")
                yield ("facts", key), what, cure or "correct it"
        self.facts[APPLICANT_KIND] = self._form.applicant.kind

    def _papers(self) -> Iterator[tuple[Path, str, str]]:
        roles = self._roles()
        for key in ("commitments", "promised_later", "contested", "lacks"):
            for place, name in enumerate(getattr(self._form, key)):
                role, colon, material = name.rpartition(":")
                if colon and (role == APPLICANT or (roles is not None and role not in roles)):
                    yield _unknown((key, place), "role of these items", role)
                if material not in self._known.materials:
                    yield _unknown((key, place), "material", material)

    def _records(self) -> Iterator[tuple[Path, str, str]]:
        form, known = self._form, self._known
        for place, receipt in enumerate(form.receipts):
            yield from self._receipt(("receipts", place), receipt)
        for key in ("collected", "history", "licences"):
            for place, record in enumerate(getattr(form, key)):
                if record.material not in known.materials:
                    yield _unknown((key, place, "material"), "material", record.material)
        process = known.processes.get(form.process or "")
        for place, record in enumerate(form.collected):
            if process and record.step not in process.by_id:
                yield _unknown(
                    ("collected", place, "step"), f"step of `{process.id}`", record.step
                )

    def _receipt(self, path: Path, receipt: Receipt) -> Iterator[tuple[Path, str, str]]:
        known = self._known
        if receipt.source not in known.sources:
            yield _unknown((*path, "source"), "source", receipt.source)
        for at, material in enumerate(receipt.materials):
            if material not in known.materials:
                yield _unknown((*path, "materials", at), "material", material)
        for at, claim in enumerate(receipt.claims):
            if claim not in known.claims:
                yield _unknown((*path, "claims", at), "claim", claim)


APPLICANT_KIND = FactKey("applicant_kind")


def _unknown(path: Path, what: str, name: str) -> tuple[Path, str, str]:
    return path, f"there is no {what} `{name}`", "correct its spelling or leave it out"
