"""The real skill on this machine: content from the checkout, state in one SQLite file."""

import json
import os
from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from simulator.clock import Clock
from simulator.device import Send
from simulator.envelope import SKILL_ID
from stretch_coach.errors import ContentError

ROOT = Path(__file__).parents[1]


def default_state(environ: Mapping[str, str]) -> Path:
    """Where talks are kept between two days, by the XDG rules."""
    base = environ.get("XDG_DATA_HOME") or ""
    folder = Path(base) if Path(base).is_absolute() else Path.home() / ".local" / "share"
    return folder / "stretch-coach" / "state.db"


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
        path = ROOT / "interaction_model" / f"{self.locale}.json"
        try:
            model: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError as error:
            known = ", ".join(sorted(file.stem for file in path.parent.glob("??-??.json")))
            where = os.path.relpath(path, ROOT)
            raise ContentError(where, "there is no such locale", f"Choose one of {known}.") from error
        return model

    @cached_property
    def _understander(self) -> Any:
        from simulator.nlu import Understander

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
