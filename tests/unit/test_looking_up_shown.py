"""Look-ups on the page of a case: it is followed until nothing more is to come."""

from collections.abc import Iterator
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from api.cases.event import Contested
from api.cases.looking_up import LookingUp, Registries
from api.cases.pages.desk import lay_out
from api.cases.pages.form import View
from api.cases.working import Worked
from api.speech import speech
from knowledge.lookup.order import Answer
from tests.halls import AMR, PATIENCE, TestHall, hall
from tests.sandboxed import sandboxed


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[TestHall]:
    with sandboxed() as sandbox, hall(tmp_path, sandbox) as opened:
        yield opened


class Hesitating:
    """The registries of a desk; when all have answered it takes a while until that is told."""

    def __init__(self, registries: Registries) -> None:
        self.answered, self.go_on, self._registries = Event(), Event(), registries
        self.connected, self.close = registries.connected, registries.close

    def ask_all(self, *words: Any, **more: Any) -> list[Answer]:
        """Ask, and tell the answers later than each was told by itself."""
        found = self._registries.ask_all(*words, **more)
        self.answered.set()
        self.go_on.wait(PATIENCE)
        return found


def test_the_page_goes_on_looking_between_what_came_and_what_is_asked_next(
    desk: TestHall,
) -> None:
    real = desk.looking_up._registries  # noqa: SLF001 (the real ones, slowed down)
    assert real is not None
    registries = Hesitating(real)
    looking_up = LookingUp(desk.office.desk, registries)
    worked = desk.company()
    looking_up.start(worked, AMR)
    assert registries.answered.wait(PATIENCE)

    seen = desk.office.desk.see(worked.number, AMR)
    shown = lay_out(seen, looking_up, View(), speech("zh"), [])
    assert looking_up.pending(worked.number) == frozenset()
    assert shown.asking.pending

    registries.go_on.set()
    assert looking_up.wait(worked.number, PATIENCE)
    seen = desk.office.desk.see(worked.number, AMR)
    assert not lay_out(seen, looking_up, View(), speech("zh"), []).asking.pending


def test_what_the_applicant_contests_is_not_shown_as_confirmed(desk: TestHall) -> None:
    worked = desk.look_up(AMR, desk.company())
    before = states(desk, worked)
    desk.act(AMR, worked.number, Contested(paper="lease", statement="门牌号登记错了"))
    after = states(desk, desk.office.desk.see(worked.number, AMR))

    told = {one for one in before if before[one] != after[one]}
    assert {before[one] for one in told} == {"found_match"}
    assert {after[one] for one in told} == {"contested"}
    assert before.keys() == after.keys()
    assert len(told) == 1


def states(desk: TestHall, worked: Worked) -> dict[str, str]:
    shown = lay_out(worked, desk.looking_up, View(), speech("zh"), [])
    return {one.source: one.state for one in shown.asking.registers}
