"""`tap_weights_p`: what the taps of traced points weigh, as a JAX primitive.

It gives one tap of all points, then the next. In this order XLA's CPU backend makes vector
instructions of them; of the few taps of one point, then of the next, it does not. And every weight
depends on the numbers of its own point alone, so its derivative by each of them is one array of the
weights' shape: the same primitive. Left to JAX, the gradient is a sum of many arrays. Of 262,144
points with four taps on two cores, the weights took 0.9 ms where the other order took 3, and their
gradient 1.9 ms where it took 12. ``python -m benchmarks --points`` times what stands on them.

A few taps are computed apart and joined. Where a platform fuses them with what reads them, each is
then read where it is used, and no array of all is written.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.extend.core import Primitive
from jax.interpreters import ad

from jaxup import boundary, kernels
from jaxup._contexts import lax_only
from jaxup._recipe.taps import taps_read
from jaxup._traced.checkpointed import jet_of
from jaxup._traced.points import SamplePoints, clipped
from jaxup._traced.register import batched, register
from jaxup._traced.taps import derivative
from jaxup._traced.varying import alike, placed
from jaxup._weights import bspline, finite

MAX_WRITTEN = 24  # more taps are summed in a loop of the program
MAX_APART = 4  # more are one array: each lengthens the program

_SUM_TO_ONE = finite.Cubic, finite.Mitchell, bspline.Basis
_BY_TAP = (boundary.constant, boundary.edge, boundary.reflect, boundary.mirror, boundary.wrap)

tap_weights_p = Primitive("tap_weights")


def tap_rows(points: SamplePoints) -> tuple[jax.Array, jax.Array]:
    """Return ``(indices, weights)``, of shape ``(taps, *shape of the points)``.

    Absent taps have index ``in_size`` and weight 0. The weights have derivatives by the coordinate,
    and by a kernel scale that the program computes.
    """
    return _rows_of(points, neighbours=False, orders=())


def tap_windows(points: SamplePoints, order: int) -> tuple[jax.Array, jax.Array]:
    """Return ``(start, weights)`` for an axis that is padded by ``points.taps`` on both sides.

    A point reads the pixels ``start .. start + taps - 1`` of the padded axis. The weights, of shape
    ``(taps, *shape of the points)``, are their derivative of this order by the coordinate.
    """
    return _rows_of(points, neighbours=True, orders=(0,) * order)


def _rows_of(
    points: SamplePoints, neighbours: bool, orders: tuple[int, ...]
) -> tuple[jax.Array, jax.Array]:
    numbers = {"coordinate": points.coordinate, "base": lax.stop_gradient(points.base)}
    if isinstance(points.kernel_scale, jax.Array):
        numbers["kernel_scale"] = points.kernel_scale
    dtype, shape = points.coordinate.dtype, points.coordinate.shape
    arrays = alike(
        *(jnp.broadcast_to(jnp.asarray(each, dtype), shape) for each in numbers.values())
    )
    options: dict[str, Any] = {
        "points": dataclasses.replace(points, **dict.fromkeys(numbers)),
        "names": tuple(numbers),
        "neighbours": neighbours,
    }
    places, _ = _read(*map(lax.stop_gradient, arrays), **options)
    weigh = _weights if lax_only.value else tap_weights_p.bind
    return places, weigh(*arrays, **options, orders=orders)


def _read(
    *arrays: jax.Array, points: SamplePoints, names: tuple[str, ...], neighbours: bool
) -> tuple[jax.Array, jax.Array]:
    points = dataclasses.replace(points, **dict(zip(names, arrays, strict=True)))
    coordinate, pixels, kernel_scale = points.coordinate, points.pixels, points.kernel_scale
    fold = boundary.constant if points.renormalizes else points.boundary
    if isinstance(points.taps, int) and points.taps <= MAX_APART and fold in _BY_TAP:
        groups: list[Any] = list(np.arange(points.taps, dtype=coordinate.dtype))
    else:
        groups = [jnp.arange(points.taps, dtype=coordinate.dtype)]
    positions, weights, reads = zip(
        *(
            taps_read(
                coordinate[None],
                taps.reshape((-1,) + (1,) * coordinate.ndim),
                kernel=points.kernel,
                kernel_scale=kernel_scale[None] if "kernel_scale" in names else kernel_scale,
                base=points.base[None],
                lowest=points.lowest,
            )
            for taps in groups
        ),
        strict=True,
    )
    if not _sum_to_one(points):
        weights = _over_sum(weights)
    reads = [read & ~points.outside[None] for read in reads]
    if neighbours:
        return _window(points, positions, weights, reads)
    for _ in coordinate.shape:  # for a boundary, the taps are the last axis
        fold = jax.vmap(fold, (-1, -1, None), -1)
    parts = zip(positions, weights, strict=True)
    indices, weights, presents = zip(*(fold(*part, pixels) for part in parts), strict=True)
    if points.renormalizes:
        weights = _over_sum(weights)
    presents = [a & b for a, b in zip(presents, reads, strict=True)]
    return (
        _joined([jnp.where(p, i, pixels) for p, i in zip(presents, indices, strict=True)]).astype(
            "int32"
        ),
        _joined([jnp.where(p, w, 0) for p, w in zip(presents, weights, strict=True)]),
    )


def _window(
    points: SamplePoints,
    positions: Sequence[jax.Array],
    weights: Sequence[jax.Array],
    reads: Sequence[jax.Array],
) -> tuple[jax.Array, jax.Array]:
    """Return the first of the neighbours that a point reads in the padded axis, and their weights.

    Mirrored, a point reads them from the last to the first.
    """
    pixels, taps, first = points.pixels, points.taps, positions[0][0]
    if points.renormalizes:
        inside = [
            boundary.constant(p, w, pixels)[1] for p, w in zip(positions, weights, strict=True)
        ]
        weights = _over_sum(inside)
    weights = [jnp.where(read, w, 0) for read, w in zip(reads, weights, strict=True)]
    periods: dict[boundary.Boundary, jax.Array] = {
        boundary.wrap: pixels,
        boundary.reflect: 2 * pixels,
        boundary.mirror: jnp.maximum(2 * pixels - 2, 1),
    }
    period = periods.get(points.boundary)
    first = clipped(first, -taps, pixels) if period is None else first % period
    if points.boundary in (boundary.reflect, boundary.mirror):
        back = first >= pixels
        last = taps - (points.boundary is boundary.mirror)
        first = jnp.where(back, period - last - first, first)
        flipped = [each[::-1] for each in reversed(weights)]
        pairs = zip(weights, flipped, strict=True)
        weights = [jnp.where(back[None], there, here) for here, there in pairs]
    return first.astype("int32") + taps, _joined(weights)


def _joined(groups: Sequence[jax.Array]) -> jax.Array:
    return jnp.concatenate(groups) if len(groups) > 1 else groups[0]


def reads_all(points: SamplePoints) -> bool:
    """Return whether every point reads as many pixels, all those of its window."""
    whole = (
        isinstance(points.kernel, kernels.Kernel) and float(2 * points.kernel.radius).is_integer()
    )
    return whole and not points.renormalizes


def _sum_to_one(points: SamplePoints) -> bool:
    """Return whether the weights of all taps sum to 1 by themselves."""
    fn = getattr(points.kernel, "fn", None)
    narrow = isinstance(points.kernel_scale, float) and points.kernel_scale == 1
    return narrow and (fn is finite.triangle or isinstance(fn, _SUM_TO_ONE))


def _over_sum(weights: Sequence[jax.Array]) -> Sequence[jax.Array]:
    """Return the weights of all taps over their sum; all 0 where the sum is 0."""
    rows = sum(len(each) for each in weights)
    if _is_written(rows):
        total = functools.reduce(jnp.add, (row for each in weights for row in each))
    else:
        total = jnp.concatenate(weights).sum(0)
    total = jnp.where(total == 0, 1, total)[None]
    return [each / total for each in weights]


def _is_written(taps: Any) -> bool:
    return isinstance(taps, int) and taps <= MAX_WRITTEN


def _weights(*arrays: Any, orders: tuple[int, ...], **options: Any) -> Any:
    """Return the weights, or a derivative: for each order, by the number of that place."""

    def weigh(*arrays: Any) -> Any:
        return _read(*arrays, **options)[1]

    function: Callable[..., Any] = weigh
    for order in orders:
        function = derivative(function, order)
    return function(*arrays)


@tap_weights_p.def_abstract_eval
def _(*arrays: Any, points: SamplePoints, **params: Any) -> Any:
    shape, spec = arrays[0].shape, arrays[0].sharding.spec
    return placed(arrays, (points.taps, *shape), (None, *spec))


def _jvp(primals: Any, tangents: Any, *, orders: tuple[int, ...], **params: Any) -> Any:
    weigh = functools.partial(tap_weights_p.bind, *primals, **params)
    terms = [
        _times(weigh(orders=(*orders, n)), change)
        for n, change in enumerate(tangents)
        if not isinstance(change, ad.Zero)
    ]
    return weigh(orders=orders), functools.reduce(jnp.add, terms)


def _times(rates: jax.Array, change: jax.Array) -> jax.Array:
    """Return ``rates * change`` for each tap, written out, as its transpose is then."""
    if not _is_written(rates.shape[0]):
        return rates * change[None]
    return jnp.stack([rate * change for rate in rates])


def _batch(args: Any, dims: Any, **params: Any) -> tuple[Any, int]:
    return tap_weights_p.bind(*batched(args, dims, 0), **params), 1


def _jet(primals: Any, series: Any, **params: Any) -> Any:
    return jet_of(functools.partial(_weights, **params), primals, series)


register(tap_weights_p, {None: _weights}, jvp=_jvp, batch=_batch, jet_rule=_jet)
