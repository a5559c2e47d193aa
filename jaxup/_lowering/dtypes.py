"""What a dtype asks of a lowering: where sums are taken, how 16 bits and integers are moved.

16-bit floats are read as the integers that their bits are.

XLA's CPU backend computes with float16 and bfloat16 in float32. It widens an array where it is
read, which for several shifted reads of one array means the array itself, written out in twice its
size. Integers are read as they are, and what was read is widened.

Bits that more than 15 reads share are written out too. So reads take turns between two types of
integers, whose bits are two arrays to XLA, and none is written where they are no more than 30.

Pictures of integers are read as they are, too, and what was read is converted: as floats, uint8
would be written out in four times its size.

A matrix unit copies integers as floats, 16 bits at a time: a copy is a product with ones and zeros,
float32 holds every integer of 16 bits, and those of 32 are two halves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

from jaxup._numbers.dtypes import float_for
from jaxup._recipe.banded import Banded

HALF = 16  # bits
Map = Callable[[jax.Array], jax.Array]


def _is_narrow(dtype: Any) -> bool:
    return jnp.issubdtype(dtype, jnp.floating) and jnp.dtype(dtype).itemsize == 2


def move_as_bits(x: jax.Array, reader: Map, turn: int = 0) -> jax.Array:
    """Return ``reader(x)``, for a reader that only moves and selects elements.

    Args:
      turn: the number of the read.
    """
    return from_bits(reader(bits_of(x, turn)), x.dtype)


def bits_of(x: jax.Array, turn: int = 0) -> jax.Array:
    """Return the bits of 16-bit floats; another array as it is."""
    if not _is_narrow(x.dtype):
        return x
    return lax.bitcast_convert_type(x, (jnp.uint16, jnp.int16)[turn % 2]).astype(jnp.uint16)


def from_bits(x: jax.Array, dtype: Any) -> jax.Array:
    """Return what `bits_of` was given, of this dtype."""
    return lax.bitcast_convert_type(x, dtype) if _is_narrow(dtype) else x


def accumulation(dtype: Any, operators: Iterable[Banded] = (), result: Any = None) -> Any:
    """Return the type of sums: at least float32, and no narrower than a float result.

    Copies of integers stay integers, and whole weights make sums of int32.
    """
    if jnp.issubdtype(dtype, jnp.complexfloating):
        return jnp.dtype(dtype)
    if not jnp.issubdtype(dtype, jnp.floating):
        operators = tuple(operators)
        if all(operator.selects for operator in operators):
            return jnp.dtype(dtype)
        if all(operator.is_whole for operator in operators):
            return jnp.dtype(jnp.int32)
    return float_for(dtype, result)


def carried(dtype: Any, operators: Iterable[Banded], result: Any) -> Any:
    """Return the type of sums that others read: the array's own, if each is one of its pixels."""
    operators = tuple(operators)
    selects = all(operator.selects for operator in operators)
    return jnp.dtype(dtype) if selects else accumulation(dtype, operators, result)


def converted(total: jax.Array, dtype: Any) -> jax.Array:
    """Return numbers as another type; as integers they are rounded, half to even, and clipped.

    NaN becomes the lowest of them. As a bool, 0 and 1 are the limits.
    """
    if total.dtype in (dtype, jnp.bool_) or jnp.issubdtype(dtype, jnp.inexact):
        return total.astype(dtype)
    low, high = _limits(dtype)
    if jnp.issubdtype(total.dtype, jnp.inexact):
        whole = lax.round(total.astype(float_for(total.dtype)), lax.RoundingMethod.TO_NEAREST_EVEN)
        bottom, top = (whole.dtype.type(n) for n in (low, high))
        whole = jnp.where(whole > bottom, whole, bottom)  # NaN is not
        if int(top) == high:
            return jnp.where(whole < top, whole, top).astype(dtype)
        inside = jnp.where(whole < top, whole, bottom).astype(dtype)
        return jnp.where(whole < top, inside, lax.full_like(inside, high))  # top is one more
    lowest, highest = _limits(total.dtype)
    return total.clip(max(low, lowest), min(high, highest)).astype(dtype)


def _limits(dtype: Any) -> tuple[int, int]:
    if dtype == jnp.bool_:
        return 0, 1
    limits = jnp.iinfo(dtype)
    return int(limits.min), int(limits.max)


def is_exact_in_halves(dtype: Any) -> bool:
    """Return whether it has integers, or booleans, of 32 bits or less."""
    return not jnp.issubdtype(dtype, jnp.inexact) and jnp.dtype(dtype).itemsize <= 4


def copy_as_floats(x: jax.Array, copy: Map) -> jax.Array:
    """Return ``copy(x)``, for a function of float32 arrays that only moves elements."""
    if x.dtype.itemsize <= 2:
        return copy(x.astype(jnp.float32)).astype(x.dtype)
    bits = lax.bitcast_convert_type(x, jnp.uint32)
    halves = bits >> HALF, bits & ((1 << HALF) - 1)
    high, low = (copy(half.astype(jnp.float32)).astype(jnp.uint32) for half in halves)
    return lax.bitcast_convert_type(high << HALF | low, x.dtype)
