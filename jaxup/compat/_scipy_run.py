"""Interpolation of SciPy's functions: axis by axis where their maps allow it, else at points."""

# pyright: reportUnknownMemberType=false
from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from jaxup._arguments.arrays import check_not_sharded, through_cache
from jaxup._arguments.call import Call
from jaxup._functions.resize import plan
from jaxup._functions.sample import sampled
from jaxup._labels import labelled
from jaxup._numbers.dtypes import at_least_float32, common
from jaxup._run import run
from jaxup.compat._scipy_modes import Pulled, Spline, converted, folded, inside


def along_axes(
    call: Call,
    x: jax.Array,
    rule: Spline,
    size: tuple[int, ...],
    maps: Sequence[tuple[float, float, float]],
) -> jax.Array:
    """Interpolate where every axis has a map of its own, known when the program is built.

    Args:
      maps: ``(step, before, after)`` of ``(i + before) step + after``, for every axis.
    """
    resample = through_cache(
        plan,
        call,
        x,
        (size, None, tuple(range(x.ndim))),
        rule.kernel,
        coordinates=tuple(Pulled(*each, rule.mode, rule.folds) for each in maps),
        boundary=rule.boundary,
        antialias=False,
    )
    return converted(run(x, resample, rule.cval), rule.result)


def at_points(
    call: Call,
    x: jax.Array,
    rule: Spline,
    positions: jax.Array | Sequence[jax.Array],
    axes: tuple[int, ...],
) -> jax.Array:
    """Interpolate axes at points; their shape stands in the place of the first of the axes."""
    check_not_sharded(call, x, axes)
    label, how = call.label(rule.kernel), rule._replace(cval=None)
    return _compiled_points(x, positions, rule.cval, rule=how, axes=axes, label=label)


def along_traced_axes(
    call: Call, x: jax.Array, rule: Spline, size: tuple[int, ...], steps: Any, start: Any
) -> jax.Array:
    """Interpolate every axis by itself, at ``step i + start``, which may be traced."""
    check_not_sharded(call, x, range(x.ndim))
    label, how = call.label(rule.kernel), rule._replace(cval=None)
    return _compiled_axes(x, steps, start, rule.cval, rule=how, size=size, label=label)


def _at_points(
    x: jax.Array, positions: Any, cval: Any, *, rule: Spline, axes: tuple[int, ...]
) -> jax.Array:
    dtype = at_least_float32(common(*positions))
    placed = jnp.broadcast_arrays(*(each.astype(dtype) for each in positions))
    return converted(_at(x, placed, cval, rule, axes), rule.result)


def _along_axes(
    x: jax.Array, steps: jax.Array, start: jax.Array, cval: Any, *, rule: Spline, size: Any
) -> jax.Array:
    for axis, (out_size, step, first) in enumerate(zip(size, steps, start, strict=True)):
        line = step * jnp.arange(out_size, dtype=step.dtype) + first
        x = _at(x, [line], cval, rule, (axis,))
    return converted(x, rule.result)


_compiled_points: Any = jax.jit(
    labelled(_at_points), static_argnames=("rule", "axes", "label"), inline=True
)
_compiled_axes: Any = jax.jit(
    labelled(_along_axes), static_argnames=("rule", "size", "label"), inline=True
)


def _at(
    x: jax.Array, positions: Sequence[jax.Array], cval: Any, rule: Spline, axes: tuple[int, ...]
) -> jax.Array:
    placed = list(zip(positions, (x.shape[axis] for axis in axes), strict=True))
    read = [folded(c, n, rule.mode) if rule.folds else c for c, n in placed]
    fill = cval if rule.mode == "grid-constant" else None
    y = sampled(x, read, fill, axes, rule.kernel, rule.boundary)
    if rule.mode != "constant":
        return y
    there = functools.reduce(jnp.logical_and, (inside(c, n) for c, n in placed))
    before, after = min(axes), y.ndim - min(axes) - there.ndim
    there = there.reshape((1,) * before + there.shape + (1,) * after)
    return jnp.where(there, y, cval)


def is_diagonal(matrix: np.ndarray) -> bool:
    """Return whether a matrix is a diagonal, or square with nothing beside it."""
    if matrix.ndim == 1:
        return True
    rows, columns = matrix.shape
    return rows == columns and bool((matrix == np.diag(matrix.diagonal())).all())


def diagonal_maps(matrix: np.ndarray, offset: np.ndarray) -> list[tuple[float, float, float]]:
    """Return `along_axes`'s maps; SciPy adds the offset of a vector before it multiplies."""
    steps, vector = matrix if matrix.ndim == 1 else matrix.diagonal(), matrix.ndim == 1
    first = (steps != 0) & vector
    before = np.divide(offset, steps, out=np.zeros_like(offset), where=first)
    after = np.where(first, 0, offset)
    return list(zip(steps.tolist(), before.tolist(), after.tolist(), strict=True))
