"""Organs: those that an account can belong to, by the pack in force."""

from datetime import datetime

from fastapi import Request

from api.accounts.book import AccountError
from api.auditor import office_of
from api.naming import Naming
from api.speech import Lang, speech
from knowledge.day import CHINA


def names_of_organs(request: Request, lang: Lang) -> dict[str, str]:
    """Return the names of all organs by id."""
    office = office_of(request)
    day = datetime.fromtimestamp(office.store.milliseconds() // 1000, CHINA).date()
    pack = office.on(day)[1].decider.pack
    names = Naming(pack, speech(lang))
    return {key: names.organ(key) for key in pack.catalogue.organs}


def require_organ(request: Request, organ: str) -> None:
    """Raise `AccountError` for an organ that the pack does not have; empty means all."""
    if organ and organ not in names_of_organs(request, "en"):
        what = f"there is no organ `{organ}`; write an id of the pack, or leave it out"
        raise AccountError("bad_organ", what)
