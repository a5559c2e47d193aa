"""``python -m benchmarks``: jaxup against its peers, as a table on the screen and JSON on disk."""

from __future__ import annotations

import argparse
import sys

import jax

from benchmarks import command
from benchmarks.environment import environment
from benchmarks.measure import measure
from benchmarks.summary import TARGETS, summarise
from benchmarks.table import cell_table

SECONDS, QUICK_SECONDS = 2.0, 1.0


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    command.add_cell_options(made)
    made.add_argument("--platform", choices=("cpu", "cuda", "rocm", "tpu"), help="default: JAX's")
    made.add_argument("--seconds", type=float, help="timing budget of a cell (default 2, quick 1)")
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
    platform = {"gpu": "cuda"}.get(jax.default_backend(), jax.default_backend())
    seconds = options.seconds or (QUICK_SECONDS if options.quick else SECONDS)
    output = options.output or command.local_file(platform)
    report = {"environment": environment(), "seconds_per_cell": seconds, "cells": []}
    jax.jit(lambda x: x + 1)(1.0)  # the first compilation of a process pays for start-up
    for cell in command.progress(chosen):
        report["cells"].append(measure(cell, platform, seconds, options.rounds))
        report["summary"] = summarise(report["cells"], TARGETS)
        command.write(report, output)  # after each cell, so that a stop loses nothing
    command.show(report, cell_table(report["cells"]), output, as_json=options.json)
    return 0


if __name__ == "__main__":
    sys.exit(main())
