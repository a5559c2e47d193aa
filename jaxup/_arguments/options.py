"""Options that need no geometry to be judged: values outside, regions, and what area allows."""

# pyright: reportUnknownMemberType=false, reportUnknownArgumentType=false
# pyright: reportUnknownVariableType=false
from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.core import Tracer

from jaxup import boundary as boundaries
from jaxup._arguments.axes import is_sequence
from jaxup._arguments.call import Call, quoted
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
    call: Call,
    dtype: Any,
    fill_value: Any,
    boundary: Any,
    fill_beyond: object = None,
    where: object = None,
) -> jax.Array | None:
    """Return the number as the array can hold it, if there is one and something will be filled."""
    if fill_value is None:
        return None
    constant = any(
        one is boundaries.constant or (isinstance(one, str) and one == "constant")
        for one in _entries(boundary)
    )
    if fill_beyond is None and where is None and not constant:
        rule = "fill_value only with boundary='constant' or fill_beyond"
        advice = "Drop fill_value, or choose one of them."
        raise call.value_error(rule, f"boundary={boundary!r}", advice)
    traced = isinstance(fill_value, Tracer)
    try:
        array: Any = fill_value if traced else np.asarray(fill_value)
    except (TypeError, ValueError):  # a random key, lists of several lengths
        array = np.zeros(0)
    if array.ndim or not (jnp.issubdtype(array.dtype, np.number) or array.dtype == bool):
        advice = "Pass a number of the array's own range."
        raise call.type_error("fill_value to be one number", quoted(fill_value), advice)
    if traced and not jnp.iscomplexobj(fill_value):
        return jnp.asarray(fill_value, dtype)
    if jnp.issubdtype(dtype, jax.dtypes.extended):
        raise call.type_error("an array of numbers", f"dtype {dtype}", "Random keys are none.")
    if not _holds(dtype, 1j if traced else array.item()):
        advice = "Pass another number, or convert the array first."
        rule = f"a fill_value that dtype {dtype} can hold"
        raise call.value_error(rule, repr(fill_value), advice)
    return jnp.asarray(fill_value, dtype)


def _holds(dtype: Any, number: Any) -> bool:
    if np.iscomplexobj(number):
        return jnp.issubdtype(dtype, jnp.complexfloating)
    if jnp.issubdtype(dtype, jnp.inexact):
        return not abs(number) < math.inf or abs(number) <= float(jnp.finfo(dtype).max)
    if dtype == jnp.bool_:
        return number in (0, 1)
    limits = jnp.iinfo(dtype)
    return limits.min <= number <= limits.max and number == int(number)


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
    except (TypeError, ValueError, OverflowError):
        array = np.zeros(0)
    array = np.atleast_2d(array)
    if array.ndim != 2 or array.shape[-1] != 2 or not np.isfinite(array).all():
        rule = f"{option} to be one finite ({low}, {high}) pair per spatial axis"
        advice = f"Pass (({low}, {high}), ...), in the order of the axes."
        raise call.value_error(rule, quoted(value), advice)
    return tuple((float(first), float(second)) for first, second in array)
