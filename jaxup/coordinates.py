"""Where an output pixel samples: output index → source coordinate.

A convention is a function ``(index, in_size, out_size, step) -> coordinate``.

* ``index``: output pixel numbers, an array of any array library;
* ``in_size``, ``out_size``: the axis before and after, in pixels;
* ``step``: source pixels per output pixel, the inverse of the scale;
* the coordinate counts source pixels, and the centre of pixel ``k`` is at ``k``.

The functions are affine in ``index``, so traced scales and symbolic sizes go through the same
lines; the classes alter a convention, or hold a region. Write your own in the same form and pass
it wherever a convention is expected. `Cells` is no convention: it stands in the place of one in
`jaxup.resize`, for cells of any widths.
"""

from __future__ import annotations

import dataclasses
import functools
import math
import numbers
from collections.abc import Callable
from typing import Any, Literal

import numpy as np

from jaxup._weights import checked

__all__ = [
    "Cells",
    "Clamped",
    "Convention",
    "CropAndResize",
    "Cropped",
    "Rounded",
    "Within",
    "align_corners",
    "align_corners_step",
    "asymmetric",
    "corner",
    "half_pixel",
    "half_pixel_symmetric",
    "pytorch_half_pixel",
]

Convention = Callable[[Any, Any, Any, Any], Any]
"""``(index, in_size, out_size, step) -> coordinate``, as this module describes."""


def half_pixel(index: Any, in_size: Any, out_size: Any, step: Any) -> Any:
    """``(i + 1/2) step - 1/2``: pixels are areas, and the outer edges of both grids coincide."""
    return (index + 0.5) * step - 0.5


def align_corners(index: Any, in_size: Any, out_size: Any, step: Any) -> Any:
    """``i step``, where the step spans centre to centre: see `align_corners_step`."""
    return index * step


def align_corners_step(in_size: float, out_size: int) -> float:
    """``(in - 1) / (out - 1)``, and 0 for a single output, which then reads pixel 0."""
    return (in_size - 1) / (out_size - 1) if out_size > 1 else 0.0


def asymmetric(index: Any, in_size: Any, out_size: Any, step: Any) -> Any:
    """``i step``: the centres of the first pixels coincide."""
    return index * step


def corner(index: Any, in_size: Any, out_size: Any, step: Any) -> Any:
    """``i step - 1/2``: the upper left *corner* of the output pixel."""
    return index * step - 0.5


def half_pixel_symmetric(index: Any, in_size: Any, out_size: Any, step: Any) -> Any:
    """`half_pixel` with the centres of both grids together, also when ``out step != in``."""
    return half_pixel(index, in_size, out_size, step) + (in_size - out_size * step) / 2


def pytorch_half_pixel(index: Any, in_size: Any, out_size: Any, step: Any) -> Any:
    """`half_pixel`, but a single output samples the first pixel (PyTorch before 1.5)."""
    return index * 0 if out_size == 1 else half_pixel(index, in_size, out_size, step)


@dataclasses.dataclass(frozen=True)
class CropAndResize:
    """``(in - 1) (start + i (end - start) / (out - 1))``: corners aligned with a region's.

    Args:
      start, end: the region as fractions of the way from the first pixel's centre (0) to the last
        one's (1). It may reach outside, and ``end < start`` flips. A single output samples its
        middle.

    Source: ``tf.image.crop_and_resize``; ONNX Resize, ``tf_crop_and_resize``.
    """

    start: float
    end: float

    def __post_init__(self) -> None:
        for option in ("start", "end"):
            _check_finite(self, option, "Give it as a fraction of the way between outer centres.")

    def __call__(self, index: Any, in_size: Any, out_size: Any, step: Any) -> Any:
        if out_size == 1:
            along = index * 0 + (self.start + self.end) / 2
        else:
            along = self.start + index * ((self.end - self.start) / (out_size - 1))
        return along * (in_size - 1)


@dataclasses.dataclass(frozen=True)
class Cropped:
    """Another convention on the part of the axis between two edges, in pixels: ``low .. high``."""

    convention: Convention
    low: float
    high: float

    def __post_init__(self) -> None:
        _check_convention(self)
        for option in ("low", "high"):
            _check_finite(self, option, "Give it in pixels from the image's edge.")

    def __call__(self, index: Any, in_size: Any, out_size: Any, step: Any) -> Any:
        return self.convention(index, self.high - self.low, out_size, step) + self.low


@dataclasses.dataclass(frozen=True)
class Within:
    """Another convention, whose outputs read nothing if they sample outside the image.

    The coordinate of such an output is NaN, which no tap is near.

    Args:
      margin: how far outside the first and last pixel's centres still counts as inside: 0, or
        1/2 for the image's outer edges. Differences below 1e-9 pixels are rounding errors.
    """

    convention: Convention
    margin: float = 0.0

    def __post_init__(self) -> None:
        _check_convention(self)
        _check_finite(self, "margin", "Give it in pixels: 0 or 0.5.")

    def __call__(self, index: Any, in_size: Any, out_size: Any, step: Any) -> Any:
        coordinate = self.convention(index, in_size, out_size, step)
        slack = self.margin + 1e-9
        inside = (coordinate >= -slack) & (coordinate <= in_size - 1 + slack)
        return coordinate.__array_namespace__().where(inside, coordinate, math.nan)


@dataclasses.dataclass(frozen=True)
class Clamped:
    """Another convention, that starts at the first pixel's centre: lower coordinates become it.

    PyTorch's linear family. Past the last centre the boundary decides: with the last pixel's value
    repeated there, 3/4 and 1/4 of an infinite pixel are infinite, where 1 and 0 of it are NaN.
    """

    convention: Convention

    def __post_init__(self) -> None:
        _check_convention(self)

    def __call__(self, index: Any, in_size: Any, out_size: Any, step: Any) -> Any:
        return self.convention(index, in_size, out_size, step).clip(0)


@dataclasses.dataclass(frozen=True)
class Rounded:
    """Another convention, with coordinates rounded to a float type, as frameworks compute them.

    float32 moves coordinates by up to 3e-5 pixels at pixel 500.

    Args:
      dtype: the type's name, such as ``"float32"``.
      origin: the place from which distances are rounded, in pixels before the first pixel's centre:
        0, or 1/2 for the image's outer edge. PyTorch rounds from the edge when it antialiases and
        in nearest-exact, and from the centre otherwise.
    """

    convention: Convention
    dtype: Literal["float16", "bfloat16", "float32", "float64"]
    origin: float = 0.0

    def __post_init__(self) -> None:
        _check_convention(self)
        floats = ("float16", "bfloat16", "float32", "float64")
        checked.check_name("coordinates.Rounded", "dtype", self.dtype, floats)
        _check_finite(self, "origin", "Give it in pixels: 0 or 0.5.")

    def __call__(self, index: Any, in_size: Any, out_size: Any, step: Any) -> Any:
        coordinate = self.convention(index, in_size, out_size, step)
        if isinstance(index, np.ndarray):
            coordinate = np.asarray(coordinate, np.float64)
        distance = coordinate + self.origin
        return distance.astype(self.dtype).astype(distance.dtype) - self.origin


@dataclasses.dataclass(frozen=True, repr=False)
class Cells:
    """The edges of an axis' cells before and after, for ``method="area"`` of `jaxup.resize`.

    ``y[i] = sum_k |in_k ∩ out_i| x[k] / |out_i|``: the mean over the output's cell of a field that
    is constant in each input's. Where the outputs cover the inputs, ``sum_i |out_i| y[i]`` is
    ``sum_k |in_k| x[k]``: the integral is conserved.

    Args:
      input_edges: cells + 1 numbers that all rise or all fall, in any unit; of an array of floats
        as NumPy or JAX has them, or a sequence. With ``boundary="wrap"`` the last edge is the first
        one, a turn later.
      output_edges: likewise, in the same unit and direction or the other one.

    On a sphere, areas are proportional to differences of longitude and of the *sine* of latitude:
    give edges in these. Compute them in float64: overlaps below 1e-9 of a cell count as rounding.

    Keep the object in a variable: a call that gets the same one need not compare its numbers.

    Example:
      >>> import jax.numpy as jnp, jaxup
      >>> cells = jaxup.coordinates.Cells([0, 1, 3, 4], [0, 2, 4])
      >>> jaxup.resize(jnp.array([1.0, 2.0, 4.0]), method="area", axes=0, coordinates=cells)
      Array([1.5, 3. ], dtype=float32)

    Source: P. W. Jones, "First- and second-order conservative remapping schemes for grids in
    spherical coordinates", Monthly Weather Review 127 (1999), 2204-2210, eq. 6, first order.
    """

    input_edges: Any
    output_edges: Any

    def __post_init__(self) -> None:
        for option in ("input_edges", "output_edges"):
            edges = checked.monotonic("coordinates.Cells", option, getattr(self, option))
            object.__setattr__(self, option, edges)

    @property
    def in_size(self) -> int:
        return len(self.input_edges) - 1

    @property
    def out_size(self) -> int:
        return len(self.output_edges) - 1

    @functools.cached_property
    def _hash(self) -> int:
        return hash((self.input_edges, self.output_edges))

    def __hash__(self) -> int:
        return self._hash

    def __repr__(self) -> str:
        return f"Cells({self.in_size} to {self.out_size})"


def _check_convention(owner: Any) -> None:
    name = f"coordinates.{type(owner).__name__}"
    advice = "jaxup.coordinates.half_pixel is one."
    what = "a function of (index, in_size, out_size, step)"
    checked.check_hashable_function(name, "convention", owner.convention, what, advice)


def _check_finite(owner: Any, option: str, advice: str) -> None:
    """Check a number, if it is known when the program is built."""
    value = getattr(owner, option)
    known = isinstance(value, numbers.Real | np.ndarray)
    if known or getattr(value, "ndim", None) != 0:
        checked.finite(f"coordinates.{type(owner).__name__}", option, value, advice)
