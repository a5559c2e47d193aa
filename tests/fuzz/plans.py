"""Every small axis and pair of axes through the rules of every platform, without compiling.

Each strategy that a plan holds is asked whether it fits the operators that it is given.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import jax

from tests.fuzz.checks import plans_fit
from tests.helpers.rows import operators

METHODS = ("nearest", "nearest-exact", "linear", "cubic", "area", "lanczos3")
INNER = (1, 2, 3, 4, 16)
OUTER = (1, 3, 16)
DTYPES = ("float32", "bfloat16", "uint8")


def maps(largest: int, methods: tuple[str, ...] = METHODS) -> Iterator[tuple[str, Any]]:
    """The operator of every method between every two sizes, and its transpose, with its name."""
    sizes = range(1, largest + 1)
    for method, in_size in itertools.product(methods, sizes):
        found = operators(in_size, method, size=tuple(sizes))
        for out_size, operator in zip(sizes, found, strict=True):
            if operator is not None:
                name = f"{method} {in_size} to {out_size}"
                yield name, operator
                yield f"{name}, transposed", operator.T


def single(largest: int) -> int:
    """Plan every map with everything inside and outside it; return how many plans were asked."""
    count = 0
    for name, operator in maps(largest):
        for inner, outer, dtype in itertools.product(INNER, OUTER, DTYPES):
            if dtype == "uint8" and not operator.selects:
                continue
            _fits(name, (outer, operator.in_size, inner), dtype, {1: operator})
            count += 1
    return count


def pairs(largest: int) -> int:
    """Plan pairs of maps, channels first and last; return how many plans were asked."""
    count, seen = 0, dict(maps(largest))
    for (one, rows), (two, columns) in itertools.product(seen.items(), repeat=2):
        for inner in ((), (1,), (3,)):
            shape = (2, rows.in_size, columns.in_size, *inner)
            _fits(f"{one} by {two}", shape, "float32", {1: rows, 2: columns})
            count += 1
    return count


def _fits(name: str, shape: tuple[int, ...], dtype: str, operators: dict[int, Any]) -> None:
    try:
        plans_fit(jax.ShapeDtypeStruct(shape, dtype), operators)
    except Exception as error:
        raise AssertionError(f"{name}, shape {shape}, {dtype}: {error}") from error
