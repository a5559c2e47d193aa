"""The sums of a `tap_sum` on a CPU: rows of memory, and a loop over points that adds to pixels."""

# pyright: reportUnknownMemberType=false
from __future__ import annotations

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
    """Move the points before all axes that they share, so that a tap reads one row of memory.

    What the points weigh, and where their windows begin, is computed before: in one loop with the
    gathers it is no vector instruction. XLA keeps such arrays apart if they are several in one;
    the starts, so kept, let linear `sample` of 1 to 16 channels take 0.7 to 0.9 times as long.

    A scatter of XLA adds pixel by pixel, on one thread: a loop over the points adds each one's
    window at once. On two cores the gradients of bicubic `sample` at 4 x 256 x 256 points of 3
    channels take 17 ms, at 16 x 128 x 128 of 64 channels 110, where one scatter for every tap, and
    a derivative by every weight, took 63 and 480 (``python -m benchmarks --points``). Where several
    devices cut the batch, the loop would gather it.

    The taps of 'cubic' written out take half the time of a loop over rows of them, 10 ms and not 24
    for those 64 channels. But XLA would move a long row of what the points share together with its
    sums: there, a turn is a row of taps. A few channels stay where they are, and each is read by
    itself: moved, 3 and 16 of them take 1.2 times as long, 64 take 0.5 to 0.8 times.

    What two derivatives read, XLA would write to memory. The four pixels of 'linear', of a few
    channels, are written on purpose, once for both: the derivative by the points then takes 0.6 to
    0.85 times as long. Others are read again for each derivative (`_read_again`): it takes 0.4 to
    0.9 times as long as in turns of a row of taps (``python -m benchmarks --points``). But where
    many channels come first, 2 to 2.8 times, for XLA would move them together with the sums.

    Args:
      by: the number, from 1, of the last coordinate by which this is a derivative; 0 if by none.
    """
    d, shared, channels = len(operands) // 2, axis - lead, x.shape[lead:axis]
    points = operands[0].ndim - lead
    wide = (d, points) if sizes is None else (points, d)
    stays = sizes is None and not by and _few(channels)

    def moved(x: Any, count: int, back: bool = False) -> Any:
        if stays or not shared:
            return x
        there, here = range(axis, axis + count), range(lead, lead + count)
        return jnp.moveaxis(x, *((here, there) if back else (there, here)))

    x = moved(x, wide[0])
    some = 0 not in operands[0].shape
    if sizes is not None and some and devices == 1 and not is_symbolic(*x.shape, *sizes):
        y = _point_by_point(x, operands[:d], operands[d:], lead, sizes, **params)
    else:
        products = math.prod(weight.shape[lead] for weight in operands[d:])
        written = products <= tap_products.MAX_WRITTEN
        kept = by and products <= MAX_KEPT and _few(x.shape[lead + wide[0] :])
        whole = devices == 1 and points and some
        again = by and whole and sizes is None and written and not kept and _few(channels)
        together = kept or (stays and written)
        starts = jnp.stack(operands[:d]) if together else operands[:d]
        starts, weights = lax.optimization_barrier((starts, operands[d:]))
        params |= {
            "axis": axis if stays else lead,
            "most": tap_products.MAX_WRITTEN if stays or again else weights[-1].shape[lead],
            "kept": kept,
        }
        sums = functools.partial(tap_products.lower, lead=lead, sizes=sizes, **params)
        y = _read_again(sums, x, starts, weights, lead, by) if again else sums(x, *starts, *weights)
    return moved(y, wide[1], back=True)


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
    sizes: Sequence[int],
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
