"""Which pixels each output reads, and with which weights, from coordinates of NumPy or JAX."""

from __future__ import annotations

from typing import Any

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
      tap: float array, shape (taps,): counted from the first that each output reads.
      kernel, kernel_scale: the kernel, and the factor that widens it.
      base: whole pixels, of the coordinate's shape, on top of the coordinate: large coordinates
        keep their precision if they come in two parts.
      lowest: a position before which no tap is read, or None.

    Returns:
      ``(position, weights, read)``, each of shape ``coordinate.shape + tap.shape``. A tap that is
      not read has weight 0, and its distance never reaches the kernel.
    """
    xp = coordinate.__array_namespace__()
    first, end = kernel.window(coordinate, kernel_scale)
    if lowest is not None:
        first = xp.maximum(first, lowest - base)
    first = first[..., None]
    position = first + tap.reshape((1,) * (first.ndim - 1) + tap.shape)
    read = position < end[..., None]
    distance = xp.where(read, position - coordinate[..., None], 0)
    weights = xp.where(read, kernel.weights(distance, kernel_scale), 0)
    return position + xp.broadcast_to(base, coordinate.shape)[..., None], weights, read


def rows(
    coordinate: Any,
    *,
    kernel: AnyKernel,
    kernel_scale: Any,
    boundary: Boundary,
    in_size: Any,
    taps: int,
    base: Any = 0.0,
    lowest: float | None = None,
) -> tuple[Any, Any]:
    """Return the taps of the outputs that sample at these source coordinates.

    Args:
      coordinate, base, lowest: where each output samples; see `taps_read`.
      kernel, kernel_scale: the kernel, and the factor that widens it.
      boundary: what a tap outside means.
      in_size: pixels of the axis; may be a traced number for JAX arrays.
      taps: how many taps to leave room for, at least ``kernel.taps(kernel_scale)``.

    Returns:
      ``(indices, weights)``, each of shape ``coordinate.shape + (taps,)``. Absent taps have index
      ``in_size`` and weight 0.
    """
    xp = coordinate.__array_namespace__()
    tap = xp.arange(taps, dtype=coordinate.dtype)
    position, weights, read = taps_read(
        coordinate, tap, kernel=kernel, kernel_scale=kernel_scale, base=base, lowest=lowest
    )
    index, weights, present = boundary(position, divide_by_sum(weights), in_size)
    present = present & read
    return xp.where(present, index, in_size).astype("int32"), xp.where(present, weights, 0)
