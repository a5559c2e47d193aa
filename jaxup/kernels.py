"""How much a source pixel counts: weight as a function of its distance from the coordinate.

`Kernel` is the form in which users write their own. `Nearest` and `Area` answer the same three
questions (which pixels, how many, what weights) without a distance function of finite radius.

The functions work on NumPy and JAX arrays alike: distances come from one or the other, depending
on whether the geometry is known when the program is built.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from numbers import Integral
from typing import Any, Literal, get_args

from jaxup._weights import bspline as _bspline
from jaxup._weights import checked
from jaxup._weights import finite as _weights

__all__ = [
    "AnyKernel",
    "Area",
    "Kernel",
    "Nearest",
    "Rounding",
    "box",
    "bspline",
    "cubic",
    "gaussian",
    "hamming",
    "lanczos",
    "linear",
    "mitchell",
]

Rounding = Literal["floor", "ceil", "round_prefer_floor", "round_prefer_ceil"]
"""How a coordinate becomes a pixel number; the last two differ at exact ties."""


def _floor(x: Any) -> Any:
    return x.__array_namespace__().floor(x)


@dataclasses.dataclass(frozen=True)
class Kernel:
    """A weight function and the distance beyond which it is zero.

    Args:
      fn: signed distance in source pixels (an array) → weight. It need not be normalised: the
        weights of every output pixel are divided by their sum. Use operators, or the functions
        of the array's own library (``d.__array_namespace__()``).
      radius: half the width of the support, in source pixels, above 0.

    Two kernels are the same to JAX's caches if their ``fn`` is the same object: keep a kernel in
    a variable rather than building it again for every call.

    Example:
      >>> import jax.numpy as jnp, jaxup
      >>> tent = jaxup.kernels.Kernel(lambda d: 1 - abs(d), radius=1.0)
      >>> jaxup.upsample(jnp.array([0.0, 4.0]), 2, tent, axes=0)
      Array([0., 1., 3., 4.], dtype=float32)
    """

    fn: Callable[[Any], Any]
    radius: float

    def __post_init__(self) -> None:
        advice = "Pass a function that takes an array of distances and returns their weights."
        what = "a function of distance"
        checked.check_hashable_function("kernels.Kernel", "fn", self.fn, what, advice)
        advice = "Give the distance in source pixels beyond which the weight is zero."
        if not 0 < checked.real("kernels.Kernel", "radius", self.radius, advice) < math.inf:
            rule = f"expected a finite radius above 0, got {self.radius!r}"
            raise ValueError(f"jaxup.kernels.Kernel: {rule}. {advice}")

    def taps(self, kernel_scale: float) -> int:
        """Return the most pixels that an output reads, the kernel ``kernel_scale`` times wider."""
        return math.ceil(2 * self.radius * kernel_scale)

    def window(self, coordinate: Any, kernel_scale: Any) -> tuple[Any, Any]:
        """Return the first pixel read, and the one after the last.

        A coordinate that is rounded up to the next pixel has one more in reach; it weighs nothing.
        """
        xp, support = coordinate.__array_namespace__(), self.radius * kernel_scale
        first, end = _floor(coordinate + (1 - support)), _floor(coordinate + (1 + support))
        return first, xp.minimum(end, first + xp.ceil(2 * support))

    def weights(self, distance: Any, kernel_scale: Any) -> Any:
        return checked.checked_weights(self.fn(distance / kernel_scale), distance)


@dataclasses.dataclass(frozen=True)
class Nearest:
    """One pixel, found by rounding the coordinate; the four roundings differ in how ties go.

    Args:
      rounding: ``"floor"``, ``"ceil"``, ``"round_prefer_floor"`` or ``"round_prefer_ceil"``.
      tolerance: coordinates this near to a tie, in pixels, are ties. The coordinates are rounded
        numbers; true distances from a tie are at least ``1 / (2 out_size)``.
    """

    rounding: Rounding = "round_prefer_ceil"
    tolerance: float = 0.0

    def __post_init__(self) -> None:
        checked.check_name("kernels.Nearest", "rounding", self.rounding, get_args(Rounding))
        advice = "Give it in pixels; 0 takes coordinates as they are."
        if not 0 <= checked.real("kernels.Nearest", "tolerance", self.tolerance, advice) < 0.5:
            rule = f"expected a tolerance from 0 to below 1/2, got {self.tolerance!r}"
            raise ValueError(f"jaxup.kernels.Nearest: {rule}. {advice}")

    def taps(self, kernel_scale: float) -> int:
        return 1

    def window(self, coordinate: Any, kernel_scale: Any) -> tuple[Any, Any]:
        if self.rounding == "floor":
            first = _floor(coordinate + self.tolerance)
        elif self.rounding == "ceil":
            first = -_floor(self.tolerance - coordinate)
        elif self.rounding == "round_prefer_floor":
            first = -_floor((0.5 + self.tolerance) - coordinate)
        else:
            first = _floor(coordinate + (0.5 + self.tolerance))
        return first, first + 1

    def weights(self, distance: Any, kernel_scale: Any) -> Any:
        return distance * 0 + 1


_ON_AN_EDGE = 1e-9


@dataclasses.dataclass(frozen=True)
class Area:
    """The pixels under the output pixel, whose width in source pixels is ``kernel_scale``.

    Args:
      fractional: weigh each by its overlap (TensorFlow, jax.image, OpenCV); otherwise all that
        are touched count the same (PyTorch's adaptive average pooling).

    A window that ends within 1e-9 pixels of a pixel's edge ends on that edge: the coordinates
    are rounded numbers, and true overlaps are at least 1/out_size wide.
    """

    fractional: bool = False

    def __post_init__(self) -> None:
        checked.check_bool("kernels.Area", "fractional", self.fractional)

    def taps(self, kernel_scale: float) -> int:
        return math.ceil(kernel_scale - _ON_AN_EDGE) + 1

    def window(self, coordinate: Any, kernel_scale: Any) -> tuple[Any, Any]:
        low, high = coordinate + (0.5 - kernel_scale / 2), coordinate + (0.5 + kernel_scale / 2)
        rounding = coordinate.__array_namespace__().finfo(coordinate.dtype).eps
        slack = _ON_AN_EDGE + 4 * rounding * (abs(coordinate) + kernel_scale)
        return _floor(low + slack), -_floor(slack - high)

    def weights(self, distance: Any, kernel_scale: Any) -> Any:
        shorter = distance.__array_namespace__().minimum(kernel_scale, 1.0)
        overlap = (kernel_scale / 2 + 0.5 - abs(distance)).clip(0, shorter)
        return overlap if self.fractional else distance * 0 + 1


AnyKernel = Kernel | Nearest | Area
"""What `jaxup.resize` takes as a method, beside names."""

linear = Kernel(_weights.triangle, 1.0)
"""The triangle ``max(0, 1 - |d|)``: linear interpolation."""


def cubic(a: float = -0.5) -> Kernel:
    """Keys' cubic convolution with slope ``a`` at distance 1, radius 2.

    ``a = -0.5`` (Catmull-Rom; Pillow, TensorFlow, jax.image, antialiased PyTorch) reproduces
    quadratics; ``a = -0.75`` is what PyTorch and OpenCV interpolate with.

    Source: R. G. Keys, "Cubic convolution interpolation for digital image processing", IEEE
    Transactions on Acoustics, Speech, and Signal Processing 29 (1981), 1153-1160, eq. 15.
    """
    advice = "Use -0.5 or -0.75, the slopes in common use."
    return Kernel(_weights.Cubic(checked.finite("kernels.cubic", "a", a, advice)), 2.0)


def lanczos(radius: float = 3) -> Kernel:
    """``sinc(d) sinc(d / radius)`` for ``|d| < radius``: the windowed sinc of Lanczos."""
    advice = "Use 2, 3 or 5, the radii in common use."
    radius = checked.above_0("kernels.lanczos", "radius", radius, advice)
    return Kernel(_weights.Lanczos(radius), radius)


box = Kernel(_weights.one, 0.5)
"""Every pixel within half an output pixel counts the same; a tie goes to the higher pixel."""

hamming = Kernel(_weights.hamming, 1.0)
"""Pillow's Hamming-windowed ``sinc(d)``, radius 1: sharper than linear, cheaper than cubic."""


def mitchell(b: float = 1 / 3, c: float = 1 / 3) -> Kernel:
    """The cubics of Mitchell and Netravali, radius 2; B = C = 1/3 is the compromise they found.

    ``b = 0`` is `cubic` with ``a = -c``; ``b = 1, c = 0`` is the cubic B-spline, which blurs.

    Source: D. P. Mitchell and A. N. Netravali, "Reconstruction filters in computer graphics",
    Computer Graphics (SIGGRAPH) 22 (1988), 221-228, eq. 8.
    """
    advice = "Use 1/3 for both, the authors' choice."
    b = checked.finite("kernels.mitchell", "b", b, advice)
    c = checked.finite("kernels.mitchell", "c", c, advice)
    return Kernel(_weights.Mitchell(b, c), 2.0)


def gaussian(sigma: float = 0.5, radius: float | None = None) -> Kernel:
    """``exp(-d^2 / (2 sigma^2))``, cut off at ``radius`` (3 sigma), both in source pixels."""
    advice = "Use 0.5, TensorFlow's, or more blur."
    sigma = checked.above_0("kernels.gaussian", "sigma", sigma, advice)
    radius = 3 * sigma if radius is None else radius
    advice = "Use about 3 sigma, the default."
    radius = checked.above_0("kernels.gaussian", "radius", radius, advice)
    return Kernel(_weights.Gaussian(sigma, radius), radius)


def bspline(order: int, prefilter: bool = True) -> Kernel:
    """The cardinal spline of order 2 to 5: B-spline interpolation, prefilter included.

    ``sum_k p[k] beta(d - k)``, where ``beta`` is the B-spline of that order and ``p`` the inverse
    of its samples. It never ends but falls by ``|z|`` (0.17, 0.27, 0.36, 0.43) a pixel, and is cut
    off where it drops below 1e-16. `jaxup.resize` splits it into the prefilter and ``beta``.

    Args:
      order: 2, 3, 4 or 5.
      prefilter: False for ``beta`` alone, radius ``(order + 1) / 2``. The pixels are then the
        spline's coefficients, or are blurred: ``prefilter=False`` of SciPy.

    Source: M. Unser, "Splines: a perfect fit for signal and image processing", IEEE Signal
    Processing Magazine 16 (1999), 22-38.
    """
    if isinstance(order, bool) or not isinstance(order, Integral) or order not in _bspline.ORDERS:
        raise ValueError(
            f"jaxup.kernels.bspline: expected an order of 2, 3, 4 or 5, got {checked.line(order)}."
            " Order 0 is jaxup.kernels.Nearest(), order 1 is jaxup.kernels.linear."
        )
    checked.check_bool("kernels.bspline", "prefilter", prefilter)
    radius = (order + 1) / 2
    if not prefilter:
        return Kernel(_bspline.Basis(int(order)), radius)
    return Kernel(_bspline.Cardinal(int(order)), _bspline.reach(order, 1e-16) + radius)
