"""The other groups of a run: the cost curve, the overhead of eager calls, and long kernels."""

from __future__ import annotations

import functools
import re
import time
from typing import Any, Literal

import jax
import jax.numpy as jnp

import jaxup
from benchmarks.measure.cells import DIRECTIONS, OPERATIONS, Cell, Direction, Method
from benchmarks.measure.programs import Program, transposed
from benchmarks.measure.timing import estimate, interleave, measure, paired_ratio

CURVE_METHODS: tuple[Method, ...] = ("nearest", "bilinear", "bicubic")
CURVE_SIDES = (256, 512, 1024, 2048, 4096)

EagerMethod = Literal["nearest", "bilinear", "bicubic"]
EAGER_METHODS: dict[EagerMethod, str] = {
    "nearest": "nearest",
    "bilinear": "linear",
    "bicubic": "cubic-pytorch",
}
EAGER_SHAPE, EAGER_OUT_SHAPE = (1, 4, 4, 3), (1, 8, 8, 3)
EAGER_LIMIT = 1.5  # of jaxup's time to jax.image's

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


def overheads(rounds: int = 200) -> list[dict[str, Any]]:
    """Time calls outside of jit on an image so small that only the overhead counts.

    Returns a record for each method: microseconds of `jaxup.upsample` and `jax.image.resize`.
    """
    return [_overhead(method, rounds) for method in EAGER_METHODS]


def _overhead(method: EagerMethod, rounds: int) -> dict[str, Any]:
    x = jnp.ones(EAGER_SHAPE)
    theirs_method = EAGER_METHODS[method]
    calls = {
        "jaxup": lambda: jaxup.upsample(x, 2, method),
        "jax.image": lambda: jax.image.resize(x, EAGER_OUT_SHAPE, theirs_method, antialias=False),
    }
    programs = [
        Program(peer, "forward", call, jax.block_until_ready) for peer, call in calls.items()
    ]
    guesses = [estimate(program) for program in programs]
    ours, theirs = interleave(programs, guesses, seconds=60, rounds=rounds)
    return {
        "method": method,
        "shape": list(EAGER_SHAPE),
        "limit": EAGER_LIMIT,
        "jaxup": {"min_us": 1e6 * ours.minimum, "median_us": 1e6 * ours.median},
        "jax.image": {"min_us": 1e6 * theirs.minimum, "median_us": 1e6 * theirs.median},
        "ratio": {"min": ours.minimum / theirs.minimum, "paired": paired_ratio(ours, theirs)},
    }


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
