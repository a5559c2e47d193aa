"""Two neighbouring axes in one pass, both a period at a time: nothing is kept between them.

The plane is flattened, so a shift along the inner axis is a plain slice. A slice that runs past the
end of a row picks up pixels of the next one; these are masked out (`jaxup._lowering.cpu.shifts`).
Slices that would start before the first row or end after the last come from a small copy: the last
`border` rows followed by the first `border` rows.

Each phase of the outer axis makes whole rows of the result. The rows are joined, and so are the
parts of the plane, which XLA's CPU backend writes one by one, each in loops of its own shape.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

from jaxup._lowering import dtypes, gather, polyphase
from jaxup._lowering.arrays import merge, split, untyped
from jaxup._lowering.cpu.plane_parts import Part, find_plane, reach
from jaxup._lowering.cpu.shifts import Shifts, Tap
from jaxup._lowering.dtypes import accumulation, converted
from jaxup._recipe.banded import Banded

Read = Callable[[int, int], jax.Array]  # the pixels of all periods, by row and column


def fits(rows: Banded, columns: Banded) -> bool:
    """Return whether both axes are periodic and the program stays small."""
    return find_plane(rows, columns) is not None


def apply_together(
    x: jax.Array, operators: Sequence[Banded], axes: Sequence[int], dtype: Any = None
) -> jax.Array:
    (rows, columns), (axis, inner) = operators, axes
    plan = find_plane(rows, columns)
    if plan is None or inner != axis + 1:
        raise ValueError(f"axes {axes} are not neighbours that fit a plane")
    width, (left, right) = columns.in_size, reach(plan.across)
    flat, sums = merge(x, axis), accumulation(x.dtype, operators, dtype)
    borders = _ends(flat, plan.border * width, axis)
    pieces: list[jax.Array] = []
    for part in plan.parts:
        if not part.at_border and left >= 0 and right < width:
            read = functools.partial(_from_rows, x, part.down, plan.across, axis)
        else:
            source = borders if part.at_border else flat
            read = functools.partial(_from_flat, source, part, plan.across, axis, width)
        total = _part(read, part.down, plan.across, axis, sums)
        pieces.append(converted(total, dtype or x.dtype))
    return merge(merge(lax.concatenate(pieces, axis), inner + 1), axis)


def _ends(x: jax.Array, size: int, axis: int) -> jax.Array:
    """Return the last ``size`` elements along an axis, then the first."""
    first = lax.slice_in_dim(x, 0, size, axis=axis)
    last = lax.slice_in_dim(x, x.shape[axis] - size, x.shape[axis], axis=axis)
    return lax.concatenate([last, first], axis)


def _from_rows(
    x: jax.Array, down: Shifts, across: Shifts, axis: int, row: int, column: int
) -> jax.Array:
    """Return the pixels at one shift of either axis, for all periods of both."""

    def cut(x: jax.Array) -> jax.Array:
        for start, shifts, axis_of in ((row, down, axis), (column, across, axis + 1)):
            stop = start + (shifts.periods - 1) * shifts.advance + 1
            x = lax.slice_in_dim(x, start, stop, shifts.advance, axis_of)
        return x

    return dtypes.move_as_bits(x, cut)


def _from_flat(
    x: jax.Array, part: Part, across: Shifts, axis: int, width: int, row: int, column: int
) -> jax.Array:
    """Return `_from_rows` of a flattened array, where the part's own rows may come first."""
    down, start = part.down, (part.before + row) * width + column
    window = down.periods * down.advance * width
    skipped = max(0, start + window - x.shape[axis])  # pixels by which the window starts earlier

    def cut(x: jax.Array) -> jax.Array:
        x = lax.slice_in_dim(x, start - skipped, start - skipped + window, axis=axis)
        x = split(x, axis, (down.periods, down.advance * width))
        stop = skipped + (across.periods - 1) * across.advance + 1
        return lax.slice_in_dim(x, skipped, stop, across.advance, axis + 1)

    return dtypes.move_as_bits(x, cut)


def _part(read: Read, down: Shifts, across: Shifts, axis: int, sums: Any) -> jax.Array:
    """Return the pixels of a part: periods, rows of a period, and both of the inner axis."""
    phases = [_rows(read, taps, across, axis, sums) if taps else None for taps in down.phases]
    return lax.concatenate(_with_zeros(phases), axis + 1)


def _rows(read: Read, taps: Iterable[Tap], across: Shifts, axis: int, sums: Any) -> jax.Array:
    """Return one row of every period."""

    def sum_of(taps: Iterable[Tap], read: Callable[[int], jax.Array], axis: int) -> jax.Array:
        terms = (gather.weighted(tap.pick(read, axis), tap.weights, axis, sums) for tap in taps)
        return functools.reduce(jnp.add, terms)

    @functools.cache
    def at(column: int) -> jax.Array:
        return sum_of(taps, lambda row: read(row, column), axis)

    found = _with_zeros([sum_of(taps, at, axis + 1) if taps else None for taps in across.phases])
    period = len(found)
    place = [1] * (found[0].ndim + 2)
    place[axis + 3] = period
    phase = untyped.broadcasted_iota(jnp.int32, place, axis + 3)

    def spread(each: jax.Array) -> jax.Array:
        each = jnp.expand_dims(each, (axis + 1, axis + 3))
        return jnp.broadcast_to(each, (*each.shape[: axis + 3], period, *each.shape[axis + 4 :]))

    repeated = {id(each): spread(each) for each in found}
    return polyphase.pick(phase, [repeated[id(each)] for each in found])


def _with_zeros(phases: Sequence[jax.Array | None]) -> list[jax.Array]:
    """Replace the phases that read nothing by zeros."""
    nothing = lax.full_like(next(each for each in phases if each is not None), 0)
    return [nothing if each is None else each for each in phases]
