"""`run`: a resample of known and symbolic axes, outside a trace by a program kept compiled."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.core import Tracer

from jaxup._labels import named
from jaxup._lowering import sharded
from jaxup._lowering.dtypes import converted
from jaxup._numbers.dtypes import at_least_float32, common, float_for
from jaxup._primitive import resample
from jaxup._recipe.axis import TracedAxis
from jaxup._recipe.prefilter import split
from jaxup._recipe.recipe import Recipe, Resample
from jaxup._traced.interpolate import interpolate_at
from jaxup._traced.points import points_of
from jaxup.kernels import Nearest


def run(x: jax.Array, plan: Resample, fill_value: Any = None) -> jax.Array:
    """Resample an array, and fill in a value for the taps that were not read, if one is given.

    Outside jit the program is kept compiled for the plan. A call then takes a third of the time
    that JAX needs to find a program by the recipes of a primitive.
    """
    if fill_value is None:
        if not plan.axes and plan.dtype is None:
            return x
    elif not isinstance(fill_value, np.ndarray):
        fill_value = jnp.asarray(fill_value, plan.dtype or x.dtype)
    if isinstance(x, Tracer) or isinstance(fill_value, Tracer):
        return resampling(x, fill_value, plan)
    return _compiled(plan)(x, fill_value)


@functools.lru_cache(maxsize=1024)
def _compiled(plan: Resample) -> Any:
    return jax.jit(functools.partial(resampling, plan=plan))


def resampling(x: jax.Array, fill_value: Any, plan: Resample) -> jax.Array:
    """Return what `run` does, as operations under the plan's name."""
    with jax.named_scope(plan.name):
        return named(resampled(x, fill_value, plan), plan.name)


def resampled(x: jax.Array, fill_value: Any, plan: Resample) -> jax.Array:
    """Return what `run` does, as operations without a name."""
    (sums, dtype), devices = step_dtypes(x, plan), checked_devices(x, plan)
    if fill_value is None:
        return _interpolated(x, plan, devices, sums, dtype)
    between = dtype if _copies(plan) else sums  # x's own type may not hold the value
    y = _interpolated(x, plan, devices, sums, between)
    return converted(filled(y, _covered(y, plan), fill_value), dtype)


def step_dtypes(x: jax.Array, plan: Resample) -> tuple[Any, Any]:
    """Return the types between the steps of a resample, and of its result."""
    if plan.dtype is None or _copies(plan):
        return x.dtype, plan.dtype or x.dtype
    if jnp.iscomplexobj(x):
        return common(x.dtype, plan.dtype), plan.dtype
    return float_for(x.dtype, plan.dtype), plan.dtype


def _copies(plan: Resample) -> bool:
    return all(isinstance(getattr(spec, "kernel", None), Nearest) for spec in plan.specs)


def checked_devices(x: jax.Array, plan: Resample) -> dict[int, int]:
    """Return over how many devices an explicit mesh cuts axes, which have to divide the output."""
    devices = sharded.devices(jax.typeof(x), plan.axes)
    for axis, spec in zip(plan.axes, plan.specs, strict=True):
        if axis in devices and spec.out_size % devices[axis]:
            raise ValueError(
                f"{plan.name.partition('[')[0]}: expected an output size of axis {axis} that its"
                f" {devices[axis]} devices divide, those of mesh axis"
                f" {jax.typeof(x).sharding.spec[axis]!r}, got {spec.out_size} for input shape"
                f" {x.shape}. Choose another size or scale, or move the sharding to a batch or"
                " channel axis first with jax.sharding.reshard."
            )
    return devices


def _interpolated(
    x: jax.Array, plan: Resample, devices: Mapping[int, int], sums: Any, dtype: Any
) -> jax.Array:
    """Resample, B-splines in two steps, with coefficients of at least float32 in between."""
    double = jnp.issubdtype(sums, jnp.inexact) and jnp.finfo(sums).dtype == np.float64
    prefilters, reading = split(plan, 1e-16 if double else 1e-8, devices)
    if not prefilters.axes:
        return _by_axis(x, plan, sums, dtype)
    sums = at_least_float32(sums)
    if jnp.issubdtype(x.dtype, jnp.inexact):
        x = x.astype(sums)
    x = _by_axis(x, prefilters, sums, sums)
    return converted(_by_axis(x, reading, sums, sums), dtype)


def _by_axis(x: jax.Array, plan: Resample, sums: Any, dtype: Any) -> jax.Array:
    """Resample known axes by the primitive, then traced axes one after the other."""
    known: dict[int, Recipe] = {}
    traced: dict[int, TracedAxis] = {}
    for axis, spec in zip(plan.axes, plan.specs, strict=True):
        if isinstance(spec, TracedAxis):
            traced[axis] = spec
        else:
            known[axis] = spec
    axes, recipes = tuple(known), tuple(known.values())
    if jnp.iscomplexobj(x):
        x = x.astype(sums)
    elif not traced and not jnp.issubdtype(dtype, jnp.complexfloating):
        return resample(x, axes, recipes, dtype)
    x = resample(x, axes, recipes, sums)
    for axis, spec in traced.items():
        x = interpolate_at(x, axis, (points_of(spec, x.dtype),))
    return converted(x, dtype)


def _covered(y: jax.Array, plan: Resample) -> jax.Array:
    """Return the sum of the weights inside the array, for every output."""
    covered = jnp.ones((1,) * y.ndim, at_least_float32(y.real.dtype))
    for axis, spec in zip(plan.axes, plan.specs, strict=True):
        column = [1] * y.ndim
        column[axis] = spec.out_size
        if isinstance(spec, TracedAxis):
            ones = jnp.ones(spec.in_size, covered.dtype)
            whole = Resample((0,), (spec,), plan.name)
            inside = _by_axis(ones, whole, ones.dtype, ones.dtype)
        else:
            inside = spec.build().weights.sum(axis=1)
        covered = covered * inside.reshape(column)
    return covered


def filled(y: jax.Array, covered: jax.Array, value: jax.Array) -> jax.Array:
    """Return ``y + value (1 - covered)``, for a value of y's dtype.

    ``covered`` is the sum of an output's weights inside the array. Where it is 1, up to rounding,
    the value is not read: it may be NaN.
    """
    if y.dtype == jnp.bool_:
        return jnp.where(covered, y, value)
    if jnp.issubdtype(y.dtype, jnp.integer):
        return jnp.where(covered == 1, y, value)
    missing = 1 - covered.astype(at_least_float32(covered.dtype))
    used = abs(missing) > 16 * jnp.finfo(missing.dtype).eps
    dtype = at_least_float32(y.dtype)
    fill = jnp.where(used, value, jnp.zeros_like(value)).astype(dtype) * missing.astype(dtype)
    return (y.astype(dtype) + fill).astype(y.dtype)
