"""PyTorch's and Pillow's arithmetic for 8-bit images: integer weights, a rounding after a pass."""

from __future__ import annotations

import dataclasses
import functools
from typing import Any, cast

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from jaxup._labels import labelled
from jaxup._lowering.arrays import concatenate_two
from jaxup._primitive import resample
from jaxup._recipe.axis import Transposed
from jaxup._recipe.banded import Banded
from jaxup._recipe.recipe import Recipe, Resample
from jaxup._run import checked_devices

MAX_BITS = 22  # with 8 of the image and a sign they fill an int32
_WEIGHT_LIMIT = 1 << 15


def resample_uint8(x: jax.Array, plan: Resample, bits: int | None = None) -> jax.Array:
    """Resample the axes of a uint8 array one after the other, the last of the plan first.

    A pass is ``y = clip((round(2^p A) x + 2^(p-1)) >> p, 0, 255)``, with ``A`` in float64, the
    rounding half away from zero, and p as large as 16-bit weights allow (`Quantized`). The result
    is therefore a little different from the rounded float one, and overshoots of the first pass
    are cut off before the second one sees them.

    Args:
      x: uint8 array.
      plan: the axes that change, and their recipes.
      bits: p, if it is the same for all weights, as in Pillow.

    Returns:
      uint8 array with the axes resampled.

    Source: PyTorch 2.13, ``aten/src/ATen/native/cpu/UpSampleKernel.cpp``, after Pillow's
    ``Resample.c``.
    """
    return _compiled(plan, bits)(x)


@functools.lru_cache(maxsize=512)
def _compiled(plan: Resample, bits: int | None) -> Any:
    return jax.jit(functools.partial(_resampled, plan=plan, bits=bits, label=plan.name))


@labelled
def _resampled(x: jax.Array, plan: Resample, bits: int | None) -> jax.Array:
    checked_devices(x, plan)
    specs = cast(tuple[Recipe, ...], plan.specs)  # integers take no symbolic size
    for axis, spec in reversed(list(zip(plan.axes, specs, strict=True))):
        total = resample(x.astype(jnp.int32), (axis,), (Quantized(spec, bits),))
        x = _rounded(total, quantized(spec, bits)[1])
    return x


def _rounded(total: jax.Array, shift: int) -> jax.Array:
    """Return the sums divided by ``2^shift``, computed once for all that read them.

    `concatenate_two` says why they are joined, along the outermost axis that lies on one device.
    """

    def rounded(total: jax.Array) -> jax.Array:
        return ((total + (1 << (shift - 1))) >> shift).clip(0, 255).astype(jnp.uint8)

    spec = jax.typeof(total).sharding.spec
    whole = (a for a, n in enumerate(total.shape) if isinstance(n, int) and n > 1 and not spec[a])
    axis = next(whole, None)
    if axis is None:
        return rounded(total)
    return concatenate_two(
        lambda start, stop: rounded(lax.slice_in_dim(total, start, stop, axis=axis)),
        total.shape[axis],
        axis,
    )


@dataclasses.dataclass(frozen=True)
class Quantized:
    """The recipe of an axis whose weights are whole numbers."""

    spec: Recipe
    bits: int | None = None

    @property
    def in_size(self) -> int:
        return self.spec.in_size

    @property
    def out_size(self) -> int:
        return self.spec.out_size

    @property
    def T(self) -> Transposed:
        return Transposed(self)

    def build(self) -> Banded:
        return quantized(self.spec, self.bits)[0]


@functools.lru_cache(maxsize=512)
def quantized(spec: Recipe, bits: int | None = None) -> tuple[Banded, int]:
    """Return the axis's map times ``2^p``, in whole numbers, and p: ``bits``, or what 16 bits hold.

    Taps that the boundary moved onto the same pixel are added up before they are rounded.
    """
    folded = spec.build().folded()
    largest = folded.weights.max()
    fitting = (p for p in range(MAX_BITS) if int(0.5 + largest * 2 ** (p + 1)) >= _WEIGHT_LIMIT)
    shift = next(fitting, MAX_BITS) if bits is None else bits
    scaled = folded.weights * 2.0**shift
    whole = np.trunc(scaled + np.copysign(0.5, scaled))
    whole = whole.astype(np.int16 if bits is None else np.int32)
    return Banded(folded.indices, whole, folded.in_size), shift
