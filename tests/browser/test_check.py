"""A safety check by the buttons on the screen."""

from tests.browser.conftest import PHONE, Staged

QUESTION = "document.querySelector('.question h3')?.textContent"


def test_buttons_to_an_emergency(staged: Staged) -> None:
    """No, not sure and yes by touch reach an emergency, told in large letters and never with the answers."""
    stage = staged()
    stage.open()
    stage.say("start the safety check")
    stage.wait("document.querySelectorAll('.question .actions button').length === 3")
    stage.picture("question")
    asked: list[str] = []
    for answer in ("No", "Not sure", "Yes"):
        question = stage.page.evaluate(QUESTION)
        asked.append(question)
        stage.page.click(f".question .actions button:text-is('{answer}')")
        stage.wait(f"{QUESTION} !== {question!r}")
        assert stage.request["request"]["type"] == "Alexa.Presentation.APL.UserEvent"
    assert len(set(asked)) == 3
    stage.wait("document.querySelector('.outcome.emergency')")
    assert "911" in stage.text(".outcome .lead")
    assert "You told me about" not in stage.text("#screen")
    assert not any(question in stage.text("#screen") for question in asked)
    assert stage.session["locked"] == "emergency"
    assert stage.response["shouldEndSession"] is False
    stage.picture("emergency")
    stage.page.click(".outcome .actions button:text-is('Repeat')")
    stage.wait("document.querySelectorAll('.line.hers').length > 4")
    assert stage.page.is_visible(".outcome.emergency")


def test_a_choice_on_a_phone_in_the_dark(staged: Staged) -> None:
    """What is offered is a numbered list, and a suggested phrase picks from it."""
    stage = staged(viewport=PHONE, device_scale_factor=2, color_scheme="dark")
    stage.open()
    stage.say("something standing for tight hips")
    stage.wait("document.querySelectorAll('.choices li').length > 1")
    stage.picture("choices-phone-dark")
    second = stage.text(".choices li:nth-child(2) b")
    stage.page.click(".chip:text-is('The second one')")
    stage.wait(f"document.querySelector('.exercise h3')?.textContent === {second!r}")


def test_a_choice_is_touched(staged: Staged) -> None:
    """What is offered is picked by pressing it, which is also a key away."""
    stage = staged()
    stage.open()
    stage.say("start the pigeon stretch")
    stage.wait("document.querySelectorAll('.choices li button').length === 2")
    second = stage.text(".choices li:nth-child(2) b")
    stage.page.focus(".choices li:nth-child(2) button")
    stage.page.keyboard.press("Enter")
    stage.wait(f"document.querySelector('.exercise h3')?.textContent === {second!r}")
