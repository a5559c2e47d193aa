"""`tf.image.resize` by jaxup: the same arguments and values, TensorFlow itself not needed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import jax
import jax.numpy as jnp
import numpy as np
from jax.typing import ArrayLike

import jaxup
from jaxup import kernels
from jaxup._errors import message, unknown_name
from jaxup._functional import as_array
from jaxup._geometry import checked_size, hashable

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

_f = np.float32


def _corner(index, in_size, out_size, step):
    """``(i + 1/2) in / out`` in float32, to be rounded down."""
    return (index.astype(_f) + _f(0.5)) * (_f(in_size) / _f(out_size))


def _half_pixel(index, in_size, out_size, step):
    return _corner(index, in_size, out_size, step) - _f(0.5)


def _tabulated(index, in_size, out_size, step):
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
    renormalises. Bicubic without antialias looks its weights up at 1/1024 pixel.

    Args:
      images: array of shape (batch, height, width, channels) or (height, width, channels).
      size: the new height and width, in pixels.
      method: one of the eight names of ``tf.image.ResizeMethod``.
      preserve_aspect_ratio: shrink the size to the picture's aspect; sizes round to nearest.
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
    images = as_array(function, images)
    shape = images.shape
    if images.ndim not in (3, 4):
        raise ValueError(
            message(
                function,
                "images with 3 or 4 axes",
                f"{images.ndim}",
                shape,
                "Pass (height, width, channels), with a batch axis before them or not.",
            )
        )
    if method not in _KERNELS:
        raise ValueError(unknown_name(function, "method", method, _KERNELS, shape))
    size = hashable(function, "size", size, shape)
    if not isinstance(size, tuple) or len(size) != 2:
        raise ValueError(
            message(function, "a size of two numbers", repr(size), shape, "Pass (height, width).")
        )
    height, width = shape[-3:-1]
    if preserve_aspect_ratio:
        scale = min(_f(size[0]) / _f(height), _f(size[1]) / _f(width))
        size = tuple(int(np.rint(scale * _f(n))) for n in (height, width))
    size = tuple(checked_size(function, n, shape) for n in size)
    nearest = method == "nearest"
    clamps = nearest or (method == "bilinear" and not antialias)
    coordinates = _half_pixel
    if nearest:
        coordinates = _corner
    elif method == "bicubic" and not antialias:
        coordinates = _tabulated
    return jaxup.resize(
        images if nearest else images.astype(jnp.float32),
        size,
        _KERNELS[method],
        axes=(-3, -2),
        coordinates=coordinates,
        boundary="edge" if clamps else "renormalize",
        antialias=bool(antialias),
    )
