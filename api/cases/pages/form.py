"""The form of a case: what each button of its page does, as events; what was only looked at.

A button says `verb|rest` in `do`; fields beside it carry what it needs. What a clerk merely
turns the page to (a question put off, a change looked for) stays in the address: fact keys and
papers, nothing personal.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, Final, get_args
from urllib.parse import urlencode

from api.cases import event as happened
from api.cases.event import Event, How
from api.cases.looking_up import LookingUp
from api.cases.noting import Saying, noted
from api.cases.refusal import CaseRefusedError, Reason
from api.cases.working import Worked
from api.desk_form import CREDIT_ANSWERS, Fields, typed
from api.search import instant
from evaluator.case import Credit, Verdict
from knowledge.day import CHINA
from knowledge.item import APPLICANT

CREDIT: Final = "credit"
NOTE: Final = "note"
PROMISE_DAYS: Final = 15
"""Days that a promise gives, if nobody says otherwise."""


@dataclass(frozen=True, slots=True)
class View:
    """What the clerk looks at: questions put off, the one picked, changes looked for."""

    skipped: tuple[str, ...] = ()
    ask: str = ""
    flips: tuple[str, ...] = ()

    @property
    def query(self) -> str:
        """The view as the query of an address, empty for the plain page."""
        pairs = [("skip", one) for one in self.skipped] + [("flip", one) for one in self.flips]
        pairs += [("ask", self.ask)] if self.ask else []
        return "?" + urlencode(pairs) if pairs else ""


def view_of(fields: Fields) -> View:
    """Return the view that fields of a form or an address carry."""
    many = [value for name, value in fields if name == "skip"]
    flips = [value for name, value in fields if name == "flip"]
    ask = next((value for name, value in fields if name == "ask"), "")
    return View(tuple(dict.fromkeys(many)), ask, tuple(dict.fromkeys(flips)))


@dataclass(frozen=True, slots=True)
class Pressed:
    """The button that was pressed: verb, what stands after it, and all fields by name."""

    verb: str
    rest: Sequence[str]
    fields: dict[str, str]

    def field(self, name: str) -> str:
        """Return what was entered in a field, without space around it."""
        return self.fields.get(name, "").strip()


def pressed(fields: Fields) -> Pressed:
    """Return which button of the page was pressed, `update` if none says so."""
    does = [value for name, value in fields if name == "do"]
    verb, *rest = (does[-1] if does else "update").split("|")
    return Pressed(verb, rest, dict(fields))


def viewed(view: View, button: Pressed) -> View:
    """Return what the clerk looks at after the button."""
    key = "|".join(button.rest)
    if button.verb == "skip":
        put_off = (*(one for one in view.skipped if one != key), key)
        return replace(view, skipped=put_off, ask="")
    if button.verb == "ask":
        return replace(view, ask=key)
    if button.verb == "flip":
        return replace(view, flips=tuple(dict.fromkeys((*view.flips, key))))
    return replace(view, ask="")


def events_of(button: Pressed, worked: Worked, looking_up: LookingUp) -> Iterator[Event]:
    """Yield the events that a button means; a view has none."""
    if button.verb == NOTE:
        yield from _note(button, worked, looking_up)
    makes = _MAKES.get(button.verb)
    if makes is not None:
        yield from makes(button, worked)


def _answer(button: Pressed, worked: Worked) -> Iterator[Event]:
    key, value = button.rest[0], "|".join(button.rest[1:])
    if key == CREDIT:
        if value in CREDIT_ANSWERS:
            yield happened.CreditStated(credit=Credit(**CREDIT_ANSWERS[value]))
        return
    yield _stated(worked, {key: value})


def _update(button: Pressed, worked: Worked) -> Iterator[Event]:
    entered = {
        name.removeprefix("typed."): value.strip()
        for name, value in button.fields.items()
        if name.startswith("typed.") and value.strip()
    }
    if entered:
        yield _stated(worked, entered)


def _stated(worked: Worked, entered: dict[str, str]) -> Event:
    known = worked.pack.catalogue.facts
    facts = {
        key: typed(known[key].type if key in known else "", value)
        for key, value in entered.items()
    }
    by_desk = all(key in known and known[key].answered_by == "desk" for key in facts)
    return happened.Answered(facts=facts, origin="desk" if by_desk else "applicant")


def _forget(button: Pressed, _: Worked) -> Iterator[Event]:
    if button.rest[0] == CREDIT:
        yield happened.CreditStated(credit=None)
    else:
        yield happened.Forgotten(keys=(button.rest[0],))


def _receive(button: Pressed, _: Worked) -> Iterator[Event]:
    how, paper = button.rest[0], "|".join(button.rest[1:])
    if how in get_args(How):
        yield _received(button, paper, how)


def _received(button: Pressed, paper: str, how: Any, beyond: str = "") -> Event:
    return happened.Received(
        paper=paper,
        how=how,
        reference=button.field(f"reference.{paper}"),
        number=button.field(f"number.{paper}"),
        until=_day(button.field(f"until.{paper}")),
        beyond=beyond,
    )


def _beyond(button: Pressed, _: Worked) -> Iterator[Event]:
    paper, why = button.field("beyond.paper"), button.field("beyond.why")
    how = button.field("beyond.how")
    if paper:
        taken = how if how in get_args(How) else "original"
        yield _received(button, paper, taken, why)


def _return(button: Pressed, _: Worked) -> Iterator[Event]:
    yield happened.Returned(paper="|".join(button.rest))


# Each button says one thing and no other: the same form sent twice undoes nothing.


def _lack(button: Pressed, _: Worked) -> Iterator[Event]:
    yield happened.Lacking(paper="|".join(button.rest), lacks=True)


def _have(button: Pressed, _: Worked) -> Iterator[Event]:
    yield happened.Lacking(paper="|".join(button.rest), lacks=False)


def _contest(button: Pressed, _: Worked) -> Iterator[Event]:
    paper = "|".join(button.rest)
    yield happened.Contested(paper=paper, statement=button.field(f"statement.{paper}") or "-")


def _uncontest(button: Pressed, _: Worked) -> Iterator[Event]:
    yield happened.Uncontested(paper="|".join(button.rest))


def _promise(button: Pressed, worked: Worked) -> Iterator[Event]:
    paper = "|".join(button.rest)
    due = _day(button.field(f"due.{paper}")) or worked.today + timedelta(days=PROMISE_DAYS)
    yield happened.Promised(paper=paper, due=due)


def _unpromise(button: Pressed, _: Worked) -> Iterator[Event]:
    yield happened.Unpromised(paper="|".join(button.rest))


def _uncommit(button: Pressed, _: Worked) -> Iterator[Event]:
    yield happened.Uncommitted(paper="|".join(button.rest))


def _join(button: Pressed, worked: Worked) -> Iterator[Event]:
    party: dict[str, Any] = {
        "kind": button.field("join.kind") or "natural",
        "id": "".join(button.field("join.number").split()).upper(),
        "name": button.field("join.name"),
    }
    known: dict[str, happened.Named | happened.NamedParty] = {
        APPLICANT: worked.file.applicant,
        **_by_place(worked),
    }
    if one := known.get(button.field("join.who")):
        party = {"kind": one.kind, "id": one.id, "name": one.name}
    party["role"] = button.field("join.role")
    yield happened.Joined(party=happened.NamedParty.model_validate(party))


def _leave(button: Pressed, worked: Worked) -> Iterator[Event]:
    one = _by_place(worked).get(button.rest[0])
    if one is not None:
        yield happened.Left(role=one.role, id=one.id)


def _by_place(worked: Worked) -> dict[str, happened.NamedParty]:
    """Return the parties by how the page refers to them."""
    return {str(at): one for at, one in enumerate(worked.file.parties)}


def _note(button: Pressed, worked: Worked, looking_up: LookingUp) -> Iterator[Event]:
    """Note what a registry that is not connected told the clerk on its own screen."""
    source, person, materials, claims, verdict = (*button.rest, "", "", "", "", "")[:5]
    subjects = (
        row["subject"]
        for row in worked.decision["lookups"]
        if row["source"] == source and person_key(worked, row["subject"]) == person
    )
    subject = next(subjects, "")
    if verdict in get_args(Verdict):
        names = (tuple(filter(None, text.split(","))) for text in (materials, claims))
        yield noted(Saying(source, subject, verdict, *names), worked, looking_up)  # type: ignore[arg-type] # one of them, just looked at


def person_key(worked: Worked, identity: str) -> str:
    """Return how the page refers to a person: `applicant`, or the place among the parties."""
    if identity == worked.file.applicant.id:
        return APPLICANT
    places = (at for at, one in enumerate(worked.file.parties) if one.id == identity)
    return str(next(places, ""))


def _accept(button: Pressed, worked: Worked) -> Iterator[Event]:
    """Yield the acceptance, as of the day on which everything had come, today if none is said.

    Raises `CaseRefusedError` for a day before the case was opened, or to come.
    """
    text = button.field("accept.day")
    day = _day(text) if text else worked.today
    since = instant(worked.head.opened_at).astimezone(CHINA).date()
    if day is None or not since <= day <= worked.today:
        raise CaseRefusedError([Reason("accept_day", words={"since": since})])
    yield happened.Accepted(day=day)


def _stop(button: Pressed, worked: Worked) -> Iterator[Event]:
    why: Any = button.field("stop.why") or "other"
    yield happened.Stopped(day=worked.today, why=why)


def _resume(_: Pressed, worked: Worked) -> Iterator[Event]:
    yield happened.Resumed(day=worked.today)


def _decide(button: Pressed, worked: Worked) -> Iterator[Event]:
    items = worked.pack.catalogue.items
    outputs = tuple(
        dict.fromkeys(out for one in worked.answer.case.items for out in items[one].outputs)
    )
    result: Any = button.rest[0]
    granted = result == "granted"
    yield happened.Decided(
        result=result,
        day=worked.today,
        outputs=outputs if granted else (),
        why=button.field("decide.why"),
    )


def _remark(button: Pressed, _: Worked) -> Iterator[Event]:
    if button.field("remark"):
        yield happened.Noted(text=button.field("remark"))


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None


_MAKES: Final[dict[str, Callable[[Pressed, Worked], Iterator[Event]]]] = {
    "answer": _answer,
    "update": _update,
    "forget": _forget,
    "receive": _receive,
    "beyond": _beyond,
    "return": _return,
    "lack": _lack,
    "have": _have,
    "contest": _contest,
    "uncontest": _uncontest,
    "promise": _promise,
    "unpromise": _unpromise,
    "uncommit": _uncommit,
    "join": _join,
    "leave": _leave,
    "accept": _accept,
    "stop": _stop,
    "resume": _resume,
    "decide": _decide,
    "remark": _remark,
}
