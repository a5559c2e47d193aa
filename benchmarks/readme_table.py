"""Write the speed table of the README from a stored run of python -m benchmarks."""

from __future__ import annotations

import argparse
import json
import pathlib
import sys
from collections.abc import Sequence

from benchmarks.command import RESULTS
from benchmarks.measure.cells import DIRECTIONS
from benchmarks.report.summary import Record, geometric_mean
from benchmarks.report.tables import Grid, markdown_table, replace_section

README = pathlib.Path(__file__).parents[1] / "README.md"
RESULT = RESULTS / "cpu.json"
MARK = "speed table"
METHODS = {
    "nearest": "nearest",
    "linear": "linear, 1-D",
    "bilinear": "bilinear",
    "trilinear": "trilinear",
    "bicubic": "bicubic",
    "lanczos3": "lanczos3",
}
PEERS = {"torch": "PyTorch", "jax.image": "`jax.image`"}


def speed_table(report: Record, source: str) -> str:
    """Return Markdown: for each method, how many times as fast as each peer jaxup is."""
    records = [record for record in report["cells"] if record["dtype"] == "float32"]
    heads = [f"{name}, {direction}" for name in PEERS.values() for direction in DIRECTIONS]
    rows = []
    for method, title in METHODS.items():
        chosen = [record for record in records if record["method"] == method]
        if chosen:
            rows.append(_row(title, chosen))
    rows.append(_row("**all**", records))
    table = markdown_table(Grid(["times as fast as", *heads], rows))
    return f"{_sentence(report, len(records), source)}\n\n{table}"


def _sentence(report: Record, count: int, source: str) -> str:
    facts = report["environment"]
    versions = facts["versions"]
    peers = ", ".join(
        f"{name} {versions[package]}"
        for package, name in (("jax", "JAX"), ("torch", "PyTorch"))
        if package in versions
    )
    return (
        "How many times as fast as PyTorch and `jax.image` jaxup is: geometric mean (worst case)."
        f" The last row covers all {count} resamples: images, signals and volumes in float32;"
        " channels first and last; ×2, ×3, ×1.5, `align_corners` and antialiased ÷2. PyTorch runs"
        f" in the faster of its two memory layouts. {facts['device']}, {facts['cores']} cores,"
        f" {peers}, {facts['date']}; [every cell]({source}). `python -m benchmarks` repeats the"
        " measurement on your machine."
    )


def _row(title: str, records: Sequence[Record]) -> list[str]:
    values = [title]
    for peer in PEERS:
        for direction in DIRECTIONS:
            ratios = [
                record["ratios"][direction][peer]["min"]
                for record in records
                if peer in record["ratios"][direction]
            ]
            values.append(_times(ratios))
    return values


def _times(ratios: list[float]) -> str:
    if not ratios:
        return "–"
    return f"{_two_digits(1 / geometric_mean(ratios))} ({_two_digits(1 / max(ratios))})"


def _two_digits(value: float) -> str:
    return f"{value:.1f}" if value < 10 else f"{value:.0f}"


def main(arguments: list[str] | None = None) -> int:
    """Write the table, or only compare it; return the exit status."""
    made = argparse.ArgumentParser(prog="python -m benchmarks.readme_table", description=__doc__)
    made.add_argument(
        "--result", type=pathlib.Path, default=RESULT, help="the run (default: %(default)s)"
    )
    made.add_argument(
        "--readme", type=pathlib.Path, default=README, help="the page (default: %(default)s)"
    )
    made.add_argument(
        "--check", action="store_true", help="write nothing; exit with 1 if the page is outdated"
    )
    options = made.parse_args(arguments)
    report = json.loads(options.result.read_text())
    source = options.result.resolve().relative_to(options.readme.resolve().parent).as_posix()
    old = options.readme.read_text()
    new = replace_section(old, MARK, speed_table(report, source))
    if options.check:
        return int(new != old)
    options.readme.write_text(new)
    return 0


if __name__ == "__main__":
    sys.exit(main())
