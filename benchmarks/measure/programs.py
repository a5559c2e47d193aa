"""`Program`: something to time, and how a JAX function becomes one."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable
from typing import Any

import jax

from benchmarks.measure.cells import Cell, Direction


@dataclasses.dataclass
class Program:
    """One way to do a cell's work in one direction.

    Args:
      peer: who does it: "jaxup", "jax.image", "torch", "opencv", "floor".
      direction: "forward" or "backward".
      start: begins the work and returns what `wait` takes.
      wait: returns once the work is done.
      variant: a choice that the peer leaves to its user, such as torch's memory layout. Of a
        peer's variants the fastest is reported.
      facts: what is known without timing: compile_s, temp_bytes.
    """

    peer: str
    direction: Direction
    start: Callable[[], Any]
    wait: Callable[[Any], Any]
    variant: str = ""
    facts: dict[str, float] = dataclasses.field(default_factory=dict)

    def __call__(self):
        return self.wait(self.start())


def jitted(peer: str, direction: Direction, function: Callable, *arguments) -> Program:
    """A JAX function, compiled for its arguments: lowering and compilation are timed together."""
    began = time.perf_counter()
    compiled = jax.jit(function).lower(*arguments).compile()
    seconds = time.perf_counter() - began
    memory = compiled.memory_analysis()
    facts = {"compile_s": seconds}
    if memory is not None:
        facts["temp_bytes"] = memory.temp_size_in_bytes
    return Program(
        peer, direction, lambda: compiled(*arguments), jax.block_until_ready, facts=facts
    )


def directed(function: Callable, cell: Cell, direction: Direction) -> Callable:
    """A linear function of the cell's picture, or its VJP."""
    return function if direction == "forward" else transposed(function, cell.in_shape, cell.dtype)


def transposed(function: Callable, shape, dtype) -> Callable:
    """The VJP of a linear function alone: its cotangent in, the gradient out, no forward."""
    linear = jax.linear_transpose(function, jax.ShapeDtypeStruct(shape, dtype))
    return lambda cotangent: linear(cotangent)[0]
