"""Which axes are spatial, and one value for each of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, TypeGuard

import jax
import numpy as np

from jaxup._arguments.call import Call, shown

DataFormat = Literal["channels_last", "channels_first"]

FORMATS = ("channels_last", "channels_first")


def is_sequence(value: object) -> TypeGuard[Sequence[Any]]:
    """Return whether a value has an entry for each axis; text has none."""
    return isinstance(value, Sequence) and not isinstance(value, str | bytes)


def is_array(value: object) -> TypeGuard[Any]:
    """Return whether a value is an array of NumPy or JAX."""
    return isinstance(value, np.ndarray | jax.Array)


def spatial_axes(
    call: Call,
    *,
    axes: int | tuple[int, ...] | None,
    data_format: str,
    count: int | None,
    counted: str,
) -> tuple[int, ...]:
    """Return the resampled axes, non-negative, in the order in which sizes are given for them.

    Args:
      axes: the user's axes, or None for those that ``data_format`` implies.
      count: how many there must be, or None if only the rank of the array says so.
      counted: the option that says how many there must be, for the error.
    """
    ndim = len(call.shape)
    call.check_name("data_format", data_format, FORMATS)
    if axes is None:
        least = 3 if count is None else count + 1
        if ndim < least:
            spatial = f"{least - 1} spatial for {counted}" if count else "batch and spatial ones"
            rule = f"{least} or more axes ({spatial} and the channels)"
            x = call.option("x")
            advice = f"Name the spatial axes with axes=, or add the missing axis to {x}."
            raise call.value_error(rule, ndim, advice)
        count = count or ndim - 2
        first = ndim - 1 - count if data_format == "channels_last" else ndim - count
        return tuple(range(first, first + count))
    name, given = call.option("axes"), axes if isinstance(axes, tuple) else (axes,)
    for axis in given:
        if not -ndim <= axis < ndim:
            rule = f"{name} between {-ndim} and {ndim - 1}" if ndim else "an array with axes"
            advice = "Count the axes of the input from 0, or from the end with negative numbers."
            got = f"axis {shown(axis)}" if ndim else "a scalar"
            raise call.value_error(rule, got, advice)
    resolved = tuple(axis % ndim for axis in given)
    if len(set(resolved)) < len(resolved):
        raise call.value_error("each axis once", f"{name}={axes}", "Remove the repeated axis.")
    if count is not None and len(resolved) != count:
        raise call.value_error(
            f"{count} axes for {counted}",
            f"{name}={axes}",
            "Name as many axes, or choose a method without a rank, such as 'linear' or 'cubic'.",
        )
    return resolved


def one_per_axis(call: Call, option: str, value: Any, axes: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return ``value`` as a tuple with an entry for every axis; one number serves them all."""
    values = tuple(value) if is_sequence(value) else (value,) * len(axes)
    if len(values) != len(axes):
        name = call.option(option)
        rule = f"one {name}, or {len(axes)} (one per spatial axis)"
        advice = f"The spatial axes are {axes}; name others with {call.option('axes')}=."
        raise call.value_error(rule, f"{name}={value}", advice)
    return values
