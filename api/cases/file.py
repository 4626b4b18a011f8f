"""The case file: where one application stands, worked out from its events alone.

Pure: the day is an argument. The same events give the same file, in every office.
"""

from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import date
from functools import singledispatch
from typing import Any, Final, Literal

from api.cases import event as happened
from api.cases.event import Event, Named, NamedParty
from evaluator.case import Credit, Receipt
from knowledge.item import APPLICANT
from knowledge.person import Person

Status = Literal["receiving", "accepted", "granted", "refused", "withdrawn"]
STATUSES: Final[tuple[Status, ...]] = (
    "receiving", "accepted", "granted", "refused", "withdrawn",
)  # fmt: skip
ENDED: Final = frozenset({"granted", "refused", "withdrawn"})


@dataclass(frozen=True)
class CaseFile:
    """One application: `version` is the number of its events.

    `source_facts` are answers that registries gave, used where nobody stated anything;
    `lookups` every answer of a registry, by its place among the events.
    """

    opened: happened.Opened
    version: int = 1
    parties: tuple[NamedParty, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)
    origins: Mapping[str, str] = field(default_factory=dict)
    source_facts: Mapping[str, Any] = field(default_factory=dict)
    credit: Credit | None = None
    found: happened.Found = field(default_factory=happened.Found)
    lookups: tuple[happened.LookedUp, ...] = ()
    contested: Mapping[str, str] = field(default_factory=dict)
    lacks: tuple[str, ...] = ()
    received: Mapping[str, happened.Received] = field(default_factory=dict)
    commitments: Mapping[str, happened.Committed] = field(default_factory=dict)
    promises: Mapping[str, date] = field(default_factory=dict)
    notices: tuple[happened.Notified, ...] = ()
    accepted: happened.Accepted | None = None
    stops: tuple[tuple[date, date | None, str], ...] = ()
    ended: happened.Decided | None = None
    organ: str = ""
    office: str = ""
    handler: str = ""

    @property
    def applicant(self) -> Named:
        """Whose application it is."""
        return self.opened.applicant

    @property
    def status(self) -> Status:
        """Where the case stands."""
        if self.ended is not None:
            return self.ended.result
        return "accepted" if self.accepted else "receiving"

    @property
    def persons(self) -> dict[str, str]:
        """The name of everyone of the case by identity number, empty where it is not known."""
        known = {party.id: party.name for party in self.parties}
        return known | {self.applicant.id: self.applicant.name}

    @property
    def stated(self) -> dict[str, Any]:
        """All facts that hold: what was stated, else what a registry's record states."""
        return {**self.source_facts, **self.facts}

    @property
    def differing(self) -> dict[str, Any]:
        """What registries say otherwise than was stated, by fact."""
        return {
            key: value
            for key, value in self.source_facts.items()
            if key in self.facts and self.facts[key] != value
        }

    @property
    def told(self) -> frozenset[str]:
        """The papers that some notice named."""
        return frozenset(paper for notice in self.notices for paper in notice.papers)

    def raw(self, today: date) -> dict[str, Any]:
        """Return the case in the public format, as it stands on a day."""
        licences = [one for look in self._current() for one in look.licences]
        receipts = [one for look in self._current() for one in look.receipts]
        raw: dict[str, Any] = {
            "as_of": today.isoformat(),
            "applicant": _plain(Person(kind=self.applicant.kind, id=self.applicant.id)),
            "parties": tuple(
                {"role": one.role, "kind": one.kind, "id": one.id} for one in self.parties
            ),
            "facts": self.stated,
            "receipts": _plains((*self.found.receipts, *receipts)),
            "collected": _plains(self.found.collected),
            "history": _plains(self.found.history),
            "licences": _plains((*self.found.licences, *licences)),
            "commitments": tuple(sorted(self.commitments)),
            "promised_later": tuple(sorted(self.promises)),
            "contested": tuple(sorted(self.contested)),
            "lacks": self.lacks,
        }
        if self.opened.step:
            raw |= {"process": self.opened.process, "step": self.opened.step}
        else:
            raw["items"] = self.opened.items
        if self.credit is not None:
            raw["credit"] = _plain(self.credit)
        if self.accepted is not None:
            raw["law_day"] = min(self.accepted.day, today).isoformat()
        return raw

    def without_outages(self) -> "CaseFile":
        """Return the file as if no registry had failed: what it lists may be asked again."""
        return replace(
            self,
            lookups=tuple(
                look.model_copy(update={"receipts": _answers(look.receipts)})
                for look in self.lookups
            ),
        )

    def _current(self) -> Iterable[happened.LookedUp]:
        """Return the answers that count: those about persons who are still in the case."""
        here = self.persons
        return (look for look in self.lookups if look.subject in here)


def fold(events: Iterable[Event]) -> CaseFile:
    """Return the file that events make; the first one opens it."""
    each = iter(events)
    first = next(each, None)
    if not isinstance(first, happened.Opened):
        raise ValueError("a case begins with its opening")  # noqa: TRY004 (a broken record)
    file = CaseFile(
        opened=first,
        parties=first.parties,
        facts=dict(first.facts),
        origins=dict.fromkeys(first.facts, "history"),
        organ=first.organ,
        office=first.office,
        handler=first.handler,
    )
    for one in each:
        file = after(file, one)
    return file


def after(file: CaseFile, one: Event) -> CaseFile:
    """Return the file after one more event."""
    return replace(_after(one, file), version=file.version + 1)


def paper_persons(file: CaseFile, name: str) -> list[str]:
    """Return the identity numbers of the persons whose paper it is."""
    role = name.rpartition(":")[0] or APPLICANT
    if role == APPLICANT:
        return [file.applicant.id]
    return [one.id for one in file.parties if one.role == role]


@singledispatch
def _after(one: Any, file: CaseFile) -> CaseFile:
    del one  # a remark changes nothing
    return file


@_after.register
def _(one: happened.Found, file: CaseFile) -> CaseFile:
    return replace(file, found=one)


@_after.register
def _(one: happened.Answered, file: CaseFile) -> CaseFile:
    origins = {**file.origins, **dict.fromkeys(one.facts, one.origin)}
    return replace(file, facts={**file.facts, **one.facts}, origins=origins)


@_after.register
def _(one: happened.Forgotten, file: CaseFile) -> CaseFile:
    return replace(file, facts=_less(file.facts, *one.keys))


@_after.register
def _(one: happened.CreditStated, file: CaseFile) -> CaseFile:
    return replace(file, credit=one.credit)


@_after.register
def _(one: happened.Joined, file: CaseFile) -> CaseFile:
    joined = replace(file, parties=(*file.parties, one.party))
    return _without_papers(joined, one.party.role)  # they were of the others alone


@_after.register
def _(one: happened.Left, file: CaseFile) -> CaseFile:
    rest = (each for each in file.parties if (each.role, each.id) != (one.role, one.id))
    left = replace(file, parties=tuple(rest))
    here = any(each.role == one.role for each in left.parties)
    return left if here else _without_papers(left, one.role)


@_after.register
def _(one: happened.LookedUp, file: CaseFile) -> CaseFile:
    said = {name for each in one.receipts for name in (*each.materials, *each.claims)}
    kept = (
        look.model_copy(update={"receipts": tuple(_asked_again(look.receipts, said))})
        if (look.source, look.subject) == (one.source, one.subject)
        else look
        for look in file.lookups
    )
    known = {**file.source_facts, **one.facts}
    return replace(file, lookups=(*kept, one), source_facts=known)


@_after.register
def _(one: happened.Contested, file: CaseFile) -> CaseFile:
    return replace(file, contested={**file.contested, one.paper: one.statement})


@_after.register
def _(one: happened.Uncontested, file: CaseFile) -> CaseFile:
    kept = tuple(_corrected(look, one, file) for look in file.lookups)
    known = {key: value for look in kept for key, value in look.facts.items()}
    contested = _less(file.contested, one.paper)
    return replace(file, contested=contested, lookups=kept, source_facts=known)


@_after.register
def _(one: happened.Lacking, file: CaseFile) -> CaseFile:
    rest = {*file.lacks} - {one.paper}
    return replace(file, lacks=tuple(sorted(rest | ({one.paper} if one.lacks else set()))))


@_after.register
def _(one: happened.Received, file: CaseFile) -> CaseFile:
    return replace(file, received={**file.received, one.paper: one})


@_after.register
def _(one: happened.Returned, file: CaseFile) -> CaseFile:
    return replace(file, received=_less(file.received, one.paper))


@_after.register
def _(one: happened.Committed, file: CaseFile) -> CaseFile:
    return replace(file, commitments={**file.commitments, one.paper: one})


@_after.register
def _(one: happened.Uncommitted, file: CaseFile) -> CaseFile:
    return replace(file, commitments=_less(file.commitments, one.paper))


@_after.register
def _(one: happened.Promised, file: CaseFile) -> CaseFile:
    return replace(file, promises={**file.promises, one.paper: one.due})


@_after.register
def _(one: happened.Unpromised, file: CaseFile) -> CaseFile:
    return replace(file, promises=_less(file.promises, one.paper))


@_after.register
def _(one: happened.Notified, file: CaseFile) -> CaseFile:
    return replace(file, notices=(*file.notices, one))


@_after.register
def _(one: happened.Accepted, file: CaseFile) -> CaseFile:
    return replace(file, accepted=one)


@_after.register
def _(one: happened.Stopped, file: CaseFile) -> CaseFile:
    return replace(file, stops=(*file.stops, (one.day, None, one.why)))


@_after.register
def _(one: happened.Resumed, file: CaseFile) -> CaseFile:
    stops = tuple(
        (since, one.day if until is None else until, why) for since, until, why in file.stops
    )
    return replace(file, stops=stops)


@_after.register
def _(one: happened.Decided, file: CaseFile) -> CaseFile:
    return replace(file, ended=one)


@_after.register
def _(one: happened.HandedOver, file: CaseFile) -> CaseFile:
    return replace(file, organ=one.organ, office=one.office, handler=one.handler)


def _asked_again(receipts: Iterable[Receipt], said: AbstractSet[str]) -> Iterator[Receipt]:
    """Yield receipts without the outages of what was asked again; others go on."""
    for one in receipts:
        yield from [one] if one.verdict != "unavailable" else _unsaid(one, said)


def _unsaid(one: Receipt, said: AbstractSet[str]) -> Iterator[Receipt]:
    """Yield a receipt without some of what it names, if it names anything else."""
    if not said & {*one.materials, *one.claims}:
        yield one
        return
    rest = {
        "materials": tuple(name for name in one.materials if name not in said),
        "claims": tuple(name for name in one.claims if name not in said),
    }
    if any(rest.values()):
        yield one.model_copy(update=rest)


def _corrected(
    look: happened.LookedUp, end: happened.Uncontested, file: CaseFile
) -> happened.LookedUp:
    """Return an answer without what it said of a record before that was corrected."""
    if look.source not in end.corrected or look.subject not in paper_persons(file, end.paper):
        return look
    material = end.paper.rpartition(":")[2]
    said = {material, *end.claims}
    kept = tuple(each for one in look.receipts for each in _unsaid(one, said))
    if kept == look.receipts:
        return look
    licences = tuple(one for one in look.licences if one.material != material)
    return look.model_copy(update={"receipts": kept, "licences": licences, "facts": {}})


def _answers(receipts: Iterable[Receipt]) -> tuple[Receipt, ...]:
    """Return the receipts that say something; an outage is over once it is asked again."""
    return tuple(one for one in receipts if one.verdict != "unavailable")


def _without_papers(file: CaseFile, role: str) -> CaseFile:
    """Return the file without what was taken, promised or said for the papers of a role."""

    def rest(known: Mapping[str, Any]) -> dict[str, Any]:
        return {key: value for key, value in known.items() if key.rpartition(":")[0] != role}

    return replace(
        file,
        received=rest(file.received),
        commitments=rest(file.commitments),
        promises=rest(file.promises),
        contested=rest(file.contested),
        lacks=tuple(rest(dict.fromkeys(file.lacks))),
    )


def _less(known: Mapping[str, Any], *keys: str) -> dict[str, Any]:
    return {key: value for key, value in known.items() if key not in keys}


def _plain(value: Any) -> dict[str, Any]:
    plain: dict[str, Any] = value.model_dump(mode="json", exclude_defaults=True)
    return plain


def _plains(values: Iterable[Any]) -> tuple[dict[str, Any], ...]:
    return tuple({key: _frozen(one) for key, one in _plain(value).items()} for value in values)


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
