"""Compile the cells of python -m benchmarks for an H100 and an A100, on a machine without a GPU.

Nothing runs on a GPU. The bytes are those that the kernels of the optimised program read and
write, every array counted whole. The floor is the bytes of the input and of the output. Matrix
products, of which jax.image is made, are compiled without the search for their fastest form, which
needs the GPU; it does not change which arrays they read. In 16 bits the error of each result is
measured too: the GPU's lowering runs on the CPU.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterable
from typing import Any

import jax
from rich.table import Table

from benchmarks import command
from benchmarks.measure.accuracy import accuracy
from benchmarks.measure.cells import DIRECTIONS, Cell, Direction
from benchmarks.measure.environment import environment
from benchmarks.measure.gpu_topology import GPUS, compile_for_gpu, gpu_sharding
from benchmarks.measure.peers import jax_image_function, jaxup_function
from benchmarks.measure.programs import directed
from benchmarks.measure.timing import description
from benchmarks.report.summary import Quantity, Record, Target, error, every, of_type, summarise
from benchmarks.report.tables import ERRORS, Grid, errors, screen_table, short, summary_tables

PACKAGES = ("jax", "jaxlib", "jax-cuda12-plugin", "nvidia-cuda-nvcc-cu12")
_QUIET = {"TF_CPP_MIN_LOG_LEVEL": "3"}


def _ours(name: str) -> Quantity:
    """Return the larger of the two GPUs' values."""
    return lambda record, direction: {name: _larger(record, direction, "jaxup", name)}


def _larger(record: Record, direction: str, peer: str, name: str) -> float:
    return max(programs[peer][name] for programs in record["results"][direction].values())


def _against(peer: str) -> Quantity:
    def read(record: Record, direction: str) -> dict[str, float] | None:
        ratios = [each[peer] for each in record["ratios"][direction].values() if peer in each]
        return {"bytes": max(ratios)} if ratios else None

    return read


def _of_images(record: Record, direction: str) -> bool:
    return len(record["picture"]) == 4


TARGETS = (
    Target("bytes / jax.image", _against("jax.image"), every, 1.0),
    Target("bytes / floor, float32", _against("floor"), of_type("float32"), None, 1.3),
    Target("bytes / floor, bfloat16", _against("floor"), of_type("bfloat16"), None, 1.5),
    Target("kernels for two axes", _ours("kernels"), _of_images, 2),
    Target("scatters", _ours("scatters"), every, 0),
    Target("gathers", _ours("gathers"), every),
    Target("temporaries / output", _ours("temp_over_output"), every),
    Target("mean error / jax.image's, bfloat16", error("mean"), every, 1.0),
    Target("largest error / jax.image's, bfloat16", error("max"), every, 1.0),
    Target("GPU compile time, s", _ours("compile_s"), every),
)


def main(arguments: list[str] | None = None) -> int:
    """Compile the chosen cells and return the exit status."""
    made = argparse.ArgumentParser(prog="python -m benchmarks.gpu", description=__doc__)
    command.add_cell_options(made)
    command.add_random_options(made)
    command.add_reuse_option(made)
    options = made.parse_args(arguments)
    jax.config.update("jax_platforms", "cpu")  # the GPU is only described
    for name, value in _QUIET.items():
        os.environ.setdefault(name, value)
    chosen = command.chosen_cells(made, options)
    if options.list:
        return command.show_list(chosen)
    try:
        gpu_sharding("h100")
    except NotImplementedError as error:
        raise SystemExit(f"python -m benchmarks.gpu: {error}") from error
    output = options.output or command.local_file("gpu")
    names = " and ".join(gpu.name for gpu in GPUS.values())
    report: dict[str, Any] = {
        "environment": environment()
        | {"platform": "cuda", "device": f"{names}, compiled for and not run on"},
        "cells": [],
    }
    known = command.known(options, report, PACKAGES)
    for cell in command.progress(chosen):
        report["cells"].append(measure(cell, known.get(cell.name)))
        report["summary"] = summarise(report["cells"], TARGETS)
        command.write(report, output)
    tables = [cell_table(report["cells"]), *summary_tables(report["summary"])]
    command.show(report, tables, output, as_json=options.json)
    return 0


def measure(cell: Cell, known: Record | None = None) -> dict[str, Any]:
    """Return the cell's record: the cost of each program for each GPU, ratios, and errors."""
    results: dict[str, Any] = {}
    ratios: dict[str, Any] = {}
    for direction in DIRECTIONS:
        results[direction], ratios[direction] = {}, {}
        for gpu in GPUS:
            ours = _cost(jaxup_function, cell, direction, gpu)
            if known:
                theirs = known["results"][direction][gpu]["jax.image"]
            else:
                theirs = _cost(jax_image_function, cell, direction, gpu)
            results[direction][gpu] = {"jaxup": ours, "jax.image": theirs}
            ratios[direction][gpu] = {"floor": ours["bytes"] / (cell.in_bytes + cell.out_bytes)}
            if "bytes" in theirs:
                ratios[direction][gpu]["jax.image"] = ours["bytes"] / theirs["bytes"]
    record = {**description(cell), "results": results, "ratios": ratios}
    if cell.dtype == "bfloat16":
        record["errors"] = {
            direction: accuracy(cell, direction, platform="cuda") for direction in DIRECTIONS
        }
    return record


def _cost(
    make: Callable[[Cell], Callable[..., Any]], cell: Cell, direction: Direction, gpu: str
) -> dict[str, Any]:
    """Return what a program costs, or the error of a compiler that cannot make it."""
    function = directed(make(cell), cell, direction)
    try:
        made = compile_for_gpu(function, cell.operand_shape(direction), cell.dtype, gpu)
    except jax.errors.JaxRuntimeError as error:
        if make is jaxup_function:
            raise
        return {"error": str(error).partition(":")[0]}
    return {
        "kernels": len(made.kernels),
        "bytes": made.bytes_accessed,
        "temp_bytes": made.temp_bytes,
        "temp_over_output": round(made.temp_bytes / cell.allowance(direction), 3),
        "gathers": made.indexed["gather"],
        "scatters": made.indexed["scatter"],
        "compile_s": round(made.compile_s, 2),
    }


def cell_table(records: Iterable[Record]) -> Table:
    """Show the kernels and bytes of each cell, for the GPU of the larger number."""
    heads = ("cell", "direction", "MB", "/floor", "/jax.image", "kernels", "jax.image's")
    rows = []
    for record in records:
        for direction in DIRECTIONS:
            programs = list(record["results"][direction].values())
            theirs = [each["jax.image"].get("kernels") for each in programs]
            against = _against("jax.image")(record, direction)
            floor = _against("floor")(record, direction) or {}
            rows.append(
                [
                    short(record["name"]),
                    direction,
                    f"{_larger(record, direction, 'jaxup', 'bytes') / 1e6:.1f}",
                    f"{floor['bytes']:.2f}",
                    _ratio(against["bytes"]) if against else "–",
                    f"{_larger(record, direction, 'jaxup', 'kernels')}",
                    f"{max(theirs)}" if all(theirs) else "fails",
                    *(
                        f"{_larger(record, direction, 'jaxup', name):.3g}"
                        for name in ("temp_over_output", "gathers", "scatters", "compile_s")
                    ),
                    *errors(record, direction),
                ]
            )
    heads = (*heads, "temp / output", "gathers", "scatters", "s", *ERRORS)
    title = "compiled for GPUs: ratios of bytes, below 1 means fewer; errors: jaxup's, jax.image's"
    return screen_table(Grid(heads, rows), title, texts=2)


def _ratio(value: float) -> str:
    return f"[red]{value:.2f}[/]" if value > 1 else f"{value:.2f}"


if __name__ == "__main__":
    sys.exit(main())
