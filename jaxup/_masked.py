"""`run_masked`: a resample of the pixels that a mask keeps, as a weighted mean over them.

Two resamples and a division: ``y = A(m x) / A(m)``, where ``A`` is the resample and ``m`` the mask.
"""

# pyright: reportUnknownMemberType=false
from __future__ import annotations

import dataclasses
import functools
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.core import Tracer

from jaxup._labels import labelled
from jaxup._lowering.dtypes import converted
from jaxup._numbers.dtypes import at_least_float32
from jaxup._recipe.axis import AxisSpec, TracedAxis
from jaxup._recipe.recipe import Resample
from jaxup._run import resampled, step_dtypes
from jaxup.kernels import AnyKernel, Kernel

LEAST_WEIGHT = 1 / 8  # of the kept pixels, for kernels that go below 0: see `_least_weight`


def run_masked(x: jax.Array, plan: Resample, where: jax.Array, fill_value: Any) -> jax.Array:
    """Resample the pixels of an array where a mask is true.

    Args:
      where: bool array of x's rank, each axis as long as x's or 1.
      fill_value: a scalar of the result's dtype for outputs without kept pixels, or None for NaN.
    """
    if any(isinstance(array, Tracer) for array in (x, where, fill_value)):
        return _masked(x, where, fill_value, plan=plan, label=plan.name)
    return _compiled(plan)(x, where, fill_value)


@functools.lru_cache(maxsize=1024)
def _compiled(plan: Resample) -> Any:
    return jax.jit(functools.partial(_masked, plan=plan, label=plan.name))


@labelled
def _masked(x: jax.Array, where: jax.Array, fill_value: Any, *, plan: Resample) -> jax.Array:
    kept = jnp.where(where, x, jnp.zeros((), x.dtype))
    shape = [x.shape[n] if n in plan.axes else size for n, size in enumerate(where.shape)]
    where = jnp.broadcast_to(where, shape)
    sums, result = step_dtypes(x, plan)
    same = dataclasses.replace(plan, dtype=None)
    empty = np.asarray(np.nan, result) if fill_value is None else fill_value
    if not jnp.issubdtype(sums, jnp.inexact):  # nearest: pixels are copied
        valid = resampled(where, jnp.ones((), bool), same)
        return jnp.where(valid, resampled(kept, fill_value, plan), empty)
    dtype = at_least_float32(sums)
    real = jnp.finfo(dtype).dtype
    outside = None if fill_value is None else fill_value.astype(dtype)
    total = resampled(kept.astype(dtype), outside, same)
    weight = resampled(where.astype(real), jnp.ones((), real), same)
    valid = weight > _least_weight(plan, real)
    mean = total / jnp.where(valid, weight, 1).astype(dtype)
    return jnp.where(valid, converted(mean, result), empty)


def _least_weight(plan: Resample, dtype: Any) -> float:
    """Return the sum of weights up to which an output counts as one without kept pixels.

    Weights of a kernel that is never below 0 cannot cancel: what is near 0 is rounding. Others can
    sum to nearly 0, or to less, and the quotient would be any number. Above 1/8 the weights of an
    output add up to at most 5.5 without their signs (cubic with a = -0.5, two axes), and where the
    array grows, a kept pixel alone gives all outputs whose centres it holds.
    """
    for spec in plan.specs:
        if isinstance(spec, AxisSpec | TracedAxis) and _goes_below_0(spec.kernel):
            return LEAST_WEIGHT
    return 16 * float(jnp.finfo(dtype).eps)


@functools.lru_cache(maxsize=256)
def _goes_below_0(kernel: AnyKernel) -> bool:
    if not isinstance(kernel, Kernel):
        return False
    with jax.ensure_compile_time_eval():  # a user's kernel may be written with jax.numpy
        distance = np.linspace(-kernel.radius, kernel.radius, 4097)
        weights = np.asarray(kernel.weights(distance, 1.0))
    return bool(weights.min() < -1e-6 * abs(weights).max())
