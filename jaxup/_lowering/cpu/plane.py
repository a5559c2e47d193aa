"""Two neighbouring axes in one pass, both a period at a time: nothing is kept between them.

Both are read at a few shifts (`jaxup._lowering.cpu.shifts`). The plane is flattened, so a shift
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

from jaxup._lowering import dtypes, gather, polyphase
from jaxup._lowering.arrays import merge, split
from jaxup._lowering.cpu.shifts import Shifts, find_shifts
from jaxup._lowering.pattern import SHORTEST_RUN, find_pattern
from jaxup._recipe.banded import Banded

MOST_ACROSS = 4  # phases of the inner axis; in five, nearest x1.25 takes twice a gather's time
MOST_READS = 1000  # of a pixel, in all parts together: what a program may grow by


@dataclasses.dataclass(frozen=True)
class Part:
    """Some periods of the outer axis, all of them at a border or none.

    Args:
      down: what they read.
      at_border: whether they read it from the copy.
      before: how many rows the copy has before the picture's first; negative where it lacks that.
    """

    down: Shifts
    at_border: bool
    before: int


@dataclasses.dataclass(frozen=True)
class Plan:
    """What is computed.

    Args:
      across: the inner axis.
      border: how many rows are copied from either end, for the parts at a border.
    """

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
    if max(len(across.phases), across.advance) > MOST_ACROSS:
        return None
    height, width = rows.in_size, columns.in_size
    if (across.periods - 1) * across.advance >= width:  # more than a row
        return None

    def within(start, stop):
        return _is_within(down.between(start, stop), across, height, width)

    spans = _spans(pattern.runs, down.periods, within)
    if down.reads * across.reads * len(spans) > MOST_READS:
        return None
    cuts = [(down.between(start, stop), start, at_border) for start, stop, at_border in spans]
    border = 0
    for cut, start, at_border in cuts:
        if at_border:
            first, last = _reach(cut)
            needed = last + 2 if start == 0 else height - first + 1
            border = max(border, needed, cut.periods * cut.advance)
    border = min(border, height)
    parts = []
    for cut, start, at_border in cuts:
        before = 0
        if at_border:
            before = border if start == 0 else border - height
            if not _is_within(cut, across, 2 * border, width, before):
                return None
        parts.append(Part(cut, at_border, before))
    return Plan(across, parts, border)


def _spans(runs, periods: int, within: Callable[[int, int], bool]) -> list[tuple[int, int, bool]]:
    """The parts as (start, stop, whether at a border): a long run is one, but for its ends.

    Args:
      within: whether the periods from one to before another read no row that does not exist.
    """
    long = [run for run in runs if run[1] - run[0] >= SHORTEST_RUN]
    spans: list[tuple[int, int, bool]] = []

    def add(start, stop, at_border):
        if start == stop:
            return
        if at_border and spans and spans[-1][2]:
            start, *_ = spans.pop()
        spans.append((start, stop, at_border))

    for start, stop in itertools.pairwise(sorted({0, *itertools.chain(*long), periods})):
        low, high = start, stop
        while low < high and not within(low, low + 1):
            low += 1
        while low < high and not within(low, high):
            high -= 1
        add(start, low, True)
        add(low, high, False)
        add(high, stop, True)
    if len(spans) == 1 and periods > 1:
        ((*_, at_border),) = spans
        cut = periods // 2 if at_border else 1
        spans = [(0, cut, at_border), (cut, periods, at_border)]
    return spans


def _reach(shifts: Shifts) -> tuple[int, int]:
    """The lowest and the highest pixel that is read, by all periods together."""
    low, high = shifts.reach
    return low, high + (shifts.periods - 1) * shifts.advance


def _is_within(down: Shifts, across: Shifts, height: int, width: int, before: int = 0) -> bool:
    """Whether all that is read lies in so many rows, of which so many are before the picture's."""
    first, last = _reach(down)
    left, right = _reach(across)
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
    width = columns.in_size
    left, right = _reach(plan.across)
    flat = merge(x, axis)
    borders = _ends(flat, plan.border * width, axis)
    pieces = []
    for part in plan.parts:
        if not part.at_border and left >= 0 and right < width:
            read = functools.partial(_from_rows, x)
        else:
            source = borders if part.at_border else flat
            read = functools.partial(_from_flat, source, before=part.before, width=width)
        read = functools.partial(read, axis=axis, down=part.down, across=plan.across)
        pieces.append(_part(read, part.down, plan.across, axis).astype(dtype))
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

    return dtypes.move_as_bits(x, cut)


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

    return dtypes.move_as_bits(x, cut)


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
