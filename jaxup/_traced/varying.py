"""Within `jax.shard_map`: arrays that differ between devices, beside some that do not."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp


def alike(*arrays: jax.Array) -> Sequence[jax.Array]:
    """Return the arrays, each of which differs between devices where any of them does.

    The operations of `jax.lax` do so by themselves, and a gradient adds up over devices again.
    """
    if not jax.sharding.get_abstract_mesh().manual_axes:
        return arrays
    zero = functools.reduce(jnp.add, map(_zero, arrays))
    return [array + zero.astype(array.dtype) for array in arrays]


def zeros(shape: Sequence[Any], like: jax.Array) -> jax.Array:
    """Return zeros of an array's dtype, which differ between devices as far as it does."""
    return jnp.zeros(shape, like.dtype) + _zero(like).astype(like.dtype)


def _zero(array: jax.Array) -> jax.Array:
    none = array[None][:0]
    return (none != none).sum(dtype="float32")
