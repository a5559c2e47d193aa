"""B-spline interpolation as two short resamples: a filter of the pixels, then the basis.

The cardinal spline (`jaxup.kernels.bspline`) reads 50 to 100 pixels for every output. With the
coefficients ``c = p * x`` computed once per input pixel, an output reads ``order + 1`` of them.
"""

from __future__ import annotations

import dataclasses
import functools
import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from jaxup import boundary
from jaxup._recipe.axis import AxisSpec, TracedAxis, Transposed
from jaxup._recipe.banded import Banded
from jaxup._recipe.recipe import Recipe, Resample
from jaxup._recipe.taps import rows
from jaxup._weights import bspline
from jaxup.boundary import Boundary
from jaxup.coordinates import Convention
from jaxup.kernels import AnyKernel, Kernel

# An image that goes on by symmetry has coefficients that go on by the same symmetry. For one that
# goes on by a constant, the coefficients outside are computed as far out as outputs sample.
_SYMMETRIC = (boundary.reflect, boundary.mirror, boundary.wrap)
_CONSTANT = (boundary.edge, boundary.constant)


@dataclasses.dataclass(frozen=True)
class Prefilter:
    """The recipe of the coefficients ``c[k] = sum_n p[k - n] x[n]``, for ``k = -pad .. in + pad``.

    Args:
      in_size: pixels of the axis.
      order: of the spline, 2 to 5.
      boundary: how the image goes on; not renormalize.
      pad: coefficients wanted outside the image, on either side.
      tolerance: filter weights below it are left out.
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
    radius = bspline.reach(spec.order, spec.tolerance) + 0.5
    kernel = Kernel(bspline.Inverse(spec.order), radius)
    indices, weights = rows(
        np.arange(spec.out_size, dtype=np.float64) - spec.pad,
        kernel=kernel,
        kernel_scale=1.0,
        boundary=spec.boundary,
        in_size=spec.in_size,
        taps=kernel.taps(1.0),
    )
    return Banded(indices, weights, spec.in_size).folded()  # it may be longer than the axis


@dataclasses.dataclass(frozen=True)
class _Padded:
    """A convention among the coefficients, of which ``pad`` more lie on either side."""

    convention: Convention
    pad: int
    order: int

    def __call__(self, index: Any, in_size: Any, out_size: Any, step: Any) -> Any:
        coordinate = self.convention(index, in_size - 2 * self.pad, out_size, step)
        return (coordinate + self.pad).clip(*inner(in_size, self.order))


def inner(in_size: int, order: int) -> tuple[float, float]:
    """Return the lowest and highest coordinate whose taps are all among the coefficients."""
    margin = (order + 1) / 2
    return margin, in_size - 1 - margin


def spline_order(kernel: AnyKernel, beyond: Boundary) -> int | None:
    """Return the order of a B-spline that has a prefilter with this boundary, or None."""
    if not (isinstance(kernel, Kernel) and isinstance(kernel.fn, bspline.Cardinal)):
        return None
    return kernel.fn.order if beyond in _SYMMETRIC + _CONSTANT else None


def is_symmetric(beyond: Boundary) -> bool:
    """Return whether coefficients go on as the image does, so that none outside are needed."""
    return beyond in _SYMMETRIC


def basis(order: int) -> Kernel:
    """Return the kernel that reads coefficients of a spline of that order."""
    return Kernel(bspline.Basis(order), (order + 1) / 2)


def split(
    plan: Resample, tolerance: float, devices: Mapping[int, int]
) -> tuple[Resample, Resample]:
    """Return a resample as the prefilters of its B-splines, and what reads their coefficients.

    A widened kernel stays whole: it is the cardinal spline that widens when it antialiases.

    Args:
      devices: by axis, over how many devices it is cut; they are to divide the coefficients.
    """
    parts = [
        _split_axis(spec, tolerance, devices.get(axis, 1))
        for axis, spec in zip(plan.axes, plan.specs, strict=True)
    ]
    pairs = zip(plan.axes, plan.specs, parts, strict=True)
    filters = {axis: part[0] for axis, _, part in pairs if part}
    reading = (part[1] if part else spec for spec, part in zip(plan.specs, parts, strict=True))
    prefilters = dataclasses.replace(plan, axes=tuple(filters), specs=tuple(filters.values()))
    return prefilters, dataclasses.replace(plan, specs=tuple(reading))


def _split_axis(
    spec: Recipe | TracedAxis, tolerance: float, devices: int
) -> tuple[Prefilter, AxisSpec] | None:
    if not isinstance(spec, AxisSpec) or spec.kernel_scale != 1:
        return None
    order = spline_order(spec.kernel, spec.boundary)
    if order is None:
        return None
    if is_symmetric(spec.boundary):
        prefilter = Prefilter(spec.in_size, order, spec.boundary, tolerance=tolerance)
        return prefilter, dataclasses.replace(spec, kernel=basis(order))
    pad = _overshoot(spec, bspline.reach(order, tolerance)) + order // 2 + 2
    pad += -pad % devices
    reading = dataclasses.replace(
        spec,
        in_size=spec.in_size + 2 * pad,
        coordinates=_Padded(spec.coordinates, pad, order),
        kernel=basis(order),
        boundary=boundary.edge,
    )
    return Prefilter(spec.in_size, order, spec.boundary, pad, tolerance), reading


def _overshoot(spec: AxisSpec, most: int) -> int:
    """Return how far outside the image outputs sample, in whole pixels, at most ``most``."""
    coordinate = spec.sample_coordinates()
    coordinate = coordinate[np.isfinite(coordinate)]
    if not coordinate.size:
        return 0
    beyond = max(-coordinate.min(), coordinate.max() - (spec.in_size - 1), 0)
    return min(math.ceil(beyond), most)
