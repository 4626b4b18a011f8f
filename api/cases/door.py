"""The door to the cases: how a request reaches the desk, and how refusals are worded."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TypeVar

from fastapi import FastAPI, Request, Response
from fastapi.concurrency import run_in_threadpool

from api.answer import MatchersDifferError
from api.cases.looking_up import LookingUp, Registries
from api.cases.refusal import CaseRefusedError, NotYoursError, Reason
from api.cases.store import CaseChangedError, NoCaseError
from api.cases.working import Desk
from api.masking import mask_name
from api.naming import Naming
from api.office import Office
from api.page import error_page, language, wants_page
from api.problem import problem
from api.speech import Speech, speech
from api.workbench import Workbench
from knowledge.calendar import bundled_calendar
from knowledge.fault import Fault
from rules.pack import Pack

T = TypeVar("T")


@dataclass(frozen=True)
class Hall:
    """The desk with its look-ups, as every door reaches it; `bench` works out its acts."""

    desk: Desk
    looking_up: LookingUp
    bench: Workbench = field(default_factory=Workbench)

    async def done(self, act: Callable[[], T]) -> T:
        """Return what an act returns, or raise what it raises; it may not wait for long.

        Acts on PostgreSQL wait for its answers more than they compute: each has a thread.
        """
        if self.desk.office.store.database.alone:
            if self.bench.busy:
                self.desk.office.call_help(self.desk.today)
            return await self.bench.done(act)
        return await run_in_threadpool(act)

    def close(self) -> None:
        """Let look-ups that are on their way arrive."""
        self.looking_up.close()
        self.bench.close()


def open_hall(office: Office, registries: Registries | None) -> Hall:
    """Return the hall of an office, with the working days of the State Council's notices."""
    desk = Desk(office, bundled_calendar(), mask_name)
    return Hall(desk, LookingUp(desk, registries))


def hall_of(request: Request) -> Hall:
    """Return the desk that a request is put to."""
    hall: Hall = request.app.state.hall
    return hall


def pack_today(hall: Hall) -> Pack:
    """Return the pack in force today."""
    _, answerer = hall.desk.office.on(hall.desk.today)
    return answerer.decider.pack


def word(reason: Reason, speech: Speech, pack: Pack) -> str:
    """Return a refusal in words; an English speaker hears what a clerk reads in Chinese."""
    names = Naming(pack, speech)
    papers = speech.join([_paper(names, one) for one in reason.papers])
    where = _where(names, reason)
    return speech.say(f"refusal.{reason.key}", papers=papers, where=where, **reason.words)


def words(reasons: Iterable[Reason], speech: Speech, pack: Pack) -> list[str]:
    """Return refusals in words, each once."""
    return list(dict.fromkeys(word(one, speech, pack) for one in reasons))


def faults(error: CaseRefusedError, pack: Pack) -> list[Fault]:
    """Return the reasons of a refusal as faults of a problem document, in English."""
    found = []
    for one in error.reasons:
        what, _, cure = word(one, speech("en"), pack).partition("; ")
        found.append(Fault("", 0, one.where or one.key, what, cure or "see the case"))
    return found


def _paper(names: Naming, paper: str) -> str:
    material = paper.rpartition(":")[2]
    return names.paper(paper) if material in names.pack.catalogue.materials else paper


def _where(names: Naming, reason: Reason) -> str:
    if reason.where in names.pack.catalogue.facts:
        return names.fact(reason.where)
    return reason.where


def install(app: FastAPI) -> None:
    """Let the application answer for what cases refuse."""
    app.add_exception_handler(NoCaseError, _gone)
    app.add_exception_handler(NotYoursError, _not_yours)
    app.add_exception_handler(CaseChangedError, _changed)
    app.add_exception_handler(CaseRefusedError, _refused)
    app.add_exception_handler(MatchersDifferError, _differ)


def _gone(request: Request, error: Exception) -> Response:
    number = getattr(error, "number", "")
    if wants_page(request):
        return error_page(request, HTTPStatus.NOT_FOUND, "no_case", number=number)
    return problem(HTTPStatus.NOT_FOUND, str(error))


def _not_yours(request: Request, error: Exception) -> Response:
    if wants_page(request):
        number = getattr(error, "number", "")
        office = getattr(error, "office", "")
        return error_page(
            request, HTTPStatus.FORBIDDEN, "not_yours", number=number, office=office
        )
    return problem(HTTPStatus.FORBIDDEN, str(error))


def _changed(request: Request, error: Exception) -> Response:
    if wants_page(request):
        return error_page(request, HTTPStatus.CONFLICT, "changed")
    return problem(HTTPStatus.CONFLICT, str(error))


def _differ(request: Request, error: Exception) -> Response:
    if wants_page(request):
        return error_page(request, HTTPStatus.CONFLICT, "differ")
    return problem(HTTPStatus.CONFLICT, str(error))


def _refused(request: Request, error: Exception) -> Response:
    if not isinstance(error, CaseRefusedError):
        raise error
    pack = pack_today(hall_of(request))
    keys = {one.key for one in error.reasons}
    status = HTTPStatus.CONFLICT if keys == {"changed"} else HTTPStatus.UNPROCESSABLE_ENTITY
    if wants_page(request):
        voice = speech(language(request))
        said = words(error.reasons, voice, pack)
        return error_page(request, status, "refused", reasons=voice.say("stop").join(said))
    return problem(status, "this was not done; correct what is listed", faults(error, pack))
