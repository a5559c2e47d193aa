"""TensorFlow's ``tf.image.crop_and_resize``."""

# pyright: reportUnknownMemberType=false
from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import jax
import jax.numpy as jnp
import numpy as np
from jax.typing import ArrayLike

from jaxup import boundary, kernels
from jaxup._arguments.arrays import as_array
from jaxup._arguments.boxes import (
    check_real,
    checked_array,
    checked_box_indices,
    clipped_indices,
)
from jaxup._arguments.call import Call, shown
from jaxup._arguments.sizes import check_not_symbolic, check_pixels, checked_size, static_numbers
from jaxup._labels import labelled
from jaxup._numbers.two_floats import two_floats
from jaxup._traced.points import SamplePoints
from jaxup._traced.window import interpolate_windows

CropMethod = Literal["bilinear", "nearest"]
"""The methods of ``tf.image.crop_and_resize``."""

_NAME = "jaxup.compat.tensorflow.crop_and_resize"
_KERNELS = {"bilinear": kernels.linear, "nearest": kernels.Nearest("floor")}
_f = np.float32


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
    x = as_array(_NAME, image, "image")
    call = Call(_NAME, x.shape, (("x", "image"), ("size", "crop_size")))
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
    corners = checked_array(call, "boxes", boxes, ("n", 4))
    indices = checked_box_indices(call, corners, box_indices)
    value = call.float32("extrapolation_value", extrapolation_value)
    return _compiled(
        x, corners, indices, value, out_sizes=out_sizes, method=method, label=call.label(method)
    )


def _cropped(
    x: jax.Array,
    corners: jax.Array,
    indices: jax.Array,
    value: Any,
    *,
    out_sizes: tuple[int, ...],
    method: str,
) -> jax.Array:
    kernel, corners = _KERNELS[method], corners.astype(_f)
    points: list[SamplePoints] = []
    inside: Any = True
    for n, (in_size, out_size) in enumerate(zip(x.shape[1:3], out_sizes, strict=True)):
        position = _of_corners(corners[:, n, None], corners[:, n + 2, None], in_size, out_size)
        within = (position >= 0) & (position <= in_size - 1)
        inside = inside & jnp.expand_dims(within, (2 - n, 3))
        position = jnp.where(within, position, 0)
        if method == "nearest":  # halves go up
            whole = jnp.floor(position)
            position = whole + (position - whole >= 0.5).astype(_f)
        points.append(SamplePoints(position, kernel, boundary.edge, in_size, kernel.taps(1.0)))
    y = interpolate_windows(x.astype(_f), clipped_indices(indices, x.shape[0]), points)
    return jnp.where(inside, y, jnp.asarray(value, _f))


_compiled: Any = jax.jit(
    labelled(_cropped), static_argnames=("out_sizes", "method", "label"), inline=True
)


def _of_corners(start: jax.Array, end: jax.Array, in_size: int, out_size: int) -> jax.Array:
    """Return where a box samples, each operation rounded by itself: a bit decides at the border."""
    last, index = in_size - 1, np.arange(out_size, dtype=_f)[None]

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
