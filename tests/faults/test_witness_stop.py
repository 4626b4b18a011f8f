"""The configured stop for real: a server, a witness that dies, and a clock that goes on."""

import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import orjson
import pytest

from tests.faults.installation import PATIENCE, PROGRAM, Installation, Running
from tests.small_pack import sound_case

HOURS = 4


@dataclass(frozen=True)
class Clock:
    """The clock of all processes below it: a file says how far it is ahead."""

    path: Path

    def ahead(self, hours: int) -> None:
        """Put the clock so many hours ahead of this machine's."""
        self.path.write_text(f"+{hours}h\n", encoding="ascii")

    @property
    def environment(self) -> dict[str, str]:
        """What puts a process under this clock; it is read again each second."""
        program = shutil.which("faketime")
        assert program, "faketime is not installed: apt-get install faketime"
        asked = [program, "-f", "+0", "printenv", "LD_PRELOAD"]
        library = subprocess.check_output(asked, text=True)  # noqa: S603 (see above)
        return {
            "LD_PRELOAD": library.strip(),
            "FAKETIME_TIMESTAMP_FILE": str(self.path),
            "FAKETIME_CACHE_DURATION": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "DONT_FAKE_MONOTONIC": "1",
        }


@contextmanager
def witness(office: Installation, running: Running) -> Iterator[None]:
    """Run the witness of an office as a process of its own."""
    key = orjson.loads(running.ask("GET", "/api/v1/log/keys")[1])[0]["key"]
    options = ["--log", f"http://127.0.0.1:{running.port}", "--key", key, "--every", "1"]
    folder = ["--folder", str(office.folder / "witness"), "--port", "0"]
    service = subprocess.Popen(  # noqa: S603 (our own program)
        [PROGRAM, "witness", *options, *folder],
        env=office.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert service.stdout is not None
    try:
        said = service.stdout.readline().decode()
        (office.keys / "witnesses").write_text(said.removeprefix("witness "), "utf-8")
        yield
    finally:
        service.terminate()
        service.wait(PATIENCE)
        service.stdout.close()


def until(holds: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end, what
        time.sleep(0.2)


def overview(running: Running) -> str:
    _, body = running.ask("GET", "/audit?lang=en", headers={"accept": "text/html"})
    return body.decode()


def kept_at_the_desk(running: Running, lang: str) -> tuple[int, str]:
    """Return status and page of the answer to a list that a clerk keeps."""
    form = {"item": "setup", "typed.premises": "rented", "token": lang}
    kind = {"content-type": "application/x-www-form-urlencoded", "accept": "text/html"}
    path = f"/desk/decisions?lang={lang}"
    answer, page = running.ask("POST", path, urlencode(form).encode(), kind)
    return answer.status, page.decode()


@pytest.fixture
def clock(tmp_path: Path) -> Clock:
    clock = Clock(tmp_path / "clock")
    clock.ahead(0)
    return clock


@pytest.fixture
def office(tmp_path: Path, clock: Clock) -> Installation:
    """Return an installation that stops without the witness whose key it trusts."""
    office = Installation(tmp_path / "office", extra=clock.environment).begun()
    with office.served() as running, witness(office, running):
        pass
    office.extra = {**office.extra, "JIANZHENG_WITNESS_STOP": str(HOURS)}
    return office


def test_without_its_witness_the_service_stands_still_and_it_goes_on_by_itself(
    office: Installation, clock: Clock
) -> None:
    with office.served() as running:
        with witness(office, running):
            until(lambda: "<dd><b>never</b>" not in overview(running), "no witness signs")
            assert running.post(sound_case())[0] == 201
        time.sleep(2)  # all that was promised has its place before the clock leaps
        clock.ahead(HOURS + 1)
        time.sleep(2)
        status, refused = running.post(sound_case())
        pages = [kept_at_the_desk(running, lang) for lang in ("zh", "en")]
        stopped = overview(running)
        exported = office.run("export", office.folder / "out")
        audited = office.run("audit")
        with witness(office, running):
            until(lambda: running.post(sound_case())[0] == 201, "the service does not go on")
            after = overview(running)
            again, _ = kept_at_the_desk(running, "en")

    told = orjson.loads(refused)
    assert (status, told["status"], told["title"]) == (503, 503, "Service Unavailable")
    assert "no witness has signed since 20" in told["detail"]
    assert "start `jianzheng witness`" in told["detail"]
    assert [code for code, _ in pages] == [503, 503]
    assert "见证人自 20" in pages[0][1]
    assert "Work goes on by itself once the witness has signed" in pages[1][1]
    assert again == 303
    assert "the office stands still" in stopped
    assert "the office stands still" not in after
    assert exported.returncode == 0, exported.stderr
    assert "wrong: the office stands still" in audited.stdout
    assert office.verdict().code == 0
