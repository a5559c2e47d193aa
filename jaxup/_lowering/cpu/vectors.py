"""A gather of pixels of a few channels, which XLA's CPU backend computes in vectors of them.

LLVM writes a short loop over channels out, number by number, before it looks for vectors. So here
the loop is made longer, by additions of an integer that is 0, which LLVM learns only later
(`hidden_zeros`). Gathered in vectors, on two cores, linear x2 of 2x4291x24 takes 0.3 times as long
as gathered otherwise, bicubic of 3x64x56x16 to the corners 0.55 times (``python -m
benchmarks.formulations --random 60 --seed 5 --filter 'channels_last/.*x(16|24|32)/'``).
"""

# pyright: reportUnknownMemberType=false
from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

from jaxup._lowering import gather
from jaxup._lowering.dtypes import accumulation, converted
from jaxup._lowering.plan import elements, is_wide
from jaxup._recipe.banded import Banded

LONG_LOOP = 160  # products of a loop of vectors; where taps may be absent, 144 are written out
STEPS = 6  # make two products of 16 channels a long loop; 4 do not


def fits(operator: Banded) -> bool:
    """Return whether anything is computed: a loop that copies is no loop to LLVM."""
    return not operator.selects


def apply(x: jax.Array, operator: Banded, axis: int, dtype: Any = None) -> jax.Array:
    total = gather.apply(x, operator, axis, accumulation(x.dtype, [operator], dtype))
    return converted(over_channels(total), dtype or x.dtype)


def is_short(x: Any, innermost: int, products: int) -> bool:
    """Return whether a sum of products, along axes up to that one, has a short loop of channels."""
    channels = elements(x.shape[-1:])
    loops = is_wide(channels) and channels < LONG_LOOP / products
    return loops and innermost < x.ndim - 1 and accumulation(x.dtype) == jnp.float32


def over_channels(y: jax.Array, steps: int = STEPS) -> jax.Array:
    """Return the same numbers, whose last axis XLA then computes in vectors if they are float32."""
    if y.dtype != jnp.float32:
        return y
    zero, bits = hidden_zeros(y, jnp.uint32, 4), lax.bitcast_convert_type(y, jnp.uint32)
    for step in range(steps):
        bits = bits ^ zero if step % 2 else bits + zero
    return lax.bitcast_convert_type(bits, jnp.float32)


def hidden_zeros(like: jax.Array, dtype: Any, bits: int) -> jax.Array:
    """Return zeros along the last axis of an array, which XLA takes for other numbers.

    The square of an odd number is 1 and a multiple of 8. LLVM learns that, and leaves them out.

    Args:
      bits: below 8. XLA takes zeros of other bits for other numbers.
    """
    column = (1,) * (like.ndim - 1) + like.shape[-1:]
    odd = lax.broadcasted_iota(dtype, column, like.ndim - 1) | 1
    return (odd * odd - 1) & bits
