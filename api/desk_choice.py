"""Desk choices: what the applicant can choose, and the clerk record, about one paper."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from api.desk_form import Desk
from api.naming import Naming
from api.paper_row import Row
from evaluator.case import Case
from evaluator.decide import Decider
from evaluator.decision import Decision
from rules.condition import Always, Condition
from rules.ground import Ground

_CONTESTABLE = frozenset({"data_sharing", "e_licence", "history", "own_issued", "agency_check"})
_RECORDS = {
    Ground.E_LICENCE: "licences",
    Ground.HISTORY: "history",
    Ground.EARLIER_STAGE: "collected",
}


@dataclass(frozen=True, slots=True)
class Choice:
    """A choice about a paper: what its button does (`key`), says, and whether it is made."""

    key: str
    name: str
    on: bool


class Choices:
    """The choices of one decided case."""

    def __init__(
        self, decider: Decider, desk: Desk, case: Case, decision: Decision, names: Naming
    ) -> None:
        self._decider, self._desk, self._case = decider, desk, case
        self._decision, self._names = decision, names
        self._known, self._speech = decider.pack.catalogue, names.speech
        self._grounds = self._open_grounds()

    def about(self, row: Row) -> Iterator[Choice]:
        """Yield the choices about one paper: those that help, and those already made."""
        offers = self._decision["offers"]
        useful = {
            "commitments": row.paper in offers["commitment"],
            "promised_later": row.paper in offers["tolerance"],
            "contested": bool(_CONTESTABLE & row.grounds),
            "lacks": row.word == "submit",
        }
        for kind, helps in useful.items():
            chosen = (kind, row.paper) in self._desk.choices
            if chosen or helps:
                yield self._choice(f"choose|{kind}|{row.paper}", kind, on=chosen)
        for ground, kind in _RECORDS.items():
            for step in self._steps(row.paper) if kind == "collected" else [""]:
                chosen = (kind, step, row.paper) in self._desk.records
                if chosen or (row.word == "submit" and ground in self._grounds[row.paper]):
                    yield self._choice(
                        f"record|{kind}|{step}|{row.paper}", kind, on=chosen, step=step
                    )

    def _choice(self, key: str, kind: str, *, on: bool, step: str = "") -> Choice:
        stage = self._names.step(self._case.form.process, step) if step else ""
        text = self._speech.say(f"choice.{kind}_{'off' if on else 'on'}", step=stage)
        return Choice(key, text, on=on)

    def _steps(self, paper: str) -> list[str]:
        """Return the earlier steps that demand a material too, or give it out."""
        process = self._known.processes.get(self._case.form.process or "")
        if process is None:
            return []
        material = paper.rpartition(":")[2]
        earlier = [step for step in process.order if step in self._case.ancestors]
        return [step for step in earlier if material in self._held(process.by_id[step].item)]

    def _held(self, item: str) -> set[str]:
        demands = self._decider.pack.rules.demands(item)
        demanded = {material for rule in demands for material in rule.materials}
        return demanded | {*self._known.items[item].outputs}

    def _open_grounds(self) -> dict[str, set[Ground]]:
        """Return for each paper the grounds that a record could still give it."""
        found: dict[str, set[Ground]] = defaultdict(set)
        for view in self._decider.views(self._case):
            conditions = view.program.conditions
            for rule in view.rules:
                for edge in rule.edges:
                    found[edge.paper] |= {
                        bearer.ground
                        for bearer in edge.bearers
                        if not any(_always(conditions[one.condition]) for one in bearer.defeats)
                    }
        return found


def _always(condition: Condition) -> bool:
    return isinstance(condition, Always) and condition.value
