"""Splitting, merging and joining axes.

Reshapes change one axis at a time: an array on an explicit mesh takes no reshape that does more.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from jaxup._numbers.step import is_symbolic

untyped: Any = lax  # for functions that JAX leaves partly without types


def split(x: jax.Array, axis: int, sizes: Iterable[int]) -> jax.Array:
    """Return an array with one axis as several."""
    return x.reshape(*x.shape[:axis], *sizes, *x.shape[axis + 1 :])


def merge(x: jax.Array, axis: int, count: int = 2) -> jax.Array:
    """Return an array with several axes, from this one on, as one."""
    merged = math.prod(x.shape[axis : axis + count])
    return x.reshape(*x.shape[:axis], merged, *x.shape[axis + count :])


def uncut_ones(x: jax.Array) -> list[int]:
    """Return the axes of length 1 that no mesh cuts."""
    spec = jax.typeof(x).sharding.spec
    return [axis for axis, size in enumerate(x.shape) if size == 1 and not spec[axis]]


def zeros_like(x: jax.Array, shape: Sequence[int], dtype: Any) -> jax.Array:
    """Return zeros that vary across the devices of a `jax.shard_map` as x does."""
    for axis, (old, new) in enumerate(zip(x.shape, shape, strict=True)):
        if old != new:
            x = lax.slice_in_dim(x, 0, 1, axis=axis)
    zero = np.zeros((), dtype)
    return jnp.broadcast_to(jnp.where(x == x, zero, zero), shape)


def concatenate_two(make: Callable[[Any, Any], jax.Array], size: Any, axis: int) -> jax.Array:
    """Return ``make(0, 1)`` and ``make(1, size)``, joined along an axis whose size is known.

    XLA's CPU backend computes a concatenation once, though what follows reads it many times. A
    gather it would fuse into what follows and compute again for every read, and an
    optimization_barrier does not hold it back. And it writes each piece in loops of the piece's
    own shape, where it would otherwise find each element's place by divisions that cost more than
    the arithmetic.
    """
    if is_symbolic(size) or size < 2:
        return make(0, size)
    return lax.concatenate([make(0, 1), make(1, size)], axis)
