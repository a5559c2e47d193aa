"""What `plane` reads: the slices of both axes, and the parts at a border and away from it."""

from __future__ import annotations

import dataclasses
import functools
import itertools
from collections.abc import Callable, Iterable

from jaxup._lowering.cpu.shifts import Shifts, find_shifts
from jaxup._lowering.pattern import MIN_RUN, find_pattern
from jaxup._recipe.banded import Banded

MAX_INNER_PHASES = 4  # with five, nearest x1.25 takes twice as long as gathered
MAX_READS = 1000  # slices in all parts together, which a program may grow by


@dataclasses.dataclass(frozen=True)
class Part:
    """Some periods of the outer axis, all of them at a border or none.

    Args:
      down: the slices that the periods read.
      at_border: whether they are read from the copy.
      before: rows of the copy before the plane's first; negative where the copy lacks that one.
    """

    down: Shifts
    at_border: bool
    before: int


@dataclasses.dataclass(frozen=True)
class Plane:
    """What the sums of a plane read.

    Args:
      across: the slices of the inner axis.
      border: rows that are copied from either end, for the parts at a border.
    """

    across: Shifts
    parts: list[Part]
    border: int


@functools.lru_cache(maxsize=512)
def find_plane(rows: Banded, columns: Banded) -> Plane | None:
    """Return how two axes are computed in one pass, or None where that does not fit."""
    pattern, down, across = find_pattern(rows), find_shifts(rows), find_shifts(columns)
    if pattern is None or down is None or across is None:
        return None
    if max(len(across.phases), across.advance) > MAX_INNER_PHASES:
        return None
    height, width = rows.in_size, columns.in_size
    if (across.periods - 1) * across.advance >= width:  # more than a row
        return None

    def within(start: int, stop: int) -> bool:
        return _is_within(down.between(start, stop), across, height, width)

    spans = _spans(pattern.runs, down.periods, within)
    if down.reads * across.reads * len(spans) > MAX_READS:
        return None
    cuts = [(down.between(start, stop), start, at_border) for start, stop, at_border in spans]
    if not all(any(shifts.phases) for shifts in (across, *(cut for cut, *_ in cuts))):
        return None  # nothing to read the shape of a part from
    border = 0
    for cut, start, at_border in cuts:
        if at_border:
            first, last = reach(cut)
            needed = last + 2 if start == 0 else height - first + 1
            border = max(border, needed, cut.periods * cut.advance)
    border = min(border, height)
    parts: list[Part] = []
    for cut, start, at_border in cuts:
        before = 0
        if at_border:
            before = border if start == 0 else border - height
            if not _is_within(cut, across, 2 * border, width, before):
                return None
        parts.append(Part(cut, at_border, before))
    return Plane(across, parts, border)


def _spans(
    runs: Iterable[tuple[int, int]], periods: int, within: Callable[[int, int], bool]
) -> list[tuple[int, int, bool]]:
    """Return the parts as (start, stop, whether at a border): a long run is one, but for its ends.

    Args:
      within: whether the periods from one to before another read no row that does not exist.
    """
    long = [run for run in runs if run[1] - run[0] >= MIN_RUN]
    spans: list[tuple[int, int, bool]] = []

    def add(start: int, stop: int, at_border: bool) -> None:
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


def reach(shifts: Shifts) -> tuple[int, int]:
    """Return the lowest and the highest pixel that all periods together read."""
    low, high = shifts.reach
    return low, high + (shifts.periods - 1) * shifts.advance


def _is_within(down: Shifts, across: Shifts, height: int, width: int, before: int = 0) -> bool:
    """Return whether every read lies in ``height`` rows, ``before`` of them before the plane's."""
    first, last = reach(down)
    left, right = reach(across)
    return (
        (first + before) * width + left >= 0
        and (last + before) * width + right < height * width
        and down.periods * down.advance <= height
    )
