"""`scale_and_translate`: a resample whose scale and translation may be traced and learned."""

# pyright: reportUnknownMemberType=false
from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Never

import jax
import jax.numpy as jnp
from jax.typing import ArrayLike

from jaxup import boundary as boundaries
from jaxup import coordinates, kernels
from jaxup._arguments.arrays import as_array, check_not_sharded, through_cache
from jaxup._arguments.axes import DataFormat
from jaxup._arguments.call import Call
from jaxup._arguments.keywords import named, unknown_keyword
from jaxup._arguments.methods import MethodName
from jaxup._arguments.number_types import Axes, Size
from jaxup._arguments.options import checked_fill_value
from jaxup._arguments.scaling import (
    is_known,
    kernel_widths,
    known,
    of_axes,
    resolve_scaling,
    scales_and_translations,
    step_of,
)
from jaxup._labels import labelled
from jaxup._numbers.dtypes import at_least_float32
from jaxup._numbers.step import is_symbolic
from jaxup._run import filled, run
from jaxup._traced.interpolate import interpolate_at, split_splines
from jaxup._traced.points import SamplePoints, bounded, geometry_dtype

_NAME = "jaxup.scale_and_translate"


@named
def scale_and_translate(
    x: ArrayLike,
    size: Size,
    scale: ArrayLike | Sequence[ArrayLike] | None,
    translation: ArrayLike | Sequence[ArrayLike] = 0.0,
    method: MethodName | kernels.Kernel | kernels.Nearest | kernels.Area = "linear",
    *,
    axes: Axes | None = None,
    data_format: DataFormat = "channels_last",
    boundary: boundaries.BoundaryName | boundaries.Boundary = "renormalize",
    fill_value: complex | jax.Array | None = None,
    antialias: bool = True,
    max_shrink: float | None = None,
    align_corners: bool = False,
    **unknown: Never,
) -> jax.Array:
    """Resample with a scale and a translation that may be traced, learned, and differ per example.

    Along each spatial axis output ``i`` samples the source coordinate

        c(i) = (i + 1/2 - translation) / scale - 1/2        (pixel k is centred at k)
        c(i) = (i - translation) / scale                    with align_corners

    so that the image is first scaled and then moved by ``translation`` output pixels. Under
    `jax.vmap` every example has its own. With its defaults this is
    `jax.image.scale_and_translate`, without its weight matrix: the memory is that of the output.

    Args:
      x: array of shape (..., spatial axes, channels), or (..., channels, spatial axes) with
        ``data_format="channels_first"``.
      size: output pixels, one number or one per spatial axis; static.
      scale: output pixels per input pixel, one number or one per spatial axis; may be traced.
        Python's and NumPy's numbers are known when the program is built, which is fastest; outside
        jit each makes a program of its own, so pass a `jax.Array` if it changes from call to call.
        A negative scale flips. None fits the image to the output: ``out / in``, or with
        align_corners ``(out - 1) / (in - 1)``, where a single output or input pixel is the first.
      translation: output pixels by which the scaled image moves, one number or one per spatial
        axis; may be traced.
      method: a name or kernel, as in `jaxup.resize`. ``"nearest"``, the pixel under the sample,
        has a gradient of zero with respect to scale and translation.
      axes: the spatial axes; by default those between batch and channels, as in `jaxup.upsample`.
      data_format: ``"channels_last"``, ``"channels_first"`` or letters, as in `jaxup.upsample`.
      boundary: what lies outside the image: ``"renormalize"`` (taps outside are dropped, and an
        output whose sample lies outside the image's outer edges is 0), ``"edge"``,
        ``"reflect"``, ``"mirror"``, ``"wrap"``, ``"constant"``, or a function from
        `jaxup.boundary`.
      fill_value: what lies outside with ``boundary="constant"``; 0 by default.
      antialias: widen the kernel by the factor of a shrink. Nearest and area stay as they are.
      max_shrink: the greatest shrink, 1 / scale, for which an antialiased kernel is widened; a
        number of at least 1. Boundaries other than renormalize ask for it if the scale is traced.
        A scale that is a Python or NumPy number needs none.
      align_corners: let coordinates count from the centres of the first pixels, rather than from
        the image's outer edges.

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
    if unknown:
        raise unknown_keyword(scale_and_translate, unknown)
    x = as_array(_NAME, x)
    return scaled_and_translated(
        Call(_NAME, x.shape),
        x,
        size,
        scale,
        translation,
        method,
        axes=axes,
        data_format=data_format,
        boundary=boundary,
        fill_value=fill_value,
        antialias=antialias,
        max_shrink=max_shrink,
        align_corners=align_corners,
    )


def scaled_and_translated(
    call: Call,
    x: jax.Array,
    size: Any,
    scale: Any,
    translation: Any,
    method: Any,
    *,
    axes: Any,
    boundary: Any,
    antialias: bool,
    data_format: str = "channels_last",
    fill_value: Any = None,
    max_shrink: float | None = None,
    align_corners: bool = False,
    label: str | None = None,
) -> jax.Array:
    """Return `scale_and_translate` of an array, with errors in the words of ``call``."""
    fill_value = checked_fill_value(call, x.dtype, fill_value, boundary)
    options: dict[str, Any] = {
        "boundary": boundary,
        "data_format": data_format,
        "antialias": antialias,
        "max_shrink": max_shrink,
        "align_corners": align_corners,
        "label": label,
    }
    if is_known(scale, translation):
        plan = through_cache(known, call, x, (size, scale, translation, axes), method, **options)
        if plan is not None:
            return run(x, plan, fill_value)
    scaling = through_cache(resolve_scaling, call, x, (size, axes), method, **options)
    scales, translations = scales_and_translations(call, scale, translation, scaling.axes)
    check_not_sharded(call, x, scaling.axes)
    widths = kernel_widths(call, scaling, scales, align_corners, max_shrink)
    return _compiled(
        x,
        scales,
        translations,
        fill_value,
        outputs=tuple(zip(scaling.axes, scaling.out_sizes, widths, strict=True)),
        kernel=scaling.kernel,
        boundary=scaling.boundary,
        align_corners=align_corners,
        label=scaling.label,
    )


@labelled
def _moved(
    x: jax.Array,
    scales: Any,
    translations: Any,
    fill_value: jax.Array | None,
    *,
    outputs: tuple[tuple[int, int, tuple[Any, float | None]], ...],
    kernel: kernels.AnyKernel,
    boundary: boundaries.Boundary,
    align_corners: bool,
) -> jax.Array:
    """Resample one axis after the other.

    Args:
      outputs: for each axis that is resampled its number, its output pixels, and of an output the
        most taps and how many times wider the kernel may become, None if it stays as it is.
    """
    points: list[tuple[int, SamplePoints]] = []
    scales, translations = (of_axes(each, len(outputs)) for each in (scales, translations))
    for (axis, out_size, width), s, t in zip(outputs, scales, translations, strict=True):
        in_size, dtype = x.shape[axis], geometry_dtype(x.dtype, s, t)
        step = step_of(
            in_size, out_size, None if s is None else jnp.asarray(s, dtype), align_corners
        )
        index = jnp.arange(out_size, dtype=dtype) - jnp.asarray(t, dtype)
        convention = coordinates.align_corners if align_corners else coordinates.half_pixel
        coordinate = convention(index, in_size, out_size, step)
        points.append((axis, moving(coordinate, step, kernel, boundary, in_size, *width)))
    return by_axis(x, points, fill_value)


_compiled: Any = jax.jit(
    _moved,
    static_argnames=("outputs", "kernel", "boundary", "align_corners", "label"),
    inline=True,
)


def moving(
    coordinate: jax.Array,
    step: Any,
    kernel: kernels.AnyKernel,
    boundary: boundaries.Boundary,
    in_size: Any,
    taps: Any,
    limit: float | None,
) -> SamplePoints:
    """Return points in order along an axis, whose kernel grows with the step up to a limit."""
    coordinate, kernel_scale = bounded(coordinate), 1.0
    if limit is not None:
        least = 0.0 if isinstance(kernel, kernels.Area) else 1.0
        kernel_scale = jnp.clip(abs(jnp.asarray(step)), least, limit).astype(coordinate.dtype)
    return SamplePoints(
        coordinate,
        kernel,
        boundary,
        in_size,
        taps,
        kernel_scale,
        widens=limit is not None,
        ordered=True,
    )


def by_axis(
    x: jax.Array, points: Sequence[tuple[int, SamplePoints]], fill_value: jax.Array | None
) -> jax.Array:
    """Interpolate one axis after the other, and fill in a value for the taps that were not read.

    Between the axes, numbers of 16 bits stay float32.
    """
    y, covered = x, jnp.ones((1,) * x.ndim, at_least_float32(x.real.dtype))
    if not all(isinstance(each.kernel, kernels.Nearest) for _, each in points):
        y = x.astype(at_least_float32(x.dtype))
    for axis, each in sorted(points, key=_order(x.shape)):
        y = interpolated(y, axis, each)
        if fill_value is not None:
            column = jnp.ones([n if d == axis else 1 for d, n in enumerate(x.shape)], covered.dtype)
            covered = covered * interpolated(column, axis, each)
    return (y if fill_value is None else filled(y, covered, fill_value)).astype(x.dtype)


def _order(shape: tuple[int, ...]) -> Any:
    """Return the key of axes: those that shrink first, from the outside; then from the inside."""

    def key(entry: tuple[int, SamplePoints]) -> tuple[bool, int]:
        axis, points = entry
        sizes = points.coordinate.shape[0], shape[axis]
        grows = is_symbolic(*sizes) or sizes[0] >= sizes[1]
        return grows, -axis if grows else axis

    return key


def interpolated(x: jax.Array, axis: int, points: SamplePoints) -> jax.Array:
    """Interpolate one axis."""
    dtype = x.dtype
    if points.widens:  # a spline that widens when it antialiases is the whole cardinal spline
        return interpolate_at(x, axis, (points,))
    return interpolate_at(*split_splines(x, axis, (points,))).astype(dtype)
