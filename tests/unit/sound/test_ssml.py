import pytest

from sound.ssml import AudioRef, Pause, Segment, SpeechRun, SsmlError, parse, plain


def speak(inner: str) -> tuple[Segment, ...]:
    """The segments of a document with `inner` in its speak tag."""
    return parse(f"<speak>{inner}</speak>")


@pytest.mark.parametrize(
    ("inner", "segments"),
    [
        ("Kneel  down.\n", (SpeechRun("Kneel down."),)),
        ("", ()),
        ("Rest &amp; breathe", (SpeechRun("Rest & breathe"),)),
        ('one<break time="1s"/>two', (SpeechRun("one"), Pause(1000), SpeechRun("two"))),
        ('one<break time="1.5s"/>', (SpeechRun("one"), Pause(1500))),
        ('<break time="850ms"/>one', (Pause(850), SpeechRun("one"))),
        ('one<break strength="none"/>two', (SpeechRun("one two"),)),
        ('one<break strength="x-strong"/>two', (SpeechRun("one"), Pause(650), SpeechRun("two"))),
        ("one<break/>two", (SpeechRun("one"), Pause(200), SpeechRun("two"))),
        ('one<break time="1s"/>. two', (SpeechRun("one"), Pause(1000), SpeechRun(". two"))),
        ('<audio src="https://example.com/tick.mp3"/>', (AudioRef("https://example.com/tick.mp3"),)),
    ],
)
def test_a_document_becomes_segments_in_playing_order(inner: str, segments: tuple[Segment, ...]) -> None:
    """Words, pauses in whole milliseconds and sounds come out in the order they are played."""
    assert speak(inner) == segments


def test_consecutive_breaks_add_up() -> None:
    """A pause longer than ten seconds is written as several breaks, which last as long as their sum."""
    assert speak('Hold.<break time="10s"/> <break time="9500ms"/>Ten.')[1] == Pause(19_500)


@pytest.mark.parametrize(
    ("inner", "segments"),
    [
        ("<s>Kneel.</s><s>Breathe.</s>", (SpeechRun("Kneel."), Pause(350), SpeechRun("Breathe."))),
        ("<p>Kneel.</p><p>Breathe.</p>", (SpeechRun("Kneel."), Pause(650), SpeechRun("Breathe."))),
        ('<s>Kneel.</s><break time="2s"/>Breathe.', (SpeechRun("Kneel."), Pause(2000), SpeechRun("Breathe."))),
        ('Kneel.<break time="100ms"/><p>Breathe.</p>', (SpeechRun("Kneel."), Pause(650), SpeechRun("Breathe."))),
        ("<p><s>Kneel.</s></p>", (SpeechRun("Kneel."),)),
    ],
)
def test_sentences_and_paragraphs_pause_at_least_as_long_as_their_strength(
    inner: str, segments: tuple[Segment, ...]
) -> None:
    """The pause of p and s is a minimum beside a break, is not doubled, and is not added at the edges."""
    assert speak(inner) == segments


@pytest.mark.parametrize(
    ("tag", "run"),
    [
        ('<prosody rate="slow">one</prosody>', SpeechRun("one", rate=0.75)),
        ('<prosody rate="150%">one</prosody>', SpeechRun("one", rate=1.5)),
        ('<prosody volume="-6dB">one</prosody>', SpeechRun("one", gain_db=-6.0)),
        ('<prosody volume="silent">one</prosody>', SpeechRun("one", gain_db=float("-inf"))),
        ('<prosody rate="slow"><prosody volume="soft">one</prosody></prosody>', SpeechRun("one", 0.75, -6.0)),
    ],
)
def test_prosody_changes_speed_and_volume_of_what_it_encloses(tag: str, run: SpeechRun) -> None:
    """Rate and volume reach the words inside, nested ones together, and nothing outside."""
    assert speak(f"before {tag} after") == (SpeechRun("before"), run, SpeechRun("after"))


def test_sub_says_its_alias() -> None:
    """What stands between the sub tags is replaced, and punctuation stays at the word before it."""
    assert speak('Hold it <sub alias="thirty seconds">30 s</sub>, please.') == (
        SpeechRun("Hold it thirty seconds, please."),
    )


@pytest.mark.parametrize(
    ("ssml", "where", "mend"),
    [
        ("Kneel down.", "line 1, column 1", "Write one <speak>"),
        ("<speak>Rest & breathe</speak>", "line 1, column 14", "&amp;"),
        ("<speak>one<s>two</speak>", "line 1, column", "close every tag"),
        ("<speak><emphasis>now</emphasis></speak>", "inside <speak>: tag <emphasis>", "Use only audio, break"),
        ("<p>one</p>", "tag <p> in the wrong place", "exactly one <speak>"),
        ("<speak>a<speak>b</speak></speak>", "tag <speak> in the wrong place", "exactly one <speak>"),
        ('<speak><break time="11s"/></speak>', "over 10 s", "they add up"),
        ('<speak><break time="0.0005s"/></speak>', "break time", "whole milliseconds"),
        ('<speak><break time="1 second"/></speak>', "break time", "whole milliseconds"),
        ('<speak><break time="1s" strength="weak"/></speak>', "both", "Give one"),
        ('<speak><break strength="huge"/></speak>', "'huge'", "x-strong"),
        ('<speak><break time="1s">x</break></speak>', "text inside <break>", "nothing in it"),
        ('<speak><prosody rate="10%">x</prosody></speak>', "rate '10%'", "20% or more"),
        ('<speak><prosody pitch="high">x</prosody></speak>', "attribute pitch", "rate, volume"),
        ('<speak><prosody volume="+9dB">x</prosody></speak>', "volume '+9dB'", "4.08dB"),
        ("<speak><prosody>x</prosody></speak>", "without rate or volume", "leave the tag out"),
        ('<speak><say-as interpret-as="ordinal">1</say-as></speak>', "tag <say-as>", "Use only audio, break"),
        ("<speak><sub>x</sub></speak>", "<sub> without alias", "Give it alias"),
        ('<speak><sub alias="a"><s>x</s></sub></speak>', "tag <s> inside <sub>", "Close <sub>"),
        ("<speak><p><p>x</p></p></speak>", "inside a paragraph", "Close the outer"),
        ('<speak><audio src="http://example.com/a.mp3"/></speak>', "audio source", "https://"),
        ('<speak>\n<audio src="/sounds/a.mp3"/></speak>', "line 2, column 1", "https://"),
        ("<speak>" + '<audio src="https://example.com/a.mp3"/>' * 6 + "</speak>", "more than 5", "fewer files"),
        ("<speak><!-- soon -->x</speak>", "a comment", "Leave it out"),
        ('<!DOCTYPE speak [<!ENTITY a "b">]><speak>&a;</speak>', "DOCTYPE", "Leave it out"),
        ("<speak>" + "a" * 8000 + "</speak>", "8015 characters", "Say less"),
    ],
)
def test_what_alexa_would_refuse_is_an_error_that_says_where_and_how_to_mend(ssml: str, where: str, mend: str) -> None:
    """Unknown tags, wrong values, bad XML and long documents are refused, never skipped."""
    with pytest.raises(SsmlError) as raised:
        parse(ssml)
    assert where in str(raised.value)
    assert mend in str(raised.value)


def test_a_document_of_exactly_8000_characters_is_accepted() -> None:
    """The limit counts the whole document, tags included."""
    assert speak("a" * (8000 - len("<speak></speak>"))) != ()


def test_plain_text_is_not_read_as_markup() -> None:
    """Plain text keeps its signs, and text without any word says nothing."""
    assert plain("Rest & <breathe>") == (SpeechRun("Rest & <breathe>"),)
    assert plain(" … ") == ()
