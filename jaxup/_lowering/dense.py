"""The whole matrix: one product per axis, for machines that multiply better than they index.

A product with a dense matrix reads every pixel of the axis for every output, and ``0 x NaN`` is
NaN: one NaN or Inf spreads along the whole axis.
"""

from __future__ import annotations

import jax.numpy as jnp
from jax import lax

from jaxup._lowering.accumulation import accumulation
from jaxup._operator import Banded


def apply(x, operator: Banded, axis: int, dtype=None):
    wide = accumulation(x.dtype)
    matrix = operator.to_dense().astype(wide)
    contract = (((axis,), (1,)), ((), ()))
    y = lax.dot_general(x.astype(wide), matrix, contract, precision=lax.Precision.HIGHEST)
    return jnp.moveaxis(y, -1, axis).astype(dtype or x.dtype)
