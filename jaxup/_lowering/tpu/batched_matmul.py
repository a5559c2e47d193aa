"""The whole matrix, a product for each index of the axes outside: the axes stay in their order.

`matmul` multiplies everything at once and puts the axis last, from where it has to move back. Which
of the two moves more depends on where the compiler wants the axes. NaN spreads as it does there.
"""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from jaxup._lowering.dtypes import carried, converted
from jaxup._lowering.tpu.matrix import matrix_by_row, multiply
from jaxup._recipe.banded import Banded


def fits(operator: Banded) -> bool:
    """Return True: a product with the whole matrix computes every operator."""
    return True


def apply(x: jax.Array, operator: Banded, axis: int, dtype: Any = None) -> jax.Array:
    sum_dtype = carried(x.dtype, [operator], dtype)
    outside = tuple(range(axis))
    matrix = matrix_by_row(operator, sum_dtype)  # a longer formula is not fused: it is written out
    matrices = jnp.broadcast_to(matrix, (*x.shape[:axis], *matrix.shape))
    y = multiply(matrices, x.astype(sum_dtype), ((axis + 1,), (axis,)), (outside, outside))
    return converted(y, dtype or x.dtype)
