"""Acts over REST: what a clerk does in a case, each with its address, body and own checks.

A body is the event itself, as `api.cases.event` defines it, without what the desk knows
better than whoever sends it.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from api.cases import event as happened
from api.cases.event import LISTED, Event
from api.cases.rest.body import described, mapping_of, read, unreadable
from api.cases.working import Worked
from api.search import instant
from knowledge.day import CHINA
from knowledge.entry import Value
from knowledge.fault import Fault

Check = Callable[[Any, Worked], Iterator[Fault]]
LOOK_UP: Final = "look_up"


@dataclass(frozen=True)
class Door:
    """An act: the last part of its address, its event, what it does.

    `by_desk` are keys that nobody sends. `check` finds what the event alone cannot say.
    """

    path: str
    event: type[Value]
    summary: str
    by_desk: tuple[str, ...] = ()
    check: Check | None = None

    @property
    def listed(self) -> bool:
        """Whether the list of papers depends on it."""
        return self.event.model_fields["kind"].default in LISTED

    def schema(self) -> dict[str, Any]:
        """Return the JSON Schema of the body."""
        schema = described(self.event)
        for key in ("kind", *self.by_desk):
            del schema["properties"][key]
        required = [one for one in schema.get("required", ()) if one != "day"]
        schema["required"] = required
        schema["title"] = self.path
        if "day" in schema["properties"]:
            schema["properties"]["day"]["description"] = "Today, unless it is another day."
        if self.listed:
            schema["properties"][LOOK_UP] = {
                "type": "boolean",
                "default": True,
                "description": "Whether registries are asked at once what the list needs.",
            }
        return schema

    def read(self, body: bytes, today: date) -> tuple[Event, bool]:
        """Return the event that a body describes and whether to look up; or raise."""
        raw = mapping_of(body)
        look_up = self._look_up(raw)
        raw = self._without(raw)
        if "day" in self.event.model_fields and "day" not in raw:
            raw["day"] = today
        event: Any = read(self.event, raw)
        return event, look_up

    def _look_up(self, raw: Mapping[str, Any]) -> bool:
        wish = raw.get(LOOK_UP, True)
        if not isinstance(wish, bool):
            what = "is neither true nor false"
            raise unreadable([Fault("", 0, LOOK_UP, what, "write true or false")])
        return wish and self.listed

    def _without(self, raw: Mapping[str, Any]) -> dict[str, Any]:
        own = {"kind", *self.by_desk} & raw.keys()
        if own:
            what = "is not a key of this entry"
            raise unreadable(
                Fault("", 0, key, what, "remove it; the desk sets it") for key in own
            )
        return {key: value for key, value in raw.items() if key != LOOK_UP or not self.listed}


def _person_is_there(one: happened.Left, worked: Worked) -> Iterator[Fault]:
    if (one.role, one.id) not in {(each.role, each.id) for each in worked.file.parties}:
        what = f"no such person is in the case as `{one.role}`"
        yield Fault("", 0, "id", what, "compare role and number with the case")


def _in_its_time(one: Any, worked: Worked) -> Iterator[Fault]:
    since = instant(worked.head.opened_at).astimezone(CHINA).date()
    if not since <= one.day <= worked.today:
        what = f"{one.day} is not between the opening of the case and today"
        yield Fault("", 0, "day", what, f"write a day from {since} to {worked.today}")


def _resumes_later(one: happened.Resumed, worked: Worked) -> Iterator[Fault]:
    yield from _in_its_time(one, worked)
    begun = [since for since, until, _ in worked.file.stops if until is None]
    if begun and one.day < max(begun):
        what = f"the clock was stopped on {max(begun)}, after {one.day}"
        yield Fault("", 0, "day", what, "write that day or a later one")


def _gives_its_outputs(one: happened.Decided, worked: Worked) -> Iterator[Fault]:
    yield from _in_its_time(one, worked)
    items = worked.pack.catalogue.items
    known = {output for item in worked.standing.items for output in items[item].outputs}
    for place, output in enumerate(one.outputs):
        if output not in known:
            what = f"`{output}` is not given out by the items of this case"
            cure = f"write some of {sorted(known)}" if known else "leave it out"
            yield Fault("", 0, f"outputs[{place}]", what, cure)


def _goes_somewhere(one: happened.HandedOver, worked: Worked) -> Iterator[Fault]:
    organs = worked.pack.catalogue.organs
    if one.organ and one.organ not in organs:
        yield Fault(
            "", 0, "organ", f"there is no organ `{one.organ}`", "write an id of the pack"
        )
    for key in ("organ", "office", "handler"):
        if not getattr(one, key).isprintable():
            yield Fault("", 0, key, "holds signs that cannot be printed", "remove them")
    if not (one.organ or one.office):
        yield Fault("", 0, "office", "nobody would have the case", "name an organ or office")


def _among(kept: str, words: str) -> Check:
    """Return the check that a paper is among some of the case."""

    def check(one: Any, worked: Worked) -> Iterator[Fault]:
        if one.paper not in getattr(worked.file, kept):
            yield Fault("", 0, "paper", f"`{one.paper}` {words}", "see the case")

    return check


DOORS: Final = (
    Door("answers", happened.Answered, "State facts; see `next_questions` of the case."),
    Door("forgotten", happened.Forgotten, "Take answers back."),
    Door("credit", happened.CreditStated, "State the applicant's credit, or take it back."),
    Door("parties", happened.Joined, "Let a person join in a role."),
    Door("parties/remove", happened.Left, "Let a person leave.", check=_person_is_there),
    Door("contested", happened.Contested, "Record that a registry is wrong about a paper."),
    Door(
        "uncontested",
        happened.Uncontested,
        "Record that it is contested no longer.",
        by_desk=("corrected", "claims"),
        check=_among("contested", "is not contested"),
    ),
    Door("lacking", happened.Lacking, "Record that the applicant cannot get a paper."),
    Door("received", happened.Received, "Receive a paper."),
    Door("returned", happened.Returned, "Give a paper back."),
    Door("committed", happened.Committed, "Record a signed commitment in place of a paper."),
    Door(
        "uncommitted",
        happened.Uncommitted,
        "Take the paper instead of the commitment.",
        check=_among("commitments", "is not committed to"),
    ),
    Door("promised", happened.Promised, "Record the promise to bring a paper later."),
    Door(
        "unpromised",
        happened.Unpromised,
        "Record that the promise is off.",
        check=_among("promises", "is not promised"),
    ),
    Door(
        "accepted",
        happened.Accepted,
        "Accept the application; its day decides which law governs.",
        by_desk=("deemed",),
        check=_in_its_time,
    ),
    Door(
        "stopped", happened.Stopped, "Let the statutory clock stand still.", check=_in_its_time
    ),
    Door("resumed", happened.Resumed, "Let the clock run again.", check=_resumes_later),
    Door("decided", happened.Decided, "End the case.", check=_gives_its_outputs),
    Door(
        "hand-over",
        happened.HandedOver,
        "Hand the case over to another handler, office or organ; its list stays the same.",
        check=_goes_somewhere,
    ),
    Door("note", happened.Noted, "Write a remark for colleagues."),
)
