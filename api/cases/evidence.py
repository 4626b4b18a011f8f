"""Evidence on file: what the government has of the persons of a case from other cases.

One person, one view: what was handed in, what was given out, what registries answered. Reuse
follows the pack alone: this only brings records to the decision, which tests each of them.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Any, Final

from sqlalchemy import BindParameter, Connection, bindparam, select
from sqlmodel import col

from api.cases.event import Found, LookedUp
from api.cases.file import CaseFile
from api.cases.permitted import items_of
from api.cases.row import Rows
from api.cases.store import CaseStore, NoCaseError
from api.cases.table import CaseHead, CasePerson, CreditNote, Holding, StoredReceipt
from api.search import instant
from audit.query import Query, Row
from evaluator.case import Collected, History, Licence, Receipt
from knowledge.item import APPLICANT
from rules.pack import Pack

LATELY: Final = 90
"""Days within which applications in vain for one item are looked at together."""

ISSUED: Final = "issued"
RECEIPT: Final = "receipt"
"""The part of a case's boxes that holds the answer of a registry."""

_HELD: Final = Rows(Holding)
_STORED: Final = Rows(StoredReceipt)
_NUMBER: Final[BindParameter[Any]] = bindparam("number", None)
_IN_VAIN: Final = Query(
    select(col(CaseHead.number), col(CaseHead.items), col(CaseHead.updated_at))
    .join(CasePerson, col(CasePerson.number) == col(CaseHead.number))
    .where(col(CasePerson.token) == bindparam("token", None))
    .where(col(CasePerson.role) == APPLICANT, col(CaseHead.number) != _NUMBER)
    .where(col(CaseHead.status).in_(("refused", "withdrawn")))
)
_NOTED: Final = Query(
    select(col(CreditNote.kind))
    .where(col(CreditNote.token) == bindparam("token", None))
    .order_by(col(CreditNote.at).desc())
    .limit(1)
)


@dataclass(frozen=True)
class OnFile:
    """What is on file: records for the decision, answers to be used again, false promises."""

    found: Found
    answers: tuple[LookedUp, ...]
    false_promise: bool


class Evidence:
    """Finds what is on file of persons."""

    def __init__(self, cases: CaseStore) -> None:
        self._cases = cases

    def on_file(self, number: str, file: CaseFile, pack: Pack, today: date) -> OnFile:
        """Return what is on file of all persons of a case from others than itself."""
        tokens = {self._cases.token(one): one for one in sorted(file.persons)}
        with self._cases.store.database.reading() as connection:
            holdings = list(_holdings(connection, tokens, number, today))
            receipts = list(_receipts(connection, tokens, number))
            false = _false_promise(connection, self._cases.token(file.applicant.id))
        known = [one for one in holdings if one.material in pack.catalogue.materials]
        found = Found(
            history=tuple(_history(known, tokens, file)),
            collected=tuple(_collected(known, tokens, file)),
            licences=tuple(_licences(known, tokens, pack)),
        )
        answers = self._answers(receipts, tokens, file, (pack, today))
        return OnFile(found, tuple(answers), false)

    def live(self, number: str, person: str, material: str, today: date) -> bool:
        """Return whether another case holds a paper of a person that is still valid."""
        query, values = _of_tokens(_holdings_of, [self._cases.token(person)])
        found = self._cases.store.database.read(query, number=number, **values)
        return any(
            one.material == material and one.trust in ("A", "B") for one in _held(found, today)
        )

    def false_promise(self, person: str) -> bool:
        """Return whether a false promise of a person is on file that was not repaired."""
        found = self._cases.store.database.read(_NOTED, token=self._cases.token(person))
        return _is_false(found)

    def in_vain(self, number: str, person: str, item: str, *, today: date) -> list[str]:
        """Return other cases of a person and an item that lately ended without success."""
        found = self._cases.store.database.read(
            _IN_VAIN, token=self._cases.token(person), number=number
        )
        since = today - timedelta(days=LATELY)
        return [
            other
            for other, items, at in found
            if item in json.loads(items) and instant(at).date() >= since
        ]

    def _answers(
        self,
        receipts: Iterable[StoredReceipt],
        tokens: dict[bytes, str],
        file: CaseFile,
        setting: tuple[Pack, date],
    ) -> Iterator[LookedUp]:
        """Yield the matches that are fresh and that these items need, the newest first.

        What a registry denied since then is no match any more, whoever asked it.
        """
        pack, today = setting
        items = items_of(file, pack)
        needed = _needed(items, pack)
        seen: set[tuple[str, str, str]] = set()
        denied: set[tuple[str, bytes, str]] = set()
        for row in receipts:
            named = {*json.loads(row.materials), *json.loads(row.claims)}
            each = {(row.source, row.token, one) for one in named}
            if row.verdict != "found_match":
                denied |= each
                continue
            source = pack.catalogue.sources.get(row.source)
            about = (row.source, tokens[row.token], row.materials + row.claims)
            if source is None or about in seen or each & denied or not named & needed:
                continue
            age = (today - row.day).days
            usable = any(source.usable_for(item) for item in items)
            if not usable or not 0 <= age <= source.max_age_days:
                continue
            seen.add(about)
            opened = self._opened(row)
            if opened is None:
                continue
            # The facts of a case are those of its applicant.
            if tokens[row.token] != file.applicant.id:
                opened = {**opened, "facts": {}}
            yield _looked_up(row, tokens[row.token], opened)

    def _opened(self, row: StoredReceipt) -> dict[str, Any] | None:
        """Return what a stored answer says, or None where its case was erased."""
        try:
            plain = self._cases.open_part(row.number, f"{RECEIPT}-{row.id}", row.box)
        except NoCaseError:
            return None
        opened: dict[str, Any] = json.loads(plain)
        return opened


def _needed(items: Iterable[str], pack: Pack) -> frozenset[str]:
    """Return what items are about, materials and claims: no other answer is for them."""
    return frozenset(
        one
        for item in items
        for rule in pack.rules.demands(item)
        for one in (*rule.materials, *rule.proves)
    )


def _looked_up(row: StoredReceipt, subject: str, opened: dict[str, Any]) -> LookedUp:
    receipt = Receipt(
        source=row.source,
        verdict="found_match",
        on=row.day,
        subject=subject,
        materials=tuple(json.loads(row.materials)),
        claims=tuple(json.loads(row.claims)),
    )
    return LookedUp(
        source=row.source,
        subject=subject,
        receipts=(receipt,),
        refs=(row.id,),
        facts=opened["facts"],
        licences=tuple(Licence.model_validate_json(json.dumps(o)) for o in opened["licences"]),
        shown=tuple((label, value) for label, value in opened["shown"]),
        reused=True,
    )


def _holdings(
    connection: Connection, tokens: Iterable[bytes], number: str, today: date
) -> Iterator[Holding]:
    query, values = _of_tokens(_holdings_of, tokens)
    return _held(query(connection, number=number, **values), today)


def _held(rows: Iterable[Row], today: date) -> Iterator[Holding]:
    for one in map(_HELD.of, rows):
        if one.until is None or today < one.until:
            yield one


def _receipts(
    connection: Connection, tokens: Iterable[bytes], number: str
) -> Iterator[StoredReceipt]:
    query, values = _of_tokens(_receipts_of, tokens)
    return map(_STORED.of, query(connection, number=number, **values))


def _false_promise(connection: Connection, token: bytes) -> bool:
    return _is_false(_NOTED(connection, token=token))


def _is_false(noted: list[Row]) -> bool:
    return bool(noted) and noted[0][0] == "false_commitment"


def _of_tokens(
    query_of: Callable[[int], Query], tokens: Iterable[bytes]
) -> tuple[Query, dict[str, bytes]]:
    """Return the query about so many persons, and its values."""
    values = {f"token{at}": one for at, one in enumerate(tokens)}
    return query_of(len(values)), values


def _tokens(column: Any, count: int) -> Any:
    return column.in_([bindparam(f"token{at}", None) for at in range(count)])


@cache
def _holdings_of(count: int) -> Query:
    return Query(
        select(Holding.__table__)  # type: ignore[attr-defined] # SQLModel hides its table
        .where(_tokens(col(Holding.token), count), col(Holding.void).is_(False))
        .where(col(Holding.number) != _NUMBER)
        .order_by(col(Holding.day), col(Holding.id))
    )


@cache
def _receipts_of(count: int) -> Query:
    return Query(
        select(StoredReceipt.__table__)  # type: ignore[attr-defined] # as above
        .where(_tokens(col(StoredReceipt.token), count), col(StoredReceipt.number) != _NUMBER)
        .where(col(StoredReceipt.verdict).in_(("found_match", "found_conflict", "not_found")))
        .order_by(col(StoredReceipt.asked_at).desc())
    )


def _history(
    holdings: Iterable[Holding], tokens: dict[bytes, str], file: CaseFile
) -> Iterator[History]:
    for one in holdings:
        if not _same_project(one, file):
            yield History.model_validate(
                {
                    "material": one.material,
                    "on": one.day,
                    "until": one.until,
                    "trust": one.trust,
                    "subject": tokens[one.token],
                }
            )


def _collected(
    holdings: Iterable[Holding], tokens: dict[bytes, str], file: CaseFile
) -> Iterator[Collected]:
    for one in holdings:
        if _same_project(one, file) and one.step:
            yield Collected(
                material=one.material,
                on=one.day,
                until=one.until,
                step=one.step,
                subject=tokens[one.token],
            )


def _licences(
    holdings: Iterable[Holding], tokens: dict[bytes, str], pack: Pack
) -> Iterator[Licence]:
    items = pack.catalogue.items
    for one in holdings:
        if one.how == ISSUED:
            yield Licence(
                material=one.material,
                holder=tokens[one.token],
                trust="A",
                status="valid",
                issuer=items[one.item].organ if one.item in items else None,
                since=one.day,
                until=one.until,
            )


def _same_project(one: Holding, file: CaseFile) -> bool:
    return bool(file.opened.project) and one.project == file.opened.project
