"""`pixel_shuffle` and its inverse: channels into pixels, in PyTorch's channel order."""

from __future__ import annotations

from typing import Any, Never

import jax
from jax.typing import ArrayLike

from jaxup._arguments.arrays import as_array
from jaxup._arguments.axes import FORMATS, DataFormat, is_channels_last, spatial_letters
from jaxup._arguments.call import Call, shown
from jaxup._arguments.keywords import named, unknown_keyword
from jaxup._arguments.number_types import Whole
from jaxup._arguments.sizes import MAX_SIZE

_PICTURES = [name for name in FORMATS if spatial_letters(name) in (None, 2)]


@named
def pixel_shuffle(
    x: ArrayLike,
    factor: Whole,
    *,
    data_format: DataFormat = "channels_last",
    **unknown: Never,
) -> jax.Array:
    """Interleave groups of factor² channels as pixels: an image ``factor`` times as large.

    With r the factor, ``y[factor h + i, factor w + j, c] = x[h, w, (c r + i) r + j]``: the
    channels of one output channel lie side by side, which is PyTorch's order (TensorFlow's
    ``depth_to_space`` has ``(i r + j) C + c``), whatever the data format.

    Args:
      x: array of shape (..., height, width, factor² channels), or
        (..., factor² channels, height, width) with ``data_format="channels_first"``; any dtype
        and any number of leading batch axes, also none.
      factor: output pixels per input pixel along either axis, 1 or more.
      data_format: ``"channels_last"`` or ``"NHWC"``, ``"channels_first"`` or ``"NCHW"``.

    Returns:
      Array of x's dtype and shape (..., factor height, factor width, channels), or
      (..., channels, factor height, factor width).

    Raises:
      ValueError: for a factor below 1, fewer than three axes, channels that factor² does not
        divide, or an unknown data format.
      TypeError: for a factor that is not an integer.

    Example:
      >>> import jax.numpy as jnp, jaxup
      >>> jaxup.pixel_shuffle(jnp.arange(4).reshape(1, 1, 4), 2)[..., 0]
      Array([[0, 1],
             [2, 3]], dtype=int32)

    Source: Shi et al., "Real-Time Single Image and Video Super-Resolution Using an Efficient
    Sub-Pixel Convolutional Neural Network", CVPR 2016; the order is that of
    ``torch.nn.PixelShuffle``.
    """
    if unknown:
        raise unknown_keyword(pixel_shuffle, unknown)
    x = as_array("jaxup.pixel_shuffle", x)
    call = Call("jaxup.pixel_shuffle", x.shape)
    r = _checked_factor(call, factor)
    batch, (height, width, channels) = _image(call, data_format)
    if channels % r**2:
        rule = f"channels in groups of factor * factor = {r**2}"
        advice = f"Give x a multiple of {r**2} channels, or check data_format={data_format!r}."
        raise call.value_error(rule, f"{channels} channels", advice)
    channels //= r**2
    if is_channels_last(data_format):
        apart, together = (height, width, channels, r, r), (height * r, width * r, channels)
    else:
        apart, together = (channels, r, r, height, width), (channels, height * r, width * r)
    return _interleave(x, batch, apart, (0, 3, 1, 4, 2), together)


@named
def pixel_unshuffle(
    x: ArrayLike,
    factor: Whole,
    *,
    data_format: DataFormat = "channels_last",
    **unknown: Never,
) -> jax.Array:
    """Take an image apart into factor² smaller ones, as channels: the inverse of `pixel_shuffle`.

    With r the factor, ``y[h, w, (c r + i) r + j] = x[r h + i, r w + j, c]``.

    Args:
      x: array of shape (..., height, width, channels), or (..., channels, height, width) with
        ``data_format="channels_first"``; any dtype and any number of leading batch axes, also
        none.
      factor: input pixels per output pixel along either axis, 1 or more.
      data_format: ``"channels_last"`` or ``"NHWC"``, ``"channels_first"`` or ``"NCHW"``.

    Returns:
      Array of x's dtype and shape (..., height / factor, width / factor, factor² channels), or
      (..., factor² channels, height / factor, width / factor).

    Raises:
      ValueError: for a factor below 1, fewer than three axes, a height or width that factor does
        not divide, or an unknown data format.
      TypeError: for a factor that is not an integer.

    Example:
      >>> import jax.numpy as jnp, jaxup
      >>> jaxup.pixel_unshuffle(jnp.arange(4).reshape(2, 2, 1), 2)
      Array([[[0, 1, 2, 3]]], dtype=int32)

    Source: ``torch.nn.PixelUnshuffle``.
    """
    if unknown:
        raise unknown_keyword(pixel_unshuffle, unknown)
    x = as_array("jaxup.pixel_unshuffle", x)
    call = Call("jaxup.pixel_unshuffle", x.shape)
    r = _checked_factor(call, factor)
    batch, (height, width, channels) = _image(call, data_format)
    if height % r or width % r:
        rule = f"a height and width that factor={r} divides"
        advice = f"Crop or pad x, or check data_format={data_format!r}."
        raise call.value_error(rule, f"{height} x {width} pixels", advice)
    height, width = height // r, width // r
    if is_channels_last(data_format):
        apart, together = (height, r, width, r, channels), (height, width, channels * r**2)
    else:
        apart, together = (channels, height, r, width, r), (channels * r**2, height, width)
    return _interleave(x, batch, apart, (0, 2, 4, 1, 3), together)


def _checked_factor(call: Call, factor: Any) -> int:
    advice = "Pass an int; a factor between whole numbers is a matter for jaxup.upsample."
    r = call.integer("factor to be an integer", factor, advice)
    if not 1 <= r <= MAX_SIZE:
        rule = "a factor of at least 1" if r < 1 else f"a factor of at most {MAX_SIZE}"
        raise call.value_error(rule, f"factor={shown(r)}", "Pass 2 to double.")
    return r


def _image(call: Call, data_format: str) -> tuple[tuple[int, ...], tuple[int, int, int]]:
    """Return the sizes of the batch axes, and height, width and channels."""
    call.check_name("data_format", data_format, _PICTURES)
    if len(call.shape) < 3:
        got, advice = f"{len(call.shape)} axes in all", "Add the missing axis."
        raise call.value_error("x with a height, a width and channels", got, advice)
    *batch, a, b, c = call.shape
    return tuple(batch), ((a, b, c) if is_channels_last(data_format) else (b, c, a))


def _interleave(
    x: jax.Array,
    batch: tuple[int, ...],
    apart: tuple[int, ...],
    order: tuple[int, ...],
    together: tuple[int, ...],
) -> jax.Array:
    n = len(batch)
    x = x.reshape(batch + apart)
    return x.transpose(*range(n), *(n + axis for axis in order)).reshape(batch + together)
