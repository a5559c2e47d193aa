"""Pillow's `Image.resize` by jaxup: arrays in the place of pictures, Pillow itself not needed."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.typing import ArrayLike

from jaxup import boundary, coordinates, kernels
from jaxup._arguments.arrays import as_array, through_cache
from jaxup._arguments.call import Call, quoted
from jaxup._arguments.proportions import check_weights
from jaxup._arguments.sizes import (
    check_not_symbolic,
    check_output,
    check_pixels,
    check_static,
    checked_size,
    static_numbers,
)
from jaxup._recipe.axis import AxisSpec, without_identities
from jaxup._recipe.recipe import Resample
from jaxup._run import run
from jaxup.compat._torch_uint8 import MAX_BITS, resample_uint8

__all__ = ["resize"]

_NEAREST, _BICUBIC = 0, 3
_METHODS = ("nearest", "lanczos", "bilinear", "bicubic", "box", "hamming")
_KERNELS: tuple[kernels.AnyKernel, ...] = (
    kernels.Nearest("floor"),
    kernels.lanczos(3),
    kernels.linear,
    kernels.cubic(-0.5),
    kernels.box,
    kernels.hamming,
)
_NAMES = ", ".join(f"{number} ({name})" for number, name in enumerate(_METHODS))


def resize(
    image: ArrayLike,
    size: Sequence[int],
    resample: int | None = None,
    box: Sequence[float] | None = None,
    reducing_gap: float | None = None,
) -> jax.Array:
    """`PIL.Image.Image.resize`: height and width of a picture, antialiased where it shrinks.

    Float pictures are resampled as a whole. 8-bit ones are resampled along one axis and then the
    other, each time rounded and clipped, with whole numbers for weights: Pillow's bits.

    Args:
      image: array of shape (height, width), or with channels after them: of floats or uint8, with
        nearest of any numbers. Bools are taken with nearest, as Pillow's mode "1".
      size: (width, height) of the result, in pixels.
      resample: a member of ``PIL.Image.Resampling`` or its number: 0 nearest, 1 Lanczos,
        2 bilinear, 3 bicubic (default), 4 box, 5 Hamming.
      box: the part of the picture to resample, (left, upper, right, lower) in pixels, fractions
        allowed. Pixels around it are still read.
      reducing_gap: None. It trades Pillow's exactness for speed, and is refused here.

    Returns:
      Array of the image's dtype, of shape (height, width, ...) of the new size. Float results are
      differentiable in the image.

    Raises:
      ValueError: for a size below 1, an unknown resample, a box that is empty or reaches outside.
      TypeError: for other dtypes, and a size or box that is traced or not numbers.

    Every channel is resampled by itself. Of pictures in mode RGBA or LA, Pillow first multiplies
    the colours by alpha and afterwards divides them again: do so around the call.

    Example:
      >>> import jax.numpy as jnp
      >>> from jaxup.compat import pillow
      >>> pillow.resize(jnp.array([[0, 100, 200]], jnp.uint8), (6, 1), 2)
      Array([[  0,  25,  75, 125, 175, 200]], dtype=uint8)

    Source: Pillow 13.0, ``src/PIL/Image.py`` and ``src/libImaging/Resample.c``.
    """
    function = "jaxup.compat.pillow.resize"
    x = as_array(function, image, "image")
    call = Call(function, x.shape, (("x", "image"), ("method", "resample")))
    if x.ndim < 2:
        advice = "Pass (height, width), with channels after them or not."
        raise call.value_error("image with two axes or more", x.ndim, advice)
    check_not_symbolic(call, x.shape[:2])
    check_pixels(call, x.shape[:2])
    if reducing_gap is not None:
        advice = "Leave it out: every pixel counts here."
        raise call.value_error("reducing_gap=None", quoted(reducing_gap), advice)
    number = _number(call, resample, x.dtype)
    check_static(call, "box", box)
    resampled = through_cache(_plan, call, x, (_sizes(call, size), box), number)
    whole = x.dtype == jnp.uint8 and number != _NEAREST
    return resample_uint8(x, resampled, MAX_BITS) if whole else run(x, resampled)


def _number(call: Call, resample: Any, dtype: Any) -> int:
    """Return which of the filters it is, if it takes that dtype."""
    rule = f"resample to be one of {_NAMES}"
    number = _BICUBIC
    if resample is not None:
        number = call.integer(rule, resample, "Pass the number, or the member of Resampling.")
    if not 0 <= number < len(_KERNELS):
        raise call.value_error(rule, f"resample={quoted(resample)}", "Pass one of these.")
    if dtype == jnp.bool_:
        return _NEAREST
    if number and not (jnp.issubdtype(dtype, jnp.inexact) or dtype == jnp.uint8):
        advice = "Convert it, or use resample=0 (nearest), which takes any."
        raise call.type_error("image of floats or uint8", dtype, advice)
    return number


def _sizes(call: Call, size: Any) -> tuple[int, int]:
    given = static_numbers(call, size=size)["size"]
    if not isinstance(given, tuple) or len(given) != 2:
        raise call.value_error("size of two numbers", quoted(size), "Pass (width, height).")
    width, height = (checked_size(call, n) for n in given)
    return width, height


def _plan(call: Call, dtype: Any, size: tuple[int, int], box: Any, number: int) -> Resample:
    """Return the resample of both axes, the one that comes first last."""
    check_output(call, (1, 0), size, "size")
    left, upper, right, lower = _box(call, box)
    edges = (upper, lower), (left, right)
    rows, columns = (old - new for old, new in zip(call.shape, reversed(size), strict=False))
    specs: dict[int, Any] = {}
    for axis in (1, 0) if rows > max(0, 2 * columns) else (0, 1):
        (low, high), out_size = edges[axis], size[1 - axis]
        step, part = float(high - low) / out_size, _Part(float(low), number == _NEAREST)
        kernel = _KERNELS[number]
        specs[axis] = AxisSpec(
            call.shape[axis], out_size, part, kernel, boundary.renormalize, step, max(step, 1.0)
        )
    check_weights(call, specs)
    specs = without_identities(specs)
    return Resample(tuple(specs), tuple(specs.values()), call.label(_METHODS[number]))


def _box(call: Call, box: Any) -> tuple[Any, Any, Any, Any]:
    """Return the box in Pillow's float32."""
    height, width = call.shape[:2]
    rule = f"box of four numbers with 0 <= left < right <= {width}, 0 <= upper < lower <= {height}"
    advice = "Pass (left, upper, right, lower), in pixels."
    try:
        sides = np.asarray((0, 0, width, height) if box is None else box, np.float32)
    except (TypeError, ValueError, OverflowError):
        sides = np.zeros(0)
    if sides.shape != (4,):
        raise call.type_error(rule, quoted(box), advice)
    left, upper, right, lower = sides
    if not (0 <= left < right <= width and 0 <= upper < lower <= height):
        raise call.value_error(rule, quoted(box), advice)
    return left, upper, right, lower


@dataclasses.dataclass(frozen=True)
class _Part:
    """half_pixel from an edge on; nearest adds its steps up one by one, which decides ties."""

    low: float
    adds_up: bool

    def __call__(self, index: Any, in_size: Any, out_size: Any, step: Any) -> Any:
        if self.adds_up:
            return np.cumsum(np.where(index == 0, self.low + step / 2, step))
        return coordinates.half_pixel(index, in_size, out_size, step) + self.low
