"""``python -m benchmarks.tpu``: the same cells compiled for a TPU, on a machine without one.

Nothing runs. The compiler says how many bytes the program's instructions read and write, its
flops and its temporaries; bytes stand in for time, since a resample is bound by them. The floor is
the input's bytes plus the output's, which any program must move.
"""

from __future__ import annotations

import argparse
import json
import pathlib
import sys

import jax
from rich.table import Table

from benchmarks import command
from benchmarks.measure.cells import DIRECTIONS, Cell
from benchmarks.measure.environment import environment
from benchmarks.measure.measure import description
from benchmarks.measure.peers import jax_image_function, jaxup_function
from benchmarks.measure.programs import directed
from benchmarks.measure.topology import TOPOLOGY, compile_for_tpu
from benchmarks.report.summary import Target, summarise
from benchmarks.report.table import summary_tables

PEERS = ("jaxup", "jax.image")


def _against(peer):
    return lambda record, direction: {"bytes": record["ratios"][direction][peer]}


def _fact(name):
    return lambda record, direction: {name: record["results"][direction]["jaxup"][name]}


def _indexed(record, direction):
    return {"gathers, scatters": len(record["results"][direction]["jaxup"]["indexed"])}


def _every(record, direction):
    return True


TARGETS = (
    Target("bytes / jax.image", _against("jax.image"), _every, 1.0, 0.75),
    Target("bytes / floor", _against("floor"), _every),
    Target("gather or scatter", _indexed, _every, 0),
    Target("temporaries / output", _fact("temp_over_output"), _every, 1.0),
    Target("TPU compile time, s", _fact("compile_s"), _every),
)


def main(arguments: list[str] | None = None) -> int:
    """Run what the arguments ask for; returns the exit status."""
    made = argparse.ArgumentParser(prog="python -m benchmarks.tpu", description=__doc__)
    command.add_cell_options(made)
    made.add_argument(
        "--reuse",
        type=pathlib.Path,
        metavar="FILE",
        help="take jax.image's figures from an earlier run with the same versions",
    )
    options = made.parse_args(arguments)
    jax.config.update("jax_platforms", "cpu")  # the TPU is only described
    chosen = command.chosen_cells(made, options)
    if options.list:
        return command.show_list(chosen)
    output = options.output or command.local_file("tpu")
    report = {
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


def _known(path, versions) -> dict[str, dict]:
    """jax.image's figures by cell and direction, which no change of jaxup can touch."""
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


def measure(cell: Cell, known: dict | None = None) -> dict:
    """The cell's record: what each peer's program costs, and jaxup's bytes over the others'."""
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


def _cost(make, cell, direction) -> dict:
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


def cell_table(records) -> Table:
    """Bytes that jaxup's program moves, in all and against the floor and jax.image."""
    table = Table(title=f"compiled for {TOPOLOGY}: MB accessed, ratios below 1 mean fewer")
    for heading in ("cell", "direction"):
        table.add_column(heading, no_wrap=True)
    for heading in ("MB", "/jax.image", "/floor", "Gflop", "jax.image's", "temp / output", "s"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("indexed", no_wrap=True)
    for record in records:
        for direction in DIRECTIONS:
            ours, theirs = (record["results"][direction][peer] for peer in PEERS)
            ratios = record["ratios"][direction]
            against = f"{ratios['jax.image']:.2f}"
            table.add_row(
                record["name"].removesuffix("/float32"),
                direction,
                f"{ours['bytes_accessed'] / 1e6:.1f}",
                f"[red]{against}[/]" if ratios["jax.image"] > 1 else against,
                f"{ratios['floor']:.2f}",
                f"{ours['flops'] / 1e9:.2f}",
                f"{theirs['flops'] / 1e9:.2f}",
                f"{ours['temp_over_output']:.2f}",
                f"{ours['compile_s']:.1f}",
                f"[red]{', '.join(ours['indexed'])}[/]",
            )
    return table


if __name__ == "__main__":
    sys.exit(main())
