"""PyTorch's ``grid_sample`` and ``affine_grid``."""

# pyright: reportUnknownMemberType=false
from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any, Literal

import jax
import jax.numpy as jnp
import numpy as np
from jax.typing import ArrayLike

from jaxup import boundary, kernels
from jaxup._arguments.arrays import as_array
from jaxup._arguments.call import Call, quoted, shown
from jaxup._functions.sample import sampled
from jaxup._labels import labelled

GridMode = Literal["bilinear", "nearest", "bicubic"]
"""The modes of ``torch.nn.functional.grid_sample``."""

PaddingMode = Literal["zeros", "border", "reflection"]
"""What lies outside, for ``torch.nn.functional.grid_sample``."""

_SAMPLE, _GRID = "jaxup.compat.torch.grid_sample", "jaxup.compat.torch.affine_grid"
_KERNELS: dict[str, kernels.AnyKernel] = {
    "bilinear": kernels.linear,
    "nearest": kernels.Nearest("round_prefer_floor"),
    "bicubic": kernels.cubic(-0.75),
}
_PADDINGS = ("zeros", "border", "reflection")


def grid_sample(
    input: ArrayLike,  # noqa: A002 (PyTorch's name)
    grid: ArrayLike,
    mode: GridMode = "bilinear",
    padding_mode: PaddingMode = "zeros",
    align_corners: bool | None = None,
) -> jax.Array:
    """Interpolate pictures or volumes at points, as ``torch.nn.functional.grid_sample`` does.

    ``y[n, :, p] = sum_k w(k - c[n, p]) input[n, :, k]``, where a coordinate g of the grid lies at
    pixel ``c = ((g + 1) size - 1) / 2``, or ``c = (g + 1) / 2 (size - 1)`` with align_corners.

    Args:
      input: float array of shape (batch, channels, height, width) or (batch, channels, depth,
        height, width).
      grid: float array of shape (batch, rows, columns, 2), or (batch, planes, rows, columns, 3):
        for every output pixel x, then y, then z. -1 and 1 are the picture's outer edges, or with
        align_corners the centres of its corner pixels. May be traced and learned.
      mode: ``"bilinear"`` (of volumes: trilinear), ``"nearest"``, whose gradient in the grid is 0,
        or ``"bicubic"``, for pictures.
      padding_mode: what lies outside: ``"zeros"``, ``"border"`` (the nearest pixel), or
        ``"reflection"`` about the outer edges, or with align_corners the outermost centres.
      align_corners: None (default) means False.

    Returns:
      Array of shape (batch, channels, rows, columns), or with planes before the rows, and of the
      input's dtype. As in PyTorch, a coordinate that is not finite gives NaN, but 0 with nearest
      and zeros; where bilinear and nearest have a border or reflection, NaN is the first pixel.

    Raises:
      ValueError: for an unknown mode or padding_mode, shapes that do not fit together, or no
        pixels; also where PyTorch raises RuntimeError.
      TypeError: for arrays that are not floats, or an align_corners of another type.
      NotImplementedError: for bicubic of volumes.

    Example:
      >>> import jax.numpy as jnp
      >>> from jaxup.compat.torch import grid_sample
      >>> x = jnp.array([[[[0.0, 1.0], [10.0, 11.0]]]])
      >>> grid = jnp.array([[[[0.0, 0.0], [-0.5, 0.0], [0.5, 1.0]]]])
      >>> grid_sample(x, grid, align_corners=False)
      Array([[[[5.5, 5. , 5.5]]]], dtype=float32)

    Source: PyTorch 2.13, ``torch/nn/functional.py`` and ``aten/src/ATen/native/GridSampler.h``.
    """
    x = as_array(_SAMPLE, input, "input")
    points = as_array(_SAMPLE, grid, "grid")
    call = Call(_SAMPLE, x.shape)
    _check_names(call, mode, padding_mode, align_corners)
    _check_arrays(call, x, points, mode)
    return _compiled(
        x,
        points,
        mode=mode,
        padding_mode=padding_mode,
        corners=bool(align_corners),
        label=call.label(mode),
    )


def _sampled(
    x: jax.Array, points: jax.Array, *, mode: str, padding_mode: str, corners: bool
) -> jax.Array:
    """Return what `grid_sample` does, for checked arguments."""
    sizes = x.shape[2:]
    positions = [_position(points[..., -1 - n], size, corners) for n, size in enumerate(sizes)]
    if mode != "bicubic" and padding_mode == "border":
        positions = list(map(_clipped, positions, sizes))
    elif mode != "bicubic" and padding_mode == "reflection":
        positions = [
            _reflected(each, size, corners) for each, size in zip(positions, sizes, strict=True)
        ]
    finite = [jnp.isfinite(each) for each in positions]
    positions = [jnp.where(there, each, 0) for there, each in zip(finite, positions, strict=True)]
    if mode == "nearest":
        positions = list(map(jnp.round, positions))
    beyond = {
        "zeros": boundary.constant,
        "border": boundary.edge,
        "reflection": boundary.mirror if corners else boundary.reflect,
    }[padding_mode]
    spatial = tuple(range(1, 1 + len(sizes)))

    def one(x: jax.Array, positions: Sequence[jax.Array]) -> jax.Array:
        return sampled(x, positions, None, spatial, _KERNELS[mode], beyond)

    y, there = jax.vmap(one)(x, positions), functools.reduce(jnp.logical_and, finite)
    return jnp.where(there[:, None], y, np.asarray(0 if mode == "nearest" else np.nan, y.dtype))


_compiled: Any = jax.jit(
    labelled(_sampled), static_argnames=("mode", "padding_mode", "corners", "label"), inline=True
)


def affine_grid(
    theta: ArrayLike, size: Sequence[int], align_corners: bool | None = None
) -> jax.Array:
    """Return the grid of an affine map, as ``torch.nn.functional.affine_grid`` does.

    ``grid[n, i, j] = theta[n] (x_j, y_i, 1)``, where ``x_j = (2 j + 1) / width - 1``, or
    ``x_j = 2 j / (width - 1) - 1`` with align_corners, and 0 for one pixel; y and z likewise.

    Args:
      theta: float array of shape (batch, 2, 3) for pictures, or (batch, 3, 4) for volumes. May be
        traced and learned.
      size: of the output: (batch, channels, height, width), or (batch, channels, depth, height,
        width).
      align_corners: as in `grid_sample`.

    Returns:
      Array of theta's dtype, of shape (batch, height, width, 2), or for volumes
      (batch, depth, height, width, 3).

    Raises:
      ValueError: for shapes that do not fit together, or sizes below 1.
      TypeError: for a theta that is not an array of floats, or sizes that are not integers.

    Example:
      >>> import jax.numpy as jnp
      >>> from jaxup.compat.torch import affine_grid
      >>> flip = jnp.array([[[-1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]])
      >>> affine_grid(flip, (1, 3, 1, 2), align_corners=False)[0, 0, :, 0]
      Array([ 0.5, -0.5], dtype=float32)

    Source: PyTorch 2.13, ``aten/src/ATen/native/AffineGridGenerator.cpp``.
    """
    matrices = as_array(_GRID, theta, "theta")
    call = Call(_GRID, matrices.shape)
    _check_corners(call, align_corners)
    spatial = _checked_size(call, matrices, size)
    return _grid(matrices, spatial=spatial, corners=bool(align_corners))


@functools.partial(jax.jit, static_argnames=("spatial", "corners"), inline=True)
@jax.named_scope(_GRID)
def _grid(matrices: jax.Array, *, spatial: tuple[int, ...], corners: bool) -> jax.Array:
    axes = [_centres(n, corners, matrices.dtype) for n in reversed(spatial)]
    x_first = [each.T for each in jnp.meshgrid(*axes, indexing="ij")]
    base = jnp.stack([*x_first, jnp.ones_like(x_first[0])], -1)
    return jnp.einsum("...j,nij->n...i", base, matrices, precision="highest")


def _position(coordinate: jax.Array, size: int, corners: bool) -> jax.Array:
    return (coordinate + 1) / 2 * (size - 1) if corners else ((coordinate + 1) * size - 1) / 2


def _clipped(position: jax.Array, size: int) -> jax.Array:
    """Return the position moved into the picture; its derivative is 0 on the border too.

    NaN goes to the first pixel.
    """
    position = jnp.where(position > 0, position, 0)
    return jnp.where(position >= size - 1, size - 1, position)


def _reflected(position: jax.Array, size: int, corners: bool) -> jax.Array:
    """Return the position mirrored about the ends until it lies between them.

    NaN and infinity go to the first pixel.
    """
    position = jnp.where(jnp.isfinite(position), position, 0)
    low, span = (0.0, size - 1) if corners else (-0.5, size)
    if span == 0:
        return jnp.zeros_like(position)
    beyond = jnp.where(position < low, low - position, position - low)
    turns = jnp.floor(beyond / span)
    there = beyond - turns * span
    return _clipped(jnp.where(turns % 2 == 0, there, span - there) + low, size)


def _centres(size: int, corners: bool, dtype: Any) -> jax.Array:
    if size == 1:
        return jnp.zeros(1, dtype)
    ends = jnp.linspace(-1, 1, size, dtype=dtype)
    return ends if corners else ends * (size - 1) / size


def _check_names(call: Call, mode: Any, padding_mode: Any, align_corners: Any) -> None:
    call.check_name("mode", mode, tuple(_KERNELS))
    call.check_name("padding_mode", padding_mode, _PADDINGS)
    _check_corners(call, align_corners)


def _check_corners(call: Call, align_corners: Any) -> None:
    if align_corners is not None:
        call.check_bools(align_corners=align_corners)


def _check_floats(call: Call, **arrays: jax.Array) -> None:
    for name, array in arrays.items():
        if not jnp.issubdtype(array.dtype, jnp.floating):
            advice = "Convert it: jnp.asarray(..., jnp.float32)."
            raise call.type_error(f"{name} to be an array of floats", array.dtype, advice)


def _check_arrays(call: Call, x: jax.Array, grid: jax.Array, mode: str) -> None:
    _check_floats(call, input=x, grid=grid)
    if x.ndim not in (4, 5):
        rule = "input of shape (batch, channels, height, width) or with depth before height"
        raise call.value_error(rule, f"{x.ndim} axes", "Add the axes that are missing.")
    if mode == "bicubic" and x.ndim == 5:
        text = call.message("mode 'bilinear' or 'nearest' for a volume", repr(mode), "")
        raise NotImplementedError(text.rstrip())
    if grid.ndim != x.ndim or grid.shape[-1] != x.ndim - 2 or grid.shape[0] != x.shape[0]:
        between = ", ".join(["planes"] * (x.ndim - 4) + ["rows", "columns"])
        rule = f"grid of shape ({x.shape[0]}, {between}, {x.ndim - 2})"
        advice = f"Its last axis holds {', '.join('xyz'[: x.ndim - 2])} of each point."
        raise call.value_error(rule, f"shape {grid.shape}", advice)
    if 0 in x.shape[2:]:
        raise call.value_error("input with pixels", f"sizes {x.shape[2:]}", "There is no value.")


def _checked_size(call: Call, theta: jax.Array, size: Any) -> tuple[int, ...]:
    """Return the spatial sizes."""
    _check_floats(call, theta=theta)
    rank = theta.shape[-2] if theta.ndim == 3 else 0
    if theta.shape[1:] not in ((2, 3), (3, 4)):
        advice = "Pass one 2x3 matrix per picture, or one 3x4 matrix per volume."
        raise call.value_error("theta of shape (batch, 2, 3) or (batch, 3, 4)", theta.shape, advice)
    names = f"batch, channels, {'depth, ' * (rank == 3)}height, width"
    advice = f"Pass ({names})."
    if not isinstance(size, Sequence) or isinstance(size, str):
        raise call.type_error("size to be a tuple of integers", quoted(size), advice)
    sizes = tuple(call.integer("size to hold integers", each, advice) for each in size)
    if len(sizes) != rank + 2 or min(sizes, default=0) < 1 or sizes[0] != theta.shape[0]:
        rule = f"size of {rank + 2} numbers from 1 on, the first of them {theta.shape[0]}"
        raise call.value_error(rule, f"({', '.join(map(shown, sizes))})", advice)
    return sizes[2:]
