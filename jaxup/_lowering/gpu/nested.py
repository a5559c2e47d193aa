"""Several axes in one sum: for each tap of an axis, take its rows and sum the next axis of them.

The array between the axes is not written and not rounded: XLA makes one kernel of all gathers and
sums. Every output reads as many pixels as the product of the axes' taps.

Pixels are taken as they are, not as bits (`jaxup._lowering.dtypes`): compiled for an A100, one of
the two arrays of bits would be written out.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp

from jaxup._lowering.dtypes import accumulation, converted
from jaxup._lowering.gather import UNROLLED_TAPS, take, weighted
from jaxup._recipe.banded import Banded


def fits(*operators: Banded) -> bool:
    """Return whether there are several axes, each of few enough taps to be taken one by one."""
    return len(operators) > 1 and all(each.taps <= UNROLLED_TAPS for each in operators)


def apply_together(
    x: jax.Array, operators: Sequence[Banded], axes: Sequence[int], dtype: Any = None
) -> jax.Array:
    """Sum several axes. The last one is summed first, as if its pass came first."""
    sums = accumulation(x.dtype, operators, dtype)
    return converted(_sum(x, list(zip(operators, axes, strict=True)), sums), dtype or x.dtype)


def _sum(x: jax.Array, along: Sequence[tuple[Banded, int]], sums: Any) -> jax.Array:
    if not along:
        return x
    (operator, axis), *others = along
    terms: list[jax.Array] = []
    for indices, weights, present in zip(
        operator.indices.T, operator.weights.T, operator.present.T, strict=True
    ):
        term = _sum(take(x, indices, axis, absent=not present.all()), others, sums)
        terms.append(weighted(term, weights, axis, sums))
    return functools.reduce(jnp.add, terms)
