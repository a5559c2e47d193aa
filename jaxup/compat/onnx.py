"""ONNX's Resize (opset 19) by jaxup: every attribute, onnx itself not needed."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any, Literal

import jax
import jax.numpy as jnp
import numpy as np
from jax.core import Tracer
from jax.typing import ArrayLike

import jaxup
from jaxup import coordinates as conventions
from jaxup import kernels
from jaxup._errors import message, unknown_name
from jaxup._functional import as_array
from jaxup._geometry import hashable
from jaxup._resize_options import pairs


def _width(in_size, step):
    """``in scale``: the output's width before it is rounded down."""
    return in_size / step


def _align_corners(index, in_size, out_size, step):
    span = _width(in_size, step) - 1
    return index * ((in_size - 1) / span) if span > 1e-9 else index * 0


@dataclasses.dataclass(frozen=True)
class _Region:
    """`jaxup.coordinates.CropAndResize`, with the output's width before it is rounded down."""

    start: float
    end: float

    def __call__(self, index, in_size, out_size, step):
        if out_size == 1:
            along = index * 0 + (self.start + self.end) / 2
        else:
            span = _width(in_size, step) - 1
            along = self.start + index * ((self.end - self.start) / span)
        return along * (in_size - 1)


_COORDINATES = {
    "half_pixel": conventions.half_pixel,
    "half_pixel_symmetric": conventions.half_pixel_symmetric,
    "pytorch_half_pixel": conventions.pytorch_half_pixel,
    "align_corners": _align_corners,
    "asymmetric": conventions.asymmetric,
    "tf_crop_and_resize": _Region,
}
_ROUNDINGS = ("round_prefer_floor", "round_prefer_ceil", "floor", "ceil")


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
    nearest_mode: Literal[
        "round_prefer_floor", "round_prefer_ceil", "floor", "ceil"
    ] = "round_prefer_floor",
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
      coordinate_transformation_mode: where an output looks.
      cubic_coeff_a: the slope of the cubic.
      exclude_outside: 1 to drop the pixels outside and renormalise; else they repeat the edge.
      extrapolation_value: of the outputs that look outside with ``tf_crop_and_resize``.
      keep_aspect_ratio_policy: what sizes mean; see ``keep_aspect`` of `jaxup.resize`.
      mode: the kernel.
      nearest_mode: the rounding for nearest.

    Returns:
      Array of X's dtype. Integers are computed in float32, rounded half to even, and saturated.

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
    X = as_array(function, X)
    shape = X.shape
    for option, value, names in (
        ("mode", mode, ("nearest", "linear", "cubic")),
        ("nearest_mode", nearest_mode, _ROUNDINGS),
        ("coordinate_transformation_mode", coordinate_transformation_mode, tuple(_COORDINATES)),
        (
            "keep_aspect_ratio_policy",
            keep_aspect_ratio_policy,
            ("stretch", "not_larger", "not_smaller"),
        ),
    ):
        if value not in names:
            raise ValueError(unknown_name(function, option, value, names, shape))
    named = tuple(range(X.ndim)) if axes is None else hashable(function, "axes", axes, shape)
    named = named if isinstance(named, tuple) else (named,)
    size = _per_axis(function, "size", sizes, named, shape)
    scale = _per_axis(function, "scale", scales, named, shape)
    if (size is None) == (scale is None):
        raise ValueError(
            message(
                function,
                "exactly one of scales and sizes",
                "neither" if size is None else "both",
                shape,
                "Pass scales (factors) or sizes (in pixels).",
            )
        )
    if antialias and mode == "nearest":
        raise ValueError(
            message(
                function,
                "antialias only with mode 'linear' or 'cubic'",
                f"mode={mode!r}",
                shape,
                "Drop antialias, or choose another mode.",
            )
        )
    kernel = {
        "nearest": kernels.Nearest(nearest_mode, 1e-9),
        "linear": kernels.linear,
        "cubic": kernels.cubic(cubic_coeff_a),
    }[mode]
    cropped = coordinate_transformation_mode == "tf_crop_and_resize"
    coordinates = _COORDINATES[coordinate_transformation_mode]
    if cropped:
        coordinates = [_Region(*region) for region in _regions(function, roi, named, shape)]
    whole = not jnp.issubdtype(X.dtype, jnp.inexact)
    y = jaxup.resize(
        X.astype(jnp.float32) if whole and mode != "nearest" else X,
        size,
        kernel,
        scale=scale,
        axes=named,
        coordinates=coordinates,
        boundary="renormalize" if exclude_outside else "edge",
        fill_beyond="centers" if cropped else None,
        fill_value=_saturated(extrapolation_value, X.dtype) if cropped else None,
        antialias=bool(antialias),
        keep_aspect=keep_aspect_ratio_policy if scale is None else "stretch",
    )
    if whole and mode != "nearest":
        limits = jnp.iinfo(X.dtype) if X.dtype != jnp.bool_ else None
        low, high = (limits.min, limits.max) if limits else (0, 1)
        y = jnp.clip(jnp.round(y), low, high).astype(X.dtype)
    return y


def _per_axis(function, option, value, axes, shape):
    """A number for every axis; None and an empty array both say that the input is absent."""
    if value is None or np.size(value) == 0:
        return None
    value = hashable(function, option, value, shape)
    value = value if isinstance(value, tuple) else (value,)
    if len(value) != len(axes):
        raise ValueError(
            message(
                function,
                f"{len(axes)} {option}s (one per axis in axes)",
                f"{option}s={value}",
                shape,
                "Name the axes they are for with axes=.",
            )
        )
    return value


def _regions(function, roi: Any, axes, shape) -> Any:
    count = len(axes)
    if isinstance(roi, Tracer):
        return pairs(function, "roi", roi, shape)
    if roi is None or np.shape(roi) != (2 * count,):
        raise ValueError(
            message(
                function,
                f"a flat roi of {count} starts and {count} ends for 'tf_crop_and_resize'",
                "none" if roi is None else repr(roi),
                shape,
                "Pass [start1, ..., startN, end1, ..., endN], one of each per axis in axes.",
            )
        )
    return pairs(function, "roi", [(roi[n], roi[count + n]) for n in range(count)], shape)


def _saturated(value, dtype):
    if jnp.issubdtype(dtype, jnp.integer):
        limits = jnp.iinfo(dtype)
        return int(np.clip(np.rint(value), limits.min, limits.max))
    return value
