"""Which axes are resampled, from which size to which: the argument rules that functions share."""

from __future__ import annotations

import dataclasses
import math
import numbers
import operator
from collections.abc import Sequence
from typing import Any, Literal

import jax
import numpy as np
from jax.core import Tracer

from jaxup import _symbolic
from jaxup._errors import message, unknown_name
from jaxup._symbolic import is_symbolic

DataFormat = Literal["channels_last", "channels_first"]


@dataclasses.dataclass(frozen=True)
class Geometry:
    """Resolved axes with their sizes, and the scales where they were given (else None)."""

    axes: tuple[int, ...]
    in_sizes: tuple[int, ...]
    out_sizes: tuple[int, ...]
    scales: tuple[float, ...] | None


def hashable(function: str, option: str, value: Any, shape) -> Any:
    """None, a number, or a tuple of numbers, from what a user may pass as scale, size or axes.

    Types are settled here, before any cache: to a cache, ``(3, 3)`` and ``(3.0, 3.0)`` are one.
    """
    if value is None or type(value) is int:
        return value
    if isinstance(value, Tracer) or (
        isinstance(value, Sequence) and any(isinstance(v, Tracer) for v in value)
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
    if isinstance(value, np.ndarray | jax.Array):
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
        value = np.asarray(value).tolist()
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        if not value:
            raise ValueError(
                message(
                    function, f"at least one {_ONE[option]}", f"{option}=()", shape, "Name one."
                )
            )
        return tuple(_number(function, option, entry, shape) for entry in value)
    return _number(function, option, value, shape)


_ONE = {"scale": "scale", "size": "size", "axes": "axis"}


def _number(function, option, value, shape):
    """A real number for a scale, else an int; bools are neither."""
    if isinstance(value, jax.Array) and value.ndim == 0:
        value = value.item()
    if not isinstance(value, bool | np.bool_):
        if option == "scale":
            if isinstance(value, numbers.Real):
                return value
        elif option == "size" and is_symbolic(value):
            return value
        else:
            try:
                return operator.index(value)
            except TypeError:
                pass
    rule, advice = {
        "scale": ("scale to be a real number, or one per axis", "Pass a float."),
        "size": ("size in whole pixels", "Pass ints as size, or a factor as scale."),
        "axes": ("axes to be integers", "Pass ints."),
    }[option]
    raise TypeError(message(function, rule, f"{type(value).__name__} {value!r}", shape, advice))


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
        least = 3 if count is None else count + 1
        if ndim < least:
            spatial = f"{least - 1} spatial{reason}" if count else "batch and spatial ones"
            raise ValueError(
                message(
                    function,
                    f"{least} or more axes ({spatial} and the channels)",
                    ndim,
                    shape,
                    "Name the spatial axes with axes=, or add the missing axis.",
                )
            )
        count = count or ndim - 2
        first = ndim - 1 - count if data_format == "channels_last" else ndim - count
        return tuple(range(first, first + count))
    resolved = []
    for axis in axes if isinstance(axes, tuple) else (axes,):
        if not -ndim <= axis < ndim:
            raise ValueError(
                message(
                    function,
                    f"axes between {-ndim} and {ndim - 1}" if ndim else "an array with axes",
                    f"axis {axis}" if ndim else "a scalar",
                    shape,
                    "Count the axes of the input from 0, or from the end with negative numbers.",
                )
            )
        resolved.append(axis % ndim)
    if len(set(resolved)) < len(resolved):
        raise ValueError(
            message(function, "each axis once", f"axes={axes}", shape, "Remove the repeated axis.")
        )
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


MAX_SIZE = 2**31 - 1  # indices are int32


def _checked_out_size(function, out_size: int, got, shape, advice) -> int:
    if not 1 <= out_size <= MAX_SIZE:
        raise ValueError(
            message(
                function,
                "an output of at least 1 pixel"
                if out_size < 1
                else f"an output of at most {MAX_SIZE} pixels per axis",
                got,
                shape,
                advice,
            )
        )
    return out_size


def checked_scale(function, scale, shape):
    """The scale, if it is one."""
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
    return scale


def out_size_from_scale(function, in_size, scale, shape) -> Any:
    """``int(in_size * scale)``, truncated, computed in float64: PyTorch's rule."""
    checked_scale(function, scale, shape)
    if is_symbolic(in_size):
        return _symbolic.out_size_from_scale(function, in_size, scale, shape)
    exact = float(in_size) * float(min(scale, MAX_SIZE + 1))
    return _checked_out_size(
        function,
        int(exact),
        f"int({in_size} * {scale}) = {int(exact)}" if scale <= MAX_SIZE else f"scale={scale}",
        shape,
        "Use a larger scale, or give the size." if exact < 1 else "Use a smaller scale.",
    )


def checked_size(function, size: int, shape) -> int:
    """The size, if it is one that an output can have; of a symbolic one, nobody knows."""
    if is_symbolic(size):
        return size
    return _checked_out_size(
        function,
        size,
        f"size={size}",
        shape,
        "Pass a size of 1 or more." if size < 1 else "Pass a smaller size.",
    )


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
