"""`scale_and_translate`: a resample whose scale and translation may be traced and learned."""

from __future__ import annotations

import math
import numbers
from collections.abc import Sequence

import jax
import jax.numpy as jnp
import numpy as np
from jax.core import Tracer
from jax.typing import ArrayLike

from jaxup import boundary as boundaries
from jaxup import coordinates, kernels
from jaxup._dynamic import Look, bounded, filled, geometry_dtype, look_at, split_splines
from jaxup._errors import message
from jaxup._functional import as_array, check_dtype
from jaxup._geometry import DataFormat, checked_size, hashable, one_per_axis, spatial_axes
from jaxup._resize_options import MethodName, check_area, check_fill_value, kernel_of

_NAME = "jaxup.scale_and_translate"
_SMALLEST_SCALE = 1e-12
"""Nearer to 0 than this, a scale counts as this: 1 / scale**2 is still a float32."""


def scale_and_translate(
    x: ArrayLike,
    size: int | Sequence[int],
    scale: ArrayLike | Sequence[ArrayLike] | None,
    translation: ArrayLike | Sequence[ArrayLike] = 0.0,
    method: MethodName | kernels.Kernel | kernels.Nearest | kernels.Area = "linear",
    *,
    axes: int | Sequence[int] | None = None,
    data_format: DataFormat = "channels_last",
    boundary: boundaries.BoundaryName | boundaries.Boundary = "renormalize",
    fill_value: complex | jax.Array | None = None,
    antialias: bool = True,
    max_shrink: float | None = None,
    align_corners: bool = False,
) -> jax.Array:
    """Resample with a scale and a translation that may be traced, learned, and differ per example.

    Along each spatial axis output ``i`` samples the source coordinate

        c(i) = (i + 1/2 - translation) / scale - 1/2        (pixel k is centred at k)
        c(i) = (i - translation) / scale                    with align_corners

    so that the picture is first scaled and then moved by ``translation`` output pixels. Under
    `jax.vmap` every example has its own. With its defaults this is
    `jax.image.scale_and_translate`, without its weight matrix: the memory is that of the output.

    Args:
      x: array of shape (..., spatial axes, channels), or (..., channels, spatial axes) with
        ``data_format="channels_first"``.
      size: output pixels, one number or one per spatial axis; static.
      scale: output pixels per input pixel, one number or one per spatial axis; may be traced. A
        negative scale flips. None fits the picture to the output: ``out / in``, or with
        align_corners ``(out - 1) / (in - 1)``, where a single output or input pixel is the first.
      translation: output pixels by which the scaled picture moves, one number or one per spatial
        axis; may be traced.
      method: a name or kernel, as in `jaxup.resize`. ``"nearest"``, the pixel under the sample,
        has a gradient of zero with respect to scale and translation.
      axes: the spatial axes; by default those between batch and channels, as in `jaxup.upsample`.
      data_format: ``"channels_last"`` or ``"channels_first"``.
      boundary: what lies outside the picture: ``"renormalize"`` (taps outside are dropped, and an
        output whose sample lies outside the picture's outer edges is 0), ``"edge"``,
        ``"reflect"``, ``"mirror"``, ``"wrap"``, ``"constant"``, or a function from
        `jaxup.boundary`.
      fill_value: what lies outside with ``boundary="constant"``; 0 by default.
      antialias: widen the kernel by the factor of a shrink. Nearest and area stay as they are.
      max_shrink: the greatest shrink, 1 / scale, for which an antialiased kernel is widened; a
        number of at least 1. It bounds the taps, and with them the time. Without it a traced
        scale may be anything: a loop reads as many taps as some output needs. Boundaries other
        than renormalize then ask for it. A known scale needs none.
      align_corners: let coordinates count from the centres of the first pixels, rather than from
        the picture's outer edges.

    Returns:
      Array of x's dtype, with the spatial axes resampled; differentiable in x, scale and
      translation. Finite numbers give no NaN, in values and derivatives: a scale nearer to 0 than
      1e-12 counts as 1e-12.

    Raises:
      ValueError: for arguments out of range or that do not fit together.
      TypeError: for arguments of the wrong type.

    Example:
      >>> import jax, jax.numpy as jnp, jaxup
      >>> x = jnp.array([1.0, 2.0, 4.0])
      >>> jaxup.scale_and_translate(x, 3, scale=1.0, translation=0.5, axes=0, boundary="edge")
      Array([1. , 1.5, 3. ], dtype=float32)
      >>> def shifted(t):
      ...     return jaxup.scale_and_translate(x, 3, 1.0, t, axes=0, boundary="edge")
      >>> jax.jacfwd(shifted)(0.5)
      Array([ 0., -1., -2.], dtype=float32)

    Source: ``jax.image.scale_and_translate`` for the meaning of the arguments.
    """
    x = as_array(_NAME, x)
    check_fill_value(_NAME, fill_value, boundary, None, x)
    kernel, counted = kernel_of(_NAME, method, None, x.shape)
    _check_bools(x.shape, antialias=antialias, align_corners=align_corners)
    check_area(_NAME, align_corners and isinstance(kernel, kernels.Area), "align_corners", x.shape)
    _check_shrink(max_shrink, x.shape)
    size = hashable(_NAME, "size", size, x.shape)
    reason = f" for method {method!r}"
    if counted is None and isinstance(size, tuple):
        counted, reason = len(size), f" for size={size}"
    axes = spatial_axes(
        _NAME,
        x.ndim,
        x.shape,
        axes=hashable(_NAME, "axes", axes, x.shape),
        data_format=data_format,
        count=counted,
        reason=reason,
    )
    sizes = one_per_axis(_NAME, "size", size, axes, x.shape)
    sizes = [checked_size(_NAME, n, x.shape) for n in sizes]
    if any(x.shape[axis] == 0 for axis in axes):
        raise ValueError(
            message(
                _NAME,
                "spatial axes of at least 1 pixel",
                f"sizes {tuple(x.shape[axis] for axis in axes)}",
                x.shape,
                "There is nothing to resample: check the input.",
            )
        )
    check_dtype(_NAME, kernel, method, x.dtype, x.shape)
    scales = (None,) * len(axes) if scale is None else _numbers("scale", scale, axes, x.shape)
    translations = _numbers("translation", translation, axes, x.shape)
    beyond = boundaries.named(_NAME, boundary, x.shape)
    widens = isinstance(kernel, kernels.Area) or (antialias and isinstance(kernel, kernels.Kernel))
    y, covered = x, jnp.ones((1,) * x.ndim, jnp.promote_types(x.real.dtype, jnp.float32))
    for axis, out_size, s, t in zip(axes, sizes, scales, translations, strict=True):
        look = _look(x, axis, out_size, s, t, kernel, beyond, widens, max_shrink, align_corners)
        y = _looked_at(y, axis, look, widens)
        if fill_value is not None:
            column = jnp.ones((x.shape[axis],) + (1,) * (x.ndim - 1 - axis), covered.dtype)
            covered = covered * _looked_at(column, 0, look, widens)
    return y if fill_value is None else filled(y, covered, fill_value)


def _looked_at(x, axis, look, widens):
    dtype = x.dtype
    if widens:  # a spline that widens when it antialiases is the whole cardinal spline
        return look_at(x, axis, (look,))
    return look_at(*split_splines(x, axis, (look,))).astype(dtype)


def _numbers(option, value, axes, shape) -> tuple:
    """One real number per axis, traced or not."""
    entries = list(value) if isinstance(value, list | tuple) else value
    try:
        arrays = [jnp.asarray(v) for v in entries] if isinstance(entries, list) else None
        array = jnp.asarray(value) if arrays is None else jnp.stack(jnp.broadcast_arrays(*arrays))
    except (TypeError, ValueError) as error:
        raise TypeError(
            message(
                _NAME,
                f"{option} to be a real number, or one per axis",
                f"{type(value).__name__} {value!r}",
                shape,
                "Pass a float, a traced scalar, or a sequence of them.",
            )
        ) from error
    if array.dtype == jnp.bool_ or jnp.issubdtype(array.dtype, jnp.complexfloating):
        raise TypeError(
            message(
                _NAME,
                f"{option} to be a real number, or one per axis",
                f"dtype {array.dtype}",
                shape,
                "Pass a float, a traced scalar, or a sequence of them.",
            )
        )
    if array.ndim > 1 or (array.ndim == 1 and len(array) != len(axes)):
        raise ValueError(
            message(
                _NAME,
                f"one {option}, or {len(axes)} (one per spatial axis)",
                f"an array of shape {array.shape}",
                shape,
                f"The spatial axes are {axes}; for one {option} per example use jax.vmap.",
            )
        )
    if not isinstance(array, Tracer) and not np.isfinite(np.asarray(array, np.float64)).all():
        raise ValueError(
            message(_NAME, f"a finite {option}", f"{option}={value}", shape, "Pass real numbers.")
        )
    return tuple(array) if array.ndim else (array,) * len(axes)


def _look(
    x, axis, out_size, scale, translation, kernel, beyond, widens, max_shrink, aligned
) -> Look:
    """Where the outputs along an axis look."""
    in_size, dtype = x.shape[axis], geometry_dtype(x.dtype, scale, translation)
    convention = coordinates.align_corners if aligned else coordinates.half_pixel
    if scale is None:
        fitted = (
            coordinates.align_corners_step(in_size, out_size) if aligned else in_size / out_size
        )
        step, shrink = fitted, fitted
    else:
        scale = scale.astype(dtype)
        step = 1 / jnp.where(abs(scale) < _SMALLEST_SCALE, _SMALLEST_SCALE, scale)
        shrink = None if isinstance(scale, Tracer) else float(abs(step))
    index = jnp.arange(out_size, dtype=dtype) - translation.astype(dtype)
    coordinate = bounded(convention(index, in_size, out_size, step))
    if not widens:
        return Look(coordinate, kernel, beyond, in_size, kernel.taps(1.0))
    least = 0.0 if isinstance(kernel, kernels.Area) else 1.0
    known = max_shrink if shrink is None else max(shrink, 1.0)
    if known is not None:
        taps = kernel.taps(known)
    elif beyond is boundaries.renormalize:
        taps, known = in_size, math.inf
    else:
        raise ValueError(
            message(
                _NAME,
                f"max_shrink with boundary={beyond.__name__!r}, antialias and a traced scale",
                "max_shrink=None",
                x.shape,
                "Pass the greatest 1 / scale there will be, antialias=False, or"
                " boundary='renormalize'.",
            )
        )
    stretch = jnp.clip(abs(jnp.asarray(step, dtype)), least, known)
    return Look(coordinate, kernel, beyond, in_size, taps, stretch)


def _check_shrink(max_shrink, shape):
    if max_shrink is None:
        return
    if isinstance(max_shrink, bool) or not isinstance(max_shrink, numbers.Real):
        raise TypeError(
            message(
                _NAME,
                "max_shrink to be a number known when the program is built",
                f"{type(max_shrink).__name__} {max_shrink!r}",
                shape,
                "Pass a float of at least 1, or None.",
            )
        )
    if not 1 <= float(max_shrink) < math.inf:
        raise ValueError(
            message(
                _NAME,
                "a finite max_shrink of at least 1",
                f"max_shrink={max_shrink}",
                shape,
                "It is the greatest 1 / scale; pass 1 if nothing shrinks.",
            )
        )


def _check_bools(shape, **options):
    for option, value in options.items():
        if not isinstance(value, bool | np.bool_):
            raise TypeError(
                message(_NAME, f"{option} to be a bool", repr(value), shape, "Pass True or False.")
            )
