"""Rows that repeat, a period at a time: no index is read at run time.

Most operators are periodic away from the borders: row ``j + period`` reads what row ``j`` reads,
``advance`` pixels further on (2 and 1 for a doubling, 1 and 2 for its transpose, 3 and 2 for a
scale of 1.5). A run of such periods is a sum of shifted slices of the input, each broadcast to an
axis of ``period`` rows, on which a selection picks every row's own slice. Compilers unroll that
short axis and write the rows side by side; a stack of one array per row would be written in as many
passes over the memory. Runs are joined along the axis of periods, what lies between them (the
borders, most of all) is gathered, and the two axes become one.
"""

from __future__ import annotations

import dataclasses
import functools
import itertools
import math

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from jaxup._lowering import gather, narrow
from jaxup._lowering.reshaping import merge, split
from jaxup._operator import Banded

MOST_PHASES = 8
MOST_ADVANCE = 8
MOST_INTERLEAVED = 8  # elements that LLVM stores side by side from vectors
MOST_SLICES = 200  # in all runs together: what a program may grow by
MOST_RUNS = 8
SHORTEST_RUN = 4  # periods
MOST_ALONE = 8  # periods that are no run but computed like one: gathering them takes longer


@dataclasses.dataclass(frozen=True, eq=False)
class Pattern:
    """The rows of an operator, a whole number of periods: the last row repeated where it ends.

    Args:
      period: rows, the number of phases.
      advance: pixels by which one period's taps lie after those of the period before.
      indices: int array, shape (periods, period, taps); negative where a tap is absent.
      weights: float64 array of that shape.
      runs: start and stop of each stretch of periods that continue each other.
    """

    period: int
    advance: int
    indices: np.ndarray
    weights: np.ndarray
    runs: tuple[tuple[int, int], ...]

    @property
    def periods(self) -> int:
        return len(self.indices)

    def stretches(self) -> list[tuple[int, int, bool]]:
        """All periods in order, as (start, stop, whether they are a run)."""
        found, at = [], 0
        for start, stop in self.runs:
            found += [(at, start, False), (start, stop, True)]
            at = stop
        found.append((at, self.periods, False))
        return [stretch for stretch in found if stretch[0] < stretch[1]]

    def rows(self, start: int, stop: int, in_size: int) -> Banded:
        """The rows of periods ``start .. stop - 1`` as an operator of their own."""
        indices = self.indices[start:stop].reshape(-1, self.indices.shape[-1])
        weights = self.weights[start:stop].reshape(indices.shape)
        return Banded(np.where(indices < 0, in_size, indices), weights, in_size)


@functools.lru_cache(maxsize=512)
def find_pattern(operator: Banded) -> Pattern | None:
    """The shortest period whose runs hold most of the rows, or None."""
    for period in range(1, min(MOST_PHASES, operator.out_size) + 1):
        exact = period * operator.in_size / operator.out_size
        for advance in sorted({max(1, math.floor(exact)), math.ceil(exact)}):
            if advance > MOST_ADVANCE:
                continue
            pattern = _with_period(operator, period, advance)
            if pattern is not None:
                return pattern
    return None


def _with_period(operator: Banded, period: int, advance: int) -> Pattern | None:
    periods = -(-operator.out_size // period)
    row = np.minimum(np.arange(periods * period), operator.out_size - 1)
    shape = periods, period, operator.taps
    indices = np.where(operator.present, operator.indices, -1)[row].reshape(shape)
    before, after = indices[:-1], indices[1:]
    continues = np.where(before < 0, after < 0, after == before + advance).all(axis=(1, 2))
    cuts = [0, *(int(n) + 1 for n in np.flatnonzero(~continues)), periods]
    runs = tuple(
        (start, stop) for start, stop in itertools.pairwise(cuts) if stop - start >= SHORTEST_RUN
    )
    apart = periods - sum(stop - start for start, stop in runs)
    slices = period * operator.taps
    if not runs or len(runs) > MOST_RUNS or len(runs) * slices > MOST_SLICES:
        return None
    if apart > max(periods // 2, SHORTEST_RUN):
        return None
    alone = apart <= MOST_ALONE and (len(runs) + apart) * slices <= MOST_SLICES
    if period > 1 and alone:
        held = {n for start, stop in runs for n in range(start, stop)}
        runs = tuple(sorted([*runs, *((n, n + 1) for n in range(periods) if n not in held)]))
    return Pattern(period, advance, indices, operator.weights[row].reshape(shape), runs)


def fits(operator: Banded) -> bool:
    return find_pattern(operator) is not None


def slices(operator: Banded) -> bool:
    """Whether all rows but those at the borders are one sum of slices, with nothing interleaved."""
    pattern = find_pattern(operator)
    return pattern is not None and pattern.period == 1 and len(pattern.runs) == 1


def apply(x, operator: Banded, axis: int, dtype=None):
    pattern = find_pattern(operator)
    if pattern is None:
        raise ValueError(f"no period in an operator of shape {operator.indices.shape}")
    dtype = dtype or x.dtype
    unrolled = _inner_axes_unrolled(x, axis, pattern.period)
    inner = x.shape[axis + 1 : axis + 1 + unrolled]
    pieces = []
    for start, stop, regular in _at_least_two(pattern.stretches()):
        if regular:
            piece = _run(x, pattern, start, stop, axis, unrolled).astype(dtype)
        else:
            piece = gather.apply(x, pattern.rows(start, stop, operator.in_size), axis, dtype)
            piece = split(piece, axis, (stop - start, pattern.period))
            piece = merge(piece, axis + 1, 1 + unrolled)
        pieces.append(piece)
    y = lax.concatenate(pieces, axis)
    y = merge(split(y, axis + 1, (pattern.period, *inner)), axis)
    return lax.slice_in_dim(y, 0, operator.out_size, axis=axis)


def _at_least_two(stretches):
    """XLA's CPU backend writes the pieces of a concatenation in loops of their own shape.

    Without one it would compute each element's place in the pieces' shape from its place in the
    result's, by divisions that cost more than the arithmetic.
    """
    (start, stop, regular), *rest = stretches
    if rest or stop - start == 1:
        return stretches
    return [(start, start + 1, regular), (start + 1, stop, regular)]


def _inner_axes_unrolled(x, axis, period) -> int:
    """How many axes inside the period's are to be one with it: all, where they are unrolled with
    it whole, or none."""
    inner = x.shape[axis + 1 :]
    sharded = any(jax.typeof(x).sharding.spec[axis + 1 :])
    known = all(isinstance(n, int) for n in inner) and not sharded
    return len(inner) if known and period * math.prod(inner) <= MOST_INTERLEAVED else 0


def _run(x, pattern: Pattern, start: int, stop: int, axis: int, unrolled: int):
    """Periods ``start .. stop - 1``: an axis of periods, then one of the rows of a period."""
    periods = stop - start
    each = math.prod(x.shape[axis + 1 : axis + 1 + unrolled])
    place = [1] * (x.ndim + 1 - unrolled)
    place[axis + 1] = pattern.period * each
    phase = lax.broadcasted_iota(jnp.int32, place, axis + 1) // each

    def for_all_phases(x):
        x = jnp.expand_dims(x, axis + 1)
        shape = list(x.shape)
        shape[axis + 1] = pattern.period
        return merge(jnp.broadcast_to(x, shape), axis + 1, 1 + unrolled)

    def from_pixel(x, first: int):
        if first < 0:
            return x.dtype.type(0)
        last = first + (periods - 1) * pattern.advance
        return for_all_phases(lax.slice_in_dim(x, first, last + 1, pattern.advance, axis))

    def by_phase(x, firsts):
        found = from_pixel(x, firsts[-1])
        for n in reversed(range(len(firsts) - 1)):
            if firsts[n] != firsts[n + 1]:
                found = jnp.where(phase <= n, from_pixel(x, firsts[n]), found)
        return found

    terms = []
    for tap, firsts in enumerate(pattern.indices[start].T.tolist()):
        if max(firsts) < 0:
            continue
        weights = np.repeat(pattern.weights[start:stop, :, tap], each, axis=1)
        if (weights == weights[:1]).all():
            weights = weights[:1]
        term = narrow.read(x, functools.partial(by_phase, firsts=firsts))
        terms.append(gather.weighted(term, weights, axis))
    if not terms:
        return for_all_phases(
            jnp.zeros_like(lax.slice_in_dim(x, 0, 1, axis=axis)).repeat(periods, axis)
        )
    return functools.reduce(jnp.add, terms)
