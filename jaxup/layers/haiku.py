"""`jaxup.upsample` and its companions as Haiku modules: ``from jaxup.layers import haiku``."""

from collections.abc import Sequence
from typing import Any

import jax

from jaxup import kernels
from jaxup._functional import MethodName, upsample
from jaxup._geometry import DataFormat
from jaxup._shuffle import pixel_shuffle, pixel_unshuffle
from jaxup.layers._extra import extra
from jaxup.layers._options import conv_axes, default_scale

with extra("haiku"):
    import haiku as hk


class Upsample(hk.Module):
    """`jaxup.upsample` as a module without parameters.

    Args:
      scale, method, size, axes, data_format, align_corners, antialias: as for `jaxup.upsample`,
        with its defaults. They are checked at the call, by the function.
      name: the module's name.

    Raises:
      ValueError, TypeError: at the call, those of `jaxup.upsample`.

    Example:
      >>> import haiku as hk, jax.numpy as jnp
      >>> from jaxup.layers.haiku import Upsample
      >>> f = hk.transform(lambda x: Upsample(2, "bilinear", align_corners=True)(x))
      >>> f.apply({}, None, jnp.ones((1, 8, 8, 3))).shape
      (1, 16, 16, 3)
    """

    def __init__(
        self,
        scale: float | Sequence[float] | None = None,
        method: MethodName | kernels.Kernel = "nearest",
        *,
        size: int | Sequence[int] | None = None,
        axes: int | Sequence[int] | None = None,
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
        return upsample(
            x,
            self.scale,
            self.method,
            size=self.size,
            axes=self.axes,
            data_format=self.data_format,
            align_corners=self.align_corners,
            antialias=self.antialias,
        )


class UpsampleConv(hk.Module):
    """`jaxup.upsample`, then ``hk.ConvND`` under the name ``conv``.

    Args:
      output_channels: channels of the output.
      scale, method, size, data_format, align_corners, antialias: as for `jaxup.upsample`.
        Without scale and size, it doubles.
      kernel_shape: pixels of the convolution's kernel, one number per spatial axis; their count
        says how many axes are spatial.
      padding, with_bias, w_init, b_init: as for ``hk.ConvND``, with its defaults.
      name: the module's name.

    Raises:
      ValueError, TypeError: at the call, those of `jaxup.upsample`.

    Example:
      >>> import haiku as hk, jax, jax.numpy as jnp
      >>> from jaxup.layers.haiku import UpsampleConv
      >>> f = hk.transform(lambda x: UpsampleConv(16)(x))
      >>> jax.tree.map(jnp.shape, f.init(jax.random.key(0), jnp.ones((1, 8, 8, 3))))
      {'upsample_conv/conv': {'b': (16,), 'w': (3, 3, 3, 16)}}
    """

    def __init__(
        self,
        output_channels: int,
        scale: float | Sequence[float] | None = None,
        method: MethodName | kernels.Kernel = "nearest",
        *,
        size: int | Sequence[int] | None = None,
        kernel_shape: Sequence[int] = (3, 3),
        data_format: DataFormat = "channels_last",
        align_corners: bool = False,
        antialias: bool = False,
        padding: Any = "SAME",
        with_bias: bool = True,
        w_init: hk.initializers.Initializer | None = None,
        b_init: hk.initializers.Initializer | None = None,
        name: str | None = None,
    ):
        super().__init__(name=name)
        self.output_channels = output_channels
        self.scale = default_scale(scale, size)
        self.method: MethodName | kernels.Kernel = method
        self.size = size
        self.kernel_shape = kernel_shape
        self.data_format: DataFormat = data_format
        self.align_corners = align_corners
        self.antialias = antialias
        self.padding = padding
        self.with_bias = with_bias
        self.w_init = w_init
        self.b_init = b_init

    def __call__(self, x: jax.Array) -> jax.Array:
        """Resample ``x``, with one batch axis or none, and convolve the result."""
        rank = len(self.kernel_shape)
        x = upsample(
            x,
            self.scale,
            self.method,
            size=self.size,
            axes=conv_axes(rank, self.data_format),
            data_format=self.data_format,
            align_corners=self.align_corners,
            antialias=self.antialias,
        )
        conv = hk.ConvND(
            rank,
            self.output_channels,
            self.kernel_shape,
            padding=self.padding,
            with_bias=self.with_bias,
            w_init=self.w_init,
            b_init=self.b_init,
            data_format=self.data_format,
            name="conv",
        )
        return conv(x)


class PixelShuffle(hk.Module):
    """`jaxup.pixel_shuffle` as a module without parameters.

    Args:
      factor, data_format: as for `jaxup.pixel_shuffle`.
      name: the module's name.

    Example:
      >>> import haiku as hk, jax.numpy as jnp
      >>> from jaxup.layers.haiku import PixelShuffle
      >>> f = hk.transform(lambda x: PixelShuffle(2)(x))
      >>> f.apply({}, None, jnp.ones((1, 8, 8, 12))).shape
      (1, 16, 16, 3)
    """

    def __init__(
        self,
        factor: int,
        *,
        data_format: DataFormat = "channels_last",
        name: str | None = None,
    ):
        super().__init__(name=name)
        self.factor = factor
        self.data_format: DataFormat = data_format

    def __call__(self, x: jax.Array) -> jax.Array:
        """Channels into pixels."""
        return pixel_shuffle(x, self.factor, data_format=self.data_format)


class PixelUnshuffle(hk.Module):
    """`jaxup.pixel_unshuffle` as a module without parameters.

    Args:
      factor, data_format: as for `jaxup.pixel_unshuffle`.
      name: the module's name.

    Example:
      >>> import haiku as hk, jax.numpy as jnp
      >>> from jaxup.layers.haiku import PixelUnshuffle
      >>> f = hk.transform(lambda x: PixelUnshuffle(2)(x))
      >>> f.apply({}, None, jnp.ones((1, 16, 16, 3))).shape
      (1, 8, 8, 12)
    """

    def __init__(
        self,
        factor: int,
        *,
        data_format: DataFormat = "channels_last",
        name: str | None = None,
    ):
        super().__init__(name=name)
        self.factor = factor
        self.data_format: DataFormat = data_format

    def __call__(self, x: jax.Array) -> jax.Array:
        """Pixels into channels."""
        return pixel_unshuffle(x, self.factor, data_format=self.data_format)
