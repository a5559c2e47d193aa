"""`jaxup.coordinates.Cells` as coordinates of `resize`: what they go with, and their size."""

from __future__ import annotations

from typing import Any

import numpy as np

from jaxup import boundary as boundaries
from jaxup import kernels
from jaxup._arguments.axes import is_sequence
from jaxup._arguments.call import Call
from jaxup._numbers.step import is_symbolic
from jaxup._recipe.overlaps import ROUNDING, Overlaps, rising
from jaxup.boundary import Boundary
from jaxup.coordinates import Cells

_BOUNDARIES = ("renormalize", "edge", "wrap", "constant")


def has_cells(coordinates: Any) -> bool:
    """Return whether an axis is given by the edges of its cells."""
    return any(isinstance(one, Cells) for one in _entries(coordinates))


def check_cells(call: Call, kernel: object, method: object, **options: Any) -> None:
    """Check the method, and that no option is set that places pixels in another way."""
    what = "coordinates of jaxup.coordinates.Cells"
    if kernel != kernels.Area(fractional=True):
        advice = "Pass method='area', or other coordinates."
        raise call.value_error(f"method='area' for {what}", f"method={method!r}", advice)
    for option, value in options.items():
        if value not in (None, "stretch", "float64"):
            advice = f"Drop {option}: the edges say where cells lie."
            raise call.value_error(f"no {option} beside {what}", f"{option}={value!r}", advice)


def size_of_cells(call: Call, coordinates: Any, size: Any) -> Any:
    """Return the size, or that of the cells where none is given and every axis has some."""
    if size is not None:
        return size
    sizes = tuple(c.out_size if isinstance(c, Cells) else None for c in _entries(coordinates))
    if None in sizes:
        rule = "a size, or jaxup.coordinates.Cells for every axis"
        raise call.value_error(rule, f"coordinates={coordinates!r}", "Pass size=, in pixels.")
    return sizes if is_sequence(coordinates) else sizes[0]


def overlaps(
    call: Call, axis: int, in_size: Any, out_size: Any, cells: Cells, boundary: Boundary
) -> Overlaps:
    """Return the recipe of an axis, if the edges fit its pixels and what lies outside."""
    option = f"coordinates of axis {axis}"
    if is_symbolic(in_size, out_size) or (cells.in_size, cells.out_size) != (in_size, out_size):
        rule = f"{option} for {in_size} cells that become {out_size}"
        advice = "Pass one edge more than there are cells, before and after, or name other axes."
        raise call.value_error(rule, repr(cells), advice)
    known = [getattr(boundaries, name) for name in _BOUNDARIES]
    if boundary not in known:
        rule = f"boundary to be one of {', '.join(map(repr, _BOUNDARIES))} for {option}"
        name = getattr(boundary, "__name__", repr(boundary))
        raise call.value_error(rule, name, "They say what lies outside the edges of cells.")
    edges, outputs = rising(cells.input_edges), rising(cells.output_edges)
    extent = (edges[-1] - edges[0]) * (1 + ROUNDING)
    if boundary is boundaries.wrap and outputs[-1] - outputs[0] > extent:
        rule = f"{option} whose output_edges make at most one turn of the input_edges"
        got = f"{outputs[0]:g} to {outputs[-1]:g} for a turn of {edges[-1] - edges[0]:g}"
        raise call.value_error(rule, got, "Check that both have the same unit.")
    inside = np.minimum(outputs[1:], edges[-1]) - np.maximum(outputs[:-1], edges[0])
    if boundary is boundaries.renormalize and (inside <= ROUNDING * np.diff(outputs)).any():
        rule = f"{option} whose output cells each cover some of {edges[0]:g} to {edges[-1]:g}"
        got = f"output_edges from {outputs[0]:g} to {outputs[-1]:g}"
        advice = "Pass boundary='wrap' for an axis that goes round, or 'constant' with fill_value."
        raise call.value_error(rule, got, advice)
    return Overlaps(cells, boundary)


def _entries(coordinates: Any) -> tuple[Any, ...]:
    return tuple(coordinates) if is_sequence(coordinates) else (coordinates,)
