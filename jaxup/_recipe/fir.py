"""`Fir`: zeros between the pixels, a filter, and every so many results, as rows of one axis."""

from __future__ import annotations

import dataclasses
import functools

import numpy as np

from jaxup._recipe.axis import Transposed
from jaxup._recipe.banded import Banded


@dataclasses.dataclass(frozen=True)
class Fir:
    """The recipe of ``y[j] = sum_k taps[k] z[down j + k - before]``, with ``z[up n] = x[n]``.

    Args:
      in_size: pixels of the axis.
      taps: of the filter, in the order in which they meet the pixels.
      up: ``z`` has so many places for every pixel, all but the first of them 0.
      down: how many places the outputs lie apart.
      before, after: places in addition at the ends of ``z``; negative ones are cut off.
    """

    in_size: int
    taps: tuple[float, ...]
    up: int
    down: int
    before: int
    after: int

    @property
    def out_size(self) -> int:
        places = self.in_size * self.up + self.before + self.after
        return (places - len(self.taps)) // self.down + 1

    @property
    def T(self) -> Transposed:
        return Transposed(self)

    def build(self) -> Banded:
        return _build(self)


@functools.lru_cache(maxsize=512)
def _build(spec: Fir) -> Banded:
    start = np.arange(spec.out_size)[:, None] * spec.down - spec.before
    pixel = -(-start // spec.up) + np.arange(-(-len(spec.taps) // spec.up))
    tap = pixel * spec.up - start
    inside = (pixel >= 0) & (pixel < spec.in_size) & (tap < len(spec.taps))
    weights = np.where(inside, np.take(spec.taps, tap, mode="clip"), 0)
    return Banded(np.where(inside, pixel, spec.in_size), weights, spec.in_size).compact()
