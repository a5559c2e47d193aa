"""`pixel_shuffle` and its inverse: channels into pixels, in PyTorch's order or TensorFlow's."""

# pyright: reportUnknownMemberType=false
from __future__ import annotations

import math
from typing import Any, Never

import jax
from jax.core import Tracer
from jax.typing import ArrayLike

from jaxup._arguments.arrays import as_array
from jaxup._arguments.axes import FORMATS, DataFormat, is_channels_last, spatial_letters
from jaxup._arguments.call import Call
from jaxup._arguments.keywords import named, unknown_keyword
from jaxup._arguments.number_types import Factor
from jaxup._arguments.pixel_groups import ORDERS, ChannelOrder, checked_factors


@named
def pixel_shuffle(
    x: ArrayLike,
    factor: Factor,
    *,
    order: ChannelOrder = "torch",
    data_format: DataFormat = "channels_last",
    **unknown: Never,
) -> jax.Array:
    """Interleave groups of channels as pixels: an image ``factor`` times as large.

    With C channels in the result, and a factor r along either axis of an image:

    - PyTorch's order: ``y[r h + i, r w + j, c] = x[h, w, (c r + i) r + j]``. The channels of one
      output channel lie side by side.
    - TensorFlow's: ``y[r h + i, r w + j, c] = x[h, w, (i r + j) C + c]``. Those of one pixel do.

    The same holds for any number of axes, whatever the data format: the first axis counts most.

    Args:
      x: array of shape (..., height, width, channels), or (..., channels, height, width) with
        ``data_format="channels_first"``; any dtype and any number of leading batch axes, also
        none. There are as many spatial axes as factors, and two for one number.
      factor: output pixels per input pixel, 1 or more; one per spatial axis, or one for all.
      order: ``"torch"`` (ONNX's ``"CRD"``) or ``"tensorflow"`` (``"DCR"``).
      data_format: ``"channels_last"`` or ``"channels_first"``; in letters, such as ``"NDHWC"``, it
        also says for one factor how many spatial axes there are.

    Returns:
      Array of x's dtype: every spatial axis ``factor`` times as long, and the channels divided by
      the product of all factors.

    Raises:
      ValueError: for a factor below 1, too few axes, channels that the product of the factors does
        not divide, or an unknown order or data format.
      TypeError: for a factor that is not an integer.

    Example:
      >>> import jax.numpy as jnp, jaxup
      >>> jaxup.pixel_shuffle(jnp.arange(4).reshape(1, 1, 4), 2)[..., 0]
      Array([[0, 1],
             [2, 3]], dtype=int32)
      >>> jaxup.pixel_shuffle(jnp.zeros((4, 16, 16, 24)), (1, 2, 2), order="tensorflow").shape
      (4, 32, 32, 6)

    Source: Shi et al., "Real-Time Single Image and Video Super-Resolution Using an Efficient
    Sub-Pixel Convolutional Neural Network", CVPR 2016; the orders are those of
    ``torch.nn.PixelShuffle`` and ``tf.nn.depth_to_space``.
    """
    if unknown:
        raise unknown_keyword(pixel_shuffle, unknown)
    x = as_array("jaxup.pixel_shuffle", x)
    call = Call("jaxup.pixel_shuffle", x.shape)
    factors, sizes, channels = _taken_apart(call, factor, order, data_format)
    group = math.prod(factors)
    if channels % group:
        rule = (
            f"channels in groups of {' * '.join(map(str, factors))} = {group} for factor={factor}"
        )
        advice = f"Give x a multiple of {group} channels, or check data_format={data_format!r}."
        raise call.value_error(rule, f"{channels} channels", advice)
    apart = (*sizes, *factors, channels // group)
    grouped, interleaved = _layouts(len(sizes), order, data_format)
    large = [size * factor for size, factor in zip(sizes, factors, strict=True)]
    return _moved(x, apart, grouped, interleaved, _shape(large, apart[-1], data_format))


@named
def pixel_unshuffle(
    x: ArrayLike,
    factor: Factor,
    *,
    order: ChannelOrder = "torch",
    data_format: DataFormat = "channels_last",
    **unknown: Never,
) -> jax.Array:
    """Take an image apart into smaller ones, as channels: the inverse of `pixel_shuffle`.

    With r the factor, ``y[h, w, (c r + i) r + j] = x[r h + i, r w + j, c]`` in PyTorch's order.

    Args:
      x: array of shape (..., height, width, channels), or (..., channels, height, width) with
        ``data_format="channels_first"``, with as many spatial axes as `jaxup.pixel_shuffle` has;
        any dtype and any number of leading batch axes, also none.
      factor: input pixels per output pixel, 1 or more; one per spatial axis, or one for all.
      order, data_format: those of `jaxup.pixel_shuffle`.

    Returns:
      Array of x's dtype: every spatial axis divided by its factor, and the channels times the
      product of all factors.

    Raises:
      ValueError: for a factor below 1, too few axes, a spatial axis that its factor does not
        divide, or an unknown order or data format.
      TypeError: for a factor that is not an integer.

    Example:
      >>> import jax.numpy as jnp, jaxup
      >>> jaxup.pixel_unshuffle(jnp.arange(4).reshape(2, 2, 1), 2)
      Array([[[0, 1, 2, 3]]], dtype=int32)

    Source: ``torch.nn.PixelUnshuffle`` and ``tf.nn.space_to_depth``.
    """
    if unknown:
        raise unknown_keyword(pixel_unshuffle, unknown)
    x = as_array("jaxup.pixel_unshuffle", x)
    call = Call("jaxup.pixel_unshuffle", x.shape)
    factors, sizes, channels = _taken_apart(call, factor, order, data_format)
    if any(size % factor for size, factor in zip(sizes, factors, strict=True)):
        rule = f"spatial sizes that factor={factor} divides"
        advice = f"Crop or pad x, or check data_format={data_format!r}."
        raise call.value_error(rule, f"sizes {sizes}", advice)
    small = [size // factor for size, factor in zip(sizes, factors, strict=True)]
    grouped, interleaved = _layouts(len(sizes), order, data_format)
    shape = _shape(small, channels * math.prod(factors), data_format)
    return _moved(x, (*small, *factors, channels), interleaved, grouped, shape)


def _taken_apart(
    call: Call, factor: Any, order: object, data_format: str
) -> tuple[tuple[int, ...], tuple[Any, ...], Any]:
    """Return the factors, and the sizes of the spatial axes and of the channels."""
    call.check_name("order", order, ORDERS)
    call.check_name("data_format", data_format, FORMATS)
    letters = spatial_letters(data_format)
    factors = checked_factors(call, factor, letters or 2)
    d = len(factors)
    if letters not in (None, d):
        rule = f"{letters} spatial axes for data_format={data_format!r}"
        advice = "Pass one factor per spatial axis, or another data_format."
        raise call.value_error(rule, f"factor={factor}", advice)
    if len(call.shape) <= d:
        rule = f"x with {d} spatial axes for factor={factor}, and channels"
        raise call.value_error(rule, f"{len(call.shape)} axes in all", "Add the missing axis.")
    image = call.shape[-d - 1 :]
    last = is_channels_last(data_format)
    return factors, image[:-1] if last else image[1:], image[-1] if last else image[0]


def _layouts(d: int, order: ChannelOrder, data_format: str) -> tuple[tuple[int, ...], ...]:
    """Return in which order the axes lie where channels are grouped, and where pixels interleave.

    Axis n is a spatial axis of the small image, d + n its factor, and 2 d the large one's channels.
    """
    spatial, factors, channels = tuple(range(d)), tuple(range(d, 2 * d)), (2 * d,)
    groups = channels + factors if order == "torch" else factors + channels
    pixels = tuple(axis for pair in zip(spatial, factors, strict=True) for axis in pair)
    if is_channels_last(data_format):
        return spatial + groups, pixels + channels
    return groups + spatial, channels + pixels


def _shape(sizes: list[Any], channels: Any, data_format: str) -> tuple[Any, ...]:
    return (*sizes, channels) if is_channels_last(data_format) else (channels, *sizes)


def _moved(x: jax.Array, *layout: Any) -> jax.Array:
    function: Any = _rearranged if isinstance(x, Tracer) else _compiled
    return function(x, *layout)


def _rearranged(
    x: jax.Array,
    apart: tuple[Any, ...],
    before: tuple[int, ...],
    after: tuple[int, ...],
    shape: tuple[Any, ...],
) -> jax.Array:
    """Move the axes, of the sizes ``apart``, from one order into another, and merge them."""
    batch = x.shape[: x.ndim - len(shape)]
    n = len(batch)
    x = x.reshape(batch + tuple(apart[axis] for axis in before))
    moved = x.transpose(*range(n), *(n + before.index(axis) for axis in after))
    return moved.reshape(batch + shape)


_compiled: Any = jax.jit(_rearranged, static_argnums=(1, 2, 3, 4))
