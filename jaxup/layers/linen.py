"""`jaxup.upsample` and its companions as Flax Linen modules: ``from jaxup.layers import linen``."""

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp

from jaxup import kernels
from jaxup._functional import MethodName, upsample
from jaxup._geometry import DataFormat
from jaxup._shuffle import pixel_shuffle, pixel_unshuffle
from jaxup.layers._extra import extra
from jaxup.layers._options import conv_axes, default_scale, frozen

with extra("linen"):
    import flax.linen as nn


class _Shell(nn.Module):
    """A module whose fields are a function's options, and whose repr shows those that are set."""

    def __post_init__(self):
        for option in {"scale", "size", "axes", "kernel_size"} & set(vars(self)):
            setattr(self, option, frozen(getattr(self, option)))
        super().__post_init__()

    def __repr__(self):
        options = (
            f"{field.name}={getattr(self, field.name)!r}"
            for field in dataclasses.fields(self)
            if field.name not in ("parent", "name") and getattr(self, field.name) != field.default
        )
        return f"{type(self).__name__}({', '.join(options)})"


class Upsample(_Shell):
    """`jaxup.upsample` as a module without parameters.

    Args:
      scale, method, size, axes, data_format, align_corners, antialias: as for `jaxup.upsample`,
        with its defaults. They are checked at the call, by the function.

    Raises:
      ValueError, TypeError: at the call, those of `jaxup.upsample`.

    Example:
      >>> import jax.numpy as jnp
      >>> from jaxup.layers.linen import Upsample
      >>> layer = Upsample(2, "bilinear", align_corners=True)
      >>> layer
      Upsample(scale=2, method='bilinear', align_corners=True)
      >>> layer.apply({}, jnp.ones((1, 8, 8, 3))).shape
      (1, 16, 16, 3)
    """

    scale: float | Sequence[float] | None = None
    method: MethodName | kernels.Kernel = "nearest"
    _: dataclasses.KW_ONLY
    size: int | Sequence[int] | None = None
    axes: int | Sequence[int] | None = None
    data_format: DataFormat = "channels_last"
    align_corners: bool = False
    antialias: bool = False

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


class UpsampleConv(_Shell):
    """`jaxup.upsample`, then ``nn.Conv`` under the name ``conv``.

    Args:
      features: channels of the output.
      scale, method, size, align_corners, antialias: as for `jaxup.upsample`. Without scale and
        size, it doubles.
      kernel_size: pixels of the convolution's kernel, one number per spatial axis; their count
        says how many axes are spatial.
      data_format: ``"channels_last"``, or ``"channels_first"``, for which the channels are moved
        last around the convolution.
      padding, use_bias, dtype, param_dtype, precision, kernel_init, bias_init: as for
        ``nn.Conv``, with its defaults.

    Raises:
      ValueError, TypeError: at the call, those of `jaxup.upsample`.

    Example:
      >>> import jax, jax.numpy as jnp
      >>> from jaxup.layers.linen import UpsampleConv
      >>> variables = UpsampleConv(16).init(jax.random.key(0), jnp.ones((1, 8, 8, 3)))
      >>> jax.tree.map(jnp.shape, variables)
      {'params': {'conv': {'bias': (16,), 'kernel': (3, 3, 3, 16)}}}
    """

    features: int
    scale: float | Sequence[float] | None = None
    method: MethodName | kernels.Kernel = "nearest"
    _: dataclasses.KW_ONLY
    size: int | Sequence[int] | None = None
    kernel_size: Sequence[int] = (3, 3)
    data_format: DataFormat = "channels_last"
    align_corners: bool = False
    antialias: bool = False
    padding: Any = "SAME"
    use_bias: bool = True
    dtype: Any = None
    param_dtype: Any = jnp.float32
    precision: Any = None
    kernel_init: Callable | None = None  # functions as fields would keep it from being pickled
    bias_init: Callable | None = None

    @nn.compact
    def __call__(self, x: jax.Array) -> jax.Array:
        """Resample ``x``, of shape (..., spatial axes, channels), and convolve the result."""
        rank = len(self.kernel_size)
        x = upsample(
            x,
            default_scale(self.scale, self.size),
            self.method,
            size=self.size,
            axes=conv_axes(rank, self.data_format),
            data_format=self.data_format,
            align_corners=self.align_corners,
            antialias=self.antialias,
        )
        conv = nn.Conv(
            self.features,
            self.kernel_size,
            padding=self.padding,
            use_bias=self.use_bias,
            dtype=self.dtype,
            param_dtype=self.param_dtype,
            precision=self.precision,
            kernel_init=self.kernel_init or nn.Conv.kernel_init,
            bias_init=self.bias_init or nn.Conv.bias_init,
            name="conv",
        )
        if self.data_format == "channels_last":
            return conv(x)
        return jnp.moveaxis(conv(jnp.moveaxis(x, -rank - 1, -1)), -1, -rank - 1)


class PixelShuffle(_Shell):
    """`jaxup.pixel_shuffle` as a module without parameters.

    Args:
      factor, data_format: as for `jaxup.pixel_shuffle`.

    Example:
      >>> import jax.numpy as jnp
      >>> from jaxup.layers.linen import PixelShuffle
      >>> PixelShuffle(2).apply({}, jnp.ones((1, 8, 8, 12))).shape
      (1, 16, 16, 3)
    """

    factor: int
    _: dataclasses.KW_ONLY
    data_format: DataFormat = "channels_last"

    def __call__(self, x: jax.Array) -> jax.Array:
        """Channels into pixels."""
        return pixel_shuffle(x, self.factor, data_format=self.data_format)


class PixelUnshuffle(_Shell):
    """`jaxup.pixel_unshuffle` as a module without parameters.

    Args:
      factor, data_format: as for `jaxup.pixel_unshuffle`.

    Example:
      >>> import jax.numpy as jnp
      >>> from jaxup.layers.linen import PixelUnshuffle
      >>> PixelUnshuffle(2).apply({}, jnp.ones((1, 16, 16, 3))).shape
      (1, 8, 8, 12)
    """

    factor: int
    _: dataclasses.KW_ONLY
    data_format: DataFormat = "channels_last"

    def __call__(self, x: jax.Array) -> jax.Array:
        """Pixels into channels."""
        return pixel_unshuffle(x, self.factor, data_format=self.data_format)
