"""Long kernels: an antialiased shrink from 4000 pixels beside one from 400, compiled and not run.

With a hundred times as many taps the program must stay the same: only its constants may grow.
"""

from __future__ import annotations

import functools
import re
import time
from collections.abc import Iterable
from typing import Literal

import jax
import jax.numpy as jnp
from rich.table import Table

import jaxup
from benchmarks.measure.cells import DIRECTIONS, Direction
from benchmarks.measure.programs import transposed

Method = Literal["bilinear", "bicubic", "lanczos3"]
METHODS: tuple[Method, ...] = ("bilinear", "bicubic", "lanczos3")
IN_SIZES = (400, 4000)
OUT_SIZE = 37
_LIMIT_S = 1.0
_INSTRUCTION = re.compile(r"^\s*(?:ROOT )?%?[\w.-]+ = ", re.MULTILINE)


def shrinks() -> list[dict]:
    """One record for each method, direction and input size."""
    return [
        shrink(method, direction, in_size)
        for method in METHODS
        for direction in DIRECTIONS
        for in_size in IN_SIZES
    ]


def shrink(method: Method, direction: Direction, in_size: int) -> dict:
    """Compiles one shrink of a square picture of three channels."""
    shape = (1, in_size, in_size, 3)
    function = functools.partial(
        jaxup.upsample, size=(OUT_SIZE, OUT_SIZE), method=method, antialias=True
    )
    if direction == "backward":
        function = transposed(function, shape, jnp.float32)
        shape = (1, OUT_SIZE, OUT_SIZE, 3)
    began = time.perf_counter()
    lowered = jax.jit(function).lower(jax.ShapeDtypeStruct(shape, jnp.float32))
    compiled = lowered.compile()
    seconds = time.perf_counter() - began
    return {
        "method": method,
        "direction": direction,
        "in_size": in_size,
        "out_size": OUT_SIZE,
        "compile_s": seconds,
        "limit_s": _LIMIT_S,
        "instructions": len(_INSTRUCTION.findall(compiled.as_text() or "")),
        "lowered_instructions": len(_INSTRUCTION.findall(lowered.as_text())),
    }


def shrink_table(records: Iterable[dict]) -> Table:
    """Compile time and length of the programs."""
    table = Table(title=f"antialiased shrink to {OUT_SIZE}²: the program's length and compile time")
    for heading in ("method", "direction", "from"):
        table.add_column(heading, no_wrap=True)
    for heading in ("instructions lowered", "optimised", "compile s", "limit"):
        table.add_column(heading, justify="right", no_wrap=True)
    for record in records:
        table.add_row(
            record["method"],
            record["direction"],
            f"{record['in_size']}²",
            str(record["lowered_instructions"]),
            str(record["instructions"]),
            f"{record['compile_s']:.2f}",
            f"≤ {record['limit_s']:g}",
        )
    return table
