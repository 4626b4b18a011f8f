"""Alerts: what supervision should see, by kind, office and day, until closed with a reason."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, func, select, update
from sqlmodel import col

from api import record
from api.accounts.permission import Who
from api.accounts.reception import asking
from api.cases.refusal import CaseRefusedError, Reason
from api.cases.store import CaseStore, NoCaseError, Work
from api.cases.table import Alert
from api.record import CaseKey
from knowledge.day import CHINA

KINDS: Final = (
    "beyond_list", "own_issued_taken", "repeated_demand", "second_notice", "in_vain",
    "yellow", "red", "overdue", "deemed_accepted", "false_promise", "outage",
)  # fmt: skip
"""What there are alerts of, in the order in which people choose from them."""

WHYS: Final = ("explained", "corrected", "unfounded", "other")
"""Why an alert may be closed."""

LABELS: Final = {"beyond_list": "171", "own_issued_taken": "171", "second_notice": "221"}
"""The codes of the province's labels for bad reviews that say the same (好差评)."""

FIRST: Final = date(1949, 10, 1)
LAST: Final = date(2999, 12, 31)
"""Days that may be searched for; no record is older, and none will be younger."""

PAGE: Final = 50
MOST_PAGES: Final = 100_000
LONGEST_REMARK: Final = 2000
REMARK: Final = "remark"


class NoAlertError(Exception):
    """There is no such alert, or it is another organ's."""

    def __init__(self, about: str) -> None:
        self.about = about
        super().__init__(f"there is no alert `{about}`; look for it in the list of alerts")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What alerts to look for; what is empty does not matter. `until` is the last day."""

    kind: str = ""
    state: str = "open"
    organ: str = ""
    office: str = ""
    number: str = ""
    since: date | None = None
    until: date | None = None

    @property
    def stated(self) -> list[tuple[str, str]]:
        """What is looked for, as it stands in an address."""
        pairs = ((key, getattr(self, key)) for key in self.__slots__)
        return [(key, str(value)) for key, value in pairs if value]


@dataclass(frozen=True, slots=True)
class Found:
    """A page of alerts, the newest first; pages count from 1."""

    alerts: list[Alert]
    total: int
    page: int
    pages: int


class Alerts:
    """The alerts that somebody may see: those of the own organ, or all."""

    def __init__(self, cases: CaseStore) -> None:
        self._cases = cases

    def find(self, wanted: Wanted, who: Who, page: int = 1) -> Found:
        """Return a page of alerts."""
        conditions = list(_conditions(wanted, who))
        with self._cases.store.database.reading() as connection:
            counting = select(func.count()).select_from(Alert).where(*conditions)
            total: int = connection.execute(counting).scalar_one()
        pages = max(1, -(-total // PAGE))
        page = min(max(1, page), pages)
        return Found(self._rows(conditions, PAGE, (page - 1) * PAGE), total, page, pages)

    def all(self, wanted: Wanted, who: Who, most: int) -> list[Alert]:
        """Return the newest alerts, at most so many."""
        return self._rows(list(_conditions(wanted, who)), most, 0)

    def counts(self, who: Who) -> dict[str, int]:
        """Return how many alerts of each kind are open."""
        query = (
            select(col(Alert.kind), func.count())
            .where(*_conditions(Wanted(), who))
            .group_by(col(Alert.kind))
        )
        with self._cases.store.database.reading() as connection:
            return {row[0]: row[1] for row in connection.execute(query)}

    def one(self, about: str, who: Who) -> Alert:
        """Return an alert, or raise `NoAlertError`."""
        conditions = [*_conditions(Wanted(state=""), who), col(Alert.id) == about]
        found = self._rows(conditions, 1, 0)
        if not found:
            raise NoAlertError(about)
        return found[0]

    def remark(self, alert: Alert) -> str:
        """Return what was remarked when an alert was closed, nothing where it was erased."""
        if not alert.box:
            return ""
        try:
            return self._cases.open_part(alert.number, REMARK, alert.box).decode()
        except NoCaseError:
            return ""

    def offices(self, who: Who) -> list[str]:
        """Return the offices that have alerts."""
        query = select(col(Alert.office)).where(*_conditions(Wanted(state=""), who)).distinct()
        with self._cases.store.database.reading() as connection:
            return sorted(row[0] for row in connection.execute(query) if row[0])

    def close(  # noqa: PLR0913 (an alert, why, and who closes it)
        self,
        about: str,
        why: str,
        remark: str,
        who: Who,
        at: datetime,
        *,
        along: Callable[[Alert], Work] | None = None,
    ) -> Alert:
        """Close an alert and seal it, or raise `CaseRefusedError` or `NoAlertError`.

        What goes `along` with the closed alert runs in the same transaction.
        """
        alert, remark = self.one(about, who), remark.strip()
        if alert.state != "open":
            raise CaseRefusedError([Reason("alert_closed")])
        if why not in WHYS:
            raise CaseRefusedError([Reason("alert_why")])
        if len(remark) > LONGEST_REMARK or (why == "other" and not remark):
            raise CaseRefusedError([Reason("alert_remark", words={"most": LONGEST_REMARK})])
        closed = Alert(
            **alert.model_dump()
            | {"state": "closed", "closed_at": at, "closed_by": who.login, "closed_why": why}
        )
        key = self._cases.key(alert.number) if remark else None
        case_key = CaseKey(alert.number, key) if key else None
        sealed = record.of_closing(
            closed, remark.encode(), asking(who, door="desk", why="supervision"), key=case_key
        )
        closed.box = sealed.entry.parts.get(REMARK, "")
        more = along(closed) if along else None
        self._cases.store.database.write(self._closing(closed, sealed, more))
        return closed

    def _closing(self, closed: Alert, sealed: record.Record, more: Work | None) -> Work:
        values = ("state", "closed_at", "closed_by", "closed_why", "box")

        def work(connection: Connection) -> None:
            moved = connection.execute(
                update(Alert)
                .where(col(Alert.id) == closed.id, col(Alert.state) == "open")
                .values(**{key: getattr(closed, key) for key in values})
            )
            if moved.rowcount != 1:
                raise CaseRefusedError([Reason("alert_closed")])
            self._cases.seal(connection, sealed)
            if more is not None:
                more(connection)

        return work

    def _rows(self, conditions: Iterable[Any], most: int, skip: int) -> list[Alert]:
        query = (
            select(Alert)
            .where(*conditions)
            .order_by(col(Alert.at).desc(), col(Alert.id))
            .limit(most)
            .offset(skip)
        )
        return self._cases.rows(query, Alert)


def _conditions(wanted: Wanted, who: Who) -> Iterable[ColumnElement[bool]]:
    if who.organ:
        yield col(Alert.organ) == who.organ
    for key in ("kind", "state", "organ", "office", "number"):
        if getattr(wanted, key):
            yield col(getattr(Alert, key)) == getattr(wanted, key)
    if wanted.since:
        yield col(Alert.at) >= begin(wanted.since)
    if wanted.until:
        yield col(Alert.at) < end(wanted.until)


def begin(day: date) -> datetime:
    """Return when a day begins in China; days of other ages are taken to their edge."""
    day = min(max(day, FIRST), LAST)
    return datetime(day.year, day.month, day.day, tzinfo=CHINA).astimezone(UTC)


def end(day: date) -> datetime:
    """Return when a day ends in China."""
    return begin(day) + timedelta(days=1)
