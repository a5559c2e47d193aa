"""`jaxup.upsample` and its companions as Flax NNX modules: ``from jaxup.layers import nnx``."""

import inspect
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

with extra("nnx"):
    from flax import nnx

_KERNEL_INIT = nnx.initializers.lecun_normal()
_BIAS_INIT = nnx.initializers.zeros_init()


class _Shell(nnx.Module):
    """A module whose attributes are a function's options, and whose repr shows those set."""

    def __nnx_repr__(self):
        options = inspect.signature(self.__init__).parameters
        part: Any  # the object, then one for each attribute, with its key and value
        for part in super().__nnx_repr__():
            option = options.get(getattr(part, "key", ""))
            if option is None or part.value != option.default:
                yield part


class Upsample(_Shell):
    """`jaxup.upsample` as a module without state.

    Args:
      scale, method, size, axes, data_format, align_corners, antialias: as for `jaxup.upsample`,
        with its defaults. They are checked at the call, by the function.

    Raises:
      ValueError, TypeError: at the call, those of `jaxup.upsample`.

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
        scale: float | Sequence[float] | None = None,
        method: MethodName | kernels.Kernel = "nearest",
        *,
        size: int | Sequence[int] | None = None,
        axes: int | Sequence[int] | None = None,
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


class UpsampleConv(nnx.Module):
    """`Upsample` as ``upsample``, then an ``nnx.Conv`` as ``conv``.

    Args:
      in_features: channels of the input.
      out_features: channels of the output.
      scale, method, size, align_corners, antialias: as for `jaxup.upsample`. Without scale and
        size, it doubles.
      kernel_size: pixels of the convolution's kernel, one number per spatial axis; their count
        says how many axes are spatial.
      data_format: ``"channels_last"``, or ``"channels_first"``, for which the channels are moved
        last around the convolution.
      padding, use_bias, dtype, param_dtype, precision, kernel_init, bias_init, rngs: as for
        ``nnx.Conv``, with its defaults.

    Raises:
      ValueError, TypeError: at the call, those of `jaxup.upsample`.

    Example:
      >>> import jax.numpy as jnp
      >>> from flax import nnx
      >>> from jaxup.layers.nnx import UpsampleConv
      >>> block = UpsampleConv(3, 16, rngs=nnx.Rngs(0))
      >>> block.conv.kernel.shape
      (3, 3, 3, 16)
      >>> block(jnp.ones((1, 8, 8, 3))).shape
      (1, 16, 16, 16)
    """

    def __init__(
        self,
        in_features: int,
        out_features: int,
        scale: float | Sequence[float] | None = None,
        method: MethodName | kernels.Kernel = "nearest",
        *,
        size: int | Sequence[int] | None = None,
        kernel_size: Sequence[int] = (3, 3),
        data_format: DataFormat = "channels_last",
        align_corners: bool = False,
        antialias: bool = False,
        padding: Any = "SAME",
        use_bias: bool = True,
        dtype: Any = None,
        param_dtype: Any = jnp.float32,
        precision: Any = None,
        kernel_init: Callable = _KERNEL_INIT,
        bias_init: Callable = _BIAS_INIT,
        rngs: nnx.Rngs,
    ):
        self.upsample = Upsample(
            default_scale(scale, size),
            method,
            size=size,
            axes=conv_axes(len(kernel_size), data_format),
            data_format=data_format,
            align_corners=align_corners,
            antialias=antialias,
        )
        self.conv = nnx.Conv(
            in_features,
            out_features,
            kernel_size,
            padding=padding,
            use_bias=use_bias,
            dtype=dtype,
            param_dtype=param_dtype,
            precision=precision,
            kernel_init=kernel_init,
            bias_init=bias_init,
            rngs=rngs,
        )

    def __call__(self, x: jax.Array) -> jax.Array:
        """Resample ``x``, of shape (..., spatial axes, channels), and convolve the result."""
        x = self.upsample(x)
        if self.upsample.data_format == "channels_last":
            return self.conv(x)
        channels = -len(self.conv.kernel_size) - 1
        return jnp.moveaxis(self.conv(jnp.moveaxis(x, channels, -1)), -1, channels)


class PixelShuffle(_Shell):
    """`jaxup.pixel_shuffle` as a module without state.

    Args:
      factor, data_format: as for `jaxup.pixel_shuffle`.

    Example:
      >>> import jax.numpy as jnp
      >>> from jaxup.layers.nnx import PixelShuffle
      >>> PixelShuffle(2)(jnp.ones((1, 8, 8, 12))).shape
      (1, 16, 16, 3)
    """

    def __init__(self, factor: int, *, data_format: DataFormat = "channels_last"):
        self.factor = frozen(factor)
        self.data_format: DataFormat = data_format

    def __call__(self, x: jax.Array) -> jax.Array:
        """Channels into pixels."""
        return pixel_shuffle(x, self.factor, data_format=self.data_format)


class PixelUnshuffle(_Shell):
    """`jaxup.pixel_unshuffle` as a module without state.

    Args:
      factor, data_format: as for `jaxup.pixel_unshuffle`.

    Example:
      >>> import jax.numpy as jnp
      >>> from jaxup.layers.nnx import PixelUnshuffle
      >>> PixelUnshuffle(2)(jnp.ones((1, 16, 16, 3))).shape
      (1, 8, 8, 12)
    """

    def __init__(self, factor: int, *, data_format: DataFormat = "channels_last"):
        self.factor = frozen(factor)
        self.data_format: DataFormat = data_format

    def __call__(self, x: jax.Array) -> jax.Array:
        """Pixels into channels."""
        return pixel_unshuffle(x, self.factor, data_format=self.data_format)
