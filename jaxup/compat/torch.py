"""PyTorch's functions that resample, argument for argument; PyTorch is not needed."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax.typing import ArrayLike

from jaxup._arguments.arrays import as_array, through_cache
from jaxup._arguments.call import Call, quoted, shown
from jaxup._arguments.sizes import Geometry
from jaxup._arguments.torch_methods import METHODS, resample_of
from jaxup._recipe.recipe import Resample
from jaxup._run import run
from jaxup.compat import _torch_arguments as arguments
from jaxup.compat._torch_grid import GridMode, PaddingMode, affine_grid, grid_sample
from jaxup.compat._torch_uint8 import resample_uint8

__all__ = [
    "GridMode",
    "ModeName",
    "PaddingMode",
    "Upsample",
    "affine_grid",
    "grid_sample",
    "interpolate",
]

ModeName = Literal[
    "nearest", "nearest-exact", "linear", "bilinear", "trilinear", "bicubic", "area", "lanczos"
]
"""The modes of ``torch.nn.functional.interpolate``."""

_TYPED = (("x", "input"), ("scale", "scale_factor"), ("method", "mode"))
_CALL = Call("jaxup.compat.torch.interpolate", (), _TYPED)


def interpolate(
    input: ArrayLike,  # noqa: A002 (PyTorch's name)
    size: int | Sequence[int] | None = None,
    scale_factor: float | Sequence[float] | None = None,
    mode: ModeName = "nearest",
    align_corners: bool | None = None,
    recompute_scale_factor: bool | None = None,
    antialias: bool = False,
) -> jax.Array:
    """Resample the spatial axes as ``torch.nn.functional.interpolate`` does on a CPU.

    Each axis is a banded linear map ``y[i] = sum_k w(k - c(i)) x[k]`` with source coordinate
    ``c(i) = (i + 1/2) / scale - 1/2``, or ``i (in - 1) / (out - 1)`` with align_corners.

    Args:
      input: array of shape (batch, channels, width), (batch, channels, height, width) or
        (batch, channels, depth, height, width).
      size: output pixels, one int, or a tuple or list with one per spatial axis. Exactly one of
        size and scale_factor.
      scale_factor: output pixels per input pixel, one number, or a tuple or list with one per
        spatial axis. The output has ``int(in * scale_factor)`` pixels.
      mode: ``"nearest"`` (default), ``"nearest-exact"`` and ``"area"`` for every rank;
        ``"linear"`` for 3-D, ``"bilinear"``, ``"bicubic"`` and ``"lanczos"`` (only antialiased)
        for 4-D, ``"trilinear"`` for 5-D input.
      align_corners: map the centres of the corner pixels onto each other. None (default) means
        False; with nearest, nearest-exact and area not even False may be given.
      recompute_scale_factor: take the coordinates from ``in / out`` rather than from the scale
        given. Area always does.
      antialias: widen the kernel by the factor of a shrink. For bilinear, bicubic (whose kernel
        then has a = -0.5 in place of -0.75) and lanczos.

    Returns:
      Array of the input's dtype. float16 and bfloat16 accumulate in float32. uint8 with bilinear,
      bicubic and lanczos is computed in PyTorch's integer arithmetic, and has no gradient.

    Raises:
      ValueError: for values out of range or that do not fit together; also where PyTorch raises
        RuntimeError (no pixels, no channels, a scale that is not finite).
      TypeError: for a size, scale_factor or align_corners of another type, or a traced one.
      NotImplementedError: for an unknown mode, or a rank or dtype that the mode does not take.

    Nearest and nearest-exact follow the code that PyTorch runs for channels-last and small 4-D
    inputs, and on CUDA. For others it has a second path, which picks other pixels where a
    fractional scale_factor keeps or doubles the size; see docs/coming-from-pytorch.md.

    Example:
      >>> import jax.numpy as jnp
      >>> from jaxup.compat.torch import interpolate
      >>> interpolate(jnp.array([[[1.0, 3.0]]]), scale_factor=2, mode="linear")
      Array([[[1. , 1.5, 2.5, 3. ]]], dtype=float32)
      >>> interpolate(jnp.zeros((8, 3, 32, 32)), size=(48, 64), mode="bicubic").shape
      (8, 3, 48, 64)

    Source: PyTorch 2.13, ``torch/nn/functional.py`` and ``aten/src/ATen/native/UpSample.h``.
    """
    x = input if isinstance(input, jax.Array) else as_array(_CALL.function, input, "input")
    options = mode, align_corners, recompute_scale_factor, antialias
    plan = through_cache(_plan, _CALL, x, (size, scale_factor), *options)
    if 0 in plan.out_sizes:
        return jnp.zeros((*x.shape[:2], *plan.out_sizes), x.dtype)
    return resample_uint8(x, plan.resample) if plan.integer else run(x, plan.resample)


class _Plan(NamedTuple):
    """The output's spatial sizes, the resample, and whether it is computed in integers."""

    out_sizes: tuple[int, ...]
    resample: Resample
    integer: bool


def _plan(
    call: Call,
    dtype: Any,
    size: Any,
    scale_factor: Any,
    mode: Any,
    align_corners: Any,
    recompute_scale_factor: Any,
    antialias: Any,
) -> _Plan:
    arguments.check_all_static(
        call,
        size=size,
        scale_factor=scale_factor,
        align_corners=align_corners,
        recompute_scale_factor=recompute_scale_factor,
        antialias=antialias,
    )
    given = {"antialias": antialias}
    if size is None:  # else it is refused with the size
        given["recompute_scale_factor"] = recompute_scale_factor
    call.check_flags(**{name: value for name, value in given.items() if value is not None})
    antialias = bool(antialias)
    arguments.check_align_corners_allowed(call, mode, align_corners)
    out_sizes, scales = arguments.target(call, size, scale_factor, recompute_scale_factor, mode)
    checked = arguments.checked_mode(call, mode, align_corners, antialias)
    arguments.check_sizes(call, out_sizes, mode, "scale_factor" if size is None else "size")
    arguments.check_dtype(call, dtype, checked, antialias, mode)
    if 0 in out_sizes:
        return _Plan(out_sizes, Resample((), (), call.function), False)
    rule, integer = METHODS[checked.method], dtype == jnp.uint8 and checked.antialiases
    if integer:  # weights in float64, and an axis that stays is not rounded again
        dtype, rule = np.float64, dataclasses.replace(rule, identity_if_same_size=True)
    axes = tuple(range(2, len(call.shape)))
    geometry = Geometry(axes, call.shape[2:], out_sizes, scales)
    rule = rule.with_options(bool(align_corners), antialias)
    resample = resample_of(call, rule, geometry, dtype, mode)
    return _Plan(out_sizes, resample, integer)


@jax.tree_util.register_static
@dataclasses.dataclass(frozen=True, repr=False)
class Upsample:
    """`interpolate` with its options fixed, as ``torch.nn.Upsample``: a layer without parameters.

    Args:
      size, scale_factor, mode, align_corners, recompute_scale_factor: as in `interpolate`, which
        checks them when the layer is called. The scale is kept as a float or a tuple of floats.

    Raises:
      TypeError: for a scale_factor that is neither a number nor a tuple of numbers.

    It is hashable, and a static node of pytrees, so that it may sit among a model's parameters.

    Example:
      >>> import jax.numpy as jnp
      >>> from jaxup.compat.torch import Upsample
      >>> layer = Upsample(scale_factor=2, mode="bilinear", align_corners=True)
      >>> layer
      Upsample(scale_factor=2.0, mode='bilinear', align_corners=True)
      >>> layer(jnp.zeros((8, 3, 32, 32))).shape
      (8, 3, 64, 64)

    Source: PyTorch 2.13, ``torch/nn/modules/upsampling.py``.
    """

    size: int | tuple[int, ...] | None = None
    scale_factor: float | tuple[float, ...] | None = None
    mode: ModeName = "nearest"
    align_corners: bool | None = None
    recompute_scale_factor: bool | None = None

    def __post_init__(self) -> None:
        scale = self.scale_factor
        if isinstance(scale, tuple):
            scale = tuple(map(_factor, scale))
        elif scale is not None:
            scale = _factor(scale)
        size = tuple(self.size) if isinstance(self.size, list) else self.size
        object.__setattr__(self, "scale_factor", scale)
        object.__setattr__(self, "size", size)

    def __call__(self, input: ArrayLike) -> jax.Array:  # noqa: A002
        return interpolate(input, **vars(self))

    def __repr__(self) -> str:
        shown = (f"{k}={v!r}" for k, v in vars(self).items() if v is not None)
        return f"Upsample({', '.join(shown)})"


def _factor(scale: Any) -> float:
    advice = "Pass floats."
    if not isinstance(scale, int | float | np.integer | np.floating | np.bool_):
        raise TypeError(
            "jaxup.compat.torch.Upsample: expected scale_factor to be a number or a tuple of"
            f" numbers, got {type(scale).__name__} {quoted(scale)}. {advice}"
        )
    try:
        return float(scale)
    except OverflowError:
        raise ValueError(
            "jaxup.compat.torch.Upsample: expected scale_factor to be a number that a float can"
            f" hold, got {shown(scale)}. {advice}"
        ) from None
