"""Cases over REST on a real server: a small pack with every offer, clerks of two organs."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

import httpx2

from api.accounts.book import AccountBook, Draft
from api.accounts.permission import Role
from api.opening import open_store
from api.settings import Settings
from api.store import Store
from rules.pack import Reader, read_files
from tests.product import Json
from tests.reception import BY, PASSWORD, Staffed, served
from tests.small_pack import LEGAL, NATURAL, sound_pack, write

_LONG_AGO: Final = date(2000, 1, 1)
CASES: Final = "/api/v1/cases"
CLERKS: Final = {
    "own": (Role.CLERK, "office", "一号窗口"),
    "colleague": (Role.CLERK, "office", "二号窗口"),
    "guest": (Role.CLERK, "bureau", "一号窗口"),
    "stranger": (Role.CLERK, "bureau", "三号窗口"),
    "everywhere": (Role.CLERK, "", "总台"),
    "legal": (Role.LEGAL, "office", "一号窗口"),
    "auditor": (Role.AUDITOR, "", "监督科"),
    "admin": (Role.ADMIN, "", "信息科"),
}
"""Login: role, organ, office."""


def pack() -> Json:
    """Return the small pack with commitments, promises and a second organ."""
    made = sound_pack()
    made["organs"].append({"id": "bureau", "name": "他局", "system": "line"})
    cut = {"basis": ["law 第五条"], "select": {"materials": ["lease"]}, "since": "2010-01-01"}
    made["reductions"] += [
        {"id": "cut/commitment", "ground": "commitment", **cut},
        {"id": "cut/tolerance", "ground": "tolerance", **cut},
    ]
    made["cases"] = []
    return made


def opened_store(folder: Path) -> Store:
    """Return the store of a new office where the pack is in force and clerks have accounts."""
    files = read_files(write(pack(), folder / "pack"))
    store = open_store(Settings.of(f"sqlite:///{folder / 'record.db'}"))
    store.release(Reader(files).pack(), files, _LONG_AGO)
    book = AccountBook(store)
    for login, (role, organ, office) in CLERKS.items():
        book.new(Draft(login, f"{login} 示例", role, organ, office, ""), PASSWORD, BY)
    return store


@dataclass(frozen=True)
class Clerk:
    """Somebody with a program: posts acts, reads answers."""

    client: httpx2.Client

    def open(self, **keys: Any) -> Json:
        """Open a case, by default for a tenant without spouse; return its list."""
        answer = self.client.post(CASES, json=opening(**keys))
        assert answer.status_code == 201, answer.text
        made: Json = answer.json()
        return made

    def ask(self, number: str, act: str, **body: Any) -> httpx2.Response:
        """Ask for an act and return whatever is answered."""
        return self.client.post(f"{CASES}/{number}/{act}", json=body)

    def act(self, number: str, act: str, **body: Any) -> Json:
        """Carry an act out and return the list after it."""
        answer = self.ask(number, act, **body)
        assert answer.status_code == 200, answer.text
        made: Json = answer.json()
        return made

    def see(self, number: str, **query: Any) -> Json:
        """Return a case."""
        answer = self.client.get(f"{CASES}/{number}", params=query)
        assert answer.status_code == 200, answer.text
        made: Json = answer.json()
        return made


def opening(**keys: Any) -> Json:
    """Return the body of an opening, with some keys changed."""
    applicant = {"kind": "natural", "id": NATURAL, "name": "甄示例", "phone": "0769-2"}
    spouse = {"role": "spouse", "kind": "legal", "id": LEGAL, "name": "示例公司"}
    body = {"items": ["setup"], "applicant": applicant, "parties": [spouse]}
    return {**body, "facts": {"premises": "rented"}, **keys}


@contextmanager
def at_work(folder: Path) -> Iterator[tuple[Staffed, dict[str, Clerk]]]:
    """Serve the office; give it with everybody's program."""
    with served(opened_store(folder)) as office:
        everybody = {login: Clerk(office.program(login)) for login in CLERKS}
        yield office, everybody
        for one in everybody.values():
            one.client.close()
