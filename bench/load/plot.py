"""The curve of the load report: latency against the rate that was asked for."""

from collections.abc import Sequence
from pathlib import Path

from bench.load.results import Result


def draw(results: Sequence[Result], path: Path) -> None:
    """Write the picture as PNG."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    figure, (latency, throughput) = plt.subplots(1, 2, figsize=(11, 4.5), layout="constrained")
    for number, result in enumerate(results):
        color = f"C{number}"
        asked = [step.asked for step in result.steps]
        latency.plot(asked, [step.p50 for step in result.steps], color=color, marker="o", label=result.name)
        latency.plot(asked, [step.p99 for step in result.steps], color=color, ls="--", marker=".")
        throughput.plot(asked, [step.answered for step in result.steps], color=color, marker="o", label=result.name)
    most = max(step.asked for result in results for step in result.steps)
    throughput.plot([0, most], [0, most], color="black", lw=0.5, label="all that was asked")
    latency.set(
        xscale="log",
        yscale="log",
        xlabel="requests a second asked",
        ylabel="milliseconds from when due: p50, and dashed p99",
    )
    throughput.set(xlabel="requests a second asked", ylabel="requests a second answered")
    for axis in (latency, throughput):
        axis.grid(alpha=0.3, which="both")
        axis.legend(fontsize="small", frameon=False)
    figure.suptitle("Signed requests over loopback, gunicorn with 2 workers of 4 threads")
    figure.savefig(path, dpi=110, metadata={"Software": None})
    plt.close(figure)
