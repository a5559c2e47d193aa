"""`tf.image.resize` and `crop_and_resize` by jaxup: TensorFlow itself is not needed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import jax
import jax.numpy as jnp
import numpy as np
from jax.typing import ArrayLike

from jaxup import kernels
from jaxup._arguments.arrays import as_array, through_cache
from jaxup._arguments.call import Call, shown
from jaxup._arguments.sizes import check_not_symbolic, check_pixels, checked_size, static_numbers
from jaxup._functions.resize import plan
from jaxup._run import run
from jaxup.compat._tensorflow_crop import CropMethod, crop_and_resize

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
