"""An axis cut over several devices: neighbours exchange the pixels near their borders.

The recipe says which pixels a block of rows reads. So every device receives a fixed number of
pixels from those before it and after it, by `jax.lax.ppermute`, and nothing else moves. The
transposed recipe is banded too: a backward is the same code, and needs no sum across devices.
"""

# pyright: reportUnknownMemberType=false
from __future__ import annotations

import dataclasses
import functools
import math
from collections.abc import Iterator
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from jaxup._lowering import gather
from jaxup._lowering.arrays import untyped
from jaxup._lowering.dtypes import accumulation
from jaxup._recipe.banded import Banded


@dataclasses.dataclass(frozen=True, eq=False)
class Cut:
    """An operator cut into equal blocks of rows, one for each device.

    Args:
      before, after: pixels that a device receives from those before it and after it.
      ring: whether the first device's pixels follow the last one's.
      operators: those of the blocks, each once; they read a device's pixels with those received.
      which: the number of the operator of each device.
    """

    before: int
    after: int
    ring: bool
    operators: tuple[Banded, ...]
    which: tuple[int, ...]


@functools.lru_cache(maxsize=512)
def cut(operator: Banded, devices: int) -> Cut:
    """Return the operator cut for a number of devices that divides its rows and its columns."""
    held, taps = operator.in_size // devices, operator.taps
    shape = (devices, operator.out_size // devices, taps)
    present = operator.present.reshape(shape)
    place = operator.indices.reshape(shape) - held * np.arange(devices)[:, None, None]
    before, after = _reach(place, present, held)
    middle = (operator.in_size - held) // 2
    around = (place + middle) % operator.in_size - middle
    ring = sum(_reach(around, present, held)) < before + after
    if ring:
        place, (before, after) = around, _reach(around, present, held)
    size = before + held + after
    indices = np.where(present, place + before, size)
    weights = operator.weights.reshape(shape)
    numbers: dict[bytes, int] = {}
    which = [
        numbers.setdefault(i.tobytes() + w.tobytes(), len(numbers))
        for i, w in zip(indices, weights, strict=True)
    ]
    first = [which.index(number) for number in range(len(numbers))]
    operators = tuple(Banded(indices[device], weights[device], size) for device in first)
    return Cut(before, after, ring, operators, tuple(which))


def _reach(place: np.ndarray, present: np.ndarray, held: int) -> tuple[int, int]:
    """Return how many pixels are read before and after the ``held`` that a device has itself."""
    place = np.where(present, place, 0)
    return max(0, -int(place.min())), max(0, int(place.max()) + 1 - held)


def with_neighbours(x: jax.Array, cut: Cut, axis: int, name: Any) -> jax.Array:
    """Return a device's pixels between those that it receives.

    Args:
      name: of the mesh axis, or axes, over which the array's axis is cut.
    """
    before = [*_received(x, cut, axis, name, cut.before, -1)][::-1]
    after = [*_received(x, cut, axis, name, cut.after, 1)]
    return lax.concatenate([*before, x, *after], axis) if before or after else x


def _received(
    x: jax.Array, cut: Cut, axis: int, name: Any, width: int, direction: int
) -> Iterator[jax.Array]:
    """Yield so many pixels on one side, from the nearest device first.

    What lies beyond the ends of the array is zeros, which no row reads.
    """
    held, devices = x.shape[axis], len(cut.which)
    for hop in range(1, math.ceil(width / held) + 1):
        count = min(held, width - (hop - 1) * held)
        start = held - count if direction < 0 else 0
        targets = ((device, device - direction * hop) for device in range(devices))
        pairs = [(n, to % devices) for n, to in targets if cut.ring or 0 <= to < devices]
        part = lax.slice_in_dim(x, start, start + count, axis=axis)
        yield untyped.ppermute(part, name, pairs)


def own_rows(x: jax.Array, cut: Cut, axis: int, name: Any, multiplies: bool) -> jax.Array:
    """Return a device's rows, where devices have different operators: each finds its own taps.

    A `jax.lax.switch` over the operators would have a GPU wait until the host knows the device.

    Args:
      x: what `with_neighbours` returns.
      multiplies: whether to multiply by a matrix made of the taps, rather than gather.
    """
    first, *others = cut.operators
    number = jnp.asarray(cut.which, "int32")[lax.axis_index(name)]
    indices = jnp.asarray(np.stack([o.indices for o in cut.operators]), "int32")[number]
    present = first.present.copy()
    for other in others:
        present &= other.present
    pattern = Banded(np.where(present, 0, first.in_size), np.zeros(present.shape), first.in_size)
    multiplies = multiplies and jnp.issubdtype(x.dtype, jnp.inexact)
    if all(operator.selects for operator in cut.operators) and not multiplies:
        return gather.rows(x, pattern, indices, np.ones(present.shape), axis, x.dtype)
    dtype = accumulation(x.dtype, cut.operators)
    weights = jnp.asarray(np.stack([o.weights for o in cut.operators]), dtype)[number]
    if multiplies:
        return _product(x.astype(dtype), indices, weights, axis)
    return gather.rows(x, pattern, indices, weights, axis, dtype)


def _product(x: jax.Array, indices: jax.Array, weights: jax.Array, axis: int) -> jax.Array:
    """Return the rows as a product with their matrix, which comparisons make: no gather."""
    column = untyped.broadcasted_iota(indices.dtype, (indices.shape[0], x.shape[axis]), 1)
    taps = (
        jnp.where(column == lax.index_in_dim(indices, tap, 1), lax.index_in_dim(weights, tap, 1), 0)
        for tap in range(indices.shape[1])
    )
    matrix = functools.reduce(jnp.add, taps)
    contracted = (((axis,), (1,)), ((), ()))
    y = lax.dot_general(x, matrix, contracted, precision=lax.Precision.HIGHEST)
    return jnp.moveaxis(y, -1, axis)
