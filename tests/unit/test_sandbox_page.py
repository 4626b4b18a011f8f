"""The sandbox's page, its faults by form and REST, and its command."""

import re
import signal
import stat
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
from typer.testing import CliRunner

from api.bundled import load_pack
from api.cli import app
from api.hubs import read_hubs
from api.sandbox.cast import CAST, member
from api.sandbox.exchange import APP_ID
from api.sandbox.fault import Fault
from api.sandbox.serving import secret_beside, write_hubs
from tests.console import ROOT
from tests.sandboxed import Sandbox, sandboxed
from tests.serving import PROGRAM


@pytest.fixture(scope="module")
def served() -> Iterator[Sandbox]:
    with sandboxed() as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(served: Sandbox) -> Iterator[Sandbox]:
    yield served
    served.exchange.faults.put("all", "none")


def fault(sandbox: Sandbox, source: str) -> str:
    return str(httpx2.get(f"{sandbox.address}/faults").json()[source])


def page(sandbox: Sandbox, **words: Any) -> str:
    answer = httpx2.get(f"{sandbox.address}/", params=words)
    assert answer.status_code == 200
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    return answer.text


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_page_names_the_cast_and_every_registry(sandbox: Sandbox, lang: str) -> None:
    text = page(sandbox, lang=lang)

    for one in CAST:
        assert one.number in text
        assert one.resident.name in text
    for source in sandbox.exchange.registries:
        assert f"<code>{source}</code>" in text


def test_a_fault_set_by_the_form_is_there_at_once_and_on_the_page(sandbox: Sandbox) -> None:
    wish = {"source": "population", "fault": "down"}
    answer = httpx2.post(f"{sandbox.address}/", data=wish)

    assert answer.status_code == 303
    assert fault(sandbox, "population") == "down"
    assert fault(sandbox, "vehicles") == "none"
    assert page(sandbox).count('<li class="broken">') == 1
    assert "1 个登记库有故障" in page(sandbox)


def test_a_form_from_another_site_sets_nothing(sandbox: Sandbox) -> None:
    wish = {"source": "population", "fault": "down"}
    answer = httpx2.post(
        f"{sandbox.address}/", data=wish, headers={"Sec-Fetch-Site": "cross-site"}
    )

    assert answer.status_code == 403
    assert fault(sandbox, "population") == "none"


def test_faults_are_set_and_restored_over_rest(sandbox: Sandbox) -> None:
    def put(source: str, wish: str) -> httpx2.Response:
        return httpx2.put(f"{sandbox.address}/faults/{source}", json={"fault": wish})

    assert put("all", "drip").status_code == 204
    assert {*httpx2.get(f"{sandbox.address}/faults").json().values()} == {"drip"}
    assert put("population", "none").status_code == 204
    assert (fault(sandbox, "population"), fault(sandbox, "vehicles")) == ("none", "drip")


@pytest.mark.parametrize(("source", "wish"), [("moon", "down"), ("population", "tired")])
def test_an_unknown_registry_or_fault_is_refused_with_those_there_are(
    sandbox: Sandbox, source: str, wish: str
) -> None:
    answer = httpx2.put(f"{sandbox.address}/faults/{source}", json={"fault": wish})

    assert answer.status_code == 422
    assert "population" in answer.text or "very_slow" in answer.text


def test_the_page_tells_calls_and_the_last_purpose(sandbox: Sandbox) -> None:
    standing = sandbox.exchange.standing["vehicles"]
    standing.calls, standing.item, standing.basis = 7, "v.modify", "<b>政务数据</b>"
    text = page(sandbox)
    standing.calls = 0

    assert "查过 7 次" in text
    assert "&lt;b&gt;政务数据&lt;/b&gt;" in text


def test_the_page_shows_what_is_held_about_a_number(sandbox: Sandbox) -> None:
    text = page(sandbox, number=member("wronged").number)

    assert "不动产权证" in text
    assert "结婚登记" in text
    assert "没有这个号码" in page(sandbox, number="11010519491231002X")
    assert "<i>" not in page(sandbox, number="<i>")


def test_every_fault_has_a_word_on_the_page(sandbox: Sandbox) -> None:
    options = re.findall(r'<option value="(\w+)">', page(sandbox).partition('id="fault"')[2])

    assert options == [*Fault]


def test_the_hubs_file_leads_here_and_keeps_the_secret_beside_it(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    hubs = tmp_path / "hubs.yaml"
    secret = secret_beside(hubs)
    write_hubs(hubs, sandbox.exchange, sandbox.address)

    read = read_hubs(hubs)
    assert {name: hub.address for name, hub in read.items()} == {
        name: hub.address for name, hub in sandbox.hubs.items()
    }
    assert {(hub.app_id, hub.secret) for hub in read.values()} == {(APP_ID, secret)}
    (place,) = {*tmp_path.iterdir()} - {hubs}
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    assert secret.decode() not in hubs.read_text(encoding="utf-8")
    assert secret_beside(hubs) == secret
    assert secret_beside(None) != secret


@contextmanager
def started(*options: str) -> Iterator[str]:
    """Run the command, and give the line that it prints."""
    process = subprocess.Popen(  # noqa: S603 (our own program)
        [PROGRAM, "sandbox", "--port", "0", *options], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    yield process.stdout.readline()
    process.send_signal(signal.SIGTERM)
    rest, _ = process.communicate(timeout=20)
    assert rest == ""


def test_the_command_prints_one_line_with_the_address_and_takes_faults(tmp_path: Path) -> None:
    hubs = tmp_path / "hubs.yaml"
    options = ["--fault", "all=slow", "--fault", "population=down", "--hubs", str(hubs)]

    with started(*options) as line:
        address = line.removeprefix("减证 sandbox: ").strip().rstrip("/")
        faults = httpx2.get(f"{address}/faults").json()

    assert faults.pop("population") == "down"
    assert {*faults.values()} == {"slow"}
    assert f"{address}/hubs/city" in hubs.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("option", "value", "cure"),
    [
        ("--fault", "population=tired", "write none, slow, very_slow"),
        ("--fault", "moon=down", "write all or "),
        ("--latency", "some", "write real or none"),
        ("--hubs", "/nowhere/hubs.yaml", "cannot be written"),
    ],
)
def test_a_wrong_option_is_refused_with_the_cure(option: str, value: str, cure: str) -> None:
    done = CliRunner().invoke(app, ["sandbox", "--port", "0", option, value])

    assert done.exit_code == 2
    assert cure in done.output


def test_a_pack_without_interfaces_has_an_empty_page_that_says_so() -> None:
    pack = load_pack(ROOT / "examples" / "shanghai")
    with sandboxed(pack) as empty:
        assert "没有可以在线查询的数据资源" in page(empty)
