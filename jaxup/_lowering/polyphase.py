"""Rows that repeat, a period at a time: no index is read at run time.

A run of periods (`jaxup._lowering.pattern`) is a sum of shifted slices of the input, each broadcast
to an axis of ``period`` rows, on which a selection picks every row's own slice. Compilers unroll
that short axis and write the rows side by side; a stack of one array per row would be written in as
many passes over the memory. Runs are joined along the axis of periods, what lies between them (the
borders, most of all) is gathered, and the two axes become one.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from jaxup._lowering import dtypes, gather
from jaxup._lowering.arrays import merge, split, untyped
from jaxup._lowering.dtypes import accumulation, converted
from jaxup._lowering.pattern import Segment, find_pattern
from jaxup._recipe.banded import Banded

MAX_INTERLEAVED = 8  # elements that LLVM stores side by side from vectors


def fits(operator: Banded) -> bool:
    return find_pattern(operator) is not None


def slices(operator: Banded) -> bool:
    """Return whether all rows but those at the borders are one sum of slices, not interleaved."""
    pattern = find_pattern(operator)
    return pattern is not None and pattern.period == 1 and len(pattern.runs) == 1


def phases(operator: Banded) -> int:
    """Return the number of phases, or 0 if the rows are not periodic."""
    pattern = find_pattern(operator)
    return pattern.period if pattern is not None else 0


def segments(operator: Banded) -> int:
    """Return how many pieces are computed apart, or 0 if the rows are not periodic."""
    pattern = find_pattern(operator)
    return len(pattern.segments()) if pattern is not None else 0


def is_whole(operator: Banded) -> bool:
    """Return whether its rows are a whole number of periods, so that none has to be cut off."""
    pattern = find_pattern(operator)
    return pattern is not None and pattern.periods * pattern.period == operator.out_size


def apply(x: jax.Array, operator: Banded, axis: int, dtype: Any = None) -> jax.Array:
    pattern = find_pattern(operator)
    if pattern is None:
        raise ValueError(f"no period in an operator of shape {operator.indices.shape}")
    sums, dtype = accumulation(x.dtype, [operator], dtype), dtype or x.dtype
    unrolled = _inner_axes_unrolled(x, axis, pattern.period)
    inner = x.shape[axis + 1 : axis + 1 + unrolled]
    pieces: list[jax.Array] = []
    for start, stop, regular in at_least_two(pattern.segments()):
        if regular:
            firsts, weights = pattern.indices[start], pattern.weights[start:stop]
            piece = run(x, firsts, weights, pattern.advance, axis, unrolled, sums)
            piece = converted(piece, dtype)
        else:
            piece = gather.apply(x, pattern.rows(start, stop, operator.in_size), axis, dtype)
            piece = split(piece, axis, (stop - start, pattern.period))
            piece = merge(piece, axis + 1, 1 + unrolled)
        pieces.append(piece)
    if pattern.period == 1 and axis + 1 < x.ndim:
        # As one array reshaped, XLA would make it anew for some of its readers; along the innermost
        # axis it would write out the pieces first.
        return lax.concatenate([merge(piece, axis) for piece in pieces], axis)
    y = lax.concatenate(pieces, axis)
    y = merge(split(y, axis + 1, (pattern.period, *inner)), axis)
    return lax.slice_in_dim(y, 0, operator.out_size, axis=axis)


def at_least_two(segments: list[Segment]) -> list[Segment]:
    """Return the segments, a single one cut in two; `jaxup._lowering.arrays` says why."""
    (start, stop, regular), *rest = segments
    if rest or stop - start == 1:
        return segments
    return [(start, start + 1, regular), (start + 1, stop, regular)]


def _inner_axes_unrolled(x: jax.Array, axis: int, period: int) -> int:
    """Return how many axes inside the period's are to be one with it: all, where they are unrolled
    with it whole, or none."""
    inner: tuple[Any, ...] = x.shape[axis + 1 :]
    sharded = any(jax.typeof(x).sharding.spec[axis + 1 :])
    known = all(isinstance(n, int) for n in inner) and not sharded
    short = period > 1 and known and period * math.prod(inner) <= MAX_INTERLEAVED
    return len(inner) if short else 0


def run(
    x: jax.Array,
    firsts: np.ndarray,
    weights: np.ndarray,
    advance: int,
    axis: int,
    unrolled: int,
    sums: Any,
) -> jax.Array:
    """Return a run of periods: an axis of periods, then one of the rows of a period.

    Args:
      firsts: int array, shape (period, taps): what the first period reads; negative where a tap is
        absent, but not everywhere.
      weights: float array, shape (periods, period, taps).
      advance: pixels from one period's taps to the next one's.
      unrolled: how many axes from ``axis + 1`` on are one with the rows of a period.
      sums: the type in which they are added up.
    """
    periods, period = weights.shape[:2]
    each = math.prod(x.shape[axis + 1 : axis + 1 + unrolled])
    place = [1] * (x.ndim + 1 - unrolled)
    place[axis + 1] = period * each
    element = untyped.broadcasted_iota(jnp.int32, place, axis + 1)

    def from_pixel(x: jax.Array, first: int) -> jax.Array:
        last = first + (periods - 1) * advance
        stride = advance if periods > 1 else 1  # XLA cannot shard one pixel that has a stride
        x = jnp.expand_dims(lax.slice_in_dim(x, first, last + 1, stride, axis), axis + 1)
        x = jnp.broadcast_to(x, (*x.shape[: axis + 1], period, *x.shape[axis + 2 :]))
        return merge(x, axis + 1, 1 + unrolled)

    bits = [dtypes.bits_of(x, turn) for turn in range(2)]

    def by_phase(firsts: list[int]) -> jax.Array:
        slices = {
            first: from_pixel(bits[first % 2], first) if first >= 0 else bits[0].dtype.type(0)
            for first in dict.fromkeys(firsts)
        }
        return dtypes.from_bits(pick(element, [slices[first] for first in firsts], each), x.dtype)

    terms: list[jax.Array] = []
    for tap, first_of_phase in enumerate(firsts.T.tolist()):
        if max(first_of_phase) < 0:
            continue
        weight = np.repeat(weights[..., tap], each, axis=1)
        if (weight == weight[:1]).all():
            weight = weight[:1]
        terms.append(gather.weighted(by_phase(first_of_phase), weight, axis, sums))
    return functools.reduce(jnp.add, terms)


def pick(element: jax.Array, values: Sequence[jax.Array], each: int = 1) -> jax.Array:
    """Return each phase's own array, by selections between neighbours that are not the same.

    Args:
      element: the number of an element of a period.
      values: one array for each phase.
      each: elements of a phase.
    """
    chosen = values[-1]
    for n in reversed(range(len(values) - 1)):
        if values[n] is not values[n + 1]:
            chosen = jnp.where(element < (n + 1) * each, values[n], chosen)
    return chosen
