"""The real skill on this machine: content from the checkout, state in one SQLite file."""

import json
import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from simulator.device import Send
from simulator.device.clock import Clock
from simulator.device.envelope import SKILL_ID
from stretch_coach.errors import ContentError

MODELS: Final = Path(__file__).parents[1] / "interaction_model"


def default_state(environ: Mapping[str, str]) -> Path:
    """Where talks are kept between two days, by the XDG rules."""
    base = environ.get("XDG_DATA_HOME") or ""
    folder = Path(base) if Path(base).is_absolute() else Path.home() / ".local" / "share"
    return folder / "stretch-coach" / "state.db"


def locales() -> tuple[str, ...]:
    """Every locale that the skill understands, in order."""
    return tuple(sorted(file.stem for file in MODELS.glob("??-??.json")))


def refuse_unknown_locale(locale: str, where: str) -> None:
    """Raise ContentError for a locale that is not there; `where` is what names it."""
    if locale not in locales():
        raise ContentError(where, "there is no such locale", f"Choose one of {', '.join(locales())}.")


class Local:
    """Everything a door needs to open on this machine; the parts are made when they are first asked for."""

    def __init__(self, state: Path, locale: str = "en-US", count_audio: str = "auto") -> None:
        self.state = state
        self.locale = locale
        self.count_audio = count_audio
        """The rung of the counting ladder, as STRETCH_COACH_COUNT_AUDIO has it."""

    @cached_property
    def model(self) -> Mapping[str, Any]:
        """The interaction model; raises ContentError when this locale has none."""
        refuse_unknown_locale(self.locale, f"interaction_model/{self.locale}.json")
        path = MODELS / f"{self.locale}.json"
        model: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return model

    @cached_property
    def _understander(self) -> Any:
        from understanding import Understander

        return Understander(self.model, skill_id=SKILL_ID)

    def understand(self, text: str) -> Mapping[str, Any]:
        """The `request` part of what Alexa would send for an utterance."""
        found = self._understander.understand(text)
        if found.request_type == "LaunchRequest":
            return {"type": "LaunchRequest"}
        return {"type": "IntentRequest", "dialogState": "COMPLETED", "intent": found.to_request_intent()}

    @cached_property
    def library(self) -> Any:
        """The content, in the words that the Lambda has for every locale too; raises ContentError."""
        from content_reader.documents import load_library

        return load_library()

    def new_process(self, clock: Clock) -> Send:
        """The skill, started anew on the same state."""
        from stretch_coach.alexa.skill import build_skill, invoke_json
        from stretch_coach.settings import Settings
        from stretch_coach.stores.sqlite import SqliteStore

        settings = Settings(count_audio=self.count_audio)
        skill = build_skill(self.library, SqliteStore(self.state), _seconds(clock), settings)
        return lambda event: invoke_json(skill, event, None)


def _seconds(clock: Clock) -> Callable[[], float]:
    return lambda: clock.now_ms / 1000


def stored(state: Path) -> dict[str, Any]:
    """Every row of every table of a state file, JSON columns unfolded; for people to look at."""
    if not state.exists():
        return {}
    with closing(sqlite3.connect(f"file:{state}?mode=ro", uri=True)) as connection:
        connection.row_factory = sqlite3.Row
        tables = [row["name"] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {table: [_row(row) for row in connection.execute(f'SELECT * FROM "{table}"')] for table in tables}  # noqa: S608 - a name the file itself gave


def _row(row: sqlite3.Row) -> dict[str, Any]:
    return {key: json.loads(row[key]) if str(row[key]).startswith("{") else row[key] for key in row.keys()}  # noqa: SIM118 - a Row is no dict
