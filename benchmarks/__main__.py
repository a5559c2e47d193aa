"""``python -m benchmarks``: jaxup against its peers, as a table on the screen and JSON on disk."""

from __future__ import annotations

import argparse
import pathlib
import sys

import jax

from benchmarks import command
from benchmarks.measure.allocator import keep_pages
from benchmarks.measure.curve import curve_cells, curve_table, point
from benchmarks.measure.eager import eager_table, overheads
from benchmarks.measure.environment import environment
from benchmarks.measure.measure import measure
from benchmarks.measure.shrink import shrink_table, shrinks
from benchmarks.plot import plot
from benchmarks.report.summary import TARGETS, summarise
from benchmarks.report.table import cell_table, summary_tables

SECONDS, QUICK_SECONDS = 1.5, 1.0


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    command.add_cell_options(made)
    made.add_argument("--platform", choices=("cpu", "cuda", "rocm", "tpu"), help="default: JAX's")
    made.add_argument(
        "--plot", type=pathlib.Path, metavar="FILE", help="draw the cells' ratios as PNG or SVG"
    )
    made.add_argument("--curve", action="store_true", help="only cost against pixels")
    made.add_argument("--eager", action="store_true", help="only the overhead of eager calls")
    made.add_argument("--shrink", action="store_true", help="only 4000 → 37: compile time, length")
    made.add_argument("--seconds", type=float, help="budget of a cell (default 1.5, quick 1)")
    made.add_argument("--rounds", type=int, default=24, help="the most turns of a program")
    return made


def main(arguments: list[str] | None = None) -> int:
    """Run what the arguments ask for; returns the exit status."""
    made = parser()
    options = made.parse_args(arguments)
    if options.platform:
        jax.config.update("jax_platforms", options.platform)
    chosen = command.chosen_cells(made, options)
    if options.list:
        return command.show_list(chosen)
    pages = "kept" if keep_pages() else "as the C library has them"
    groups = _groups(options)
    if options.plot and "cells" not in groups:
        made.error("--plot draws the cells: leave --curve, --eager and --shrink out")
    platform = {"gpu": "cuda"}.get(jax.default_backend(), jax.default_backend())
    seconds = options.seconds or (QUICK_SECONDS if options.quick else SECONDS)
    output = options.output or command.local_file(platform)
    report = {
        "environment": {**environment(), "pages": pages},
        "seconds_per_cell": seconds,
        "cells": [],
    }
    tables = []
    jax.jit(lambda x: x + 1)(1.0)  # the first compilation of a process pays for start-up
    if "eager" in groups:
        report["eager"] = overheads()
        tables.append(eager_table(report["eager"]))
    if "shrink" in groups:
        report["shrink"] = shrinks()
        tables.append(shrink_table(report["shrink"]))
    if "curve" in groups:
        report["curve"] = [
            point(cell, platform, seconds, options.rounds)
            for cell in command.progress(curve_cells())
        ]
        tables.append(curve_table(report["curve"]))
    if "cells" in groups:
        for cell in command.progress(chosen):
            report["cells"].append(measure(cell, platform, seconds, options.rounds))
            report["summary"] = summarise(report["cells"], TARGETS)
            command.write(report, output)  # after each cell, so that a stop loses nothing
        tables = [cell_table(report["cells"]), *tables, *summary_tables(report["summary"])]
    command.write(report, output)
    if options.plot:
        plot(report, options.plot)
    command.show(report, tables, output, as_json=options.json)
    return 0


def _groups(options) -> set[str]:
    """Those that are named; else the cells, and with an unfiltered run the others too."""
    named = {group for group in ("curve", "eager", "shrink") if getattr(options, group)}
    if named:
        return named
    if options.filter:
        return {"cells"}
    return {"cells", "eager", "shrink"} | (set() if options.quick else {"curve"})


if __name__ == "__main__":
    sys.exit(main())
