"""`where=`: which pixels count, and the value of outputs that read none of them."""

# pyright: reportUnknownMemberType=false
from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from jaxup._arguments.arrays import as_array
from jaxup._arguments.call import Call
from jaxup._recipe.recipe import Resample


def checked_where(
    call: Call, x: jax.Array, where: Any, plan: Resample, fill_value: Any
) -> jax.Array:
    """Return the mask with x's rank: one of the spatial shape, or one that broadcasts to x."""
    mask = as_array(call.function, where, "where")
    if mask.dtype != jnp.bool_:
        advice = "Pass a condition, such as jnp.isfinite(x) or mask != 0."
        raise call.type_error("where to be a boolean array", f"dtype {mask.dtype}", advice)
    dtype = plan.dtype or x.dtype
    if fill_value is None and not jnp.issubdtype(dtype, jnp.inexact):
        rule = f"a fill_value beside where for dtype {dtype}, which has no NaN"
        raise call.value_error(rule, "none", "Pass fill_value=0, or another number of that type.")
    spatial = sorted(plan.spatial)
    if mask.shape == tuple(x.shape[axis] for axis in spatial):
        return mask.reshape([n if axis in spatial else 1 for axis, n in enumerate(x.shape)])
    try:
        fits = jnp.broadcast_shapes(mask.shape, x.shape) == x.shape
    except ValueError:
        fits = False
    if not fits:
        sizes = tuple(x.shape[axis] for axis in spatial)
        rule = f"where of the spatial shape {sizes}, or one that broadcasts to the array's"
        advice = "Add axes of length 1 where the mask is the same for all. The spatial axes are"
        advice += f" {tuple(spatial)}; as many as scale or size have numbers, or those of axes=."
        raise call.value_error(rule, f"shape {mask.shape}", advice)
    return mask.reshape((1,) * (x.ndim - mask.ndim) + mask.shape)
