"""ONNX's Resize (opset 19) by jaxup: every attribute, onnx itself not needed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import jax
import jax.numpy as jnp
import numpy as np
from jax.core import Tracer
from jax.typing import ArrayLike

from jaxup import coordinates as conventions
from jaxup import kernels
from jaxup._arguments.arrays import as_array, through_cache
from jaxup._arguments.axes import is_array, is_sequence, spatial_axes
from jaxup._arguments.call import Call, quoted, shown
from jaxup._arguments.methods import CONVENTIONS, ROUNDINGS
from jaxup._arguments.options import pairs
from jaxup._arguments.sizes import check_not_symbolic, checked_scale, static_numbers
from jaxup._functions.resize import plan
from jaxup._numbers.step import is_symbolic
from jaxup._run import run

__all__ = ["resize"]


def _width(in_size: Any, step: Any) -> Any:
    """Return ``in scale``, the output's width before it is rounded down."""
    return in_size / step


def _align_corners(index: Any, in_size: Any, out_size: Any, step: Any) -> Any:
    span = _width(in_size, step) - 1
    return index * ((in_size - 1) / span) if span > 1e-9 else index * 0


class _Region(conventions.CropAndResize):
    """`jaxup.coordinates.CropAndResize`, with the output's width before it is rounded down."""

    def __call__(self, index: Any, in_size: Any, out_size: Any, step: Any) -> Any:
        width = 1 if out_size == 1 else _width(in_size, step)
        return super().__call__(index, in_size, width, step)


_COORDINATES = {
    **CONVENTIONS,
    "align_corners": _align_corners,
    "tf_crop_and_resize": _Region,
}
_TYPED = (("size", "sizes"), ("scale", "scales"), ("method", "mode"), ("x", "X"))


def resize(
    X: ArrayLike,
    roi: ArrayLike | None = None,
    scales: ArrayLike | Sequence[float] | None = None,
    sizes: ArrayLike | Sequence[int] | None = None,
    *,
    antialias: int = 0,
    axes: Sequence[int] | None = None,
    coordinate_transformation_mode: Literal[
        "half_pixel",
        "half_pixel_symmetric",
        "pytorch_half_pixel",
        "align_corners",
        "asymmetric",
        "tf_crop_and_resize",
    ] = "half_pixel",
    cubic_coeff_a: float = -0.75,
    exclude_outside: int = 0,
    extrapolation_value: float = 0.0,
    keep_aspect_ratio_policy: Literal["stretch", "not_larger", "not_smaller"] = "stretch",
    mode: Literal["nearest", "linear", "cubic"] = "nearest",
    nearest_mode: kernels.Rounding = "round_prefer_floor",
) -> jax.Array:
    """ONNX's Resize: any axes of an array, to sizes or by scales.

    Args:
      X: array of any rank.
      roi: for ``tf_crop_and_resize``, all starts and then all ends, one of each per axis, as
        fractions of the way from the first pixel's centre to the last one's.
      scales: output pixels per input pixel, one number per axis. They decide the coordinates as
        they are, and the sizes ``floor(in scale)``. Exactly one of scales and sizes.
      sizes: output pixels, one number per axis.
      antialias: 1 to widen the kernel of linear and cubic by the factor of a shrink.
      axes: those that roi, scales and sizes are for; by default all.
      coordinate_transformation_mode: where an output samples.
      cubic_coeff_a: the slope of the cubic.
      exclude_outside: 1 to drop the pixels outside and renormalise; else they repeat the edge.
      extrapolation_value: of the outputs that sample outside with ``tf_crop_and_resize``.
      keep_aspect_ratio_policy: what sizes mean; see ``keep_aspect`` of `jaxup.resize`.
      mode: the kernel.
      nearest_mode: the rounding for nearest.

    Returns:
      Array of X's dtype; without pixels where a size is 0, or rounds to it. Integers are computed
      in float32, rounded half to even, and saturated.

    Raises:
      ValueError: for arguments out of range or that do not fit together.
      TypeError: for arguments of the wrong type, and sizes or scales that are traced.

    Example:
      >>> import jax.numpy as jnp
      >>> from jaxup.compat import onnx
      >>> X = jnp.array([1.0, 2.0, 3.0, 4.0])
      >>> onnx.resize(X, scales=[2.0], mode="linear")
      Array([1.  , 1.25, 1.75, 2.25, 2.75, 3.25, 3.75, 4.  ], dtype=float32)

    Source: the ONNX operator specification, Resize-19, and ``onnx.reference`` where it is silent.
    """
    function = "jaxup.compat.onnx.resize"
    X = as_array(function, X, "X")
    call = Call(function, X.shape, _TYPED)
    policies = ("stretch", "not_larger", "not_smaller")
    call.check_name("mode", mode, ("nearest", "linear", "cubic"))
    call.check_name("nearest_mode", nearest_mode, ROUNDINGS)
    call.check_name("coordinate_transformation_mode", coordinate_transformation_mode, _COORDINATES)
    call.check_name("keep_aspect_ratio_policy", keep_aspect_ratio_policy, policies)
    call.check_flags(antialias=antialias, exclude_outside=exclude_outside)
    call.finite("cubic_coeff_a", cubic_coeff_a, "Use -0.5 or -0.75, the slopes in common use.")
    extrapolated = call.real("extrapolation_value", extrapolation_value, "Pass a number.")
    if float(np.finfo(np.float32).max) < abs(extrapolated) < np.inf:
        rule, advice = "an extrapolation_value that float32 can hold", "So ONNX stores it."
        raise call.value_error(rule, repr(extrapolation_value), advice)
    named = tuple(range(X.ndim)) if axes is None else static_numbers(call, axes=axes)["axes"]
    named = named if isinstance(named, tuple) else (named,)
    size = _per_axis(call, "size", sizes, named)
    scale = _per_axis(call, "scale", scales, named)
    if (size is None) == (scale is None):
        got = "neither" if size is None else "both"
        advice = "Pass scales (factors) or sizes (in pixels)."
        raise call.value_error("exactly one of scales and sizes", got, advice)
    if antialias and mode == "nearest":
        advice = "Drop antialias, or choose another mode."
        rule = "antialias only with mode 'linear' or 'cubic'"
        raise call.value_error(rule, f"mode={mode!r}", advice)
    axes = spatial_axes(call, axes=named, data_format="channels_last", count=None, counted="")
    if empty := _empty_shape(call, axes, size, scale, keep_aspect_ratio_policy):
        return jnp.zeros(empty, X.dtype)
    kernel = {
        "nearest": kernels.Nearest(nearest_mode, 1e-9),
        "linear": kernels.linear,
        "cubic": kernels.cubic(cubic_coeff_a),
    }[mode]
    coordinates: Any = _COORDINATES[coordinate_transformation_mode]
    cropped = coordinates is _Region
    if coordinates is _align_corners:
        check_not_symbolic(call, tuple(call.shape[axis] for axis in axes))
    if cropped:
        coordinates = tuple(_Region(*region) for region in _regions(call, roi, named))
    whole = not jnp.issubdtype(X.dtype, jnp.inexact)
    x = X.astype(jnp.float32) if whole and mode != "nearest" else X
    resample = through_cache(
        plan,
        call,
        x,
        (size, scale, named),
        kernel,
        coordinates=coordinates,
        boundary="renormalize" if exclude_outside else "edge",
        fill_beyond="centers" if cropped else None,
        antialias=bool(antialias),
        keep_aspect=keep_aspect_ratio_policy if scale is None else "stretch",
    )
    fill_value = _saturated(extrapolation_value, X.dtype) if cropped else None
    y = run(x, resample, fill_value)
    if whole and mode != "nearest":
        limits = jnp.iinfo(X.dtype) if X.dtype != jnp.bool_ else None
        low, high = (limits.min, limits.max) if limits else (0, 1)
        y = jnp.clip(jnp.round(y), low, high).astype(X.dtype)
    return y


def _per_axis(call: Call, kind: str, value: Any, axes: tuple[int, ...]) -> Any:
    """Return a number for every axis; None and an empty array both say that the input is absent."""
    if value is None or (is_array(value) and value.size == 0) or (is_sequence(value) and not value):
        return None
    value = static_numbers(call, **{kind: value})[kind]
    value = value if isinstance(value, tuple) else (value,)
    if len(value) != len(axes):
        rule = f"{len(axes)} {call.option(kind)} (one per axis in axes, or of X)"
        advice = "Name the axes they are for with axes=."
        raise call.value_error(rule, f"{call.option(kind)}={shown(value)}", advice)
    return value


def _empty_shape(
    call: Call, axes: tuple[int, ...], size: Any, scale: Any, policy: str
) -> tuple[int, ...] | None:
    """Return the shape of a result without pixels, or None for another one."""
    in_sizes = [call.shape[axis] for axis in axes]
    if is_symbolic(*in_sizes, *(size or ())):
        return None
    if scale is not None:
        sizes = [int(n * checked_scale(call, s)) for n, s in zip(in_sizes, scale, strict=True)]
    elif policy == "stretch" or 0 in in_sizes:
        sizes = list(size)
    else:
        fit = {"not_larger": min, "not_smaller": max}[policy]
        common = fit(n / pixels for n, pixels in zip(size, in_sizes, strict=True))
        sizes = [int(common * n + 0.5) for n in in_sizes]
    grows = any(n == 0 and m > 0 for n, m in zip(in_sizes, sizes, strict=True))
    if grows or 0 not in sizes or min(sizes) < 0:
        return None
    shape = dict(enumerate(call.shape)) | dict(zip(axes, sizes, strict=True))
    return tuple(shape.values())


def _regions(call: Call, roi: Any, axes: tuple[int, ...]) -> Any:
    count = len(axes)
    if isinstance(roi, Tracer):
        return pairs(call, "roi", roi)
    flat = is_sequence(roi) or (is_array(roi) and roi.ndim == 1)
    if not flat or len(roi) != 2 * count:
        rule = f"a flat roi of {count} starts and {count} ends for 'tf_crop_and_resize'"
        advice = "Pass [start1, ..., startN, end1, ..., endN], one of each per axis in axes."
        raise call.value_error(rule, "none" if roi is None else quoted(roi), advice)
    return pairs(call, "roi", [(roi[n], roi[count + n]) for n in range(count)])


def _saturated(value: Any, dtype: Any) -> Any:
    if jnp.issubdtype(dtype, jnp.integer):
        limits = jnp.iinfo(dtype)
        return int(np.clip(np.rint(value), limits.min, limits.max))
    return value
