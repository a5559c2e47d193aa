"""Rows that repeat, as sums of shifted slices: no index is read at run time.

Most operators are periodic away from the borders: row ``j + period`` reads what row ``j`` reads,
``advance`` pixels further on (2 and 1 for a doubling, 1 and 2 for its transpose, 3 and 2 for a
scale of 1.5). Each phase of the output is then a weighted sum of strided slices of the input, and
the phases are interleaved by a stack and a reshape. The few rows at the borders that differ are
gathered.
"""

from __future__ import annotations

import dataclasses
import functools

import jax.numpy as jnp
import numpy as np
from jax import lax

from jaxup._lowering import gather
from jaxup._operator import Banded

MOST_PHASES = 8
_ABSENT = np.int64(
    -(2**40)
)  # no period reaches it from a tap that is read, however far it is continued
MOST_SLICES = 24
MOST_IN_PLACE = 100  # of filters: 31 taps (a spline's prefilter) are 70 times faster than gathered
MOST_INTERLEAVED_SLICES = 12  # beyond it XLA's CPU code for an interleave turns 10 times slower


@dataclasses.dataclass(frozen=True, eq=False)
class Pattern:
    """Rows ``start .. stop - 1`` of an operator, a whole number of periods, all regular.

    Args:
      period: rows, the number of phases.
      advance: pixels by which one period's taps lie after those of the period before.
      indices: for each phase, the taps of its first row.
      weights: for each phase, float64 array of shape (periods, taps).
    """

    period: int
    advance: int
    start: int
    stop: int
    indices: tuple[np.ndarray, ...]
    weights: tuple[np.ndarray, ...]

    @property
    def periods(self) -> int:
        return (self.stop - self.start) // self.period


@functools.lru_cache(maxsize=512)
def find_pattern(operator: Banded) -> Pattern | None:
    """The shortest period that covers all rows but a few, or None."""
    for period in range(1, min(MOST_PHASES, operator.out_size // 2) + 1):
        pattern = _with_period(operator, period)
        if pattern is not None:
            return pattern
    return None


def _with_period(operator: Banded, period: int) -> Pattern | None:
    middle = (operator.out_size - period) // 2
    model = np.where(operator.present, operator.indices, _ABSENT)
    here, there = model[middle : middle + period, 0], model[middle + period :, 0][:period]
    read = here[: len(there)] >= 0
    if not read.any():
        return None
    advance = int((there - here[: len(there)])[read][0])
    if not 1 <= advance <= MOST_PHASES:
        return None
    periods, phase = np.divmod(np.arange(operator.out_size) - middle, period)
    expected = model[middle : middle + period][phase]
    expected = np.where(expected < 0, _ABSENT, expected + advance * periods[:, None])
    irregular = np.flatnonzero((model != expected).any(axis=1))
    start = irregular[irregular < middle].max(initial=-1) + 1
    stop = irregular[irregular > middle].min(initial=operator.out_size)
    stop = start + (stop - start) // period * period
    borders = operator.out_size - (stop - start)
    if stop <= start or borders > max(operator.out_size // 2, 4 * period):
        return None
    counts = operator.present[start : start + period].sum(axis=1)
    most = MOST_INTERLEAVED_SLICES if period > 1 else MOST_SLICES if advance > 1 else MOST_IN_PLACE
    if counts.sum() > most:
        return None
    return Pattern(
        period,
        advance,
        int(start),
        int(stop),
        tuple(operator.indices[start + n, :count] for n, count in enumerate(counts)),
        tuple(operator.weights[start + n : stop : period, :c] for n, c in enumerate(counts)),
    )


def fits(operator: Banded) -> bool:
    return find_pattern(operator) is not None


def apply(x, operator: Banded, axis: int, dtype=None):
    pattern = find_pattern(operator)
    if pattern is None:
        raise ValueError(f"no period in an operator of shape {operator.indices.shape}")
    dtype = dtype or x.dtype
    phases = [_phase(x, pattern, n, axis).astype(dtype) for n in range(pattern.period)]
    middle = phases[0]
    if pattern.period > 1:
        shape = list(middle.shape)
        shape[axis] *= pattern.period
        middle = jnp.stack(phases, axis + 1).reshape(shape)
    pieces = [middle]
    if pattern.start:
        pieces.insert(0, gather.apply(x, operator.rows(0, pattern.start), axis, dtype))
    if pattern.stop < operator.out_size:
        pieces.append(gather.apply(x, operator.rows(pattern.stop, operator.out_size), axis, dtype))
    return lax.concatenate(pieces, axis) if len(pieces) > 1 else middle


def _phase(x, pattern: Pattern, phase: int, axis: int):
    """The rows of one phase: the sum of its taps, each a strided slice times its weights; or 0."""
    span = (pattern.periods - 1) * pattern.advance + 1
    terms = (
        gather.weighted(
            lax.slice_in_dim(x, int(first), int(first) + span, pattern.advance, axis), weights, axis
        )
        for first, weights in zip(pattern.indices[phase], pattern.weights[phase].T, strict=True)
    )
    nothing = jnp.zeros_like(x, shape=(*x.shape[:axis], pattern.periods, *x.shape[axis + 1 :]))
    return functools.reduce(jnp.add, terms) if len(pattern.indices[phase]) else nothing
