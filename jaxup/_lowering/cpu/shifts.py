"""The rows of an operator as whole axes read at a few shifts, each row picking its own.

Away from the borders row ``period * j + phase`` reads pixels ``advance * j + shift``, whatever j is
(`jaxup._lowering.pattern`). A row that reads elsewhere, or less, makes no program of its own: the
pixels of every shift are read for all rows, and each row keeps the bits of one and clears those of
the others, NaN with them. Bits, because compilers make a branch of a selection between two loads,
and compute nothing side by side then.
"""

from __future__ import annotations

import dataclasses
import functools
import operator as op
from collections.abc import Callable

import jax.numpy as jnp
import numpy as np
from jax import lax

from jaxup._lowering import polyphase
from jaxup._lowering.pattern import find_pattern
from jaxup._recipe.banded import Banded

ABSENT = np.iinfo(np.int64).min  # instead of a shift


@dataclasses.dataclass(frozen=True, eq=False)
class Tap:
    """One of the taps of a phase's rows.

    Args:
      weights: float64 array, shape (periods,); 0 where a row does not have the tap.
      rows: which rows read at a shift, for each shift that any does: bool array, shape (periods,).
    """

    weights: np.ndarray
    rows: dict[int, np.ndarray]

    def between(self, start: int, stop: int, moved: int) -> Tap:
        rows = {shift + moved: where[start:stop] for shift, where in self.rows.items()}
        rows = {shift: where for shift, where in rows.items() if where.any()}
        return Tap(self.weights[start:stop], rows)

    def pick(self, read: Callable, axis: int):
        """What the rows read, along ``axis``; zero in those without the tap.

        Args:
          read: what all rows read at a shift.
        """
        found = [(read(shift), where) for shift, where in self.rows.items()]
        (pixels, where), *others = found
        if not others and where.all():
            return pixels
        bits = functools.reduce(op.or_, (_kept(*each, axis) for each in found))
        same = bits.dtype == pixels.dtype
        return bits if same else lax.bitcast_convert_type(bits, pixels.dtype)


def _kept(pixels, where, axis: int):
    """The bits of some pixels, zero instead of the others."""
    if jnp.issubdtype(pixels.dtype, jnp.floating):
        bits = jnp.dtype(f"uint{jnp.finfo(pixels.dtype).bits}")
        pixels = lax.bitcast_convert_type(pixels, bits)
    all_ones = ~np.zeros((), pixels.dtype)
    shape = [1] * pixels.ndim
    shape[axis] = len(where)
    return pixels & np.where(where, all_ones, 0).astype(pixels.dtype).reshape(shape)


@dataclasses.dataclass(frozen=True, eq=False)
class Shifts:
    """An operator's rows.

    Args:
      advance: pixels by which one period's taps lie after those of the period before.
      periods: rows of each phase.
      phases: the taps of each row of a period; some may have none.
    """

    advance: int
    periods: int
    phases: tuple[tuple[Tap, ...], ...]

    @property
    def reach(self) -> tuple[int, int]:
        """The lowest and the highest shift."""
        shifts = [shift for taps in self.phases for tap in taps for shift in tap.rows]
        return min(shifts, default=0), max(shifts, default=0)

    @property
    def reads(self) -> int:
        """In a program that computes them: of one pixel, for the rows of a period."""
        return sum(len(tap.rows) for taps in self.phases for tap in taps)

    def between(self, start: int, stop: int) -> Shifts:
        """The rows of periods ``start .. stop - 1``; period 0 is then the first of them."""
        cut = (
            (tap.between(start, stop, start * self.advance) for tap in taps) for taps in self.phases
        )
        phases = tuple(tuple(tap for tap in taps if tap.rows) for taps in cut)
        return Shifts(self.advance, stop - start, phases)


@functools.lru_cache(maxsize=512)
def find_shifts(operator: Banded) -> Shifts | None:
    """The operator's rows, a whole number of periods; None where they follow no pattern."""
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
    """The taps of a row in another order: as many as can be at their usual shift."""
    left = list(range(len(row)))
    order: list[int | None] = []
    for shift in usual:
        found = next((tap for tap in left if row[tap] == shift), None)
        order.append(found)
        if found is not None:
            left.remove(found)
    return [left.pop(0) if tap is None else tap for tap in order]
