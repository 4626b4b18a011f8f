"""Working: the use case of the desk: what a clerk does in a case, decided and sealed at once.

Every act goes one way: the file as it stands, what stands against the act, the file after it,
the new decision, and all of it in one transaction. Nothing is shown that was not kept.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import partial
from threading import Lock
from typing import Final

import orjson

from api.accounts.permission import Who
from api.answer import Answer, Answerer, MatchersDifferError
from api.cases import event as happened
from api.cases.consequence import Moment, consequences
from api.cases.course import Courses
from api.cases.event import LISTED, Event
from api.cases.evidence import Evidence
from api.cases.file import ENDED, CaseFile
from api.cases.fitting import answer_of, left_out, stated_case
from api.cases.head import act_by, head_of
from api.cases.permitted import Standing, items_of, objections
from api.cases.put import following
from api.cases.refusal import CaseRefusedError, NotYoursError, Reason
from api.cases.store import (
    ERASED,
    Addition,
    CaseChangedError,
    CaseStore,
    NoCaseError,
    Work,
    all_after,
    new_number,
)
from api.cases.table import CaseHead
from api.cases.tally import tallying
from api.office import Office
from api.record import Asker
from api.search import instant
from api.table import Release
from api.turn import Turns
from evaluator.case import Credit
from evaluator.decision import Decision
from knowledge.calendar import WorkCalendar
from knowledge.day import CHINA
from knowledge.item import APPLICANT
from knowledge.strict_json import read_json
from rules.pack import Pack

MOST_ANSWERS: Final = 128
"""Cases whose last answer is kept in memory, for the next act or look."""
MOST_TURNS: Final = 4
"""How often an act is tried again because another process worked on the case."""
VERIFY_WITHIN: Final = 60
CHECK_WITHIN: Final = 5
CORRECT_WITHIN: Final = 10
"""Working days for a verification, an agency's own check, and a correction of a record."""


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Worked:
    """A case as it stands after an act, with its decision and the release that decided it.

    It is `stale`, as sealed last, where the pack in force has nothing of it any more.
    """

    number: str
    head: CaseHead
    file: CaseFile
    answer: Answer
    answerer: Answerer
    release: Release
    today: date
    stale: bool = False

    @property
    def decision(self) -> Decision:
        """The decision on which the list rests."""
        return self.answer.decision

    @property
    def pack(self) -> Pack:
        """The pack that decided."""
        return self.answerer.decider.pack

    @property
    def gone(self) -> tuple[str, ...]:
        """The ids of what the case holds and the pack dropped since: they count for nothing."""
        stale = items_of(self.file, self.pack) if self.stale else ()
        return stale or left_out(self.file, self.pack, self.today)

    @property
    def standing(self) -> Standing:
        """The case as checks and consequences see it."""
        return Standing(self.file, self.decision, self.pack, self.today)


@dataclass(frozen=True, slots=True)
class Act:
    """Events to happen together; `expected` is the version they were made for, if it matters.

    `works` run in the same transaction, and so does what goes `along` with the case after it.
    """

    events: tuple[Event, ...]
    expected: int | None = None
    works: tuple[Work, ...] = ()
    why: str = "application"
    along: Callable[[Worked], Work] | None = None


NOTHING_MORE: Final = Act(())


class Desk:
    """The cases of one office, worked on by many clerks at once."""

    def __init__(
        self,
        office: Office,
        calendar: WorkCalendar,
        masked: Callable[[str, str], str],
        clock: Callable[[], datetime] = _now,
    ) -> None:
        self.office, self.calendar, self._clock = office, calendar, clock
        self._masked = masked
        self.cases = CaseStore(office.store)
        self.evidence = Evidence(self.cases)
        self.courses = Courses(office.store.database, calendar, lambda: self.today)
        self._answers: OrderedDict[str, Worked] = OrderedDict()
        self._guard = Lock()
        self._turns = Turns()

    @property
    def today(self) -> date:
        """The day at the desk."""
        return self._clock().astimezone(CHINA).date()

    # seeing

    def see(self, number: str, who: Who) -> Worked:
        """Return a case as it stands today; raises `NoCaseError` or `NotYoursError`.

        On a new day, or under a new release, the list is sealed anew before it is shown.
        """
        head, file = self.cases.file(number)
        self.require(head, who)
        known = self._standing(head, file)
        if not self._due_anew(known):
            return known
        return self.act(number, who, Act(self._refreshed(number, file), why="new day"))

    # acting

    def fresh_number(self) -> str:
        """Return a number for a case to be opened."""
        return new_number(self._clock().astimezone(CHINA))

    def open(
        self,
        opened: happened.Opened,
        who: Who,
        works: Iterable[Work] = (),
        number: str | None = None,
        more: Act = NOTHING_MORE,
    ) -> Worked:
        """Open a case with all that is on file and `more`, or raise `CaseRefusedError`."""
        number = number or self.fresh_number()
        place = {"organ": who.organ, "office": who.office, "handler": who.login}
        project = opened.project or (number if opened.process else "")
        first = opened.model_copy(update={**place, "project": project})
        file = all_after(None, [first, *more.events])
        _, answerer = self.office.on(self.today)
        stated_case(answerer.decider, file, self.today)
        events = (first, *more.events, *self._refreshed(number, file))
        return self._done(
            number, None, who, replace(more, events=events, works=(*works, *more.works))
        )

    def act(self, number: str, who: Who, act: Act) -> Worked:
        """Let events happen in a case, or raise `CaseRefusedError` with all that is against.

        Where no version was expected, what another process did meanwhile is taken in first;
        after a few turns `CaseChangedError` says that nothing was kept.
        """
        for left in reversed(range(MOST_TURNS if act.expected is None else 1)):
            try:
                return self._act(number, who, act)
            except CaseChangedError:
                if not left:
                    raise
        raise CaseChangedError(number)

    def _act(self, number: str, who: Who, act: Act) -> Worked:
        with self._turns.alone(number):
            head, file = self.cases.file(number)
            self.require(head, who)
            if act.expected is not None and act.expected != file.version:
                raise CaseRefusedError([Reason("changed")])
            before = self._standing(head, file)
            kinds = {one.kind for one in act.events}
            if "joined" in kinds or ("found" not in kinds and self._due_anew(before)):
                self._refuse(before, act)
                found = self._refreshed(number, all_after(file, act.events))
                act = replace(act, events=(*act.events, *found))
            return self._done(number, before, who, act)

    def refresh(self, number: str, who: Who, more: Act = NOTHING_MORE) -> Worked:
        """Look again at what is on file from other cases."""
        head, file = self.cases.file(number)
        self.require(head, who)
        events = (*self._refreshed(number, file), *more.events)
        return self.act(number, who, replace(more, events=events, why="refresh"))

    def _done(self, number: str, before: Worked | None, who: Who, act: Act) -> Worked:
        worked, addition = self._made(number, before, who, act)
        self.cases.add(addition, worked.file)
        if addition.decision:
            self.cases.decided(addition.decision, worked.release.id or 0)
        self._remember(worked)
        return worked

    def _made(
        self, number: str, before: Worked | None, who: Who, act: Act
    ) -> tuple[Worked, Addition]:
        """Return the case after an act, and what has to be kept of it."""
        if before is not None:
            self._refuse(before, act)
        old = before.file if before else None
        file = all_after(old, act.events)
        listed = before is None or self._due_anew(before)
        listed = listed or any(one.kind in LISTED for one in act.events)
        release, answerer = self.office.on(self.today)
        asker = Asker(who.login, who.office, "desk", act.why)
        if listed or before is None:
            answer = self._answered(answerer, file, asker)
        else:
            answer, release, answerer = before.answer, before.release, before.answerer
        works: list[Work] = list(act.works)
        sealed = ""
        if listed:
            organs = answerer.organs(answer)
            kept, work = self.office.store.keeping(answer, release, organs, asker)
            sealed = kept.row.number
            works.append(work)
        stood = (before.head, before.file) if before else None
        head = head_of(number, stood, file, (answer, answerer), self._clock())
        due_on = act_by(self.courses, head, stood, file, answerer)
        vars(head).update(due_on=due_on, decision=sealed or head.decision)
        worked = Worked(number, head, file, answer, answerer, release, self.today)
        moment = self._moment(number, before, worked, who)
        works.extend(following(consequences(act.events, moment), self.cases.seal))
        works.append(tallying(worked, before.head if before else None, act.events))
        if old is None or old.parties != file.parties:
            persons = [(APPLICANT, file.applicant.id), *((p.role, p.id) for p in file.parties)]
            works.append(self.cases.person_rows(number, persons))
        if act.along is not None:
            works.append(act.along(worked))
        stood_as = before.head if before else None
        return worked, Addition(number, stood_as, act.events, asker, head, sealed, tuple(works))

    def _refuse(self, before: Worked, act: Act) -> None:
        standing, kinds = before.standing, {one.kind for one in act.events}
        if "decided" in kinds:
            standing = replace(standing, open_checks=self.cases.open_checks(before.number))
        if kinds & {"committed", "credit"}:
            false = self.evidence.false_promise(before.file.applicant.id)
            standing = replace(standing, false_promise=false)
        reasons = [each for one in act.events for each in objections(one, standing)]
        if reasons:
            raise CaseRefusedError(reasons)

    def _answered(self, answerer: Answerer, file: CaseFile, asker: Asker) -> Answer:
        """Return the answer to a case; raises `MatchersDifferError` after it was sealed."""
        try:
            return answer_of(answerer, file, self.today)
        except MatchersDifferError as error:
            self.office.store.keep_incident(error, asker)
            raise

    def _standing(self, head: CaseHead, file: CaseFile) -> Worked:
        ended = file.status in ENDED
        return self._as_sealed(head, file) if ended else self._worked(head, file, self.today)

    def _worked(self, head: CaseHead, file: CaseFile, today: date) -> Worked:
        release, answerer = self.office.on(today)
        known = self._known(head, file, today)
        if known is not None and known.release.id == release.id:
            return known
        try:
            answer = answer_of(answerer, file, today)
            worked = Worked(head.number, head, file, answer, answerer, release, today)
        except CaseRefusedError:
            worked = replace(self._as_sealed(head, file), today=today, stale=True)
        self._remember(worked)
        return worked

    def _as_sealed(self, head: CaseHead, file: CaseFile) -> Worked:
        """Return an ended case by its last sealed decision, whatever is in force now."""
        known = self._known(head, file, file.ended.day if file.ended else self.today)
        if known is not None:
            return known
        kept = self.office.store.decision(head.decision)
        if kept is None:
            raise NoCaseError(head.number)
        release, answerer = self.office.answerer_of(kept.row.release)
        case = answerer.decider.read(read_json(kept.case))
        answer = Answer(lambda: case, orjson.loads(kept.body), kept.body, "both")
        worked = Worked(head.number, head, file, answer, answerer, release, case.as_of)
        self._remember(worked)
        return worked

    def _known(self, head: CaseHead, file: CaseFile, today: date) -> Worked | None:
        with self._guard:
            known = self._answers.get(head.number)
        at = (file.version, today)
        return known if known and (known.file.version, known.today) == at else None

    def _remember(self, worked: Worked) -> None:
        with self._guard:
            self._answers[worked.number] = worked
            self._answers.move_to_end(worked.number)
            while len(self._answers) > MOST_ANSWERS:
                self._answers.popitem(last=False)

    # what goes with it

    def _refreshed(self, number: str, file: CaseFile) -> tuple[Event, ...]:
        """Return what is on file now as events, with the answers that may be used again."""
        _, answerer = self.office.on(self.today)
        on_file = self.evidence.on_file(number, file, answerer.decider.pack, self.today)
        events: list[Event] = [on_file.found]
        known = {ref for look in file.lookups for ref in look.refs}
        events += [one for one in on_file.answers if not known & {*one.refs}]
        clean = file.credit is None or not file.credit.false_commitment
        if on_file.false_promise and clean:
            severe = file.credit.severe if file.credit else False
            stated = Credit(severe=severe, false_commitment=True)
            events.append(happened.CreditStated(credit=stated))
        return tuple(events)

    def _moment(self, number: str, before: Worked | None, after: Worked, who: Who) -> Moment:
        held = partial(self.evidence.live, number, today=self.today)
        return Moment(
            number=number,
            user=who.login,
            organ=after.file.organ,
            office=after.file.office,
            at=self._clock(),
            before=before.standing if before else None,
            after=after.standing,
            token=self.cases.token,
            due=self._due,
            held=held,
            masked=self._masked,
            in_vain=partial(
                self.evidence.in_vain, number, after.file.applicant.id, today=self.today
            ),
        )

    def _due(self, kind: str) -> date:
        days = {"verification": VERIFY_WITHIN, "correction": CORRECT_WITHIN}
        counted = self.calendar.after(self.today, working_days=days.get(kind, CHECK_WITHIN))
        return counted.day

    def _due_anew(self, before: Worked) -> bool:
        """Return whether a case was sealed on an earlier day, or under another release.

        What ended or left the pack stays.
        """
        if before.stale or before.file.ended:
            return False
        sealed_on = instant(before.head.updated_at).astimezone(CHINA).date()
        return (sealed_on, self.cases.sealed_by(before.head)) != (self.today, before.release.id)

    def require(self, head: CaseHead, who: Who) -> None:
        """Let in who may work a case, or raise `NotYoursError`; nobody may an erased one."""
        if head.status == ERASED:
            raise NoCaseError(head.number)
        if not may_work(head, who):
            raise NotYoursError(head.number, head.organ, head.office)


def may_work(head: CaseHead, who: Who) -> bool:
    """Return whether somebody is of the organ that has a case, or without a limit.

    The name of an office alone opens nothing: two organs may each have a 综合窗口.
    """
    return not who.organ or who.organ == head.organ
