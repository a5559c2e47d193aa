"""Integers as floats, which a matrix unit copies exactly: 16 bits of them at a time.

A copy is a product with ones and zeros. float32 holds every integer of 16 bits, and those of 32 are
two halves.
"""

from __future__ import annotations

from collections.abc import Callable

import jax.numpy as jnp
from jax import lax

HALF = 16  # bits


def fits(dtype) -> bool:
    """Whether it has integers, or booleans, of 32 bits or less."""
    return not jnp.issubdtype(dtype, jnp.inexact) and jnp.dtype(dtype).itemsize <= 4


def as_floats(x, copy: Callable):
    """``copy(x)``, for a function of float32 arrays that only moves elements."""
    if x.dtype.itemsize <= 2:
        return copy(x.astype(jnp.float32)).astype(x.dtype)
    bits = lax.bitcast_convert_type(x, jnp.uint32)
    halves = bits >> HALF, bits & ((1 << HALF) - 1)
    high, low = (copy(half.astype(jnp.float32)).astype(jnp.uint32) for half in halves)
    return lax.bitcast_convert_type(high << HALF | low, x.dtype)
