"""The picture of the scale report."""

from collections.abc import Sequence
from pathlib import Path

from bench.scale.needs import Load, Need


def draw(load: Load, needs: Sequence[Need], path: Path) -> None:
    """Write the picture: turns a second over the day, and what each size needs at its peak."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(1, 2, figsize=(11, 4), layout="constrained")
    for item in needs:
        rate = [share * item.requests_week / 7 / 3600 for share in load.by_hour]
        axes[0].step(range(24), rate, where="mid", label=f"{item.users:,} weekly users")
    axes[0].set(title="Requests a second by hour of day", xlabel="hour (UTC)", yscale="log", xlim=(0, 23))
    axes[0].legend(fontsize=8)
    kinds = ("peak_requests", "peak_reads", "peak_writes", "concurrency")
    names = ("requests/s", "read units/s", "write units/s", "environments")
    for number, item in enumerate(needs):
        axes[1].bar([place + number * 0.27 for place in range(4)], [getattr(item, kind) for kind in kinds], 0.25)
    axes[1].set(title="At the peak", yscale="log", xticks=[place + 0.27 for place in range(4)], xticklabels=names)
    for axis in axes:
        axis.grid(alpha=0.3)
    figure.savefig(path, dpi=110, metadata={"Software": None})
    plt.close(figure)
