"""Playing a WAV file on the machine's own sound device, where there is one."""

import shutil
import subprocess
from pathlib import Path
from typing import Final

_PLAYERS: Final = (
    ("aplay", "-q"),
    ("paplay",),
    ("afplay",),
    ("ffplay", "-nodisp", "-autoexit", "-loglevel", "error"),
)


def play(path: Path) -> bool:
    """Play a WAV file to its end; False when no player is installed or none found a sound device.

    The players tried, in this order: aplay, paplay, afplay, ffplay.
    """
    for player, *options in _PLAYERS:
        if shutil.which(player) is None:
            continue
        if subprocess.run([player, *options, str(path)], capture_output=True, check=False).returncode == 0:
            return True
    return False
