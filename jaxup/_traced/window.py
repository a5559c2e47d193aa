"""`window_p`: a grid of outputs in each of many boxes, whose taps only the program knows.

    y[n, i, j] = sum_k sum_l w_n,i(k) w_n,j(l) x[image[n], start[n, i] + k, start[n, j] + l]

over any number of axes, where an axis's numbers are those of a `band`, a row for each box. Nothing
of an image is copied for a box, and nothing is kept between the axes: memory is that of y. It is
linear in x; its transpose, the same primitive, adds into the pixels that were read, a scatter.
"""

# pyright: reportUnknownMemberType=false
from __future__ import annotations

import dataclasses
import functools
from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax
from jax.extend.core import Primitive
from jax.interpreters import ad

from jaxup import kernels
from jaxup._contexts import lax_only
from jaxup._lowering.arrays import merge, split
from jaxup._numbers.dtypes import at_least_float32
from jaxup._traced.blocks import BLOCK, read_at
from jaxup._traced.interpolate import interpolate_at, split_splines
from jaxup._traced.points import SamplePoints
from jaxup._traced.register import refuse_jet, register
from jaxup._traced.rows import tap_rows
from jaxup._traced.taps import Taps
from jaxup._traced.varying import alike, zeros

window_p = Primitive("window")
NUMBERS = 5  # of an axis: start, count, offset, kernel scale, divisor


def interpolate_windows(
    x: jax.Array, image: jax.Array, points: Sequence[SamplePoints]
) -> jax.Array:
    """Interpolate a grid of points in each of many boxes.

    Args:
      x: array of shape (images, d spatial axes, ...).
      image: int32, shape (boxes,): which image each box is read from.
      points: for each spatial axis, with coordinates of shape (boxes, outputs of the axis).

    Returns:
      Array of x's dtype, of shape (boxes, outputs of the first axis, ..., of the last one, ...).
      float16 and bfloat16 accumulate in float32.
    """
    if jnp.iscomplexobj(x):
        parts = (interpolate_windows(part, image, points) for part in (lax.real(x), lax.imag(x)))
        return lax.complex(*parts)
    dtype, d = x.dtype, len(points)
    if all(isinstance(each.kernel, kernels.Nearest) for each in points):
        indices = [_beside(tap_rows(each)[0][0], n, d) for n, each in enumerate(points)]
        there = functools.reduce(
            jnp.logical_and, [index < n for index, n in zip(indices, x.shape[1:], strict=False)]
        )
        inside = [jnp.where(there, index, 0) for index in indices]
        taken = x.at[_beside(image[:, None], 0, d), *inside].get(mode="promise_in_bounds")
        return jnp.where(there.reshape(there.shape + (1,) * (x.ndim - 1 - d)), taken, 0)
    if lax_only.value:
        return _box_by_box(x, image, points)
    x = x.astype(at_least_float32(dtype))
    reading: list[SamplePoints] = []
    for axis, each in enumerate(points, 1):
        if not each.widens:
            x, _, (each,) = split_splines(x, axis, (each,))
        reading.append(each)
    taps = tuple(each.known() for each in reading)
    numbers = [
        number.reshape(each.coordinate.shape)
        for each, known in zip(reading, taps, strict=True)
        for number in each.numbers(known)
    ]
    return window_p.bind(*alike(x, image, *numbers), taps=taps, size=None).astype(dtype)


def _box_by_box(x: jax.Array, image: jax.Array, points: Sequence[SamplePoints]) -> jax.Array:
    """Return the same by `jax.lax` operations, axis by axis on a copy of the image."""

    def one(image: jax.Array, coordinates: Any, kernel_scales: Any) -> jax.Array:
        y = x.at[image].get(mode="promise_in_bounds")
        for axis, each in enumerate(points):
            numbers = {"coordinate": coordinates[axis], "kernel_scale": kernel_scales[axis]}
            y = interpolate_at(y, axis, (dataclasses.replace(each, **numbers),))
        return y

    scales = [jnp.broadcast_to(each.kernel_scale, (image.shape[0], 1)) for each in points]
    return jax.vmap(one)(image, [each.coordinate for each in points], scales)


def _by_axis(numbers: Sequence[Any]) -> list[Sequence[Any]]:
    return [numbers[n : n + NUMBERS] for n in range(0, len(numbers), NUMBERS)]


def _beside(numbers: Any, axis: int, count: int) -> Any:
    """Return an axis's numbers, of shape (boxes, outputs), shaped for all axes of outputs."""
    boxes, outputs = numbers.shape
    return numbers.reshape(boxes, *(1,) * axis, outputs, *(1,) * (count - axis - 1))


def _lower(x: Any, image: Any, *numbers: Any, taps: tuple[Taps, ...], size: Any) -> Any:
    """Sum the products of taps, in a loop as long as the outputs with the most taps need.

    A turn reads one tap of every axis, of the last one a block of them.
    """
    axes, d = _by_axis(numbers), len(taps)
    sizes = x.shape[1 : 1 + d] if size is None else size[1:]
    most = taps[-1].most
    block = min(most, BLOCK) if size is None and isinstance(most, int) else 1
    turns = [count.max(initial=0) for _, count, *_ in axes]
    turns[-1] = (turns[-1] + (block - 1)) // block
    images, rest = _beside(image[:, None], 0, d), (1,) * (x.ndim - 1 - d)

    def read(axis: int, tap: Any) -> Any:
        found = read_at(tap, *axes[axis], in_size=sizes[axis], taps=taps[axis])
        return [_beside(each, axis, d) for each in lax.optimization_barrier(found)]

    def weighted(values: Any, there: Any, weights: Any) -> Any:
        there, weight = functools.reduce(jnp.logical_and, there), functools.reduce(lax.mul, weights)
        shape = there.shape + rest  # a NaN that is not read counts as 0
        return jnp.where(there.reshape(shape), values, 0) * weight.reshape(shape)

    def turn(number: Any, y: Any) -> Any:
        tap: list[Any] = []
        for count in reversed(turns):
            tap.insert(0, lax.rem(number, count))
            number = lax.div(number, count)
        outer = [read(axis, tap[axis]) for axis in range(d - 1)]
        for n in range(block):
            pixels, there, weights = zip(*outer, read(d - 1, tap[-1] * block + n), strict=True)
            if size is None:
                taken = x.at[images, *pixels].get(mode="promise_in_bounds")
                y = y + weighted(taken, there, weights)
            else:
                y = y.at[images, *pixels].add(weighted(x, there, weights), mode="promise_in_bounds")
        return y

    together = x.sum(tuple(range(1 + d)), keepdims=True)
    like = jnp.broadcast_to(together, _shape(x, image, numbers, taps, size))
    return lax.fori_loop(0, functools.reduce(lax.mul, turns), turn, zeros(like, x))


def _shape(x: Any, image: Any, numbers: Any, taps: Any, size: Any) -> tuple[Any, ...]:
    grid = image.shape[0], *(start.shape[1] for start, *_ in _by_axis(numbers))
    return (*(grid if size is None else size), *x.shape[1 + len(taps) :])


@window_p.def_abstract_eval
def _(x: Any, image: Any, *numbers: Any, taps: tuple[Taps, ...], size: Any) -> Any:
    return x.update(shape=_shape(x, image, numbers, taps, size))


def _jvp(primals: Any, tangents: Any, *, taps: tuple[Taps, ...], size: Any) -> Any:
    x, image, *numbers = primals
    dx, _, *changes = tangents
    bind = functools.partial(window_p.bind, size=size)
    y = bind(x, image, *numbers, taps=taps)
    terms = [] if isinstance(dx, ad.Zero) else [bind(dx, image, *numbers, taps=taps)]
    for axis, (_, _, *ways) in enumerate(_by_axis(changes)):
        divisor = _by_axis(numbers)[axis][-1]
        for order, change in enumerate(ways):
            if isinstance(change, ad.Zero):
                continue
            each = taps
            if order < 2:
                each = *taps[:axis], taps[axis].derivative(order), *taps[axis + 1 :]
            else:
                change = -change / divisor
            change = _beside(change, axis, len(taps)).astype(x.dtype)
            change = change.reshape(change.shape + (1,) * (x.ndim - change.ndim))
            if size is not None:
                terms.append(bind(change * x, image, *numbers, taps=each))
            else:
                terms.append(change * (y if each is taps else bind(x, image, *numbers, taps=each)))
    return y, functools.reduce(jnp.add, terms)


def _transpose(cotangent: Any, x: Any, *numbers: Any, taps: tuple[Taps, ...], size: Any) -> Any:
    back = x.aval.shape[: 1 + len(taps)] if size is None else None
    return [window_p.bind(cotangent, *numbers, taps=taps, size=back), *[None] * len(numbers)]


def _batch(args: Any, dims: Any, *, taps: tuple[Taps, ...], size: Any) -> Any:
    """Take the batch's images for more images, and its boxes for more boxes."""
    (x, *numbers), (dim, *others) = args, dims
    if all(other is None for other in others):
        y = window_p.bind(jnp.moveaxis(x, dim, -1), *numbers, taps=taps, size=size)
        return y, y.ndim - 1
    length = next(a.shape[d] for a, d in zip(args, dims, strict=True) if d is not None)

    def merged(array: Any, dim: Any) -> Any:
        if dim is None:
            array, dim = jnp.broadcast_to(array, (length, *array.shape)), 0
        return merge(jnp.moveaxis(array, dim, 0), 0)

    image, *numbers = map(merged, numbers, others)
    if size is None and dim is None:
        y = window_p.bind(x, image, *numbers, taps=taps, size=None)
        return split(y, 0, (length, y.shape[0] // length)), 0
    images = x.shape[0 if dim else 1] if size is None else size[0]
    boxes = image.shape[0] // length
    image = image + jnp.repeat(jnp.arange(length, dtype=image.dtype) * images, boxes)
    back = None if size is None else (length * images, *size[1:])
    y = window_p.bind(merged(x, dim), image, *numbers, taps=taps, size=back)
    return split(y, 0, (length, y.shape[0] // length)), 0


register(
    window_p, {None: _lower}, jvp=_jvp, transpose=_transpose, batch=_batch, jet_rule=refuse_jet
)
