"""Options that need no geometry to be judged: values outside, regions, and what area allows."""

# pyright: reportUnknownMemberType=false
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.core import Tracer

from jaxup import boundary as boundaries
from jaxup._arguments.axes import is_sequence
from jaxup._arguments.call import Call
from jaxup._arguments.sizes import check_static

_POINTS = ("align_corners", "asymmetric", "pytorch_half_pixel", "crop_and_resize")


def check_area(call: Call, coordinates: Any) -> None:
    """Check that pixels are areas in these coordinates, which method "area" needs."""
    for name in _entries(coordinates):
        if isinstance(name, str) and name in _POINTS:
            rule = "coordinates of pixels that are areas for method='area'"
            advice = "Use 'half_pixel', or another method."
            raise call.value_error(rule, f"coordinates={name!r}", advice)


def checked_fill_value(
    call: Call, dtype: Any, fill_value: Any, boundary: Any, fill_beyond: object = None
) -> jax.Array | None:
    """Return the number as the array can hold it, if there is one and something will be filled."""
    if fill_value is None:
        return None
    constant = any(one in ("constant", boundaries.constant) for one in _entries(boundary))
    if fill_beyond is None and not constant:
        rule = "fill_value only with boundary='constant' or fill_beyond"
        advice = "Drop fill_value, or choose one of them."
        raise call.value_error(rule, f"boundary={boundary!r}", advice)
    if isinstance(fill_value, Tracer):
        return jnp.asarray(fill_value, dtype)
    array = np.asarray(fill_value)
    if array.ndim or not (np.issubdtype(array.dtype, np.number) or array.dtype == bool):
        advice = "Pass a number of the array's own range."
        raise call.type_error("fill_value to be one number", repr(fill_value), advice)
    if not _holds(dtype, array.item()):
        advice = "Pass another number, or convert the array first."
        rule = f"a fill_value that dtype {dtype} can hold"
        raise call.value_error(rule, repr(fill_value), advice)
    return jnp.asarray(fill_value, dtype)


def _holds(dtype: Any, value: Any) -> bool:
    if isinstance(value, complex):
        return jnp.issubdtype(dtype, jnp.complexfloating)
    if jnp.issubdtype(dtype, jnp.inexact):
        return True
    if dtype == jnp.bool_:
        return value in (0, 1)
    limits = jnp.iinfo(dtype)
    return limits.min <= value <= limits.max and value == int(value)


def one_or_tuple(value: Any) -> Any:
    """Return a sequence as a tuple; a name or a function as it is."""
    return tuple(value) if is_sequence(value) else value


def _entries(value: Any) -> Sequence[Any]:
    return value if is_sequence(value) else (value,)


def pairs(call: Call, option: str, value: Any) -> tuple[tuple[float, float], ...] | None:
    """Return pairs of numbers, one per axis; a single pair may stand alone."""
    if value is None:
        return None
    advice = "Use jaxup.scale_and_translate, whose geometry may be traced."
    check_static(call, option, value, advice)
    low, high = {"box": ("low", "high"), "roi": ("start", "end")}[option]
    try:
        array = np.asarray(value, np.float64)
    except (TypeError, ValueError):
        array = np.zeros(0)
    array = np.atleast_2d(array)
    if array.ndim != 2 or array.shape[-1] != 2 or not np.isfinite(array).all():
        rule = f"{option} to be one finite ({low}, {high}) pair per spatial axis"
        advice = f"Pass (({low}, {high}), ...), in the order of the axes."
        raise call.value_error(rule, repr(value), advice)
    return tuple((float(first), float(second)) for first, second in array)
