"""B-spline interpolation as two short resamples: a filter of the picture, then the basis.

The cardinal spline (`jaxup.kernels.bspline`) reads 50 to 100 pixels for every output. With the
coefficients ``c = p * x`` computed once per input pixel, an output reads ``order + 1`` of them.
"""

from __future__ import annotations

import dataclasses
import functools
import math
from typing import Any

import numpy as np

from jaxup import _bspline, boundary
from jaxup._operator import AxisSpec, Banded, Transposed, banded_from_entries, rows
from jaxup._symbolic import is_symbolic
from jaxup.boundary import Boundary
from jaxup.coordinates import Convention
from jaxup.kernels import Kernel

# The coefficients of a picture that goes on by symmetry go on by the same symmetry. Of one that
# goes on by a constant, the coefficients outside are computed as far out as outputs look.
_SYMMETRIC = (boundary.reflect, boundary.mirror, boundary.wrap)
_CONSTANT = (boundary.edge, boundary.constant)


@dataclasses.dataclass(frozen=True)
class Prefilter:
    """The recipe of the coefficients ``c[k] = sum_n p[k - n] x[n]``, for ``k = -pad .. in + pad``.

    Args:
      in_size: pixels of the axis.
      order: of the spline, 2 to 5.
      boundary: how the picture goes on; not renormalize.
      pad: coefficients wanted outside the picture, on either side.
      tolerance: how small a filter weight is left out.
    """

    in_size: int
    order: int
    boundary: Boundary
    pad: int = 0
    tolerance: float = 1e-16

    @property
    def out_size(self) -> int:
        return self.in_size + 2 * self.pad

    @property
    def T(self) -> Transposed:
        return Transposed(self)

    def build(self) -> Banded:
        return _build(self)


@functools.lru_cache(maxsize=512)
def _build(spec: Prefilter) -> Banded:
    radius = _bspline.reach(spec.order, spec.tolerance) + 0.5
    kernel = Kernel(_bspline.Inverse(spec.order), radius)
    indices, weights = rows(
        np.arange(spec.out_size, dtype=np.float64) - spec.pad,
        kernel=kernel,
        stretch=1.0,
        boundary=spec.boundary,
        in_size=spec.in_size,
        taps=kernel.taps(1.0),
    )
    row, tap = np.nonzero(indices < spec.in_size)
    column, weight = indices[row, tap], weights[row, tap]
    # A small picture is met many times by one filter: its weights are added up.
    return banded_from_entries(row, column, weight, (spec.out_size, spec.in_size))


@dataclasses.dataclass(frozen=True)
class _Padded:
    """A convention for the coefficients: ``pad`` more on either side, and no look beyond them."""

    convention: Convention
    pad: int
    margin: float

    def __call__(self, index, in_size, out_size, step):
        coordinate = self.convention(index, in_size - 2 * self.pad, out_size, step) + self.pad
        return coordinate.clip(self.margin, in_size - 1 - self.margin)


def split(spec: Any, tolerance: float) -> tuple[Prefilter, AxisSpec] | None:
    """The prefilter and the rest, if the recipe is a B-spline's that can be split; else None.

    A stretched kernel stays whole: it is the cardinal spline that widens when it antialiases.
    """
    kernel = spec.kernel
    if is_symbolic(spec.in_size, spec.out_size):
        return None
    if not (isinstance(kernel, Kernel) and isinstance(kernel.fn, _bspline.Cardinal)):
        return None
    if spec.stretch != 1 or spec.boundary not in _SYMMETRIC + _CONSTANT:
        return None
    order = kernel.fn.order
    basis = Kernel(_bspline.Basis(order), (order + 1) / 2)
    if spec.boundary in _SYMMETRIC:
        prefilter = Prefilter(spec.in_size, order, spec.boundary, tolerance=tolerance)
        return prefilter, dataclasses.replace(spec, kernel=basis)
    pad = _overshoot(spec, _bspline.reach(order, tolerance)) + order // 2 + 2
    return (
        Prefilter(spec.in_size, order, spec.boundary, pad, tolerance),
        dataclasses.replace(
            spec,
            in_size=spec.in_size + 2 * pad,
            coordinates=_Padded(spec.coordinates, pad, (order + 1) / 2),
            kernel=basis,
            boundary=boundary.edge,
        ),
    )


def split_look(look: Any, tolerance: float) -> tuple[Prefilter, Any] | None:
    """The same for coordinates that may be traced, and so may lie anywhere."""
    kernel = look.kernel
    if not (isinstance(kernel, Kernel) and isinstance(kernel.fn, _bspline.Cardinal)):
        return None
    if look.boundary not in _SYMMETRIC + _CONSTANT or not isinstance(look.in_size, int):
        return None
    order = kernel.fn.order
    basis = Kernel(_bspline.Basis(order), (order + 1) / 2)
    look = dataclasses.replace(look, kernel=basis, taps=basis.taps(1.0))
    if look.boundary in _SYMMETRIC:
        return Prefilter(look.in_size, order, look.boundary, tolerance=tolerance), look
    pad = _bspline.reach(order, tolerance) + order // 2 + 2
    margin, in_size = (order + 1) / 2, look.in_size + 2 * pad
    return (
        Prefilter(look.in_size, order, look.boundary, pad, tolerance),
        dataclasses.replace(
            look,
            in_size=in_size,
            coordinate=(look.coordinate + pad).clip(margin, in_size - 1 - margin),
            boundary=boundary.edge,
        ),
    )


def _overshoot(spec: AxisSpec, most: int) -> int:
    """How far outside the picture outputs look, in whole pixels, at most ``most``."""
    index = np.arange(spec.out_size, dtype=np.float64)
    coordinate = spec.coordinates(index, spec.in_size, spec.out_size, spec.step)
    coordinate = coordinate[np.isfinite(coordinate)]
    if not coordinate.size:
        return 0
    beyond = max(-coordinate.min(), coordinate.max() - (spec.in_size - 1), 0)
    return min(math.ceil(beyond), most)
