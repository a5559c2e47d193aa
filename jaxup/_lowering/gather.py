"""One gather per tap: every output reads its taps wherever they lie."""

# pyright: reportUnknownMemberType=false
from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from jaxup._contexts import lax_only
from jaxup._lowering import dtypes
from jaxup._lowering.arrays import split, untyped, zeros_like
from jaxup._lowering.dtypes import accumulation, converted
from jaxup._recipe.banded import Banded

UNROLLED_TAPS = 24  # lanczos3 x3 has 20 in its transpose: 3 ms, 57 in one gather
Table = np.ndarray | jax.Array


def fits(operator: Banded) -> bool:
    """Return True: a gather computes every operator."""
    return True


def apply(x: jax.Array, operator: Banded, axis: int, dtype: Any = None) -> jax.Array:
    sums = accumulation(x.dtype, [operator], dtype)
    total = rows(x, operator, operator.indices, operator.weights, axis, sums)
    return converted(total, dtype or x.dtype)


def rows(
    x: jax.Array, operator: Banded, indices: Table, weights: Table, axis: int, sums: Any
) -> jax.Array:
    """Return some rows of the operator: their taps, known or traced, both of shape (rows, taps).

    Many taps are added in a loop over groups of them. A sum of them all is a long program, and one
    gather of them all is written out: a shrink of 1024x1024x3 to 99x99 by lanczos3 takes 5 ms in
    groups, and 140 ms and 50 times the memory in one gather.
    """
    absent = [not column.all() for column in operator.present.T]
    if operator.taps <= UNROLLED_TAPS:
        return functools.reduce(jnp.add, _terms(x, indices.T, weights.T, axis, absent, sums))
    if lax_only.value:  # jet knows no loop
        return weighted(_take(x, indices, axis, any(absent)), weights, axis, sums).sum(axis + 1)
    groups = -(-operator.taps // UNROLLED_TAPS)
    size = -(-operator.taps // groups)
    filling = groups * size - operator.taps
    absent = [any(absent[tap::size]) or tap >= size - filling for tap in range(size)]

    def grouped(table: Table, dtype: Any, fill: int) -> jax.Array:
        taps = jnp.pad(jnp.asarray(table.T, dtype), ((0, filling), (0, 0)), constant_values=fill)
        return split(taps, 0, (groups, size))

    def add(total: jax.Array, group: tuple[jax.Array, jax.Array]) -> tuple[jax.Array, None]:
        image, group = untyped.optimization_barrier((x, group))  # or its bits leave the loop
        return functools.reduce(jnp.add, _terms(image, *group, axis, absent, sums), total), None

    shape = [len(indices) if d == axis else n for d, n in enumerate(x.shape)]
    tables = grouped(indices, "int32", operator.in_size), grouped(weights, sums, 0)
    return untyped.scan(add, zeros_like(x, shape, sums), tables)[0]


def _terms(
    x: jax.Array, indices: Table, weights: Table, axis: int, absent: list[bool], sums: Any
) -> Iterator[jax.Array]:
    """Yield what each tap adds, from tables of shape (taps, rows)."""
    for tap in range(len(indices)):
        column = _take(x, indices[tap], axis, absent[tap], tap)
        yield weighted(column, weights[tap], axis, sums)


def weighted(term: jax.Array, weights: Table, axis: int, sums: Any) -> jax.Array:
    """Return ``term`` times weights along its axis or axes from ``axis`` on, in the simplest form.

    Sums of such terms are to be exact in their last place, so narrow types become the sums' here,
    term by term: converting the whole array first would write it out once more.
    """
    term = term.astype(sums)
    if isinstance(weights, np.ndarray):
        if (weights == 1).all():
            return term
        if (weights == weights.flat[0]).all():
            return term * weights.flat[0].astype(term.dtype)
    shape = [1] * term.ndim
    shape[axis : axis + weights.ndim] = weights.shape
    return term * weights.astype(term.dtype).reshape(shape)


def _take(x: jax.Array, indices: Table, axis: int, absent: bool, turn: int = 0) -> jax.Array:
    return dtypes.move_as_bits(x, lambda x: take(x, indices, axis, absent), turn)


def take(x: jax.Array, indices: Table, axis: int, absent: bool) -> jax.Array:
    """Return the pixels at indices; zeros at those behind the last pixel, if any are `absent`."""
    if absent and lax_only.value:  # a check of indices may look at this gather
        column = [1] * (x.ndim + indices.ndim - 1)
        column[axis : axis + indices.ndim] = indices.shape
        there = indices < x.shape[axis]
        inside, there = jnp.where(there, indices, 0), untyped.reshape(there, column)
        return jnp.where(there, jnp.take(x, inside, axis=axis, mode="clip"), 0)
    if absent:
        return jnp.take(x, indices, axis=axis, mode="fill", fill_value=0)
    return jnp.take(x, indices, axis=axis, mode="clip")
