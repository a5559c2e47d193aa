"""One gather per tap: every output reads its taps wherever they lie."""

from __future__ import annotations

import functools

import jax.numpy as jnp

from jaxup._lowering.accumulation import accumulation
from jaxup._operator import Banded

UNROLLED_TAPS = 24


def apply(x, operator: Banded, axis: int, dtype=None):
    if operator.taps > UNROLLED_TAPS:
        total = _windows(x, operator, axis)
    else:
        terms = (
            weighted(_take(x, indices, axis), weights, axis)
            for indices, weights in zip(operator.indices.T, operator.weights.T, strict=True)
        )
        total = functools.reduce(jnp.add, terms)
    return total.astype(dtype or x.dtype)


def weighted(term, weights, axis: int):
    """``term`` times weights along its axis or axes from ``axis`` on, in the simplest form.

    Sums of such terms are to be exact in their last place, so float16 and bfloat16 become float32
    here, term by term: converting the whole array first would write it out once more.
    """
    term = term.astype(accumulation(term.dtype))
    if (weights == 1).all():
        return term
    if (weights == weights.flat[0]).all():
        return term * weights.flat[0].astype(term.dtype)
    shape = [1] * term.ndim
    shape[axis : axis + weights.ndim] = weights.shape
    return term * weights.astype(term.dtype).reshape(shape)


def _take(x, indices, axis):
    if (indices >= x.shape[axis]).any():
        return jnp.take(x, indices, axis=axis, mode="fill", fill_value=0)
    return jnp.take(x, indices, axis=axis, mode="clip")


def _windows(x, operator: Banded, axis: int):
    """All taps in one gather and one reduction, so that many taps do not make a long program."""
    return weighted(_take(x, operator.indices, axis), operator.weights, axis).sum(axis + 1)
