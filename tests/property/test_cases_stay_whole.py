"""Cases stay whole: whatever clerks do, file, head, decision and record tell the same."""

import json
from contextlib import suppress
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from api.accounts.permission import Role, Who
from api.cases import event as happened
from api.cases.door import open_hall
from api.cases.file import ENDED, fold
from api.cases.permitted import outstanding
from api.cases.refusal import CaseRefusedError
from api.cases.working import Act
from api.office import Office
from evaluator.case import Credit
from knowledge.strict_json import read_json
from tests.casework import opened_store
from tests.effort import tries
from tests.small_pack import LEGAL, NATURAL

CLERK: Final = Who("own", role=Role.CLERK, organ="office", office="一号窗口")
PAPERS: Final = ("lease", "title", "spouse:id_card", "id_card", "nothing")
PAPER: Final = st.sampled_from(PAPERS)
FACTS: Final[Any] = st.fixed_dictionaries(
    {},
    optional={
        "premises": st.sampled_from(["owned", "rented", "moon"]),
        "staff": st.integers(0, 9),
        "foreign": st.booleans(),
    },
)
PARTY: Final = happened.NamedParty(role="spouse", kind="legal", id=LEGAL)
CREDIT: Final = st.sampled_from(
    [None, *(Credit(severe=one, false_commitment=False) for one in (True, False))]
)
FAR: Final = date(2199, 1, 1)


def event(draw: Any) -> Any:
    """Return anything that a clerk may try, fit or not."""
    today = date.today()  # noqa: DTZ011 (a day near today is all that is needed)
    return draw.draw(
        st.one_of(
            st.builds(happened.Answered, facts=FACTS),
            st.builds(happened.Forgotten, keys=st.just(("premises",))),
            st.builds(happened.CreditStated, credit=CREDIT),
            st.just(happened.Joined(party=PARTY)),
            st.just(happened.Left(role="spouse", id=LEGAL)),
            st.builds(happened.Contested, paper=PAPER, statement=st.just("不对")),
            st.builds(happened.Uncontested, paper=PAPER),
            st.builds(happened.Lacking, paper=PAPER, lacks=st.booleans()),
            st.builds(
                happened.Received,
                paper=PAPER,
                how=st.sampled_from(["original", "copy", "number"]),
                beyond=st.sampled_from(["", "另有用途"]),
            ),
            st.builds(happened.Returned, paper=PAPER),
            st.builds(happened.Committed, paper=PAPER, signature=st.sampled_from(["", "甄"])),
            st.builds(happened.Uncommitted, paper=PAPER),
            st.builds(happened.Promised, paper=PAPER, due=st.sampled_from([today, FAR])),
            st.builds(happened.Unpromised, paper=PAPER),
            st.builds(happened.Accepted, day=st.just(today), deemed=st.booleans()),
            st.just(happened.Stopped(day=today, why="test")),
            st.just(happened.Resumed(day=today + timedelta(days=1))),
            st.just(happened.Noted(text="备注")),
        )
    )  # fmt: skip


class Working(RuleBasedStateMachine):
    """One office, some cases of the same persons, and a clerk who tries everything."""

    def __init__(self) -> None:
        super().__init__()
        self._folder = TemporaryDirectory()
        self._office = Office(opened_store(Path(self._folder.name)))
        self._hall = open_hall(self._office, None)
        self._numbers: list[str] = []

    @initialize()
    def first(self) -> None:
        """Open the first case."""
        self.open({"premises": "rented"}, spouse=True)

    @rule(facts=st.just({}) | st.just({"premises": "owned"}), spouse=st.booleans())
    def open(self, facts: dict[str, Any], *, spouse: bool) -> None:
        """Open another case."""
        if len(self._numbers) < 3:
            opened = happened.Opened(
                applicant=happened.Named(kind="natural", id=NATURAL),
                items=("setup",),
                parties=(PARTY,) if spouse else (),
                facts=facts,
            )
            self._numbers.append(self._hall.desk.open(opened, CLERK).number)

    @rule(data=st.data(), at=st.integers(0, 2), two=st.booleans())
    def act(self, data: st.DataObject, at: int, *, two: bool) -> None:
        """Try something, or two things at once; a refusal leaves everything as it was."""
        number = self._numbers[at % len(self._numbers)]
        events = tuple(event(data) for _ in range(1 + two))
        before = self._hall.desk.cases.file(number)[1]
        try:
            self._hall.desk.act(number, CLERK, Act(events))
        except CaseRefusedError:
            assert self._hall.desk.cases.file(number)[1] == before

    @rule(at=st.integers(0, 2), result=st.sampled_from(["granted", "withdrawn"]))
    def end(self, at: int, result: Any) -> None:
        """Try to end a case."""
        number = self._numbers[at % len(self._numbers)]
        day = self._hall.desk.today
        outputs = ("title",) if result == "granted" else ()
        ended = happened.Decided(result=result, day=day, outputs=outputs)
        with suppress(CaseRefusedError):
            self._hall.desk.act(number, CLERK, Act((ended,)))

    @rule(at=st.integers(0, 2))
    def refresh(self, at: int) -> None:
        """Look again at what is on file."""
        number = self._numbers[at % len(self._numbers)]
        with suppress(CaseRefusedError):
            self._hall.desk.refresh(number, CLERK)

    @invariant()
    def file_head_and_decision_tell_the_same(self) -> None:
        """Compare what is kept with what its events make of it."""
        desk, store = self._hall.desk, self._office.store
        for number in self._numbers:
            head, file = desk.cases.file(number)
            kept = desk.cases.happened(number)
            assert fold(one.event for one in kept) == file
            assert [one.seq for one in kept] == list(range(1, file.version + 1))
            assert head.version == file.version
            assert (head.status, head.handler) == (file.status, file.handler)
            decision = store.decision(head.decision)
            assert decision is not None
            made = json.loads(decision.body)
            assert head.submit == len(made["submit"])
            assert head.outstanding == len(outstanding(file, made))
            assert head.final == made["final"]
            again = desk.office.on(desk.today)[1]
            case = again.decider.read(read_json(decision.case))
            assert again.answer(case).encoded == decision.body
            if file.status not in ENDED:
                now = again.decider.read(file.raw(desk.today))
                assert again.answer(now).encoded == decision.body

    def teardown(self) -> None:
        """Close the office."""
        self._hall.close()
        self._office.close()
        self._folder.cleanup()


TestCasesStayWhole = Working.TestCase
TestCasesStayWhole.settings = settings(
    max_examples=tries(5), stateful_step_count=15, deadline=None
)
