"""PyTorch's arithmetic for 8-bit images: integer weights, and one rounding after every pass."""

from __future__ import annotations

import functools

import jax
import jax.numpy as jnp
import numpy as np

from jaxup._lowering import gather
from jaxup._recipe.banded import Banded
from jaxup._recipe.recipe import Recipe, Resample

_MAX_BITS = 22  # with 8 of the image and a sign they fill an int32
_WEIGHT_LIMIT = 1 << 15


@functools.partial(jax.jit, static_argnames="plan")
def resample_uint8(x: jax.Array, plan: Resample) -> jax.Array:
    """Resample the axes of a uint8 array one after the other, the last one first.

    A pass is ``y = clip((round(2^p A) x + 2^(p-1)) >> p, 0, 255)``, with ``A`` in float64, the
    rounding half away from zero, and p as large as 16-bit weights allow (`quantized`). The result
    is therefore a little different from the rounded float one, and overshoots of the first pass
    are cut off before the second one sees them.

    Args:
      x: uint8 array.
      plan: the axes that change, in ascending order, and their recipes.

    Returns:
      uint8 array with the axes resampled.

    Source: PyTorch 2.13, ``aten/src/ATen/native/cpu/UpSampleKernel.cpp``, after Pillow's
    ``Resample.c``.
    """
    for axis, spec in reversed(list(zip(plan.axes, plan.specs, strict=True))):
        weights, shift = quantized(spec)
        total = gather.apply(x.astype(jnp.int32), weights, axis) + (1 << (shift - 1))
        x = (total >> shift).clip(0, 255).astype(jnp.uint8)
    return x


@functools.lru_cache(maxsize=512)
def quantized(spec: Recipe) -> tuple[Banded, int]:
    """Return the axis's map times ``2^p``, in whole numbers of 16 bits, and p.

    Taps that the boundary moved onto the same pixel are added up before they are rounded.
    """
    folded = spec.build().folded()
    largest = folded.weights.max()
    shift = next(
        (p for p in range(_MAX_BITS) if int(0.5 + largest * 2 ** (p + 1)) >= _WEIGHT_LIMIT),
        _MAX_BITS,
    )
    scaled = folded.weights * 2.0**shift
    whole = np.trunc(scaled + np.copysign(0.5, scaled))
    return Banded(folded.indices, whole, folded.in_size), shift
