"""Work out what many users cost and need, from measured turns and simulated arrivals: docs/scale.md and scale.png."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from bench.scale.needs import cold_share, need, simulate
from bench.scale.page import page
from bench.scale.plot import draw
from bench.scale.session import SCRIPTS, largest_item, measure
from content_reader.documents import load_library

DOCS: Final = Path(__file__).resolve().parents[2] / "docs"
USERS: Final = (1_000, 1_000_000, 50_000_000)


def run(argv: Sequence[str]) -> int:
    """Measure, simulate and write both files."""
    argparse.ArgumentParser(prog="python -m bench scale", description=__doc__).parse_args(argv)
    library = load_library("en-US")
    measured = {kind: measure(library, script) for kind, script in SCRIPTS.items()}
    load = simulate(measured)
    needs = [need(users, measured, load) for users in USERS]
    draw(load, needs, DOCS / "scale.png")
    (DOCS / "scale.md").write_text(
        page(measured, needs, cold_share(measured, USERS[0]), largest_item(library)), encoding="utf-8"
    )
    print("docs/scale.md and docs/scale.png written")
    return 0
