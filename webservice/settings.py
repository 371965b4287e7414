"""Settings of the web service: the skill's own, and where its state is kept."""

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Final

from stretch_coach.settings import Settings, SettingsError

FILE: Final = "web.db"
"""A file of its own: talks on this machine keep theirs in state.db beside it."""


@dataclass(frozen=True)
class WebSettings:
    skill: Settings
    state_file: Path | None
    """The SQLite file; None: state is in the DynamoDB table."""
    insecure_local: bool = False
    """Requests are answered without a signature, to loopback only."""

    @classmethod
    def from_env(
        cls, environ: Mapping[str, str], state_file: Path | None = None, *, insecure_local: bool = False
    ) -> "WebSettings":
        """Read STRETCH_COACH_*; `state_file` wins over the environment. Raises SettingsError."""
        skill = Settings.from_env(environ)
        named = environ.get("STRETCH_COACH_STATE_FILE", "").strip()
        chosen = state_file or (Path(named) if named else None)
        if chosen and skill.table:
            raise SettingsError(
                "STRETCH_COACH_TABLE and a state file are both set: state is kept in one place. Unset one of the two"
            )
        if chosen and chosen.is_dir():
            raise SettingsError(f"{chosen}: this is a folder. Name a file in it")
        if not skill.skill_id and not insecure_local:
            raise SettingsError(
                "STRETCH_COACH_SKILL_ID is not set: requests of any skill would be answered. Set it to your skill's id "
                "(amzn1.ask.skill.…), or try it without Alexa with --insecure-local"
            )
        if not skill.table:
            chosen = chosen or _default_file(environ)
        return cls(skill, chosen, insecure_local)


def _default_file(environ: Mapping[str, str]) -> Path:
    """In the user's data folder, by the XDG rules."""
    base = environ.get("XDG_DATA_HOME") or ""
    folder = Path(base) if Path(base).is_absolute() else Path.home() / ".local" / "share"
    return folder / "stretch-coach" / FILE


def is_loopback(host: str) -> bool:
    """Whether a host name or address means this machine and nothing else."""
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.lower() == "localhost"
