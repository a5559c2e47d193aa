"""Compile the cells of python -m benchmarks for a TPU, on a machine without one.

Nothing runs. The compiler reports the bytes that a program reads and writes, its flops and its
temporaries. Bytes are compared instead of times, because memory traffic bounds a resample. The
floor is the bytes of the input and of the output, which every program must move.
"""

from __future__ import annotations

import argparse
import json
import pathlib
import sys
from collections.abc import Callable, Iterable
from typing import Any

import jax
from rich.table import Table

from benchmarks import command
from benchmarks.measure.cells import DIRECTIONS, Cell, Direction
from benchmarks.measure.environment import environment
from benchmarks.measure.peers import jax_image_function, jaxup_function
from benchmarks.measure.programs import directed
from benchmarks.measure.timing import description
from benchmarks.measure.topology import TOPOLOGY, compile_for_tpu
from benchmarks.report.summary import Quantity, Record, Target, every, summarise
from benchmarks.report.tables import Grid, screen_table, short, summary_tables

PEERS = ("jaxup", "jax.image")


def _against(peer: str) -> Quantity:
    return lambda record, direction: {"bytes": record["ratios"][direction][peer]}


def _fact(name: str) -> Quantity:
    return lambda record, direction: {name: record["results"][direction]["jaxup"][name]}


def _indexed(record: Record, direction: str) -> dict[str, float]:
    return {"gathers, scatters": len(record["results"][direction]["jaxup"]["indexed"])}


TARGETS = (
    Target("bytes / jax.image", _against("jax.image"), every, 1.0, 0.75),
    Target("bytes / floor", _against("floor"), every),
    Target("gather or scatter", _indexed, every, 0),
    Target("temporaries / output", _fact("temp_over_output"), every, 1.0),
    Target("TPU compile time, s", _fact("compile_s"), every),
)


def main(arguments: list[str] | None = None) -> int:
    """Compile the chosen cells and return the exit status."""
    made = argparse.ArgumentParser(prog="python -m benchmarks.tpu", description=__doc__)
    command.add_cell_options(made)
    command.add_random_options(made)
    made.add_argument(
        "--reuse",
        type=pathlib.Path,
        metavar="FILE",
        help="take jax.image's results from a stored run with equal versions",
    )
    options = made.parse_args(arguments)
    jax.config.update("jax_platforms", "cpu")  # the TPU is only described
    chosen = command.chosen_cells(made, options)
    if options.list:
        return command.show_list(chosen)
    output = options.output or command.local_file("tpu")
    report: dict[str, Any] = {
        "environment": environment() | {"platform": "tpu", "device": f"{TOPOLOGY}, compiled only"},
        "cells": [],
    }
    known = _known(options.reuse, report["environment"]["versions"]) if options.reuse else {}
    for cell in command.progress(chosen):
        report["cells"].append(measure(cell, known.get(cell.name)))
        report["summary"] = summarise(report["cells"], TARGETS)
        command.write(report, output)
    tables = [cell_table(report["cells"]), *summary_tables(report["summary"])]
    command.show(report, tables, output, as_json=options.json)
    return 0


def _known(path: pathlib.Path, versions: dict[str, str]) -> dict[str, dict[str, Any]]:
    """Return jax.image's results by cell and direction; they do not depend on jaxup."""
    earlier = json.loads(path.read_text())
    packages = ("jax", "jaxlib", "libtpu")
    if any(earlier["environment"]["versions"][name] != versions[name] for name in packages):
        raise SystemExit(f"{path} was made with other versions of {', '.join(packages)}")
    return {
        record["name"]: {
            direction: record["results"][direction]["jax.image"] for direction in DIRECTIONS
        }
        for record in earlier["cells"]
    }


def measure(cell: Cell, known: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return the cell's record: the cost of each program, and the ratios of their bytes."""
    results, ratios = {}, {}
    for direction in DIRECTIONS:
        ours = _cost(jaxup_function, cell, direction)
        theirs = known[direction] if known else _cost(jax_image_function, cell, direction)
        results[direction] = {"jaxup": ours, "jax.image": theirs}
        ratios[direction] = {
            "jax.image": ours["bytes_accessed"] / theirs["bytes_accessed"],
            "floor": ours["bytes_accessed"] / (cell.in_bytes + cell.out_bytes),
        }
    return {**description(cell), "results": results, "ratios": ratios}


def _cost(
    make: Callable[[Cell], Callable[..., Any]], cell: Cell, direction: Direction
) -> dict[str, Any]:
    function = directed(make(cell), cell, direction)
    compiled = compile_for_tpu(function, cell.operand_shape(direction), cell.dtype)
    return {
        "bytes_accessed": compiled.bytes_accessed,
        "flops": compiled.flops,
        "temp_bytes": compiled.temp_bytes,
        "temp_over_output": compiled.temp_bytes / cell.allowance(direction),
        "compile_s": compiled.compile_s,
        "indexed": list(compiled.indexed),
    }


def cell_table(records: Iterable[Record]) -> Table:
    """Show megabytes accessed, and their ratios to jax.image's and to the floor."""
    heads = ("cell", "direction", "MB", "/jax.image", "/floor", "Gflop", "jax.image's")
    rows = []
    for record in records:
        for direction in DIRECTIONS:
            ours, theirs = (record["results"][direction][peer] for peer in PEERS)
            ratios = record["ratios"][direction]
            against = f"{ratios['jax.image']:.2f}"
            rows.append(
                [
                    short(record["name"]),
                    direction,
                    f"{ours['bytes_accessed'] / 1e6:.1f}",
                    f"[red]{against}[/]" if ratios["jax.image"] > 1 else against,
                    f"{ratios['floor']:.2f}",
                    f"{ours['flops'] / 1e9:.2f}",
                    f"{theirs['flops'] / 1e9:.2f}",
                    f"{ours['temp_over_output']:.2f}",
                    f"{ours['compile_s']:.1f}",
                    f"[red]{', '.join(ours['indexed'])}[/]",
                ]
            )
    title = f"compiled for {TOPOLOGY}: MB accessed, ratios below 1 mean fewer"
    return screen_table(Grid((*heads, "temp / output", "s", "indexed"), rows), title, texts=2)


if __name__ == "__main__":
    sys.exit(main())
