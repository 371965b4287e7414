"""An exercise from its first word to its last, and what happens when nobody answers."""

import struct
import urllib.request

from tests.browser.conftest import HURRY, Staged

NUMBER = "Number(document.querySelector('.meter .number').textContent)"


def test_a_whole_exercise(staged: Staged) -> None:
    """Started by typing, heard and counted, paused by a barge-in at the count on the screen, resumed, finished."""
    stage = staged(voice=True)
    stage.open()
    stage.picture("welcome")
    stage.say("start the hip flexor stretch")
    stage.wait("document.querySelector('.meter')", 40)
    stage.reach(stage.speaker.state()["playing"]["steps"][3][0] + 500)
    stage.wait("document.querySelectorAll('.steps li')[3]?.classList.contains('current')")
    assert "Rise up tall" in stage.text(".steps li.current")
    stage.picture("instructions")

    stage.count_to(12)
    stage.picture("counting")
    seen = stage.page.evaluate(NUMBER)
    stage.say("pause")
    stage.wait("/paus(ed|ing) at/i.test(document.getElementById('lines').textContent)")
    reached = stage.session["activity"]["p"]
    assert reached[:2] == [1, 0]
    assert seen - 3 <= reached[2] <= seen + 1, f"the screen said {seen}, the skill went back to {reached[2]}"
    assert stage.page.locator(".line.hers .cut").count() == 1
    stage.wait(f"document.querySelector('.meter.resting .number').textContent === '{reached[2] + 1}'")
    stage.picture("paused")

    stage.say("resume")
    stage.count_to(reached[2] + 3)
    assert "Left side" in stage.text(".meter")
    stage.count_to(4, side=1)
    assert "Right side" in stage.text(".meter")
    stage.hurry(HURRY)
    stage.ring("listening", 40)
    stage.wait("document.querySelector('.meter .word').textContent === 'Done'")
    assert not stage.page.is_visible(".actions button:text-is('Pause')")
    stage.picture("listening")
    stage.say("my progress")
    stage.heard("one exercise")
    assert stage.speaker.developer()["stored"]["items"], "what was done is kept"


def test_the_sound_is_the_timeline(staged: Staged) -> None:
    """The page plays a WAV as long as the device's timeline, while the speaker's clock stood still for it."""
    stage = staged(voice=True)
    stage.open(speed=1)
    played: list[str] = []
    stage.page.on("request", lambda asked: played.append(asked.url) if "/audio/" in asked.url else None)
    stage.page.click(".start")
    stage.wait("document.querySelector('.part.current')", 30)
    with urllib.request.urlopen(played[0]) as answer:
        wav = answer.read()
    (data_bytes,) = struct.unpack("<I", wav[40:44])
    playing = stage.speaker.state()["playing"]
    assert abs(data_bytes / 2 / 24 - playing["total"]) <= 1
    request, began = stage.speaker.device.exchanges[-1].at_ms, stage.speaker.device.playing
    assert began is not None
    assert began.started_at - request == 700, "0.7 s to the first sound, whatever its making and loading took"
    stage.page.click("#mute")
    assert stage.page.get_attribute("#mute", "aria-pressed") == "true"


def test_nobody_answers(staged: Staged) -> None:
    """The microphone closes after eight seconds, the reprompt is heard once, and then the session is over."""
    stage = staged()
    stage.open()
    stage.page.click(".start")
    stage.ring("listening")
    stage.pass_time(5200)
    stage.ring("closing")
    stage.picture("microphone-closing")
    stage.pass_time(3000)
    stage.ring("speaking")
    stage.heard("You can say the name of a stretch")
    stage.hurry(HURRY)
    stage.ring("listening")
    stage.pass_time(8000)
    stage.ring("waiting")
    stage.pass_time(30_000)
    stage.ring("off")
    assert stage.request["request"]["reason"] == "EXCEEDED_MAX_REPROMPTS"
    assert stage.page.is_visible(".start")
