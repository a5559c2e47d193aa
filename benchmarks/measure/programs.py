"""A program to time, and how a JAX function becomes one."""

from __future__ import annotations

import dataclasses
import os
import time
from collections.abc import Callable
from typing import Any

import jax
from jax.typing import DTypeLike

from benchmarks.measure.cells import Cell, Direction, Shape


@dataclasses.dataclass
class Program:
    """A program that computes one direction of a cell.

    Args:
      peer: the library: "jaxup", "jax.image", "torch", "opencv", "floor" or "copy".
      direction: "forward" or "backward".
      start: starts the work and returns the argument of `wait`.
      wait: returns the result once the work is done.
      variant: a choice that the peer leaves to its user, such as PyTorch's memory layout. Only a
        peer's fastest variant is reported.
      facts: properties that are known without timing: compile_s and temp_bytes.
    """

    peer: str
    direction: Direction
    start: Callable[[], Any]
    wait: Callable[[Any], Any]
    variant: str = ""
    facts: dict[str, float] = dataclasses.field(default_factory=dict)

    def __call__(self) -> Any:
        return self.wait(self.start())


def jitted(
    peer: str, direction: Direction, function: Callable[..., Any], *arguments: Any
) -> Program:
    """Return a JAX function as a program, compiled for its arguments.

    The compile time in its facts includes lowering. With JAX's persistent cache there is none: the
    program may come from a file.
    """
    began = time.perf_counter()
    compiled = jax.jit(function).lower(*arguments).compile()
    seconds = time.perf_counter() - began
    memory = compiled.memory_analysis()
    facts = {} if os.environ.get("JAX_COMPILATION_CACHE_DIR") else {"compile_s": seconds}
    if memory is not None:
        facts["temp_bytes"] = memory.temp_size_in_bytes
    return Program(
        peer, direction, lambda: compiled(*arguments), jax.block_until_ready, facts=facts
    )


def both(peer: str, function: Callable[..., Any], *arguments: jax.Array) -> list[Program]:
    """Return a function as two programs: itself, and its VJP in the first argument alone."""
    x, *others = arguments
    y = jax.eval_shape(function, x, *others)
    cotangent = jax.random.uniform(jax.random.key(1), y.shape, y.dtype)

    def back(cotangent: jax.Array, x: jax.Array, *others: jax.Array) -> jax.Array:
        return jax.vjp(lambda x: function(x, *others), x)[1](cotangent)[0]

    return [
        jitted(peer, "forward", function, x, *others),
        jitted(peer, "backward", back, cotangent, x, *others),
    ]


def directed(function: Callable[..., Any], cell: Cell, direction: Direction) -> Callable[..., Any]:
    """Return a linear function of the cell's image, or its VJP."""
    return function if direction == "forward" else transposed(function, cell.in_shape, cell.dtype)


def transposed(
    function: Callable[..., Any], shape: Shape, dtype: DTypeLike
) -> Callable[[jax.Array], jax.Array]:
    """Return the VJP of a linear function, from cotangent to gradient, without a forward pass."""
    linear = jax.linear_transpose(function, jax.ShapeDtypeStruct(shape, dtype))
    return lambda cotangent: linear(cotangent)[0]
