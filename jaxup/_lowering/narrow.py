"""Reading 16-bit floats: as the integers that their bits are.

XLA's CPU backend computes with float16 and bfloat16 in float32. It widens an array where it is
read, which for several shifted reads of one array means the array itself, written out in twice its
size. Integers are read as they are, and what was read is widened.

Bits that more than 15 reads share are written out too. So reads take turns between two types of
integers, whose bits are two arrays to XLA, and none is written where they are no more than 30.
"""

from __future__ import annotations

from collections.abc import Callable

import jax.numpy as jnp
from jax import lax


def _is_narrow(dtype) -> bool:
    return jnp.issubdtype(dtype, jnp.floating) and jnp.finfo(dtype).bits == 16


def read(x, reader: Callable, turn: int = 0):
    """``reader(x)``, for a reader that only moves and selects elements.

    Args:
      turn: the number of the read.
    """
    return as_floats(reader(as_integers(x, turn)), x.dtype)


def as_integers(x, turn: int = 0):
    """The bits of 16-bit floats; another array as it is."""
    if not _is_narrow(x.dtype):
        return x
    return lax.bitcast_convert_type(x, (jnp.uint16, jnp.int16)[turn % 2]).astype(jnp.uint16)


def as_floats(x, dtype):
    """What `as_integers` was given, of this dtype."""
    return lax.bitcast_convert_type(x, dtype) if _is_narrow(dtype) else x
