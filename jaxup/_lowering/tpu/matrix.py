"""An operator's matrix, which the program computes: a constant of that size would be read whole.

Where rows repeat, the entry in row j and column i depends on ``period i - advance j`` alone, which
is called its place here, but for a few entries at the borders. Then the program reads no constant
at all.
"""

from __future__ import annotations

import dataclasses
import functools
import math
from collections.abc import Mapping, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from jaxup._lowering.arrays import untyped
from jaxup._lowering.pattern import find_pattern
from jaxup._recipe.banded import Banded, add_up

Contracted = tuple[Sequence[int], Sequence[int]]  # axes of either array
COMPARED = 16  # entries of a row
MAX_ENTRIES = 32  # of different places, and at the borders; a shrink with 54 wrote its matrix out
MAX_ENTRIES_GROWING = 64  # there none did: doubling by lanczos3 moves 0.998 to 1.02 of the bytes
TOLERANCE = 4e-6  # of an entry: half a float32 step of a coordinate near 64, which peers round to


def multiply(x: Any, y: Any, axes: Contracted, outside: Contracted = ((), ())) -> jax.Array:
    """Return the product of two arrays, those axes contracted, in full precision."""
    return untyped.dot_general(x, y, (axes, outside), precision=lax.Precision.HIGHEST)


def matrix_of(operator: Banded, dtype: Any) -> Any:
    """Return the matrix, a formula where there is a short one."""
    shape = operator.out_size, operator.in_size
    row, column = (untyped.broadcasted_iota(jnp.int32, shape, axis) for axis in (0, 1))
    grows = operator.out_size > operator.in_size
    most = MAX_ENTRIES_GROWING if grows else MAX_ENTRIES
    if (places := find_places(operator)) and places.count <= most:
        return places.matrix(row, column, dtype)
    if (places := find_places(operator.T)) and places.count <= most:
        return places.matrix(column, row, dtype)
    peaks = _peaks(operator, np.dtype(dtype))
    if peaks is not None:
        return _triangle(column.astype(dtype), peaks)
    return matrix_by_row(operator, dtype)


def matrix_by_row(operator: Banded, dtype: Any) -> Any:
    """Return the same from constants: where each row's entries begin, and the entries."""
    start, entries = by_row(operator)
    width = entries.shape[1]
    if width > COMPARED:
        return operator.to_dense().astype(dtype)
    column = untyped.broadcasted_iota(jnp.int32, (operator.out_size, operator.in_size), 1)
    offset = column - start.astype("int32")
    matrix = lax.full(offset.shape, 0, dtype)
    for n in range(width):
        matrix = jnp.where(offset == n, entries[:, n : n + 1].astype(dtype), matrix)
    return matrix


@functools.lru_cache(maxsize=512)
def by_row(operator: Banded) -> tuple[np.ndarray, np.ndarray]:
    """Return each row's first column, shape (rows, 1), and as many entries as the longest has."""
    present, indices, size = operator.present, operator.indices, operator.in_size
    first = np.where(present, indices, size).min(1)
    width = max(1, int((np.where(present, indices, -1).max(1) - first).max()) + 1)
    start = np.minimum(first, size - width)[:, None]
    entries = np.zeros((operator.out_size, width))
    row = np.broadcast_to(np.arange(operator.out_size)[:, None], indices.shape)
    np.add.at(entries, (row[present], (indices - start)[present]), operator.weights[present])
    return start, entries


def _peaks(operator: Banded, dtype: Any) -> np.ndarray | None:
    """Return the peaks of triangles that the entries of linear interpolation lie on, row by row.

    One constant then says what two, and where they begin, would. None if any entry lies beside, by
    more than a rounding.
    """
    start, entries = by_row(operator)
    if entries.shape[1] != 2:
        return None
    column, entries = (start + np.arange(2)).astype(dtype), entries.astype(dtype)
    peaks = column[:, :1] + entries[:, 1:]
    beside = abs(_triangle(column, peaks) - entries)
    return peaks if (beside <= np.finfo(dtype).eps).all() else None


def _triangle(column: Any, peaks: np.ndarray) -> Any:
    return (1 - abs(column - peaks)).clip(0)


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

    @property
    def count(self) -> int:
        return len(self.entries) + len(self.borders)

    def matrix(self, row: Any, column: Any, dtype: Any) -> jax.Array:
        """Return what stands at those rows and columns."""
        place = self.period * column - self.advance * row
        number = self.columns * row + column  # one array of both: a column's would be kept apart
        matrix = lax.full(place.shape, 0, dtype)
        for index, entries in (place, self.entries), (number, self.borders):
            for where, entry in entries.items():
                matrix = jnp.where(index == where, np.asarray(entry, dtype), matrix)
        return matrix


@functools.lru_cache(maxsize=512)
def find_places(operator: Banded) -> Places | None:
    """Return the matrix by places; None where its rows do not repeat."""
    pattern = find_pattern(operator)
    if pattern is None or math.gcd(pattern.period, pattern.advance) > 1:
        return None
    start, stop = pattern.longest_run
    middle = (start + stop) // 2
    used = pattern.indices[middle] >= 0
    row = middle * pattern.period + np.arange(pattern.period)[:, None]
    place = pattern.period * pattern.indices[middle] - pattern.advance * row
    entries: dict[int, float] = {}
    for where, weight in zip(place[used].tolist(), pattern.weights[middle][used], strict=True):
        entries[where] = entries.get(where, 0.0) + float(weight)
    regular = Places(pattern.period, pattern.advance, entries, {}, operator.in_size)
    return dataclasses.replace(regular, borders=_others(operator, regular))


def _others(operator: Banded, regular: Places) -> dict[int, float]:
    """Return the operator's entries where they are not those of its places, by number."""
    row = np.broadcast_to(np.arange(operator.out_size)[:, None], operator.indices.shape)
    numbers = [(operator.in_size * row + operator.indices)[operator.present]]
    weights = [operator.weights[operator.present]]
    rows = np.arange(operator.out_size)
    for where, entry in regular.entries.items():
        column, rest = np.divmod(where + regular.advance * rows, regular.period)
        here = (rest == 0) & (column >= 0) & (column < operator.in_size)
        numbers.append(operator.in_size * rows[here] + column[here])
        weights.append(np.full(np.count_nonzero(here), -entry))
    placed, weight = add_up(numbers[0], weights[0])
    own = dict(zip(placed.tolist(), weight.tolist(), strict=True))
    number, excess = add_up(np.concatenate(numbers), np.concatenate(weights))
    others = number[np.abs(excess) > TOLERANCE].tolist()
    return {place: own.get(place, 0.0) for place in others}
