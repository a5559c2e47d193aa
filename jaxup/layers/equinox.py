"""`jaxup.upsample` and its companions as Equinox modules: ``from jaxup.layers import equinox``.

As everywhere in Equinox a layer takes one example, channels first; `jax.vmap` adds a batch.
"""

import dataclasses
from typing import Any, TypeVar

import jax
import jax.numpy as jnp

from jaxup import kernels
from jaxup._arguments.axes import FORMATS, DataFormat, is_channels_last, spatial_letters
from jaxup._arguments.call import Call
from jaxup._arguments.keywords import refuses_unknown
from jaxup._arguments.number_types import Axes, Factor, Scale, Size
from jaxup._arguments.pixel_groups import ChannelOrder
from jaxup._arguments.torch_methods import METHODS, MethodName
from jaxup._functions import icnr as keyed
from jaxup._functions.pixel_shuffle import pixel_shuffle, pixel_unshuffle
from jaxup.layers._extra import extra
from jaxup.layers._options import frozen, upsample_as

with extra("equinox"):
    import equinox as eqx

_Layer = TypeVar("_Layer", bound="eqx.nn.Conv | eqx.nn.Linear")


@refuses_unknown
class Upsample(eqx.Module):
    """Resample the spatial axes of one example, by `jaxup.upsample`. All fields are static.

    Args:
      scale, method, size, axes, data_format, align_corners, antialias: those of
        `jaxup.upsample`, which explains them. The defaults differ in two ways: the data format is
        ``"channels_first"``, and all axes but the channels are spatial where no option says how
        many are. A wrong option raises the function's ValueError or TypeError when the layer is
        called.

    Example:
      >>> import jax.numpy as jnp
      >>> from jaxup.layers.equinox import Upsample
      >>> layer = Upsample(2, "bilinear", align_corners=True)
      >>> layer
      Upsample(scale=2, method='bilinear', align_corners=True)
      >>> layer(jnp.ones((3, 8, 8))).shape
      (3, 16, 16)
    """

    scale: Scale | None = eqx.field(default=None, converter=frozen, static=True)
    method: MethodName | kernels.Kernel = eqx.field(default="nearest", static=True)
    _: dataclasses.KW_ONLY
    size: Size | None = eqx.field(default=None, converter=frozen, static=True)
    axes: Axes | None = eqx.field(default=None, converter=frozen, static=True)
    data_format: DataFormat = eqx.field(default="channels_first", static=True)
    align_corners: bool = eqx.field(default=False, static=True)
    antialias: bool = eqx.field(default=False, static=True)

    def __call__(self, x: jax.Array, *, key: jax.Array | None = None) -> jax.Array:
        """Resample ``x``, of shape (channels, spatial axes).

        Args:
          x: the input.
          key: unused; here so that the layer fits into ``eqx.nn.Sequential``.

        Returns:
          Array of x's dtype, with the spatial axes resampled.
        """
        return upsample_as(self, x, axes=self._axes(jnp.ndim(x)))

    def _axes(self, ndim: int) -> Any:
        """The axes to resample: those given, or all but the channels where no option says how many.

        The function would take the first axis for a batch axis, and a layer in Equinox has none.
        """
        method = METHODS.get(self.method) if isinstance(self.method, str) else None
        told = (method is not None and method.rank) or any(
            isinstance(option, tuple) and len(option) != ndim - 1
            for option in (self.scale, self.size)
        )
        if self.axes is not None or told or self.data_format not in FORMATS:
            return self.axes
        if spatial_letters(self.data_format) is not None:
            return None
        return tuple(range(ndim - 1) if is_channels_last(self.data_format) else range(1, ndim))


@refuses_unknown
class PixelShuffle(eqx.Module):
    """Turn groups of channels into blocks of pixels, by `jaxup.pixel_shuffle`.

    Args:
      factor, order: those of `jaxup.pixel_shuffle`, which explains them.
      data_format: ``"channels_first"`` (the default) or ``"channels_last"``.

    Example:
      >>> import jax.numpy as jnp
      >>> from jaxup.layers.equinox import PixelShuffle
      >>> PixelShuffle(2)(jnp.ones((12, 8, 8))).shape
      (3, 16, 16)
    """

    factor: Factor = eqx.field(converter=frozen, static=True)
    order: ChannelOrder = eqx.field(default="torch", static=True, kw_only=True)
    data_format: DataFormat = eqx.field(default="channels_first", static=True, kw_only=True)

    def __call__(self, x: jax.Array, *, key: jax.Array | None = None) -> jax.Array:
        """Channels into pixels; ``key`` is unused, and fits ``eqx.nn.Sequential``."""
        return pixel_shuffle(x, self.factor, order=self.order, data_format=self.data_format)


@refuses_unknown
class PixelUnshuffle(eqx.Module):
    """Turn blocks of pixels into groups of channels, by `jaxup.pixel_unshuffle`.

    Args:
      factor, order: those of `jaxup.pixel_unshuffle`, which explains them.
      data_format: ``"channels_first"`` (the default) or ``"channels_last"``.

    Example:
      >>> import jax.numpy as jnp
      >>> from jaxup.layers.equinox import PixelUnshuffle
      >>> PixelUnshuffle(2)(jnp.ones((3, 16, 16))).shape
      (12, 8, 8)
    """

    factor: Factor = eqx.field(converter=frozen, static=True)
    order: ChannelOrder = eqx.field(default="torch", static=True, kw_only=True)
    data_format: DataFormat = eqx.field(default="channels_first", static=True, kw_only=True)

    def __call__(self, x: jax.Array, *, key: jax.Array | None = None) -> jax.Array:
        """Pixels into channels; ``key`` is unused, and fits ``eqx.nn.Sequential``."""
        return pixel_unshuffle(x, self.factor, order=self.order, data_format=self.data_format)


def icnr(layer: _Layer, factor: Factor, *, order: ChannelOrder = "torch") -> _Layer:
    """Return a convolution as `jaxup.icnr` starts it, with its bias.

    The weights stay Equinox's own draws: those of the first output channels serve all of a block.

    Args:
      layer: an ``eqx.nn.Conv`` or ``eqx.nn.Linear`` that was just made.
      factor, order: those of `jaxup.icnr`, which explains them and raises their errors.

    Raises:
      TypeError: for another kind of layer.

    Example:
      >>> import equinox as eqx, jax, jax.numpy as jnp
      >>> from jaxup.layers.equinox import PixelShuffle, icnr
      >>> conv = icnr(eqx.nn.Conv2d(3, 12, 3, padding=1, key=jax.random.key(0)), 2)
      >>> PixelShuffle(2)(conv(jnp.ones((3, 8, 8)))).shape
      (3, 16, 16)
    """
    if not isinstance(layer, eqx.nn.Conv | eqx.nn.Linear):
        call = Call("jaxup.layers.equinox.icnr", ())
        rule, advice = "a layer with output channels first", "Pass an eqx.nn.Conv or eqx.nn.Linear."
        raise call.type_error(rule, type(layer).__name__, advice)
    ndim = layer.weight.ndim

    def spread(drawn: jax.Array) -> jax.Array:
        kernel = drawn.reshape(*drawn.shape, *(1,) * (ndim - drawn.ndim))
        init = keyed.icnr(factor, lambda _, small: kernel[: small[0]], order=order, axis=0)
        return init(None, kernel.shape).reshape(drawn.shape)

    def drawn(layer: Any) -> list[jax.Array]:
        return [layer.weight] if layer.bias is None else [layer.weight, layer.bias]

    return eqx.tree_at(drawn, layer, [*map(spread, drawn(layer))])
