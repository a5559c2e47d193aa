"""What OpenCV's functions accept, and the types that they compute in."""

# pyright: reportUnknownMemberType=false
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from jaxup._arguments.arrays import as_array
from jaxup._arguments.call import Call, quoted
from jaxup._arguments.sizes import MAX_SIZE, checked_scale, checked_size, static_numbers
from jaxup._numbers.dtypes import common
from jaxup.compat._affine import numbers_of

_INVERSE_MAP = 16


def constant(call: Call, option: str, value: Any, count: int) -> int:
    rule = f"{option} to be one of OpenCV's numbers 0 to {count - 1}"
    number = call.integer(rule, value, "Pass a number, or the constant of cv2.")
    if not 0 <= number < count:
        advice = "The module's documentation lists them; what needs a dst is not offered."
        raise call.value_error(rule, f"{option}={quoted(value)}", advice)
    return number


def interpolation_of(call: Call, flags: Any) -> tuple[int, bool]:
    """Return the interpolation, and whether the map is inverse."""
    rule = "flags to be an interpolation, with or without 16"
    number = call.integer(rule, flags, "Pass a number, or constants of cv2.")
    if not 0 <= number & ~_INVERSE_MAP < 5:
        advice = "Interpolations are 0 to 4; other flags are not offered."
        raise call.value_error(rule, f"flags={quoted(flags)}", advice)
    return number & ~_INVERSE_MAP, bool(number & _INVERSE_MAP)


def sizes(call: Call, dsize: Any) -> tuple[int, int]:
    given = static_numbers(call, size=dsize)["size"]
    if not isinstance(given, tuple) or len(given) != 2:
        raise call.value_error("dsize of two numbers", quoted(dsize), "Pass (width, height).")
    width, height = (checked_size(call, n) for n in given)
    return width, height


def target(call: Call, dsize: Any, fx: Any, fy: Any) -> tuple[tuple[int, int], tuple[float, float]]:
    """Return the height and width, and the scales of both."""
    height, width = call.shape[:2]
    empty = dsize is None or (isinstance(dsize, Sequence) and tuple(dsize) == (0, 0))
    if not empty:
        columns, rows = sizes(call, dsize)
        return (rows, columns), (rows / height, columns / width)
    advice = "Pass dsize=(width, height), or both factors."
    if dsize is None and all(isinstance(f, int | float) and f == 0 for f in (fx, fy)):
        raise call.value_error("dsize, or fx and fy", "neither", advice)
    scales: list[float] = []
    for option, value in (("fy", fy), ("fx", fx)):
        named = call._replace(typed=(*call.typed, ("scale", option)))
        number = static_numbers(named, scale=value)["scale"] or 0
        scales.append(checked_scale(named, named.finite(option, number, advice)))
    rows, columns = (round(n * s) for n, s in zip((height, width), scales, strict=True))
    if not 1 <= min(rows, columns) <= max(rows, columns) <= MAX_SIZE:
        rule = f"fx and fy for 1 to {MAX_SIZE} pixels"
        raise call.value_error(rule, f"fx={fx}, fy={fy}", advice)
    return (rows, columns), (scales[0], scales[1])


def maps(call: Call, map1: Any, map2: Any) -> tuple[jax.Array, jax.Array]:
    """Return x and y of the points."""
    first = as_array(call.function, map1, "map1")
    if map2 is None:
        if not first.ndim or first.shape[-1] != 2:
            advice = "Pass x and y along its last axis, or y as map2."
            raise call.value_error("map1 of shape (..., 2)", f"shape {first.shape}", advice)
        maps = {"map1": first[..., 0], "map2": first[..., 1]}
    else:
        maps = {"map1": first, "map2": as_array(call.function, map2, "map2")}
    for name, each in maps.items():
        if not jnp.issubdtype(each.dtype, jnp.floating):
            advice = "Convert it; the fixed-point maps of cv2.convertMaps are not offered."
            raise call.type_error(f"{name} of floats", each.dtype, advice)
    columns, rows = maps.values()
    if columns.shape != rows.shape:
        got = f"{columns.shape} and {rows.shape}"
        raise call.value_error("map1 and map2 of one shape", got, "Pass x and y of every pixel.")
    return columns, rows


def border_value(call: Call, value: Any, x: jax.Array) -> jax.Array | None:
    """Return a number for every channel, or None for zeros."""
    if type(value) is int and not value:
        return None
    numbers = numbers_of(call, "borderValue", value)
    if numbers.ndim > 1 or numbers.size > 4:
        advice = "Pass a number, which is the first channel's, or one per channel."
        raise call.value_error("borderValue of up to 4 numbers", quoted(value), advice)
    if isinstance(numbers, np.ndarray) and not numbers.any():
        return None
    channels = x.shape[2] if x.ndim == 3 else 1
    padded = jnp.pad(jnp.atleast_1d(jnp.asarray(numbers)), (0, max(channels, 4)))[:channels]
    return padded if x.ndim == 3 else padded[0]


def computed(call: Call, x: jax.Array, copies: bool) -> jax.Array:
    """Return the picture in the type that it is computed in."""
    if copies or jnp.issubdtype(x.dtype, jnp.inexact):
        return x
    if x.dtype == jnp.bool_:
        raise call.type_error("src of numbers", "bools", "Convert it, or use 0 (nearest).")
    return x.astype(common(jnp.float32, *[jnp.float64] * (x.dtype.itemsize > 4)))


def stored(y: jax.Array, dtype: Any) -> jax.Array:
    """Return the result in the picture's type."""
    if y.dtype == dtype:
        return y
    limits = jnp.iinfo(dtype)
    return jnp.round(y).clip(limits.min, limits.max).astype(dtype)
