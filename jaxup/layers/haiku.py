"""`jaxup.upsample` and its companions as Haiku modules: ``from jaxup.layers import haiku``."""

from collections.abc import Callable, Sequence
from typing import Any

import jax

from jaxup import kernels
from jaxup._arguments.axes import DataFormat
from jaxup._arguments.keywords import refuses_unknown
from jaxup._arguments.number_types import Axes, Factor, Scale, Size
from jaxup._arguments.pixel_groups import ChannelOrder
from jaxup._arguments.torch_methods import MethodName
from jaxup._functions import icnr as keyed
from jaxup._functions.pixel_shuffle import pixel_shuffle, pixel_unshuffle
from jaxup.layers._extra import extra
from jaxup.layers._options import upsample_as

with extra("haiku"):
    import haiku as hk


@refuses_unknown
class Upsample(hk.Module):
    """Resample the spatial axes of an array, by `jaxup.upsample`. It has no parameters.

    Args:
      scale, method, size, axes, data_format, align_corners, antialias: those of
        `jaxup.upsample`, which explains them, with its defaults. A wrong option raises the
        function's ValueError or TypeError when the layer is called.
      name: the module's name.

    Example:
      >>> import haiku as hk, jax.numpy as jnp
      >>> from jaxup.layers.haiku import Upsample
      >>> f = hk.transform(lambda x: Upsample(2, "bilinear", align_corners=True)(x))
      >>> f.apply({}, None, jnp.ones((1, 8, 8, 3))).shape
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
        name: str | None = None,
    ):
        super().__init__(name=name)
        self.scale = scale
        self.method: MethodName | kernels.Kernel = method
        self.size = size
        self.axes = axes
        self.data_format: DataFormat = data_format
        self.align_corners = align_corners
        self.antialias = antialias

    def __call__(self, x: jax.Array) -> jax.Array:
        """Resample ``x``, an array as `jaxup.upsample` takes it."""
        return upsample_as(self, x)


class _Shuffle(hk.Module):
    """A module whose attributes are the options of `jaxup.pixel_shuffle` and its inverse."""

    def __init__(
        self,
        factor: Factor,
        *,
        order: ChannelOrder = "torch",
        data_format: DataFormat = "channels_last",
        name: str | None = None,
    ):
        super().__init__(name=name)
        self.factor = factor
        self.order: ChannelOrder = order
        self.data_format: DataFormat = data_format


@refuses_unknown
class PixelShuffle(_Shuffle):
    """Turn groups of channels into blocks of pixels, by `jaxup.pixel_shuffle`.

    Args:
      factor, order, data_format: those of `jaxup.pixel_shuffle`, which explains them, with its
        defaults.
      name: the module's name.

    Example:
      >>> import haiku as hk, jax.numpy as jnp
      >>> from jaxup.layers.haiku import PixelShuffle
      >>> f = hk.transform(lambda x: PixelShuffle(2)(x))
      >>> f.apply({}, None, jnp.ones((1, 8, 8, 12))).shape
      (1, 16, 16, 3)
    """

    def __call__(self, x: jax.Array) -> jax.Array:
        """Channels into pixels."""
        return pixel_shuffle(x, self.factor, order=self.order, data_format=self.data_format)


@refuses_unknown
class PixelUnshuffle(_Shuffle):
    """Turn blocks of pixels into groups of channels, by `jaxup.pixel_unshuffle`.

    Args:
      factor, order, data_format: those of `jaxup.pixel_unshuffle`, which explains them, with its
        defaults.
      name: the module's name.

    Example:
      >>> import haiku as hk, jax.numpy as jnp
      >>> from jaxup.layers.haiku import PixelUnshuffle
      >>> f = hk.transform(lambda x: PixelUnshuffle(2)(x))
      >>> f.apply({}, None, jnp.ones((1, 16, 16, 3))).shape
      (1, 8, 8, 12)
    """

    def __call__(self, x: jax.Array) -> jax.Array:
        """Pixels into channels."""
        return pixel_unshuffle(x, self.factor, order=self.order, data_format=self.data_format)


def icnr(
    factor: Factor,
    initializer: Callable[[Sequence[int], Any], jax.Array] | None = None,
    *,
    order: ChannelOrder = "torch",
) -> Callable[[Sequence[int], Any], jax.Array]:
    """`jaxup.icnr` as an initializer of Haiku's form, ``(shape, dtype) -> array``.

    Args:
      factor, order: those of `jaxup.icnr`, which explains them and raises their errors.
      initializer: for the small kernel, one of ``hk.initializers``; by default
        ``hk.initializers.VarianceScaling()``.

    Example:
      >>> import haiku as hk, jax, jax.numpy as jnp
      >>> from jaxup.layers.haiku import PixelShuffle, icnr
      >>> f = hk.transform(lambda x: PixelShuffle(2)(hk.Conv2D(12, 3, w_init=icnr(2))(x)))
      >>> x = jnp.ones((1, 8, 8, 3))
      >>> f.apply(f.init(jax.random.key(0), x), None, x).shape
      (1, 16, 16, 3)
    """
    small = hk.initializers.VarianceScaling() if initializer is None else initializer
    init = keyed.icnr(factor, lambda _, *drawn: small(*drawn), order=order)
    return lambda shape, dtype: init(None, shape, dtype)
