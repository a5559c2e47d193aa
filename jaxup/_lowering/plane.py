"""Two neighbouring axes in one pass, both a period at a time: nothing is kept between them.

Both are read at a few shifts (`jaxup._lowering.shifts`), from memory that knows no rows: a shift
along the inner axis reads on into the next row, and no pixel of the result picks what it finds
there. Only before the first row and behind the last one there is nothing to read; the periods that
would, those at the borders, read a copy instead, of the last rows and behind them the first. Each
phase of the outer axis makes whole rows of the result. They are joined, and so are the parts of the
plane, which XLA's CPU backend writes one by one, each in loops of its own shape.
"""

from __future__ import annotations

import dataclasses
import functools
import itertools
from collections.abc import Callable, Sequence

import jax.numpy as jnp
from jax import lax

from jaxup._lowering import gather, narrow, polyphase
from jaxup._lowering.pattern import SHORTEST_RUN, find_pattern
from jaxup._lowering.reshaping import merge, split
from jaxup._lowering.shifts import Shifts, find_shifts
from jaxup._operator import Banded

MOST_PHASES = 4  # of the inner axis; in five, nearest x1.25 takes twice as long as a gather
MOST_READS = 1000  # of a pixel, in all parts together: what a program may grow by


@dataclasses.dataclass(frozen=True)
class Part:
    """Periods ``start .. stop - 1`` of the outer axis, all of them at a border or none."""

    start: int
    stop: int
    at_border: bool


@dataclasses.dataclass(frozen=True)
class Plan:
    """What is computed.

    Args:
      down, across: the outer axis and the inner one.
      border: how many rows are copied from either end, for the parts at a border.
    """

    down: Shifts
    across: Shifts
    parts: list[Part]
    border: int


def fits(rows: Banded, columns: Banded) -> bool:
    return _plan(rows, columns) is not None


@functools.lru_cache(maxsize=512)
def _plan(rows: Banded, columns: Banded) -> Plan | None:
    pattern, down, across = find_pattern(rows), find_shifts(rows), find_shifts(columns)
    if pattern is None or down is None or across is None:
        return None
    if max(len(across.phases), across.advance) > MOST_PHASES:
        return None
    height, width = rows.in_size, columns.in_size
    if (across.periods - 1) * across.advance >= width:  # more than a row
        return None

    def within(start, stop):
        return _is_within(down.between(start, stop), across, height, width)

    parts = _parts(pattern.runs, down.periods, within)
    if down.reads * across.reads * len(parts) > MOST_READS:
        return None
    border = 0
    for part in parts:
        if part.at_border:
            first, last = _span(down.between(part.start, part.stop))
            needed = last + 2 if part.start == 0 else height - first + 1
            border = max(border, needed, (part.stop - part.start) * down.advance)
    border = min(border, height)
    for part in parts:
        if part.at_border and not _is_within(
            down.between(part.start, part.stop),
            across,
            2 * border,
            width,
            before=_before(part, border, height),
        ):
            return None
    return Plan(down, across, parts, border)


def _parts(runs, periods: int, within: Callable[[int, int], bool]) -> list[Part]:
    """The parts of the outer axis: every long run of periods is one, but for its ends.

    Args:
      within: whether the periods from one to before another read no row that does not exist.
    """
    long = [run for run in runs if run[1] - run[0] >= SHORTEST_RUN]
    parts: list[Part] = []

    def add(start, stop, at_border):
        if start == stop:
            return
        if at_border and parts and parts[-1].at_border:
            start = parts.pop().start
        parts.append(Part(start, stop, at_border))

    for start, stop in itertools.pairwise(sorted({0, *itertools.chain(*long), periods})):
        low, high = start, stop
        while low < high and not within(low, low + 1):
            low += 1
        while low < high and not within(low, high):
            high -= 1
        add(start, low, True)
        add(low, high, False)
        add(high, stop, True)
    if len(parts) == 1 and periods > 1:
        (part,) = parts
        cut = periods // 2 if part.at_border else 1
        parts = [Part(0, cut, part.at_border), Part(cut, periods, part.at_border)]
    return parts


def _before(part: Part, border: int, height: int) -> int:
    """Where the picture's first row is in the copy that a part at a border reads."""
    return border if part.start == 0 else border - height


def _span(shifts: Shifts) -> tuple[int, int]:
    """The lowest and the highest pixel that is read, by all periods together."""
    low, high = shifts.reach
    return low, high + (shifts.periods - 1) * shifts.advance


def _is_within(down: Shifts, across: Shifts, height: int, width: int, before: int = 0) -> bool:
    """Whether all that is read lies in so many rows, of which so many are before the picture's."""
    first, last = _span(down)
    left, right = _span(across)
    return (
        (first + before) * width + left >= 0
        and (last + before) * width + right < height * width
        and down.periods * down.advance <= height
    )


def apply_together(x, operators: Sequence[Banded], axes: Sequence[int], dtype=None):
    (rows, columns), (axis, inner) = operators, axes
    plan = _plan(rows, columns)
    if plan is None or inner != axis + 1:
        raise ValueError(f"axes {axes} are not neighbours that fit a plane")
    dtype = dtype or x.dtype
    height, width = rows.in_size, columns.in_size
    left, right = _span(plan.across)
    flat = merge(x, axis)
    borders = _ends(flat, plan.border * width, axis)
    pieces = []
    for part in plan.parts:
        down = plan.down.between(part.start, part.stop)
        if part.at_border:
            before = _before(part, plan.border, height)
            read = functools.partial(_from_flat, borders, before=before, width=width)
        elif left < 0 or right >= width:
            read = functools.partial(_from_flat, flat, before=0, width=width)
        else:
            read = functools.partial(_from_rows, x)
        read = functools.partial(read, axis=axis, down=down, across=plan.across)
        pieces.append(_part(read, down, plan.across, axis).astype(dtype))
    return merge(merge(lax.concatenate(pieces, axis), inner + 1), axis)


def _ends(x, size: int, axis: int):
    """The last so many elements along an axis, then the first."""
    first = lax.slice_in_dim(x, 0, size, axis=axis)
    last = lax.slice_in_dim(x, x.shape[axis] - size, x.shape[axis], axis=axis)
    return lax.concatenate([last, first], axis)


def _from_rows(x, row: int, column: int, *, axis: int, down: Shifts, across: Shifts):
    """The pixels at one shift of either axis, for all periods of both."""

    def cut(x):
        for start, shifts, axis_of in ((row, down, axis), (column, across, axis + 1)):
            stop = start + (shifts.periods - 1) * shifts.advance + 1
            x = lax.slice_in_dim(x, start, stop, shifts.advance, axis_of)
        return x

    return narrow.read(x, cut)


def _from_flat(
    x, row: int, column: int, *, axis: int, down: Shifts, across: Shifts, before: int, width: int
):
    """The same from an array whose rows are one, of which so many come before the first."""
    start = (before + row) * width + column
    window = down.periods * down.advance * width
    skipped = max(0, start + window - x.shape[axis])  # of the window, which may not fit else

    def cut(x):
        x = lax.slice_in_dim(x, start - skipped, start - skipped + window, axis=axis)
        x = split(x, axis, (down.periods, down.advance * width))
        stop = skipped + (across.periods - 1) * across.advance + 1
        return lax.slice_in_dim(x, skipped, stop, across.advance, axis + 1)

    return narrow.read(x, cut)


def _part(read, down: Shifts, across: Shifts, axis: int):
    """Periods, rows of a period, and the same of the inner axis."""
    phases = [_rows(read, taps, across, axis) if taps else None for taps in down.phases]
    return lax.concatenate(_with_zeros(phases), axis + 1)


def _rows(read, taps, across: Shifts, axis: int):
    """One of the rows of all periods."""

    def sum_of(taps, read, axis):
        terms = (gather.weighted(tap.pick(read, axis), tap.weights, axis) for tap in taps)
        return functools.reduce(jnp.add, terms)

    @functools.cache
    def at(column):
        return sum_of(taps, lambda row: read(row, column), axis)

    found = _with_zeros([sum_of(taps, at, axis + 1) if taps else None for taps in across.phases])
    period = len(found)
    place = [1] * (found[0].ndim + 2)
    place[axis + 3] = period
    phase = lax.broadcasted_iota(jnp.int32, place, axis + 3)

    def spread(made):
        made = jnp.expand_dims(made, (axis + 1, axis + 3))
        return jnp.broadcast_to(made, (*made.shape[: axis + 3], period, *made.shape[axis + 4 :]))

    wide = {id(made): spread(made) for made in found}
    return polyphase.pick(phase, [wide[id(made)] for made in found])


def _with_zeros(phases):
    """The arrays of the phases, those that read nothing too."""
    nothing = jnp.zeros_like(next(made for made in phases if made is not None))
    return [nothing if made is None else made for made in phases]
