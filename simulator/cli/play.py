"""``stretch-coach play``: scripts performed, and compared with what happens."""

import argparse
import tempfile
from pathlib import Path

from simulator.cli.faults import told
from simulator.cli.options import DEPARTED, DONE
from simulator.local import Local
from simulator.scripts import script as scripts
from simulator.scripts.stage import Performance


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.description = scripts.__doc__
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="a script, such as tests/dialogues/*.yaml")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print each mismatch and say whether there was one; raises ScriptError."""
    departed = 0
    for path in options.files:
        script = scripts.load(path)
        with tempfile.TemporaryDirectory(prefix="stretch-coach-") as folder:
            local = Local(Path(folder) / "state.db", script.settings.get("locale", "en-US"))
            with told():
                mismatch = Performance(script, local.new_process, local.understand).run()
        print(mismatch or f"{path}: as written ({script.name})")
        departed += mismatch is not None
    return DEPARTED if departed else DONE
