"""A town for stories: an office with people of several organs, and its registries."""

import os
import re
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from pathlib import Path
from time import sleep
from typing import Final

import uvicorn
from fastapi import FastAPI
from playwright.sync_api import Browser, Locator, Page, ViewportSize, expect

from api.accounts.book import AccountBook, Draft
from api.accounts.permission import Role
from api.app import create_app
from api.cases.door import Hall
from api.cases.looking_up import LookingUp
from api.cases.working import Desk
from api.masking import mask_name
from api.opening import open_store
from api.sandbox.cast import member
from api.serving import listen
from api.settings import Settings
from knowledge.calendar import bundled_calendar
from knowledge.day import CHINA
from knowledge.lookup.hub import Hub, Limits
from knowledge.lookup.order import Answer, Order
from knowledge.lookup.registries import Registries
from knowledge.source import Source
from tests.reception import BY, PASSWORD
from tests.sandboxed import Sandbox

UNHURRIED: Final = Limits(connect=10, read=10, total=20, wait=10)
"""Seconds that a busy machine may take: here it is about what is seen, not how fast."""

PATIENCE: Final = 20
"""Seconds that a registry is held back at most."""

PEOPLE: Final = (
    Draft("company", "康示例", Role.CLERK, "dg-amr", "企业登记窗口", "0769-00000002"),
    Draft("hall", "章示例", Role.CLERK, "", "综合窗口", "0769-00000001"),
    Draft("land", "梁示例", Role.CLERK, "dg-nr", "自然资源窗口", "0769-00000003"),
    Draft("land2", "陆示例", Role.CLERK, "dg-nr", "规划窗口", "0769-00000013"),
    Draft("marriage", "马示例", Role.CLERK, "dg-civil", "婚姻登记窗口", "0769-00000005"),
    Draft("vehicle", "车示例", Role.CLERK, "dg-vmo", "车管业务窗口", "0769-00000006"),
    Draft("auditor", "申示例", Role.AUDITOR, "", "政务服务监督科", "0769-00000008"),
)
CASE: Final = re.compile(r"/cases/(\d{8}-[0-9A-Z]{6})(\?.*)?$")
ALBUM: Final = Path(os.environ["JIANZHENG_ALBUM"]) if "JIANZHENG_ALBUM" in os.environ else None
"""Where pictures of the stories go, if somebody wants to look at them."""

WIDTHS: Final = (1440, 768, 390)


class Unhurried(Registries):
    """Registries of which a test may hold some back: their answers come when it lets go."""

    def __init__(self, hubs: Mapping[str, Hub]) -> None:
        super().__init__(hubs, UNHURRIED)
        self.held: set[str] = set()
        self.there = True
        self.go = threading.Event()

    def connected(self, source: Source) -> bool:
        """Return whether a source can be asked; none can while a test turns the days."""
        return self.there and super().connected(source)

    def ask_all(
        self,
        orders: Iterable[Order],
        arrived: Callable[[Answer], None] | None = None,
        *,
        within: float | None = None,
    ) -> list[Answer]:
        """Ask all, and say last what is held back."""
        late: list[Answer] = []
        say = arrived or late.append
        answers = super().ask_all(
            orders,
            lambda one: late.append(one) if one.order.source.id in self.held else say(one),
            within=within,
        )
        for one in late:
            self.go.wait(PATIENCE)
            say(one)
        return answers


@dataclass
class Town:
    """A served office, its registries, and the day on which it is open."""

    address: str
    app: FastAPI
    sandbox: Sandbox
    registries: Unhurried
    now: datetime | None = None

    def on(self, day: date | None) -> None:
        """Let it be ten in the morning of a day, without registries; None is now, with them."""
        self.now = datetime.combine(day, time(10), CHINA) if day else None
        self.registries.there = day is None

    @contextmanager
    def holding(self, *sources: str) -> Iterator[threading.Event]:
        """Hold registries back until the event is set, or the end."""
        self.registries.go.clear()
        self.registries.held = {*sources}
        try:
            yield self.registries.go
        finally:
            self.registries.go.set()
            self.registries.held = set()

    def fault(self, fault: str, *sources: str) -> None:
        """Give registries a fault; `all` is every one."""
        for one in sources or ("all",):
            self.sandbox.exchange.faults.put(one, fault)

    @property
    def hall(self) -> Hall:
        """Return the hall that the pages work with."""
        hall: Hall = self.app.state.hall
        return hall


@contextmanager
def town(folder: Path, sandbox: Sandbox) -> Iterator[Town]:
    """Serve a new office with its people, connected to a sandbox; a test may turn its day."""
    store = open_store(Settings.of(f"sqlite:///{folder / 'record.db'}"))
    book = AccountBook(store)
    for draft in PEOPLE:
        book.new(draft, PASSWORD, BY)
    registries = Unhurried(sandbox.hubs)
    app = create_app(store, registries)
    listener = listen("127.0.0.1", 0)
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    while not server.started:
        assert thread.is_alive(), "the server did not start"
        sleep(0.02)
    served = Town(f"http://127.0.0.1:{listener.getsockname()[1]}", app, sandbox, registries)
    clock = lambda: served.now or datetime.now(UTC)  # noqa: E731 (the time of the story)
    desk = Desk(app.state.office, bundled_calendar(), mask_name, clock)
    app.state.hall = Hall(desk, LookingUp(desk, registries, within=20))
    try:
        yield served
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


@dataclass
class Clerk:
    """Somebody at a window, with a browser that shows one page."""

    page: Page
    login: str
    album: Path | None = field(default_factory=lambda: ALBUM)

    # the day

    def sign_in(self, password: str = PASSWORD) -> None:
        """Sign in with the mouse."""
        self.page.goto("/login")
        self.page.locator("#login").fill(self.login)
        self.page.locator("#password").fill(password)
        self.press("登录")
        expect(self.page).not_to_have_url(re.compile("/login"))

    def sign_out(self) -> None:
        """Sign out."""
        self.press("退出")
        expect(self.page.locator("#login")).to_be_visible()

    def open(self, key: str, *services: str) -> str:
        """Open a case of a member of the cast, and return its number."""
        one = member(key)
        self.page.goto("/cases/new")
        self.page.locator(f"input[name=kind][value={one.kind}]").check()
        self.page.locator("#number").fill(one.number)
        self.page.locator("#name").fill(one.name)
        for service in services:
            self.page.locator("#q").fill(service)
            self.press("找", exact=True)
            self.page.get_by_role("checkbox", name=service, exact=True).check()
        return self.begin()

    def begin(self) -> str:
        """Press the button that opens the case, and return its number."""
        self.press("开办，并开始查询")
        self.page.wait_for_url(CASE)
        return self.number

    @property
    def number(self) -> str:
        """Return the number of the case on the page."""
        found = CASE.search(self.page.url)
        assert found, self.page.url
        return found[1]

    # hands

    def press(self, name: str, *, exact: bool = False, within: Locator | None = None) -> None:
        """Press the button with a name."""
        place = within or self.page
        place.get_by_role("button", name=name, exact=exact).first.click()

    def do(self, value: str) -> None:
        """Press the button of the page that does something, and wait for the page after it."""
        self.page.locator(f"button[name=do][value='{value}']").first.click()
        self.settle()

    def settle(self) -> None:
        """Wait until an answer in place has come."""
        expect(self.page.locator("#desk[aria-busy]")).to_have_count(0)

    def answer(self, choices: dict[str, str], most: int = 40) -> list[str]:
        """Answer in the order in which the page asks, the first choice where none is given."""
        asked: list[str] = []
        while len(asked) < most:
            key = self.question()
            if not key:
                return asked
            asked.append(key)
            field = self.page.locator(f"[name='typed.{key}']")
            if field.count():
                field.fill(choices.get(key, "1"))
                self.page.locator(".typed button").click()
            else:
                self._choose(key, choices)
            self.settle()
            expect(self.page.locator("#question")).not_to_have_attribute("data-key", key)
        raise AssertionError(f"too many questions: {asked}")

    def _choose(self, key: str, choices: dict[str, str]) -> None:
        buttons = self.page.locator("[data-answer]")
        value = f"answer|{key}|{choices[key]}" if key in choices else ""
        chosen = self.page.locator(f"[data-answer][value='{value}']") if value else buttons
        chosen.first.click()

    def question(self) -> str:
        """Return the key of the question that is asked, empty if none is."""
        return self.page.locator("#question").get_attribute("data-key") or ""

    def join(self, role: str, key: str) -> None:
        """Join a member of the cast."""
        one = member(key)
        form = self.page.locator("#join")
        if form.get_attribute("open") is None:
            form.locator("summary").click()
        self.page.locator("#join-role").select_option(role)
        self.page.locator("#join-name").fill(one.name)
        self.page.locator("#join-number").fill(one.number)
        self.page.locator("#join-kind").select_option(one.kind)
        self.do("join")

    def receive(self, paper: str, how: str = "original") -> None:
        """Receive a paper."""
        self.do(f"receive|{how}|{paper}")
        expect(self.paper(paper).locator(".taken")).to_be_visible()

    def receive_all(self) -> list[str]:
        """Receive every paper of the list; return their names."""
        taken = []
        while (buttons := self.page.locator("[data-receive]")).count():
            value = buttons.first.get_attribute("value") or ""
            _, how, paper = value.split("|", 2)
            if how == "number":
                self.paper(paper).locator("details.fields summary").click()
                self.page.locator(f"[name='number.{paper}']").fill("示例-001")
            self.do(value)
            taken.append(paper)
        return taken

    def key_to(self, selector: str, *, back: bool = False, most: int = 150) -> None:
        """Reach something with the Tab key alone."""
        for _ in range(most):
            if self.page.locator(selector).first.evaluate(
                "one => one === document.activeElement"
            ):
                return
            self.page.keyboard.press("Shift+Tab" if back else "Tab")
        raise AssertionError(f"no way to {selector} with the Tab key")

    def keys(self, *pressed: str) -> None:
        """Press keys, one after the other."""
        for one in pressed:
            self.page.keyboard.press(one)

    # eyes

    def paper(self, name: str) -> Locator:
        """Return the row of a paper."""
        return self.page.locator(f"#paper-{name.replace(':', '-')}")

    def awaited(self) -> None:
        """Wait until no registry is being asked."""
        expect(self.page.locator("#desk[data-pending]")).to_have_count(0)
        expect(self.page.locator(".registers .asking")).to_have_count(0)

    def look(self, name: str, *, wide: bool = True) -> None:
        """Look at the page as it is: nothing too wide, everything named; take its picture."""
        size = self.page.viewport_size or {"width": 1440, "height": 900}
        faults = self.page.evaluate(_EYES)
        assert faults == [], (name, faults)
        for width in WIDTHS if wide else (size["width"],):
            self.page.set_viewport_size({"width": width, "height": 900})
            beyond = self.page.evaluate(
                "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
            assert beyond <= 0, f"{name}: {beyond} pixels too wide at {width}"
            if self.album:
                self.picture(f"{name}-{width}")
        self.page.set_viewport_size(size)

    def picture(self, name: str) -> None:
        """Keep a picture of the whole page, if pictures are wanted."""
        if self.album:
            self.page.screenshot(path=self.album / f"{name}.png", full_page=True)

    def look_closely(self, name: str) -> None:
        """Keep pictures in the dark, in English and as printed, if pictures are wanted."""
        self.look(name)
        if not self.album:
            return
        self.page.emulate_media(color_scheme="dark")
        self.picture(f"{name}-dark")
        self.page.emulate_media(color_scheme="light", media="print")
        self.picture(f"{name}-print")
        self.page.emulate_media(media="screen")


_EYES: Final = Path(__file__).with_name("eyes.js").read_text(encoding="utf-8")
"""What ears and eyes would miss: names of controls, one title, landmarks, ids."""


@contextmanager
def at_window(
    browser: Browser, town: Town, login: str, *, scripts: bool = True
) -> Iterator[Clerk]:
    """Yield a clerk with a browser; nothing may go wrong in its scripts."""
    context = browser.new_context(
        base_url=town.address,
        viewport=ViewportSize(width=1440, height=900),
        java_script_enabled=scripts,
        locale="zh-CN",
    )
    context.set_default_timeout(PATIENCE * 1000)
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on(
        "console",
        lambda said: complaints.append(said.text) if said.type == "error" else None,
    )
    try:
        yield Clerk(page, login)
    finally:
        context.close()
    assert [one for one in complaints if "422" not in one] == []
