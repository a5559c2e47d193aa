"""The sums of a `tap_sum` as XLA operations: product after product of taps, gathered and added."""

# pyright: reportUnknownMemberType=false
from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from jaxup._numbers.step import is_symbolic
from jaxup._traced.varying import zeros

MAX_WRITTEN = 8  # products in a turn of the loop: those of 'linear' along three axes


def taken(x: jax.Array, axis: int, there: jax.Array, index: jax.Array) -> jax.Array:
    """Return the entries at these places of an axis, and 0 where there is none."""
    return jnp.where(_beside(there, axis, x.ndim - 1 - axis), _entries(x, axis, index), 0)


def _entries(x: jax.Array, axis: int, index: jax.Array) -> jax.Array:
    place = x.at[_place(axis, index)]
    return place.get(mode="promise_in_bounds", wrap_negative_indices=False)


def whole(parts: Sequence[jax.Array], absent: Any = 0) -> tuple[jax.Array, jax.Array]:
    """Return whether each axis's part of an index is there, and the index that they add up to."""
    there = functools.reduce(jnp.logical_and, [part >= 0 for part in parts])
    return there, jnp.where(there, functools.reduce(jnp.add, parts), absent)


def _place(axis: int, index: Any) -> tuple[Any, ...]:
    return (*(slice(None),) * axis, index)


def _beside(numbers: Any, before: int, after: int) -> Any:
    """Return numbers of the points' shape with axes of length 1 around it."""
    return numbers.reshape((1,) * before + numbers.shape + (1,) * after)


class Operands(NamedTuple):
    """Arrays by what they are: an axis's weights go by its number."""

    numbers: dict[Any, Any]
    indices: Sequence[Any]

    @classmethod
    def of(cls, result: Any, operands: Sequence[Any]) -> Operands:
        axes = len(operands) // 2
        roles = [role for role in ("pixels", "points", *range(axes)) if role != result]
        return cls(dict(zip(roles, operands, strict=False)), operands[axes + 1 :])

    def read(self, taps: Sequence[Any], absent: Any = 0) -> tuple[Any, Any, Any]:
        """Return whether a product of taps is there, at which index, and the weights known."""
        parts = [index[tap] for index, tap in zip(self.indices, taps, strict=True)]
        there, index = whole(parts, absent)
        factors = [self.numbers[axis][tap] for axis, tap in enumerate(taps) if axis in self.numbers]
        return there, index, functools.reduce(jnp.multiply, factors) if factors else None

    def loop(self, turn: Callable[[Any, Sequence[Any]], Any], first: Any, most: int | None) -> Any:
        """Return ``turn(..., taps)`` of all products, up to so many written out; all for None."""
        counts = [index.shape[0] for index in self.indices]
        looped = 0
        while most is not None and math.prod(counts[looped:]) > most:
            looped += 1
        inner = list(itertools.product(*map(range, counts[looped:])))

        def turns(number: Any, carry: Any) -> Any:
            outer: list[Any] = []
            for count in reversed(counts[:looped]):
                outer.insert(0, number % count)
                number = number // count
            for taps in inner:
                carry = turn(carry, [*outer, *taps])
            return carry

        if not looped:
            return turns(0, first)
        return lax.fori_loop(0, math.prod(counts[:looped]), turns, first)


def _at_points(given: Operands, axis: int, most: int | None, padded: bool) -> Any:
    """Return the sums at points.

    Args:
      padded: whether a zero after the last pixel, and a copy of the pixels, spares a mask of what
        is read. At 4 x 256 x 256 points of 3 channels bicubic took 0.6 times as long.
    """
    x = given.numbers["pixels"]
    after, size = x.ndim - 1 - axis, x.shape[axis]
    first = _entries(x, axis, jnp.maximum(given.indices[0][0], 0))
    ends = [(0, int(n == axis), 0) for n in range(x.ndim)]
    pixels = lax.pad(x, np.zeros((), x.dtype), ends) if padded else x

    def add(y: Any, taps: Sequence[Any]) -> Any:
        there, index, weights = given.read(taps, absent=size if padded else 0)
        read = _entries(pixels, axis, index) if padded else taken(x, axis, there, index)
        return y + read * _beside(weights, axis, after)

    return given.loop(add, zeros(first, x), most)


def _at_pixels(given: Operands, axis: int, size: Any) -> Any:
    y = given.numbers["points"]
    points = given.indices[0].ndim - 1
    after = y.ndim - axis - points
    pixel = jnp.expand_dims(y.sum(tuple(range(axis, axis + points))), axis)
    like = jnp.broadcast_to(pixel, (*pixel.shape[:axis], size, *pixel.shape[axis + 1 :]))

    def add(x: Any, taps: Sequence[Any]) -> Any:
        there, index, weights = lax.optimization_barrier(given.read(taps))
        there, weights = (_beside(each, axis, after) for each in (there, weights))
        added = jnp.where(there, y * weights, 0)
        return x.at[_place(axis, index)].add(added, mode="promise_in_bounds")

    return given.loop(add, zeros(like, y), 1)


def _of_weights(given: Operands, axis: int, dots: Callable[..., Any]) -> Any:
    x, y = given.numbers["pixels"], given.numbers["points"]
    (own,) = (n for n in range(len(given.indices)) if n not in given.numbers)

    def add(total: Any, taps: Sequence[Any]) -> Any:
        there, index, weights = lax.optimization_barrier(given.read(taps))
        products = dots(x, y, axis, there, index)
        return total.at[taps[own]].add(products if weights is None else products * weights)

    return given.loop(add, zeros(given.indices[own], y), 1)


def _dots(x: Any, y: Any, axis: int, there: Any, index: Any) -> Any:
    """Return the sums of the products of y and the pixels read, over all axes but the points'."""
    products = taken(x, axis, there, index) * y
    return products.sum((*range(axis), *range(axis + there.ndim, products.ndim)))


def _dots_on_cpu(x: Any, y: Any, axis: int, there: Any, index: Any) -> Any:
    """Return the same for points that come first, as a product with ones.

    XLA's CPU backend adds neighbours one by one.

    Of 262,144 x 64 numbers it took 43 ms where the sum took 76, on two cores.
    """
    products = taken(x, axis, there, index) * y
    ones = jnp.ones(products.shape[there.ndim :], products.dtype)
    if not ones.ndim:
        return products
    return jnp.tensordot(products, ones, ones.ndim, precision=lax.Precision.HIGHEST)


def lower(
    *operands: Any,
    result: Any,
    axis: int,
    lead: int,
    size: Any,
    dots: Callable[..., Any] = _dots,
    most: int | None = MAX_WRITTEN,
    padded: bool = False,
) -> Any:
    sums: dict[Any, Callable[..., Any]] = {
        "points": functools.partial(_at_points, most=most, padded=padded),
        "pixels": functools.partial(_at_pixels, size=size),
    }
    own = sums.get(result, functools.partial(_of_weights, dots=dots))

    def function(*operands: Any) -> Any:
        return own(Operands.of(result, operands), axis - lead)

    for _ in range(lead):
        function = jax.vmap(function)
    return function(*operands)


written = functools.partial(lower, most=None)


def lower_on_cpu(*operands: Any, result: Any, axis: int, lead: int, size: Any) -> Any:
    """Move the points before all axes that they share, so that a tap reads one row of memory.

    Where they read fewer pixels than there are, all pixels are not moved or copied for them. What
    the points weigh is computed before: in one loop with the gathers it is no vector instruction.
    `grid_sample` at 16 x 128 x 128 points of 64 channels, which lie before the image: 0.19 s in
    place of 0.5, and its gradients 0.4 s in place of 1.8 (``python -m benchmarks --points``).
    """
    numbers, indices = Operands.of(result, operands)
    points, shared = indices[0].ndim - 1 - lead, axis - lead
    reads = math.prod(each.shape[lead] for each in indices) * math.prod(
        indices[0].shape[lead + 1 :]
    )
    pixels = numbers["pixels"].shape[axis] if size is None else size
    few = not is_symbolic(reads, pixels) and reads < pixels
    if few:
        shared = 0
    wide = {"pixels": 1, "points": points}  # how many axes the points or their pixels have

    def moved(x: Any, count: int, back: bool = False) -> Any:
        there, here = range(axis, axis + count), range(lead, lead + count)
        return jnp.moveaxis(x, *((here, there) if back else (there, here))) if shared else x

    numbers = [moved(x, wide[role]) if role in wide else x for role, x in numbers.items()]
    known: dict[str, Any] = {"result": result, "axis": axis - shared, "lead": lead, "size": size}
    if shared:  # what a loop carries, XLA does not leave where it was
        known["most"] = indices[-1].shape[lead]
    known["dots"] = _dots_on_cpu if known["axis"] == lead else _dots
    if result == "points":
        known["padded"] = not few
        numbers[1:], indices = lax.optimization_barrier((numbers[1:], indices))
    y = lower(*numbers, *indices, **known)
    return moved(y, wide[result], back=True) if result in wide else y
