"""Which axes are spatial, and one value for each of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, TypeGuard, get_args

import jax
import numpy as np

from jaxup._arguments.call import Call, shown

DataFormat = Literal[
    "channels_last", "channels_first", "NWC", "NHWC", "NDHWC", "NCW", "NCHW", "NCDHW"
]

FORMATS: tuple[str, ...] = get_args(DataFormat)
_COLOURS, _PIXELS = 3, 8  # an axis of so many looks like channels, of so many or more like pixels


def is_channels_last(data_format: str) -> bool:
    return data_format.endswith(("last", "C"))


def spatial_letters(data_format: str) -> int | None:
    """Return how many spatial axes a format in letters has: 2 for "NHWC"; None for a name."""
    return len(data_format) - 2 if data_format.isupper() else None


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
      count: how many there must be, or None if only the format or the rank of the array says so.
      counted: the option that says how many there must be, or what says nothing, for the error.

    Warns:
      UserWarning: for default axes that look like the colours and the rows of a picture.
    """
    ndim = len(call.shape)
    call.check_name("data_format", data_format, FORMATS)
    if axes is None:
        letters = spatial_letters(data_format)
        if letters is not None and count not in (None, letters):
            got = f"{count} for {counted}"
            rule = f"{letters} spatial axes for data_format={data_format!r}"
            raise call.value_error(rule, got, "Name others with axes=, or choose another format.")
        if letters is not None and count is None:
            count, counted = letters, f"data_format={data_format!r}"
        least = 3 if count is None else count + 1
        if ndim < least:
            spatial = f"{least - 1} spatial for {counted}" if count else "batch and spatial ones"
            rule = f"{least} or more axes ({spatial} and the channels)"
            x = call.option("x")
            all_axes = f"={tuple(range(ndim))}" if ndim and ndim == least - 1 else "="
            advice = f"Name the spatial axes with axes{all_axes}, or add the missing axis to {x}."
            raise call.value_error(rule, ndim, advice)
        last = is_channels_last(data_format)
        if count is None and ndim == 3:
            raise _picture_or_signals(call, counted, last)
        count = count or ndim - 2
        if count == 2 and data_format == "channels_last":
            _warn_of_channels_first(call)
        first = ndim - 1 - count if last else ndim - count
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


def _picture_or_signals(call: Call, counted: str, last: bool) -> ValueError:
    """Return the error for three axes of which nothing says how many are spatial."""
    picture, signals = ("(0, 1)", 1) if last else ("(1, 2)", 2)
    name = call.option("axes")
    return call.value_error(
        f"{name}, or a method that says how many there are",
        f"{counted} and 3 axes, which are one picture or a batch of signals,",
        f"Pass {name}={picture} or a method such as 'bilinear' for one picture, {name}={signals}"
        " for signals.",
    )


def _warn_of_channels_first(call: Call) -> None:
    """Warn of a picture of three rows and many channels: its channels may be first."""
    rows, columns, channels = call.shape[-3:]
    if any(not isinstance(n, int) for n in (rows, columns, channels)):  # symbolic
        return
    if rows == _COLOURS and min(columns, channels) >= _PIXELS:
        call.warn(
            f"input shape {tuple(call.shape)} looks like channels first, and is read as pictures of"
            f" {rows} x {columns} pixels with {channels} channels. Pass data_format='NCHW', or"
            " 'NHWC' if that is right."
        )


def one_per_axis(call: Call, option: str, value: Any, axes: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return ``value`` as a tuple with an entry for every axis; one number serves them all."""
    values = tuple(value) if is_sequence(value) else (value,) * len(axes)
    if len(values) != len(axes):
        name = call.option(option)
        rule = f"one {name}, or {len(axes)} (one per spatial axis)"
        advice = f"The spatial axes are {axes}; name others with {call.option('axes')}=."
        raise call.value_error(rule, f"{name}={value}", advice)
    return values
