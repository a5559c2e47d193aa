"""Draw the ratios or the growth of python -m benchmarks, or the bytes of benchmarks.sharding."""

from __future__ import annotations

import argparse
import json
import math
import pathlib
import sys
from collections.abc import Callable, Sequence

from benchmarks import sharding
from benchmarks.measure.cells import DIRECTIONS
from benchmarks.report.summary import Record

_COLOURS = {"jax.image": "#0072b2", "torch": "#d55e00", "opencv": "#009e73", "floor": "#666666"}
_NAMES = {"jax.image": "jax.image", "torch": "PyTorch", "opencv": "OpenCV", "floor": "the floor"}
_STYLES = {"jaxup": "solid", "floor": "dashed", "jax.image": "dotted"}
_LINES = {
    "×2, one image": {"color": "#0072b2", "marker": "o"},
    "×2, 64² images": {"color": "#56b4e9", "marker": "s"},
    "÷2, one image": {"color": "#d55e00", "marker": "o"},
    "÷2, 64² images": {"color": "#e69f00", "marker": "s"},
}
_READINGS: dict[str, Callable[[Record, Record], float]] = {
    "time per pixel, ns": lambda record, ours: 1e6 * ours["min_ms"] / record["out_pixels"],
    "temporaries / result": lambda _, ours: ours.get("temp_over_output", math.nan),
    "compile time, s": lambda _, ours: ours.get("compile_s", math.nan),
}
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


def plot_devices(report: Record, output: pathlib.Path) -> None:
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


def plot_growth(report: Record, output: pathlib.Path) -> None:
    """Draw time, temporaries and compile time, forward, against the pixels of the result."""
    import matplotlib

    matplotlib.use("agg")
    from matplotlib import pyplot

    figure, panels = pyplot.subplots(1, 3, figsize=(13, 4.6), layout="constrained")
    for panel, (title, read) in zip(panels, _READINGS.items(), strict=True):
        for (name, peer), records in growth_lines(report["growth"]).items():
            panel.plot(
                [record["out_pixels"] for record in records],
                [read(record, record["results"]["forward"][peer]) for record in records],
                **_LINES.get(name, {"color": "#009e73", "marker": _marker(name)}),
                label=name if peer == "jaxup" else None,
                linestyle=_STYLES[peer] if name in _LINES else "none",
            )
        for peer, style in _STYLES.items():
            panel.plot([], [], color="0.4", linestyle=style, label=peer)
        panel.set_xscale("log")
        panel.set_title(title)
        panel.set_xlabel("pixels of the result")
        panel.grid(axis="y", linewidth=0.4, alpha=0.6)
        panel.spines[["top", "right"]].set_visible(False)
    panels[0].set_yscale("log")
    panels[0].yaxis.set_major_formatter(lambda value, _: f"{value:g}")
    figure.legend(*panels[0].get_legend_handles_labels(), frameon=False, loc="outside right upper")
    figure.suptitle(f"bilinear, three channels, forward, on {report['environment']['device']}")
    output.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(output, dpi=150)
    pyplot.close(figure)


def _marker(name: str) -> str:
    return "D" if name.startswith("×") else "v" if name.endswith("traced") else "^"


def growth_lines(records: Sequence[Record]) -> dict[tuple[str, str], list[Record]]:
    """Return the records of each line, by what grows and by the peer, sorted by their pixels.

    A point off the lines stands alone, for jaxup.
    """
    lines: dict[tuple[str, str], list[Record]] = {}
    for record in sorted(records, key=lambda record: record["out_pixels"]):
        grown = {f"{record['operation']}, one image": record["images"] == 1}
        grown[f"{record['operation']}, 64² images"] = record["side"] == 64
        names = [name for name, wanted in grown.items() if wanted and name in _LINES]
        for peer in record["results"]["forward"] if names else ["jaxup"]:
            for name in names or [record["name"]]:
                lines.setdefault((name, peer), []).append(record)
    return lines


def draw(report: Record, output: pathlib.Path) -> None:
    """Draw what the report holds."""
    if "resamples" in report:
        plot_devices(report, output)
    else:
        (plot_growth if "growth" in report else plot)(report, output)


def main(arguments: list[str] | None = None) -> int:
    """Draw a stored report and return the exit status."""
    made = argparse.ArgumentParser(prog="python -m benchmarks.plot", description=__doc__)
    made.add_argument("report", type=pathlib.Path, help="JSON of one of these commands")
    made.add_argument("image", type=pathlib.Path, help="PNG or SVG to write")
    options = made.parse_args(arguments)
    draw(json.loads(options.report.read_text()), options.image)
    return 0


if __name__ == "__main__":
    sys.exit(main())
