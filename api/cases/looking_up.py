"""Looking up: what the list still depends on is asked of the registries, all at once.

Asked is what the decision lists as look-ups, no more (data minimisation). Each answer becomes
an event as it arrives, so the list shrinks before the clerk's eyes; raw answers are locked
away under the key of the case.
"""

import json
import secrets
import time
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator
from collections.abc import Set as AbstractSet
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from threading import Condition, Lock
from typing import Any, Final, Protocol

import structlog
from sqlalchemy import Connection, insert

from api.accounts.permission import Who
from api.cases.event import LookedUp
from api.cases.evidence import RECEIPT
from api.cases.file import ENDED
from api.cases.fitting import case_of
from api.cases.permitted import items_of
from api.cases.store import CaseChangedError, Work
from api.cases.table import StoredReceipt
from api.cases.working import Act, Desk, Worked
from audit.store import SqlStore
from evaluator.case import Licence, Receipt
from knowledge.canonical import canonical
from knowledge.lookup.order import Answer, Finding, Order, Purpose
from knowledge.person import Person
from knowledge.source import Source

MOST_CASES: Final = 64
"""Cases whose registries are being asked at once; more wait their turn."""

MOST_ROUNDS: Final = 3
"""How often answers may lead to more look-ups without anybody asking."""

WITHIN: Final = 2.7
"""Seconds within which everything is asked: a clerk has the list in three, whatever fails."""

LEAST_ROUND: Final = 1.0
"""Seconds that a round must have left: a registry may take them to answer."""

MOST_TRIES: Final = 8
"""How often an answer is put to a case that another process works on at that moment."""

Wanted = tuple[str, str, str]
"""Something that was asked: source, identity number, material or claim."""

_log = structlog.get_logger()


class Registries(Protocol):
    """Whoever asks registries (`knowledge.lookup`)."""

    def ask_all(
        self,
        orders: Iterable[Order],
        arrived: Callable[[Answer], None] | None = None,
        *,
        within: float | None = None,
    ) -> list[Answer]:
        """Ask all at once, within some seconds, and say each answer as it arrives."""

    def connected(self, source: Source) -> bool:
        """Return whether a source can be asked."""

    def close(self) -> None:
        """End the asking."""


@dataclass
class Running:
    """The look-ups of a case on their way: (source, identity number), and since when."""

    pending: set[tuple[str, str]]
    since: datetime = field(default_factory=lambda: datetime.now(UTC))


class LookingUp:
    """Asks registries for cases, in the background."""

    def __init__(
        self, desk: Desk, registries: Registries | None, *, within: float = WITHIN
    ) -> None:
        self._desk, self._registries, self._within = desk, registries, within
        self._pool = ThreadPoolExecutor(MOST_CASES, thread_name_prefix="look-up")
        self._running: dict[str, Running] = {}
        self._moved = Condition(Lock())

    @property
    def connected(self) -> bool:
        """Whether there are registries to be asked at all."""
        return self._registries is not None

    def close(self) -> None:
        """Let what is on its way arrive, and ask no more."""
        self._pool.shutdown(wait=True, cancel_futures=True)
        if self._registries is not None:
            self._registries.close()

    def reaches(self, source: Source) -> bool:
        """Return whether a registry is connected."""
        return self._registries is not None and self._registries.connected(source)

    def pending(self, number: str) -> frozenset[tuple[str, str]]:
        """Return the look-ups of a case that are on their way."""
        with self._moved:
            running = self._running.get(number)
            return frozenset(running.pending) if running else frozenset()

    def under_way(self, number: str) -> bool:
        """Return whether more is to come: also between two rounds, when nothing is pending."""
        with self._moved:
            return number in self._running

    def start(self, worked: Worked, who: Who, *, again: bool = False) -> bool:
        """Begin to ask what a case lists; return whether there is anything to wait for.

        `again` asks once more what registries could not answer.
        """
        if self._registries is None or worked.stale or worked.file.status in ENDED:
            return False
        orders = list(self.orders(worked, who, again=again))
        with self._moved:
            if worked.number in self._running:
                return True
            if not orders:
                return False
            about = {(one.source.id, one.subject) for one in orders}
            self._running[worked.number] = Running(about)
        try:
            self._pool.submit(self._ask, worked.number, orders, who)
        except RuntimeError:  # the service is closing
            self._done(worked.number)
            return False
        return True

    def wait(self, number: str, seconds: float) -> bool:
        """Wait until everything of a case has arrived; return whether it has."""
        with self._moved:
            return self._moved.wait_for(lambda: number not in self._running, seconds)

    def moved(self, number: str, version: int, seconds: float) -> None:
        """Wait until a case has moved on from a version, or nothing more will arrive."""
        with self._moved:
            self._moved.wait_for(
                lambda: (
                    number not in self._running
                    or self._desk.cases.head(number).version > version
                ),
                seconds,
            )

    def orders(
        self,
        worked: Worked,
        who: Who,
        *,
        again: bool = False,
        but: AbstractSet[Wanted] = frozenset(),
    ) -> Iterator[Order]:
        """Yield the orders for what a decision lists, `but` for some; each says what for."""
        decision, file = worked.decision, worked.file
        if again:
            decider = worked.answerer.decider
            case = case_of(decider, file.without_outages(), worked.today)
            decision = decider.decide(case)
        sources = worked.pack.catalogue.sources
        facts = worked.pack.catalogue.facts
        open_facts = tuple(facts[key] for key in decision["questions"] if key in facts)
        asked = but | {
            (look.source, look.subject, wanted)
            for look in file.lookups
            if look.asked_on == worked.today
            for one in look.receipts
            for wanted in (*one.materials, *one.claims)
            if one.verdict != "unavailable"
        }
        for row in decision["lookups"]:
            source = sources[row["source"]]
            about = row["source"], row["subject"]
            materials = tuple(one for one in row["materials"] if (*about, one) not in asked)
            claims = tuple(one for one in row["claims"] if (*about, one) not in asked)
            if not self.reaches(source) or not (materials or claims):
                continue
            yield Order(
                source=source,
                subject=row["subject"],
                name=file.persons.get(row["subject"], ""),
                kind=_kind(worked, row["subject"]),
                materials=materials,
                claims=claims,
                purpose=self._purpose(worked, source, who),
                facts=open_facts if row["subject"] == file.applicant.id else (),
            )

    def _purpose(self, worked: Worked, source: Source, who: Who) -> Purpose:
        items = items_of(worked.file, worked.pack)
        item = next((one for one in items if source.usable_for(one)), items[0])
        basis = "、".join(map(str, source.basis)) or "、".join(_sharing_basis(worked))
        return Purpose(item, basis, who.login, who.office, worked.number)

    def _ask(self, number: str, orders: list[Order], who: Who) -> None:
        """Ask, and ask what the answers themselves bring up, a few times at most.

        What gave an answer, or none, is not asked again: only somebody can want that.
        """
        until = time.monotonic() + self._within
        heard: set[Wanted] = set()
        try:
            for _ in range(MOST_ROUNDS):
                left = until - time.monotonic()
                if self._registries is None or not orders or left < LEAST_ROUND:
                    break
                self._registries.ask_all(
                    orders, lambda one: self._arrived(number, one, who, heard), within=left
                )
                seen = self._desk.see(number, replace(who, organ=""))
                orders = list(self.orders(seen, who, but=heard))
                with self._moved:
                    about = {(one.source.id, one.subject) for one in orders}
                    self._running[number] = Running(about)
        except Exception as error:  # noqa: BLE001 (a thread of its own: nobody else hears it)
            _log.error("look-ups failed", reason=type(error).__name__)
        finally:
            self._done(number)

    def _arrived(self, number: str, answer: Answer, who: Who, heard: set[Wanted]) -> None:
        order = answer.order
        try:
            self._keep(number, answer, who)
            heard |= {(order.source.id, order.subject, one) for one in order.wanted}
        except Exception as error:  # noqa: BLE001 (one answer lost is asked for again)
            _log.error("an answer was not kept", reason=type(error).__name__)
        with self._moved:
            running = self._running.get(number)
            if running:
                running.pending.discard((order.source.id, order.subject))
            self._moved.notify_all()

    def _keep(self, number: str, answer: Answer, who: Who) -> None:
        """Let an answer enter its case, after whatever another process does there just now.

        The case may have been handed over since: the answer goes along with it.
        """
        carrier = replace(who, organ="")
        for left in reversed(range(MOST_TRIES)):
            try:
                self._desk.act(number, carrier, self.act_of(number, answer, who))
            except CaseChangedError:
                if not left:
                    raise
            else:
                return

    def act_of(self, number: str, answer: Answer, who: Who) -> Act:
        """Return the act by which an answer enters its case, with its stored receipts."""
        order = answer.order
        receipts = tuple(
            Receipt(
                source=order.source.id,
                verdict=one.verdict,
                on=one.on,
                subject=order.subject,
                materials=one.materials,
                claims=one.claims,
            )
            for one in answer.findings
        )
        refs = tuple(secrets.token_hex(10) for _ in receipts)
        event = LookedUp(
            source=order.source.id,
            subject=order.subject,
            receipts=receipts,
            refs=refs,
            reasons=tuple(one.reason for one in answer.findings),
            facts=answer.facts,
            licences=tuple(_licence(one) for one in answer.licences),
            shown=answer.shown,
            milliseconds=answer.milliseconds,
            asked_on=self._desk.today,
        )
        works = tuple(
            self._keeping(number, (ref, one), answer, who)
            for ref, one in zip(refs, answer.findings, strict=True)
        )
        return Act((event,), works=works, why="look-up")

    def _keeping(
        self, number: str, receipt: tuple[str, Finding], answer: Answer, who: Who
    ) -> Work:
        """Return the work that keeps a receipt; its raw answer is locked away."""
        (ref, finding), order, cases = receipt, answer.order, self._desk.cases
        plain = canonical(
            {
                "request": answer.request_digest,
                "sent": b64encode(answer.request).decode(),
                "raw": b64encode(answer.raw).decode(),
                "facts": answer.facts,
                "licences": list(answer.licences),
                "shown": [list(one) for one in answer.shown],
                "about": {  # the row beside it stands in the clear: an auditor compares
                    "asked_at": answer.asked_at.astimezone(UTC).isoformat(),
                    "attempts": answer.attempts,
                    "item": order.purpose.item,
                    "purpose": order.purpose.basis,
                    "operator": who.login,
                    "office": who.office,
                },
            }
        )
        _, bodies = cases.lock_part(number, f"{RECEIPT}-{ref}", plain)
        row = StoredReceipt(
            id=ref,
            number=number,
            token=cases.token(order.subject),
            source=order.source.id,
            verdict=finding.verdict,
            reason=finding.reason,
            materials=json.dumps(finding.materials),
            claims=json.dumps(finding.claims),
            day=finding.on,
            asked_at=answer.asked_at,
            milliseconds=answer.milliseconds,
            attempts=answer.attempts,
            item=order.purpose.item,
            purpose=order.purpose.basis,
            operator=who.login,
            office=who.office,
            digest=answer.digest,
            box=next(iter(bodies)),
        )

        def work(connection: Connection) -> None:
            SqlStore(connection).put(bodies)
            connection.execute(insert(StoredReceipt), row.model_dump())

        return work

    def _done(self, number: str) -> None:
        with self._moved:
            self._running.pop(number, None)
            self._moved.notify_all()


def _kind(worked: Worked, identity: str) -> Any:
    persons: list[Person] = [worked.file.applicant, *worked.file.parties]
    return next((one.kind for one in persons if one.id == identity), "natural")


def _licence(raw: dict[str, Any]) -> Licence:
    return Licence.model_validate_json(json.dumps(raw, default=str))


def _sharing_basis(worked: Worked) -> list[str]:
    """Return the basis of the rules that let this case be settled by sharing."""
    rules = worked.pack.rules.reductions.values()
    found = (rule for rule in rules if rule.ground.value == "data_sharing")
    return [str(citation) for rule in found for citation in rule.basis][:1]
