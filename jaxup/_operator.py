"""One axis of a resample as data: `AxisSpec`, a small hashable recipe, and `Banded`, its rows."""

from __future__ import annotations

import dataclasses
import functools
from typing import Any

import jax
import numpy as np

from jaxup.boundary import Boundary, divide_by_sum
from jaxup.coordinates import Convention


@dataclasses.dataclass(frozen=True, eq=False)
class Banded:
    """A linear map with a few non-zeros per row: ``y[j] = sum_k weights[j, k] x[indices[j, k]]``.

    Args:
      indices: int array, shape (out_size, taps). A tap whose index is ``in_size`` is absent: it
        is not read, and so hands no NaN on. Within a row the absent taps come last.
      weights: float64 array of the same shape, 0 where the tap is absent.
      in_size: pixels of the axis that it reads.

    A tap of weight 0 is still a tap: ``0 x NaN`` is NaN, here as in the peers.
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

    @functools.cached_property
    def T(self) -> Banded:
        """The transposed map, banded too: for each input, the outputs that read it."""
        row = np.broadcast_to(np.arange(self.out_size)[:, None], self.indices.shape)[self.present]
        column, weight = self.indices[self.present], self.weights[self.present]
        return banded_from_entries(column, row, weight, (self.in_size, self.out_size))

    def rows(self, start: int, stop: int) -> Banded:
        """Rows ``start .. stop - 1`` as an operator of their own."""
        return Banded(self.indices[start:stop], self.weights[start:stop], self.in_size)

    def to_dense(self) -> np.ndarray:
        """The matrix, float64, shape (out_size, in_size)."""
        dense = np.zeros((self.out_size, self.in_size + 1))
        np.add.at(dense, (np.arange(self.out_size)[:, None], self.indices), self.weights)
        return dense[:, :-1]


def banded_from_entries(row, column, weight, shape: tuple[int, int]) -> Banded:
    """The matrix of that shape with those entries; entries at the same place are added up."""
    out_size, in_size = shape
    place, weight = add_up(row.astype(np.int64) * in_size + column, weight)
    row, column = np.divmod(place, in_size)
    count = np.bincount(row, minlength=out_size)
    tap = np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count)
    indices = np.full((out_size, max(1, count.max(initial=0))), in_size)
    weights = np.zeros(indices.shape)
    indices[row, tap], weights[row, tap] = column, weight
    return Banded(indices, weights, in_size)


def add_up(places, weights) -> tuple[np.ndarray, np.ndarray]:
    """Every place once, in order, with the sum of what weighs there."""
    found, where = np.unique(places, return_inverse=True)
    return found, np.bincount(where, weights, len(found))


def taps_read(coordinate, tap, *, kernel, stretch, base=0.0, lowest=None):
    """Where the taps numbered ``tap`` lie, what they weigh before normalising, which are read.

    Args:
      coordinate: float array of any shape, NumPy's or JAX's.
      tap: float array, shape (taps,): counted from the first that each output reads.
      base: whole pixels, of the coordinate's shape, on top of the coordinate: large coordinates
        keep their precision if they come in two parts.
      lowest: a position before which no tap is read, or None.

    Returns:
      ``(position, weights, read)``, each of shape ``coordinate.shape + tap.shape``. A tap that is
      not read has weight 0, and its distance never reaches the kernel.
    """
    xp = coordinate.__array_namespace__()
    first, end = kernel.window(coordinate, stretch)
    if lowest is not None:
        first = xp.maximum(first, lowest - base)
    position = first[..., None] + tap
    read = position < end[..., None]
    distance = xp.where(read, position - coordinate[..., None], 0)
    weights = xp.where(read, kernel.weights(distance, stretch), 0)
    return position + xp.asarray(base)[..., None], weights, read


def rows(
    coordinate, *, kernel, stretch, boundary: Boundary, in_size, taps: int, base=0.0, lowest=None
):
    """The taps of the outputs that look at these source coordinates.

    Args:
      coordinate, base, lowest: where each output looks; see `taps_read`.
      kernel: `Kernel`, `Nearest` or `Area`; stretched by the factor ``stretch``.
      in_size: pixels of the axis; may be a traced number for JAX arrays.
      taps: how many taps to leave room for, at least ``kernel.taps(stretch)``.

    Returns:
      ``(indices, weights)``, each of shape ``coordinate.shape + (taps,)``. Absent taps have index
      ``in_size`` and weight 0.
    """
    xp = coordinate.__array_namespace__()
    tap = xp.arange(taps, dtype=coordinate.dtype)
    position, weights, read = taps_read(
        coordinate, tap, kernel=kernel, stretch=stretch, base=base, lowest=lowest
    )
    index, weights, present = boundary(position, divide_by_sum(weights), in_size)
    present = present & read
    return xp.where(present, index, in_size).astype("int32"), xp.where(present, weights, 0)


@dataclasses.dataclass(frozen=True)
class AxisSpec:
    """What decides one axis of a resample; hashable, so that it can be a primitive's parameter.

    Args:
      in_size, out_size: pixels before and after.
      coordinates: where each output looks; a convention from `jaxup.coordinates`.
      kernel: how much each pixel counts.
      boundary: what a tap outside means.
      step: source pixels per output pixel, handed to the convention.
      stretch: how many times wider the kernel is: above 1 for an antialiased shrink.
      precision: the float type to which coordinates are rounded. PyTorch computes them in
        float32 for float32 pictures, which moves them by up to 3e-5 pixels at index 500; its
        antialiased and nearest rules round the distance from the picture's edge, the others the
        distance from the first pixel's centre.
    """

    in_size: int
    out_size: int
    coordinates: Convention
    kernel: Any
    boundary: Boundary
    step: float
    stretch: float = 1.0
    precision: str = "float64"
    from_edge: bool = False

    @property
    def T(self) -> Transposed:
        return Transposed(self)

    def build(self) -> Banded:
        return _build(self)


@dataclasses.dataclass(frozen=True)
class Transposed:
    """The recipe of the transposed map."""

    of: Any

    @property
    def in_size(self) -> int:
        return self.of.out_size

    @property
    def out_size(self) -> int:
        return self.of.in_size

    @property
    def T(self) -> AxisSpec:
        return self.of

    def build(self) -> Banded:
        return self.of.build().T


@functools.lru_cache(maxsize=512)
def _build(spec: AxisSpec) -> Banded:
    index = np.arange(spec.out_size, dtype=np.float64)
    coordinate = spec.coordinates(index, spec.in_size, spec.out_size, spec.step)
    coordinate = np.broadcast_to(np.asarray(coordinate, np.float64), index.shape)
    origin = 0.5 if spec.from_edge else 0.0
    coordinate = (coordinate + origin).astype(spec.precision).astype(np.float64) - origin
    with jax.ensure_compile_time_eval():  # a user's kernel may be written with jax.numpy
        indices, weights = rows(
            coordinate,
            kernel=spec.kernel,
            stretch=spec.stretch,
            boundary=spec.boundary,
            in_size=spec.in_size,
            taps=spec.kernel.taps(spec.stretch),
        )
    return _compact(Banded(np.asarray(indices), np.asarray(weights, np.float64), spec.in_size))


def _compact(operator: Banded) -> Banded:
    """The same map with absent taps moved behind the others, and columns of them dropped."""
    order = np.argsort(~operator.present, axis=1, kind="stable")
    taps = max(1, operator.present.sum(axis=1).max(initial=0))
    indices = np.take_along_axis(operator.indices, order, axis=1)[:, :taps]
    weights = np.take_along_axis(operator.weights, order, axis=1)[:, :taps]
    return Banded(indices, weights, operator.in_size)
