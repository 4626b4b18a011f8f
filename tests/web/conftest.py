"""The desk as a visitor meets it: a real server on a free port, a real headless browser."""

import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn
from playwright.sync_api import Browser, Page, expect, sync_playwright

from api.app import create_app
from api.settings import Settings
from tests.reception import Staffed
from tests.sandboxed import sandboxed
from tests.web.stories import Town, town

CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
PATIENCE = 20_000
"""Milliseconds that a busy machine may take."""


@pytest.fixture(scope="session")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve a new office over a database of its own; yield its address."""
    folder = tmp_path_factory.mktemp("office")
    settings = Settings.of(f"sqlite:///{folder / 'record.db'}")
    config = uvicorn.Config(create_app(settings), log_level="warning")
    server = uvicorn.Server(config)
    listener = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    while not server.started:
        assert thread.is_alive(), "the server did not start"
        time.sleep(0.02)
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    thread.join()
    listener.close()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Start the browser that the set-up of the tests installs."""
    if not Path(CHROMIUM).exists():
        pytest.fail(f"there is no {CHROMIUM}; apt-get install -y chromium fonts-noto-cjk")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield started
        started.close()


@pytest.fixture(scope="session")
def big_town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """Serve an office with people of several organs, and registries, for all stories."""
    with sandboxed() as sandbox, town(tmp_path_factory.mktemp("town"), sandbox) as served:
        yield served


@pytest.fixture(name="town")
def quiet_town(big_town: Town) -> Iterator[Town]:
    """Return the town with all registries at their best, today."""
    expect.set_options(timeout=PATIENCE)
    yield big_town
    big_town.fault("none")
    big_town.on(None)


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    """Open a page at a desk with a wide screen; nothing may go wrong in its scripts."""
    yield from opened(browser, address, width=1440, height=900)


@pytest.fixture
def phone(browser: Browser, address: str) -> Iterator[Page]:
    """Open a page on a phone."""
    yield from opened(browser, address, width=390, height=844)


@pytest.fixture
def plain(browser: Browser, address: str) -> Iterator[Page]:
    """Open a page in a browser that runs no scripts."""
    yield from opened(browser, address, width=1440, height=900, scripts=False)


def opened(
    browser: Browser, address: str, *, width: int, height: int, scripts: bool = True
) -> Iterator[Page]:
    """Yield a page in a context of its own, and fail on anything its console complains of."""
    context = browser.new_context(
        base_url=address,
        viewport={"width": width, "height": height},
        java_script_enabled=scripts,
        locale="zh-CN",
    )
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on(
        "console", lambda said: complaints.append(said.text) if said.type == "error" else None
    )
    yield page
    context.close()
    assert complaints == []


def signed_in(page: Page, office: Staffed, login: str) -> None:
    """Give a page the session of a login of an office with accounts."""
    secret, _ = office.session(login)
    page.context.add_cookies([{"name": "session", "value": secret, "url": office.address}])
