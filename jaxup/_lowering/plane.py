"""Two neighbouring axes in one pass, both a period at a time: nothing is kept between them.

The inner axis is a single run (`jaxup._lowering.one_run`). Each phase of the outer axis makes whole
rows of the result: a sum of rows of the input, read along the inner axis like any run of
`jaxup._lowering.polyphase`. The phases, and then the outer axis's runs, are joined, which XLA's CPU
backend writes piece by piece in loops of the pieces' own shape.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence

import jax.numpy as jnp
from jax import lax

from jaxup._lowering import gather, narrow, polyphase
from jaxup._lowering.one_run import OneRun, find_one_run
from jaxup._lowering.pattern import MOST_SLICES, Pattern, find_pattern
from jaxup._lowering.reshaping import merge
from jaxup._operator import Banded

MOST_PHASES = 4  # of the inner axis; in five, nearest x1.25 takes twice as long as a gather


def fits(rows: Banded, columns: Banded) -> bool:
    """Whether the outer axis is runs alone, the inner axis one, and their program short.

    Both of whole periods: XLA would write out what a last part of one is cut from.
    """
    down, across = find_pattern(rows), find_one_run(columns)
    if down is None or across is None:
        return False
    periods, phases, taps = across.weights.shape
    whole = (down.periods * down.period, periods * phases) == (rows.out_size, columns.out_size)
    gaps = not all(regular for _, _, regular in down.stretches())
    products = down.period * rows.taps * phases * taps
    short = len(down.runs) * products <= MOST_SLICES
    return whole and not gaps and phases <= MOST_PHASES and short


def apply_together(x, operators: Sequence[Banded], axes: Sequence[int], dtype=None):
    (rows, columns), (axis, inner) = operators, axes
    down, across = find_pattern(rows), find_one_run(columns)
    if down is None or across is None or inner != axis + 1 or not fits(rows, columns):
        raise ValueError(f"axes {axes} are not neighbours that fit a plane")
    dtype = dtype or x.dtype
    x = across.lengthen(x, inner)
    pieces = [
        _run(x, down, across, start, stop, axis).astype(dtype)
        for start, stop, _ in polyphase.at_least_two(down.stretches())
    ]
    return merge(merge(lax.concatenate(pieces, axis), inner + 1), axis)


def _run(x, down: Pattern, across: OneRun, start: int, stop: int, axis: int):
    """Periods ``start .. stop - 1`` of the outer axis: periods, rows of a period, and the same of
    the inner axis."""
    phases = []
    for phase in range(down.period):
        terms = [
            _rows(x, first, down.weights[start:stop, phase, tap], down.advance, axis)
            for tap, first in enumerate(down.indices[start, phase].tolist())
            if first >= 0
        ]
        if terms:
            row = functools.reduce(jnp.add, terms)
            made = polyphase.run(row, across.firsts, across.weights, across.advance, axis + 1)
            phases.append(jnp.expand_dims(made, axis + 1))
        else:
            phases.append(None)
    nothing = jnp.zeros_like(next(found for found in phases if found is not None))
    return lax.concatenate([nothing if found is None else found for found in phases], axis + 1)


def _rows(x, first, weights, advance, axis):
    last = first + (len(weights) - 1) * advance
    term = narrow.read(x, lambda x: lax.slice_in_dim(x, first, last + 1, advance, axis))
    return gather.weighted(term, weights, axis)
