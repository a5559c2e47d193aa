"""`tap_sum_p`: weighted sums of the neighbouring pixels that points read, as a JAX primitive.

    y[p] = sum_k1 ... sum_kd w_1[k1, p] ... w_d[kd, p] x'[start_1[p] + k1, ..., start_d[p] + kd]

where x' is x and, along each of d axes, as many pixels on both sides as a point reads, of which the
boundary says what they are. Its operands are x and the d coordinates of the points. It is linear in
x; its transpose, the same primitive, adds into the pixels that were read. The weights depend on the
coordinates of their own points alone. So the derivative by a coordinate is one more sum of the same
kind, of the points' shape, and not one by each weight.
"""

# pyright: reportUnknownMemberType=false
from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax
from jax.extend.core import Primitive
from jax.interpreters import ad

from jaxup._lowering.arrays import uncut_ones
from jaxup._numbers.step import is_symbolic
from jaxup._traced import tap_products, tap_products_cpu
from jaxup._traced.checkpointed import jet_of
from jaxup._traced.points import SamplePoints
from jaxup._traced.register import batched, register
from jaxup._traced.rows import reads_all, tap_windows
from jaxup._traced.varying import alike, placed

MAX_CHANNELS = 16  # of more, a derivative by a coordinate is one reduction

tap_sum_p = Primitive("tap_sum")


def tap_sum(
    x: jax.Array, *coordinates: jax.Array, axis: int, points: Sequence[SamplePoints]
) -> jax.Array:
    """Sum the pixels in a window at each point.

    Args:
      x: array whose axes ``axis .. axis + d - 1`` are read.
      coordinates: for each of them, in place of those that the points hold.
      axis: the first of those axes. The shape of the points takes their place.
      points: for each of them. A whole `base` and a kernel scale are numbers known here.
    """
    known = tuple(each.at(None) for each in points)
    return tap_sum_p.bind(
        *alike(x, *coordinates),
        points=known,
        orders=(0,) * len(known),
        axis=axis,
        lead=0,
        sizes=None,
    )


@tap_sum_p.def_abstract_eval
def _(x: Any, *coordinates: Any, axis: int, lead: int, sizes: Any, **_: Any) -> Any:
    here, spec = coordinates[0].shape[lead:], coordinates[0].sharding.spec[lead:]
    count = len(coordinates)
    if sizes is not None:
        here, spec, count = sizes, (None,) * count, len(here)

    def joined(axes: Any, here: Any) -> Any:
        return *axes[:axis], *here, *axes[axis + count :]

    shape = joined(x.shape, here)
    return placed((x, *coordinates), shape, joined(x.sharding.spec, spec))


def _jvp(
    primals: Any, tangents: Any, *, orders: tuple[int, ...], axis: int, sizes: Any, **params: Any
) -> Any:
    (x, *coordinates), (change, *moves) = primals, tangents
    bind = functools.partial(tap_sum_p.bind, axis=axis, sizes=sizes, **params)
    terms = [] if isinstance(change, ad.Zero) else [bind(change, *coordinates, orders=orders)]
    y = bind(x, *coordinates, orders=orders)
    for n, move in enumerate(moves):
        if isinstance(move, ad.Zero):
            continue
        more = *orders[:n], orders[n] + 1, *orders[n + 1 :]
        place = {"change": move.astype(x.dtype), "axis": axis, "lead": params["lead"]}
        if sizes is None:
            terms.append(_beside(bind(x, *coordinates, orders=more), **place))
        else:
            terms.append(bind(_beside(x, **place), *coordinates, orders=more))
    return y, functools.reduce(jnp.add, terms)


def _beside(rates: Any, change: Any, axis: int, lead: int) -> Any:
    """Return rates times a change of each point, which all channels share.

    Of a few channels, one product each: the transpose is a sum of as many terms, and not a
    reduction, which XLA's CPU backend runs after it has written every tap. The gradient of linear
    `sample` at 4 x 256 x 256 points of 3 channels takes 6.5 ms on two cores, where it took 10.6
    (``python -m benchmarks --points``).

    A reduction leaves out axes of length 1, with which XLA is slow: of one image of 256 channels at
    200 x 200 points it took 27 ms, and takes 1.5 without that axis.
    """
    points = change.ndim - lead
    shared, first = range(lead, axis), range(lead + points, axis + points)
    around = *shared, *range(axis + points, rates.ndim)
    channels = tuple(rates.shape[each] for each in around)
    cut = any(jax.typeof(rates).sharding.spec[each] for each in around)
    if cut or is_symbolic(*channels) or math.prod(channels) not in range(1, MAX_CHANNELS + 1):
        before = *change.shape[:lead], *(1,) * len(shared), *change.shape[lead:]
        change = change.reshape(before + (1,) * (rates.ndim - len(before)))
        ones = uncut_ones(rates)
        return lax.expand_dims(lax.squeeze(rates, ones) * lax.squeeze(change, ones), ones)
    last = jnp.moveaxis(rates, shared, first).reshape(*change.shape, math.prod(channels))
    products = [last[..., n] * change for n in range(math.prod(channels))]
    together = jnp.stack(products, -1).reshape(*change.shape, *channels)
    return jnp.moveaxis(together, first, shared)


def _transpose(cotangent: Any, x: Any, *coordinates: Any, axis: int, sizes: Any, **p: Any) -> Any:
    back = x.aval.shape[axis : axis + len(coordinates)] if sizes is None else None
    answer = tap_sum_p.bind(cotangent, *coordinates, axis=axis, sizes=back, **p)
    return [answer, *[None] * len(coordinates)]


def _batch(
    args: Any, dims: Any, *, axis: int, lead: int, sizes: Any, **params: Any
) -> tuple[Any, int]:
    """Take a batch of x alone for an axis of its own, and one without x for more points."""
    (x, *coordinates), (dim, *others) = args, dims
    options: dict[str, Any] = {"axis": axis, "lead": lead, "sizes": sizes, **params}
    if all(other is None for other in others):
        options["axis"] += 1
        return tap_sum_p.bind(jnp.moveaxis(x, dim, lead), *coordinates, **options), lead
    if dim is None and sizes is None:
        return tap_sum_p.bind(x, *batched(coordinates, others, lead), **options), axis
    options |= {"axis": axis + 1, "lead": lead + 1}
    return tap_sum_p.bind(*batched(args, dims, 0), **options), 0


def _weighing(summed: Callable[..., Any]) -> Callable[..., Any]:
    """Return the function of coordinates, from one of starts and weights."""

    def function(
        x: Any,
        *coordinates: Any,
        points: tuple[SamplePoints, ...],
        orders: tuple[int, ...],
        lead: int,
        **params: Any,
    ) -> Any:
        at = map(SamplePoints.at, points, coordinates)
        starts, rows = zip(*map(tap_windows, at, orders), strict=True)
        weights = [jnp.moveaxis(row, 0, lead).astype(x.dtype) for row in rows]
        params |= {"beyond": points[0].boundary, "masked": not all(map(reads_all, points))}
        params["by"] = max((n for n, order in enumerate(orders, 1) if order), default=0)
        return summed(x, *starts, *weights, lead=lead, **params)

    return function


def _jet(primals: Sequence[Any], series: Sequence[Any], **params: Any) -> Any:
    written = _weighing(functools.partial(tap_products.lower, most=math.inf))
    return jet_of(functools.partial(written, **params), primals, series)


register(
    tap_sum_p,
    {None: _weighing(tap_products.lower), "cpu": _weighing(tap_products_cpu.lower)},
    jvp=_jvp,
    transpose=_transpose,
    batch=_batch,
    jet_rule=_jet,
)
