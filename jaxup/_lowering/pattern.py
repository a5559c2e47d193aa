"""Rows that repeat: the period of an operator, and the runs of periods that continue each other.

Most operators are periodic away from the borders: row ``j + period`` reads what row ``j`` reads,
``advance`` pixels further on (2 and 1 for a doubling, 1 and 2 for its transpose, 3 and 2 for a
scale of 1.5).
"""

from __future__ import annotations

import dataclasses
import functools
import itertools
import math

import numpy as np

from jaxup._recipe.banded import Banded

MAX_PHASES = 8
MAX_ADVANCE = 8
MAX_SLICES = 200  # in all runs together: what a program may grow by
MAX_RUNS = 8
MIN_RUN = 4  # periods
MAX_ALONE = 8  # periods that are no run but computed like one: gathering them takes longer
Segment = tuple[int, int, bool]  # of periods: start, stop, whether they are a run


@dataclasses.dataclass(frozen=True, eq=False)
class Pattern:
    """The rows of an operator, a whole number of periods: the last row repeated where it ends.

    Args:
      period: rows, the number of phases.
      advance: pixels by which one period's taps lie after those of the period before.
      indices: int array, shape (periods, period, taps); negative where a tap is absent.
      weights: float64 array of that shape.
      runs: start and stop of each segment of periods that continue each other; none is without
        taps.
    """

    period: int
    advance: int
    indices: np.ndarray
    weights: np.ndarray
    runs: tuple[tuple[int, int], ...]

    @property
    def periods(self) -> int:
        return len(self.indices)

    @property
    def longest_run(self) -> tuple[int, int]:
        return max(self.runs, key=lambda run: run[1] - run[0])

    def segments(self) -> list[Segment]:
        """Return all periods in order."""
        segments, at = list[Segment](), 0
        for start, stop in self.runs:
            segments += [(at, start, False), (start, stop, True)]
            at = stop
        segments.append((at, self.periods, False))
        return [segment for segment in segments if segment[0] < segment[1]]

    def rows(self, start: int, stop: int, in_size: int) -> Banded:
        """Return the rows of periods ``start .. stop - 1`` as an operator of their own."""
        indices = self.indices[start:stop].reshape(-1, self.indices.shape[-1])
        weights = self.weights[start:stop].reshape(indices.shape)
        return Banded(np.where(indices < 0, in_size, indices), weights, in_size)


@functools.lru_cache(maxsize=512)
def find_pattern(operator: Banded) -> Pattern | None:
    """Return the period of fewest segments and phases together; None if none holds most rows."""
    best, fewest = None, math.inf
    for period in range(1, min(MAX_PHASES, operator.out_size) + 1):
        if period + 1 >= fewest:  # with a single segment
            break
        exact = period * operator.in_size / operator.out_size
        for advance in sorted({max(1, math.floor(exact)), math.ceil(exact)}):
            pattern = _with_period(operator, period, advance) if advance <= MAX_ADVANCE else None
            if pattern and len(pattern.segments()) + period < fewest:
                best, fewest = pattern, len(pattern.segments()) + period
    return best


def _with_period(operator: Banded, period: int, advance: int) -> Pattern | None:
    periods = -(-operator.out_size // period)
    row = np.minimum(np.arange(periods * period), operator.out_size - 1)
    shape = periods, period, operator.taps
    indices = np.where(operator.present, operator.indices, -1)[row].reshape(shape)
    before, after = indices[:-1], indices[1:]
    continues = np.where(before < 0, after < 0, after == before + advance).all(axis=(1, 2))
    cuts = [0, *(int(n) + 1 for n in np.flatnonzero(~continues)), periods]
    read = np.any(indices >= 0, axis=(1, 2))
    runs = tuple(
        (start, stop)
        for start, stop in itertools.pairwise(cuts)
        if stop - start >= MIN_RUN and read[start]
    )
    apart = periods - sum(stop - start for start, stop in runs)
    slices = period * operator.taps
    if not runs or len(runs) > MAX_RUNS or len(runs) * slices > MAX_SLICES:
        return None
    if apart > max(periods // 2, MIN_RUN):
        return None
    alone = apart <= MAX_ALONE and (len(runs) + apart) * slices <= MAX_SLICES
    if period > 1 and alone:
        free = read.copy()
        for start, stop in runs:
            free[start:stop] = False
        runs = tuple(sorted([*runs, *((int(n), int(n) + 1) for n in np.flatnonzero(free))]))
    return Pattern(period, advance, indices, operator.weights[row].reshape(shape), runs)
