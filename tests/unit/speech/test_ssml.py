"""Plans as SSML: escaping, the limits of a break, and the pace of the last rung."""

import re
from xml.etree import ElementTree as ET

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sound import ssml as strict
from stretch_coach.acts import Lead, Rest
from stretch_coach.dialogue.turn_state import counting_of
from stretch_coach.profile import Profile
from stretch_coach.speech import script, ssml
from stretch_coach.timeline import Carrier, Cue, Part, Place, total_ms
from tests.unit.performances import IDS, LIBRARY

BREAK = re.compile(r'<break time="(\d+)ms"/>')
HOSTILE = (
    'x & y < z > "quoted" \'single\' </speak><audio src="https://evil.example/a.mp3"/><speak>',
    "]]> <!-- --> <!DOCTYPE x> &amp; &#60; ${payload.secret} {side}",
)


def prose(text: str, settle_ms: int = 0) -> Cue:
    """A sentence, and the quiet after it."""
    return Cue(text, 2000 + settle_ms, Carrier.PROSE, settle_ms=settle_ms)


def slot(text: str, ms: int = 1000, part: Part = Part.COUNT) -> Cue:
    """A count."""
    return Cue(text, ms, Carrier.SLOT if text else Carrier.QUIET, part)


def words_of(document: str) -> str:
    """What a listener would hear of a document, spaces aside; raises where it is not well-formed XML."""
    return " ".join("".join(ET.fromstring(document).itertext()).split())


def breaks_ms(document: str) -> list[int]:
    """The lengths of all breaks in a document."""
    return [int(ms) for ms in BREAK.findall(document)]


@given(text=st.text())
@example(text=HOSTILE[0])
@example(text=HOSTILE[1])
@example(text="\x00\x0b\ud800\uffff")
def test_no_text_breaks_out_of_its_document(text: str) -> None:
    """Whatever stands in a text, the document is well-formed, holds no tag of it, and says its characters."""
    root = ET.fromstring(ssml.prose([prose(text)]))
    assert [child.tag for child in root] == []
    allowed = "".join(
        c for c in text if c in "\t\n\r" or " " <= c < "\ud800" or "\ue000" <= c < "\ufffe" or c > "\uffff"
    )
    assert "".join(words_of(ssml.prose([prose(text)])).split()) == "".join(allowed.split())


@pytest.mark.parametrize("mark", ["&", "<", ">", '"', "'"])
def test_marks_are_escaped_where_they_must_be(mark: str) -> None:
    """Ampersands and angle brackets are escaped, quotes stay as they are, and all are said."""
    document = ssml.prose([prose(f"one {mark} two")])
    assert words_of(document) == f"one {mark} two"
    assert (mark in document.removeprefix("<speak>").removesuffix("</speak>")) is (mark in "\"'" or mark == "&")


def test_text_is_escaped_in_counts_too() -> None:
    """A count and a block escape their words like any other text."""
    for document in (ssml.counted([slot(HOSTILE[0])]), ssml.block([slot(HOSTILE[0])])):
        assert words_of(document) == HOSTILE[0]


@given(ms=st.integers(-5, 200_000))
def test_a_long_quiet_is_split(ms: int) -> None:
    """Quiet of any length is made of breaks of ten seconds at most, that add up to it exactly."""
    found = breaks_ms(ssml.breaks(ms))
    assert sum(found) == max(0, ms)
    assert all(0 < piece <= ssml.LONGEST_BREAK_MS for piece in found)


def test_prose_keeps_its_settle_time() -> None:
    """The quiet meant for doing what was said follows it as a break, and silence between cues stays."""
    document = ssml.prose([prose("Kneel.", 7000), Cue("", 12_000, Carrier.QUIET), prose("Good.")])
    assert breaks_ms(document) == [7000, 10_000, 2000]
    assert words_of(document) == "Kneel. Good."


def test_a_rest_without_an_exercise_keeps_its_length() -> None:
    """A timed rest in a turn that leads nothing takes its time, give or take its few words."""
    plan = script.plan(LIBRARY, [Rest(60)], 0)
    assert not plan.counts
    spoken = sum(ssml.words_ms(cue.text) for cue in plan.cues)
    assert sum(breaks_ms(ssml.prose(plan.cues))) + spoken == total_ms(plan.cues) == 60_000


def test_words_that_outlast_their_slot_are_made_up_for() -> None:
    """Two words in a short slot take from the quiet after it, so that the error does not grow."""
    run = [slot("a good number of words", 500), slot("then two", 900), slot("", 6000), slot("end")]
    spoken = sum(ssml.words_ms(cue.text) for cue in run)
    assert sum(breaks_ms(ssml.counted(run))) + spoken == pytest.approx(total_ms(run), abs=1)


def test_a_block_ends_with_its_last_word() -> None:
    """The quiet after the last word of a block is left to the block's own end."""
    document = ssml.block([slot("one"), slot("two"), slot(""), slot("")])
    assert document.endswith("two</speak>")
    assert ssml.block([slot(""), slot("one")]).startswith('<speak><break time="1000ms"/>one')


@pytest.mark.parametrize("name", IDS)
def test_every_exercise_is_speech_the_platform_accepts(name: str) -> None:
    """On the last rung every turn of every exercise is short enough and holds only what Alexa reads."""
    counting = counting_of(Profile(), "ssml")
    exercise = LIBRARY.exercises[name]
    place: Place | None = Place()
    while place is not None:
        planned = script.lead(LIBRARY, Lead(name, exercise.dose, place, "long", counting, bouts=99, variant=0))
        document = ssml.counted(planned.cues)
        assert len(document) < ssml.MAX_CHARACTERS
        assert strict.parse(document)
        place = planned.end


@pytest.mark.parametrize("name", ["camel-pose", "low-lunge-hip-flexor-stretch", "figure-four-stretch"])
def test_a_hold_on_the_last_rung_is_as_long_as_it_should_be(name: str) -> None:
    """With words of their usual length, the breaks of the landmarks make up the hold to the millisecond."""
    counting = counting_of(Profile(), "ssml")
    exercise = LIBRARY.exercises[name]
    planned = script.lead(LIBRARY, Lead(name, exercise.dose, Place(), "none", counting, bouts=1, variant=0))
    run = [cue for cue in planned.cues if cue.part in {Part.READY, Part.COUNT}]
    spoken = sum(ssml.words_ms(cue.text) for cue in run)
    assert sum(breaks_ms(ssml.counted(run))) + spoken == total_ms(run) == 33_000
