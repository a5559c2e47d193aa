"""Which pixels each output reads, and with which weights, from coordinates of NumPy or JAX."""

from __future__ import annotations

from typing import Any

import numpy as np

from jaxup.boundary import Boundary, divide_by_sum
from jaxup.kernels import AnyKernel


def taps_read(
    coordinate: Any,
    tap: Any,
    *,
    kernel: AnyKernel,
    kernel_scale: Any,
    base: Any = 0.0,
    lowest: float | None = None,
) -> tuple[Any, Any, Any]:
    """Return where taps lie, what they weigh before normalising, and which of them are read.

    Args:
      coordinate: float array of any shape, NumPy's or JAX's.
      tap: float array that broadcasts with it: counted from the first that each output reads.
      kernel, kernel_scale: the kernel, and the factor that widens it.
      base: whole pixels on top of the coordinate: large coordinates keep their precision if they
        come in two parts.
      lowest: a position before which no tap is read, or None.

    Returns:
      ``(position, weights, read)``, each of the shape to which these broadcast. A tap that is not
      read has weight 0, and its distance never reaches the kernel.
    """
    xp = coordinate.__array_namespace__()
    first, end = kernel.window(coordinate, kernel_scale)
    if lowest is not None:
        first = xp.maximum(first, lowest - base)
    position = first + tap
    read = position < end
    distance = xp.where(read, position - coordinate, 0)
    weights = xp.where(read, kernel.weights(distance, kernel_scale), 0)
    return position + base, weights, read


def rows(
    coordinate: np.ndarray,
    *,
    kernel: AnyKernel,
    kernel_scale: float,
    boundary: Boundary,
    in_size: int,
    taps: int,
) -> tuple[np.ndarray, np.ndarray]:
    """Return the taps of the outputs that sample at these source coordinates.

    Args:
      coordinate: shape (out,): where each output samples.
      kernel, kernel_scale: the kernel, and the factor that widens it.
      boundary: what a tap outside means.
      in_size: pixels of the axis.
      taps: how many taps to leave room for, at least ``kernel.taps(kernel_scale)``.

    Returns:
      ``(indices, weights)``, each of shape (out, taps). Absent taps have index ``in_size`` and
      weight 0.
    """
    tap = np.arange(taps, dtype=coordinate.dtype)[None]
    position, weights, read = taps_read(
        coordinate[:, None], tap, kernel=kernel, kernel_scale=kernel_scale
    )
    index, weights, present = boundary(position, divide_by_sum(weights), in_size)
    present = present & read
    return np.where(present, index, in_size).astype("int32"), np.where(present, weights, 0)
