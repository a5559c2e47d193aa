"""`resize`: coordinates, kernel and boundary chosen one by one."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Literal

import jax
import jax.numpy as jnp
import numpy as np
from jax.typing import ArrayLike

from jaxup import boundary as boundaries
from jaxup import kernels
from jaxup._dynamic import filled
from jaxup._functional import as_array, check_dtype, through_cache
from jaxup._geometry import DataFormat, hashable, one_per_axis
from jaxup._operator import AxisSpec, Banded
from jaxup._prefilter import split
from jaxup._resample import resample_any
from jaxup._resize_geometry import check_known, conventions_and_steps, sizes_and_scales
from jaxup._resize_options import (
    CoordinatesName,
    MethodName,
    check_area,
    check_fill_value,
    check_options,
    kernel_of,
    one_or_tuple,
    pairs,
)
from jaxup._symbolic import at_least_1, is_symbolic
from jaxup.boundary import Boundary, BoundaryName
from jaxup.coordinates import Convention, Within

_NAME = "jaxup.resize"


def resize(
    x: ArrayLike,
    size: int | Sequence[int] | None = None,
    method: MethodName | kernels.Kernel | kernels.Nearest | kernels.Area = "cubic",
    *,
    scale: float | Sequence[float] | None = None,
    axes: int | Sequence[int] | None = None,
    data_format: DataFormat = "channels_last",
    coordinates: CoordinatesName
    | Convention
    | Sequence[CoordinatesName | Convention] = "half_pixel",
    rounding: kernels.Rounding | None = None,
    boundary: BoundaryName | Boundary | Sequence[BoundaryName | Boundary] = "renormalize",
    fill_value: complex | jax.Array | None = None,
    fill_beyond: Literal["centers", "edges"] | None = None,
    antialias: bool = True,
    box: Sequence[Sequence[float]] | Sequence[float] | None = None,
    roi: Sequence[Sequence[float]] | Sequence[float] | None = None,
    keep_aspect: Literal["stretch", "not_larger", "not_smaller"] = "stretch",
    precision: Literal["float64", "float32"] = "float64",
) -> jax.Array:
    """Resample the spatial axes of an array by rules chosen one by one.

    Each axis is ``y[i] = sum_k w(k - c(i)) x[k] / sum_k w(k - c(i))``: the coordinates say where
    output ``i`` looks (``c``), the method how much pixel ``k`` counts (``w``), the boundary what
    pixel ``k`` is when it lies outside. With ``step = 1 / scale``, or ``in / out`` without a scale:

    ======================  ======================================================================
    coordinates             ``c(i)``
    ======================  ======================================================================
    half_pixel              ``(i + 1/2) step - 1/2``
    half_pixel_symmetric    the same ``+ (in - out step) / 2``: centred, whatever the scale
    pytorch_half_pixel      half_pixel, and 0 for a single output
    asymmetric              ``i step``
    align_corners           ``i (in - 1) / (out - 1)``, and 0 for a single output
    crop_and_resize         align_corners on the region ``roi``, the middle for a single output
    ======================  ======================================================================

    Args:
      x: array of any rank; which axes are spatial is said by axes, or as in `jaxup.upsample`.
      size: output pixels, one number or one per spatial axis.
      method: ``"nearest"``, ``"linear"`` (``"bilinear"``, ``"trilinear"``), ``"cubic"``
        (``"bicubic"``; a = -0.5), ``"mitchell"``, ``"lanczos2"`` to ``"lanczos5"``,
        ``"gaussian"``, ``"hamming"``, ``"box"``, ``"area"`` (pixels count by the part of them
        that the output covers), ``"bspline2"`` to ``"bspline5"``; or a kernel from
        `jaxup.kernels`, where other parameters are, or of your own.
      scale: output pixels per input pixel, one number or one per spatial axis. Alone it decides
        the size, ``int(in * scale)``; beside a size it decides the coordinates.
      axes: the spatial axes, in the order of the sizes.
      data_format: ``"channels_last"`` or ``"channels_first"``, for default axes.
      coordinates: a name above, a function as in `jaxup.coordinates`, or one per axis.
      rounding: for nearest, ``"round_prefer_ceil"`` (default), ``"round_prefer_floor"``,
        ``"floor"`` or ``"ceil"``. Coordinates within 1e-9 pixels of a tie are ties.
      boundary: ``"renormalize"`` (pixels outside do not exist), ``"edge"`` (a a|a b c|c c),
        ``"reflect"`` (b a|a b c|c b), ``"mirror"`` (c b|a b c|b a), ``"wrap"`` (b c|a b c|a b),
        ``"constant"`` (pixels outside are fill_value), a function as in `jaxup.boundary`, or one
        per axis.
      fill_value: the number that stands for what is outside; 0 by default.
      fill_beyond: give fill_value to outputs that look outside the outermost ``"centers"`` or the
        outer ``"edges"`` of the picture, whatever the boundary.
      antialias: widen the kernel by the factor of a shrink. Nearest and area stay as they are.
      box: the part of the picture to resample, a ``(low, high)`` pair per spatial axis, in pixels
        from the picture's edge, fractions allowed. Pixels around it are still read.
      roi: for crop_and_resize, a ``(start, end)`` pair per spatial axis: 0 is the first pixel's
        centre, 1 the last one's. It may reach outside; ``end < start`` flips.
      keep_aspect: with size, use one scale for all axes: the largest whose output is
        ``"not_larger"`` than size, or the smallest whose output is ``"not_smaller"``. Sizes round
        to nearest. ``"stretch"`` does neither.
      precision: of the coordinates. Frameworks that compute them in float32 move them by up to
        3e-5 pixels at pixel 500.

    Returns:
      Array of x's dtype, with the spatial axes resampled. float16 and bfloat16 accumulate in
      float32.

    Raises:
      ValueError: for arguments out of range or that do not fit together.
      TypeError: for arguments of the wrong type, a traced size, scale, box or roi, and integers
        or bools with any method but nearest.

    Example:
      >>> import jax.numpy as jnp, jaxup
      >>> jaxup.resize(jnp.array([0.0, 4.0, 8.0]), 5, "linear", axes=0, coordinates="align_corners")
      Array([0., 2., 4., 6., 8.], dtype=float32)
      >>> jaxup.resize(jnp.zeros((480, 640, 3)), (240, 240), keep_aspect="not_larger").shape
      (180, 240, 3)

    Source: docs/conventions.md says which options are Pillow, OpenCV, SciPy, ONNX, TensorFlow and
    jax.image.
    """
    x = as_array(_NAME, x)
    boundary = one_or_tuple(boundary)
    check_fill_value(_NAME, fill_value, boundary, fill_beyond, x)
    axes, specs = through_cache(
        _plan,
        x.shape,
        x.dtype,
        hashable(_NAME, "size", size, x.shape),
        method,
        hashable(_NAME, "scale", scale, x.shape),
        hashable(_NAME, "axes", axes, x.shape),
        data_format,
        one_or_tuple(coordinates),
        rounding,
        boundary,
        fill_beyond,
        antialias,
        pairs(_NAME, "box", box, x.shape),
        pairs(_NAME, "roi", roi, x.shape),
        keep_aspect,
        precision,
    )
    y = _interpolate(x, axes, specs)
    return y if fill_value is None else _fill(y, axes, specs, fill_value)


@functools.lru_cache(maxsize=1024, typed=True)
def _plan(
    shape,
    dtype,
    size,
    method,
    scale,
    axes,
    data_format,
    coordinates,
    rounding,
    boundary,
    fill_beyond,
    antialias,
    box,
    roi,
    keep_aspect,
    precision,
) -> tuple[tuple[int, ...], tuple[AxisSpec, ...]]:
    """The axes that change, and a recipe for each."""
    kernel, rank = kernel_of(_NAME, method, rounding, shape)
    check_options(_NAME, fill_beyond, antialias, keep_aspect, precision, shape)
    area = isinstance(kernel, kernels.Area)
    check_area(_NAME, area, coordinates, shape)
    geometry, boxes = sizes_and_scales(
        _NAME,
        shape,
        size=size,
        scale=scale,
        axes=axes,
        data_format=data_format,
        rank=rank,
        method=method,
        box=box,
        keep_aspect=keep_aspect,
    )
    looks = conventions_and_steps(
        _NAME,
        shape,
        geometry,
        boxes,
        coordinates=coordinates,
        roi=roi,
        boxed=box is not None,
        fits=size is None or scale is None,
    )
    edges = one_per_axis(_NAME, "boundary", boundary, geometry.axes, shape)
    edges = [boundaries.named(_NAME, edge, shape) for edge in edges]
    check_dtype(_NAME, kernel, method, dtype, shape)
    kept, specs = [], []
    for axis, in_size, out_size, (convention, step), edge in zip(
        geometry.axes, geometry.in_sizes, geometry.out_sizes, looks, edges, strict=True
    ):
        if fill_beyond is not None:
            check_known(_NAME, geometry, f"fill_beyond={fill_beyond!r}", shape)
            convention = Within(convention, {"centers": 0.0, "edges": 0.5}[fill_beyond])
        spec = AxisSpec(
            in_size,
            out_size,
            coordinates=convention,
            kernel=kernel,
            boundary=edge,
            step=step,
            stretch=abs(step) if area else at_least_1(abs(step)) if antialias else 1.0,
            precision=precision,
        )
        known = not is_symbolic(in_size, out_size)
        if known and in_size == out_size and _is_identity(spec.build()):
            continue
        kept.append(axis)
        specs.append(spec)
    return tuple(kept), tuple(specs)


def _is_identity(operator: Banded) -> bool:
    diagonal = operator.indices == np.arange(operator.out_size)[:, None]
    on, off = (np.where(part, operator.weights, 0) for part in (diagonal, ~diagonal))
    return bool((abs(on.sum(axis=1) - 1) < 1e-12).all() and (abs(off) < 1e-12).all())


def _interpolate(x, axes, specs):
    """The resample, B-splines in two steps, with coefficients of at least float32 in between."""
    double = jnp.finfo(x.dtype).dtype == np.float64 if jnp.issubdtype(x.dtype, jnp.inexact) else 0
    parts = [split(spec, 1e-16 if double else 1e-8) for spec in specs]
    if not any(parts):
        return resample_any(x, axes, specs)
    dtype = x.dtype
    filtered = [(axis, part[0]) for axis, part in zip(axes, parts, strict=True) if part]
    x = resample_any(x.astype(jnp.promote_types(dtype, jnp.float32)), *zip(*filtered, strict=True))
    rest = [part[1] if part else spec for spec, part in zip(specs, parts, strict=True)]
    return resample_any(x, axes, rest).astype(dtype)


def _fill(y, axes, specs, fill_value):
    """What the taps that were not read would have brought."""
    covered = jnp.ones((1,) * y.ndim, jnp.promote_types(y.real.dtype, jnp.float32))
    for axis, spec in zip(axes, specs, strict=True):
        column = [1] * y.ndim
        column[axis] = spec.out_size
        if is_symbolic(spec.in_size, spec.out_size):
            brought = resample_any(jnp.ones(spec.in_size, covered.dtype), (0,), (spec,))
        else:
            brought = spec.build().weights.sum(axis=1)
        covered = covered * brought.reshape(column)
    return filled(y, covered, fill_value)
