"""Where an output pixel looks: output index → source coordinate.

A convention is a function ``(index, in_size, out_size, step) -> coordinate``.

* ``index``: output pixel numbers, an array of any array library;
* ``in_size``, ``out_size``: the axis before and after, in pixels;
* ``step``: source pixels per output pixel, the inverse of the scale;
* the coordinate counts source pixels, and the centre of pixel ``k`` is at ``k``.

The functions are affine in ``index``, so traced scales and symbolic sizes go through the same
lines; the classes alter a convention, or hold a region. Write your own in the same form and pass
it wherever a convention is expected.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from typing import Any

Convention = Callable[[Any, Any, Any, Any], Any]


def half_pixel(index, in_size, out_size, step):
    """``(i + 1/2) step - 1/2``: pixels are areas, and the outer edges of both grids coincide."""
    return (index + 0.5) * step - 0.5


def align_corners(index, in_size, out_size, step):
    """``i step``, where the step spans centre to centre: see `align_corners_step`."""
    return index * step


def align_corners_step(in_size: float, out_size: int) -> float:
    """``(in - 1) / (out - 1)``, and 0 for a single output, which then reads pixel 0."""
    return (in_size - 1) / (out_size - 1) if out_size > 1 else 0.0


def asymmetric(index, in_size, out_size, step):
    """``i step``: the centres of the first pixels coincide."""
    return index * step


def corner(index, in_size, out_size, step):
    """``i step - 1/2``: the upper left *corner* of the output pixel."""
    return index * step - 0.5


def half_pixel_symmetric(index, in_size, out_size, step):
    """`half_pixel` with the centres of both grids together, also when ``out step != in``."""
    return half_pixel(index, in_size, out_size, step) + (in_size - out_size * step) / 2


def pytorch_half_pixel(index, in_size, out_size, step):
    """`half_pixel`, but a single output looks at the first pixel (PyTorch before 1.5)."""
    return index * 0 if out_size == 1 else half_pixel(index, in_size, out_size, step)


@dataclasses.dataclass(frozen=True)
class CropAndResize:
    """``(in - 1) (start + i (end - start) / (out - 1))``: corners aligned with a region's.

    Args:
      start, end: the region as fractions of the way from the first pixel's centre (0) to the last
        one's (1). It may reach outside, and ``end < start`` flips. A single output looks at its
        middle.

    Source: ``tf.image.crop_and_resize``; ONNX Resize, ``tf_crop_and_resize``.
    """

    start: float
    end: float

    def __call__(self, index, in_size, out_size, step):
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

    def __call__(self, index, in_size, out_size, step):
        return self.convention(index, self.high - self.low, out_size, step) + self.low


@dataclasses.dataclass(frozen=True)
class Within:
    """Another convention, whose outputs read nothing if they look outside the picture.

    Their coordinate is NaN, which no tap is near.

    Args:
      margin: how far outside the first and last pixel's centres still counts as inside: 0, or
        1/2 for the picture's outer edges. Differences below 1e-9 pixels are rounding errors.
    """

    convention: Convention
    margin: float = 0.0

    def __call__(self, index, in_size, out_size, step):
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

    def __call__(self, index, in_size, out_size, step):
        return self.convention(index, in_size, out_size, step).clip(0)
