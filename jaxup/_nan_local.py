"""`keep_nan_local`: an option for the platforms whose default strategy spreads NaN and Inf."""

from __future__ import annotations

import contextlib

import jax

_context = jax.make_user_context(default_value=False)


def keep_nan_local() -> contextlib.AbstractContextManager:
    """Within this context, a NaN or Inf reaches only the outputs whose taps read it, everywhere.

    On CPU and GPU that always holds. On TPU the default is a product with a matrix, in which
    ``0 x NaN`` spreads along the whole axis, or a block of rows of one longer than 4096 pixels;
    here slices and gathers take its place, at many times the memory traffic. JAX's caches know of
    the context: a jitted function is compiled once within and once without.

    Returns:
      A context manager.

    Example:
      >>> import jax.numpy as jnp, jaxup
      >>> with jaxup.keep_nan_local():
      ...     y = jaxup.upsample(jnp.array([0.0, 0.0, jnp.nan]), 2, "linear", axes=0)
      >>> y
      Array([ 0.,  0.,  0., nan, nan, nan], dtype=float32)
    """
    return _context(True)


def is_nan_local() -> bool:
    """Whether the program is being built within `keep_nan_local`."""
    return bool(_context.value)
