"""The whole matrix: one product per axis, for machines that multiply better than they index.

A product with a dense matrix reads every pixel of the axis for every output, and ``0 x NaN`` is
NaN: one NaN or Inf spreads along the whole axis.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

from jaxup._lowering.dtypes import carried, converted
from jaxup._lowering.tpu.matrix import matrix_of, multiply
from jaxup._recipe.banded import Banded


def fits(*operators: Banded) -> bool:
    """Return True: a product with the whole matrix computes every operator."""
    return True


def apply(x: jax.Array, operator: Banded, axis: int, dtype: Any = None) -> jax.Array:
    sums = carried(x.dtype, [operator], dtype)
    y = jnp.moveaxis(_product(x, operator, axis, sums), -1, axis)
    return converted(y, dtype or x.dtype)


def apply_together(
    x: jax.Array, operators: Sequence[Banded], axes: Sequence[int], dtype: Any = None
) -> jax.Array:
    """Multiply several axes in order. Each product puts its axis last; all move back at the end."""
    y, order = x, list(range(x.ndim))
    sums = carried(x.dtype, operators, dtype)
    for operator, axis in zip(operators, axes, strict=True):
        y = _product(y, operator, order.index(axis), sums)
        order.remove(axis)
        order.append(axis)
    back = [order.index(axis) for axis in range(x.ndim)]
    return converted(lax.transpose(y, back), dtype or x.dtype)


def _product(x: jax.Array, operator: Banded, axis: int, sums: Any) -> jax.Array:
    return multiply(x.astype(sums), matrix_of(operator, sums), ((axis,), (1,)))
