"""A resample as plain lax: the passes that `choose` names, carried out."""

from __future__ import annotations

import functools

import jax
import jax.numpy as jnp
from jax import lax

from jaxup._lowering import blocks, choose, gather, integers, narrow
from jaxup._lowering.accumulation import accumulation
from jaxup._lowering.pieces import in_two
from jaxup._operator import Transposed


def lower(x, *, axes, specs, local, platform):
    """The resample as plain lax; narrow floats accumulate in float32, between axes too."""
    if jnp.iscomplexobj(x):  # as two real arrays: w (a + Inf i) has no NaN in its real part
        part = functools.partial(lower, axes=axes, specs=specs, local=local, platform=platform)
        return lax.complex(part(lax.real(x)), part(lax.imag(x)))
    if platform == "tpu" and not local and choose.is_colour_last(x, axes):
        before = min(axes)  # as planes, which is how the compiler stores three channels anyway
        planes, moved = jnp.moveaxis(x, -1, before), tuple(axis + 1 for axis in axes)
        made = lower(planes, axes=moved, specs=specs, local=local, platform=platform)
        return jnp.moveaxis(made, before, -1)
    operators = dict(zip(axes, (spec.build() for spec in specs), strict=True))
    if platform == "tpu" and choose.multiplies_integers(x, operators):
        copy = functools.partial(lower, axes=axes, specs=specs, local=False, platform=platform)
        return integers.as_floats(x, copy)
    plan = choose.passes(x, operators, local, platform)
    if platform == "cpu" and all(operator.selects for operator in operators.values()):
        return narrow.read(x, lambda x: run(plan, x, operators, x.dtype))
    if platform == "cpu" and not any(
        jax.typeof(x).sharding.spec
    ):  # its loop gathers at traced rows
        backward = any(isinstance(spec, Transposed) for spec in specs)
        count = blocks.needed(*choose.memory(x, operators, plan, backward))
        if count > 1:
            return _in_blocks(plan, x, operators, count)
    return run(plan, x, operators, x.dtype, apart=platform == "cpu")


def _in_blocks(plan, x, operators, count):
    ((_, (axis,)), *others), *rest = plan
    return blocks.along(
        x,
        operators[axis],
        axis,
        count,
        fused=functools.partial(_apply, others, operators=operators),
        rest=functools.partial(run, rest, operators=operators, dtype=x.dtype),
        shape=[operators[d].out_size if d in operators else n for d, n in enumerate(x.shape)],
    )


def run(plan, x, operators, dtype, apart=True):
    """The passes of a plan, one after another."""
    *first, last = plan
    for step in first:
        x = _apply(step, x, operators, apart=apart)
    return _apply(last, x, operators, dtype)


def _apply(step, x, operators, dtype=None, apart=False):
    """One pass; `apart` keeps XLA from computing it again in the next one."""
    for number, (strategy, axes) in enumerate(step, 1):
        found, final = [operators[axis] for axis in axes], number == len(step)
        selects = all(operator.selects for operator in found)  # copies need no wider type
        made = (final and dtype) or (x.dtype if selects else accumulation(x.dtype))
        if len(axes) > 1:
            x = strategy.apply_together(x, found, axes, made)
            continue
        (operator,), (axis,) = found, axes
        once = final and apart and strategy is gather
        x = (_gathered_once if once else strategy.apply)(x, operator, axis, made)
    return x


def _gathered_once(x, operator, axis, dtype):
    def rows(start, stop):
        return gather.apply(x, operator.rows(start, stop), axis, dtype)

    return in_two(rows, operator.out_size, axis)
