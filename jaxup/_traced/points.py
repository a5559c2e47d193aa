"""`SamplePoints`: where outputs sample along one axis, in numbers of the program."""

from __future__ import annotations

import dataclasses
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

from jaxup import boundary, kernels
from jaxup._numbers.dtypes import at_least_float32, common
from jaxup._numbers.step import Step, is_symbolic
from jaxup._numbers.two_floats import two_floats
from jaxup._recipe.axis import TracedAxis
from jaxup._recipe.prefilter import Prefilter, basis, inner, is_symmetric, spline_order
from jaxup._traced.band import band
from jaxup._traced.taps import Taps
from jaxup._weights import bspline


@dataclasses.dataclass(frozen=True)
class SamplePoints:
    """Where points sample along one axis, and how; the numbers may be traced.

    Args:
      coordinate: float array of any shape, one finite entry per point.
      kernel, boundary, kernel_scale: as in `AxisSpec`.
      in_size: pixels of the axis, an int or a symbolic dimension.
      taps: the most taps that a point reads, an int or a symbolic dimension.
      base: whole pixels to be added to the coordinate.
      widens: whether the program may make the kernel wider.
      ordered: whether the coordinates of an array of one axis only rise, or only fall.
      empty_outside: whether a point outside the image's outer edges has nothing to renormalise, and
        is 0, with the boundary renormalize. A resize takes what its kernel reaches.
    """

    coordinate: jax.Array
    kernel: kernels.AnyKernel
    boundary: boundary.Boundary
    in_size: Any
    taps: Any
    kernel_scale: Any = 1.0
    base: Any = 0.0
    widens: bool = False
    ordered: bool = False
    empty_outside: bool = True

    def at(self, coordinate: Any) -> SamplePoints:
        """Return points that are these but for their coordinates, or None for those."""
        return dataclasses.replace(self, coordinate=coordinate)

    @property
    def pixels(self) -> jax.Array:
        """``in_size`` as an array of the coordinate's type."""
        return jnp.asarray(self.in_size, self.coordinate.dtype)

    @property
    def renormalizes(self) -> bool:
        return self.boundary is boundary.renormalize

    @property
    def lowest(self) -> float | None:
        """Where the first tap may lie: renormalising needs none before the image."""
        return 0.0 if self.renormalizes else None

    @property
    def outside(self) -> jax.Array:
        """Which points are 0 because they lie outside the image."""
        nearest = isinstance(self.kernel, kernels.Nearest)  # has its one tap inside, or none
        if nearest or not (self.renormalizes and self.empty_outside):
            return jnp.zeros(self.coordinate.shape, bool)
        from_edge = self.coordinate + self.base + 0.5
        return (from_edge < 0) | (from_edge > self.pixels)

    def known(self, alone: bool = False) -> Taps:
        """Return what a `band` of these points knows when the program is built."""
        inside = self.boundary in (boundary.renormalize, boundary.constant)
        fold = None if inside else self.boundary
        return Taps(self.kernel, self.taps, self.widens, self.ordered, fold, self._step, alone)

    @property
    def _step(self) -> float:
        """Input pixels per output, if the outputs in order are as many as the axis has."""
        sizes = self.in_size, self.coordinate.size
        return sizes[0] / sizes[1] if self.ordered and not is_symbolic(*sizes) else 1.0

    def numbers(self, taps: Taps) -> tuple[jax.Array, jax.Array, jax.Array, jax.Array, jax.Array]:
        """Return the numbers of a `band` of these taps.

        Returns:
          ``(start, count, offset, kernel_scale, divisor)``, arrays with an entry per point.
        """
        coordinate = self.coordinate.reshape(-1)
        base = jnp.broadcast_to(self.base, self.coordinate.shape).reshape(-1)
        kernel_scale = jnp.asarray(self.kernel_scale, coordinate.dtype)
        kernel_scale = jnp.broadcast_to(kernel_scale, self.coordinate.shape).reshape(-1)
        first, end = self.kernel.window(*lax.stop_gradient((coordinate, kernel_scale)))
        numbers = _from(first, end, base, coordinate, kernel_scale)
        if taps.fold is not None:
            return *numbers, _divisor(numbers, taps)
        low, high = (
            clipped(first, -base, self.pixels - base),
            clipped(end, -base, self.pixels - base),
        )
        if self.renormalizes and self.empty_outside:
            from_edge = lax.stop_gradient(coordinate + base + 0.5)
            low = jnp.where(from_edge > self.pixels, high, low)
            high = jnp.where(from_edge < 0, low, high)
        read = _from(low, high, base, coordinate, kernel_scale)
        return *read, _divisor(read if self.renormalizes else numbers, taps)

    def split(self, tolerance: float) -> tuple[Prefilter | None, SamplePoints]:
        """Return a B-spline's prefilter, or None, and the points that read its coefficients."""
        order = spline_order(self.kernel, self.boundary)
        if order is None or not isinstance(self.in_size, int):
            return None, self
        reading = dataclasses.replace(self, kernel=basis(order), taps=basis(order).taps(1.0))
        if is_symmetric(self.boundary):
            return Prefilter(self.in_size, order, self.boundary, tolerance=tolerance), reading
        pad = bspline.reach(order, tolerance) + order // 2 + 2
        in_size = self.in_size + 2 * pad
        return Prefilter(self.in_size, order, self.boundary, pad, tolerance), dataclasses.replace(
            reading,
            in_size=in_size,
            coordinate=clipped(self.coordinate + pad, *inner(in_size, order)),
            boundary=boundary.edge,
        )


def _from(
    first: Any, end: Any, base: Any, coordinate: Any, kernel_scale: Any
) -> tuple[jax.Array, jax.Array, jax.Array, jax.Array]:
    start = (first + base).astype("int32")
    return start, (end - first).astype("int32"), first - coordinate, kernel_scale


def _divisor(numbers: tuple[jax.Array, jax.Array, jax.Array, jax.Array], taps: Taps) -> jax.Array:
    """Return the sum of the weights of every output, and 1 where that is 0."""
    start, count, offset, kernel_scale = numbers
    one, ones = jnp.ones(1, offset.dtype), jnp.ones_like(offset)
    taps = dataclasses.replace(taps, fold=boundary.edge)  # every tap reads the only pixel
    total = band(one, start, count, offset, kernel_scale, ones, axis=0, taps=taps)
    return jnp.where(total == 0, 1, total)


def geometry_dtype(dtype: Any, *numbers: Any) -> Any:
    """Return the float type of coordinates for an array of this dtype: at least float32."""
    real = jnp.finfo(dtype).dtype if jnp.issubdtype(dtype, jnp.inexact) else jnp.float32
    present = (_wide(number) for number in numbers if number is not None)
    return common(at_least_float32(real), *present)


def _wide(number: Any) -> Any:
    """Return float32 for an array of 8-bit floats, which JAX promotes to nothing."""
    dtype = getattr(number, "dtype", None)
    tiny = dtype is not None and jnp.issubdtype(dtype, jnp.floating) and dtype.itemsize == 1
    return jnp.float32 if tiny else number


def bounded(coordinate: jax.Array) -> jax.Array:
    """Return coordinates clipped to where whole pixels are exact and positions fit an int32."""
    limit = 2.0**23 if coordinate.dtype == jnp.float32 else 2.0**30
    return clipped(coordinate, -limit, limit)


def clipped(x: jax.Array, low: Any, high: Any) -> jax.Array:
    """Return ``x.clip(low, high)``, in operations that `jax.experimental.jet` knows."""
    return jnp.where(x < low, low, jnp.where(x > high, high, x))


def points_of(axis: TracedAxis, dtype: Any, output: jax.Array | None = None) -> SamplePoints:
    """Return where outputs of a traced axis sample, as arrays of the program: all by default.

    Coordinates are computed in 48 bits (`TwoFloats`), or float64 for an array of it, and rounded
    where the convention says so, so that nearest indices are those of known sizes.
    """
    double = dtype in (jnp.float64, jnp.complex128)
    base, coordinate = (_in_float64 if double else _in_two_floats)(axis, output)
    kernel_scale = axis.kernel_scale
    if not isinstance(kernel_scale, Step):
        taps = axis.kernel.taps(kernel_scale)
    else:
        kernel_scale = kernel_scale.evaluate().high.astype(coordinate.dtype)
        taps = _most_taps(axis)
    return SamplePoints(
        coordinate,
        axis.kernel,
        axis.boundary,
        axis.in_size,
        taps,
        kernel_scale,
        base,
        widens=isinstance(axis.kernel_scale, Step),
        empty_outside=False,
    )


def _most_taps(axis: TracedAxis) -> Any:
    """Return the most taps of a kernel that may be widened until one output reads every pixel."""
    if isinstance(axis.kernel, kernels.Nearest):
        return 1
    if axis.boundary is boundary.renormalize:
        return axis.in_size
    width = 1 if isinstance(axis.kernel, kernels.Area) else axis.kernel.taps(1.0)
    return width * axis.in_size + 1


def _in_two_floats(axis: TracedAxis, output: Any) -> tuple[jax.Array, jax.Array]:
    """Return whole pixels and a remainder, computed in 48 bits."""
    index = two_floats(jnp.arange(axis.out_size) if output is None else output)
    step = axis.step.evaluate() if isinstance(axis.step, Step) else two_floats(float(axis.step))
    sizes = two_floats(axis.in_size), two_floats(axis.out_size)
    return axis.coordinates(index, *sizes, step).parts()


def _in_float64(axis: TracedAxis, output: Any) -> tuple[jax.Array, jax.Array]:
    """Return whole pixels and a remainder, computed in JAX's own float64."""
    index = jnp.arange(axis.out_size) if output is None else output
    index = index.astype(jnp.float64)
    in_size, out_size = (jnp.asarray(n, jnp.float64) for n in (axis.in_size, axis.out_size))
    step: Any = axis.step
    if isinstance(step, Step):
        parts = step.evaluate()
        step = parts.high.astype(jnp.float64) + parts.low
    coordinate = axis.coordinates(index, in_size, out_size, step)
    whole = jnp.floor(coordinate)
    return whole, coordinate - whole
