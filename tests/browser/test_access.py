"""The page for everybody: a screen reader, a keyboard, a small screen, a dark room, a microphone."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Playwright

from simulator.cli.speaker import recogniser
from sound.audio import Clip, load_voice, write_wav
from tests.browser.conftest import DESKTOP, PHONE, Stage, Staged, launched


def _violations(stage: Stage, axe: str) -> list[str]:
    if not stage.page.evaluate("Boolean(window.axe)"):
        stage.page.evaluate(axe)
    found: list[dict[str, Any]] = stage.page.evaluate("axe.run().then((result) => result.violations)")
    return [
        f"{one['id']}: {node['html'][:160]} {node['failureSummary'][:200]}" for one in found for node in one["nodes"]
    ]


@pytest.mark.parametrize(("viewport", "scheme", "name"), [
    (DESKTOP, "light", ""), (DESKTOP, "dark", "counting-dark"), (PHONE, "light", "counting-phone"), (PHONE, "dark", ""),
])  # fmt: skip
def test_axe(staged: Staged, axe: str, viewport: dict[str, int], scheme: str, name: str) -> None:
    """axe-core finds nothing to object to in any main state."""
    stage = staged(viewport=viewport, color_scheme=scheme, reduced_motion="reduce")
    stage.open()
    every = not name  # the corners of the table see every state, the others the richest ones
    found = {"welcome": _violations(stage, axe)} if every else {}
    stage.say("start the hip flexor stretch")
    stage.count_to(6)
    if name:
        stage.picture(name)
    found["counting"] = _violations(stage, axe)
    stage.say("start the safety check")
    stage.wait("document.querySelector('.question')")
    found |= {"question": _violations(stage, axe)} if every else {}
    stage.page.click(".question .actions button:text-is('No')")
    stage.wait("document.querySelectorAll('.line.hers').length === 3")
    stage.page.click(".question .actions button:text-is('Yes')")
    stage.wait("document.querySelector('.outcome')")
    found["outcome"] = _violations(stage, axe)
    stage.page.click("#developer")
    for tab in ("simulate", "response", "timeline") if every else ("simulate",):
        stage.page.click(f"#tab-{tab}")
        stage.page.wait_for_timeout(100)
        found[tab] = _violations(stage, axe)
    assert [f"{state}: {problem}" for state, problems in found.items() for problem in problems] == []


def test_nothing_is_wider_than_a_phone(staged: Staged) -> None:
    """On a small phone nothing has to be scrolled sideways, and every button is large enough for a thumb."""
    stage = staged(viewport={"width": 320, "height": 640})
    stage.open()
    stage.say("start the hip flexor stretch")
    stage.wait("document.querySelector('.exercise')")
    assert stage.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    small = "[...document.querySelectorAll('button')].filter((b) => b.checkVisibility() && b.offsetHeight < 36)"
    assert stage.page.evaluate(f"{small}.map((b) => b.textContent)") == []


def test_keyboard_alone(staged: Staged) -> None:
    """Opening, answering, looking underneath and closing again need no pointer, and the focus is never lost."""
    stage = staged()
    stage.open()
    page = stage.page
    focused = "document.activeElement.textContent.trim() || document.activeElement.id"
    page.keyboard.press("Tab")
    assert page.evaluate(focused) == "Skip to what to say"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "say"
    page.keyboard.type("start the safety check")
    page.keyboard.press("Enter")
    stage.wait("document.querySelector('.question')")
    for _ in range(12):
        page.keyboard.press("Shift+Tab")
        if page.evaluate(focused) == "No":
            break
    page.keyboard.press("Enter")
    stage.wait("document.querySelectorAll('.line.hers').length === 2")
    assert page.evaluate(focused) == "No", "the same answer to the next question has the focus"
    page.focus("#developer")
    page.keyboard.press("Enter")
    assert page.evaluate(focused) == "Simulate"
    page.keyboard.press("ArrowRight")
    assert page.evaluate(focused) == "Request"
    stage.wait("document.getElementById('panel').textContent.includes('timestamp')")
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.id") == "developer"
    assert not page.is_visible("#drawer")


def test_hold_to_talk(staged: Staged) -> None:
    """What is said while the button is held reaches the recognizer as 16 kHz samples, and its words are said."""
    recorded: list[bytes] = []

    def recognise(pcm: bytes) -> str:
        recorded.append(pcm)
        return "start the safety check"

    stage = staged(recognise=recognise)
    stage.open()
    button = stage.page.locator("#microphone")
    box = button.bounding_box()
    assert box
    stage.page.mouse.move(box["x"] + 20, box["y"] + 20)
    stage.page.mouse.down()
    stage.wait("document.getElementById('microphone').getAttribute('aria-pressed') === 'true'")
    stage.ring("listening")
    stage.page.wait_for_timeout(1500)
    stage.page.mouse.up()
    stage.wait("document.querySelector('.question')")
    assert 16_000 <= len(recorded[0]) <= 100_000, "about a second of 16-bit samples"
    assert any(recorded[0]), "Chromium's microphone beeps"
    assert stage.text(".line.mine .words") == "start the safety check"


def test_a_spoken_sentence(staged: Staged, playwright: Playwright, tmp_path: Path) -> None:
    """A sentence spoken into Chromium's microphone is recognized, understood and answered."""
    wav = tmp_path / "said.wav"
    said = load_voice().synthesize("start the safety check")
    pause = np.zeros(said.sample_rate // 2, dtype=np.int16)  # people press first and speak then
    spoken = Clip(np.concatenate([pause, said.samples, pause]), said.sample_rate)
    write_wav(spoken, wav)
    browser = launched(playwright, f"--use-file-for-fake-audio-capture={wav}%noloop")
    try:
        recognise = recogniser("en-US")
        assert recognise
        stage = staged(recognise=recognise, within=browser)
        stage.open()
        stage.page.focus("#microphone")
        stage.page.keyboard.down("Space")
        stage.page.wait_for_timeout(spoken.length_ms + 1500)
        stage.page.keyboard.up("Space")
        stage.wait("document.querySelector('.question')", 60)
        assert stage.text(".line.mine .words") == "start the safety check"
        stage.page.context.close()
    finally:
        browser.close()


def test_no_button_without_a_recognizer(staged: Staged) -> None:
    """Where nothing can understand speech there is no microphone button."""
    stage = staged()
    stage.open()
    assert not stage.page.is_visible("#microphone")
