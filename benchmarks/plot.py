"""Draw the ratios of python -m benchmarks, or the bytes of python -m benchmarks.sharding."""

from __future__ import annotations

import argparse
import json
import pathlib
import sys

from benchmarks import sharding
from benchmarks.measure.cells import DIRECTIONS
from benchmarks.report.summary import Record

_COLOURS = {"jax.image": "#0072b2", "torch": "#d55e00", "opencv": "#009e73", "floor": "#666666"}
_NAMES = {"jax.image": "jax.image", "torch": "PyTorch", "opencv": "OpenCV", "floor": "the floor"}
_PROGRAMS = {sharding.OURS: "#0072b2", sharding.AUTOMATIC: "#009e73", sharding.THEIRS: "#d55e00"}


def plot(report: Record, output: pathlib.Path) -> None:
    """Draw jaxup's time divided by each peer's: a line for each peer, with the cells sorted."""
    import matplotlib

    matplotlib.use("agg")
    from matplotlib import pyplot
    from matplotlib.ticker import LogLocator, PercentFormatter

    figure, panels = pyplot.subplots(1, 2, figsize=(10, 4.6), sharey=True, layout="constrained")
    for panel, direction in zip(panels, DIRECTIONS, strict=True):
        for peer, colour in _COLOURS.items():
            ratios = sorted_ratios(report, direction, peer)
            if ratios:
                shares = [(n + 0.5) / len(ratios) for n in range(len(ratios))]
                label = f"{_NAMES[peer]} ({len(ratios)} cells)"
                panel.plot(
                    shares,
                    ratios,
                    color=colour,
                    label=label,
                    linewidth=1.8,
                    marker=".",
                    markersize=3,
                )
        panel.axhline(1, color="black", linewidth=0.8)
        panel.set_yscale("log")
        panel.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        panel.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
        panel.yaxis.set_minor_locator(LogLocator(subs=()))
        panel.xaxis.set_major_formatter(PercentFormatter(1))
        panel.set_xlim(0, 1)
        panel.grid(axis="y", linewidth=0.4, alpha=0.6)
        panel.spines[["top", "right"]].set_visible(False)
        panel.set_title(direction)
        panel.set_xlabel("share of the cells")
        panel.legend(frameon=False, fontsize=9, loc="lower right")
    panels[0].set_ylabel("jaxup's time / the other's\n(below 1: jaxup is faster)")
    figure.suptitle(f"{report['environment']['device']}, {report['environment']['cores']} cores")
    output.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(output, dpi=150)
    pyplot.close(figure)


def sorted_ratios(report: Record, direction: str, peer: str) -> list[float]:
    """Return the ratios of minima against a peer, smallest first."""
    return sorted(
        record["ratios"][direction][peer]["min"]
        for record in report["cells"]
        if peer in record["ratios"][direction]
    )


def plot_growth(report: Record, output: pathlib.Path) -> None:
    """Draw the bytes that a device receives, where each holds as many rows as the others do."""
    import matplotlib

    matplotlib.use("agg")
    from matplotlib import pyplot

    figure, panel = pyplot.subplots(figsize=(6, 3.6), layout="constrained")
    devices = [row["devices"] for row in report["growth"]]
    for program, colour in _PROGRAMS.items():
        received = [row[program] / 1024 for row in report["growth"]]
        panel.plot(devices, received, color=colour, label=program, linewidth=1.8, marker="o")
    panel.set_xscale("log", base=2)
    panel.set_yscale("log")
    for axis in (panel.xaxis, panel.yaxis):
        axis.set_major_formatter(lambda value, _: f"{value:g}")
    panel.grid(axis="y", linewidth=0.4, alpha=0.6)
    panel.spines[["top", "right"]].set_visible(False)
    panel.set_xlabel("devices, each with 64 rows")
    panel.set_ylabel("KiB that a device receives")
    panel.set_title("bilinear ×2, cut along its rows")
    panel.legend(frameon=False, fontsize=9)
    output.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(output, dpi=150)
    pyplot.close(figure)


def main(arguments: list[str] | None = None) -> int:
    """Draw a stored report and return the exit status."""
    made = argparse.ArgumentParser(prog="python -m benchmarks.plot", description=__doc__)
    made.add_argument("report", type=pathlib.Path, help="JSON of one of the two commands")
    made.add_argument("image", type=pathlib.Path, help="PNG or SVG to write")
    options = made.parse_args(arguments)
    report = json.loads(options.report.read_text())
    (plot_growth if "growth" in report else plot)(report, options.image)
    return 0


if __name__ == "__main__":
    sys.exit(main())
