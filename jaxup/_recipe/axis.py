"""The recipes of one axis: `AxisSpec`, its transpose, and `TracedAxis`."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Mapping
from typing import Any

import jax
import numpy as np

from jaxup._numbers.step import Step
from jaxup._recipe.banded import Banded
from jaxup._recipe.taps import rows
from jaxup.boundary import Boundary
from jaxup.coordinates import Convention
from jaxup.kernels import AnyKernel

BLOCK = 2**15  # rows that are computed together: what a long axis takes beside its weights


@dataclasses.dataclass(frozen=True)
class AxisSpec:
    """One axis of a resample; hashable, so that it can be a primitive's parameter.

    Args:
      in_size, out_size: pixels before and after.
      coordinates: where each output samples; a convention from `jaxup.coordinates`.
      kernel: how much each pixel counts.
      boundary: what a tap outside means.
      step: source pixels per output pixel, handed to the convention.
      kernel_scale: how many times wider the kernel is: above 1 for an antialiased shrink.
    """

    in_size: int
    out_size: int
    coordinates: Convention
    kernel: AnyKernel
    boundary: Boundary
    step: float
    kernel_scale: float = 1.0

    @property
    def T(self) -> Transposed:
        return Transposed(self)

    def sample_coordinates(self) -> np.ndarray:
        """Return the source coordinate of every output; float64, shape (out_size,)."""
        index = np.arange(self.out_size, dtype=np.float64)
        coordinate = self.coordinates(index, self.in_size, self.out_size, self.step)
        return np.broadcast_to(np.asarray(coordinate, np.float64), index.shape)

    def build(self) -> Banded:
        return _build(self)


@dataclasses.dataclass(frozen=True)
class Transposed:
    """The recipe of the transposed map."""

    of: Any

    @property
    def in_size(self) -> int:
        return self.of.out_size

    @property
    def out_size(self) -> int:
        return self.of.in_size

    @property
    def T(self) -> Any:
        return self.of

    def build(self) -> Banded:
        return self.of.build().T


@dataclasses.dataclass(frozen=True, eq=False)
class TracedAxis:
    """One axis whose sizes or step only the program knows; equal to nothing but itself.

    Args:
      in_size, out_size: pixels before and after, ints or symbolic dimensions.
      coordinates, kernel, boundary: as in `AxisSpec`.
      step, kernel_scale: as in `AxisSpec`, numbers or `Step`.
    """

    in_size: Any
    out_size: Any
    coordinates: Convention
    kernel: AnyKernel
    boundary: Boundary
    step: Step | float
    kernel_scale: Step | float = 1.0


def axis_recipe(
    in_size: Any,
    out_size: Any,
    coordinates: Convention,
    kernel: AnyKernel,
    boundary: Boundary,
    step: Step | float,
    kernel_scale: Step | float = 1.0,
) -> AxisSpec | TracedAxis:
    """Return an `AxisSpec` if every number is known, else a `TracedAxis`."""
    numbers = in_size, out_size, step, kernel_scale
    kind: Any = AxisSpec if all(isinstance(n, int | float) for n in numbers) else TracedAxis
    return kind(in_size, out_size, coordinates, kernel, boundary, step, kernel_scale)


def without_identities(specs: Mapping[int, Any]) -> dict[int, Any]:
    """Return the recipes, by axis, of those axes that do not stay as they are."""
    return {
        axis: spec
        for axis, spec in specs.items()
        if isinstance(spec, TracedAxis) or not spec.build().is_identity
    }


@functools.lru_cache(maxsize=512)
def _build(spec: AxisSpec) -> Banded:
    coordinate, taps = spec.sample_coordinates(), spec.kernel.taps(spec.kernel_scale)
    indices = np.empty((spec.out_size, taps), np.int32)
    weights = np.empty((spec.out_size, taps))
    with jax.ensure_compile_time_eval():  # a user's kernel may be written with jax.numpy
        for start in range(0, spec.out_size, BLOCK):
            block = slice(start, start + BLOCK)
            indices[block], weights[block] = rows(
                coordinate[block],
                kernel=spec.kernel,
                kernel_scale=spec.kernel_scale,
                boundary=spec.boundary,
                in_size=spec.in_size,
                taps=taps,
            )
    return Banded(indices, weights, spec.in_size).compact()
