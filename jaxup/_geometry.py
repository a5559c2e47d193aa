"""Which axes are resampled, from which size to which: the argument rules that functions share."""

from __future__ import annotations

import dataclasses
import math
import numbers
import operator
from collections.abc import Sequence
from typing import Literal

import jax
import numpy as np

from jaxup._errors import message, unknown_name

DataFormat = Literal["channels_last", "channels_first"]


@dataclasses.dataclass(frozen=True)
class Geometry:
    """Resolved axes with their sizes, and the scales where they were given (else None)."""

    axes: tuple[int, ...]
    in_sizes: tuple[int, ...]
    out_sizes: tuple[int, ...]
    scales: tuple[float, ...] | None


def hashable(function: str, option: str, value, shape):
    """A number, or a tuple of numbers, from what a user may pass as scale, size or axes."""
    if value is None or isinstance(value, int | float):
        return value
    if isinstance(value, str | bytes):
        raise TypeError(
            message(
                function,
                f"{option} to be a number or one number per axis",
                repr(value),
                shape,
                "Pass numbers, not text.",
            )
        )
    if isinstance(value, jax.core.Tracer) or (
        isinstance(value, Sequence) and any(isinstance(v, jax.core.Tracer) for v in value)
    ):
        raise TypeError(
            message(
                function,
                f"{option} to be known when the program is built",
                f"the traced value {value}",
                shape,
                f"Make {option} static (jax.jit(..., static_argnames={option!r})): it decides the"
                " shape of the result.",
            )
        )
    if isinstance(value, numbers.Number):
        return value
    if isinstance(value, np.ndarray | np.generic | jax.Array):
        value = np.asarray(value)
        if value.ndim > 1:
            raise ValueError(
                message(
                    function,
                    f"{option} to be a number or one number per axis",
                    f"an array of shape {value.shape}",
                    shape,
                    "Pass a flat sequence.",
                )
            )
        return value.item() if value.ndim == 0 else tuple(value.tolist())
    try:
        return tuple(v.item() if isinstance(v, np.generic | jax.Array) else v for v in value)
    except TypeError:
        raise TypeError(
            message(
                function,
                f"{option} to be a number or one number per axis",
                f"{type(value).__name__} {value!r}",
                shape,
                "Pass an int, a float, or a tuple of them.",
            )
        ) from None


def spatial_axes(function, ndim, shape, *, axes, data_format, count, reason) -> tuple[int, ...]:
    """The resampled axes, non-negative, in the order in which sizes are given for them.

    Args:
      axes: the user's axes, or None for those that ``data_format`` implies.
      count: how many there must be, or None when nothing says so but ``ndim``.
      reason: what says so, for the error.
    """
    if data_format not in ("channels_last", "channels_first"):
        raise ValueError(
            unknown_name(
                function, "data_format", data_format, ("channels_last", "channels_first"), shape
            )
        )
    if axes is None:
        if count is None:
            count, reason = ndim - 2, " (all between a batch axis and the channels)"
        if not 1 <= count < ndim:
            raise ValueError(
                message(
                    function,
                    f"{max(count, 1)} or more spatial axes{reason} beside the channels",
                    f"{ndim} axes in all",
                    shape,
                    "Name the spatial axes with axes=, or add the missing axis.",
                )
            )
        first = ndim - 1 - count if data_format == "channels_last" else ndim - count
        return tuple(range(first, first + count))
    given = axes if isinstance(axes, tuple) else (axes,)
    resolved = []
    for axis in given:
        try:
            axis = operator.index(axis)
        except TypeError:
            raise TypeError(
                message(function, "axes to be integers", repr(axis), shape, "Pass ints.")
            ) from None
        if not -ndim <= axis < ndim:
            raise ValueError(
                message(
                    function,
                    f"axes between {-ndim} and {ndim - 1}",
                    axis,
                    shape,
                    "Count the axes of the input from 0, or from the end with negative numbers.",
                )
            )
        resolved.append(axis % ndim)
    if len(set(resolved)) < len(resolved):
        raise ValueError(
            message(function, "each axis once", f"axes={axes}", shape, "Remove the repeated axis.")
        )
    if not resolved:
        raise ValueError(message(function, "at least one axis", "axes=()", shape, "Name an axis."))
    if count is not None and len(resolved) != count:
        raise ValueError(
            message(
                function,
                f"{count} axes{reason}",
                f"axes={axes}",
                shape,
                "Name as many axes, or choose a method without a rank, such as 'linear' or"
                " 'cubic'.",
            )
        )
    return tuple(resolved)


def one_per_axis(function, option, value, axes, shape) -> tuple:
    """``value`` as a tuple with an entry for every axis; one number serves them all."""
    values = value if isinstance(value, tuple) else (value,) * len(axes)
    if len(values) != len(axes):
        raise ValueError(
            message(
                function,
                f"one {option}, or {len(axes)} (one per spatial axis)",
                f"{option}={value}",
                shape,
                f"The spatial axes are {axes}; name others with axes=.",
            )
        )
    return values


def out_size_from_scale(function, in_size: int, scale, shape) -> int:
    """``int(in_size * scale)``, truncated, computed in float64: PyTorch's rule."""
    if isinstance(scale, bool) or not isinstance(scale, numbers.Real):
        raise TypeError(
            message(function, "scale to be a real number", repr(scale), shape, "Pass a float.")
        )
    if not 0 < scale < math.inf:
        raise ValueError(
            message(
                function,
                "a finite scale above 0",
                f"scale={scale}",
                shape,
                "Scales below 1 shrink, scales above 1 enlarge.",
            )
        )
    out_size = int(float(in_size) * float(scale))
    if out_size < 1:
        raise ValueError(
            message(
                function,
                "an output of at least 1 pixel",
                f"int({in_size} * {scale}) = {out_size}",
                shape,
                "Use a larger scale, or give the size.",
            )
        )
    return out_size


def checked_size(function, size, shape) -> int:
    try:
        if isinstance(size, bool):
            raise TypeError
        out_size = operator.index(size)
    except TypeError:
        raise TypeError(
            message(
                function,
                "size in whole pixels",
                f"{type(size).__name__} {size!r}",
                shape,
                "Pass ints as size, or a factor as scale.",
            )
        ) from None
    if out_size < 1:
        raise ValueError(
            message(
                function,
                "an output of at least 1 pixel",
                f"size={size}",
                shape,
                "Pass a size of 1 or more.",
            )
        )
    return out_size


def resolve(
    function, shape, *, scale, size, axes, data_format, method_rank, method_name
) -> Geometry:
    """Axes and sizes from scale or size, axes, data_format and the rank in the method's name."""
    if (scale is None) == (size is None):
        given = "neither" if scale is None else "both"
        raise ValueError(
            message(
                function,
                "exactly one of scale and size",
                given,
                shape,
                "Pass a scale (a factor) or a size (in pixels), not both."
                if given == "both"
                else "Pass a scale (a factor) or a size (in pixels).",
            )
        )
    option, value = ("scale", scale) if size is None else ("size", size)
    if method_rank is not None:
        count, reason = method_rank, f" for method {method_name!r}"
    elif isinstance(value, tuple) and axes is None:
        count, reason = len(value), f" for {option}={value}"
    else:
        count, reason = None, ""
    resolved = spatial_axes(
        function, len(shape), shape, axes=axes, data_format=data_format, count=count, reason=reason
    )
    in_sizes = tuple(shape[axis] for axis in resolved)
    values = one_per_axis(function, option, value, resolved, shape)
    if any(in_size == 0 for in_size in in_sizes):
        raise ValueError(
            message(
                function,
                "spatial axes of at least 1 pixel",
                f"sizes {in_sizes}",
                shape,
                "There is nothing to resample: check the input.",
            )
        )
    if size is None:
        out_sizes = tuple(
            out_size_from_scale(function, n, s, shape)
            for n, s in zip(in_sizes, values, strict=True)
        )
        return Geometry(resolved, in_sizes, out_sizes, tuple(float(s) for s in values))
    out_sizes = tuple(checked_size(function, s, shape) for s in values)
    return Geometry(resolved, in_sizes, out_sizes, None)
