"""Supervision: what is alerted, when, and how tasks end; through the desk, on a real record."""

import json
from collections.abc import Iterator
from datetime import date, timedelta

import pytest

from api.accounts.permission import Who
from api.cases import event as happened
from api.cases.consequence import FALSE_COMMITMENT
from api.cases.event import Accepted, Decided, Notified, Received, Returned
from api.cases.refusal import CaseRefusedError
from api.cases.table import CreditNote, Publicity, Task
from api.supervision.checking import Checking, NoTaskError
from evaluator.case import Credit
from tests.supervising import CHIEF, CLERK, OTHER, PERSON, Supervised, supervised

CLEAN = Credit(severe=False, false_commitment=False)
ID_DOWN = {"population": ("id_card", "identity")}
POLICE = Who("zhao", "赵三", CLERK.role, "dg-psb", "户政科")


@pytest.fixture
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Supervised]:
    """Open an office on a Monday."""
    with supervised(tmp_path_factory.mktemp("office")) as found:
        yield found


def reasons(error: pytest.ExceptionInfo[CaseRefusedError]) -> set[str]:
    return {one.key for one in error.value.reasons}


# the statutory clock


def test_a_case_shows_by_when_the_office_has_to_speak(here: Supervised) -> None:
    assert here.open("s.legal_aid").head.due_on == date(2026, 11, 30)


def test_after_a_notice_others_have_to_act_and_no_day_is_due(here: Supervised) -> None:
    worked = here.open("s.legal_aid")

    papers = tuple(worked.decision["submit"])
    worked = here.act(worked.number, Notified(notice="N1", papers=papers))

    assert worked.head.due_on is None
    here.later(days=30)
    here.sweep.once()
    assert here.alerts() == []


def test_silence_of_five_working_days_is_acceptance_by_law(here: Supervised) -> None:
    number = here.open("s.legal_aid").number
    here.on(date(2026, 11, 30))
    here.sweep.once()
    assert here.desk.see(number, CHIEF).file.accepted is None

    here.on(date(2026, 12, 1))
    here.sweep.once()

    accepted = here.desk.see(number, CHIEF).file.accepted
    assert accepted == Accepted(day=date(2026, 11, 23), deemed=True)
    (alert,) = here.alerts(kind="deemed_accepted")
    assert alert.user == "system"
    assert here.desk.cases.happened(number)[-1].user == "system"


def test_a_card_turns_yellow_the_working_day_before_and_red_after(here: Supervised) -> None:
    worked = here.open("s.unemp_register")
    here.act(worked.number, Accepted(day=worked.today, deemed=True))
    due = here.desk.see(worked.number, CHIEF).head.due_on
    assert due is not None

    before = here.desk.calendar.before

    def cards(day: date) -> list[str]:
        here.on(day)
        here.sweep.once()
        return [one.kind for one in here.alerts() if one.kind in ("yellow", "red")]

    assert cards(before(due, working_days=2)) == []
    assert cards(before(due, working_days=1)) == ["yellow"]
    assert cards(due) == ["yellow"]
    assert cards(due + timedelta(days=1)) == ["yellow", "red"]


def test_each_alert_is_raised_once_whoever_sweeps(here: Supervised) -> None:
    number = here.open("s.legal_aid").number
    here.on(date(2027, 3, 1))

    raised = here.sweep.once()
    again = type(here.sweep)(here.desk, lambda: here.now)

    assert raised >= 1
    assert again.once() == here.sweep.once() == 0
    assert len(here.alerts(number=number, kind="red")) == 1


def test_a_stopped_clock_warns_nobody(here: Supervised) -> None:
    worked = here.open("s.unemp_register")
    here.act(worked.number, Accepted(day=worked.today, deemed=True))
    here.act(worked.number, happened.Stopped(day=worked.today, why="hearing"))

    here.later(days=60)
    here.sweep.once()

    assert [one for one in here.alerts() if one.kind != "deemed_accepted"] == []


def test_a_task_past_its_day_is_reported_once(here: Supervised) -> None:
    number = here.open("s.legal_aid").number
    here.down(number, **ID_DOWN)
    due = here.task(number, "agency_check").due_on
    assert due is not None

    here.on(due)
    here.sweep.once()
    assert here.alerts(kind="overdue") == []
    here.later(days=1)
    here.sweep.once()
    here.sweep.once()

    (alert,) = here.alerts(kind="overdue")
    assert alert.organ == "dg-psb"
    assert json.loads(alert.words) == {
        "due": due.isoformat(), "paper": "id_card", "task": "agency_check",
    }  # fmt: skip


# tasks


def test_what_the_agency_confirms_settles_the_paper(here: Supervised) -> None:
    number = here.open("s.legal_aid").number
    here.down(number, **ID_DOWN)
    task = here.task(number, "agency_check")

    worked = Checking(here.desk).end(task.id, "confirmed", "电话核对", POLICE)

    assert "id_card" not in {*worked.decision["submit"], *worked.decision["deferred"]}
    assert here.task(number, "agency_check").outcome == "confirmed"
    assert worked.file.lookups[-1].reasons == ("agency_check",)
    assert worked.file.lookups[-1].shown[0][1] == POLICE.name


def test_what_the_agency_does_not_confirm_is_asked_of_the_applicant(here: Supervised) -> None:
    number = here.open("s.legal_aid").number
    here.down(number, **ID_DOWN)
    task = here.task(number, "agency_check")

    worked = Checking(here.desk).end(task.id, "not_confirmed", "没有查到", POLICE)

    assert "id_card" in worked.decision["submit"]
    assert here.task(number, "agency_check").outcome == "not_confirmed"


def test_a_check_of_one_paper_says_nothing_of_the_others(here: Supervised) -> None:
    number = here.open("k.printing").number
    here.down(
        number, legal_entity=("business_licence", "legal_status"), enterprise_files=("charter",)
    )
    tasks = {one.paper: one for one in here.rows(Task, number=number)}
    assert set(tasks) == {"business_licence", "charter"}
    before = len(here.alerts(kind="outage"))
    here.later(hours=20)

    worked = Checking(here.desk).end(tasks["charter"].id, "confirmed", "调档核对", CHIEF)

    assert worked.decision["deferred"] == ["business_licence"]
    assert len(here.alerts(kind="outage")) == before


def test_a_task_is_for_its_organ_alone(here: Supervised) -> None:
    number = here.open("s.legal_aid").number
    here.down(number, **ID_DOWN)
    task = here.task(number, "agency_check")

    with pytest.raises(NoTaskError):
        Checking(here.desk).end(
            task.id, "confirmed", "核对", Who("x", "", CLERK.role, "dg-amr")
        )


def test_a_task_ends_once_with_an_outcome_of_its_kind_and_a_word(here: Supervised) -> None:
    number = here.open("s.legal_aid").number
    here.down(number, **ID_DOWN)
    task, checking = here.task(number, "agency_check"), Checking(here.desk)

    with pytest.raises(CaseRefusedError) as refused:
        checking.end(task.id, "true", " ", POLICE)
    assert reasons(refused) == {"task_outcome", "task_note"}
    checking.end(task.id, "confirmed", "核对", POLICE)
    with pytest.raises(CaseRefusedError) as refused:
        checking.end(task.id, "confirmed", "核对", POLICE)
    assert reasons(refused) == {"task_done"}


def committed(here: Supervised, person: str = PERSON) -> str:
    worked = here.open("s.unemp_register", person)
    number = worked.number
    here.act(number, happened.Answered(facts={"had_employer": True}))
    here.act(number, happened.CreditStated(credit=CLEAN))
    here.act(number, happened.Committed(paper="termination_proof", signature="手写"))
    return number


def test_a_false_promise_ends_the_next_ones_of_that_person_alone(here: Supervised) -> None:
    number = committed(here)
    task = here.task(number, "verification")
    here.later(days=3)

    Checking(here.desk).end(task.id, "false", "单位说明没有解除", CLERK)

    (note,) = here.rows(CreditNote, number=number)
    (entry,) = here.rows(Publicity, number=number)
    assert (note.kind, entry.outcome) == (FALSE_COMMITMENT, "false")
    assert [one.kind for one in here.alerts(number=number)] == ["false_promise"]
    assert here.open("s.unemp_register").decision["offers"]["commitment"] == []
    assert here.open("s.unemp_register", OTHER).decision["offers"]["commitment"] != []


def test_a_false_promise_brings_the_paper_back_to_the_list_of_its_case(
    here: Supervised,
) -> None:
    number = committed(here)
    before = here.desk.see(number, CHIEF).decision

    worked = Checking(here.desk).end(
        here.task(number, "verification").id, "false", "不属实", CLERK
    )

    assert "termination_proof" in before["commitment"]
    assert worked.decision["commitment"] == []


def test_a_commitment_is_verified_after_the_case_has_ended(here: Supervised) -> None:
    number = committed(here)
    here.act(number, Decided(result="withdrawn", day=here.desk.today))

    Checking(here.desk).end(here.task(number, "verification").id, "true", "属实", CLERK)

    assert here.rows(Publicity, number=number)[0].outcome == "true"
    assert here.rows(CreditNote) == []


def test_a_withdrawn_case_leaves_no_check_and_no_promise_to_be_done(here: Supervised) -> None:
    number = here.open("s.legal_aid").number
    here.down(number, **ID_DOWN)

    here.act(number, Decided(result="withdrawn", day=here.desk.today))

    assert here.task(number, "agency_check").outcome == "case_ended"


# asked too much


def test_a_paper_beyond_the_list_needs_a_reason_and_is_alerted(here: Supervised) -> None:
    number = here.open("s.legal_aid").number
    with pytest.raises(CaseRefusedError) as refused:
        here.act(number, Received(paper="household_register", how="copy"))
    assert reasons(refused) == {"beyond_list"}

    here.act(number, Received(paper="household_register", how="copy", beyond="领导张某要求"))

    (alert,) = here.alerts(kind="beyond_list")
    assert json.loads(alert.words) == {"paper": "household_register"}


def test_what_the_organ_issued_itself_may_be_named_but_not_taken(here: Supervised) -> None:
    number = here.open("f.divorce").number

    here.act(number, Received(paper="marriage_certificate", how="number", number="J1"))
    assert here.alerts() == []
    here.act(number, Received(paper="marriage_certificate", how="copy", beyond="存档"))

    assert [one.kind for one in here.alerts()] == ["own_issued_taken"]


def test_the_same_paper_demanded_again_is_alerted_until_it_is_no_longer_valid(
    here: Supervised,
) -> None:
    first, paper = here.open("s.capacity").number, "medical_record"
    until = here.desk.today + timedelta(days=10)
    here.act(first, Received(paper=paper, how="original", until=until))
    second = here.open("s.capacity").number
    beyond = "" if paper in here.desk.see(second, CHIEF).decision["submit"] else "再要一次"

    here.act(second, Received(paper=paper, how="copy", beyond=beyond))
    assert len(here.alerts(number=second, kind="repeated_demand")) == 1
    assert here.alerts(number=first, kind="repeated_demand") == []

    here.later(days=10)
    here.act(here.open("s.capacity").number, Received(paper=paper, how="copy"))
    assert len(here.alerts(kind="repeated_demand")) == 1


def test_a_paper_that_was_given_back_may_be_asked_for_again(here: Supervised) -> None:
    first, paper = here.open("s.capacity").number, "medical_record"
    here.act(first, Received(paper=paper, how="original"))
    here.act(first, Returned(paper=paper))

    here.act(here.open("s.capacity").number, Received(paper=paper, how="original"))

    assert here.alerts(kind="repeated_demand") == []


def test_a_second_notice_may_name_nothing_new(here: Supervised) -> None:
    number = here.open("s.capacity").number
    here.act(number, Notified(notice="N1", papers=("medical_record",)))
    here.act(number, Notified(notice="N2", papers=("medical_record",)))
    assert here.alerts() == []

    here.act(number, Notified(notice="N3", papers=("medical_record", "id_card")))

    (alert,) = here.alerts(kind="second_notice")
    assert json.loads(alert.words) == {"notice": "N3", "papers": ["id_card"]}


def test_two_applications_in_vain_within_ninety_days_are_looked_at(here: Supervised) -> None:
    def in_vain(person: str = PERSON, item: str = "s.capacity") -> str:
        number = here.open(item, person).number
        here.act(number, Decided(result="withdrawn", day=here.desk.today))
        return number

    first = in_vain()
    in_vain(OTHER)
    in_vain(item="s.legal_aid")
    assert here.alerts(kind="in_vain") == []

    here.later(days=90)
    second = in_vain()

    (alert,) = here.alerts(kind="in_vain")
    assert (alert.number, json.loads(alert.words)["cases"]) == (second, [first])
    here.later(days=91)
    in_vain()
    assert len(here.alerts(kind="in_vain")) == 1
