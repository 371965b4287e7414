"""Plans as APL for Audio documents, played by the simulator's reading of Amazon's rules."""

from collections.abc import Sequence

import pytest

from sound import apla as player
from stretch_coach.acts import Lead
from stretch_coach.dialogue.turn_state import BLOCKS_PIECES, counting_of
from stretch_coach.profile import Profile
from stretch_coach.speech import apla
from stretch_coach.timeline import Carrier, Cue, Part, Place, total_ms
from tests.unit.performances import Talk, alternating, intent, plans

WITH_MARCHING = alternating()
NAMES = tuple(WITH_MARCHING.exercises)
FORMS = ("long", "short", "none", "straight")
HOSTILE = 'x & y < z > "q" </speak><audio src="https://evil.example/a.mp3"/>'


def turns(name: str, form: str, rung: str) -> list[tuple[Cue, ...]]:
    """The cues of every turn of an exercise, planned for a rung of the ladder."""
    dose, limit = WITH_MARCHING.exercises[name].dose, BLOCKS_PIECES if rung == "blocks" else 0
    lead = Lead(name, dose, Place(), form, counting_of(Profile(), rung), bouts=99, variant=0, pieces=limit)
    return [plan.cues for plan in plans(WITH_MARCHING, lead)]


def played_ms(node: player.Node) -> int:
    """How long a tree plays when every word fits the time it was given."""
    match node:
        case player.Silence(ms):
            return ms
        case player.Sequencer(children):
            return sum(played_ms(child) for child in children)
        case player.Mixer(children):
            return max(played_ms(child) for child in children)
        case player.Selector(child):
            return played_ms(child) if child else 0
        case _:
            return 0


def evaluated(cues: Sequence[Cue], *, blocks: bool) -> player.Node:
    """The tree that a device plays for a plan."""
    directive = apla.directive(cues, blocks=blocks)
    return player.evaluate(directive["document"], directive["datasources"])


def pieces(node: player.Node) -> int:
    """How many pieces of speech a tree holds."""
    return sum(isinstance(leaf, player.Speech) for leaf in player.leaves(node))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("form", FORMS)
def test_a_document_lasts_as_long_as_its_plan(name: str, form: str) -> None:
    """On both rungs, what is played takes exactly what the plan says, and less than the platform's limit."""
    for rung in ("slots", "blocks"):
        for cues in turns(name, form, rung):
            node = evaluated(cues, blocks=rung == "blocks")
            assert played_ms(node) == total_ms(cues) <= apla.MAX_MS


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("form", FORMS)
def test_blocks_stay_within_the_files_of_a_response(name: str, form: str) -> None:
    """At its default dose, no turn of an exercise in blocks holds more than fifteen pieces of speech."""
    for cues in turns(name, form, "blocks"):
        assert pieces(evaluated(cues, blocks=True)) <= apla.MAX_FILES


@pytest.mark.parametrize("name", NAMES)
def test_a_whole_turn_in_blocks_stays_within_them_too(name: str) -> None:
    """The words before and after the exercise do not push a turn over fifteen pieces."""
    talk = Talk(WITH_MARCHING, Profile(rungs={"deviceid": "blocks"}, heard=NAMES))
    reply = talk.say(intent("StartExerciseIntent", exercise=name))
    assert reply.rung == "blocks"
    assert pieces(evaluated(reply.plan.cues, blocks=True)) <= apla.MAX_FILES


@pytest.mark.parametrize("name", NAMES)
def test_every_count_has_a_slot_of_its_own(name: str) -> None:
    """On the first rung each counted word is trimmed to a silence of its slot's length."""
    for cues in turns(name, "short", "slots"):
        node = evaluated(cues, blocks=False)
        assert isinstance(node, player.Sequencer)
        trimmed = [
            (silence.ms, speech.segments[0])
            for mixer in node.children
            if isinstance(mixer, player.Mixer)
            for silence, speech in [mixer.children]
            if isinstance(silence, player.Silence) and isinstance(speech, player.Speech) and speech.trim
        ]
        words = [(cue.ms, cue.text) for cue in cues if cue.carrier is Carrier.SLOT]
        assert [(ms, getattr(segment, "text", "")) for ms, segment in trimmed] == words


def test_prose_is_never_cut() -> None:
    """A sentence on a slow voice pushes what follows, and is heard to its end."""
    cue = Cue("Kneel down on something soft.", 3000, Carrier.PROSE)
    for blocks in (False, True):
        node = evaluated([cue], blocks=blocks)
        assert not any(leaf.trim for leaf in player.leaves(node) if isinstance(leaf, player.Speech))


def test_hostile_words_are_words() -> None:
    """Text that looks like markup or binding is said, on either rung, in prose and in counts."""
    for carrier, part in ((Carrier.PROSE, Part.INTRO), (Carrier.SLOT, Part.COUNT)):
        for blocks in (False, True):
            node = evaluated([Cue(HOSTILE, 4000, carrier, part)], blocks=blocks)
            (speech,) = [leaf for leaf in player.leaves(node) if isinstance(leaf, player.Speech)]
            assert [getattr(segment, "text", segment) for segment in speech.segments] == [HOSTILE]


def test_quiet_before_and_after_the_words_is_kept() -> None:
    """Silence at the beginning, in the middle and at the end of a plan takes its time."""
    quiet = Cue("", 1500, Carrier.QUIET)
    word = Cue("one", 1000, Carrier.SLOT, Part.COUNT)
    for blocks in (False, True):
        assert played_ms(evaluated([quiet, quiet, word, quiet, word, quiet], blocks=blocks)) == 8000


def test_the_document_is_the_same_for_every_plan() -> None:
    """Only the data source changes from turn to turn."""
    one = apla.directive([Cue("one", 1000, Carrier.SLOT, Part.COUNT)], blocks=False)
    other = apla.directive(turns("glute-bridge", "long", "slots")[0], blocks=True)
    assert one["document"] == other["document"] == apla.DOCUMENT
    assert one["type"] == "Alexa.Presentation.APLA.RenderDocument"
    assert one["token"] == other["token"]


def test_more_pieces_than_fit_make_longer_blocks() -> None:
    """A count too long for short blocks is carried in longer ones, cut nowhere and as long as before."""
    long_count = [Cue("one", 1000, Carrier.SLOT, Part.COUNT) for _ in range(200)]
    node = evaluated(long_count, blocks=True)
    assert pieces(node) <= apla.MAX_FILES
    assert played_ms(node) == 200_000
