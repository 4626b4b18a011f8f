"""No personal data leaks: a thousand made-up persons go through; none is found in the clear."""

import base64
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import quote, urlencode

import orjson
from stdnum.cn import ric

from tests.faults.installation import Installation, Running
from tests.product import Json
from tests.small_pack import LEGAL, sound_case

PERSONS = 1_000
PREFIX = "99000019000101"
"""Fourteen digits that each of the numbers begins with; no place has the code 990000."""

NAME = "卡纳里虚构"
FORM = {"content-type": "application/x-www-form-urlencoded", "accept": "text/html"}


def identity(number: int) -> str:
    """Return an obviously fictitious identity number with its check character."""
    digits = f"{PREFIX}{number:03d}"
    return digits + str(ric.calc_check_digit(f"{digits}0"))


def spellings() -> dict[str, bytes]:
    """Return all that must be found nowhere: number and name as programs write them."""
    found: dict[str, bytes] = {}
    for what, text in (("number", PREFIX), ("name", NAME)):
        escaped = text.encode("ascii", "backslashreplace")
        found |= {
            f"{what} in UTF-8": text.encode(),
            f"{what} in UTF-16": text.encode("utf-16-le"),
            f"{what} as an escape": escaped,
            f"{what} in capitals": escaped.replace(b"\\u", b"\\U").upper(),
            f"{what} in an address": quote(text).encode(),
            f"{what} in hexadecimal": text.encode().hex().encode(),
        }
        for shift in range(3):
            # Base64 of what begins at any byte, without the ends that its neighbours change.
            encoded = base64.b64encode(b"\0" * shift + text.encode())
            found[f"{what} in base64, {shift}"] = encoded[4:-4]
    return found


SPELLINGS = spellings()


def found_in(body: bytes) -> list[str]:
    return [name for name, wanted in SPELLINGS.items() if wanted in body]


def found_below(folder: Path) -> list[str]:
    """Return in which files somebody is found, and how."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return [f"{path.name}: {name}" for path in files for name in found_in(path.read_bytes())]


def case_of(number: int) -> Json:
    case = sound_case()
    case["applicant"]["id"] = case["licences"][0]["holder"] = identity(number)
    for row in (*case["receipts"], *case["history"]):
        row["subject"] = identity(number)
    case["facts"]["remark"] = f"{NAME}{number}, 电话 1990000{number:04d}"
    return case


def bad_bodies() -> Iterator[bytes]:
    """Yield cases that must be refused, each with a person in another place of the fault."""
    changes: tuple[Json, ...] = (
        {"items": [identity(1)]},
        {"law_day": identity(2)},
        {identity(3): NAME},
        {"facts": {NAME: identity(4)}},
        {"facts": {"premises": NAME}},
        {"facts": {"staff": identity(5)}},
        {"lacks": [f"{NAME}:{identity(6)}"]},
        {"parties": [{"role": NAME, "kind": "natural", "id": identity(7)}]},
        {"applicant": {"kind": "natural", "id": identity(8)[:-1] + "!"}},
    )
    for number, change in enumerate(changes):
        yield orjson.dumps(case_of(number) | change)
    yield orjson.dumps(case_of(20))[:-1]
    yield identity(21).encode()
    yield b'{"facts": {"remark": "' + NAME.encode() + b'\xff"}}'


def form_of(number: int) -> Iterator[tuple[str, str]]:
    """Yield the fields of the desk's form for a person."""
    yield from (("item", "setup"), ("kind", "natural"), ("number", identity(number)))
    yield from (("fact", "premises=rented"), ("typed.remark", f"{NAME}{number}"))
    yield from (("role.1", "spouse"), ("kind.1", "natural"), ("number.1", identity(number + 1)))
    yield from (("token", f"page-{number}"), ("lang", "zh"))


def posted(running: Running, number: int, body: bytes) -> int:
    """Return the status of the answer to a case; its reply is kept under a key."""
    headers = {"content-type": "application/json", "idempotency-key": f"case-{number}"}
    return running.ask("POST", "/api/v1/decisions", body, headers)[0].status


def everything_asked(running: Running) -> Iterator[str]:
    """Send a thousand persons through every door; yield what addresses and errors said."""
    with ThreadPoolExecutor(8) as clients:
        bodies = [orjson.dumps(case_of(number)) for number in range(PERSONS)]
        statuses = [*clients.map(lambda one: posted(running, *one), enumerate(bodies))]
    assert statuses == [201] * PERSONS
    for body in bad_bodies():
        status, _ = running.post(body)
        assert status in (400, 422), body
    wrong = case_of(50)
    wrong["applicant"]["id"] = identity(50)[:-1] + ("1" if identity(50)[-1] == "0" else "0")
    status, told = running.post(wrong)
    assert status == 422
    yield told.decode()
    for number in range(0, 60, 3):
        for path in ("/desk", "/desk/list", "/desk/decisions"):
            fields = urlencode(list(form_of(number))).encode()
            answer, body = running.ask("POST", path, fields, FORM)
            assert answer.status in (200, 303), (path, answer.status)
            yield str(answer.headers)
            if answer.status == 303:
                kept, body = running.ask("GET", str(answer.headers["location"]), None, FORM)
                assert kept.status == 200
                # The page of a decision shows the answers; of the numbers only their ends.
                yield str(kept.headers) + body.decode().replace(NAME, "")
    for path in ("/desk/decisions/none", "/none", "/api/v1/decisions/none"):
        answer, body = running.ask("GET", path, None, FORM)
        assert answer.status == 404
        yield str(answer.headers) + body.decode()
    for path in ("/none", "/api/v1/none", "/static/none"):
        answer, body = running.ask("POST", path, orjson.dumps(case_of(1)), FORM)
        assert answer.status in (404, 405)
        yield str(answer.headers) + body.decode()


def used(office: Installation) -> Iterator[str]:
    """Serve a thousand persons; the database then breaks in the middle of a decision."""
    with office.served() as running:
        yield from everything_asked(running)
        assert not found_below(office.folder)
        process = running.process.pid
        limit = ["prlimit", f"--pid={process}", "--fsize=4096"]
        subprocess.run(limit, check=True)  # noqa: S603 (Debian's, on our own server)
        status, body = running.post(case_of(1))
        assert status == 503
        yield body.decode()
        page, text = running.ask(
            "POST", "/desk/decisions", urlencode(list(form_of(99))).encode(), FORM
        )
        assert page.status == 503
        yield text.decode()


def test_a_thousand_persons_leave_no_trace_in_the_clear(tmp_path: Path) -> None:
    office = Installation(tmp_path / "office").begun()
    told = list(used(office))
    backup, keys = office.folder / "backup", office.folder / "backup-keys"
    done = [
        office.run("replay", "--all"),
        office.run("export", office.folder / "export"),
        office.run("backup", backup, "--keys", keys),
        office.run("audit"),
    ]

    # Nobody witnesses this record, so an audit finds one thing wrong, and says so.
    assert [one.returncode for one in done] == [0, 0, 0, 1], done
    assert [name for text in told for name in found_in(text.encode())] == []
    assert [name for one in done for name in found_in((one.stdout + one.stderr).encode())] == []
    assert found_below(office.folder) == []


def test_the_search_would_find_them_if_they_were_there(tmp_path: Path) -> None:
    (kept,) = Installation(tmp_path).begun().decided([case_of(1)])

    assert {"number in UTF-8", "name in UTF-8"} <= set(found_in(kept.case))
    assert any("base64" in name for name in found_in(base64.b64encode(kept.case)))
    assert "number in hexadecimal" in found_in(kept.case.hex().encode())
    assert "name as an escape" in found_in(ascii(kept.case.decode()).encode())
    assert LEGAL.encode() in kept.case
