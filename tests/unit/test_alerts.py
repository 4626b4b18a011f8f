"""Alerts: sealed without a name, closed once with a reason, seen by their organ alone."""

from collections.abc import Iterator
from datetime import date

import pytest
from sqlalchemy import select

from api.accounts.permission import Who
from api.cases.event import Received
from api.cases.refusal import CaseRefusedError
from api.cases.table import Alert
from api.supervision.alert import Alerts, NoAlertError, Wanted
from audit.table import ENTRY
from tests.supervising import CHIEF, PERSON, Supervised, supervised


@pytest.fixture
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Supervised]:
    """Open an office on a Monday."""
    with supervised(tmp_path_factory.mktemp("office")) as found:
        yield found


def test_every_alert_is_sealed_and_names_nobody(here: Supervised) -> None:
    number = here.open("s.legal_aid").number
    here.act(number, Received(paper="household_register", how="copy", beyond=f"张某{PERSON}"))
    here.on(date(2027, 3, 1))
    here.sweep.once()

    entries = here.sealed("alert")

    assert {one.body["id"] for one in entries} == {one.id for one in here.alerts()}
    with here.office.store.database.reading() as connection:
        plain = str(connection.execute(select(Alert)).all()) + str(
            connection.execute(select(ENTRY)).all()
        )
    assert PERSON not in plain
    assert "张某" not in plain


def test_an_alert_is_closed_once_with_a_reason_that_only_its_case_opens(
    here: Supervised,
) -> None:
    number = here.open("s.legal_aid").number
    here.act(number, Received(paper="household_register", how="copy", beyond="要求"))
    (alert,), alerts = here.alerts(), Alerts(here.desk.cases)

    with pytest.raises(CaseRefusedError):
        alerts.close(alert.id, "because", "", CHIEF, here.now)
    with pytest.raises(CaseRefusedError):
        alerts.close(alert.id, "other", " ", CHIEF, here.now)
    alerts.close(alert.id, "corrected", "已退还张某", CHIEF, here.now)
    with pytest.raises(CaseRefusedError):
        alerts.close(alert.id, "corrected", "", CHIEF, here.now)

    closed = alerts.one(alert.id, CHIEF)
    assert (closed.closed_why, alerts.remark(closed)) == ("corrected", "已退还张某")
    (entry,) = here.sealed("alert_closed")
    assert (entry.body["id"], entry.body["why"]) == (alert.id, "corrected")
    assert "张某" not in closed.model_dump_json()


def test_alerts_of_another_organ_are_not_there(here: Supervised) -> None:
    number = here.open("s.legal_aid").number
    here.act(number, Received(paper="household_register", how="copy", beyond="要求"))
    (alert,), alerts = here.alerts(), Alerts(here.desk.cases)
    stranger = Who("x", "", CHIEF.role, "dg-amr")

    assert alerts.find(Wanted(), stranger).total == 0
    assert alerts.find(Wanted(), Who("y", "", CHIEF.role, "dg-hrss")).total == 1
    with pytest.raises(NoAlertError):
        alerts.one(alert.id, stranger)


def test_alerts_are_found_by_kind_and_by_the_day_in_china(here: Supervised) -> None:
    number = here.open("s.legal_aid").number
    here.now = here.now.replace(hour=17)  # one in the morning of Tuesday
    here.act(number, Received(paper="household_register", how="copy", beyond="要求"))
    alerts, tuesday = Alerts(here.desk.cases), date(2026, 11, 24)

    assert alerts.find(Wanted(since=tuesday, until=tuesday), CHIEF).total == 1
    assert alerts.find(Wanted(until=date(2026, 11, 23)), CHIEF).total == 0
    assert alerts.find(Wanted(kind="red"), CHIEF).total == 0
