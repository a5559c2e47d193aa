"""``python -m benchmarks``: jaxup against its peers, as a table on the screen and JSON on disk."""

from __future__ import annotations

import argparse
import datetime
import json
import pathlib
import re
import sys

import jax
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

RESULTS = pathlib.Path(__file__).parent / "results"


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    made.add_argument("--quick", action="store_true", help="a sample of the cells, two minutes")
    made.add_argument("--filter", metavar="REGEX", help="only the cells whose name it matches")
    made.add_argument("--platform", choices=("cpu", "cuda", "rocm", "tpu"), help="default: JAX's")
    made.add_argument("--list", action="store_true", help="name the cells and stop")
    made.add_argument("--seconds", type=float, help="timing budget of a cell")
    made.add_argument("--rounds", type=int, default=24, help="the most turns of a program")
    made.add_argument("--output", type=pathlib.Path, metavar="FILE", help="where the JSON goes")
    made.add_argument("--json", action="store_true", help="print the JSON instead of the tables")
    return made


def main(arguments: list[str] | None = None) -> int:
    """Run what the arguments ask for; returns the exit status."""
    made = parser()
    options = made.parse_args(arguments)
    if options.platform:
        jax.config.update("jax_platforms", options.platform)

    from benchmarks import cells, table  # the platform must be settled first

    chosen = cells.quick_cells() if options.quick else cells.cells()
    if options.filter:
        chosen = [cell for cell in chosen if re.search(options.filter, cell.name)]
    if not chosen:
        made.error(f"--filter {options.filter!r} matches none of the cells; --list names them")
    if options.list:
        print(*(cell.name for cell in chosen), sep="\n")
        return 0
    seconds = options.seconds or (1.0 if options.quick else 2.0)
    output = options.output or _local(options)
    report = run(chosen, seconds, options.rounds, output)
    if options.json:
        json.dump(report, sys.stdout, indent=1)
        return 0
    screen = table.console()
    screen.print(table.cell_table(report["cells"]))
    screen.print(table.summary_table(report["summary"]))
    screen.print(table.above_table(report["summary"]))
    screen.print(f"JSON: {output}")
    return 0


def run(chosen, seconds: float, rounds: int, output: pathlib.Path) -> dict:
    """Measure the cells, writing the report anew after each, so that a stop loses nothing."""
    from benchmarks.environment import environment
    from benchmarks.measure import measure
    from benchmarks.summary import summarise
    from benchmarks.table import console

    platform = {"gpu": "cuda"}.get(jax.default_backend(), jax.default_backend())
    report = {"environment": environment(), "seconds_per_cell": seconds, "cells": []}
    jax.jit(lambda x: x + 1)(1.0)  # the first compilation of a process pays for start-up
    columns = (
        TextColumn("{task.description}", justify="left"),
        BarColumn(bar_width=30),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console(stderr=True)) as progress:
        task = progress.add_task("", total=len(chosen))
        for cell in chosen:
            progress.update(task, description=cell.name)
            report["cells"].append(measure(cell, platform, seconds, rounds))
            report["summary"] = summarise(report["cells"])
            write(report, output)
            progress.advance(task)
    return report


def write(report: dict, output: pathlib.Path) -> None:
    """Write the report as JSON, its folder made where it is missing."""
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(json.dumps(report, indent=1) + "\n")


def _local(options) -> pathlib.Path:
    """A file that git ignores: committing a result is a decision, made with --output."""
    stamp = datetime.datetime.now().strftime("%Y%m%d-%H%M%S")
    return RESULTS / "local" / f"{stamp}.json"


if __name__ == "__main__":
    sys.exit(main())
