"""The type of the result, where the user chooses it."""

# pyright: reportUnknownArgumentType=false
from __future__ import annotations

import contextlib
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from jaxup._arguments.call import Call, quoted

_ADVICE = "Pass one such as jnp.uint8 or 'float32', or leave it out for the array's own."


def result_type(call: Call, x: jax.Array, dtype: Any) -> np.dtype:
    """Return the type as JAX has it: float64 is float32 without ``jax_enable_x64``.

    Raises:
      TypeError: if it is no type of numbers, the array has no numbers, or complex numbers would
        lose their imaginary part.
    """
    wanted = np.dtype(object)
    if not isinstance(dtype, jax.Array | np.ndarray | np.generic):  # which have a dtype, too
        with contextlib.suppress(TypeError, ValueError):
            wanted = jnp.dtype(dtype)
    if not _is_of_numbers(wanted):
        raise call.type_error("dtype to be a type of numbers", quoted(dtype), _ADVICE)
    if not _is_of_numbers(x.dtype):
        raise call.type_error("an array of numbers", f"dtype {x.dtype}", "Random keys are none.")
    real = not jnp.issubdtype(wanted, jnp.complexfloating)
    if real and jnp.issubdtype(x.dtype, jnp.complexfloating):
        advice = "Take the part that you want (x.real, abs(x)) first."
        raise call.type_error(f"a complex dtype for dtype {x.dtype}", quoted(dtype), advice)
    return jax.dtypes.canonicalize_dtype(wanted)


def _is_of_numbers(dtype: Any) -> bool:
    return jnp.issubdtype(dtype, jnp.number) or dtype == jnp.bool_
