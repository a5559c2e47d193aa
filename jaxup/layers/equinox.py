"""`jaxup.upsample` and its companions as Equinox modules: ``from jaxup.layers import equinox``.

As everywhere in Equinox a layer takes one example, channels first; `jax.vmap` adds a batch.
"""

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp

from jaxup import kernels
from jaxup._functional import METHODS, MethodName, upsample
from jaxup._geometry import DataFormat
from jaxup._shuffle import pixel_shuffle, pixel_unshuffle
from jaxup.layers._extra import extra
from jaxup.layers._options import conv_axes, default_scale, frozen

with extra("equinox"):
    import equinox as eqx


class Upsample(eqx.Module):
    """`jaxup.upsample` of one example as a module whose fields are all static.

    Args:
      scale, method, size, axes, align_corners, antialias: as for `jaxup.upsample`, with its
        defaults, but that all axes beside the channels are spatial where nothing else says how
        many are. They are checked at the call, by the function.
      data_format: ``"channels_first"`` (the default) or ``"channels_last"``.

    Raises:
      ValueError, TypeError: at the call, those of `jaxup.upsample`.

    Example:
      >>> import jax.numpy as jnp
      >>> from jaxup.layers.equinox import Upsample
      >>> layer = Upsample(2, "bilinear", align_corners=True)
      >>> layer
      Upsample(scale=2, method='bilinear', align_corners=True)
      >>> layer(jnp.ones((3, 8, 8))).shape
      (3, 16, 16)
    """

    scale: float | Sequence[float] | None = eqx.field(default=None, converter=frozen, static=True)
    method: MethodName | kernels.Kernel = eqx.field(default="nearest", static=True)
    size: int | Sequence[int] | None = eqx.field(
        default=None, converter=frozen, static=True, kw_only=True
    )
    axes: int | Sequence[int] | None = eqx.field(
        default=None, converter=frozen, static=True, kw_only=True
    )
    data_format: DataFormat = eqx.field(default="channels_first", static=True, kw_only=True)
    align_corners: bool = eqx.field(default=False, static=True, kw_only=True)
    antialias: bool = eqx.field(default=False, static=True, kw_only=True)

    def __call__(self, x: jax.Array, *, key: jax.Array | None = None) -> jax.Array:
        """Resample ``x``, of shape (channels, spatial axes).

        Args:
          x: the input.
          key: unused; here so that the layer fits into ``eqx.nn.Sequential``.

        Returns:
          Array of x's dtype, with the spatial axes resampled.
        """
        return upsample(
            x,
            self.scale,
            self.method,
            size=self.size,
            axes=self._axes(jnp.ndim(x)),
            data_format=self.data_format,
            align_corners=self.align_corners,
            antialias=self.antialias,
        )

    def _axes(self, ndim: int):
        """The options' axes, or all but the channels where nothing says how many are spatial.

        The function takes the first of them for a batch axis there, which Equinox has not.
        """
        method = METHODS.get(self.method) if isinstance(self.method, str) else None
        told = (method is not None and method.rank) or any(
            isinstance(option, tuple) for option in (self.scale, self.size)
        )
        if self.axes is not None or told:
            return self.axes
        return conv_axes(ndim - 1, self.data_format)


class UpsampleConv(eqx.Module):
    """`Upsample` as ``upsample``, then an ``eqx.nn.Conv`` as ``conv``.

    Args:
      in_channels: channels of the input.
      out_channels: channels of the output.
      scale, method, size, align_corners, antialias: as for `jaxup.upsample`. Without scale and
        size, it doubles.
      kernel_size: pixels of the convolution's kernel, one number per spatial axis; their count
        says how many axes are spatial.
      data_format: ``"channels_first"``, or ``"channels_last"``, for which the channels are moved
        first around the convolution.
      padding: as for ``eqx.nn.Conv``, by default ``"SAME"``.
      use_bias, dtype, key: as for ``eqx.nn.Conv``, with its defaults.

    Raises:
      ValueError, TypeError: at the call, those of `jaxup.upsample`.

    Example:
      >>> import jax, jax.numpy as jnp
      >>> from jaxup.layers.equinox import UpsampleConv
      >>> block = UpsampleConv(3, 16, key=jax.random.key(0))
      >>> block.conv.weight.shape
      (16, 3, 3, 3)
      >>> block(jnp.ones((3, 8, 8))).shape
      (16, 16, 16)
    """

    upsample: Upsample
    conv: eqx.nn.Conv

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        scale: float | Sequence[float] | None = None,
        method: MethodName | kernels.Kernel = "nearest",
        *,
        size: int | Sequence[int] | None = None,
        kernel_size: Sequence[int] = (3, 3),
        data_format: DataFormat = "channels_first",
        align_corners: bool = False,
        antialias: bool = False,
        padding: Any = "SAME",
        use_bias: bool = True,
        dtype: Any = None,
        key: jax.Array,
    ):
        rank = len(kernel_size)
        self.upsample = Upsample(
            default_scale(scale, size),
            method,
            size=size,
            axes=conv_axes(rank, data_format),
            data_format=data_format,
            align_corners=align_corners,
            antialias=antialias,
        )
        self.conv = eqx.nn.Conv(
            rank,
            in_channels,
            out_channels,
            kernel_size,
            padding=padding,
            use_bias=use_bias,
            dtype=dtype,
            key=key,
        )

    def __call__(self, x: jax.Array, *, key: jax.Array | None = None) -> jax.Array:
        """Resample ``x``, of shape (in_channels, spatial axes), and convolve the result.

        Args:
          x: the input.
          key: unused; here so that the layer fits into ``eqx.nn.Sequential``.

        Returns:
          Array of shape (out_channels, spatial axes).
        """
        x = self.upsample(x)
        if self.upsample.data_format == "channels_first":
            return self.conv(x)
        return jnp.moveaxis(self.conv(jnp.moveaxis(x, -1, 0)), 0, -1)


class PixelShuffle(eqx.Module):
    """`jaxup.pixel_shuffle` of one example as a module whose fields are all static.

    Args:
      factor: as for `jaxup.pixel_shuffle`.
      data_format: ``"channels_first"`` (the default) or ``"channels_last"``.

    Example:
      >>> import jax.numpy as jnp
      >>> from jaxup.layers.equinox import PixelShuffle
      >>> PixelShuffle(2)(jnp.ones((12, 8, 8))).shape
      (3, 16, 16)
    """

    factor: int = eqx.field(static=True)
    data_format: DataFormat = eqx.field(default="channels_first", static=True, kw_only=True)

    def __call__(self, x: jax.Array, *, key: jax.Array | None = None) -> jax.Array:
        """Channels into pixels; ``key`` is unused, and fits ``eqx.nn.Sequential``."""
        return pixel_shuffle(x, self.factor, data_format=self.data_format)


class PixelUnshuffle(eqx.Module):
    """`jaxup.pixel_unshuffle` of one example as a module whose fields are all static.

    Args:
      factor: as for `jaxup.pixel_unshuffle`.
      data_format: ``"channels_first"`` (the default) or ``"channels_last"``.

    Example:
      >>> import jax.numpy as jnp
      >>> from jaxup.layers.equinox import PixelUnshuffle
      >>> PixelUnshuffle(2)(jnp.ones((3, 16, 16))).shape
      (12, 8, 8)
    """

    factor: int = eqx.field(static=True)
    data_format: DataFormat = eqx.field(default="channels_first", static=True, kw_only=True)

    def __call__(self, x: jax.Array, *, key: jax.Array | None = None) -> jax.Array:
        """Pixels into channels; ``key`` is unused, and fits ``eqx.nn.Sequential``."""
        return pixel_unshuffle(x, self.factor, data_format=self.data_format)
