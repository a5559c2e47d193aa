"""Dtypes of sums and coordinates, also where JAX is told to promote none by itself."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np


def at_least_float32(dtype: Any) -> Any:
    """Return float32 for integers and narrower floats, else the type itself."""
    if jnp.dtype(dtype).itemsize < 4:
        return jnp.dtype(jnp.float32)  # also for 8-bit floats and int4, which JAX never promotes
    with jax.numpy_dtype_promotion("standard"):
        return jnp.promote_types(dtype, jnp.float32)


def float_for(dtype: Any, result: Any = None) -> Any:
    """Return the type in which numbers are added up: float32, or float64 for what needs it.

    That is float64 itself, a result of it, and, where JAX has float64, integers of 32 bits and
    more, of which float32 does not hold every one.
    """
    widest = jax.dtypes.canonicalize_dtype(np.float64)
    if jnp.issubdtype(dtype, jnp.inexact):
        wide = jnp.finfo(dtype).bits > 32
    else:
        wide = jnp.dtype(dtype).itemsize >= 4
    if result is not None and jnp.issubdtype(result, jnp.inexact):
        wide = wide or jnp.finfo(result).bits > 32
    return widest if wide else jnp.dtype(jnp.float32)


def common(*numbers: Any) -> Any:
    """Return the type to which JAX would promote these arrays, scalars and dtypes."""
    with jax.numpy_dtype_promotion("standard"):
        return jnp.result_type(*numbers)
