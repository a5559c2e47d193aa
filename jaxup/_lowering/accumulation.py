"""The type in which sums are taken."""

from __future__ import annotations

import jax.numpy as jnp


def accumulation(dtype):
    """float32 for narrower floats, the type itself for every other; integers are only copied."""
    narrow = jnp.issubdtype(dtype, jnp.floating) and jnp.finfo(dtype).bits < 32
    return jnp.dtype(jnp.float32) if narrow else jnp.dtype(dtype)
