"""Dtypes of sums and coordinates, also where JAX is told to promote none by itself."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp


def at_least_float32(dtype: Any) -> Any:
    """Return float32 for integers and narrower floats, else the type itself."""
    if jnp.dtype(dtype).itemsize < 4:
        return jnp.dtype(jnp.float32)  # also for 8-bit floats and int4, which JAX never promotes
    with jax.numpy_dtype_promotion("standard"):
        return jnp.promote_types(dtype, jnp.float32)


def common(*numbers: Any) -> Any:
    """Return the type to which JAX would promote these arrays, scalars and dtypes."""
    with jax.numpy_dtype_promotion("standard"):
        return jnp.result_type(*numbers)
