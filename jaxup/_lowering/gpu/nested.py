"""Several axes in one sum: for each tap of an axis, take its rows and sum the next axis of those.

The array between the axes is never written, and it is not rounded either: all sums are taken in
one kernel. Every output reads the product of the axes' taps.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

import jax

from jaxup._lowering import gather
from jaxup._recipe.banded import Banded


def fits(*operators: Banded) -> bool:
    """Return whether there are several axes, each of few enough taps to be taken one by one."""
    return len(operators) > 1 and all(each.taps <= gather.UNROLLED_TAPS for each in operators)


def apply_together(
    x: jax.Array, operators: Sequence[Banded], axes: Sequence[int], dtype: Any = None
) -> jax.Array:
    """Sum several axes, the last one first."""
    return _sum(x, list(zip(operators, axes, strict=True))).astype(dtype or x.dtype)


def _sum(x: jax.Array, along: Sequence[tuple[Banded, int]]) -> jax.Array:
    (operator, axis), *others = along
    inner = functools.partial(_sum, along=others) if others else None
    return gather.rows(x, operator, operator.indices, operator.weights, axis, inner)
