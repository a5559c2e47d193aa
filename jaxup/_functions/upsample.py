"""`upsample`: PyTorch's meaning of every option."""

from __future__ import annotations

from typing import Never

import jax
from jax.typing import ArrayLike, DTypeLike

from jaxup import kernels
from jaxup._arguments.arrays import as_array, through_cache
from jaxup._arguments.axes import DataFormat
from jaxup._arguments.call import Call
from jaxup._arguments.keywords import named, unknown_keyword
from jaxup._arguments.masks import checked_where
from jaxup._arguments.number_types import Axes, Scale, Size
from jaxup._arguments.options import checked_fill_value
from jaxup._arguments.result_type import result_type
from jaxup._arguments.torch_methods import MethodName, plan
from jaxup._masked import run_masked
from jaxup._run import run

_CALL = Call("jaxup.upsample", ())


@named
def upsample(
    x: ArrayLike,
    scale: Scale | None = None,
    method: MethodName | kernels.Kernel = "nearest",
    *,
    size: Size | None = None,
    axes: Axes | None = None,
    data_format: DataFormat = "channels_last",
    align_corners: bool = False,
    antialias: bool = False,
    dtype: DTypeLike | None = None,
    where: ArrayLike | None = None,
    fill_value: complex | jax.Array | None = None,
    **unknown: Never,
) -> jax.Array:
    """Resample the spatial axes of an array, as ``torch.nn.functional.interpolate`` does.

    Each axis is a banded linear map ``y[i] = sum_k w(k - c(i)) x[k]`` with source coordinate
    ``c(i) = (i + 1/2) / scale - 1/2``, or ``i (in - 1) / (out - 1)`` with align_corners.

    Args:
      x: array of shape (..., spatial axes, channels), or (..., channels, spatial axes) with
        ``data_format="channels_first"``; any number of leading batch axes, also none.
      scale: output pixels per input pixel, one number or one per spatial axis. Below 1 it
        shrinks. The output has ``int(in * scale)`` pixels, and the coordinates follow the scale
        as given, not the ratio of the sizes. Exactly one of scale and size.
      method: ``"nearest"`` (PyTorch's and OpenCV's ``floor(i / scale)``), ``"nearest-exact"``
        (the pixel under the output's centre; Pillow, scikit-image), ``"linear"``, ``"cubic"``
        (a = -0.75), ``"area"`` (adaptive average pooling), ``"lanczos3"``, each for any number of
        axes; ``"bilinear"`` and ``"bicubic"`` for 2, ``"trilinear"`` for 3; or a
        `jaxup.kernels.Kernel` of your own, whose taps outside the image are dropped.
      size: output pixels, one number or one per spatial axis.
      axes: the spatial axes. By default the d axes before the channels (channels_last) or after
        them (channels_first), where d is the method's rank, else the length of scale or size,
        else what a data_format in letters says, else ``x.ndim - 2``. Without any of these, three
        axes could be one picture or a batch of signals, and are refused.
      data_format: ``"channels_last"`` or ``"channels_first"``; or in letters, which also say how
        many axes are spatial: ``"NWC"``, ``"NHWC"``, ``"NDHWC"``, ``"NCW"``, ``"NCHW"``,
        ``"NCDHW"``. There may be any number of batch axes all the same.
      align_corners: map the centres of the corner pixels onto each other, rather than the
        image's outer edges. Not for nearest, nearest-exact and area.
      antialias: widen the kernel by the factor of a shrink, so that every input pixel counts
        (for bicubic this takes a = -0.5, and drops taps outside, also when enlarging). Not for
        nearest, nearest-exact and area.
      dtype: of the result; by default the array's own. Integers and bools are then read as numbers
        by every method (a bool is 0 or 1). Results that are integers are rounded, half to even,
        and clipped to the type's range; NaN gives its lowest. Integers pass no derivative on.
      where: bool array, which pixels count, as in `jaxup.resize`: of the spatial axes' shape, or
        one that broadcasts to x. An output is the weighted mean of those it reads.
      fill_value: with where, the number for outputs that read none; NaN by default. A result of
        integers needs it.

    Returns:
      Array of x's dtype, or the one given, with the spatial axes resampled. float16, bfloat16 and
      integers accumulate in float32, those of 32 bits and more in float64 where JAX has it.

    Raises:
      ValueError: for arguments out of range or that do not fit together, a size that ends with the
        channels, and a scale of several ints from 16 on, which is rather a size.
      TypeError: for arguments of the wrong type, a traced scale or size, integers or bools with any
        method but nearest and nearest-exact and no dtype, complex numbers with a real dtype, and
        for other libraries' names of arguments.

    Warns:
      UserWarning: where the shape looks like colours first and the format is the default.

    Example:
      >>> import jax.numpy as jnp, jaxup
      >>> jaxup.upsample(jnp.array([1.0, 3.0]), 2, "linear", axes=0)
      Array([1. , 1.5, 2.5, 3. ], dtype=float32)
      >>> jaxup.upsample(jnp.zeros((8, 32, 32, 3)), 2, "bicubic").shape
      (8, 64, 64, 3)
      >>> jaxup.upsample(jnp.array([1, 254], jnp.uint8), 2, "cubic", axes=0, dtype=jnp.uint8)
      Array([  0,  58, 197, 255], dtype=uint8)

    Source: PyTorch 2.13, ``aten/src/ATen/native/UpSample.h`` for the coordinates and weights.
    """
    if unknown:
        raise unknown_keyword(upsample, unknown)
    if not isinstance(x, jax.Array):
        x = as_array(_CALL.function, x)
    options = method, data_format, align_corners, antialias
    if dtype is not None:
        options += (result_type(_CALL._replace(shape=x.shape), x, dtype),)
    resample = through_cache(plan, _CALL, x, (scale, size, axes), *options)
    if where is None and fill_value is None:
        return run(x, resample)
    call = _CALL._replace(shape=x.shape)
    if where is None:
        advice = "Drop fill_value, or pass the mask whose gaps it fills."
        raise call.value_error("fill_value only with where", "no where", advice)
    kind = resample.dtype or x.dtype
    fill_value = checked_fill_value(call, kind, fill_value, boundary=(), where=where)
    where = checked_where(call, x, where, resample, fill_value)
    return run_masked(x, resample, where, fill_value)
