"""Which strategy computes which axis, and in which order: the cost model of each platform."""

from __future__ import annotations

import jax.numpy as jnp

from jaxup._lowering import broadcast, gather


def lower(x, *, axes, specs, platform):
    """The resample as plain lax; float16 and bfloat16 accumulate in float32."""
    operators = [spec.build() for spec in specs]
    dtype = x.dtype
    if not all(operator.selects for operator in operators):
        x = x.astype(jnp.promote_types(dtype, jnp.float32))
    for axis, operator in zip(axes, operators, strict=True):
        x = choose(operator).apply(x, operator, axis)
    return x.astype(dtype)


def choose(operator):
    return broadcast if broadcast.fits(operator) else gather
