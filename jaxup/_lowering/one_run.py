"""An axis as a single run of periods, over the axis and a few pixels beside it.

A border that clamps, repeats or leaves out what lies beyond it changes which pixels its rows read.
Where the right pixels are put there, those rows read by the pattern of all the others, with weights
of their own.
"""

from __future__ import annotations

import dataclasses
import functools

import jax.numpy as jnp
import numpy as np
from jax import lax

from jaxup._lowering.pattern import find_pattern
from jaxup._operator import Banded

NOTHING = -1  # instead of a pixel: zero


@dataclasses.dataclass(frozen=True, eq=False)
class OneRun:
    """The rows of an operator, a whole number of periods, all reading the longer axis alike.

    Args:
      advance: pixels by which one period's taps lie after those of the period before.
      firsts: int array, shape (period, taps): what the first period reads of the longer axis;
        negative where a tap is absent.
      weights: float64 array, shape (periods, period, taps).
      before, behind: which pixel is put at each place beside the axis, or `NOTHING`.
    """

    advance: int
    firsts: np.ndarray
    weights: np.ndarray
    before: tuple[int, ...]
    behind: tuple[int, ...]

    def lengthen(self, x, axis: int):
        if not self.before and not self.behind:
            return x

        def pixel(index):
            found = lax.slice_in_dim(x, max(index, 0), max(index, 0) + 1, axis=axis)
            return jnp.zeros_like(found) if index == NOTHING else found

        return lax.concatenate([*map(pixel, self.before), x, *map(pixel, self.behind)], axis)


@functools.lru_cache(maxsize=512)
def find_one_run(operator: Banded) -> OneRun | None:
    """The operator as one run, or None where a border's rows differ in more than their weights."""
    pattern = find_pattern(operator)
    if pattern is None:
        return None
    start, _ = max(pattern.runs, key=lambda run: run[1] - run[0])
    used = pattern.indices[start] >= 0
    shift = np.where(used, pattern.indices[start] - start * pattern.advance, 0)
    place = np.arange(pattern.periods)[:, None, None] * pattern.advance + shift
    weights = np.array(pattern.weights)
    differs = (pattern.indices != np.where(used, place, -1)).any(axis=2)
    beside: dict[int, int] = {}
    for period, phase in np.argwhere(differs):
        if period * pattern.period + phase >= operator.out_size:
            continue
        present = pattern.indices[period, phase] >= 0
        taps = zip(
            pattern.indices[period, phase][present].tolist(),
            pattern.weights[period, phase][present].tolist(),
            strict=True,
        )
        places = place[period, phase][used[phase]].tolist()
        found = _put(list(taps), places, beside, operator.in_size)
        if found is None:
            return None
        weights[period, phase] = 0
        weights[period, phase][used[phase]] = found
    first, last = min(0, place.min()), max(operator.in_size - 1, place.max())
    return OneRun(
        pattern.advance,
        np.where(used, shift - first, -1),
        weights,
        tuple(beside.get(n, NOTHING) for n in range(first, 0)),
        tuple(beside.get(n, NOTHING) for n in range(operator.in_size, last + 1)),
    )


def _put(taps, places, beside, in_size) -> list[float] | None:
    """The weight of each place that a row reads, so that the row reads its taps; None if it cannot.

    Args:
      taps: (pixel, weight) of each.
      beside: which pixel has been put at the places beside the axis; added to.
    """
    weights = dict.fromkeys(places, 0.0)
    free = []
    for place in places:
        pixel = place if 0 <= place < in_size else beside.get(place)
        tap = next((tap for tap in taps if tap[0] == pixel), None)
        if tap is not None:
            taps.remove(tap)
            weights[place] = tap[1]
        elif pixel is None:
            free.append(place)
        elif pixel != NOTHING:
            return None
    for place in free:
        beside[place], weights[place] = taps.pop(0) if taps else (NOTHING, 0.0)
    return None if taps else list(weights.values())
