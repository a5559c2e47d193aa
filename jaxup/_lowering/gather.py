"""One gather per tap: every output reads its taps wherever they lie."""

from __future__ import annotations

import jax.numpy as jnp

from jaxup._operator import Banded

UNROLLED_TAPS = 16


def apply(x, operator: Banded, axis: int):
    if operator.taps > UNROLLED_TAPS:
        return _windows(x, operator, axis)
    column = [1] * x.ndim
    column[axis] = operator.out_size
    total = None
    for indices, weights in zip(operator.indices.T, operator.weights.T, strict=True):
        term = _take(x, indices, axis)
        if not operator.selects:
            term = term * weights.astype(x.real.dtype).reshape(column)
        total = term if total is None else total + term
    return total


def _take(x, indices, axis):
    absent = bool((indices >= x.shape[axis]).any())
    mode = {"mode": "fill", "fill_value": 0} if absent else {"mode": "clip"}
    return jnp.take(x, indices, axis=axis, **mode)


def _windows(x, operator: Banded, axis: int):
    """All taps in one gather and one reduction, so that many taps do not make a long program."""
    windows = _take(x, operator.indices, axis)
    column = [1] * windows.ndim
    column[axis : axis + 2] = operator.weights.shape
    return (windows * operator.weights.astype(x.real.dtype).reshape(column)).sum(axis + 1)
