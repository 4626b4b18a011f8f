"""The kept page: a decision as it was kept, laid out to be printed and taken along."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC
from functools import lru_cache

import orjson

from api.masking import masked
from api.naming import Naming
from api.office import Office
from api.paper_row import PaperList, paper_list
from api.speech import Speech
from api.store import Kept
from api.wording import Wording
from evaluator.case import Case
from evaluator.decide import Decider
from knowledge.day import CHINA
from knowledge.strict_json import read_json
from rules.pack import Reader

CHECK_CODE = 8
"""Characters of the digest that are printed for people to compare."""


@dataclass(frozen=True, slots=True)
class KeptSheet:
    """All that the kept page shows."""

    number: str
    check: str
    digest: str
    release: int
    recorded: str
    day: str
    law_day: str
    items: list[str]
    organs: str
    persons: list[tuple[str, str]]
    answers: list[tuple[str, str]]
    papers: PaperList
    final: bool
    optimal: bool


def kept_sheet(office: Office, kept: Kept, speech: Speech) -> KeptSheet:
    """Return a kept decision by the release that decided it."""
    decider = _decider(office, kept)
    case = decider.read(read_json(kept.case))
    decision = orjson.loads(kept.body)
    wording = Wording(decider.pack, case, speech)
    names, known = wording.names, decider.pack.catalogue
    code = kept.digest.removeprefix("sha256:").upper()
    at = kept.row.recorded_at.replace(tzinfo=UTC).astimezone(CHINA)
    return KeptSheet(
        number=kept.number,
        check=f"{code[: CHECK_CODE // 2]} {code[CHECK_CODE // 2 : CHECK_CODE]}",
        digest=kept.digest,
        release=kept.row.release,
        recorded=f"{speech.day(at.date())} {at:%H:%M}",
        day=speech.day(case.as_of),
        law_day=speech.day(case.law_day) if case.law_day != case.as_of else "",
        items=[names.item(item) for item in case.items],
        organs=speech.join(
            list(dict.fromkeys(names.organ(known.items[item].organ) for item in case.items))
        ),
        persons=list(_persons(names, case)),
        answers=list(_answers(names, case)),
        papers=paper_list(decider, case, decision, wording),
        final=decision["final"],
        optimal=decision["optimal"],
    )


def _decider(office: Office, kept: Kept) -> Decider:
    release, answerer = office.on(kept.row.as_of)
    if release.id == kept.row.release:
        return answerer.decider
    return _decider_of(office, kept.row.release)


@lru_cache(maxsize=4)
def _decider_of(office: Office, number: int) -> Decider:
    release = next(one for one in office.store.releases() if one.id == number)
    return Decider(Reader(office.store.files(release)).pack())


def _persons(names: Naming, case: Case) -> Iterator[tuple[str, str]]:
    """Yield (role, masked number) of everyone; a page can be read over a shoulder."""
    yield names.role("applicant"), masked(names.speech, case.form.applicant)
    for party in case.form.parties:
        yield names.role(party.role, case.items), masked(names.speech, party)


def _answers(names: Naming, case: Case) -> Iterator[tuple[str, str]]:
    for key in case.form.facts:
        value = case.facts[names.pack.catalogue.facts[key].key]
        yield names.fact(key), names.answer(key, value)
