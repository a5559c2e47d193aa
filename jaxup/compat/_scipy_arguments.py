"""The geometry that users pass to SciPy's functions, known in NumPy's float64 or traced."""

# pyright: reportUnknownMemberType=false, reportUnknownArgumentType=false
from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np

from jaxup._arguments.axes import is_sequence
from jaxup._arguments.call import Call, quoted
from jaxup._arguments.sizes import checked_size, static_numbers
from jaxup.compat._affine import numbers_of


def per_axis(call: Call, option: str, value: Any) -> Any:
    """Return numbers as an array with one for every axis; one number serves them all."""
    array, count = numbers_of(call, option, value), len(call.shape)
    if array.shape not in ((), (count,)):
        advice = "SciPy's axes are all of the input's: pass 1 (or 0) for those that stay."
        rule = f"one number for {option}, or {count} (one per axis)"
        raise call.value_error(rule, quoted(value), advice)
    return (
        array if array.ndim else (np if isinstance(array, np.ndarray) else jnp).full(count, array)
    )


def output_sizes(call: Call, output_shape: Any) -> tuple[int, ...]:
    """Return the shape of the result; by default the input's."""
    if output_shape is None:
        return call.shape
    sizes = static_numbers(call, size=output_shape)["size"]
    if not isinstance(sizes, tuple):
        raise call.type_error(
            "output_shape to be a tuple of ints", quoted(output_shape), "Pass (rows, columns)."
        )
    return tuple(checked_size(call, n) for n in sizes)


def affine(call: Call, matrix: Any, offset: Any, columns: int) -> tuple[Any, Any]:
    """Return the linear map, of shape (d,) or (d, columns), and the offset, of shape (d,)."""
    linear, d = numbers_of(call, "matrix", matrix), len(call.shape)
    if linear.shape in ((d, d + 1), (d + 1, d + 1)):
        below = linear[d:]
        if isinstance(below, np.ndarray) and (below != np.eye(d + 1)[d:][: len(below)]).any():
            rule, advice = "a last row 0 ... 0 1 of matrix", "Divide the matrix by its last entry."
            raise call.value_error(rule, quoted(below.tolist()), advice)
        linear, start = linear[:d, :d], linear[:d, d]
    else:
        start = per_axis(call, "offset", offset)
    if linear.shape not in ((d,), (d, columns)) or (linear.ndim == 1 and columns != d):
        rule = f"matrix of shape ({d}, {columns}), ({d}, {d + 1}), ({d + 1}, {d + 1}) or ({d},)"
        advice = "Its rows are the input's axes, and its columns those of output_shape."
        raise call.value_error(rule, f"shape {linear.shape}", advice)
    if isinstance(linear, np.ndarray) and isinstance(start, np.ndarray):
        return linear, start
    linear, start = jnp.asarray(linear), jnp.asarray(start)
    dtype = jnp.promote_types(linear.dtype, start.dtype)
    return linear.astype(dtype), start.astype(dtype)


def plane(call: Call, axes: Any) -> tuple[int, int]:
    """Return the two axes of a plane in ascending order."""
    advice = "Name two axes of the input, such as (0, 1)."
    if len(call.shape) < 2:
        raise call.value_error("input with two axes or more", len(call.shape), advice)
    given = axes if is_sequence(axes) or isinstance(axes, np.ndarray) else ()
    if len(given) != 2:
        raise call.value_error("axes to be two", quoted(axes), advice)
    ndim = len(call.shape)
    named = [call.integer("axes to be integers", axis, advice) for axis in given]
    first, second = sorted(axis + ndim if axis < 0 else axis for axis in named)
    if not 0 <= first < second < ndim:
        raise call.value_error(f"axes to be two different ones of {ndim}", quoted(axes), advice)
    return first, second
