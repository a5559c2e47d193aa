"""Resampling whose geometry is traced: rows computed by the program, taps gathered, then summed.

The rows come from the same lines as the static ones (`jaxup._operator`, with jax.numpy in NumPy's
place), and their derivatives with respect to the coordinates from JAX. No weight matrix is formed:
a few taps are summed as they are, many (an antialiased shrink by a traced factor) in a loop over
blocks of them, which passes over the blocks that no output reaches.
"""

from __future__ import annotations

import dataclasses
import functools
import itertools
from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

from jaxup import boundary as boundaries
from jaxup import kernels
from jaxup._operator import rows, taps_read
from jaxup._prefilter import split_look
from jaxup._primitive import resample

WRITTEN_TAPS = 16
WRITTEN_LINES = 2
BLOCK = 8


@dataclasses.dataclass(frozen=True)
class Look:
    """Where output points look along one axis, and how; the numbers may be traced.

    Args:
      coordinate: float array of any shape, one finite entry per output point.
      kernel, boundary, stretch: as in `AxisSpec`. With the boundary renormalize, a point outside
        the picture's outer edges has nothing to renormalise, and is 0.
      in_size: pixels of the axis, an int or a symbolic dimension.
      taps: the most taps that a point reads, an int or a symbolic dimension.
      base: whole pixels to be added to the coordinate.
    """

    coordinate: jax.Array
    kernel: Any
    boundary: Any
    in_size: Any
    taps: Any
    stretch: Any = 1.0
    base: Any = 0.0

    @property
    def pixels(self) -> jax.Array:
        """``in_size`` as an array of the coordinate's type."""
        return jnp.asarray(self.in_size, self.coordinate.dtype)

    @property
    def renormalizes(self) -> bool:
        return self.boundary is boundaries.renormalize

    @property
    def lowest(self) -> float | None:
        """Where the first tap may lie: renormalising needs none before the picture."""
        return 0.0 if self.renormalizes else None

    @property
    def outside(self):
        """Which points are 0 for lying outside the picture."""
        if not self.renormalizes or isinstance(self.kernel, kernels.Nearest):
            return jnp.zeros(self.coordinate.shape, bool)  # Nearest has its one tap inside, or none
        from_edge = self.coordinate + self.base + 0.5
        return (from_edge < 0) | (from_edge > self.pixels)

    def rows(self):
        indices, weights = rows(
            self.coordinate,
            kernel=self.kernel,
            stretch=self.stretch,
            boundary=self.boundary,
            in_size=self.pixels,
            taps=self.taps,
            base=self.base,
            lowest=self.lowest,
        )
        outside = self.outside[..., None]
        absent = self.pixels.astype(indices.dtype)
        return jnp.where(outside, absent, indices), jnp.where(outside, 0, weights)


def geometry_dtype(dtype, *numbers):
    """The float type of coordinates for an array of this dtype: at least float32."""
    real = jnp.finfo(dtype).dtype if jnp.issubdtype(dtype, jnp.inexact) else jnp.float32
    return jnp.result_type(jnp.promote_types(real, jnp.float32), *filter(_present, numbers))


def _present(number):
    return number is not None


def bounded(coordinate):
    """Coordinates brought to where whole pixels are still exact and positions fit an int32."""
    limit = 2.0**23 if coordinate.dtype == jnp.float32 else 2.0**30
    return coordinate.clip(-limit, limit)


def filled(y, covered, value):
    """``y + value (1 - covered)``, where ``covered`` is the weight that found a pixel.

    Where all of it did, up to rounding, the value is not touched: it may be NaN.
    """
    if y.dtype == jnp.bool_:
        return jnp.where(covered, y, jnp.asarray(value, bool))
    value = jnp.asarray(value, y.dtype)
    if jnp.issubdtype(y.dtype, jnp.integer):
        return jnp.where(covered == 1, y, value)
    missing = 1 - covered.astype(jnp.promote_types(covered.dtype, jnp.float32))
    used = abs(missing) > 16 * jnp.finfo(missing.dtype).eps
    return (y + jnp.where(used, value, 0) * missing).astype(y.dtype)


def split_splines(x, axis: int, looks: Sequence[Look]):
    """B-splines as their prefilter, which is applied, and their basis, which is looked at instead.

    Returns:
      ``(x, axis, looks)`` for `look_at`.
    """
    if not jnp.issubdtype(x.dtype, jnp.inexact):
        return x, axis, looks
    wide = jnp.promote_types(x.dtype, jnp.float32)
    tolerance = 1e-16 if jnp.finfo(wide).dtype == jnp.float64 else 1e-8
    filters, rest = {}, []
    for n, look in enumerate(looks):
        parts = split_look(look, tolerance)
        if parts:
            filters[axis + n], look = parts
        rest.append(look)
    if filters:
        x = resample(x.astype(wide), tuple(filters), tuple(filters.values()))
    return x, axis, rest


def look_at(x: jax.Array, axis: int, looks: Sequence[Look]) -> jax.Array:
    """Interpolate at points: ``y[p] = sum_k w_1[p, k_1] ... w_d[p, k_d] x[k_1, ..., k_d]``.

    Args:
      x: array whose axes ``axis .. axis + d - 1`` are looked at.
      looks: one for each of those axes, with coordinates of one shape.

    Returns:
      Array of x's dtype, with the points' shape in the place of those axes. float16 and bfloat16
      accumulate in float32.
    """
    if all(isinstance(look.kernel, kernels.Nearest) for look in looks):
        indices = [look.rows()[0][..., 0] for look in looks]
        return _take(_flat(x, axis, looks), axis, _flat_index(indices, looks))
    dtype = x.dtype
    x = x.astype(jnp.promote_types(dtype, jnp.float32))
    few = all(isinstance(look.taps, int) and look.taps <= WRITTEN_TAPS for look in looks)
    if len(looks) == 1 and not few:
        return _in_blocks(x, axis, looks[0]).astype(dtype)
    return _tap_by_tap(x, axis, looks).astype(dtype)


def _take(x, axis, indices):
    """What lies there; 0 past the end."""
    return x.at[(slice(None),) * axis + (indices,)].get(
        mode="fill", fill_value=0, wrap_negative_indices=False
    )


def _beside(weights, x, axis):
    """One weight per point, shaped to multiply what was taken at ``axis`` of ``x``."""
    return weights.reshape(weights.shape + (1,) * (x.ndim - axis - 1)).astype(x.real.dtype)


def _flat(x, axis, looks):
    """``x`` with the axes looked at as one."""
    if len(looks) == 1:
        return x
    return x.reshape((*x.shape[:axis], -1, *x.shape[axis + len(looks) :]))


def _flat_index(indices, looks):
    """One index from one per axis; an absent tap's is past the end."""
    if len(looks) == 1:
        return indices[0]
    flat, absent, count = 0, False, 1
    for index, look in zip(indices, looks, strict=True):
        flat, absent = flat * look.in_size + index, absent | (index >= look.in_size)
        count = count * look.in_size
    return jnp.where(absent, count, flat)


def _tap_by_tap(x, axis, looks):
    """Rows for all taps of each axis; their products are gathered one after the other.

    The taps of the last axis are written out, those of the others are a loop if they are many: a
    program of a hundred gathers would take long to compile.
    """
    x = _flat(x, axis, looks)
    indices, weights = zip(*(look.rows() for look in looks), strict=True)

    @jax.checkpoint  # the gradient gathers again, so that no gathered tap is kept for it
    def line(x, indices, weights, tap):
        pick = functools.partial(lax.dynamic_index_in_dim, axis=-1, keepdims=False)
        index = [pick(a, n) for a, n in zip(indices[:-1], tap, strict=True)]
        weight = [pick(a, n) for a, n in zip(weights[:-1], tap, strict=True)]
        total = None
        for n in range(looks[-1].taps):
            flat = _flat_index([*index, indices[-1][..., n]], looks)
            product = functools.reduce(jnp.multiply, [*weight, weights[-1][..., n]])
            term = _take(x, axis, flat) * _beside(product, x, axis)
            total = term if total is None else total + term
        return total

    lines = list(itertools.product(*(range(look.taps) for look in looks[:-1])))
    first = line(x, indices, weights, lines[0])
    if len(lines) <= WRITTEN_LINES:
        return functools.reduce(
            jnp.add, [line(x, indices, weights, tap) for tap in lines[1:]], first
        )

    def add(total, tap):
        return total + line(x, indices, weights, tap), None

    return lax.scan(add, first, jnp.asarray(lines[1:]))[0]


@jax.custom_batching.custom_vmap
def _most(number):
    """A number that every example of a batch can share: the largest."""
    return number


@_most.def_vmap
def _(axis_size, in_batched, number):
    return (number.max() if in_batched[0] else number), False


def _in_blocks(x, axis, look: Look):
    """Blocks of taps, weighed as they come; the sum of the weights divides at the end."""
    beyond = boundaries.constant if look.renormalizes else look.boundary
    dtype, count = look.coordinate.dtype, look.pixels
    first, end = look.kernel.window(look.coordinate, look.stretch)
    if look.renormalizes:
        first = jnp.maximum(first, -look.base)
    blocks = (look.taps + (BLOCK - 1)) // BLOCK
    reached = lax.stop_gradient((end - first).max(initial=0) / BLOCK)
    reached = _most(jnp.ceil(reached).clip(0, jnp.asarray(blocks, dtype)).astype("int32"))

    def block(number, x, coordinate, stretch, base):
        tap = jnp.arange(BLOCK, dtype=dtype) + number.astype(dtype) * BLOCK
        position, weights, read = taps_read(
            coordinate, tap, kernel=look.kernel, stretch=stretch, base=base, lowest=look.lowest
        )
        index, inside, present = beyond(position[..., None], weights[..., None], count)
        present = present[..., 0] & read
        index = jnp.where(present, index[..., 0], count).astype("int32")
        inside = jnp.where(present, inside[..., 0], 0)
        terms = [
            _take(x, axis, index[..., n]) * _beside(inside[..., n], x, axis) for n in range(BLOCK)
        ]
        part = functools.reduce(jnp.add, terms)
        return part, (inside if look.renormalizes else weights).sum(-1)

    operands = x, look.coordinate, look.stretch, look.base
    nothing = jax.tree.map(
        jnp.zeros_like, jax.eval_shape(block, jax.ShapeDtypeStruct((), "int32"), *operands)
    )

    @jax.checkpoint  # around the choice, whose operands would be kept for every block otherwise
    def block_if_reached(number, *operands):
        return lax.cond(number < reached, block, lambda *_: nothing, number, *operands)

    def add(sums, number):
        return jax.tree.map(jnp.add, sums, block_if_reached(number, *operands)), None

    (y, total), _ = lax.scan(add, nothing, jnp.arange(blocks, dtype="int32"))
    factor = jnp.where(look.outside, 0, 1 / (total + (total == 0)))
    return y * _beside(factor, y, axis)
