"""Which strategy computes which axis, and in which order, on each platform.

A plan is a list of ``(axis, strategy)`` in the order in which the axes are done. The rules, and
what they rest on (``python -m benchmarks`` and ``python -m benchmarks.tpu`` measure them again):

* A repetition is a broadcast everywhere: it costs what writing the output costs.
* CPU: periodic rows are slices, the others are gathered. Axes that shrink come first, the outermost
  of them first, for they leave less to do; axes that grow come last, the innermost of them first,
  so that the pass that writes the output runs along whole rows.
* GPU: as on the CPU, but by gathers alone, which fuse into one kernel that reads the input once.
* TPU: matrix products; indexing and interleaving cost tens of times the picture there. With
  `keep_nan_local`, slices where rows repeat and gathers elsewhere.
"""

from __future__ import annotations

import functools

import jax.numpy as jnp
from jax import lax

from jaxup._lowering import broadcast, dense, gather, polyphase


def lower(x, *, axes, specs, local, platform):
    """The resample as plain lax; floats narrower than float32 accumulate in float32."""
    operators = dict(zip(axes, (spec.build() for spec in specs), strict=True))
    dtype = x.dtype
    if not all(operator.selects for operator in operators.values()):
        if jnp.issubdtype(dtype, jnp.complexfloating):  # w (a + Inf i) has no NaN in its real part
            part = functools.partial(lower, axes=axes, specs=specs, local=local, platform=platform)
            return lax.complex(part(lax.real(x)), part(lax.imag(x)))
        if jnp.issubdtype(dtype, jnp.floating) and jnp.finfo(dtype).bits < 32:
            x = x.astype(jnp.float32)
    for n, axis in enumerate(order(operators)):
        if n and platform == "cpu":
            x = lax.optimization_barrier(x)  # fused passes would compute the first for every tap
        strategy = choose(operators[axis], x.dtype, platform, local)
        x = strategy.apply(x, operators[axis], axis)
    return x.astype(dtype)


def order(operators) -> list[int]:
    """The axes that shrink, outermost first, then those that grow, innermost first."""
    shrinking = [axis for axis, found in operators.items() if found.out_size <= found.in_size]
    return sorted(shrinking) + sorted(operators.keys() - shrinking, reverse=True)


def choose(operator, dtype, platform, local):
    """The strategy for one axis."""
    if broadcast.fits(operator):
        return broadcast
    if platform == "tpu" and not local and jnp.issubdtype(dtype, jnp.inexact):
        return dense
    if platform in ("cpu", "tpu") and polyphase.fits(operator):
        return polyphase
    return gather
