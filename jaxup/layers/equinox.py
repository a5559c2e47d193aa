"""`jaxup.upsample` and its companions as Equinox modules: ``from jaxup.layers import equinox``.

As everywhere in Equinox a layer takes one example, channels first; `jax.vmap` adds a batch.
"""

import dataclasses
from typing import Any

import jax
import jax.numpy as jnp

from jaxup import kernels
from jaxup._arguments.axes import FORMATS, DataFormat, is_channels_last, spatial_letters
from jaxup._arguments.keywords import refuses_unknown
from jaxup._arguments.number_types import Axes, Scale, Size, Whole
from jaxup._arguments.torch_methods import METHODS, MethodName
from jaxup._functions.pixel_shuffle import pixel_shuffle, pixel_unshuffle
from jaxup.layers._extra import extra
from jaxup.layers._options import frozen, upsample_as

with extra("equinox"):
    import equinox as eqx


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
    """Turn groups of channels into squares of pixels, by `jaxup.pixel_shuffle`.

    Args:
      factor: that of `jaxup.pixel_shuffle`, which explains it.
      data_format: ``"channels_first"`` (the default) or ``"channels_last"``.

    Example:
      >>> import jax.numpy as jnp
      >>> from jaxup.layers.equinox import PixelShuffle
      >>> PixelShuffle(2)(jnp.ones((12, 8, 8))).shape
      (3, 16, 16)
    """

    factor: Whole = eqx.field(static=True)
    data_format: DataFormat = eqx.field(default="channels_first", static=True, kw_only=True)

    def __call__(self, x: jax.Array, *, key: jax.Array | None = None) -> jax.Array:
        """Channels into pixels; ``key`` is unused, and fits ``eqx.nn.Sequential``."""
        return pixel_shuffle(x, self.factor, data_format=self.data_format)


@refuses_unknown
class PixelUnshuffle(eqx.Module):
    """Turn squares of pixels into groups of channels, by `jaxup.pixel_unshuffle`.

    Args:
      factor: that of `jaxup.pixel_unshuffle`, which explains it.
      data_format: ``"channels_first"`` (the default) or ``"channels_last"``.

    Example:
      >>> import jax.numpy as jnp
      >>> from jaxup.layers.equinox import PixelUnshuffle
      >>> PixelUnshuffle(2)(jnp.ones((3, 16, 16))).shape
      (12, 8, 8)
    """

    factor: Whole = eqx.field(static=True)
    data_format: DataFormat = eqx.field(default="channels_first", static=True, kw_only=True)

    def __call__(self, x: jax.Array, *, key: jax.Array | None = None) -> jax.Array:
        """Pixels into channels; ``key`` is unused, and fits ``eqx.nn.Sequential``."""
        return pixel_unshuffle(x, self.factor, data_format=self.data_format)
