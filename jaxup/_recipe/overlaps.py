"""The recipe of an axis of cells, from edges: each output is the mean over the cells it covers."""

from __future__ import annotations

import dataclasses
import functools

import numpy as np

from jaxup import boundary
from jaxup._recipe.axis import Transposed
from jaxup._recipe.banded import Banded
from jaxup.boundary import Boundary
from jaxup.coordinates import Cells

ROUNDING = 1e-9  # of a cell's width


@dataclasses.dataclass(frozen=True)
class Overlaps:
    """The recipe of `jaxup.coordinates.Cells`, with what lies outside the input's edges.

    Args:
      boundary: edge, renormalize, wrap or constant.
    """

    cells: Cells
    boundary: Boundary

    @property
    def in_size(self) -> int:
        return self.cells.in_size

    @property
    def out_size(self) -> int:
        return self.cells.out_size

    @property
    def T(self) -> Transposed:
        return Transposed(self)

    def build(self) -> Banded:
        return _build(self)

    @property
    def taps(self) -> int:
        """The most cells that an output touches."""
        first, end = self.reach()
        return int((end - first).max())

    def reach(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the first of the `surroundings` that each output touches, and one past the last.

        Outputs come in rising order of their edges.
        """
        edges, _ = self.surroundings()
        outputs = rising(self.cells.output_edges)
        first = np.searchsorted(edges, outputs[:-1], "right") - 1
        end = np.searchsorted(edges, outputs[1:], "left")
        return np.maximum(first, 0), np.minimum(end, len(edges) - 1)

    def surroundings(self) -> tuple[np.ndarray, np.ndarray]:
        """Return rising edges of cells that hold all outputs, and the position of each cell.

        Positions are those of the boundary: 0 to in_size - 1 inside.
        """
        edges, outputs = rising(self.cells.input_edges), rising(self.cells.output_edges)
        if self.boundary is not boundary.wrap:
            low, high = min(edges[0], outputs[0]), max(edges[-1], outputs[-1])
            return np.concatenate([[low], edges, [high]]), np.arange(-1, self.in_size + 1)
        period = edges[-1] - edges[0]
        turned = edges + np.floor((outputs[0] - edges[0]) / period) * period
        return np.concatenate([turned[:-1], turned + period]), np.arange(2 * self.in_size)


def rising(edges: tuple[float, ...]) -> np.ndarray:
    """Return edges in rising order; they all rise or all fall."""
    return np.sort(np.asarray(edges, np.float64))


@functools.lru_cache(maxsize=512)
def _build(spec: Overlaps) -> Banded:
    edges, position = spec.surroundings()
    outputs, widths = rising(spec.cells.output_edges), np.diff(edges)
    low, high = outputs[:-1, None], outputs[1:, None]
    first, end = spec.reach()
    cell = first[:, None] + np.arange(spec.taps)
    touched = cell < end[:, None]
    cell = np.where(touched, cell, 0)
    overlap = np.minimum(edges[cell + 1], high) - np.maximum(edges[cell], low)
    touched &= overlap > ROUNDING * np.minimum(widths[cell], high - low)
    weights = np.where(touched, overlap / (high - low), 0)
    index, weights, present = spec.boundary(position[cell], weights, spec.in_size)
    if spec.cells.input_edges[0] > spec.cells.input_edges[-1]:
        index = spec.in_size - 1 - index
    index = np.where(present & touched, index, spec.in_size)
    if spec.cells.output_edges[0] > spec.cells.output_edges[-1]:
        index, weights = index[::-1], weights[::-1]
    return Banded(index, weights, spec.in_size).folded()
