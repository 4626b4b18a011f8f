"""A hall: the desk of an office whose days a test turns, and registries that really answer."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from api.accounts.permission import Role, Who
from api.cases import event as happened
from api.cases.event import Event, Named, NamedParty
from api.cases.looking_up import LookingUp
from api.cases.working import Act, Worked
from api.sandbox.cast import member
from knowledge.lookup.hub import Limits
from knowledge.lookup.registries import Registries
from tests.sandboxed import Sandbox
from tests.supervising import Supervised, supervised

AMR = Who("company", "康示例", Role.CLERK, "dg-amr", "企业登记窗口")
GENERAL = Who("hall", "章示例", Role.CLERK, "", "综合窗口")
PATIENCE = 30
UNHURRIED = Limits(connect=10, read=10, total=20, wait=10)
"""Seconds that a busy machine may take: here it is about what is answered, not how fast."""

COMPANY = {
    "company_form": "limited",
    "company_founders": "natural",
    "institution_founders": False,
    "overseas_founders": "none",
    "overseas_officers": "none",
    "premises": "rented",
    "licence_first": "none",
}


@dataclass(frozen=True)
class TestHall:
    """An office with a desk and connected registries."""

    __test__ = False

    office: Supervised
    looking_up: LookingUp
    sandbox: Sandbox

    def open(self, who: Who, key: str, **opened: Any) -> Worked:
        """Open a case of a member of the cast."""
        return self.office.desk.open(happened.Opened(applicant=named(key), **opened), who)

    def act(self, who: Who, number: str, *events: Event) -> Worked:
        """Let events happen."""
        return self.office.desk.act(number, who, Act(events))

    def look_up(self, who: Who, worked: Worked, *, again: bool = False) -> Worked:
        """Ask what the case lists, and wait for all answers."""
        self.looking_up.start(worked, who, again=again)
        assert self.looking_up.wait(worked.number, PATIENCE)
        return self.office.desk.see(worked.number, who)

    def company(self, who: Who = AMR) -> Worked:
        """Open the case of a company in rented premises, all answered, nothing looked up."""
        worked = self.open(who, "founder", items=("b.company_setup",))
        return self.act(
            who,
            worked.number,
            happened.Answered(facts=COMPANY),
            joined("founder", "founder"),
            joined("founder", "partner"),
            joined("officer", "partner"),
        )


def named(key: str) -> Named:
    """Return a member of the cast as an applicant."""
    one = member(key)
    return Named(kind=one.kind, id=one.number, name=one.name)


def joined(role: str, key: str) -> happened.Joined:
    """Return the event by which a member of the cast joins."""
    one = member(key)
    party = NamedParty(role=role, kind=one.kind, id=one.number, name=one.name)
    return happened.Joined(party=party)


@contextmanager
def hall(folder: Path, sandbox: Sandbox) -> Iterator[TestHall]:
    """Yield a hall over a new office, connected to a sandbox; its day is really today."""
    with supervised(folder) as office:
        office.now = datetime.now(UTC)
        looking_up = LookingUp(
            office.desk, Registries(sandbox.hubs, UNHURRIED), within=PATIENCE
        )
        try:
            yield TestHall(office, looking_up, sandbox)
        finally:
            sandbox.exchange.faults.put("all", "none")
            looking_up.close()
