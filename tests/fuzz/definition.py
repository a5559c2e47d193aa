"""One axis of `jaxup.resize` and its kin as a dense float64 matrix, from the docstrings' formulas.

Nothing of jaxup is used here. What a formula leaves open, a row that rounding may decide one way or
the other, is marked unsure.
"""

from __future__ import annotations

import dataclasses
import functools
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from tests.helpers.oracle import keys, triangle

NEAR = 2e-6  # pixels: a coordinate in float32 may be off by this much in 40 pixels


def sinc(d: float) -> float:
    return 1.0 if d == 0 else math.sin(math.pi * d) / (math.pi * d)


def lanczos(radius: float) -> Callable[[float], float]:
    return lambda d: sinc(d) * sinc(d / radius) if abs(d) < radius else 0.0


def mitchell(d: float) -> float:
    """Equation 8 of Mitchell and Netravali, with B = C = 1/3."""
    d, b, c = abs(d), 1 / 3, 1 / 3
    if d <= 1:
        return ((12 - 9 * b - 6 * c) * d**3 + (-18 + 12 * b + 6 * c) * d**2 + 6 - 2 * b) / 6
    far = (-b - 6 * c) * d**3 + (6 * b + 30 * c) * d**2 + (-12 * b - 48 * c) * d + 8 * b + 24 * c
    return far / 6 if d < 2 else 0.0


def gaussian(d: float) -> float:
    return math.exp(-2 * d * d)  # sigma 1/2


def hamming(d: float) -> float:
    return sinc(d) * (0.54 + 0.46 * math.cos(math.pi * d)) if abs(d) < 1 else 0.0


@dataclasses.dataclass(frozen=True)
class Weight:
    """A weight by distance, the distance where it ends, and whether it ends at 0."""

    fn: Callable[[float], float]
    radius: float
    ends_at_0: bool = True


WEIGHTS = {
    "linear": Weight(triangle, 1),
    "cubic": Weight(lambda d: keys(d, -0.5), 2),
    "cubic-75": Weight(lambda d: keys(d, -0.75), 2),
    "mitchell": Weight(mitchell, 2),
    **{f"lanczos{n}": Weight(lanczos(n), n) for n in (2, 3, 4, 5)},
    "gaussian": Weight(gaussian, 1.5, ends_at_0=False),
    "hamming": Weight(hamming, 1),
    "box": Weight(lambda d: 1.0, 0.5, ends_at_0=False),
}


@dataclasses.dataclass(frozen=True)
class Rows:
    """The matrix of an axis, and which of its rows are unsure."""

    dense: np.ndarray
    unsure: np.ndarray


def inside(k: int, n: int, boundary: str) -> int | None:
    """The pixel that stands at place ``k``, or None."""
    if 0 <= k < n:
        return k
    if boundary == "edge":
        return 0 if k < 0 else n - 1
    if boundary == "reflect":
        k %= 2 * n
        return k if k < n else 2 * n - 1 - k
    if boundary == "mirror":
        period = max(2 * n - 2, 1)
        k %= period
        return k if k < n else period - k
    return k % n if boundary == "wrap" else None


def interpolated(
    coordinate: Any, n: int, weight: Weight, boundary: str, kernel_scale: float = 1.0
) -> Rows:
    """``sum_k w((k - c) / s) x[k]`` over the sum of all weights, or of those inside."""
    dense, unsure = np.zeros((len(coordinate), n)), np.zeros(len(coordinate), bool)
    reach = weight.radius * kernel_scale
    for i, c in enumerate(coordinate):
        if not math.isfinite(c):
            continue
        places = range(math.floor(c - reach) + 1, math.floor(c + reach) + 1)
        values = [weight.fn((k - c) / kernel_scale) for k in places]
        if not weight.ends_at_0:
            unsure[i] = any(abs(e - round(e)) < NEAR for e in (c - reach, c + reach))
        kept = [inside(k, n, boundary) for k in places]
        if boundary == "renormalize":
            values = [0.0 if k is None else v for v, k in zip(values, kept, strict=True)]
        total = sum(values)
        # A sum that is a small difference of large weights loses its digits.
        unsure[i] |= bool(values) and abs(total) < 0.02 * max(1e-30, *map(abs, values))
        unsure[i] |= 0 < max(map(abs, values), default=0) < 1e-4
        for k, v in zip(kept, values, strict=True):
            if k is not None and total:
                dense[i, k] += v / total
    return Rows(dense, unsure)


def rounded(coordinate: Any, n: int, rounding: str, boundary: str, near: float = 0.0) -> Rows:
    """The pixel that a rounding chooses; within 1e-9 of a tie it is a tie."""
    dense, unsure = np.zeros((len(coordinate), n)), np.zeros(len(coordinate), bool)
    for i, c in enumerate(coordinate):
        if not math.isfinite(c):
            continue
        tie = c if rounding in ("floor", "ceil") else c + 0.5
        distance = abs(tie - round(tie))
        exact = distance < 1e-9
        unsure[i] = distance < near and (near > 1e-6 or not exact)
        up = {"floor": 0, "ceil": 1, "round_prefer_floor": 0, "round_prefer_ceil": 1}[rounding]
        if rounding in ("floor", "ceil"):
            k = round(tie) if exact else math.floor(c) + up
        else:
            k = round(tie) - (1 - up) if exact else math.floor(tie)
        pixel = inside(k, n, boundary)
        if pixel is not None:
            dense[i, pixel] = 1
    return Rows(dense, unsure)


def covered(coordinate: Any, n: int, width: float, boundary: str) -> Rows:
    """Every pixel by the part of it that lies within a width around the coordinate."""
    dense, unsure = np.zeros((len(coordinate), n)), np.zeros(len(coordinate), bool)
    for i, c in enumerate(coordinate):
        low, high = c - width / 2, c + width / 2
        places = range(math.floor(low + 0.5), math.ceil(high + 0.5))
        values = [max(0.0, min(high, k + 0.5) - max(low, k - 0.5)) for k in places]
        kept = [inside(k, n, boundary) for k in places]
        if boundary == "renormalize":
            values = [0.0 if k is None else v for v, k in zip(values, kept, strict=True)]
        total = sum(values)
        unsure[i] = total < 1e-3 * width and total > 0
        for k, v in zip(kept, values, strict=True):
            if k is not None and total > 1e-9:
                dense[i, k] += v / total
    return Rows(dense, unsure)


def beta(order: int, d: float) -> float:
    """The centred B-spline of an order."""
    total = 0.0
    for j in range(order + 2):
        above = d + (order + 1) / 2 - j
        total += (-1) ** j * math.comb(order + 1, j) * (above**order if above > 0 else 0.0)
    return total / math.factorial(order) if abs(d) < (order + 1) / 2 else 0.0


def spline(coordinate: Any, n: int, order: int, boundary: str) -> Rows:
    """The B-spline through the image and 60 pixels on either side of it, evaluated."""
    coefficients, pad = _coefficients(n, order, boundary)
    basis = np.array(
        [[beta(order, k - pad - c) for k in range(len(coefficients))] for c in coordinate]
    )
    far = np.array([not -20 < c < n + 20 for c in coordinate], bool)
    return Rows(basis.reshape(len(far), len(coefficients)) @ coefficients, far)


@functools.cache
def _coefficients(n: int, order: int, boundary: str) -> tuple[np.ndarray, int]:
    """Those of the spline through the image and so many pixels around it, for every pixel."""
    pad = 60
    size = n + 2 * pad
    places = np.zeros((size, n))
    for k in range(size):
        pixel = inside(k - pad, n, boundary)
        if pixel is not None:
            places[k, pixel] = 1
    samples = np.zeros((size, size))
    for k in range(size):
        for j in range(-(order // 2), order // 2 + 1):
            if 0 <= k + j < size:
                samples[k, k + j] = beta(order, j)
    return np.linalg.solve(samples, places), pad


def sampled(
    method: str,
    coordinate: Any,
    n: int,
    boundary: str,
    *,
    step: float = 1.0,
    antialias: bool = False,
    rounding: str = "round_prefer_ceil",
    near: float = 0.0,
) -> Rows:
    """A method by its name in `jaxup.resize`, at these coordinates."""
    method = {"bilinear": "linear", "trilinear": "linear", "bicubic": "cubic"}.get(method, method)
    if method == "nearest":
        return rounded(coordinate, n, rounding, boundary, near)
    if method == "area":
        return covered(coordinate, n, abs(step), boundary)
    if method.startswith("bspline"):
        return spline(coordinate, n, int(method[-1]), boundary)
    kernel_scale = max(abs(step), 1.0) if antialias else 1.0
    return interpolated(coordinate, n, WEIGHTS[method], boundary, kernel_scale)


def conventional(
    name: str, n: int, out: int, step: float, region: tuple[float, float] | None = None
) -> np.ndarray:
    """The table of coordinates in `jaxup.resize`."""
    i = np.arange(out, dtype=np.float64)
    if name == "half_pixel":
        return (i + 0.5) * step - 0.5
    if name == "half_pixel_symmetric":
        return (i + 0.5) * step - 0.5 + (n - out * step) / 2
    if name == "pytorch_half_pixel":
        return i * 0 if out == 1 else (i + 0.5) * step - 0.5
    if name == "asymmetric":
        return i * step
    if name == "align_corners":
        return i * ((n - 1) / (out - 1)) if out > 1 else i * 0
    assert region is not None
    start, end = region
    if out == 1:
        return i + (n - 1) * (start + end) / 2
    return (n - 1) * (start + i * (end - start) / (out - 1))
