"""How much a source pixel counts: weight as a function of its distance from the coordinate.

`Kernel` is the form in which users write their own. `Nearest` and `Area` answer the same three
questions (which pixels, how many, what weights) without a distance function of finite radius.

The functions work on NumPy and JAX arrays alike: distances come from one or the other, depending
on whether the geometry is known when the program is built.
"""

from __future__ import annotations

import dataclasses
import math
import numbers
from collections.abc import Callable
from typing import Any, Literal

from jaxup import _bspline

Rounding = Literal["floor", "ceil", "round_prefer_floor", "round_prefer_ceil"]


def _floor(x):
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

    def __post_init__(self):
        if not callable(self.fn):
            raise TypeError(
                f"jaxup.kernels.Kernel: expected fn to be a function of distance, got {self.fn!r}."
                " Pass a function that takes an array of distances and returns their weights."
            )
        try:
            hash(self.fn)
        except TypeError:
            raise TypeError(
                f"jaxup.kernels.Kernel: expected fn to be hashable, got {self.fn!r}."
                " Pass a plain function, or give its class a __hash__ (a frozen dataclass has one)."
            ) from None
        if isinstance(self.radius, bool) or not isinstance(self.radius, numbers.Real):
            raise TypeError(
                f"jaxup.kernels.Kernel: expected radius to be a real number, got {self.radius!r}."
                " Give the distance in source pixels beyond which the weight is zero."
            )
        if not 0 < self.radius < math.inf:
            raise ValueError(
                f"jaxup.kernels.Kernel: expected a finite radius above 0, got {self.radius!r}."
                " Give the distance in source pixels beyond which the weight is zero."
            )

    def taps(self, stretch: float) -> int:
        """The most pixels that one output can read when the kernel is ``stretch`` times wider."""
        return math.ceil(2 * self.radius * stretch)

    def window(self, coordinate, stretch):
        """First pixel read, and the one after the last."""
        support = self.radius * stretch
        return _floor(coordinate + (1 - support)), _floor(coordinate + (1 + support))

    def weights(self, distance, stretch):
        return self.fn(distance / stretch)


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

    def taps(self, stretch: float) -> int:
        return 1

    def window(self, coordinate, stretch):
        if self.rounding == "floor":
            first = _floor(coordinate + self.tolerance)
        elif self.rounding == "ceil":
            first = -_floor(self.tolerance - coordinate)
        elif self.rounding == "round_prefer_floor":
            first = -_floor((0.5 + self.tolerance) - coordinate)
        else:
            first = _floor(coordinate + (0.5 + self.tolerance))
        return first, first + 1

    def weights(self, distance, stretch):
        return distance * 0 + 1


_ON_AN_EDGE = 1e-9


@dataclasses.dataclass(frozen=True)
class Area:
    """The pixels under the output pixel, whose width in source pixels is the stretch.

    Args:
      fractional: weigh each by its overlap (TensorFlow, jax.image, OpenCV); otherwise all that
        are touched count the same (PyTorch's adaptive average pooling).

    A window that ends within 1e-9 pixels of a pixel's edge ends on that edge: the coordinates
    are rounded numbers, and true overlaps are at least 1/out_size wide.
    """

    fractional: bool = False

    def taps(self, stretch: float) -> int:
        return math.ceil(stretch - _ON_AN_EDGE) + 1

    def window(self, coordinate, stretch):
        low, high = coordinate + (0.5 - stretch / 2), coordinate + (0.5 + stretch / 2)
        rounding = coordinate.__array_namespace__().finfo(coordinate.dtype).eps
        slack = _ON_AN_EDGE + 4 * rounding * (abs(coordinate) + stretch)
        return _floor(low + slack), -_floor(slack - high)

    def weights(self, distance, stretch):
        shorter = distance.__array_namespace__().minimum(stretch, 1.0)
        overlap = (stretch / 2 + 0.5 - abs(distance)).clip(0, shorter)
        return overlap if self.fractional else distance * 0 + 1


def _where(condition, then, otherwise):
    return condition.__array_namespace__().where(condition, then, otherwise)


def _triangle(distance):
    """At its corners it has the slope of the side before them, as a coordinate on a pixel's centre
    belongs to the cell that follows: linear interpolation is then differentiable to the right."""
    rising = _where(distance > -1, 1 + distance, 0 * distance)
    falling = _where(distance <= 1, 1 - distance, 0 * distance)
    return _where(distance <= 0, rising, falling)


@dataclasses.dataclass(frozen=True)
class _Cubic:
    a: float

    def __call__(self, distance):
        a, d = self.a, abs(distance)
        near = ((a + 2) * d - (a + 3)) * distance * distance + 1  # twice differentiable at 0
        far = ((a * d - 5 * a) * d + 8 * a) * d - 4 * a
        return _where(d <= 1, near, _where(d < 2, far, 0 * d))


def _sinc(distance):
    """``sin(pi d) / (pi d)``, by its series near 0, where the quotient's derivatives are 0 / 0."""
    xp, x = distance.__array_namespace__(), math.pi * distance
    square = x * x
    near = square < 0.01
    series = 1 + square * (-1 / 6 + square * (1 / 120 + square * (-1 / 5040 + square / 362880)))
    divisor = xp.where(near, 1, x)
    return xp.where(near, series, xp.sin(divisor) / divisor)


@dataclasses.dataclass(frozen=True)
class _Lanczos:
    radius: float

    def __call__(self, distance):
        windowed = _sinc(distance) * _sinc(distance / self.radius)
        return _where(abs(distance) < self.radius, windowed, 0 * distance)


@dataclasses.dataclass(frozen=True)
class _Mitchell:
    b: float
    c: float

    def __call__(self, distance):
        b, c, d = self.b, self.c, abs(distance)
        near = (12 - 9 * b - 6 * c) * d + (-18 + 12 * b + 6 * c)
        near = near * distance * distance + (6 - 2 * b)
        far = ((-b - 6 * c) * d + (6 * b + 30 * c)) * d * d - (12 * b + 48 * c) * d
        far = far + (8 * b + 24 * c)
        return _where(d <= 1, near, _where(d < 2, far, 0 * d)) / 6


@dataclasses.dataclass(frozen=True)
class _Gaussian:
    sigma: float
    radius: float

    def __call__(self, distance):
        bell = distance.__array_namespace__().exp(-0.5 * (distance / self.sigma) ** 2)
        return _where(abs(distance) < self.radius, bell, 0 * distance)


def _one(distance):
    return distance * 0 + 1


def _hamming(distance):
    xp = distance.__array_namespace__()
    window = 0.54 + 0.46 * xp.cos(math.pi * distance)
    return _where(abs(distance) < 1, _sinc(distance) * window, 0 * distance)


linear = Kernel(_triangle, 1.0)
"""The triangle ``max(0, 1 - |d|)``: linear interpolation."""


def cubic(a: float = -0.5) -> Kernel:
    """Keys' cubic convolution with slope ``a`` at distance 1, radius 2.

    ``a = -0.5`` (Catmull-Rom; Pillow, TensorFlow, jax.image, antialiased PyTorch) reproduces
    quadratics; ``a = -0.75`` is what PyTorch and OpenCV interpolate with.

    Source: R. G. Keys, "Cubic convolution interpolation for digital image processing", IEEE
    Transactions on Acoustics, Speech, and Signal Processing 29 (1981), 1153-1160, eq. 15.
    """
    _check_finite("cubic", "a", a, "Use -0.5 or -0.75, the slopes in common use.")
    return Kernel(_Cubic(float(a)), 2.0)


def lanczos(radius: float = 3) -> Kernel:
    """``sinc(d) sinc(d / radius)`` for ``|d| < radius``: the windowed sinc of Lanczos."""
    _check_above_0("lanczos", "radius", radius, "Use 2, 3 or 5, the radii in common use.")
    return Kernel(_Lanczos(float(radius)), float(radius))


box = Kernel(_one, 0.5)
"""Every pixel within half an output pixel counts the same; a tie goes to the higher pixel."""

hamming = Kernel(_hamming, 1.0)
"""Pillow's Hamming-windowed ``sinc(d)``, radius 1: sharper than linear, cheaper than cubic."""


def mitchell(b: float = 1 / 3, c: float = 1 / 3) -> Kernel:
    """The cubics of Mitchell and Netravali, radius 2; B = C = 1/3 is the compromise they found.

    ``b = 0`` is `cubic` with ``a = -c``; ``b = 1, c = 0`` is the cubic B-spline, which blurs.

    Source: D. P. Mitchell and A. N. Netravali, "Reconstruction filters in computer graphics",
    Computer Graphics (SIGGRAPH) 22 (1988), 221-228, eq. 8.
    """
    for name, value in (("b", b), ("c", c)):
        _check_finite("mitchell", name, value, "Use 1/3 for both, the authors' choice.")
    return Kernel(_Mitchell(float(b), float(c)), 2.0)


def gaussian(sigma: float = 0.5, radius: float | None = None) -> Kernel:
    """``exp(-d^2 / (2 sigma^2))``, cut off at ``radius`` (3 sigma), both in source pixels."""
    _check_above_0("gaussian", "sigma", sigma, "Use 0.5, TensorFlow's, or more blur.")
    radius = 3 * sigma if radius is None else radius
    _check_above_0("gaussian", "radius", radius, "Use about 3 sigma, the default.")
    return Kernel(_Gaussian(float(sigma), float(radius)), float(radius))


def bspline(order: int) -> Kernel:
    """The cardinal spline of order 2 to 5: B-spline interpolation, prefilter included.

    ``sum_k p[k] beta(d - k)``, where ``beta`` is the B-spline of that order and ``p`` the inverse
    of its samples. It never ends but falls by ``|z|`` (0.17, 0.27, 0.36, 0.43) a pixel, and is cut
    off where it drops below 1e-16. `jaxup.resize` splits it into the prefilter and ``beta``.

    Source: M. Unser, "Splines: a perfect fit for signal and image processing", IEEE Signal
    Processing Magazine 16 (1999), 22-38.
    """
    if isinstance(order, bool) or order not in _bspline.ORDERS:
        raise ValueError(
            f"jaxup.kernels.bspline: expected an order of 2, 3, 4 or 5, got {order!r}."
            " Order 0 is jaxup.kernels.Nearest(), order 1 is jaxup.kernels.linear."
        )
    return Kernel(_bspline.Cardinal(int(order)), _bspline.reach(order, 1e-16) + (order + 1) / 2)


def _check_real(function, name, value, advice):
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        raise TypeError(
            f"jaxup.kernels.{function}: expected {name} to be a real number, got {value!r}."
            f" {advice}"
        )


def _check_finite(function, name, value, advice):
    _check_real(function, name, value, advice)
    if not math.isfinite(value):
        raise ValueError(
            f"jaxup.kernels.{function}: expected {name} to be finite, got {value!r}. {advice}"
        )


def _check_above_0(function, name, value, advice):
    _check_real(function, name, value, advice)
    if not 0 < value < math.inf:
        finite = "finite " if value == math.inf else ""
        raise ValueError(
            f"jaxup.kernels.{function}: expected a {finite}{name} above 0, got {value!r}. {advice}"
        )
