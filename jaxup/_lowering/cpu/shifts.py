"""The rows of an operator as slices at a few shifts, from which each row picks its own pixels.

Row ``period * j + phase`` reads the pixels ``advance * j + shift``, at the same shift for all j but
those at the borders (`jaxup._lowering.pattern`). No slice is cut for the borders alone: there is a
slice for every shift, as long as all periods, and a mask that keeps the bits of the pixels read at
that shift and clears the others, NaN too. A selection between two loads would become a branch, and
compilers do not vectorise branches.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from jaxup._lowering import polyphase
from jaxup._lowering.pattern import find_pattern
from jaxup._recipe.banded import Banded

Array = np.ndarray[Any, Any]

ABSENT = np.iinfo(np.int64).min  # instead of a shift


@dataclasses.dataclass(frozen=True, eq=False)
class Tap:
    """One tap of a phase, in every period.

    Args:
      weights: float64 array, shape (periods,); 0 where a row does not have the tap.
      rows: for each shift, which rows read at it: bool array, shape (periods,).
    """

    weights: Array
    rows: dict[int, Array]

    def between(self, start: int, stop: int, moved: int) -> Tap:
        rows = {shift + moved: where[start:stop] for shift, where in self.rows.items()}
        rows = {shift: where for shift, where in rows.items() if where.any()}
        return Tap(self.weights[start:stop], rows)

    def pick(self, read: Callable[[int], jax.Array], axis: int) -> jax.Array:
        """Return the pixels that the rows read, along ``axis``; 0 in rows without the tap.

        Args:
          read: returns the pixels of all rows at a shift.
        """
        reads = [(read(shift), where) for shift, where in self.rows.items()]
        (pixels, where), *others = reads
        if not others and where.all():
            return pixels
        bits: jax.Array = functools.reduce(lax.bitwise_or, (_kept(*each, axis) for each in reads))
        same = bits.dtype == pixels.dtype
        return bits if same else lax.bitcast_convert_type(bits, pixels.dtype)


def _kept(pixels: jax.Array, where: Array, axis: int) -> jax.Array:
    """Return the bits of some pixels, and 0 instead of the others."""
    if jnp.issubdtype(pixels.dtype, jnp.floating):
        bits = np.dtype(f"uint{8 * pixels.dtype.itemsize}")
        pixels = lax.bitcast_convert_type(pixels, bits)
    all_ones: Array = ~np.zeros((), pixels.dtype)
    shape = [1] * pixels.ndim
    shape[axis] = len(where)
    return pixels & np.where(where, all_ones, 0).astype(pixels.dtype).reshape(shape)


@dataclasses.dataclass(frozen=True, eq=False)
class Shifts:
    """The rows of an operator.

    Args:
      advance: pixels from the taps of one period to those of the next.
      periods: rows of each phase.
      phases: the taps of each row of a period; some may have none.
    """

    advance: int
    periods: int
    phases: tuple[tuple[Tap, ...], ...]

    @property
    def reach(self) -> tuple[int, int]:
        """Return the lowest and the highest shift."""
        shifts = [shift for taps in self.phases for tap in taps for shift in tap.rows]
        return min(shifts, default=0), max(shifts, default=0)

    @property
    def reads(self) -> int:
        """Return how many slices the rows of a period read."""
        return sum(len(tap.rows) for taps in self.phases for tap in taps)

    def between(self, start: int, stop: int) -> Shifts:
        """Return the rows of periods ``start .. stop - 1``, counted from the first of them."""
        cut = (
            (tap.between(start, stop, start * self.advance) for tap in taps) for taps in self.phases
        )
        phases = tuple(tuple(tap for tap in taps if tap.rows) for taps in cut)
        return Shifts(self.advance, stop - start, phases)


@functools.lru_cache(maxsize=512)
def find_shifts(operator: Banded) -> Shifts | None:
    """Return the rows of an operator; None unless they are whole periods of a pattern."""
    pattern = find_pattern(operator)
    if pattern is None or not polyphase.is_whole(operator):
        return None
    first = np.arange(pattern.periods)[:, None, None] * pattern.advance
    shifts = np.where(pattern.indices < 0, ABSENT, pattern.indices - first)
    weights = np.array(pattern.weights)
    usual = shifts[pattern.longest_run[0]]
    for period, phase in np.argwhere((shifts != usual).any(axis=2)):
        order = _order(shifts[period, phase].tolist(), usual[phase].tolist())
        shifts[period, phase] = shifts[period, phase][order]
        weights[period, phase] = weights[period, phase][order]
    phases = tuple(
        tuple(
            Tap(weights[:, phase, tap], {n: column == n for n in set(column.tolist()) - {ABSENT}})
            for tap, column in enumerate(shifts[:, phase].T)
        )
        for phase in range(pattern.period)
    )
    return Shifts(pattern.advance, pattern.periods, phases).between(0, pattern.periods)


def _order(row: list[int], usual: list[int]) -> list[int]:
    """Return the taps of a row in an order with as many as can be at their usual shift."""
    left = list(range(len(row)))
    order: list[int | None] = []
    for shift in usual:
        match = next((tap for tap in left if row[tap] == shift), None)
        order.append(match)
        if match is not None:
            left.remove(match)
    return [left.pop(0) if tap is None else tap for tap in order]
