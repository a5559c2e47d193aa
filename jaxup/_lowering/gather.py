"""One gather per tap: every output reads its taps wherever they lie."""

from __future__ import annotations

import functools

import jax.numpy as jnp

from jaxup._operator import Banded

UNROLLED_TAPS = 16


def apply(x, operator: Banded, axis: int):
    if operator.taps > UNROLLED_TAPS:
        return _windows(x, operator, axis)
    terms = (
        weighted(_take(x, indices, axis), weights, axis)
        for indices, weights in zip(operator.indices.T, operator.weights.T, strict=True)
    )
    return functools.reduce(jnp.add, terms)


def weighted(term, weights, axis: int):
    """``term`` times weights along an axis, in the simplest form that says it."""
    if (weights == 1).all():
        return term
    if (weights == weights[0]).all():
        return term * weights[0].astype(term.real.dtype)
    column = [1] * term.ndim
    column[axis] = len(weights)
    return term * weights.astype(term.real.dtype).reshape(column)


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
