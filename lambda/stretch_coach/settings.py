"""Settings, read once from the environment by whoever composes the skill."""

from collections.abc import Mapping
from dataclasses import dataclass

DEFAULT_SCREENING_MINUTES = 30
MOST_SCREENING_MINUTES = 24 * 60
COUNT_AUDIO = ("auto", "slots", "blocks", "ssml")


class SettingsError(ValueError):
    """An environment variable has a value that makes no sense; the text says which and what would."""


@dataclass(frozen=True)
class Settings:
    table: str = ""
    """The DynamoDB table; empty: state is kept in memory."""
    skill_id: str = ""
    """Only requests for this skill are answered; empty: any."""
    screening_minutes: int = DEFAULT_SCREENING_MINUTES
    """How long the answers of a safety check under way are kept; 0: never stored."""
    count_audio: str = "auto"
    """The rung of the counting ladder: auto, or one that is pinned."""

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> "Settings":
        """Read STRETCH_COACH_*; raises SettingsError."""
        return cls(
            table=environ.get("STRETCH_COACH_TABLE", "").strip(),
            skill_id=environ.get("STRETCH_COACH_SKILL_ID", "").strip(),
            screening_minutes=_minutes(environ.get("STRETCH_COACH_SCREENING_MINUTES", "")),
            count_audio=_rung(environ.get("STRETCH_COACH_COUNT_AUDIO", "")),
        )


def _minutes(text: str) -> int:
    text = text.strip()
    if not text:
        return DEFAULT_SCREENING_MINUTES
    if text.isascii() and text.isdigit() and len(text) <= 4 and int(text) <= MOST_SCREENING_MINUTES:
        return int(text)
    raise SettingsError(
        f"STRETCH_COACH_SCREENING_MINUTES is {text!r}: use whole minutes from 0 to {MOST_SCREENING_MINUTES}"
    )


def _rung(text: str) -> str:
    wanted = text.strip().lower() or COUNT_AUDIO[0]
    if wanted in COUNT_AUDIO:
        return wanted
    raise SettingsError(f"STRETCH_COACH_COUNT_AUDIO is {text!r}: use one of {', '.join(COUNT_AUDIO)}")
