"""B-splines of order 2 to 5: the basis, the filter that undoes its samples, and both together.

A spline ``sum_k c[k] beta(t - k)`` passes through the samples ``x`` when ``c = p * x``, where ``p``
is the convolution inverse of ``b[k] = beta(k)``. With the poles ``z`` of ``1 / B`` inside the unit
circle, ``p[k] = sum_z a_z z^|k|``: infinitely long, but below 1e-16 after 20 to 45 pixels. As a
finite filter it is one more resample (a kernel, read at every pixel), with every boundary,
derivative and lowering that resamples have.

Source: M. Unser, A. Aldroubi and M. Eden, "B-spline signal processing: part I, theory", IEEE
Transactions on Signal Processing 41 (1993), 821-833.
"""

from __future__ import annotations

import dataclasses
import functools
import math

ORDERS = (2, 3, 4, 5)

# The poles come in pairs z, 1/z: B(z) factors into w - w_i with w = z + 1/z, and these are the w_i.
_SUMS = {
    2: (-6.0,),
    3: (-4.0,),
    4: (228 / (-38 - math.sqrt(1216)), -38 - math.sqrt(1216)),
    5: (64 / (-13 - math.sqrt(105)), -13 - math.sqrt(105)),
}
_POLES = {
    order: tuple(2 / (w - math.sqrt(w * w - 4)) for w in sums) for order, sums in _SUMS.items()
}


@functools.cache
def _modes(order: int) -> tuple[tuple[float, float], ...]:
    """``(z, a_z)`` for every pole: the residues of ``z^(k-1) / B(z)`` without their ``z^k``."""
    poles = _POLES[order]
    last = _sample(order, order // 2)
    modes = []
    for z in poles:
        product = math.prod(z - other for other in poles if other != z)
        product *= math.prod(z - 1 / other for other in poles)
        modes.append((z, z ** (order // 2 - 1) / (last * product)))
    return tuple(modes)


def _sample(order: int, k: int) -> float:
    """``beta(k)`` as a number."""
    terms = (
        (-1) ** j * math.comb(order + 1, j) * ((order + 1) / 2 - abs(k) - j) ** order
        for j in range(order + 1)
        if (order + 1) / 2 - abs(k) > j
    )
    return sum(terms) / math.factorial(order)


def reach(order: int, tolerance: float) -> int:
    """The distance in pixels beyond which every ``|p[k]|`` is below the tolerance."""
    return max(math.ceil(math.log(tolerance / abs(a)) / math.log(abs(z))) for z, a in _modes(order))


@dataclasses.dataclass(frozen=True)
class Basis:
    """``beta(d)``, the centred B-spline: 0 from distance ``(order + 1) / 2`` on."""

    order: int

    def __call__(self, distance):
        n = self.order
        inward = (n + 1) / 2 - abs(distance)  # from the near end, where few terms cancel
        total = 0.0
        for j in range(n // 2 + 1):
            total = total + (-1) ** j * math.comb(n + 1, j) * (inward - j).clip(0) ** n
        return total / math.factorial(n)


@dataclasses.dataclass(frozen=True)
class Inverse:
    """``p[d]`` at whole distances: the prefilter as a kernel."""

    order: int

    def __call__(self, distance):
        xp = distance.__array_namespace__()
        far = abs(distance)
        sign = xp.where(far % 2 == 1, -1.0, 1.0)  # every pole is negative
        return sign * sum(a * xp.exp(far * math.log(-z)) for z, a in _modes(self.order))


@dataclasses.dataclass(frozen=True)
class Cardinal:
    """``sum_k p[k] beta(d - k)``: 1 at distance 0, and 0 at every other whole distance."""

    order: int

    def __call__(self, distance):
        basis, inverse, n = Basis(self.order), Inverse(self.order), self.order
        near = distance.__array_namespace__().floor(distance)
        offsets = range(-(n // 2), n // 2 + 2)
        return sum(inverse(near + k) * basis(distance - near - k) for k in offsets)
