"""`jaxup.upsample` and its companions as Flax Linen modules: ``from jaxup.layers import linen``."""

import dataclasses

import jax

from jaxup import kernels
from jaxup._arguments.axes import DataFormat
from jaxup._arguments.keywords import refuses_unknown
from jaxup._arguments.number_types import Axes, Factor, Scale, Size
from jaxup._arguments.pixel_groups import ChannelOrder
from jaxup._arguments.torch_methods import MethodName
from jaxup._functions.pixel_shuffle import pixel_shuffle, pixel_unshuffle
from jaxup.layers._extra import extra
from jaxup.layers._options import frozen, upsample_as

with extra("linen"):
    import flax.linen as nn


class _Shell(nn.Module):
    """A module whose fields are a function's options, and whose repr shows those that are set."""

    def __post_init__(self):
        for option in {"scale", "size", "axes", "factor"} & set(vars(self)):
            setattr(self, option, frozen(getattr(self, option)))
        super().__post_init__()

    def __repr__(self):
        options = (
            f"{field.name}={getattr(self, field.name)!r}"
            for field in dataclasses.fields(self)
            if field.name not in ("parent", "name") and getattr(self, field.name) != field.default
        )
        return f"{type(self).__name__}({', '.join(options)})"


@refuses_unknown
class Upsample(_Shell):
    """Resample the spatial axes of an array, by `jaxup.upsample`. It has no parameters.

    Args:
      scale, method, size, axes, data_format, align_corners, antialias: those of
        `jaxup.upsample`, which explains them, with its defaults. A wrong option raises the
        function's ValueError or TypeError when the layer is called.

    Example:
      >>> import jax.numpy as jnp
      >>> from jaxup.layers.linen import Upsample
      >>> layer = Upsample(2, "bilinear", align_corners=True)
      >>> layer
      Upsample(scale=2, method='bilinear', align_corners=True)
      >>> layer.apply({}, jnp.ones((1, 8, 8, 3))).shape
      (1, 16, 16, 3)
    """

    scale: Scale | None = None
    method: MethodName | kernels.Kernel = "nearest"
    _: dataclasses.KW_ONLY
    size: Size | None = None
    axes: Axes | None = None
    data_format: DataFormat = "channels_last"
    align_corners: bool = False
    antialias: bool = False

    def __call__(self, x: jax.Array) -> jax.Array:
        """Resample ``x``, an array as `jaxup.upsample` takes it."""
        return upsample_as(self, x)


@refuses_unknown
class PixelShuffle(_Shell):
    """Turn groups of channels into blocks of pixels, by `jaxup.pixel_shuffle`.

    Args:
      factor, order, data_format: those of `jaxup.pixel_shuffle`, which explains them, with its
        defaults.

    Example:
      >>> import jax.numpy as jnp
      >>> from jaxup.layers.linen import PixelShuffle
      >>> PixelShuffle(2).apply({}, jnp.ones((1, 8, 8, 12))).shape
      (1, 16, 16, 3)
    """

    factor: Factor
    _: dataclasses.KW_ONLY
    order: ChannelOrder = "torch"
    data_format: DataFormat = "channels_last"

    def __call__(self, x: jax.Array) -> jax.Array:
        """Channels into pixels."""
        return pixel_shuffle(x, self.factor, order=self.order, data_format=self.data_format)


@refuses_unknown
class PixelUnshuffle(_Shell):
    """Turn blocks of pixels into groups of channels, by `jaxup.pixel_unshuffle`.

    Args:
      factor, order, data_format: those of `jaxup.pixel_unshuffle`, which explains them, with its
        defaults.

    Example:
      >>> import jax.numpy as jnp
      >>> from jaxup.layers.linen import PixelUnshuffle
      >>> PixelUnshuffle(2).apply({}, jnp.ones((1, 16, 16, 3))).shape
      (1, 8, 8, 12)
    """

    factor: Factor
    _: dataclasses.KW_ONLY
    order: ChannelOrder = "torch"
    data_format: DataFormat = "channels_last"

    def __call__(self, x: jax.Array) -> jax.Array:
        """Pixels into channels."""
        return pixel_unshuffle(x, self.factor, order=self.order, data_format=self.data_format)
