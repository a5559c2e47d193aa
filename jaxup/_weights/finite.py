"""Weight functions of finite kernels: signed distance in source pixels → weight.

They work on NumPy and JAX arrays, and are written so that their derivatives have no 0 / 0.
"""

from __future__ import annotations

import dataclasses
import math
from typing import Any


def where(condition: Any, then: Any, otherwise: Any) -> Any:
    return condition.__array_namespace__().where(condition, then, otherwise)


def triangle(distance: Any) -> Any:
    """At its corners it has the slope of the side before them, as a coordinate on a pixel's centre
    belongs to the cell that follows: linear interpolation is then differentiable to the right."""
    rising = where(distance > -1, 1 + distance, 0 * distance)
    falling = where(distance <= 1, 1 - distance, 0 * distance)
    return where(distance <= 0, rising, falling)


@dataclasses.dataclass(frozen=True)
class Cubic:
    a: float

    def __call__(self, distance: Any) -> Any:
        a, d = self.a, abs(distance)
        near = ((a + 2) * d - (a + 3)) * distance * distance + 1  # twice differentiable at 0
        far = ((a * d - 5 * a) * d + 8 * a) * d - 4 * a
        return where(d <= 1, near, where(d < 2, far, 0 * d))


def sinc(distance: Any) -> Any:
    """``sin(pi d) / (pi d)``, by its series near 0, where the quotient's derivatives are 0 / 0."""
    xp, x = distance.__array_namespace__(), math.pi * distance
    square = x * x
    near = square < 0.01
    series = 1 + square * (-1 / 6 + square * (1 / 120 + square * (-1 / 5040 + square / 362880)))
    divisor = xp.where(near, 1, x)
    return xp.where(near, series, xp.sin(divisor) / divisor)


@dataclasses.dataclass(frozen=True)
class Lanczos:
    radius: float

    def __call__(self, distance: Any) -> Any:
        windowed = sinc(distance) * sinc(distance / self.radius)
        return where(abs(distance) < self.radius, windowed, 0 * distance)


@dataclasses.dataclass(frozen=True)
class Mitchell:
    b: float
    c: float

    def __call__(self, distance: Any) -> Any:
        b, c, d = self.b, self.c, abs(distance)
        near = (12 - 9 * b - 6 * c) * d + (-18 + 12 * b + 6 * c)
        near = near * distance * distance + (6 - 2 * b)
        far = ((-b - 6 * c) * d + (6 * b + 30 * c)) * d * d - (12 * b + 48 * c) * d
        far = far + (8 * b + 24 * c)
        return where(d <= 1, near, where(d < 2, far, 0 * d)) / 6


@dataclasses.dataclass(frozen=True)
class Gaussian:
    sigma: float
    radius: float

    def __call__(self, distance: Any) -> Any:
        bell = distance.__array_namespace__().exp(-0.5 * (distance / self.sigma) ** 2)
        return where(abs(distance) < self.radius, bell, 0 * distance)


def one(distance: Any) -> Any:
    return distance * 0 + 1


def hamming(distance: Any) -> Any:
    xp = distance.__array_namespace__()
    window = 0.54 + 0.46 * xp.cos(math.pi * distance)
    return where(abs(distance) < 1, sinc(distance) * window, 0 * distance)
