"""The sums of a `tap_sum` on a CPU: rows of memory, and a loop over points that adds to pixels."""

# pyright: reportUnknownMemberType=false
from __future__ import annotations

import enum
import functools
import math
from collections.abc import Callable, Sequence
from typing import Any

import jax.numpy as jnp
import numpy as np
from jax import lax

from jaxup._lowering.arrays import concatenate_two, split
from jaxup._lowering.cpu import vectors
from jaxup._lowering.plan import elements
from jaxup._numbers.step import is_symbolic
from jaxup._traced import tap_products
from jaxup._traced.varying import zeros
from jaxup.boundary import Boundary

MAX_ROW = 16  # channels that are read one by one, or kept
MAX_KEPT = 4  # products whose pixels two derivatives share: those of 'linear' along two axes
IN_VECTORS = range(16, 43)  # channels of a loop over points whose sums LLVM writes out


class Way(enum.Enum):
    """How sums of pixels are computed. Times are of ``python -m benchmarks --points``.

    All but two move the points before all axes that they share, so that a tap reads one row.
    """

    IN_PLACE = enum.auto()
    """A few channels stay where they are, and each is read by itself: moved, 3 and 16 of them take
    1.2 times as long. 64, moved, take 0.5 to 0.8 times."""

    KEPT = enum.auto()
    """The four pixels of 'linear', of a few channels, are written once for two derivatives: the
    derivative by the points takes 0.6 to 0.85 times as long as when XLA chooses what to write."""

    READ_AGAIN = enum.auto()
    """Each derivative reads its pixels again (`_read_again`): it takes 0.4 to 0.9 times as long as
    in turns. But where many channels come first, 2 to 2.8 times, for XLA would move them together
    with the sums."""

    IN_TURNS = enum.auto()
    """A turn of a loop is a row of taps. All taps of 'cubic', written out, would take half the time
    for 64 channels, 10 ms and not 24, but XLA would move a long row of what the points share
    together with its sums."""

    POINT_BY_POINT = enum.auto()
    """Into pixels, a loop over the points adds each one's window at once. The gradients of bicubic
    `sample` at 4 x 256 x 256 points of 3 channels take 10 ms, at 16 x 128 x 128 of 64 channels 50,
    where a scatter for every tap, on one thread, and a derivative by every weight took 63 and 480.
    Where several devices cut the batch, the loop would gather it."""


def lower(
    x: Any,
    *operands: Any,
    axis: int,
    lead: int,
    sizes: Any,
    devices: int,
    by: int,
    **params: Any,
) -> Any:
    """Return the sums of a `tap_sum`, in the `Way` that suits them.

    What the points weigh, and where their windows begin, is computed before: in one loop with the
    gathers it is no vector instruction. XLA keeps such arrays apart if they are several in one;
    the starts, so kept, let linear `sample` of 1 to 16 channels take 0.7 to 0.9 times as long.

    Args:
      by: the number, from 1, of the last coordinate by which this is a derivative; 0 if by none.
    """
    d, shared = len(operands) // 2, axis - lead
    starts, weights = operands[:d], operands[d:]
    points = starts[0].ndim - lead
    way = _way(x, starts, weights, axis, lead, sizes, devices == 1, by)

    def moved(x: Any, count: int, back: bool = False) -> Any:
        if way is Way.IN_PLACE or not shared:
            return x
        there, here = range(axis, axis + count), range(lead, lead + count)
        return jnp.moveaxis(x, *((here, there) if back else (there, here)))

    x = moved(x, d if sizes is None else points)
    if way is Way.POINT_BY_POINT:
        y = _point_by_point(x, starts, weights, lead, sizes, **params)
    else:
        written = _products(weights, lead) <= tap_products.MAX_WRITTEN
        together = way is Way.KEPT or (way is Way.IN_PLACE and written)
        starts = jnp.stack(starts) if together else starts
        starts, weights = lax.optimization_barrier((starts, weights))
        row = weights[-1].shape[lead]
        params |= {
            "axis": axis if way is Way.IN_PLACE else lead,
            "most": row if way is Way.IN_TURNS else tap_products.MAX_WRITTEN,
            "kept": way is Way.KEPT,
        }
        sums = functools.partial(tap_products.lower, lead=lead, sizes=sizes, **params)
        if way is Way.READ_AGAIN:
            y = _read_again(sums, x, starts, weights, lead, by)
        else:
            y = sums(x, *starts, *weights)
    return moved(y, points if sizes is None else d, back=True)


def _way(
    x: Any,
    starts: Sequence[Any],
    weights: Sequence[Any],
    axis: int,
    lead: int,
    sizes: Any,
    one_device: bool,
    by: int,
) -> Way:
    first, last = x.shape[lead:axis], x.shape[axis + len(starts) :]
    some, products = 0 not in starts[0].shape, _products(weights, lead)
    if sizes is not None:
        known = not is_symbolic(*x.shape, *sizes)
        return Way.POINT_BY_POINT if some and one_device and known else Way.IN_TURNS
    if not by:
        return Way.IN_PLACE if _few(first) else Way.IN_TURNS
    if products <= MAX_KEPT and _few((*first, *last)):
        return Way.KEPT
    again = products <= tap_products.MAX_WRITTEN and _few(first)
    several = some and starts[0].ndim > lead
    return Way.READ_AGAIN if again and several and one_device else Way.IN_TURNS


def _products(weights: Sequence[Any], lead: int) -> int:
    """Return how many pixels a point reads."""
    return math.prod(weight.shape[lead] for weight in weights)


def _read_again(
    sums: Callable[..., Any],
    x: Any,
    starts: Sequence[Any],
    weights: Sequence[Any],
    lead: int,
    by: int,
) -> Any:
    """Return the sums, which share no pixel with another derivative, nor are computed twice.

    XLA takes starts plus zeros that it does not know for others. And it computes what is joined
    once, but what each of several channels is sliced from once for every channel.
    """
    starts = [start + vectors.hidden_zeros(start, start.dtype, by) for start in starts]
    if elements(x.shape[lead + len(starts) :]) == 1:
        return sums(x, *starts, *weights)

    def rows(start: Any, stop: Any) -> Any:
        here = (lax.slice_in_dim(each, start, stop, axis=lead) for each in starts)
        there = (lax.slice_in_dim(each, start, stop, axis=lead + 1) for each in weights)
        return sums(x, *here, *there)

    return concatenate_two(rows, starts[0].shape[lead], lead)


def _few(channels: Sequence[Any]) -> bool:
    return not is_symbolic(*channels) and math.prod(channels) <= MAX_ROW


def _point_by_point(
    y: Any,
    starts: Sequence[Any],
    weights: Sequence[Any],
    lead: int,
    sizes: Any,
    beyond: Boundary,
    masked: bool,
) -> Any:
    """Return the sums by pixels of points that come after the leading axes, before all others.

    Starts are without a sign, for XLA looks at each one's sign otherwise: the loop for 'linear' of
    one channel takes 0.6 of the time so. 16 to 42 channels are computed in vectors: the gradients
    of `sample` at 4 x 128 x 128 points of 32 channels take 7.1 -> 5.3 ms with 'linear', 12.5 -> 6.4
    with 'cubic' (``python -m benchmarks --points``).
    """
    end = starts[0].ndim
    leading, here, after = y.shape[:lead], y.shape[lead:end], y.shape[end:]
    images, each, channels = (math.prod(part) for part in (leading, here, after))
    y = y.reshape(images * each, channels)
    starts = [start.reshape(images, each) for start in starts]
    rows = [jnp.moveaxis(weight, lead, -1) for weight in weights]
    rows = [row.reshape(images * each, row.shape[-1]) for row in rows]
    taps = [row.shape[-1] for row in rows]
    around = [size + 2 * count for size, count in zip(sizes, taps, strict=True)]
    starts[0] = starts[0] + around[0] * jnp.arange(images, dtype="int32")[:, None]
    starts = [start.reshape(images * each) for start in starts]

    def add(point: Any, x: Any) -> Any:
        point = lax.convert_element_type(point, "uint32")
        window: Any = lax.dynamic_slice_in_dim(y, point, 1)
        if _in_vectors(channels, math.prod(taps)):
            window = vectors.over_channels(window, steps=12)
        product: Any = None
        for row in rows:
            weight = lax.dynamic_index_in_dim(row, point, keepdims=False)
            product = weight if product is None else product[..., None] * weight
        product = product[..., None]
        window = window.reshape((1,) * len(taps) + (channels,))
        added = jnp.where(product != 0, window, 0) * product if masked else window * product
        place = *(start[point].astype("uint32") for start in starts), np.uint32(0)
        there = lax.dynamic_slice(x, place, (*taps, channels))
        return lax.dynamic_update_slice(x, there + added, place)

    like = jnp.broadcast_to(y[:1].sum(), (images * around[0], *around[1:], channels))
    x = lax.fori_loop(0, images * each, add, zeros(like, y))
    x = split(x, 0, (images, around[0]))
    x = tap_products.folded(x, 1, [row.T for row in rows], beyond)
    return x.reshape(*leading, *sizes, *after)


def _in_vectors(channels: int, products: int) -> bool:
    """Return whether a sum over a window is faster so: 'linear' of 22 to 25 channels is not."""
    return channels in IN_VECTORS and (channels < 22 or channels * products > 100)
