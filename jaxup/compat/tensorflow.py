"""`tf.image.resize` and `crop_and_resize` by jaxup: TensorFlow itself is not needed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import jax
import jax.numpy as jnp
import numpy as np
from jax.typing import ArrayLike

from jaxup import boundary, kernels
from jaxup._arguments.arrays import as_array, through_cache
from jaxup._arguments.boxes import check_real, checked_array, checked_box_indices
from jaxup._arguments.call import Call, shown
from jaxup._arguments.sizes import check_not_symbolic, check_pixels, checked_size, static_numbers
from jaxup._functions.resize import plan
from jaxup._numbers.two_floats import two_floats
from jaxup._run import run
from jaxup._traced.points import SamplePoints
from jaxup._traced.window import interpolate_windows

__all__ = ["CropMethod", "Method", "crop_and_resize", "resize"]

_KERNELS = {
    "bilinear": kernels.linear,
    "lanczos3": kernels.lanczos(3),
    "lanczos5": kernels.lanczos(5),
    "bicubic": kernels.cubic(-0.5),
    "gaussian": kernels.gaussian(0.5, radius=1.5),
    "nearest": kernels.Nearest("floor"),
    "area": kernels.Area(fractional=True),
    "mitchellcubic": kernels.mitchell(1 / 3, 1 / 3),
}

Method = Literal[
    "bilinear", "lanczos3", "lanczos5", "bicubic", "gaussian", "nearest", "area", "mitchellcubic"
]
"""The methods of ``tf.image.ResizeMethod``."""

CropMethod = Literal["bilinear", "nearest"]
"""The methods of ``tf.image.crop_and_resize``."""

_CROP = "jaxup.compat.tensorflow.crop_and_resize"
_f = np.float32


def _corner(index: Any, in_size: Any, out_size: Any, step: Any) -> Any:
    """``(i + 1/2) in / out`` in float32, to be rounded down."""
    return (index.astype(_f) + _f(0.5)) * (_f(in_size) / _f(out_size))


def _half_pixel(index: Any, in_size: Any, out_size: Any, step: Any) -> Any:
    return _corner(index, in_size, out_size, step) - _f(0.5)


def _scaled(index: Any, in_size: Any, out_size: Any, step: Any) -> Any:
    """half_pixel with `_inverse_scale`, which decides ties of gaussian."""
    return (index.astype(_f) + _f(0.5)) * _inverse_scale(in_size, out_size) - _f(0.5)


def _inverse_scale(in_size: int, out_size: int) -> np.float32:
    """Return the inverse of ``out / in``, each rounded to float32."""
    return _f(1) / (_f(out_size) / _f(in_size))


def _tabulated(index: Any, in_size: Any, out_size: Any, step: Any) -> Any:
    """`_half_pixel`, its fraction rounded to the 1/1024 for which TensorFlow tabulates cubics."""
    coordinate = _half_pixel(index, in_size, out_size, step).astype(np.float64)
    whole = np.floor(coordinate)
    return whole + np.rint((coordinate - whole) * 1024) / 1024


def resize(
    images: ArrayLike,
    size: Sequence[int],
    method: Method = "bilinear",
    preserve_aspect_ratio: bool = False,
    antialias: bool = False,
) -> jax.Array:
    """`tf.image.resize`: height and width of images by half-pixel coordinates.

    Bilinear without antialias repeats the edge; every other method drops the taps outside and
    renormalises. Bicubic without antialias rounds distances to 1/1024 pixel.

    Args:
      images: array of shape (batch, height, width, channels) or (height, width, channels).
      size: the new height and width, in pixels.
      method: one of the eight names of ``tf.image.ResizeMethod``.
      preserve_aspect_ratio: shrink the size to the image's aspect; sizes round to nearest.
      antialias: widen the kernel by the factor of a shrink. Nearest and area stay as they are.

    Returns:
      Array of the new height and width: float32, or for nearest of images' dtype.

    Raises:
      ValueError: for an unknown method, another number of axes, a size below 1.
      TypeError: for a size that is not two whole numbers known when the program is built.

    Example:
      >>> import jax.numpy as jnp
      >>> from jaxup.compat import tensorflow
      >>> tensorflow.resize(jnp.zeros((480, 640, 3)), (240, 240), preserve_aspect_ratio=True).shape
      (180, 240, 3)

    Source: TensorFlow 2.21, ``python/ops/image_ops_impl.py``, ``core/kernels/image``.
    """
    function = "jaxup.compat.tensorflow.resize"
    images = as_array(function, images, "images")
    shape = images.shape
    call = Call(function, shape, (("x", "images"),))
    if images.ndim not in (3, 4):
        advice = "Pass (height, width, channels), with a batch axis before them or not."
        raise call.value_error("images with 3 or 4 axes", images.ndim, advice)
    call.check_name("method", method, _KERNELS)
    call.check_flags(preserve_aspect_ratio=preserve_aspect_ratio, antialias=antialias)
    check_not_symbolic(call, shape[-3:-1])
    given: Any = static_numbers(call, size=size)["size"]
    if not isinstance(given, tuple) or len(given) != 2:
        raise call.value_error("a size of two numbers", shown(given), "Pass (height, width).")
    given = tuple(checked_size(call, n) for n in given)
    height, width = shape[-3:-1]
    check_pixels(call, (height, width))
    if preserve_aspect_ratio:
        fit = min(_f(given[0]) / _f(height), _f(given[1]) / _f(width))
        given = tuple(checked_size(call, int(np.rint(fit * _f(n)))) for n in (height, width))
    nearest = method == "nearest"
    clamps = nearest or (method == "bilinear" and not antialias)
    scale = None
    if nearest:
        coordinates = _corner
    elif method == "bicubic" and not antialias:
        coordinates = _tabulated
    elif clamps or method == "area":
        coordinates = _half_pixel
    else:
        coordinates = _scaled
        sizes = zip((height, width), given, strict=True)
        scale = tuple(1 / float(_inverse_scale(*pair)) for pair in sizes)  # widens the kernel
    if not nearest:
        images = images.astype(jnp.float32)
    resample = through_cache(
        plan,
        call,
        images,
        (given, scale, (-3, -2)),
        _KERNELS[method],
        coordinates=coordinates,
        boundary="edge" if clamps else "renormalize",
        antialias=bool(antialias),
    )
    return run(images, resample)


def crop_and_resize(
    image: ArrayLike,
    boxes: ArrayLike | Sequence[Sequence[float]],
    box_indices: ArrayLike | Sequence[int],
    crop_size: Sequence[int],
    method: CropMethod = "bilinear",
    extrapolation_value: float = 0.0,
) -> jax.Array:
    """`tf.image.crop_and_resize`: boxes of images, resampled to one size without antialiasing.

    Row ``i`` of ``out`` samples ``(y1 + i (y2 - y1) / (out - 1)) (height - 1)``, and the middle of
    the box if ``out`` is 1: the corners of a box are pixels' centres. Columns likewise.

    Args:
      image: array of shape (batch, height, width, channels), of any real numbers.
      boxes: array of shape (n, 4): y1, x1, y2, x2, where 0 is the centre of the first row or column
        and 1 that of the last; may be traced. ``y2 < y1`` flips.
      box_indices: array of shape (n,) of integers: the image of each box; may be traced.
      crop_size: the height and width of the result, in pixels.
      method: ``"bilinear"`` or ``"nearest"``.
      extrapolation_value: the value of outputs that sample outside the outermost centres.

    Returns:
      float32 array of shape (n, crop height, crop width, channels). Differentiable in image and
      boxes; where a sample meets a pixel's centre the derivative in the box is the slope after it,
      and TensorFlow's is 0.

    Raises:
      ValueError: for an unknown method, shapes that do not fit together, a crop_size below 1, known
        box_indices of no image. TensorFlow's GPU kernel leaves such a box as it is; here an index
        that only the program knows is clipped.
      TypeError: for arrays of the wrong type.

    Example:
      >>> import jax.numpy as jnp
      >>> from jaxup.compat import tensorflow
      >>> image = jnp.arange(9.0).reshape(1, 3, 3, 1)
      >>> tensorflow.crop_and_resize(image, [[0.0, 1.0, 0.5, 0.0]], [0], (2, 3))[0, :, :, 0]
      Array([[2., 1., 0.],
             [5., 4., 3.]], dtype=float32)

    Source: TensorFlow 2.21, ``core/kernels/image/crop_and_resize_op.cc``.
    """
    x = as_array(_CROP, image, "image")
    call = Call(_CROP, x.shape, (("x", "image"), ("size", "crop_size")))
    call.check_name("method", method, ("bilinear", "nearest"))
    if x.ndim != 4:
        advice = "Add the batch axis to a single image: image[None]."
        raise call.value_error("images with 4 axes", x.ndim, advice)
    check_real(call, image=x)
    sizes = static_numbers(call, size=crop_size)["size"]
    if not isinstance(sizes, tuple) or len(sizes) != 2:
        rule = "a crop_size of two numbers"
        raise call.value_error(rule, shown(crop_size), "Pass (height, width).")
    in_sizes, out_sizes = x.shape[1:3], tuple(checked_size(call, n) for n in sizes)
    check_not_symbolic(call, in_sizes)
    check_pixels(call, in_sizes)
    corners = checked_array(call, "boxes", boxes, ("n", 4)).astype(_f)
    indices = checked_box_indices(call, corners, box_indices)
    value = call.float32("extrapolation_value", extrapolation_value)
    kernel = _KERNELS[method]
    points: list[SamplePoints] = []
    inside: Any = True
    for n, (in_size, out_size) in enumerate(zip(in_sizes, out_sizes, strict=True)):
        position = _of_corners(corners[:, n, None], corners[:, n + 2, None], in_size, out_size)
        within = (position >= 0) & (position <= in_size - 1)
        inside = inside & jnp.expand_dims(within, (2 - n, 3))
        position = jnp.where(within, position, 0)
        if method == "nearest":  # halves go up
            whole = jnp.floor(position)
            position = whole + (position - whole >= 0.5)
        points.append(SamplePoints(position, kernel, boundary.edge, in_size, kernel.taps(1.0)))
    with jax.named_scope(call.label(method)):
        y = interpolate_windows(x.astype(_f), indices, points)
        return jnp.where(inside, y, jnp.asarray(value, _f))


def _of_corners(start: jax.Array, end: jax.Array, in_size: int, out_size: int) -> jax.Array:
    """Return where a box samples, each operation rounded by itself: a bit decides at the border."""
    last, index = in_size - 1, jnp.arange(out_size, dtype=_f)[None]

    @jax.custom_jvp  # the bits of `TwoFloats` have no derivative
    def position(start: jax.Array, end: jax.Array) -> jax.Array:
        if out_size == 1:
            return (two_floats(_f(0.5) * (start + end)) * last).high
        step = (two_floats((two_floats(end - start) * last).high) / (out_size - 1)).high
        return (two_floats(start) * last).high + (two_floats(index) * step).high

    @position.defjvp
    def _(primals: Any, tangents: Any) -> Any:
        part = (index / _f(out_size - 1)) if out_size > 1 else _f(0.5)
        moved = tangents[0] * (1 - part) + tangents[1] * part
        return position(*primals), moved * _f(last)

    return position(start, end)
