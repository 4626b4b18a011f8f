"""No personal data of cases leak: made-up persons are looked up, noticed and handed over."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from urllib.parse import quote

import orjson

from api.sandbox.fault import Fault
from api.sandbox.population import Population
from api.sandbox.resident import Person
from tests.effort import THOROUGH
from tests.faults.desks import CASES, Desked, company_of, desked, registers
from tests.faults.installation import Running
from tests.faults.test_record_privacy import NAME, PREFIX, found_below, found_in, identity
from tests.product import Json

IN_EACH = 3
CASES_OPENED = 100 if THOROUGH else 24
"""Three persons in each: three hundred when it is thorough."""

FAULTS = tuple(Fault)
PHONE = "1990000"
WRONG = f"{PREFIX}0000"
"""No number: its check character is another."""

REFUSALS = (
    ("/api/v1/persons/search", {"id": identity(1), "name": NAME}),
    (CASES, {"applicant": {"kind": "natural", "id": WRONG, "name": NAME}}),
    (CASES, {"applicant": f"{NAME} {identity(1)}", "items": ["b.company_setup"]}),
    (CASES, {"applicant": {"kind": NAME, "id": identity(2), "name": NAME * 100}}),
    (f"{CASES}/NONE/note", {"text": f"{NAME} {identity(3)}"}),
)


@dataclass
class Told:
    """All that was said to somebody who may not know: addresses, headers, errors, refusals."""

    said: list[bytes] = field(default_factory=list)


def resident(number: int) -> Person:
    """Return a canary as the registers know it."""
    return Person(
        number=identity(number),
        name=f"{NAME}{number}",
        born=date(1900, 1, 1),
        woman=number % 2 == 0,
        household=identity(number),
        address=f"{NAME}路{number}号",
        traits=("tenant", "resident"),
    )


def with_canaries() -> Population:
    """Return a population in which two of three canaries live; of the third nobody knows."""
    people = Population()
    known = [resident(number) for number in range(IN_EACH * CASES_OPENED) if number % IN_EACH]
    vars(people)["residents"] = {**people.residents, **{one.number: one for one in known}}
    return people


def person(number: int) -> Json:
    return {"kind": "natural", "id": identity(number), "name": f"{NAME}{number}"}


def opening(turn: int) -> Json:
    """Return the opening of the case of three canaries."""
    first, *others = (person(IN_EACH * turn + place) for place in range(IN_EACH))
    body = company_of(first, others[0])
    body["applicant"] = {**first, "phone": f"{PHONE}{turn:04d}"}
    body["parties"].append({"role": "officer", **others[1]})
    return body


def worked(desk: Desked, running: Running, turn: int, told: Told) -> None:
    """Work a case from its opening to a hand-over; keep what strangers could have read."""
    status, made, text = desk.ask(running, "POST", CASES, opening(turn))
    assert status == 201, text
    at = f"{CASES}/{made['number']}"
    assert desk.ask(running, "POST", f"{at}/lookups", {"wait": 3})[0] == 200
    acts: dict[str, Json] = {
        "note": {"text": f"{NAME}{turn} 来电 {PHONE}{turn:04d}，证号 {identity(turn)}"},
        "contested": {"paper": "lease", "statement": f"{NAME}{turn}不住那里"},
        "received": {
            "paper": "charter", "how": "copy", "reference": f"{NAME}-{turn}",
            "number": identity(turn),
        },
        "answers": {"facts": {"company_form": identity(turn), "premises": NAME}},
        "committed": {"paper": "charter", "signature": f"{NAME} {identity(turn)}"},
        "promised": {"paper": "charter", "due": identity(turn)},
        "hand-over": {"organ": "dg-amr", "office": "二号窗口", "handler": "", "why": NAME},
    }  # fmt: skip
    for act, body in acts.items():
        status, _, text = desk.ask(running, "POST", f"{at}/{act}", body)
        assert status < 500, text
        if status != 200:
            told.said.append(text)
    number = made["number"]
    for path in (f"/cases/{number}/notices", f"/cases/{number}/commitments/lease"):
        status, page = desk.page(running, "POST", path, f"signature={quote(NAME)}".encode())
        assert status < 500, page
        if status == 303:
            told.said.append(page)
    assert desk.ask(running, "POST", "/api/v1/persons/search", {"id": identity(turn)})[0] < 500


def refused(desk: Desked, running: Running) -> Iterator[bytes]:
    """Yield what is answered to whoever is refused, of all that they said."""
    for path, body in REFUSALS:
        status, _, text = desk.ask(running, "POST", path, body)
        assert 400 <= status < 500, text
        yield text
    for path in ("/cases/NONE", "/notices/NONE", "/people/00"):
        status, page = desk.page(running, "GET", path)
        assert status < 500
        yield page
    for path in (CASES, "/api/v1/persons/search", "/cases/new"):
        answer, text = running.ask("POST", path, orjson.dumps(opening(0)))
        assert answer.status in (401, 403, 404, 405, 415, 303), (path, answer.status)
        yield str(answer.headers).encode() + text


def test_persons_of_cases_leave_no_trace_in_the_clear(tmp_path: Path) -> None:
    told = Told()
    with registers(tmp_path / "sandbox", with_canaries()) as sandbox:
        desk = desked(tmp_path / "office", sandbox.hubs)
        office = desk.office
        with office.served() as running:
            for turn in range(CASES_OPENED):
                fault = FAULTS[turn % len(FAULTS)]
                sandbox.exchange.faults.put("all", "none")
                sandbox.exchange.faults.put(("all", "population")[turn % 2], fault)
                worked(desk, running, turn, told)
            told.said += refused(desk, running)
            assert found_below(office.folder) == [], "while it is served: the WAL"
            running.kill()
        sandbox.exchange.faults.put("all", "none")
        lines = "\n".join(sandbox.lines)
    assert len(sandbox.lines) > CASES_OPENED
    done = [
        office.run("replay", "--all"),
        office.run("export", office.folder / "export"),
        office.run("backup", office.folder / "backup", "--keys", office.folder / "backup-keys"),
        office.run("audit"),
    ]

    assert [one.returncode for one in done[:3]] == [0, 0, 0], done
    assert office.said, "the server said where it listens"
    assert found_in(lines.encode()) == [], "addresses and headers at the registers"
    assert [name for text in told.said for name in found_in(text)] == []
    assert [name for one in done for name in found_in((one.stdout + one.stderr).encode())] == []
    assert found_below(office.folder) == []


def test_the_canaries_are_looked_up_and_found(tmp_path: Path) -> None:
    """Else there was nothing to leak: names come back from registers, and stand on the page."""
    with registers(tmp_path / "sandbox", with_canaries()) as sandbox:
        desk = desked(tmp_path / "office", sandbox.hubs)
        with desk.office.served() as running:
            _, made, _ = desk.ask(running, "POST", CASES, opening(0))
            at = f"{CASES}/{made['number']}"
            _, case, _ = desk.ask(running, "POST", f"{at}/lookups", {"wait": 5})
            _, _, story = desk.ask(running, "GET", f"{at}/events?full=true")
    verdicts = {one["verdict"] for look in case["looked_up"] for one in look["findings"]}

    assert {"found_match", "not_found"} <= verdicts
    assert {"number in UTF-8", "name in UTF-8"} <= {*found_in(story)}
