"""Compile the cells of python -m benchmarks for a TPU, on a machine without one.

Nothing runs. The compiler reports the bytes that a program reads and writes, its flops and its
temporaries. Bytes are compared instead of times, because memory traffic bounds a resample. The
floor is the bytes of the input and of the output, which every program must move. In 16 bits the
error of each result is measured too: the TPU's lowering runs on the CPU.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable
from typing import Any

import jax
from rich.table import Table

from benchmarks import command
from benchmarks.measure.accuracy import accuracy
from benchmarks.measure.cells import DIRECTIONS, Cell, Direction
from benchmarks.measure.environment import environment
from benchmarks.measure.peers import jax_image_function, jaxup_function
from benchmarks.measure.plans import formulations
from benchmarks.measure.programs import directed
from benchmarks.measure.timing import description
from benchmarks.measure.topology import TOPOLOGY, compile_for_tpu
from benchmarks.report.summary import Quantity, Record, Target, error, every, of_type, summarise
from benchmarks.report.tables import ERRORS, Grid, errors, screen_table, short, summary_tables

PEERS = ("jaxup", "jax.image")


def _against(peer: str) -> Quantity:
    return lambda record, direction: {"bytes": record["ratios"][direction][peer]}


def _fact(name: str) -> Quantity:
    return lambda record, direction: {name: record["results"][direction]["jaxup"][name]}


def _best_order(record: Record, direction: str) -> dict[str, float] | None:
    return {"bytes": min(record["orders"][direction].values())} if "orders" in record else None


def _indexed(record: Record, direction: str) -> dict[str, float]:
    return {"gathers, scatters": len(record["results"][direction]["jaxup"]["indexed"])}


TARGETS = (
    Target("bytes / jax.image, float32", _against("jax.image"), of_type("float32"), 1.0, 0.75),
    Target("bytes / jax.image, bfloat16", _against("jax.image"), of_type("bfloat16"), 1.0, 0.75),
    Target("bytes of the best order / jax.image", _best_order, every),
    Target("bytes / floor", _against("floor"), every),
    Target("gather or scatter", _indexed, every, 0),
    Target("temporaries / output", _fact("temp_over_output"), every, 1.0),
    Target("mean error / jax.image's, bfloat16", error("mean"), every, 1.0),
    Target("largest error / jax.image's, bfloat16", error("max"), every, 1.0),
    Target("TPU compile time, s", _fact("compile_s"), every),
)


def main(arguments: list[str] | None = None) -> int:
    """Compile the chosen cells and return the exit status."""
    made = argparse.ArgumentParser(prog="python -m benchmarks.tpu", description=__doc__)
    command.add_cell_options(made)
    command.add_random_options(made)
    command.add_reuse_option(made)
    made.add_argument(
        "--orders",
        action="store_true",
        help="also compile products with whole matrices, of both kinds and in every order",
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
    known = command.known(options, report, ("jax", "jaxlib", "libtpu"))
    for cell in command.progress(chosen):
        record = measure(cell, known.get(cell.name))
        if options.orders:
            record["orders"] = {
                direction: orders(cell, direction, results["jax.image"]["bytes_accessed"])
                for direction, results in record["results"].items()
            }
        report["cells"].append(record)
        report["summary"] = summarise(report["cells"], TARGETS)
        command.write(report, output)
    tables = [cell_table(report["cells"]), *summary_tables(report["summary"])]
    command.show(report, tables, output, as_json=options.json)
    return 0


def measure(cell: Cell, known: Record | None = None) -> dict[str, Any]:
    """Return the cell's record: the cost of each program, and the ratios of their bytes."""
    results, ratios = {}, {}
    for direction in DIRECTIONS:
        ours = _cost(jaxup_function, cell, direction)
        earlier = known["results"][direction]["jax.image"] if known else None
        theirs = earlier or _cost(jax_image_function, cell, direction)
        results[direction] = {"jaxup": ours, "jax.image": theirs}
        ratios[direction] = {
            "jax.image": ours["bytes_accessed"] / theirs["bytes_accessed"],
            "floor": ours["bytes_accessed"] / (cell.in_bytes + cell.out_bytes),
        }
    record = {**description(cell), "results": results, "ratios": ratios}
    if cell.dtype == "bfloat16":
        record["errors"] = {
            direction: accuracy(cell, direction, platform="tpu") for direction in DIRECTIONS
        }
    return record


def orders(cell: Cell, direction: Direction, theirs: float) -> dict[str, float]:
    """Return the bytes of products in every order, as ratios to jax.image's."""
    x = jax.ShapeDtypeStruct(cell.operand_shape(direction), cell.dtype)
    return {
        label: compile_for_tpu(function, x.shape, cell.dtype).bytes_accessed / theirs
        for label, function in formulations(cell, direction, x, "tpu").items()
    }


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
                    *errors(record, direction),
                ]
            )
    heads = (*heads, "temp / output", "s", "indexed", *ERRORS)
    title = f"compiled for {TOPOLOGY}: ratios below 1 mean fewer; errors: jaxup's, jax.image's"
    return screen_table(Grid(heads, rows), title, texts=2)


if __name__ == "__main__":
    sys.exit(main())
