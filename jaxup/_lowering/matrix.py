"""An operator's matrix, made by the program: a constant of that size would be read whole.

Where rows repeat, the entry in row j and column i depends on ``period i - advance j`` alone, which
is called its place here, but for a few entries at the borders. Then the program reads no constant
at all.
"""

from __future__ import annotations

import dataclasses
import functools
import math
from collections.abc import Mapping

import jax.numpy as jnp
import numpy as np
from jax import lax

from jaxup._lowering.pattern import find_pattern
from jaxup._operator import Banded

COMPARED_TAPS = 16
MOST_ENTRIES = 32  # of different places, and of those at the borders
TOLERANCE = 4e-6  # of an entry: half a float32 step of a coordinate near 64, which peers round to


def matrix_of(operator: Banded, dtype):
    shape = operator.out_size, operator.in_size
    row, column = (lax.broadcasted_iota(jnp.int32, shape, axis) for axis in (0, 1))
    if places := find_places(operator):
        return places.matrix(row, column, dtype)
    if places := find_places(operator.T):
        return places.matrix(column, row, dtype)
    return matrix_by_row(operator, dtype)


def matrix_by_row(operator: Banded, dtype):
    """The same from the few taps of each row, which are constants."""
    if operator.taps > COMPARED_TAPS:
        return operator.to_dense().astype(dtype)
    column = lax.broadcasted_iota(jnp.int32, (operator.out_size, operator.in_size), 1)
    taps = (
        jnp.where(column == indices[:, None], weights[:, None], jnp.zeros((), dtype))
        for indices, weights in zip(
            operator.indices.T.astype("int32"), operator.weights.T.astype(dtype), strict=True
        )
    )
    return functools.reduce(jnp.add, taps)


@dataclasses.dataclass(frozen=True, eq=False)
class Places:
    """A matrix whose entries repeat.

    Args:
      period, advance: as in `jaxup._lowering.pattern`.
      entries: the one at each place that has one.
      borders: the entries that are others, by their number in the matrix, row by row.
      columns: of the matrix.
    """

    period: int
    advance: int
    entries: Mapping[int, float]
    borders: Mapping[int, float]
    columns: int

    def matrix(self, row, column, dtype):
        """What stands at those rows and columns: int arrays, NumPy's or JAX's."""
        xp = row.__array_namespace__()
        place = self.period * column - self.advance * row
        number = self.columns * row + column  # one array of both: a column's would be kept apart
        made = xp.zeros(place.shape, dtype)
        for found, entries in (place, self.entries), (number, self.borders):
            for where, entry in entries.items():
                made = xp.where(found == where, xp.asarray(entry, dtype=dtype), made)
        return made


@functools.lru_cache(maxsize=512)
def find_places(operator: Banded) -> Places | None:
    """The matrix by places, or None where too much of it does not repeat."""
    pattern = find_pattern(operator)
    if pattern is None or math.gcd(pattern.period, pattern.advance) > 1:
        return None
    start, stop = max(pattern.runs, key=lambda run: run[1] - run[0])
    middle = (start + stop) // 2
    used = pattern.indices[middle] >= 0
    row = middle * pattern.period + np.arange(pattern.period)[:, None]
    place = pattern.period * pattern.indices[middle] - pattern.advance * row
    entries: dict[int, float] = {}
    for where, weight in zip(place[used].tolist(), pattern.weights[middle][used], strict=True):
        entries[where] = entries.get(where, 0.0) + float(weight)
    dense = operator.to_dense()
    regular = Places(pattern.period, pattern.advance, entries, {}, operator.in_size)
    row, column = np.ogrid[: operator.out_size, : operator.in_size]
    made = regular.matrix(row, column, np.float64)
    others = np.flatnonzero(np.abs(made - dense) > TOLERANCE)
    if len(entries) + len(others) > MOST_ENTRIES:
        return None
    return dataclasses.replace(regular, borders={int(n): float(dense.flat[n]) for n in others})
