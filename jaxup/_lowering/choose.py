"""Which strategy computes which axis, and in which order: the cost model of each platform."""

from __future__ import annotations

import jax.numpy as jnp

from jaxup._lowering import broadcast, gather


def lower(x, *, axes, specs, platform):
    """The resample as plain lax; floats narrower than float32 accumulate in float32."""
    operators = [spec.build() for spec in specs]
    dtype = x.dtype
    if not all(operator.selects for operator in operators):
        x = x.astype(_accumulator(dtype))
    for axis, operator in zip(axes, operators, strict=True):
        x = choose(operator).apply(x, operator, axis)
    return x.astype(dtype)


def _accumulator(dtype):
    narrow = jnp.issubdtype(dtype, jnp.floating) and jnp.finfo(dtype).bits < 32
    return jnp.float32 if narrow else dtype


def choose(operator):
    return broadcast if broadcast.fits(operator) else gather
