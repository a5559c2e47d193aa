"""The whole matrix: one product per axis, for machines that multiply better than they index.

A product with a dense matrix reads every pixel of the axis for every output, and ``0 x NaN`` is
NaN: one NaN or Inf spreads along the whole axis.
"""

from __future__ import annotations

import functools

import jax.numpy as jnp
from jax import lax

from jaxup._lowering.accumulation import accumulation
from jaxup._operator import Banded

COMPARED_TAPS = 16


def apply(x, operator: Banded, axis: int, dtype=None):
    wide = accumulation(x.dtype)
    contract = (((axis,), (1,)), ((), ()))
    matrix = matrix_of(operator, wide)
    y = lax.dot_general(x.astype(wide), matrix, contract, precision=lax.Precision.HIGHEST)
    return jnp.moveaxis(y, -1, axis).astype(dtype or x.dtype)


def matrix_of(operator: Banded, dtype):
    """The matrix, made by the program from its few taps per row: a constant would be read whole."""
    if operator.taps > COMPARED_TAPS:
        return operator.to_dense().astype(dtype)
    shape = operator.out_size, operator.in_size
    column = lax.broadcasted_iota(jnp.int32, shape, 1)
    taps = (
        jnp.where(column == indices[:, None], weights[:, None], jnp.zeros((), dtype))
        for indices, weights in zip(
            operator.indices.T.astype("int32"), operator.weights.T.astype(dtype), strict=True
        )
    )
    return functools.reduce(jnp.add, taps)
