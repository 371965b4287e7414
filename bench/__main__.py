"""``python -m bench <action>``: what is measured, and the pages that say what came out."""

import sys
from typing import Final

from tools.actions import Actions

BENCH: Final = Actions(
    "bench",
    {
        "pace": "bench.pace.report",
        "load": "bench.load.report",
        "scale": "bench.scale.report",
        "faults": "bench.faults",
        "understanding": "bench.understanding",
        "spoken-loop": "bench.spoken_loop.report",
    },
)

if __name__ == "__main__":
    raise SystemExit(BENCH.main(sys.argv[1:]))
