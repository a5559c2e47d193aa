"""The whole matrix, a product for each index of the axes outside: the axes stay in their order.

`matmul` multiplies everything at once and puts the axis last, from where it has to move back. Which
of the two moves more depends on where the compiler wants the axes. NaN spreads as it does there.
"""

from __future__ import annotations

import jax.numpy as jnp
from jax import lax

from jaxup._lowering.dtypes import accumulation
from jaxup._lowering.tpu.matrix import matrix_by_row
from jaxup._recipe.banded import Banded


def fits(operator: Banded) -> bool:
    """A product with the whole matrix computes every operator."""
    return True


def apply(x, operator: Banded, axis: int, dtype=None):
    wide = accumulation(x.dtype)
    outside = tuple(range(axis))
    matrix = matrix_by_row(operator, wide)  # a longer formula is not fused: it is written out
    matrices = jnp.broadcast_to(matrix, (*x.shape[:axis], *matrix.shape))
    dimensions = (((axis + 1,), (axis,)), (outside, outside))
    y = lax.dot_general(matrices, x.astype(wide), dimensions, precision=lax.Precision.HIGHEST)
    return y.astype(dtype or x.dtype)
