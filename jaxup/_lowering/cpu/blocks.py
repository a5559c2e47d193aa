"""Block by block along one axis, where what lies between two passes is larger than the result.

An antialiased shrink of an image by s leaves s times its result after one axis. In blocks of rows
no more than a part of that exists at a time, for the price of a loop.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

from jaxup._lowering import dtypes, gather
from jaxup._lowering.arrays import concatenate_two, untyped, zeros_like
from jaxup._lowering.dtypes import Map, accumulation
from jaxup._recipe.banded import Banded


def needed(between: Sequence[float], limit: float) -> int:
    """Return how many blocks keep what a loop holds below the limit; 1 where no loop is needed.

    A loop holds a part of the arrays between and a block of the result, or three such blocks.
    """
    return 1 if sum(between) <= limit else max(4, int(sum(between) // limit) + 2)


def along(
    x: jax.Array,
    operator: Banded,
    axis: int,
    blocks: int,
    fused: Map,
    rest: Map,
    shape: list[int],
    dtype: Any = None,
) -> jax.Array:
    """Return ``rest`` of the rows of that axis, computed block by block.

    Args:
      blocks: the least number of blocks; no block is smaller than a row.
      fused: the steps computed together with a block of rows; takes and returns an array.
      rest: the steps after it; takes the array that `fused` returns.
      shape, dtype: of the result; by default the dtype of ``x``.
    """
    height = max(1, operator.out_size // blocks)
    blocks = math.ceil(operator.out_size / height)
    sums, dtype = accumulation(x.dtype, [operator], dtype), dtype or x.dtype
    tables = operator.indices.astype("int32"), operator.weights.astype(sums)

    def first_row(n: jax.Array | int) -> jax.Array:
        return jnp.clip(n * height, 0, operator.out_size - height)

    def block(n: jax.Array) -> jax.Array:
        image, n = untyped.optimization_barrier((x, n))  # or its bits are taken before the loop
        indices, weights = (
            lax.dynamic_slice_in_dim(table, first_row(n), height) for table in tables
        )

        def rows(start: int, stop: int) -> jax.Array:
            part = slice(start, stop)
            return fused(gather.rows(image, operator, indices[part], weights[part], axis, sums))

        return rest(concatenate_two(rows, height, axis))

    def write(result: jax.Array, made: jax.Array, n: jax.Array | int) -> jax.Array:
        bits, part = dtypes.bits_of(result), dtypes.bits_of(made)
        bits = lax.dynamic_update_slice_in_dim(bits, part, first_row(n), axis)
        return dtypes.from_bits(bits, result.dtype)

    def step(n: jax.Array, carried: tuple[jax.Array, jax.Array]) -> tuple[jax.Array, jax.Array]:
        """Write the block before the one that this makes: XLA's CPU backend fuses a block with its
        own writing, and such a fusion runs on one thread."""
        result, before = carried
        return write(result, before, n - 1), block(n)

    block_shape = [height if d == axis else n for d, n in enumerate(shape)]
    carried = zeros_like(x, shape, dtype), zeros_like(x, block_shape, dtype)
    result, last = untyped.fori_loop(0, blocks, step, carried)
    return write(result, last, blocks - 1)
