"""Time jaxup against its peers. Print tables and write JSON."""

from __future__ import annotations

import argparse
import pathlib
import sys
from typing import Any

import jax

from benchmarks import command
from benchmarks.measure import api, eager, growth, points, shrink
from benchmarks.measure.environment import environment, keep_pages
from benchmarks.measure.peers import not_installed
from benchmarks.measure.timing import measure
from benchmarks.plot import draw
from benchmarks.report import tables
from benchmarks.report.summary import summarise
from benchmarks.report.verdict import verdict

SECONDS, QUICK_SECONDS = 1.5, 1.0


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    made = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    command.add_cell_options(made)
    command.add_random_options(made)
    made.add_argument("--platform", choices=("cpu", "cuda", "rocm", "tpu"), help="default: JAX's")
    made.add_argument(
        "--plot",
        type=pathlib.Path,
        metavar="FILE",
        help="draw the cells or --growth (PNG, SVG)",
    )
    made.add_argument(
        "--table", action="store_true", help="also every cell and target, 180 columns wide"
    )
    made.add_argument("--eager", action="store_true", help="only the overhead of eager calls")
    made.add_argument(
        "--shrink", action="store_true", help="only shrinks to 37²: compile time, instructions"
    )
    made.add_argument(
        "--points",
        action="store_true",
        help="only sample and grid_sample, on a CPU: PyTorch, SciPy",
    )
    made.add_argument(
        "--growth",
        action="store_true",
        help="only bilinear from 64² to 8192² and to 1,024 images: time, temporaries, compile time",
    )
    made.add_argument(
        "--api",
        action="store_true",
        help="only calls beside upsample, on a CPU: jax.image, PyTorch, SciPy",
    )
    made.add_argument("--seconds", type=float, help="budget of a cell (default: 1.5, quick: 1)")
    made.add_argument(
        "--rounds", type=int, default=24, help="maximum number of rounds (default: %(default)s)"
    )
    return made


def main(arguments: list[str] | None = None) -> int:
    """Run the chosen groups and return the exit status."""
    made = parser()
    options = made.parse_args(arguments)
    if options.platform:
        command.use_platform(options.platform)
    chosen = command.chosen_cells(made, options)
    if options.list:
        return command.show_list(chosen)
    pages = "kept" if keep_pages() else "as the C library has them"
    wanted = _groups(options)
    if wanted & {"points", "api"} and jax.default_backend() != "cpu":
        made.error("--points and --api compare programs on a CPU: add --platform cpu")
    if options.plot and not wanted & {"cells", "growth"}:
        made.error("--plot draws the cells or --growth, and none of the other groups")
    platform = {"gpu": "cuda"}.get(jax.default_backend(), jax.default_backend())
    seconds = options.seconds or (QUICK_SECONDS if options.quick else SECONDS)
    output = options.output or command.local_file(platform)
    report: dict[str, Any] = {
        "environment": {**environment(), "pages": pages},
        "seconds_per_cell": seconds,
        "cells": [],
    }
    jax.jit(lambda x: x + 1)(1.0)  # the first compilation of a process includes its start-up
    if "eager" in wanted:
        report["eager"] = eager.overheads()
    if "shrink" in wanted:
        report["shrink"] = shrink.shrinks()
    if "points" in wanted:
        report["points"] = [
            points.measure(cell, seconds, options.rounds) for cell in command.progress(points.CELLS)
        ]
    if "growth" in wanted:
        report["growth"] = [
            growth.measure(cell, platform, seconds, options.rounds)
            for cell in command.progress(growth.cells())
        ]
    if "api" in wanted:
        report["api"] = [
            api.measure(call, seconds, options.rounds) for call in command.progress(api.calls())
        ]
    shown: list[Any] = [
        tables.screen_table(make(report[name]))
        for name, make in tables.GROUPS.items()
        if name in report
    ]
    if "cells" in wanted:
        for cell in command.progress(chosen):
            report["cells"].append(measure(cell, platform, seconds, options.rounds))
            report["summary"] = summarise(report["cells"])
            command.write(report, output)  # after each cell, so that a stop loses nothing
        if options.table:
            summary = tables.summary_tables(report["summary"])
            shown = [tables.cell_table(report["cells"]), *shown, *summary]
        shown += verdict(report, platform, not_installed())
    command.write(report, output)
    if options.plot:
        draw(report, options.plot)
    command.show(report, shown, output, as_json=options.json)
    return 0


def _groups(options: argparse.Namespace) -> set[str]:
    """Return the named groups, or by default the cells and, if the list is whole, some others."""
    named = {group for group in tables.GROUPS if getattr(options, group)}
    if named:
        return named
    return {"cells"} if options.filter or options.random else {"cells", "eager", "shrink"}


if __name__ == "__main__":
    sys.exit(main())
