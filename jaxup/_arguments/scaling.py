"""A scale and a translation that may be traced, and how far they may widen a kernel."""

# pyright: reportUnknownMemberType=false, reportUnknownArgumentType=false
# pyright: reportUnknownVariableType=false
from __future__ import annotations

import math
import numbers
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.core import Tracer

from jaxup import boundary, kernels
from jaxup._arguments.axes import is_sequence
from jaxup._arguments.call import Call


def real_number_per_axis(
    call: Call, option: str, value: Any, axes: tuple[int, ...]
) -> tuple[Any, ...]:
    """Return one real number per axis, traced or not."""
    rule = f"{option} to be a real number, or one per axis"
    advice = "Pass a float, a traced scalar, or a sequence of them."
    array: Any
    try:
        if is_known(value):
            array = np.asarray(value)
        elif is_sequence(value):
            array = jnp.stack(jnp.broadcast_arrays(*[jnp.asarray(entry) for entry in value]))
        else:
            array = jnp.asarray(value)
    except (TypeError, ValueError) as error:
        raise call.type_error(rule, f"{type(value).__name__} {value!r}", advice) from error
    if array.dtype == jnp.bool_ or jnp.issubdtype(array.dtype, jnp.complexfloating):
        raise call.type_error(rule, f"dtype {array.dtype}", advice)
    if array.ndim > 1 or (array.ndim == 1 and len(array) != len(axes)):
        expected = f"one {option}, or {len(axes)} (one per spatial axis)"
        advice = f"The spatial axes are {axes}; for one {option} per example use jax.vmap."
        raise call.value_error(expected, f"an array of shape {array.shape}", advice)
    known = () if isinstance(array, Tracer) else np.asarray(array, np.float64)
    if not np.isfinite(known).all():
        raise call.value_error(f"a finite {option}", f"{option}={value}", "Pass real numbers.")
    if isinstance(array, np.ndarray):
        return tuple(map(float, np.broadcast_to(array, len(axes))))
    return tuple(array) if array.ndim else (array,) * len(axes)


def is_known(*values: Any) -> bool:
    """Return whether values are Python's or NumPy's numbers, which need no program."""
    known = (bool, int, float, complex, np.generic, np.ndarray)
    return all(isinstance(leaf, known) for leaf in jax.tree.leaves(values))


def check_max_shrink(call: Call, max_shrink: Any) -> None:
    """Check that the greatest shrink is a known number of at least 1, if there is one."""
    if max_shrink is None:
        return
    if isinstance(max_shrink, bool) or not isinstance(max_shrink, numbers.Real):
        rule = "max_shrink to be a number known when the program is built"
        advice = "Pass a float of at least 1, or None."
        raise call.type_error(rule, f"{type(max_shrink).__name__} {max_shrink!r}", advice)
    if not 1 <= float(max_shrink) < math.inf:
        rule = "a finite max_shrink of at least 1"
        advice = "It is the greatest 1 / scale; pass 1 if nothing shrinks."
        raise call.value_error(rule, f"max_shrink={max_shrink}", advice)


def most_taps(
    call: Call,
    in_size: Any,
    step: Any,
    kernel: kernels.AnyKernel,
    beyond: boundary.Boundary,
    max_shrink: float | None,
) -> tuple[Any, float]:
    """Return the most taps of an antialiased kernel, and how many times wider it may become."""
    if not isinstance(step, Tracer):
        return kernel.taps(max(float(abs(step)), 1.0)), math.inf
    if max_shrink is not None:
        return kernel.taps(max_shrink), max_shrink
    if beyond is boundary.renormalize:
        return in_size, math.inf
    raise call.value_error(
        f"max_shrink with boundary={beyond.__name__!r}, antialias and a traced scale",
        "max_shrink=None",
        "Pass the greatest 1 / scale there will be, antialias=False, or boundary='renormalize'.",
    )
