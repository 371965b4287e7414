"""The picture of the pace report: count number against error, for every hold, voice and way of counting."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from bench.pace.cases import NAIVE, RUNGS, Case
from sound.measuring.onsets import Measurement

_TITLES: Final = {
    "slots": "slots: one a second",
    "blocks": "blocks: a few counts each",
    "ssml": "ssml: landmarks only",
    NAIVE: "naive: number, then a break of 1 s",
}


def draw(results: Sequence[tuple[Case, str, Measurement]], path: Path) -> None:
    """Write the picture as PNG."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt
    from matplotlib.lines import Line2D

    names = list(dict.fromkeys(voice for _, voice, _ in results))
    colors = dict(zip(names, plt.colormaps["tab10"].colors, strict=False))  # type: ignore[attr-defined]
    figure, axes = plt.subplots(2, 2, figsize=(11, 7.5), layout="constrained")
    for axis, way in zip(axes.flat, (*RUNGS, NAIVE), strict=True):
        for case, voice, measured in results:
            if case.rung == way and case.is_hold and measured.errors_ms:
                axis.plot(
                    range(1, len(measured.errors_ms) + 1), measured.errors_ms, color=colors[voice], lw=1, alpha=0.7
                )
        axis.axhline(0, color="black", lw=0.5)
        axis.set(title=_TITLES[way], xlabel="spoken count", ylabel="late (+) or early (-), ms")
        low, high = axis.get_ylim()
        if high - low < 20:
            axis.set_ylim(-10, 10)
        axis.grid(alpha=0.3)
    handles = [Line2D([], [], color=colors[name], label=name) for name in names]
    figure.legend(handles=handles, loc="outside lower center", ncols=len(names), frameon=False)
    figure.suptitle("How far each spoken count is from its due time (every hold of 5 to 90 s; note the scales)")
    figure.savefig(path, dpi=110, metadata={"Software": None})
    plt.close(figure)
