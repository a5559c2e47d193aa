"""`resize_position_embedding`: a vision transformer's table of positions for another grid."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from typing import Any, Never

import jax
import jax.numpy as jnp
from jax.core import Tracer
from jax.typing import ArrayLike

from jaxup import kernels
from jaxup._arguments.arrays import as_array, check_dtype, check_not_sharded, through_cache
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
from jaxup._arguments.sizes import check_output
from jaxup._arguments.torch_methods import Method, MethodName, plan, resolve_method
from jaxup._labels import labelled
from jaxup._recipe.recipe import Resample
from jaxup._run import resampled
from jaxup._traced.interpolate import interpolate_at
from jaxup._traced.points import points_of

_NAME = "jaxup.resize_position_embedding"
_CALL = Call(_NAME, (), (("x", "table"),))


@named
def resize_position_embedding(
    table: ArrayLike,
    grid: Size,
    new_grid: Size | jax.Array | Sequence[jax.Array],
    *,
    prefix: int = 1,
    method: MethodName | kernels.Kernel = "bicubic",
    antialias: bool = True,
    align_corners: bool = False,
    offset: float = 0.0,
    max_grid: Size | None = None,
    **unknown: Never,
) -> jax.Array:
    """Resample a table of learned positions from one grid of patches to another.

    The first ``prefix`` rows (class and register tokens) stay; the others are an image of
    ``grid`` pixels, row by row, and resampled as `jaxup.upsample` does, in float32.

    Args:
      table: array of shape (..., prefix + h w, C): (1, prefix + h w, C) in most checkpoints.
      grid: (h, w), the patches per column and row that the table is for; one number for a square.
      new_grid: (h, w) wanted. With max_grid it may be traced, and under `jax.vmap` another one for
        every example.
      prefix: rows that have no place in the grid.
      method, antialias, align_corners: as in `jaxup.upsample`; the defaults are timm's.
      offset: added to the new grid in the scale, ``(new + offset) / old``, and only there.
      max_grid: (H, W), the largest new grid, where new_grid is traced; static. A traced new grid
        beyond it is cut off, one below 1 is empty; a known one is refused.

    The checkpoints' own code, and what it is here:

    | checkpoint                                        | options                             |
    | ------------------------------------------------- | ----------------------------------- |
    | timm ``resample_abs_pos_embed``                   | the defaults                        |
    | DINOv2 with registers                             | ``antialias=True``, ``offset=0``    |
    | DINOv2 ``interpolate_offset=0.1``                 | ``antialias=False``, ``offset=0.1`` |
    | MAE ``interpolate_pos_embed``, DeiT, Hugging Face | ``antialias=False``                 |

    timm returns the table as it is when the number of tokens stays and the new grid is square,
    even if the old grid is not; here it is resampled.

    Returns:
      Array of the table's dtype, shape (..., prefix + new_h new_w, C). With max_grid, shape
      (..., prefix + H W, C): token ``(r, c)`` of the new grid is row ``prefix + r W + c``, and the
      rows outside the new grid are 0.

    Raises:
      ValueError: for arguments out of range or that do not fit together.
      TypeError: for arguments of the wrong type.

    Example:
      >>> import jax, jax.numpy as jnp, jaxup
      >>> table = jnp.zeros((1, 1 + 14 * 14, 768))
      >>> jaxup.resize_position_embedding(table, 14, (16, 24)).shape
      (1, 385, 768)
      >>> def one(new_grid):
      ...     return jaxup.resize_position_embedding(table[0], 14, new_grid, max_grid=(16, 24))
      >>> jax.vmap(one)(jnp.array([[16, 24], [10, 12]])).shape
      (2, 385, 768)

    Source: timm 1.0, ``timm/layers/pos_embed.py``; DINOv2, ``vision_transformer.py``.
    """
    if unknown:
        raise unknown_keyword(resize_position_embedding, unknown)
    table = as_array(_NAME, table, "table")
    options = method, antialias, align_corners
    if max_grid is None:
        old, resample = through_cache(
            _plan, _CALL, table, (grid, new_grid, prefix, offset), *options
        )
        if isinstance(table, Tracer):
            return _resized(table, old, resample, label=resample.name)
        return _compiled(old, resample)(table)
    call = _CALL._replace(shape=table.shape)
    rule, old = _checked(call, table.dtype, grid, prefix, offset, *options)
    check_not_sharded(call, table, (table.ndim - 2,))
    largest = static_pair(call, "max_grid", max_grid)
    check_output(_of_images(call, old), (-3, -2), largest, "max_grid")
    numbers = {"old": old, "largest": largest, "rule": rule, "offset": offset}
    return _traced(
        table, _traced_pair(call, new_grid, largest), **numbers, label=call.label(method)
    )


def _checked(
    call: Call,
    dtype: Any,
    grid: Any,
    prefix: Any,
    offset: Any,
    method: Any,
    antialias: Any,
    align_corners: Any,
) -> tuple[Method, tuple[int, int]]:
    """Return the method, and the rows and columns of the table's grid."""
    rule = resolve_method(call, method, align_corners, antialias)
    check_dtype(call, rule.kernel, method, dtype)
    check_offset(call, offset, align_corners)
    old = static_pair(call, "grid", grid)
    check_rows(call, old, call.integer("prefix to be an integer", prefix, "Pass 0, 1 or more."))
    return rule, old


def _plan(
    call: Call,
    dtype: Any,
    grid: Any,
    new_grid: Any,
    prefix: Any,
    offset: Any,
    method: Any,
    antialias: Any,
    align_corners: Any,
) -> tuple[tuple[int, int], Resample]:
    """Return the rows and columns of the table's grid, and how its image is resampled."""
    _, old = _checked(call, dtype, grid, prefix, offset, method, antialias, align_corners)
    new = static_pair(call, "new_grid", new_grid, "Pass max_grid, the largest grid there will be.")
    scale, size = None, new
    if offset:  # keeps ``int(old * scale)`` from falling below the new size
        scale, size = tuple((n + offset) / o for n, o in zip(new, old, strict=True)), None
    smooth: dict[str, Any] = {"align_corners": align_corners, "antialias": antialias}
    resample = plan(_of_images(call, old), dtype, scale, size, (-3, -2), method, **smooth)
    sizes = dict(enumerate(old, len(call.shape) - 2))
    sizes |= {axis: spec.out_size for axis, spec in zip(resample.axes, resample.specs, strict=True)}
    got = tuple(sizes.values())
    if got != new:
        rule = f"an offset with which int({old} * (new_grid + offset) / {old}) is new_grid={new}"
        advice = "Use an offset from 0 to below 1; 0.1 is DINOv2's."
        raise call.value_error(rule, f"offset={offset}, which gives {got}", advice)
    return old, resample


def _of_images(call: Call, grid: tuple[int, int]) -> Call:
    *batch, _, channels = call.shape
    return Call(_NAME, (*batch, *grid, channels), (("size", "new_grid"),))


@labelled
def _resized(table: jax.Array, old: tuple[int, int], resample: Resample) -> jax.Array:
    return _of_grid(table, old, lambda x: resampled(x, None, resample))


@functools.lru_cache(maxsize=256)
def _compiled(old: tuple[int, int], resample: Resample) -> Any:
    return jax.jit(functools.partial(_resized, old=old, resample=resample, label=resample.name))


def _of_grid(
    table: jax.Array, old: tuple[int, int], function: Callable[[jax.Array], jax.Array]
) -> jax.Array:
    """Return a table of which a function makes another grid."""
    *batch, tokens, channels = table.shape
    prefix = tokens - math.prod(old)
    first, x = table[..., :prefix, :], table[..., prefix:, :].reshape((*batch, *old, channels))
    y = function(x)
    y = y.reshape((*batch, math.prod(y.shape[-3:-1]), channels))
    return jnp.concatenate([first, y], axis=-2)


@labelled
def _up_to(
    table: jax.Array,
    new_grid: tuple[jax.Array, jax.Array],
    *,
    old: tuple[int, int],
    largest: tuple[int, int],
    rule: Method,
    offset: float,
) -> jax.Array:
    return _of_grid(table, old, lambda x: _in_largest(x, new_grid, largest, rule, offset))


def _in_largest(
    x: jax.Array, new_grid: tuple[jax.Array, jax.Array], largest: Any, rule: Method, offset: float
) -> jax.Array:
    """Return the new grid in the top left of the largest one, and 0 around it."""
    for n, (size, most) in enumerate(zip(new_grid, largest, strict=True)):
        axis = x.ndim - 3 + n
        spec = traced_axis(rule, x.shape[axis], most, size, offset)
        x = interpolate_at(x, axis, (points_of(spec, x.dtype),))
        column = [1] * x.ndim
        column[axis] = most
        x = jnp.where((jnp.arange(most) < size).reshape(column), x, 0)
    return x


_traced: Any = jax.jit(
    _up_to, static_argnames=("old", "largest", "rule", "offset", "label"), inline=True
)


def _traced_pair(call: Call, new_grid: Any, largest: tuple[int, int]) -> tuple[Any, Any]:
    """Return rows and columns as integer scalars; those that are known are within their range."""
    pair: Any = integers(call, "new_grid", new_grid, "(rows, columns)")
    if pair.shape not in ((), (2,)):
        got = f"an array of shape {pair.shape}"
        advice = "For one grid per example use jax.vmap."
        raise call.value_error("new_grid to be (rows, columns)", got, advice)
    check_grid_range(call, pair, largest)
    rows, columns = (pair, pair) if pair.ndim == 0 else pair
    return rows, columns
