"""The compilation of long kernels: antialiased shrinks to a few pixels."""

from __future__ import annotations

import functools
import re
import time
from typing import Any, Literal

import jax
import jax.numpy as jnp

import jaxup
from benchmarks.measure.cells import DIRECTIONS, Direction
from benchmarks.measure.programs import transposed

ShrinkMethod = Literal["bilinear", "bicubic", "lanczos3"]
SHRINK_METHODS: tuple[ShrinkMethod, ...] = ("bilinear", "bicubic", "lanczos3")
SHRINK_IN_SIZES, SHRINK_OUT_SIZE = (400, 4000), 37
SHRINK_LIMIT_S = 1.0  # of compilation
_INSTRUCTION = re.compile(r"^\s*(?:ROOT )?%?[\w.-]+ = ", re.MULTILINE)


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
