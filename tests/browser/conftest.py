"""A real speaker behind a real page, in Debian's Chromium."""

import io
import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, sync_playwright

from simulator.local import Local
from simulator.speaker.compose import compose
from simulator.speaker.room import Recognise, Speaker
from simulator.speaker.server import make_server
from simulator.speaker.sound import Sound
from tests.integration.fetched import or_skip
from tools.dependencies import fetch

FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
)  # fmt: skip
"""As root, without a screen, without a network, with a microphone that beeps."""
HURRY = 24
SCREENS = Path(__file__).resolve().parents[2] / "docs" / "screens"
PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1366, "height": 820}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All in one worker: one browser, and no two of them on two cores."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("browser"))


@dataclass
class Stage:
    """A speaker, its page, and what the page did."""

    speaker: Speaker
    url: str
    page: Page
    faults: list[str] = field(default_factory=list)
    """What the page's console complained about."""
    hosts: set[str] = field(default_factory=set)
    """Every host the page asked."""

    def open(self, *, speed: float = HURRY) -> None:
        """Load the page and wait until it shows the speaker's state; speech is hurried unless told otherwise."""
        self.page.goto(f"{self.url}?speed={speed}")
        self.page.wait_for_selector(".chip")

    def say(self, text: str) -> None:
        """Type something, send it with the Enter key, and wait until the skill has answered."""
        exchanges, until = len(self.speaker.device.exchanges), time.monotonic() + 30
        self.page.fill("#say", text)
        self.page.press("#say", "Enter")
        while len(self.speaker.device.exchanges) == exchanges:
            assert time.monotonic() < until, f"{text!r} was not answered"
            self.page.wait_for_timeout(20)

    def heard(self, text: str, timeout: float = 15) -> None:
        """Wait until an answer with these words stands in the transcript."""
        self.page.locator(".line.hers .words", has_text=text).last.wait_for(timeout=timeout * 1000)

    def wait(self, what: str, timeout: float = 15) -> None:
        """Wait until a JavaScript expression is true; asked from outside, for the page's policy allows no eval."""
        until = time.monotonic() + timeout
        while not self.page.evaluate(what):
            assert time.monotonic() < until, f"after {timeout} s it is still not so: {what}"
            self.page.wait_for_timeout(20)

    def picture(self, name: str) -> None:
        """Keep what the page looks like in docs/screens, when STRETCH_COACH_SCREENS asks for that."""
        if os.environ.get("STRETCH_COACH_SCREENS") == "write":
            self.page.wait_for_timeout(300)  # colors fade
            picture = Image.open(io.BytesIO(self.page.screenshot())).convert("RGB")
            picture.quantize(256).save(SCREENS / f"{name}.png", optimize=True)

    def ring(self, state: str, timeout: float = 15) -> None:
        """Wait until the light ring shows a state."""
        self.wait(f"document.getElementById('ring').dataset.state === '{state}'", timeout)

    def reach(self, ms: int) -> None:
        """Let speech hurry to a moment of it, and go on as in life from there."""
        self.hurry(HURRY)
        until = time.monotonic() + 40
        while (playing := self.speaker.device.playing) is None or self.speaker.clock.now_ms < playing.started_at + ms:
            assert time.monotonic() < until, f"{ms} ms were not reached"
            time.sleep(0.005)
        self.hurry(1)

    def count_to(self, number: int, side: int = 0) -> None:
        """Hurry to a number of the first, or another, count of the turn; returns when the page shows it."""
        self.wait("document.querySelector('.meter')", 30)
        shown = self.speaker.state()["screen"]
        count = [segment for segment in shown["segments"] if segment["part"] == "count"][side]
        self.reach(count["at"] + count["every"] * (number - count["first"] - 1))
        label = f"document.querySelector('.meter .label').textContent === {count['label']!r}"
        self.wait(f"{label} && Number(document.querySelector('.meter.counting .number')?.textContent) >= {number}")

    def hurry(self, speed: float) -> None:
        """Let speech pass at another speed from now on."""
        self.speaker.hurry(speed)

    def pass_time(self, ms: int) -> None:
        """Move the speaker's clock on; what is then due happens at once, and is said at the pace of life."""
        self.speaker.clock.advance(ms)
        self.hurry(1)

    def text(self, selector: str) -> str:
        """The visible text of an element."""
        return self.page.inner_text(selector)

    @property
    def session(self) -> dict[str, Any]:
        """The session attributes."""
        return dict(self.speaker.device.attributes)

    @property
    def request(self) -> dict[str, Any]:
        """The last request, as it was sent."""
        last = self.speaker.device.last
        assert last is not None
        return dict(last.envelope)

    @property
    def response(self) -> dict[str, Any]:
        """The last answer's own part."""
        last = self.speaker.device.last
        assert last is not None
        return dict(last.response["response"])


@pytest.fixture(scope="session")
def sound() -> Sound:
    voice = Sound()
    voice.warm()
    return voice


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as playwright:
        yield playwright


def launched(playwright: Playwright, *flags: str) -> Browser:
    """Debian's Chromium with further flags."""
    chromium = shutil.which("chromium")
    assert chromium, "set-up installs Chromium: apt-get install chromium"
    return playwright.chromium.launch(executable_path=chromium, headless=True, args=[*FLAGS, *flags])


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    browser = launched(playwright)
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def axe() -> str:
    """The source of axe-core."""
    return (or_skip(lambda: fetch.npm("axe")) / "axe-core" / "axe.min.js").read_text(encoding="utf-8")


Staged = Callable[..., Stage]


@pytest.fixture(name="staged")
def _staged(tmp_path: Path, sound: Sound, browser: Browser) -> Iterator[Staged]:
    """Makes a stage: silent unless `voice`; `recognise` understands a microphone; `within` another browser."""
    closing: list[Callable[[], object]] = []
    stages: list[Stage] = []

    def make(
        *, voice: bool = False, recognise: Recognise | None = None, within: Browser | None = None, **context: Any
    ) -> Stage:
        speaker = compose(Local(tmp_path / "state.db"), sound if voice else None, recognise)
        server = make_server(speaker, "127.0.0.1", 0)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        opened = (within or browser).new_context(viewport=context.pop("viewport", DESKTOP), **context)
        stage = Stage(speaker, f"http://127.0.0.1:{server.port}/", opened.new_page())
        _watch(stage, opened)
        stages.append(stage)
        closing.extend((opened.close, speaker.close, server.shutdown))
        return stage

    yield make
    for close in closing:
        close()
    for stage in stages:
        assert stage.faults == []
        assert stage.hosts <= {"127.0.0.1"}


def _watch(stage: Stage, context: BrowserContext) -> None:
    stage.page.on("pageerror", lambda error: stage.faults.append(str(error)))
    stage.page.on("console", lambda told: stage.faults.append(told.text) if told.type in {"error", "warning"} else None)
    context.on("request", lambda asked: stage.hosts.add(urlsplit(asked.url).hostname or asked.url[:20]))
