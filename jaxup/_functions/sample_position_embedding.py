"""`sample_position_embedding`: a vision transformer's positions at patches of a grid."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from typing import Any, Never

import jax
import jax.numpy as jnp
from jax.typing import ArrayLike

from jaxup import kernels
from jaxup._arguments.arrays import as_array, check_not_sharded
from jaxup._arguments.call import Call
from jaxup._arguments.keywords import named, unknown_keyword
from jaxup._arguments.number_types import Size
from jaxup._arguments.position_grids import (
    check_grid_range,
    check_offset,
    check_rows,
    integers,
    static_pair,
    traced_axis,
)
from jaxup._arguments.torch_methods import Method, MethodName, resolve_method
from jaxup._labels import labelled
from jaxup._numbers.dtypes import at_least_float32
from jaxup._traced.points import clipped, points_of
from jaxup._traced.product import dense, product

_NAME = "jaxup.sample_position_embedding"


@named
def sample_position_embedding(
    table: ArrayLike,
    grid: Size,
    new_grid: ArrayLike | Sequence[ArrayLike],
    patches: ArrayLike,
    *,
    prefix: int = 1,
    method: MethodName | kernels.Kernel = "bicubic",
    antialias: bool = True,
    align_corners: bool = False,
    offset: float = 0.0,
    **unknown: Never,
) -> jax.Array:
    """Resample a table of learned positions at some patches of another grid.

    The rows that `jaxup.resize_position_embedding` has for these patches, to 1e-5, without the
    rest of the grid: a batch of sequences of patches, each from an image of its own size (NaFlex),
    takes memory for its tokens alone. Grids and patches may be traced.

    Args:
      table: array of shape (..., prefix + h w, C), floating-point or complex.
      grid: (h, w), the patches per column and row that the table is for; one number for a square.
      new_grid: integers of shape (..., 2): (rows, columns) of the grid that the patches are from,
        one for each example, or one for all; a single integer for a square.
      patches: integers of shape (..., N, 2): (row, column) of every token. A patch outside its
        grid, such as (-1, -1), stands for padding.
      prefix, method, antialias, align_corners, offset: as in `jaxup.resize_position_embedding`.

    The axes before broadcast: a table of shape (1, P, C), grids (B, 2) and patches (B, N, 2) go
    together. What the models do:

    | model                                    | options                                |
    | ---------------------------------------- | -------------------------------------- |
    | SigLIP 2 NaFlex (Big Vision, Transformers) | ``prefix=0, method="bilinear"``      |
    | timm ``NaFlexVit``, learned positions    | ``prefix=0``                           |

    Big Vision computes a grid of 64 x 64 for every example, and gathers; Transformers fills the
    padding with the embedding of the first patch.

    Returns:
      Array of table's dtype, shape (..., prefix + N, C): the table's first rows, then a row for
      every patch; padding is 0. Differentiable in the table, where padding has no part. The
      gradient is a product with a matrix: no scatter, and a NaN in it reaches the whole table.

    Raises:
      ValueError: for arguments out of range or that do not fit together.
      TypeError: for arguments of the wrong type.

    Example:
      >>> import jax.numpy as jnp, jaxup
      >>> table = jnp.arange(16.0).reshape(1, 16, 1)
      >>> grids = jnp.array([[2, 3], [1, 4]])  # of two images, 6 and 4 patches
      >>> token = jnp.arange(6)
      >>> patches = jnp.stack(jnp.divmod(token, grids[:, 1:]), axis=-1)
      >>> y = jaxup.sample_position_embedding(table, 4, grids, patches, prefix=0, method="bilinear")
      >>> y.shape
      (2, 6, 1)
      >>> y[1, :, 0].round().astype(int)  # the last two are padding
      Array([6, 7, 8, 9, 0, 0], dtype=int32)

    Source: Tschannen et al., "SigLIP 2", 2025, arXiv:2502.14786, section 2.4.2; Big Vision,
    ``models/proj/image_text/naflex_vit.py``.
    """
    if unknown:
        raise unknown_keyword(sample_position_embedding, unknown)
    table = as_array(_NAME, table, "table")
    call = Call(_NAME, table.shape, (("x", "table"),))
    rule = resolve_method(call, method, align_corners, antialias)
    if rule.rank not in (None, 2):
        got, advice = (
            f"method={method!r}",
            "Use 'bilinear', 'bicubic' or one for any number of axes.",
        )
        raise call.value_error("a method for two axes", got, advice)
    if not jnp.issubdtype(table.dtype, jnp.inexact):
        advice = "Convert it first: table.astype(jnp.float32)."
        raise call.type_error("a floating-point or complex table", f"dtype {table.dtype}", advice)
    check_offset(call, offset, align_corners)
    old = static_pair(call, "grid", grid)
    prefix = call.integer("prefix to be an integer", prefix, "Pass 0, 1 or more.")
    check_rows(call, old, prefix)
    check_not_sharded(call, table, (table.ndim - 2,))
    sizes = integers(call, "new_grid", new_grid, "(rows, columns)")
    at = integers(call, "patches", patches, "(row, column) of every token")
    batch = _check_shapes(call, sizes, at)
    check_grid_range(call, sizes, None)
    sizes = jnp.broadcast_to(sizes, (*batch, 2))
    at = jnp.broadcast_to(at, (*batch, *at.shape[-2:]))
    geometry = _weights(sizes, at, old=old, rule=rule, offset=offset, dtype=table.dtype)
    return _compiled(table, *geometry, label=call.label(method))


@functools.partial(jax.jit, static_argnames=("old", "rule", "offset", "dtype"), inline=True)
def _weights(
    sizes: jax.Array,
    patches: jax.Array,
    *,
    old: tuple[int, int],
    rule: Method,
    offset: float,
    dtype: Any,
) -> tuple[jax.Array, jax.Array, jax.Array]:
    """Return the weights of the table's rows and columns, and which patches are in their grid."""

    def of_one(sizes: jax.Array, patches: jax.Array) -> tuple[jax.Array, jax.Array]:
        rows, columns = (
            dense(points_of(traced_axis(rule, in_size, size, size, offset), dtype, patch))
            for in_size, size, patch in zip(old, sizes, patches.T, strict=True)
        )
        return rows, columns

    sizes, patches = _as_int32(sizes), _as_int32(patches)
    last = sizes[..., None, :] - 1
    inside = ((patches >= 0) & (patches <= last)).all(-1, keepdims=True)
    for _ in sizes.shape[:-1]:
        of_one = jax.vmap(of_one)
    return *of_one(sizes, clipped(patches, 0, last)), inside


@labelled
def _at_patches(
    table: jax.Array, rows: jax.Array, columns: jax.Array, inside: jax.Array
) -> jax.Array:
    old = rows.shape[-1], columns.shape[-1]
    prefix = table.shape[-2] - math.prod(old)
    first, x = table[..., :prefix, :], table[..., prefix:, :]
    x = x.reshape(*x.shape[:-2], *old, x.shape[-1]).astype(at_least_float32(x.dtype))
    y = product(x, rows, columns)
    inside = inside.reshape((1,) * (y.ndim - inside.ndim) + inside.shape)
    y = jnp.where(inside, y, 0).astype(table.dtype)
    first = jnp.broadcast_to(first, (*y.shape[:-2], *first.shape[-2:]))
    return jnp.concatenate([first, y], axis=-2)


_compiled: Any = jax.jit(_at_patches, static_argnames="label", inline=True)


def _as_int32(numbers: jax.Array) -> jax.Array:
    """Return integers as int32; those beyond become the nearest."""
    own, wanted = jnp.iinfo(numbers.dtype), jnp.iinfo("int32")
    low, high = max(own.min, wanted.min), min(own.max, wanted.max)
    return clipped(numbers, low, high).astype("int32")


def _check_shapes(call: Call, sizes: jax.Array, patches: jax.Array) -> tuple[Any, ...]:
    """Return the batch axes of the grids and the patches together."""
    if sizes.ndim and sizes.shape[-1] != 2:
        got, advice = f"an array of shape {sizes.shape}", "Pass one (rows, columns) per example."
        raise call.value_error("new_grid of shape (..., 2)", got, advice)
    if patches.ndim < 2 or patches.shape[-1] != 2:
        got, advice = f"an array of shape {patches.shape}", "Pass one (row, column) per token."
        raise call.value_error("patches of shape (..., tokens, 2)", got, advice)
    try:
        batch = jnp.broadcast_shapes(sizes.shape[:-1], patches.shape[:-2])
        jnp.broadcast_shapes(batch, call.shape[:-2])
    except ValueError as error:
        rule = "axes before those of table, new_grid and patches that broadcast"
        got = f"{call.shape[:-2]}, {sizes.shape[:-1]} and {patches.shape[:-2]}"
        raise call.value_error(rule, got, "Give each of them one entry per example.") from error
    return batch
