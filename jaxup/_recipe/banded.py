"""`Banded`: the rows of one axis, as indices and weights."""

from __future__ import annotations

import dataclasses
import functools

import numpy as np


@dataclasses.dataclass(frozen=True, eq=False)
class Banded:
    """A linear map with a few non-zeros per row: ``y[j] = sum_k weights[j, k] x[indices[j, k]]``.

    Args:
      indices: int array, shape (out_size, taps). A tap whose index is ``in_size`` is absent: it is
        not read, and so passes no NaN on. Within a row the absent taps come last.
      weights: float64 or integer array of the same shape, 0 where the tap is absent.
      in_size: pixels of the axis that it reads.

    A tap of weight 0 is still a tap: ``0 x NaN`` is NaN, here as in PyTorch and jax.image.
    """

    indices: np.ndarray
    weights: np.ndarray
    in_size: int

    @property
    def out_size(self) -> int:
        return self.indices.shape[0]

    @property
    def taps(self) -> int:
        return self.indices.shape[1]

    @functools.cached_property
    def present(self) -> np.ndarray:
        """Which taps are read; bool, shape (out_size, taps)."""
        return self.indices < self.in_size

    @functools.cached_property
    def selects(self) -> bool:
        """Whether every output is a copy of one input or zero, so that no arithmetic is needed."""
        return self.taps == 1 and bool((self.weights[self.present] == 1).all())

    @property
    def is_whole(self) -> bool:
        """Whether weights are whole numbers, whose sums with integers are integers."""
        return bool(np.issubdtype(self.weights.dtype, np.integer))

    @functools.cached_property
    def is_identity(self) -> bool:
        """Whether output ``j`` is input ``j``, up to rounding."""
        if self.out_size != self.in_size:
            return False
        diagonal = self.indices == np.arange(self.out_size)[:, None]
        on, off = (np.where(part, self.weights, 0) for part in (diagonal, ~diagonal))
        return bool((abs(on.sum(axis=1) - 1) < 1e-12).all() and (abs(off) < 1e-12).all())

    @functools.cached_property
    def T(self) -> Banded:
        """The transposed map, banded too: for each input, the outputs that read it."""
        row, column, weight = self.entries()
        return banded_from_entries(column, row, weight, (self.in_size, self.out_size))

    def entries(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return row, column and weight of every tap that is read."""
        row, tap = np.nonzero(self.present)
        return row, self.indices[row, tap], self.weights[row, tap]

    def folded(self) -> Banded:
        """Return the same map with the taps of a row that read the same pixel added up."""
        return banded_from_entries(*self.entries(), (self.out_size, self.in_size))

    def rows(self, start: int, stop: int) -> Banded:
        """Return rows ``start .. stop - 1`` as an operator of their own."""
        return Banded(self.indices[start:stop], self.weights[start:stop], self.in_size)

    def to_dense(self) -> np.ndarray:
        """Return the matrix, float64, shape (out_size, in_size)."""
        dense = np.zeros((self.out_size, self.in_size + 1))
        np.add.at(dense, (np.arange(self.out_size)[:, None], self.indices), self.weights)
        return dense[:, :-1]

    def compact(self) -> Banded:
        """Return the same map with absent taps last, and without columns of absent taps alone."""
        if self.present.all():
            return self
        order = np.argsort(~self.present, axis=1, kind="stable")
        taps = max(1, self.present.sum(axis=1).max(initial=0))
        indices = np.take_along_axis(self.indices, order, axis=1)[:, :taps]
        weights = np.take_along_axis(self.weights, order, axis=1)[:, :taps]
        return Banded(indices, weights, self.in_size)


def banded_from_entries(
    row: np.ndarray, column: np.ndarray, weight: np.ndarray, shape: tuple[int, int]
) -> Banded:
    """Return the matrix of that shape with those entries; entries at one place are added up."""
    out_size, in_size = shape
    place, weight = add_up(row.astype(np.int64) * in_size + column, weight)
    row, column = np.divmod(place, in_size)
    count = np.bincount(row, minlength=out_size)
    tap = np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count)
    indices = np.full((out_size, max(1, count.max(initial=0))), in_size)
    weights = np.zeros(indices.shape)
    indices[row, tap], weights[row, tap] = column, weight
    return Banded(indices, weights, in_size)


def add_up(places: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return every place once, in ascending order, and the sum of the weights at each."""
    unique, where = np.unique(places, return_inverse=True)
    return unique, np.bincount(where, weights, len(unique))
