"""Puts the speaker together: the real skill on this machine, with what can be broken in between."""

from collections.abc import Mapping
from typing import Any

from simulator.local import Local
from simulator.speaker.clock import SpeakerClock
from simulator.speaker.faults import Breakable
from simulator.speaker.room import Recognise, Speaker
from simulator.speaker.sound import Sound
from stretch_coach.errors import StretchCoachError


def compose(local: Local, sound: Sound | None, recognise: Recognise | None = None) -> Speaker:
    """A speaker with the skill behind it; raises ContentError."""
    from stretch_coach.alexa.skill import build_skill, invoke_json
    from stretch_coach.settings import Settings
    from stretch_coach.stores.sqlite import SqliteStore

    clock = SpeakerClock()
    store = Breakable(SqliteStore(local.state))
    settings = Settings(count_audio=local.count_audio)
    skill = build_skill(local.library, store, lambda: clock.now_ms / 1000, settings)

    def send(message: Mapping[str, Any]) -> dict[str, Any]:
        return invoke_json(skill, message, None)

    return Speaker(
        send, local.understand, store,
        state=local.state, locale=local.locale, sound=sound, recognise=recognise, clock=clock,
    )  # fmt: skip


def sound_for(name: str | None) -> tuple[Sound | None, str]:
    """A voice by name, or why there is none; "none" asks for silence. Raises StretchCoachError for a name given."""
    if name == "none":
        return None, ""
    try:
        from sound.audio import VoiceError
    except ImportError as error:
        return None, f"No voice: {error.name} is not installed. `make setup-dev` installs the voices."
    try:
        sound = Sound(name)
        sound.warm()
    except VoiceError as error:
        if name:
            raise StretchCoachError(str(error)) from error
        return None, f"No voice: {error}"
    return sound, ""
