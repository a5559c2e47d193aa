"""Filters of your own numbers, where `jaxup.kernels` has functions of distance."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.typing import ArrayLike

from jaxup._arguments.arrays import as_array
from jaxup._arguments.axes import DataFormat, is_array, is_sequence, one_per_axis, spatial_axes
from jaxup._arguments.call import Call, quoted, shown
from jaxup._arguments.number_types import Axes, Real, Size, Whole
from jaxup._arguments.proportions import MOST_WEIGHTS
from jaxup._arguments.sizes import (
    MAX_SIZE,
    check_not_symbolic,
    check_output,
    check_pixels,
    check_static,
    static_numbers,
)
from jaxup._recipe.fir import Fir
from jaxup._recipe.recipe import Resample
from jaxup._run import run

__all__ = ["upfirdn"]


def upfirdn(
    x: ArrayLike,
    taps: Sequence[Real] | np.ndarray[Any, Any] | jax.Array,
    up: Size = 1,
    down: Size = 1,
    padding: Whole | Sequence[Whole] | Sequence[Sequence[Whole]] = 0,
    *,
    gain: Real = 1.0,
    flip_filter: bool = False,
    axes: Axes | None = None,
    data_format: DataFormat = "channels_last",
) -> jax.Array:
    """Insert zeros, pad, filter and decimate: StyleGAN's ``upfirdn2d``, along any axes.

    Along each axis ``y[j] = sum_k taps[k] z[down j + n - 1 - k - before]`` for n taps, where
    ``z[up i] = x[i]`` and every other place is 0. The zeros are neither stored nor multiplied, and
    the weights are as given: they are not divided by their sum.

    Args:
      x: floating-point or complex array of shape (..., height, width, channels), or as axes and
        data_format say.
      taps: the filter of every axis, a flat sequence of numbers. A filter in two dimensions that is
        the outer product of a flat one is given by that one.
      up: places per pixel: 2 puts a zero behind every pixel. One number, or one per axis.
      down: keeps every so many results. One number, or one per axis.
      padding: zeros around the spread-out pixels, in places: a number, a pair (before, after), or a
        pair per axis. Negative padding cuts off.
      gain: multiplies the result. To double a picture at its brightness, pass the product of
        ``up`` over all axes, 4, with taps that sum to 1.
      flip_filter: True to correlate: ``taps[k] z[down j + k - before]``. False, as in StyleGAN,
        convolves.
      axes: the spatial axes; by default two, which data_format names.
      data_format: ``"channels_last"``, ``"channels_first"``, or letters such as ``"NCHW"``.

    Returns:
      Array of x's dtype, along each axis ``(in up + before + after - n) // down + 1`` pixels long.

    Raises:
      ValueError: for numbers out of range, a filter longer than its padded axis, or one that is not
        flat.
      TypeError: for arguments of the wrong type, integer arrays, and traced taps.

    Example:
      >>> import jax.numpy as jnp, jaxup
      >>> x = jnp.array([4.0, 8.0])
      >>> jaxup.filters.upfirdn(x, [0.25, 0.75, 0.75, 0.25], up=2, padding=(2, 1), axes=0)
      Array([3., 5., 7., 6.], dtype=float32)

    Source: ``upfirdn2d`` of StyleGAN2 and StyleGAN3 (T. Karras et al., "Analyzing and Improving
    the Image Quality of StyleGAN", CVPR 2020, and "Alias-Free Generative Adversarial Networks",
    NeurIPS 2021).
    """
    function = "jaxup.filters.upfirdn"
    x = as_array(function, x)
    call = Call(function, x.shape)
    if not jnp.issubdtype(x.dtype, jnp.inexact):
        advice = "Convert it first (x.astype(jnp.float32))."
        raise call.type_error("a floating-point or complex array", f"dtype {x.dtype}", advice)
    call.check_bools(flip_filter=flip_filter)
    weights = _checked_taps(call, taps)
    gain = call.finite("gain", gain, "Pass 4 with taps that sum to 1 to double a picture.")
    given = static_numbers(call, axes=axes)["axes"]
    spatial = spatial_axes(
        call,
        axes=given,
        data_format=data_format,
        count=2 if axes is None else None,
        counted="axes=None",
    )
    sizes = tuple(x.shape[axis] for axis in spatial)
    check_not_symbolic(call, sizes)
    check_pixels(call, sizes, "filter")
    ups, downs = (_factors(call, name, n, spatial) for name, n in (("up", up), ("down", down)))
    paddings = _paddings(call, padding, spatial)
    flat = weights if flip_filter else weights[::-1]
    specs: list[Fir] = []
    for n, size in enumerate(sizes):
        scaled = tuple(weight * gain for weight in flat) if n == 0 else flat
        specs.append(Fir(size, scaled, ups[n], downs[n], *paddings[n]))
        _check_size(call, spatial[n], specs[n])
    check_output(call, spatial, tuple(spec.out_size for spec in specs), "padding")
    return run(x, Resample(spatial, tuple(specs), function))


def _checked_taps(call: Call, taps: Any) -> tuple[float, ...]:
    check_static(call, "taps", taps, "A filter that is learned is a convolution's.")
    advice = "Pass a sequence such as [1, 3, 3, 1], or NumPy's array of it over its sum."
    try:
        array = np.asarray(taps)
        known = jnp.issubdtype(array.dtype, np.floating) or jnp.issubdtype(array.dtype, np.integer)
    except (TypeError, ValueError):
        array, known = np.zeros(0), False
    if not known:
        raise call.type_error("taps to be real numbers", quoted(taps), advice)
    if array.ndim != 1 or not array.size:
        rule, got = "taps to be a flat filter, of one tap or more", f"shape {array.shape}"
        raise call.value_error(rule, got, "A separable filter np.outer(f, f) is given by f.")
    if not np.isfinite(array.astype(np.float64)).all():
        raise call.value_error("finite taps", quoted(taps), advice)
    return tuple(array.astype(np.float64).tolist())


def _listed(value: Any) -> Any:
    """Return an array of numbers as Python's; anything else as it is."""
    return value.tolist() if is_array(value) and hasattr(value, "tolist") else value


def _factors(call: Call, option: str, value: Any, axes: tuple[int, ...]) -> tuple[int, ...]:
    check_static(call, option, value)
    values = one_per_axis(call, option, _listed(value), axes)
    factors = tuple(call.integer(f"{option} to be integers", n, "Pass ints.") for n in values)
    if not all(1 <= factor <= MAX_SIZE for factor in factors):
        rule = f"{option} between 1 and {MAX_SIZE}"
        raise call.value_error(rule, f"{option}={shown(value)}", "Pass 2 to double or to halve.")
    return factors


def _paddings(call: Call, value: Any, axes: tuple[int, ...]) -> list[tuple[int, int]]:
    """Return how many places come before and after each axis."""
    check_static(call, "padding", value)
    given = _listed(value)
    entries = list(given) if is_sequence(given) else [given, given]
    pairs = entries if any(map(is_sequence, entries)) else [entries] * len(axes)
    advice = f"The spatial axes are {axes}; negative padding cuts off."
    if len(pairs) != len(axes) or not all(is_sequence(pair) and len(pair) == 2 for pair in pairs):
        rule = f"padding to be a number, a pair (before, after) or {len(axes)} pairs"
        raise call.value_error(rule, f"padding={shown(value)}", advice)
    before_and_after = [
        tuple(call.integer("padding in whole places", n, "Pass ints.") for n in pair)
        for pair in pairs
    ]
    if any(abs(n) > MAX_SIZE for pair in before_and_after for n in pair):
        rule = f"padding of at most {MAX_SIZE} places"
        raise call.value_error(rule, f"padding={shown(value)}", advice)
    return [(before, after) for before, after in before_and_after]


def _check_size(call: Call, axis: int, spec: Fir) -> None:
    taps = len(spec.taps)
    if (places := spec.in_size * spec.up + spec.before + spec.after) < taps:
        rule = f"at least {taps} places along axis {axis}, one for every tap"
        got = f"{places}: {spec.in_size} * up + padding"
        raise call.value_error(rule, got, "Pass more padding, or fewer taps.")
    if spec.out_size > MAX_SIZE or spec.out_size * taps // spec.up > MOST_WEIGHTS:
        rule = f"at most {MOST_WEIGHTS} weights along axis {axis}"
        got = f"{taps} taps for {spec.out_size} outputs"
        raise call.value_error(rule, got, "Use fewer taps, or a smaller up or padding.")
