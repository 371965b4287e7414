"""Settings from the environment."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stretch_coach.settings import (
    COUNT_AUDIO,
    DEFAULT_SCREENING_MINUTES,
    MOST_SCREENING_MINUTES,
    Settings,
    SettingsError,
)

MINUTES, RUNG = "STRETCH_COACH_SCREENING_MINUTES", "STRETCH_COACH_COUNT_AUDIO"


def test_an_empty_environment_gives_the_defaults() -> None:
    """Without any variable, state is kept in memory, any skill id is served, and counting finds its own way."""
    assert Settings.from_env({}) == Settings() == Settings("", "", DEFAULT_SCREENING_MINUTES, "auto")


def test_every_variable_is_read() -> None:
    """Each variable sets its own field, blanks around it aside; others in the environment do nothing."""
    environ = {
        "STRETCH_COACH_TABLE": " coach ", "STRETCH_COACH_SKILL_ID": "amzn1.ask.skill.x\n", MINUTES: " 5 ",
        RUNG: " Blocks ", "PATH": "/bin", "STRETCH_COACH_UNKNOWN": "1",
    }  # fmt: skip
    assert Settings.from_env(environ) == Settings("coach", "amzn1.ask.skill.x", 5, "blocks")


@pytest.mark.parametrize("blank", ["", "  "])
def test_a_blank_variable_is_as_if_it_were_not_there(blank: str) -> None:
    """Deploy tools set empty variables: they mean the default."""
    names = ("STRETCH_COACH_TABLE", "STRETCH_COACH_SKILL_ID", MINUTES, RUNG)
    assert Settings.from_env(dict.fromkeys(names, blank)) == Settings()


@pytest.mark.parametrize("minutes", [0, 1, 30, MOST_SCREENING_MINUTES])
def test_minutes_within_a_day_are_taken(minutes: int) -> None:
    """Nothing stored at all, and anything up to a day, is a choice an operator may make."""
    assert Settings.from_env({MINUTES: str(minutes)}).screening_minutes == minutes


@pytest.mark.parametrize("text", ["-1", "1.5", "ten", "1441", "9" * 5000, "\u00b2", "\u0663", "1_0", "0x10", "30m"])
def test_other_minutes_are_refused_by_name(text: str) -> None:
    """Anything else is refused, in words that name the variable and what would do."""
    with pytest.raises(SettingsError, match=MINUTES) as refused:
        Settings.from_env({MINUTES: text})
    assert str(MOST_SCREENING_MINUTES) in str(refused.value)


@pytest.mark.parametrize("rung", COUNT_AUDIO)
def test_every_rung_can_be_pinned(rung: str) -> None:
    """The four ways to count can be set, in any case of letters."""
    assert Settings.from_env({RUNG: rung.upper()}).count_audio == rung


@given(minutes=st.text(max_size=8), rung=st.text(max_size=8))
def test_whatever_is_set_is_taken_or_refused_in_words(minutes: str, rung: str) -> None:
    """No value gets through that makes no sense, and none raises anything but a SettingsError."""
    with suppress(SettingsError):
        settings = Settings.from_env({MINUTES: minutes, RUNG: rung})
        assert 0 <= settings.screening_minutes <= MOST_SCREENING_MINUTES
        assert settings.count_audio in COUNT_AUDIO
