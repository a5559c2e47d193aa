"""Which attributes make ONNX's Resize read the pixels that a recipe reads, as it weighs them."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Any

import numpy as np

from jaxup import boundary, coordinates, kernels
from jaxup._recipe.axis import AxisSpec
from jaxup._recipe.banded import Banded, add_up
from jaxup._recipe.recipe import Recipe

Attributes = tuple[tuple[str, Any], ...]


@functools.lru_cache(maxsize=512)
def resize_attributes(recipe: Recipe) -> Attributes | None:
    """Return the attributes of a Resize by ``out_size / in_size`` with these rows, or None.

    Rows are compared and not names: many calls of jaxup have the rows of one Resize. Weights may
    differ by what float32 coordinates do, in which ONNX Runtime and PyTorch compute.
    """
    rows = recipe.build()
    if rows.selects:
        return _nearest(rows)
    slack = 4 * np.finfo(np.float32).eps * max(rows.in_size, 16)
    for attributes, candidate in _candidates(rows.in_size, rows.out_size):
        if _distance(rows, candidate.build()) < slack:
            return tuple(attributes.items())
    return None


def _nearest(rows: Banded) -> Attributes | None:
    """Return the attributes of a repetition by a whole factor, which no rounding can displace."""
    factor, rest = divmod(rows.out_size, rows.in_size)
    if rest or not np.array_equal(rows.indices[:, 0], np.arange(rows.out_size) // factor):
        return None
    asymmetric = ("coordinate_transformation_mode", "asymmetric")
    return ("mode", "nearest"), asymmetric, ("nearest_mode", "floor")


def _candidates(in_size: int, out_size: int) -> Iterator[tuple[dict[str, Any], AxisSpec]]:
    step = in_size / out_size
    modes = {
        "half_pixel": (coordinates.half_pixel, step),
        "align_corners": (
            coordinates.align_corners,
            coordinates.align_corners_step(in_size, out_size),
        ),
        "asymmetric": (coordinates.asymmetric, step),
    }
    for mode, (convention, step_there) in modes.items():
        spec = functools.partial(AxisSpec, in_size, out_size, convention, step=step_there)
        placed = {"coordinate_transformation_mode": mode}
        yield placed | {"mode": "linear"}, spec(kernels.linear, boundary.edge)
        # ONNX Runtime moves transposes through a Resize, and then has no cubic shrink for it.
        for a in (-0.75, -0.5) if out_size >= in_size else ():
            for dropped, beyond in enumerate((boundary.edge, boundary.renormalize)):
                weighed = {"mode": "cubic", "cubic_coeff_a": a, "exclude_outside": dropped}
                yield placed | weighed, spec(kernels.cubic(a), beyond)
    if out_size < in_size:
        for mode, kernel in {"linear": kernels.linear, "cubic": kernels.cubic(-0.5)}.items():
            yield (
                {"mode": mode, "antialias": 1, "exclude_outside": 1, "cubic_coeff_a": -0.5},
                AxisSpec(
                    in_size, out_size, coordinates.half_pixel, kernel, boundary.renormalize,
                    step, kernel_scale=step,
                ),
            )  # fmt: skip


def _distance(one: Banded, other: Banded) -> float:
    """Return the greatest difference between two matrices of the same shape."""
    places, weights = [], []
    for rows, sign in ((one, 1), (other, -1)):
        row, column, weight = rows.entries()
        places.append(row * rows.in_size + column)
        weights.append(sign * weight)
    return abs(add_up(np.concatenate(places), np.concatenate(weights))[1]).max(initial=0.0)
