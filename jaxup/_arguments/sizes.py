"""Which axes are resampled, from which size to which: the rules that the functions share."""

from __future__ import annotations

import math
import numbers
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax.core import Tracer

from jaxup._arguments import symbolic_size
from jaxup._arguments.axes import (
    is_array,
    is_channels_last,
    is_sequence,
    one_per_axis,
    spatial_axes,
)
from jaxup._arguments.call import Call, quoted, shown
from jaxup._numbers.step import is_symbolic

MAX_SIZE = 2**31 - 1  # indices are int32
MOST_PIXELS = 2**40  # of a result, 4 TiB in float32: over hundreds of devices an array may be that
_LARGE = 16  # a factor of so many pixels, given as an int for each axis, is rather a size


class Geometry(NamedTuple):
    """The resampled axes with their sizes, and their scales where the user gave some.

    Sizes are ints or symbolic dimensions.
    """

    axes: tuple[int, ...]
    in_sizes: tuple[Any, ...]
    out_sizes: tuple[Any, ...]
    scales: tuple[float, ...] | None


def static_numbers(call: Call, **given: Any) -> dict[str, Any]:
    """Return scale, size and axes as None, a number, or a tuple of numbers each.

    Types are settled here, before any cache: to a cache, ``(3, 3)`` and ``(3.0, 3.0)`` are equal.
    """
    return {
        kind: value if value is None or type(value) is int else _static(call, kind, value)
        for kind, value in given.items()
    }


def check_static(call: Call, option: str, value: Any, advice: str | None = None) -> None:
    """Check that neither a value nor an entry of a sequence is traced."""
    if any(isinstance(leaf, Tracer) for leaf in jax.tree.leaves(value)):
        raise call.type_error(
            f"{option} to be known when the program is built",
            f"the traced value {value}",
            advice
            or f"Make {option} static (jax.jit(..., static_argnames={option!r})): it decides the"
            " shape of the result.",
        )


def _static(call: Call, kind: str, value: Any) -> Any:
    option = call.option(kind)
    check_static(call, option, value)
    if is_array(value):
        if jnp.issubdtype(value.dtype, jax.dtypes.prng_key):
            raise call.type_error(f"{option} to be numbers", repr(value), "Pass ints or floats.")
        array: np.ndarray[Any, Any] = np.asarray(value)
        if array.ndim > 1:
            rule = f"{option} to be a number or one number per axis"
            advice = "Pass a flat sequence."
            raise call.value_error(rule, f"an array of shape {array.shape}", advice)
        value = array.tolist()
    if not is_sequence(value):
        return _number(call, kind, value)
    if not value:
        one = "axis" if option == "axes" else option
        raise call.value_error(f"at least one {one}", f"{option}=()", "Name one.")
    return tuple(_number(call, kind, entry) for entry in value)


def _number(call: Call, kind: str, value: Any) -> Any:
    """Return a real number for a scale, else an int; bools are neither."""
    option = call.option(kind)
    if is_array(value) and value.ndim == 0:
        value = value.item()
    if kind == "scale":
        if type(value) is bool or not isinstance(value, numbers.Real):
            rule, got = f"{option} to be a real number, or one per axis", type(value).__name__
            raise call.type_error(rule, f"{got} {quoted(value)}", "Pass a float.")
        return value
    if kind == "axes":
        return call.integer(f"{option} to be integers", value, "Pass ints.")
    if is_symbolic(value):
        return value
    advice = f"Pass ints as {option}, or a factor as scale."
    return call.integer(f"{option} in whole pixels", value, advice)


def _no_output(call: Call, out_size: int, got: str, advice: str) -> ValueError:
    """Return the error for a size that no output can have."""
    limit = "at least 1 pixel" if out_size < 1 else f"at most {MAX_SIZE} pixels per axis"
    return call.value_error(f"an output of {limit}", got, advice)


def checked_size(call: Call, size: Any) -> Any:
    """Return ``size`` if it is between 1 and MAX_SIZE. Symbolic sizes are returned unchecked."""
    if isinstance(size, int) and not 1 <= size <= MAX_SIZE:
        name = call.option("size")
        advice = f"Pass a {name} of 1 or more." if size < 1 else f"Pass a smaller {name}."
        raise _no_output(call, size, f"{name}={shown(size)}", advice)
    if size is None:
        raise call.type_error(f"{call.option('size')} in whole pixels", "None", "Pass ints.")
    return size


def checked_scale(call: Call, scale: float) -> float:
    """Return the scale if it is finite and above 0."""
    if not 0 < scale < math.inf:
        name, advice = call.option("scale"), "Scales below 1 shrink, scales above 1 enlarge."
        raise call.value_error(f"a finite {name} above 0", f"{name}={scale}", advice)
    return scale


def out_size_from_scale(call: Call, in_size: Any, scale: float) -> Any:
    """Return ``int(in_size * scale)``, computed in float64: PyTorch's rule."""
    checked_scale(call, scale)
    if not isinstance(in_size, int | float):
        return symbolic_size.out_size_from_scale(call, in_size, scale)
    out_size = int(float(in_size) * float(min(scale, MAX_SIZE + 1)))
    if 1 <= out_size <= MAX_SIZE:
        return out_size
    got = f"{call.option('scale')}={shown(scale)}"
    if scale <= MAX_SIZE:
        got += f", int({in_size} * {scale}) = {out_size}"
    advice = "Use a larger scale, or give the size." if out_size < 1 else "Use a smaller scale."
    raise _no_output(call, out_size, got, advice)


def check_output(
    call: Call, axes: tuple[int, ...], out_sizes: tuple[Any, ...], option: str
) -> None:
    """Check that a result larger than the array, of known sizes, fits into any machine's memory."""
    shape = list(call.shape)
    for axis, size in zip(axes, out_sizes, strict=True):
        shape[axis] = size
    if not all(isinstance(n, int) for n in (*shape, *call.shape)):
        return
    if math.prod(shape) > max(MOST_PIXELS, math.prod(call.shape)):
        name = call.option(option)
        rule = f"a {name} for a result of at most 2**40 numbers"
        advice = f"Pass a smaller {name}."
        raise call.value_error(rule, f"shape ({', '.join(map(shown, shape))})", advice)


def check_factors(call: Call, scale: Any) -> None:
    """Check that several scales do not look like a size in pixels."""
    if is_sequence(scale) and len(scale) > 1 and all(map(_is_large, scale)):
        rule, got = "scale to be a factor", f"scale={scale}, which looks like a size,"
        floats = tuple(map(float, scale))
        advice = f"Pass size={scale} for pixels, or floats, scale={floats}, for factors."
        raise call.value_error(rule, got, advice)


def _is_large(factor: Any) -> bool:
    return isinstance(factor, numbers.Integral) and int(factor) >= _LARGE


def check_not_symbolic(call: Call, sizes: tuple[Any, ...]) -> None:
    """Check the sizes of axes for a function that computes with them as numbers."""
    if is_symbolic(*sizes):
        rule = f"spatial sizes of {call.option('x')} that are known when the program is built"
        advice = "Other axes may be symbolic here; jaxup.upsample and jaxup.resize take more."
        raise call.value_error(rule, f"the symbolic sizes {tuple(map(str, sizes))}", advice)


def check_pixels(call: Call, sizes: tuple[Any, ...], verb: str = "resample") -> None:
    """Check that every spatial axis has a pixel."""
    if any(size == 0 for size in sizes):
        advice = f"There is nothing to {verb}: check the input {call.option('x')}."
        raise call.value_error("spatial axes of at least 1 pixel", f"sizes {sizes}", advice)


def _check_without_channels(call: Call, size: Any) -> None:
    """Check that as many sizes as a volume has are not those of a picture and its channels."""
    ndim = len(call.shape)
    if not is_sequence(size) or not len(size) == ndim - 1 >= 3:
        return
    if isinstance(size[-1], int) and not is_symbolic(call.shape[-1]) and size[-1] == call.shape[-1]:
        name, axes = call.option("size"), tuple(range(ndim - 1))
        raise call.value_error(
            f"{name} of the spatial axes alone",
            f"{name}={size}, whose last is the number of channels",
            f"Pass {name}={size[:-1]}; if the array is one volume, say so with"
            f" {call.option('axes')}={axes}.",
        )


def resolve(
    call: Call,
    *,
    scale: Any,
    size: Any,
    axes: Any,
    data_format: str,
    rank: int | None,
    method: object,
) -> Geometry:
    """Return the axes and sizes for a scale, else a size, axes, a format and a method's rank."""
    kind, value = ("size", size) if scale is None else ("scale", scale)
    count, counted = rank, f"method {method!r}"
    if rank is None and axes is None and is_sequence(value):
        count, counted = len(value), f"{kind}={value}"
    resolved = spatial_axes(call, axes=axes, data_format=data_format, count=count, counted=counted)
    if kind == "size" and rank is None and axes is None and is_channels_last(data_format):
        _check_without_channels(call, value)
    values = one_per_axis(call, kind, value, resolved)
    in_sizes = tuple(call.shape[axis] for axis in resolved)
    check_pixels(call, in_sizes)
    if scale is None:
        out_sizes = tuple(checked_size(call, n) for n in values)
        check_output(call, resolved, out_sizes, "size")
        return Geometry(resolved, in_sizes, out_sizes, None)
    pairs = zip(in_sizes, values, strict=True)
    out_sizes = tuple(out_size_from_scale(call, n, s) for n, s in pairs)
    check_output(call, resolved, out_sizes, "scale")
    return Geometry(resolved, in_sizes, out_sizes, tuple(float(s) for s in values))
