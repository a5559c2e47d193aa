"""Where an output pixel looks: output index → source coordinate.

A convention is a function ``(index, in_size, out_size, step) -> coordinate``.

* ``index``: output pixel numbers, an array of any array library;
* ``in_size``, ``out_size``: the axis before and after, in pixels;
* ``step``: source pixels per output pixel, the inverse of the scale;
* the coordinate counts source pixels, and the centre of pixel ``k`` is at ``k``.

Every convention is affine in ``index``, so traced scales and symbolic sizes go through the same
lines. Write your own in the same form and pass it wherever a convention is expected.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

Convention = Callable[[Any, Any, Any, Any], Any]


def half_pixel(index, in_size, out_size, step):
    """``(i + 1/2) step - 1/2``: pixels are areas, and the outer edges of both grids coincide."""
    return (index + 0.5) * step - 0.5


def align_corners(index, in_size, out_size, step):
    """``i step``, where the step spans centre to centre: see `align_corners_step`."""
    return index * step


def align_corners_step(in_size: int, out_size: int) -> float:
    """``(in - 1) / (out - 1)``, and 0 for a single output, which then reads pixel 0."""
    return (in_size - 1) / (out_size - 1) if out_size > 1 else 0.0


def asymmetric(index, in_size, out_size, step):
    """``i step``: the centres of the first pixels coincide."""
    return index * step


def corner(index, in_size, out_size, step):
    """``i step - 1/2``: the upper left *corner* of the output pixel."""
    return index * step - 0.5


@dataclasses.dataclass(frozen=True)
class Clamped:
    """Another convention, confined to the picture: coordinates before the first pixel's centre
    become that centre, those past the last one's likewise (PyTorch's linear family)."""

    convention: Convention

    def __call__(self, index, in_size, out_size, step):
        return self.convention(index, in_size, out_size, step).clip(0, in_size - 1)
