"""Deciding a case again: its events folded once more, each sealed decision to the byte."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

from api.cases.auditing.sealed import SealedCase, file_of
from api.cases.fitting import fitted
from api.office import Office
from api.replaying import Replayer
from api.store import ErasedError, Kept
from audit.error import AuditError
from knowledge.canonical import canonical
from knowledge.fault import FaultsError


@dataclass(frozen=True, slots=True)
class Again:
    """One decision of a case, decided again after the event that it was sealed with.

    `erased`: nobody can. `differences` is empty when every byte is the same.
    """

    seq: int
    decision: str
    erased: bool
    differences: tuple[str, ...]


def decide_again(one: SealedCase, office: Office) -> list[Again]:
    """Return every sealed decision of a case, decided again from its events."""
    replayer = Replayer(office.store, office.decider_of)
    found = []
    for event in one.events:
        number = event.row.decision
        if not number:
            continue
        try:
            kept = office.store.decision(number)
        except ErasedError:
            found.append(Again(event.row.seq, number, erased=True, differences=()))
            continue
        except AuditError as error:
            found.append(Again(event.row.seq, number, erased=False, differences=(str(error),)))
            continue
        if kept is None:
            differences = [f"{number}: the row is missing"]
        else:
            differences = list(_case(one, event.row.seq, kept, office))
            differences += replayer.again(kept).differences
        found.append(Again(event.row.seq, number, erased=False, differences=tuple(differences)))
    return found


def _case(one: SealedCase, seq: int, kept: Kept, office: Office) -> Iterator[str]:
    """Yield what the events up to one make otherwise than the case that was decided."""
    file = file_of([each for each in one.happened if each.seq <= seq])
    if file is None:
        yield "the events cannot be read; verify them first"
        return
    try:
        decider = office.decider_of(kept.row.release)
        case = decider.read(fitted(file.raw(kept.row.as_of), decider.pack)[0])
    except FaultsError as error:
        yield f"the case is refused today: {error.faults[0]}"
        return
    form = case.form.model_dump(mode="json", exclude_defaults=True)
    if canonical(form) != kept.case:
        was = json.loads(kept.case)
        keys = [key for key in sorted({*form, *was}) if form.get(key) != was.get(key)]
        yield f"the events make another case: {', '.join(keys) or 'order'}"
