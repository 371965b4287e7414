"""Every entry of the simulate menu, pressed on the page."""

from typing import Any

from tests.browser.conftest import Stage, Staged

APL = "Alexa.Presentation.APL"


def _simulate(stage: Stage, entry: str) -> None:
    if not stage.page.is_visible("#drawer"):
        stage.page.click("#developer")
    stage.page.click("#tab-simulate")
    stage.page.click(f'[data-entry="{entry}"]')


def _interfaces(request: dict[str, Any]) -> dict[str, Any]:
    interfaces: dict[str, Any] = request["context"]["System"]["device"]["supportedInterfaces"]
    return interfaces


def test_no_screen(staged: Staged) -> None:
    """Without a screen the request says so, no document is sent, and the page is a ring."""
    stage = staged(color_scheme="dark")
    stage.open()
    _simulate(stage, "no_screen")
    stage.wait("""document.querySelector('[data-entry="no_screen"]').ariaChecked === 'true'""")
    stage.picture("developer-simulate-dark")
    stage.page.click("#close")
    assert not stage.page.is_visible("#screen")
    stage.say("open stretch coach")
    stage.heard("What would you like to do")
    assert APL not in _interfaces(stage.request)
    assert not stage.response.get("directives")
    stage.picture("no-screen-dark")


def test_no_apla(staged: Staged) -> None:
    """A device that refuses APLA reports it, and the skill counts in another way."""
    stage = staged()
    stage.open()
    _simulate(stage, "no_apla")
    stage.say("start the cat cow")
    stage.wait("document.getElementById('lines').textContent.includes('could not play the APLA document')", 30)
    types = [str(exchange.request["type"]) for exchange in stage.speaker.device.exchanges]
    assert "Alexa.Presentation.APLA.RuntimeError" in types
    for lines in (1, 2):  # down the ladder: blocks, which are APLA too, and then SSML
        stage.wait(f"document.querySelectorAll('.line.note').length === {lines}")
        stage.heard("another way")
        stage.say("resume")
    stage.wait("document.querySelector('.chip')?.textContent === 'Pause'")
    assert stage.response["outputSpeech"]["ssml"].startswith("<speak>")
    stage.page.click("#tab-timeline")
    stage.wait("document.querySelectorAll('.rows tbody tr').length > 5")
    stage.picture("developer-timeline")
    stage.page.click("#tab-response")
    stage.wait("document.getElementById('panel').textContent.includes('shouldEndSession')")


def test_database_down(staged: Staged) -> None:
    """With the database down the turn is answered, and it is said that nothing is saved."""
    stage = staged()
    stage.open()
    _simulate(stage, "database_down")
    stage.say("start the cat cow")
    stage.wait("document.querySelector('.exercise')")
    stage.wait("document.getElementById('lines').textContent.includes('save')")
    assert not stage.speaker.developer()["stored"].get("items")
    _simulate(stage, "database_down")
    stage.say("pause")
    stage.wait("document.querySelector('.chip')?.textContent === 'Resume'")
    assert stage.speaker.developer()["stored"]["items"], "it catches up"


def test_late_answer(staged: Staged) -> None:
    """An answer after eight seconds is not heard, the listener is told, and so is the skill."""
    stage = staged()
    stage.open()
    stage.page.click(".start")
    stage.ring("listening")
    _simulate(stage, "late_answer")
    stage.wait("document.querySelector('[data-entry=late_answer]').disabled")
    stage.speaker.clock.speed = 20
    stage.say("help")
    stage.wait("!document.getElementById('problem').hidden")
    assert "8 seconds" in stage.text("#problem")
    ended = stage.request["request"]
    assert (ended["reason"], ended["error"]["type"]) == ("ERROR", "ENDPOINT_TIMEOUT")
    stage.say("help")
    stage.heard("I lead stretches")
    assert not stage.page.is_visible("#problem")


def test_session_lost(staged: Staged) -> None:
    """A session that is lost is gone without a word, and the next request begins a new one."""
    stage = staged()
    stage.open()
    stage.say("start the hip flexor stretch")
    stage.wait("document.querySelector('.exercise')")
    before = len(stage.speaker.device.exchanges)
    _simulate(stage, "session_lost")
    stage.ring("off")
    assert len(stage.speaker.device.exchanges) == before
    stage.say("open stretch coach")
    stage.heard("Shall we carry on")
    assert stage.request["session"]["new"] is True


def test_second_device(staged: Staged) -> None:
    """Another speaker of the household has a session of its own and the same record."""
    stage = staged()
    stage.open()
    stage.say("start the hip flexor stretch")
    stage.wait("document.querySelector('.exercise')")
    first = stage.request["context"]["System"]["device"]["deviceId"]
    _simulate(stage, "second_device")
    stage.ring("off")
    assert "second device" in stage.text("#place")
    stage.say("open stretch coach")
    stage.heard("Shall we carry on")
    system = stage.request["context"]["System"]
    assert system["device"]["deviceId"] != first
    _simulate(stage, "second_device")
    stage.say("open stretch coach")
    stage.wait("document.querySelectorAll('.line.hers').length === 3")
    assert stage.request["context"]["System"]["device"]["deviceId"] == first


def test_next_day(staged: Staged) -> None:
    """A day later the session is over, the clock says so, and the coach remembers."""
    stage = staged()
    stage.open()
    stage.say("start the hip flexor stretch")
    stage.wait("document.querySelector('.exercise')")
    stage.say("pause")
    stage.wait("document.querySelector('.chip')?.textContent === 'Resume'")
    day = stage.request["request"]["timestamp"][:10]
    _simulate(stage, "next_day")
    stage.ring("off")
    stage.say("open stretch coach")
    stage.heard("Shall we carry on")
    assert stage.request["request"]["timestamp"][:10] > day
    stage.wait("document.querySelectorAll('.question .actions button').length === 2")
