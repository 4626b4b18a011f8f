"""Opening over REST: what a new case is opened with, all its faults at once, and clones."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Final, Literal

from pydantic import Field, ValidationError

from api.accounts.permission import Who
from api.cases.door import Hall
from api.cases.event import Answered, Channel, Event, Named, NamedParty, Opened, Short
from api.cases.rest.asked import NUMBER
from api.cases.rest.body import faults_of, mapping_of, unreadable
from knowledge.entry import Id, Value
from knowledge.fault import Fault, FaultsError
from knowledge.person import Party, Person

_OF_CASE: Final = ("items", "process", "step", "facts")


class Opening(Value):
    """A case to be opened: for items, or for a step of a process (`project` names its run).

    `cloned_from` is the number of an earlier case: what is left out is taken from there.
    `origin` says who states the facts. With `look_up` registries are asked at once.
    """

    applicant: Named
    items: tuple[Id, ...] = ()
    process: Id | None = None
    step: Id | None = None
    project: Short = ""
    parties: tuple[NamedParty, ...] = ()
    facts: dict[str, Any] = Field(default_factory=dict)
    origin: Literal["applicant", "desk", "history"] = "applicant"
    channel: Channel = "window"
    cloned_from: Annotated[str, Field(pattern=NUMBER)] | None = None
    look_up: bool = True

    def opened(self, earlier: Opened | None, facts: Mapping[str, Any]) -> Opened:
        """Return the opening event; `facts` are an earlier case's, which may be its clone."""
        named = bool(self.items or self.process or self.step)
        what = self if named or earlier is None else earlier
        return Opened(
            applicant=self.applicant,
            items=what.items,
            process=what.process,
            step=what.step,
            project=self.project,
            parties=self.parties or (earlier.parties if earlier else ()),
            facts=dict(facts),
            channel=self.channel,
            cloned_from=self.cloned_from or "",
        )

    def events(self) -> tuple[Event, ...]:
        """Return what happens besides: the facts that are stated now."""
        return (Answered(facts=self.facts, origin=self.origin),) if self.facts else ()


def read_opening(body: bytes, hall: Hall) -> Opening:
    """Return the opening that a body describes, or raise `BodyError` with every fault."""
    raw = mapping_of(body)
    try:
        return Opening.model_validate(raw)
    except ValidationError as error:
        found = faults_of(error)
        places = {fault.where for fault in found}
        more = (one for one in _faults_of_case(raw, hall) if one.where not in places)
        raise unreadable([*found, *more]) from error


def to_open(opening: Opening, hall: Hall, who: Who) -> tuple[Opened, tuple[Event, ...]]:
    """Return the events of an opening; a clone takes over what still fits the pack."""
    if not opening.cloned_from:
        return opening.opened(None, {}), opening.events()
    earlier = hall.desk.see(opening.cloned_from, who).file
    _, answerer = hall.desk.office.on(hall.desk.today)
    known = answerer.decider.pack.catalogue.facts
    facts = {key: value for key, value in earlier.facts.items() if key in known}
    opened = earlier.opened.model_copy(update={"parties": earlier.parties})
    return opening.opened(opened, facts), opening.events()


def _faults_of_case(raw: Mapping[str, Any], hall: Hall) -> Iterator[Fault]:
    """Yield what the pack finds in the parts of a bad body that it can judge."""
    case = {key: raw[key] for key in _OF_CASE if key in raw}
    case["as_of"] = hall.desk.today.isoformat()
    if "applicant" in raw:
        case["applicant"] = _bare(raw["applicant"], Person)
    if isinstance(raw.get("parties"), tuple):
        case["parties"] = tuple(_bare(one, Party) for one in raw["parties"])
    _, answerer = hall.desk.office.on(hall.desk.today)
    try:
        answerer.decider.read(case)
    except FaultsError as error:
        yield from error.faults


def _bare(raw: Any, model: type[Value]) -> Any:
    if not isinstance(raw, dict):
        return raw
    return {key: value for key, value in raw.items() if key in model.model_fields}
