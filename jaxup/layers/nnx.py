"""`jaxup.upsample` and its companions as Flax NNX modules: ``from jaxup.layers import nnx``."""

import inspect
from typing import Any

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

with extra("nnx"):
    from flax import nnx


class _Shell(nnx.Module):
    """A module whose attributes are a function's options, and whose repr shows those set."""

    def __nnx_repr__(self):
        options = inspect.signature(self.__init__).parameters
        part: Any  # the object, then one for each attribute, with its key and value
        for part in super().__nnx_repr__():
            option = options.get(getattr(part, "key", ""))
            if option is None or part.value != option.default:
                yield part


@refuses_unknown
class Upsample(_Shell):
    """Resample the spatial axes of an array, by `jaxup.upsample`. It has no state.

    Args:
      scale, method, size, axes, data_format, align_corners, antialias: those of
        `jaxup.upsample`, which explains them, with its defaults. A wrong option raises the
        function's ValueError or TypeError when the layer is called.

    Example:
      >>> import jax.numpy as jnp
      >>> from jaxup.layers.nnx import Upsample
      >>> layer = Upsample(2, "bilinear", align_corners=True)
      >>> layer
      Upsample(
        scale=2,
        method='bilinear',
        align_corners=True
      )
      >>> layer(jnp.ones((1, 8, 8, 3))).shape
      (1, 16, 16, 3)
    """

    def __init__(
        self,
        scale: Scale | None = None,
        method: MethodName | kernels.Kernel = "nearest",
        *,
        size: Size | None = None,
        axes: Axes | None = None,
        data_format: DataFormat = "channels_last",
        align_corners: bool = False,
        antialias: bool = False,
    ):
        self.scale = frozen(scale)
        self.method: MethodName | kernels.Kernel = method
        self.size = frozen(size)
        self.axes = frozen(axes)
        self.data_format: DataFormat = data_format
        self.align_corners = align_corners
        self.antialias = antialias

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
      >>> from jaxup.layers.nnx import PixelShuffle
      >>> PixelShuffle(2)(jnp.ones((1, 8, 8, 12))).shape
      (1, 16, 16, 3)
    """

    def __init__(
        self,
        factor: Factor,
        *,
        order: ChannelOrder = "torch",
        data_format: DataFormat = "channels_last",
    ):
        self.factor = frozen(factor)
        self.order: ChannelOrder = order
        self.data_format: DataFormat = data_format

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
      >>> from jaxup.layers.nnx import PixelUnshuffle
      >>> PixelUnshuffle(2)(jnp.ones((1, 16, 16, 3))).shape
      (1, 8, 8, 12)
    """

    def __init__(
        self,
        factor: Factor,
        *,
        order: ChannelOrder = "torch",
        data_format: DataFormat = "channels_last",
    ):
        self.factor = frozen(factor)
        self.order: ChannelOrder = order
        self.data_format: DataFormat = data_format

    def __call__(self, x: jax.Array) -> jax.Array:
        """Pixels into channels."""
        return pixel_unshuffle(x, self.factor, order=self.order, data_format=self.data_format)
