"""A resample as plain lax: the passes that a platform's rules name, carried out."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from jaxup._lowering import dtypes, gather, sharded
from jaxup._lowering.arrays import concatenate_two
from jaxup._lowering.cpu import rules as cpu
from jaxup._lowering.cpu import vectors
from jaxup._lowering.dtypes import accumulation, carried, converted
from jaxup._lowering.gpu import rules as gpu
from jaxup._lowering.plan import Axes, Operators, Pass, Stage
from jaxup._lowering.tpu import rules as tpu
from jaxup._recipe.banded import Banded
from jaxup._recipe.recipe import Recipe

Specs = Sequence[Recipe]


def lower(
    x: jax.Array,
    *,
    axes: Axes,
    specs: Specs,
    nan_local: bool,
    dtype: Any = None,
    platform: str | None = None,
) -> jax.Array:
    """Return the resample as plain lax; narrow floats accumulate in float32, between axes too.

    Args:
      dtype: of the result; by default that of ``x``.
      platform: ``"cpu"``, ``"tpu"``, or any other name or None for the rules of a GPU.
    """
    operators = dict(zip(axes, (spec.build() for spec in specs), strict=True))
    compute = functools.partial(_compute, dtype=dtype, nan_local=nan_local, platform=platform)
    names = sharded.names(jax.typeof(x), axes)
    if not names:
        return _by_parts(compute, x, operators)
    block = functools.partial(
        sharded.resample_block,
        names=names,
        devices=sharded.devices(jax.typeof(x), axes),
        compute=functools.partial(compute, dtype=None),
        dtype=dtype,
        multiplies=platform == "tpu" and not nan_local,
    )
    return sharded.in_manual_region(x, lambda x: _by_parts(block, x, operators))


def _by_parts(
    compute: Callable[[jax.Array, Operators], jax.Array], x: jax.Array, operators: Operators
) -> jax.Array:
    """Compute complex numbers as two real arrays: w (a + Inf i) has no NaN in its real part."""
    if jnp.iscomplexobj(x):
        parts = (compute(part, operators) for part in (lax.real(x), lax.imag(x)))
        return lax.complex(*parts)
    return compute(x, operators)


def _compute(
    x: jax.Array,
    operators: Operators,
    *,
    dtype: Any,
    nan_local: bool,
    platform: str | None,
) -> jax.Array:
    dtype = dtype or x.dtype
    if platform == "cpu":
        return _on_cpu(x, operators, dtype)
    if platform == "tpu":
        return _on_tpu(x, operators, dtype, nan_local)
    return run(gpu.passes(x, operators), x, operators, dtype, apart=False)


def plan_of(x: Any, operators: Operators, *, nan_local: bool, platform: str | None) -> list[Pass]:
    """Return the passes over an array, or a `jax.ShapeDtypeStruct`, without carrying them out."""
    dtype: Any = np.empty(0, x.dtype).real.dtype
    if platform == "cpu":
        return cpu.passes(jax.ShapeDtypeStruct(x.shape, dtype), operators)
    if platform != "tpu":
        return gpu.passes(jax.ShapeDtypeStruct(x.shape, dtype), operators)
    axes = tuple(operators)
    if not nan_local and tpu.is_rgb_last(x, axes):
        before = min(axes)
        planes = (*x.shape[:before], x.shape[-1], *x.shape[before:-1])
        moved = {axis + 1: operator for axis, operator in operators.items()}
        plan = tpu.passes(jax.ShapeDtypeStruct(planes, dtype), moved, nan_local)
        return [[Stage(s, tuple(n - 1 for n in each)) for s, each in stages] for stages in plan]
    if tpu.multiplies_integers(x, operators):
        dtype, nan_local = jnp.float32, False
    if not jnp.issubdtype(dtype, jnp.inexact):
        dtype = accumulation(dtype, operators.values())
    return tpu.passes(jax.ShapeDtypeStruct(x.shape, dtype), operators, nan_local)


def _on_cpu(x: jax.Array, operators: Operators, dtype: Any) -> jax.Array:
    plan = cpu.passes(x, operators)
    if all(operator.selects for operator in operators.values()):
        y = dtypes.move_as_bits(x, lambda x: run(plan, x, operators, x.dtype))
        return converted(y, dtype)
    return run(plan, x, operators, dtype)


def _on_tpu(x: jax.Array, operators: Operators, dtype: Any, nan_local: bool) -> jax.Array:
    axes = tuple(operators)
    if not nan_local and tpu.is_rgb_last(x, axes):
        before = min(axes)
        planes = jnp.moveaxis(x, -1, before)
        moved = {axis + 1: operator for axis, operator in operators.items()}
        return jnp.moveaxis(_on_tpu(planes, moved, dtype, nan_local), before, -1)
    if tpu.multiplies_integers(x, operators):
        copy = functools.partial(_on_tpu, operators=operators, dtype=None, nan_local=False)
        return converted(dtypes.copy_as_floats(x, copy), dtype)
    if not jnp.issubdtype(x.dtype, jnp.inexact):  # what reads an array here converts it
        x = x.astype(accumulation(x.dtype, operators.values(), dtype))
    return run(tpu.passes(x, operators, nan_local), x, operators, dtype or x.dtype, apart=False)


def run(
    plan: list[Pass], x: jax.Array, operators: Operators, dtype: Any, apart: bool = True
) -> jax.Array:
    """Carry out the passes of a plan, one after another."""
    *first, last = plan
    for step in first:
        x = _apply(step, x, operators, dtype, apart=apart)
    return _apply(last, x, operators, dtype, last=True)


def _apply(
    step: Pass,
    x: jax.Array,
    operators: Operators,
    dtype: Any,
    last: bool = False,
    apart: bool = False,
) -> jax.Array:
    """Carry out one pass of a resample whose result has that dtype.

    Args:
      last: whether no other pass follows.
      apart: keep XLA from computing it again in the next one.
    """
    for number, (strategy, axes) in enumerate(step, 1):
        along, final = [operators[axis] for axis in axes], number == len(step)
        result_dtype = dtype if final and last else carried(x.dtype, along, dtype)
        if len(axes) == 1:
            once = final and apart and strategy in (gather, vectors)
            apply = functools.partial(_by_row, strategy) if once else strategy.apply
            x = apply(x, along[0], axes[0], result_dtype)
        else:
            x = strategy.apply_together(x, along, axes, result_dtype)
    return x


def _by_row(strategy: Any, x: jax.Array, operator: Banded, axis: int, dtype: Any) -> jax.Array:
    """Apply a strategy to the first row of an operator, and to the others."""

    def rows(start: int, stop: int) -> jax.Array:
        return strategy.apply(x, operator.rows(start, stop), axis, dtype)

    return concatenate_two(rows, operator.out_size, axis)
