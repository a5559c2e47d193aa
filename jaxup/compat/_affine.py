"""Affine maps whose numbers are known, in NumPy's float64, or traced."""

# pyright: reportUnknownMemberType=false
from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from jaxup._arguments.call import Call, quoted
from jaxup._numbers.dtypes import at_least_float32


def numbers_of(call: Call, option: str, value: Any) -> Any:
    """Return finite numbers as an array of NumPy's float64, or of JAX if some are JAX's."""
    advice = "Pass numbers, or arrays of them."
    traced = any(isinstance(leaf, jax.Array) for leaf in jax.tree.leaves(value))
    try:
        if isinstance(value, jax.Array):
            array: Any = value
        else:
            array = jnp.asarray(value) if traced else np.asarray(value)
    except (TypeError, ValueError, OverflowError):
        array = np.asarray(None)
    if not (jnp.issubdtype(array.dtype, jnp.floating) or jnp.issubdtype(array.dtype, jnp.integer)):
        raise call.type_error(f"{option} to be real numbers", quoted(value), advice)
    if traced:
        dtype = at_least_float32(array.dtype)
        return array if array.dtype == dtype else array.astype(dtype)
    if not np.isfinite(array).all():
        raise call.value_error(f"finite numbers for {option}", quoted(value), advice)
    return array.astype(np.float64)


def known(value: Any) -> Any:
    """Return numbers that no program computes as NumPy's, also where a program is being built."""
    return jax.tree.map(lambda n: np.asarray(n) if isinstance(n, jax.Array) else n, value)


def affine_positions(matrix: Any, offset: Any, shape: Sequence[int]) -> list[jax.Array]:
    """Return the coordinates ``matrix @ o + offset`` of the pixels ``o`` of an array."""
    if isinstance(matrix, np.ndarray):
        return _known_positions(known_terms(matrix, offset, shape))
    return _traced_positions(matrix, offset, shape=tuple(shape))


@functools.partial(jax.jit, static_argnames="shape", inline=True)
def _traced_positions(
    matrix: jax.Array, offset: jax.Array, *, shape: tuple[int, ...]
) -> list[jax.Array]:
    dtype = at_least_float32(matrix.dtype)
    index = [jnp.arange(n, dtype=dtype) for n in shape]
    return [
        _outer_sum([r * o for r, o in zip(row, index, strict=True)]) + start
        for row, start in zip(matrix.astype(dtype), offset.astype(dtype), strict=True)
    ]


def known_terms(
    matrix: np.ndarray, offset: np.ndarray, shape: Sequence[int]
) -> list[list[list[np.ndarray]]]:
    """Return a known map's coordinates as what `sums_of` adds: whole parts, and what is left.

    They are multiplied in float64, and the whole parts added by themselves, so that a sum of
    float32 is rounded once.
    """
    return [_terms(row, start, shape) for row, start in zip(matrix, offset, strict=True)]


def _terms(row: np.ndarray, start: float, shape: Sequence[int]) -> list[list[np.ndarray]]:
    terms = [step * np.arange(n) for step, n in zip(row, shape, strict=True)]
    terms[-1] = terms[-1] + start
    whole = [np.floor(term) for term in terms]
    return [whole, [term - part for term, part in zip(terms, whole, strict=True)]]


def sums_of(terms: list[list[list[jax.Array]]]) -> list[jax.Array]:
    """Return the coordinates of all pixels, from their `known_terms` along every axis."""
    return [_outer_sum(whole) + _outer_sum(rest) for whole, rest in terms]


_known_positions: Any = jax.jit(sums_of, inline=True)


def _outer_sum(vectors: Sequence[jax.Array]) -> jax.Array:
    """Return the sums of one entry of every vector, of the shape of their lengths."""
    count = len(vectors)
    columns = [v.reshape((-1,) + (1,) * (count - 1 - n)) for n, v in enumerate(vectors)]
    shape = tuple(len(v) for v in vectors)
    return functools.reduce(jnp.add, (jnp.broadcast_to(column, shape) for column in columns))


def rotation(degrees: Any) -> Any:
    """Return the matrix of a turn, exact at right angles."""
    return _rotation(degrees, np) if isinstance(degrees, np.ndarray) else _traced_rotation(degrees)


def _rotation(degrees: Any, xp: Any) -> Any:
    turns = degrees // 90
    cosine, sine = (f(xp.deg2rad(degrees - 90 * turns)) for f in (xp.cos, xp.sin))
    odd, sign = turns % 2 == 1, xp.where(turns % 4 < 2, 1, -1)
    cosine, sine = sign * xp.where(odd, -sine, cosine), sign * xp.where(odd, cosine, sine)
    return xp.stack([xp.stack([cosine, sine]), xp.stack([-sine, cosine])])


_traced_rotation: Any = jax.jit(functools.partial(_rotation, xp=jnp), inline=True)
