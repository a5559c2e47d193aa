"""Blocks of the matrix: a product for each block of rows with the few pixels that it reads.

A whole matrix multiplies every pixel of an axis for every row, mostly by zero. Here a block of rows
reads a window. Windows begin at equal distances, so that they are slices of the axis side by side
and no index is read. NaN spreads over a block's rows instead of the axis.
"""

from __future__ import annotations

import dataclasses
import functools
import math
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from jaxup._lowering.arrays import merge, split
from jaxup._lowering.dtypes import accumulation, converted
from jaxup._lowering.tpu.matrix import by_row, matrix_by_row, multiply
from jaxup._recipe.banded import Banded

LARGEST = 128  # rows of a block, or pixels from one window to the next if they are more


@dataclasses.dataclass(frozen=True)
class Windows:
    """What blocks of rows read.

    Args:
      rows: of a block.
      count: of blocks.
      first: the pixel at which the first window begins; may lie before the axis.
      step: pixels from one window's beginning to the next one's.
      width: pixels of a window.
    """

    rows: int
    count: int
    first: int
    step: int
    width: int


def fits(operator: Banded) -> bool:
    """Return whether there are several blocks, which read together about what the axis holds."""
    windows = find_windows(operator)
    return windows.count > 1 and windows.width <= 2 * windows.step + operator.taps


@functools.lru_cache(maxsize=512)
def find_windows(operator: Banded) -> Windows:
    """Return the windows that read the fewest pixels together."""
    start, entries = by_row(operator)
    longer = max(1, operator.in_size / operator.out_size)
    candidates: list[Windows] = []
    for rows in range(math.ceil(LARGEST / longer / 2), math.ceil(LARGEST / longer) + 1):
        exact = rows * operator.in_size / operator.out_size
        block = np.arange(operator.out_size) // rows
        for step in {max(1, math.floor(exact)), math.ceil(exact)}:
            begins = start[:, 0] - block * step
            first, last = int(begins.min()), int(begins.max()) + entries.shape[1]
            candidates.append(Windows(rows, int(block[-1]) + 1, first, step, last - first))
    return min(candidates, key=lambda windows: windows.count * windows.width)


def apply(x: jax.Array, operator: Banded, axis: int, dtype: Any = None) -> jax.Array:
    windows, sum_dtype = find_windows(operator), accumulation(x.dtype, [operator], dtype)
    matrices = _matrices(operator, windows, sum_dtype)
    pixels = _read(x, windows, axis).astype(sum_dtype)
    y = multiply(matrices, pixels, ((2,), (axis + 1,)), ((0,), (axis,)))
    y = merge(jnp.moveaxis(y, (0, 1), (axis, axis + 1)), axis)
    y = lax.slice_in_dim(y, 0, operator.out_size, axis=axis)
    return converted(y, dtype or x.dtype)


def _matrices(operator: Banded, windows: Windows, dtype: Any) -> jax.Array:
    """Return the blocks of the matrix, shape (blocks, rows, width)."""
    row = np.arange(windows.count * windows.rows)
    begin = windows.first + row // windows.rows * windows.step
    row = np.minimum(row, operator.out_size - 1)  # what is too many is cut off
    indices, present = operator.indices[row], operator.present[row]
    indices = np.where(present, indices - begin[:, None], windows.width)
    blocks = Banded(indices, operator.weights[row], windows.width)
    return split(matrix_by_row(blocks, dtype), 0, (windows.count, windows.rows))


def _read(x: jax.Array, windows: Windows, axis: int) -> jax.Array:
    """Return each window, on two axes: their number, and their pixels."""
    pieces = math.ceil(windows.width / windows.step)
    stop = windows.first + (windows.count + pieces - 1) * windows.step
    around = [(0, 0, 0)] * x.ndim
    around[axis] = (-windows.first, stop - x.shape[axis], 0)
    x = lax.pad(x, lax.full((), 0, x.dtype), around)
    x = split(x, axis, (windows.count + pieces - 1, windows.step))
    shifted = [lax.slice_in_dim(x, n, n + windows.count, axis=axis) for n in range(pieces)]
    x = lax.concatenate(shifted, axis + 1)
    return lax.slice_in_dim(x, 0, windows.width, axis=axis + 1)
