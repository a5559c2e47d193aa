"""The options that SciPy's interpolation functions share: orders, modes and types."""

# pyright: reportUnknownMemberType=false
from __future__ import annotations

import dataclasses
import functools
import math
import numbers
from typing import Any, Literal, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from jaxup import boundary, kernels
from jaxup._arguments.call import Call, quoted, shown
from jaxup._arguments.sizes import check_not_symbolic, check_pixels
from jaxup._numbers.dtypes import at_least_float32, common

Mode = Literal[
    "reflect",
    "grid-mirror",
    "constant",
    "grid-constant",
    "nearest",
    "mirror",
    "grid-wrap",
    "wrap",
]
"""What lies outside, for the functions of ``scipy.ndimage``."""

_BOUNDARIES: dict[str, boundary.Boundary] = {
    "reflect": boundary.reflect,
    "grid-mirror": boundary.reflect,
    "constant": boundary.mirror,
    "grid-constant": boundary.constant,
    "nearest": boundary.edge,
    "mirror": boundary.mirror,
    "grid-wrap": boundary.wrap,
    "wrap": boundary.mirror,
}
_KERNELS: tuple[kernels.AnyKernel, ...] = (
    kernels.Nearest("round_prefer_ceil"),
    kernels.linear,
    *(kernels.bspline(order) for order in (2, 3, 4, 5)),
)


class Spline(NamedTuple):
    """How a call interpolates, and what type it computes in and returns.

    Args:
      cval: of the type that is computed in, or None in a mode that has no use for it.
    """

    kernel: kernels.AnyKernel
    mode: str
    cval: jax.Array | np.ndarray | None
    result: Any

    @property
    def boundary(self) -> boundary.Boundary:
        return _BOUNDARIES[self.mode]

    @property
    def folds(self) -> bool:
        """Whether coordinates come back in before they are read, which moves ties of order 0."""
        return self.mode == "wrap" or isinstance(self.kernel, kernels.Nearest)


def spline(
    call: Call, x: jax.Array, output: Any, order: Any, mode: Any, cval: Any, prefilter: Any
) -> tuple[jax.Array, Spline]:
    """Return the array in the type that is computed in, and the checked options."""
    if not x.ndim:
        raise call.value_error("input with at least one axis", "a number", "Pass an array.")
    check_not_symbolic(call, x.shape)
    check_pixels(call, x.shape)
    order = call.integer("order to be an integer from 0 to 5", order, "Pass an int.")
    if not 0 <= order <= 5:
        raise call.value_error(
            "order from 0 to 5", f"order={shown(order)}", "3 is the cubic spline."
        )
    call.check_name("mode", mode, tuple(_BOUNDARIES))
    call.check_flags(prefilter=prefilter)
    result = _result(call, x.dtype, output, order)
    if order:
        dtype = _computed(x.dtype, result, _default_float())
        x = x if x.dtype == dtype else x.astype(dtype)
    else:
        x = converted(x, result)
    value = _checked_cval(call, cval, result)
    filled = mode in ("constant", "grid-constant")
    kernel = kernels.bspline(order, prefilter=False) if order > 1 > prefilter else _KERNELS[order]
    return x, Spline(kernel, mode, converted(value, x.dtype) if filled else None, result)


@functools.lru_cache(maxsize=256)
def _computed(dtype: Any, result: Any, default: Any) -> Any:
    """Return the type in which an array of numbers is interpolated."""
    floats = [each for each in (dtype, result) if jnp.issubdtype(each, jnp.inexact)]
    return at_least_float32(common(*(floats or [default])))


def _result(call: Call, dtype: Any, output: Any, order: int) -> Any:
    """Return the dtype of the result."""
    advice = "Pass a dtype such as jnp.float32, and take the array that is returned."
    try:
        if isinstance(output, jax.Array | np.ndarray):
            raise TypeError
        result = dtype if output is None else jax.dtypes.canonicalize_dtype(output)
    except (TypeError, ValueError):
        what = "an array" if hasattr(output, "shape") else quoted(output)
        raise call.type_error("output to be a dtype, or None", what, advice) from None
    if jnp.issubdtype(dtype, jnp.complexfloating) > jnp.issubdtype(result, jnp.complexfloating):
        advice = "Leave output out, or take the real part first."
        raise call.value_error("a complex output for a complex input", result, advice)
    for name, each in (("input", dtype), ("output", result)):
        if order and each == jnp.bool_:
            advice = "Convert it to floats, and compare the result as you mean it; or use order=0."
            raise call.type_error(f"{name} of numbers for order={order}", "bools", advice)
        if not (each == jnp.bool_ or jnp.issubdtype(each, jnp.number)):
            raise call.type_error(f"{name} of numbers", each, "Convert it first.")
    return result


def _checked_cval(call: Call, cval: Any, result: Any) -> Any:
    """Return the number as an array, of NumPy if it is known: JAX takes longer to make one."""
    advice = "Pass the number that stands for what lies outside."
    number = isinstance(cval, numbers.Number | np.generic) or getattr(cval, "ndim", None) == 0
    if not number:
        raise call.type_error("cval to be a number", quoted(cval), advice)
    if isinstance(cval, int):
        call.as_float("cval", cval, advice)
    value: Any = cval
    if not isinstance(cval, jax.Array):
        value = np.asarray(cval)
        if value.dtype == object:  # an int of more than 64 bits
            value = value.astype(np.float64)
        if not (jnp.issubdtype(value.dtype, jnp.number) or value.dtype == jnp.bool_):
            raise call.type_error("cval to be a number", quoted(cval), advice)
        if value.dtype.kind in "fc":
            with np.errstate(over="ignore"):
                value = value.astype(jax.dtypes.canonicalize_dtype(value.dtype))
    if jnp.iscomplexobj(value) and not jnp.issubdtype(result, jnp.complexfloating):
        raise call.type_error("a real cval for a real result", quoted(cval), advice)
    return value


def converted(y: Any, dtype: Any) -> Any:
    """Return numbers as SciPy stores them: rounded half away from zero, and clipped, to integers.

    Its bools are those of the numbers without their fraction.
    """
    if y.dtype == dtype:
        return y
    if dtype == jnp.bool_:
        return abs(y) >= 1
    if np.can_cast(y.dtype, dtype) or jnp.issubdtype(dtype, jnp.inexact):
        return y.astype(dtype)
    low, high = jnp.iinfo(dtype).min, jnp.iinfo(dtype).max
    number = y.astype(common(_default_float(), y.dtype))
    above, below = number >= high, number <= low
    number = jnp.where(above | below, 0, number)
    whole = jnp.trunc(number + jnp.copysign(jnp.asarray(0.5, number.dtype), number)).astype(dtype)
    ends = (jnp.asarray(end, dtype) for end in (high, low))
    return jnp.select([above, below], list(ends), whole)


def _default_float() -> Any:
    return jax.dtypes.canonicalize_dtype(np.float64)


def folded(coordinate: Any, in_size: int, mode: str) -> Any:
    """Return coordinates brought back in as SciPy does it, which is not symmetric.

    Source: SciPy 1.17, ``scipy/ndimage/src/ni_interpolation.c``, ``map_coordinate``.
    """
    xp = coordinate.__array_namespace__()
    below, above = coordinate < 0, coordinate > in_size - 1
    period = _PERIODS.get(mode, lambda n: 0)(in_size)
    if not period:
        return coordinate * 0 if mode in _PERIODS else coordinate
    if mode == "wrap":
        low = coordinate + period * (xp.floor(-coordinate / period) + 1)
        high = coordinate - period * xp.floor(coordinate / period)
    else:
        mirrored = mode == "mirror"
        low = coordinate + period * xp.floor(-coordinate / period)
        back = -low if mirrored else -low - 1
        turned = low <= 1 - in_size if mirrored else low < -in_size
        low = xp.where(turned, low + period, back)
        high = coordinate - period * xp.floor(coordinate / period)
        high = xp.where(high >= in_size, period - high - (0 if mirrored else 1), high)
    return xp.where(below, low, xp.where(above, high, coordinate))


_PERIODS: dict[str, Any] = {
    "mirror": lambda n: 2 * n - 2,
    "reflect": lambda n: 2 * n,
    "grid-mirror": lambda n: 2 * n,
    "wrap": lambda n: n - 1,
}


def inside(coordinate: Any, in_size: int) -> Any:
    """Return which coordinates "constant" reads: those from the first centre to the last."""
    return (coordinate >= 0) & (coordinate <= in_size - 1)


@dataclasses.dataclass(frozen=True)
class Pulled:
    """``(i + before) step + after``, in SciPy's order, with what the mode makes of it."""

    step: float
    before: float
    after: float
    mode: str
    folds: bool

    def __call__(self, index: Any, in_size: Any, out_size: Any, step: Any) -> Any:
        coordinate = (index + self.before) * self.step + self.after
        if self.mode == "constant":
            return np.where(inside(coordinate, in_size), coordinate, math.nan)
        return folded(coordinate, in_size, self.mode) if self.folds else coordinate
