"""`resize_position_embedding`: a vision transformer's table of positions for another grid."""

from __future__ import annotations

import numbers
from collections.abc import Sequence

import jax
import jax.numpy as jnp
from jax.core import Tracer
from jax.typing import ArrayLike

from jaxup import kernels
from jaxup._dynamic import look_at
from jaxup._errors import message
from jaxup._functional import (
    Method,
    MethodName,
    as_array,
    axis_spec,
    check_dtype,
    check_options,
    method_rule,
    upsample,
)
from jaxup._geometry import checked_size, hashable, one_per_axis
from jaxup._resample import look_from_spec
from jaxup._symbolic import Step

_NAME = "jaxup.resize_position_embedding"


def resize_position_embedding(
    table: ArrayLike,
    grid: int | Sequence[int],
    new_grid: int | Sequence[int] | jax.Array | Sequence[jax.Array],
    *,
    prefix: int = 1,
    method: MethodName | kernels.Kernel = "bicubic",
    antialias: bool = True,
    align_corners: bool = False,
    offset: float = 0.0,
    max_grid: int | Sequence[int] | None = None,
) -> jax.Array:
    """Resample a table of learned positions from one grid of patches to another.

    The first ``prefix`` rows (class and register tokens) stay; the others are a picture of
    ``grid`` pixels, row by row, and resampled as `jaxup.upsample` does, in float32.

    Args:
      table: array of shape (..., prefix + h w, C): (1, prefix + h w, C) in most checkpoints.
      grid: (h, w), the patches per column and row that the table is for; one number for a square.
      new_grid: (h, w) wanted. With max_grid it may be traced, and under `jax.vmap` another one for
        every example.
      prefix: rows that have no place in the grid.
      method, antialias, align_corners: as in `jaxup.upsample`; the defaults are timm's.
      offset: added to the new grid in the scale, ``(new + offset) / old``, and only there.
      max_grid: (H, W), the largest new grid, where new_grid is traced; static.

    The checkpoints' own code, and what it is here:

    ================================================  ============================================
    timm ``resample_abs_pos_embed``                   the defaults
    DINOv2 with registers                             ``antialias=True``, ``offset=0``
    DINOv2 ``interpolate_offset=0.1``                 ``antialias=False``, ``offset=0.1``
    MAE ``interpolate_pos_embed``, DeiT, Hugging Face ``antialias=False``
    ================================================  ============================================

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
    table = as_array(_NAME, table)
    shape = table.shape
    rule = method_rule(_NAME, method, shape)
    check_options(_NAME, rule, method, align_corners, antialias, shape)
    check_dtype(_NAME, rule.kernel, method, table.dtype, shape)
    _check_offset(offset, align_corners, shape)
    old = _pair("grid", grid, shape)
    _check_rows(table, old, prefix)
    first, rest = table[..., :prefix, :], table[..., prefix:, :]
    rest = rest.reshape((*shape[:-2], *old, shape[-1]))
    if max_grid is None:
        new = _pair("new_grid", new_grid, shape)
        if offset:
            rest = _by_scale(rest, old, new, offset, method, antialias)
        else:
            rest = upsample(
                rest,
                size=new,
                method=method,
                axes=(-3, -2),
                align_corners=align_corners,
                antialias=antialias,
            )
    else:
        new = _pair("max_grid", max_grid, shape)
        rest = _up_to(rest, new_grid, new, rule, offset, align_corners, antialias)
    rest = rest.reshape((*shape[:-2], new[0] * new[1], shape[-1]))
    return jnp.concatenate([first, rest], axis=-2)


def _by_scale(x, old, new, offset, method, antialias):
    """DINOv2's way: the offset keeps ``int(old * scale)`` from falling below the new size."""
    scale = tuple((n + offset) / o for n, o in zip(new, old, strict=True))
    y = upsample(x, scale, method, axes=(-3, -2), antialias=antialias)
    if y.shape[-3:-1] != new:
        raise ValueError(
            message(
                _NAME,
                f"an offset with which int({old} * (new_grid + offset) / {old}) is new_grid={new}",
                f"offset={offset}, which gives {y.shape[-3:-1]}",
                x.shape,
                "Use an offset from 0 to below 1; 0.1 is DINOv2's.",
            )
        )
    return y


def _up_to(x, new_grid, largest, rule: Method, offset, align_corners, antialias):
    """The top left part of a grid as large as any."""
    axis, numbers = x.ndim - 3, _traced_pair(new_grid, x.shape)
    for n, (size, most) in enumerate(zip(numbers, largest, strict=True)):
        in_size = x.shape[axis + n]
        if align_corners:
            step = Step(in_size - 1, size - 1, single=True)
        else:
            step = Step(in_size, size + offset if offset else size, single=True)
        spec = axis_spec(
            rule,
            in_size,
            most,
            step,
            "float32",
            align_corners=align_corners,
            antialias=antialias,
        )
        x = look_at(x, axis + n, (look_from_spec(spec, x.dtype),))
        column = [1] * x.ndim
        column[axis + n] = most
        x = jnp.where((jnp.arange(most) < size).reshape(column), x, 0)
    return x


def _pair(option, value, shape) -> tuple[int, int]:
    """Rows and columns, each at least 1."""
    if isinstance(value, Tracer) or (
        isinstance(value, Sequence) and any(isinstance(n, Tracer) for n in value)
    ):
        advice = "Pass max_grid, the largest grid there will be." if option == "new_grid" else ""
        raise TypeError(
            message(
                _NAME,
                f"{option} to be known when the program is built",
                f"the traced value {value}",
                shape,
                advice or f"Make {option} static: it decides a shape.",
            )
        )
    value = hashable(_NAME, "size", value, shape)
    rows, columns = one_per_axis(_NAME, option, value, ("rows", "columns"), shape)
    return checked_size(_NAME, rows, shape), checked_size(_NAME, columns, shape)


def _traced_pair(new_grid, shape):
    """Rows and columns as integer scalars."""
    pair = jnp.asarray(new_grid)
    if not jnp.issubdtype(pair.dtype, jnp.integer):
        raise TypeError(
            message(
                _NAME,
                "new_grid in whole patches",
                f"dtype {pair.dtype}",
                shape,
                "Pass (rows, columns) as integers.",
            )
        )
    if pair.shape not in ((), (2,)):
        raise ValueError(
            message(
                _NAME,
                "new_grid to be (rows, columns)",
                f"an array of shape {pair.shape}",
                shape,
                "For one grid per example use jax.vmap.",
            )
        )
    return tuple(jnp.broadcast_to(pair, (2,)))


def _check_offset(offset, align_corners, shape):
    if isinstance(offset, bool) or not isinstance(offset, numbers.Real):
        raise TypeError(
            message(_NAME, "offset to be a real number", repr(offset), shape, "Pass 0.0 or 0.1.")
        )
    if not 0 <= float(offset) < 1 or (offset and align_corners):
        raise ValueError(
            message(
                _NAME,
                "an offset from 0 to below 1, and 0 with align_corners",
                f"offset={offset}, align_corners={align_corners}",
                shape,
                "Use 0.0, or 0.1 for DINOv2's first checkpoints.",
            )
        )


def _check_rows(table, grid, prefix):
    if isinstance(prefix, bool) or not isinstance(prefix, int):
        raise TypeError(
            message(_NAME, "prefix to be an int", repr(prefix), table.shape, "Pass 0, 1, …")
        )
    rows = prefix + grid[0] * grid[1]
    if table.ndim < 2 or prefix < 0 or table.shape[-2] != rows:
        raise ValueError(
            message(
                _NAME,
                f"a table of shape (..., {rows}, channels) for prefix={prefix} and grid={grid}",
                f"shape {table.shape}",
                table.shape,
                "Say how many tokens come before the grid with prefix=, and its rows and columns"
                " with grid=.",
            )
        )
