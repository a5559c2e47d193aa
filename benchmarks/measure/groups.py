"""Other groups of a run: the cost curve, and the compilation of long kernels."""

from __future__ import annotations

import functools
import re
import time
from typing import Any, Literal

import jax
import jax.numpy as jnp

import jaxup
from benchmarks.measure.cells import DIRECTIONS, OPERATIONS, Cell, Direction, Method
from benchmarks.measure.programs import transposed
from benchmarks.measure.timing import measure

CURVE_METHODS: tuple[Method, ...] = ("nearest", "bilinear", "bicubic")
CURVE_SIDES = (256, 512, 1024, 2048, 4096)

ShrinkMethod = Literal["bilinear", "bicubic", "lanczos3"]
SHRINK_METHODS: tuple[ShrinkMethod, ...] = ("bilinear", "bicubic", "lanczos3")
SHRINK_IN_SIZES, SHRINK_OUT_SIZE = (400, 4000), 37
SHRINK_LIMIT_S = 1.0  # of compilation
_INSTRUCTION = re.compile(r"^\s*(?:ROOT )?%?[\w.-]+ = ", re.MULTILINE)


def curve_cells() -> list[Cell]:
    """Return the cells of the cost curve: ×2 of square RGB images from 256² to 4096²."""
    return [
        Cell("channels_last", (1, side, side, 3), method, OPERATIONS["x2"])
        for method in CURVE_METHODS
        for side in CURVE_SIDES
    ]


def curve_point(cell: Cell, platform: str, seconds: float, rounds: int) -> dict[str, Any]:
    """Return the record of a cell of the curve, with jaxup and the floor alone."""
    return measure(cell, platform, seconds, rounds, peers=("jaxup", "floor"))


def shrinks() -> list[dict[str, Any]]:
    """Compile antialiased shrinks to 37², from 400² and from 4000².

    The longer kernel has ten times as many taps an axis. Only the program's constants may grow
    with it, not the number of instructions. Returns a record for each method, direction and size.
    """
    return [
        shrink(method, direction, in_size)
        for method in SHRINK_METHODS
        for direction in DIRECTIONS
        for in_size in SHRINK_IN_SIZES
    ]


def shrink(method: ShrinkMethod, direction: Direction, in_size: int) -> dict[str, Any]:
    """Compile one shrink of a square RGB image and return its record."""
    shape = (1, in_size, in_size, 3)
    function = functools.partial(
        jaxup.upsample, size=(SHRINK_OUT_SIZE, SHRINK_OUT_SIZE), method=method, antialias=True
    )
    if direction == "backward":
        function = transposed(function, shape, jnp.float32)
        shape = (1, SHRINK_OUT_SIZE, SHRINK_OUT_SIZE, 3)
    began = time.perf_counter()
    lowered = jax.jit(function).lower(jax.ShapeDtypeStruct(shape, jnp.float32))
    compiled = lowered.compile()
    seconds = time.perf_counter() - began
    return {
        "method": method,
        "direction": direction,
        "in_size": in_size,
        "out_size": SHRINK_OUT_SIZE,
        "compile_s": seconds,
        "limit_s": SHRINK_LIMIT_S,
        "instructions": len(_INSTRUCTION.findall(compiled.as_text() or "")),
        "lowered_instructions": len(_INSTRUCTION.findall(lowered.as_text())),
    }
