"""Paper acts: what a clerk can do about each paper of a list, and what was done about it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from api.cases.permitted import CONTESTABLE, spoken_of
from api.cases.working import Worked
from api.desk_choice import Choice
from api.naming import Naming
from api.paper_row import PaperList
from api.paper_row import Row as PaperRow


@dataclass(frozen=True, slots=True)
class Row:
    """A paper received beyond the list, and the reason that was given."""

    paper: str
    name: str
    why: str


@dataclass(frozen=True, slots=True)
class PaperActs:
    """What can be done about a paper.

    `receive` are the ways in which it may be taken; `taken` says how it was; `offers` are
    commitment (a link) and promise; `rest` acts that stand in the disclosure.
    """

    receive: tuple[str, ...] = ()
    taken: str = ""
    commit: bool = False
    committed: bool = False
    promise: bool = False
    promised: str = ""
    contest: bool = False
    contested: str = ""
    rest: tuple[Choice, ...] = ()


def row_acts(
    worked: Worked, papers: PaperList, names: Naming
) -> tuple[Mapping[str, PaperActs], list[Row]]:
    """Return the acts by paper, and what was taken beyond the list."""
    if worked.file.ended is not None:
        acts = {
            row.paper: PaperActs(taken=taken(row.paper, worked, names)) for row in papers.rows
        }
    else:
        acts = {row.paper: _acts(row, worked, names) for row in papers.rows}
    shown = {row.paper for row in (*papers.standing, *papers.struck)}
    more = [
        Row(paper, names.paper(paper, worked.answer.case.items), one.beyond)
        for paper, one in worked.file.received.items()
        if one.beyond or paper not in shown
    ]
    return acts, more


def _acts(row: PaperRow, worked: Worked, names: Naming) -> PaperActs:
    file, decision = worked.file, worked.decision
    how = taken(row.paper, worked, names)
    due = file.promises.get(row.paper)
    receive: tuple[str, ...] = ()
    if not how and row.word == "reference":
        receive = ("number",)
    elif not how and row.word in ("submit", "later"):
        receive = ("original", "copy")
    contestable = bool(CONTESTABLE & row.grounds) or spoken_of(row.paper, worked.standing)
    return PaperActs(
        receive=receive,
        taken=how,
        commit=row.paper in decision["offers"]["commitment"],
        committed=row.paper in file.commitments,
        promise=row.paper in decision["offers"]["tolerance"] and due is None,
        promised=names.speech.day(due) if due else "",
        contest=contestable and row.paper not in file.contested,
        contested=file.contested.get(row.paper, ""),
        rest=tuple(_rest(row, worked, names)),
    )


def _rest(row: PaperRow, worked: Worked, names: Naming) -> Iterator[Choice]:
    lacks = row.paper in worked.file.lacks
    if lacks or row.word == "submit":
        text = names.speech.say(f"choice.lacks_{'off' if lacks else 'on'}", step="")
        verb = "have" if lacks else "lack"
        yield Choice(f"{verb}|{row.paper}", text, on=lacks)


def taken(paper: str, worked: Worked, names: Naming) -> str:
    """Return how a paper was received, empty if it was not."""
    one = worked.file.received.get(paper)
    if one is None:
        return ""
    number = one.number or one.reference
    return names.speech.say(f"case.taken_{one.how}", number=f" {number}" if number else "")
