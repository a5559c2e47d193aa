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
    """One pixel, found by rounding the coordinate; the four roundings differ in how ties go."""

    rounding: Rounding = "round_prefer_ceil"

    def taps(self, stretch: float) -> int:
        return 1

    def window(self, coordinate, stretch):
        if self.rounding == "floor":
            first = _floor(coordinate)
        elif self.rounding == "ceil":
            first = -_floor(-coordinate)
        elif self.rounding == "round_prefer_floor":
            first = -_floor(0.5 - coordinate)
        else:
            first = _floor(coordinate + 0.5)
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
        return _floor(low + _ON_AN_EDGE), -_floor(_ON_AN_EDGE - high)

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


@dataclasses.dataclass(frozen=True)
class _Lanczos:
    radius: float

    def __call__(self, distance):
        sinc = distance.__array_namespace__().sinc
        return _where(
            abs(distance) < self.radius, sinc(distance) * sinc(distance / self.radius), 0 * distance
        )


linear = Kernel(_triangle, 1.0)
"""The triangle ``max(0, 1 - |d|)``: linear interpolation."""


def cubic(a: float = -0.5) -> Kernel:
    """Keys' cubic convolution with slope ``a`` at distance 1, radius 2.

    ``a = -0.5`` (Catmull-Rom; Pillow, TensorFlow, jax.image, antialiased PyTorch) reproduces
    quadratics; ``a = -0.75`` is what PyTorch and OpenCV interpolate with.

    Source: R. G. Keys, "Cubic convolution interpolation for digital image processing", IEEE
    Transactions on Acoustics, Speech, and Signal Processing 29 (1981), 1153-1160, eq. 15.
    """
    return Kernel(_Cubic(float(a)), 2.0)


def lanczos(radius: float = 3) -> Kernel:
    """``sinc(d) sinc(d / radius)`` for ``|d| < radius``: the windowed sinc of Lanczos."""
    if not radius > 0:
        raise ValueError(
            f"jaxup.kernels.lanczos: expected a radius above 0, got {radius!r}."
            " Use 2, 3 or 5, the radii in common use."
        )
    return Kernel(_Lanczos(float(radius)), float(radius))
