"""The geometry of `resize`: sizes, steps and conventions from options that bear on one another."""

from __future__ import annotations

from typing import Any

from jaxup import coordinates as conventions
from jaxup._arguments.axes import one_per_axis
from jaxup._arguments.call import Call
from jaxup._arguments.methods import check_convention_name, resolve_convention
from jaxup._arguments.sizes import (
    Geometry,
    check_output,
    checked_scale,
    checked_size,
    out_size_from_scale,
    resolve,
)
from jaxup._numbers.step import Step, is_symbolic, ratio
from jaxup.coordinates import Convention

# These ask whether the output is a single pixel.
_SINGULAR = ("pytorch_half_pixel", conventions.pytorch_half_pixel)

Pairs = tuple[tuple[float, float], ...]


def resolve_sizes(
    call: Call,
    *,
    size: Any,
    scale: Any,
    axes: Any,
    data_format: str,
    rank: int | None,
    method: object,
    box: Pairs | None,
    keep_aspect: str,
) -> tuple[Geometry, Pairs]:
    """Return the axes with their sizes and given scales, and the part of each to resample."""
    if size is None and scale is None:
        advice = f"Pass {call.option('size')} (in pixels) or {call.option('scale')} (a factor)."
        raise call.value_error("a size, a scale, or both", "neither", advice)
    if keep_aspect != "stretch" and (size is None or scale is not None):
        rule = f"a size and no scale for {call.option('keep_aspect')}={keep_aspect!r}"
        advice = "Pass the size to fit: keep_aspect finds the scale."
        raise call.value_error(rule, f"size={size}, scale={scale}", advice)
    if axes is None and rank is None and box is not None and isinstance(size or scale, int | float):
        size, scale = (None if v is None else (v,) * len(box) for v in (size, scale))
    alone = scale if size is None else None
    geometry = resolve(
        call, scale=alone, size=size, axes=axes, data_format=data_format, rank=rank, method=method
    )
    if box is not None or keep_aspect != "stretch":
        option = f"box={box}" if box is not None else f"keep_aspect={keep_aspect!r}"
        check_known(call, geometry, option)
    boxes = _boxes(call, geometry, box)
    extents = [high - low for low, high in boxes]
    sizes, scales = geometry.out_sizes, geometry.scales
    if size is None and box is not None:
        scales = one_per_axis(call, "scale", scale, geometry.axes)
        pairs = zip(extents, scales, strict=True)
        sizes = tuple(out_size_from_scale(call, extent, s) for extent, s in pairs)
    elif scale is not None and size is not None:
        scales = one_per_axis(call, "scale", scale, geometry.axes)
        advice = "Scales below 1 shrink, scales above 1 enlarge."
        scales = tuple(call.as_float("scale", checked_scale(call, s), advice) for s in scales)
    elif keep_aspect != "stretch":
        fit = {"not_larger": min, "not_smaller": max}[keep_aspect]
        common = fit(n / extent for n, extent in zip(sizes, extents, strict=True))
        sizes = tuple(checked_size(call, int(common * extent + 0.5)) for extent in extents)
        check_output(call, geometry.axes, sizes, "size")
        scales = (common,) * len(sizes)
    return geometry._replace(out_sizes=sizes, scales=scales), boxes


def check_known(call: Call, geometry: Geometry, option: str) -> None:
    """Check that no axis is symbolic: its size would decide what the option does."""
    if is_symbolic(*geometry.in_sizes, *geometry.out_sizes):
        raise call.value_error(
            "spatial axes of a known size",
            option,
            "With symbolic sizes, use half_pixel, half_pixel_symmetric, asymmetric or"
            " align_corners on the whole image.",
        )


def _boxes(call: Call, geometry: Geometry, box: Pairs | None) -> Pairs:
    if box is None:
        return tuple((0, n) for n in geometry.in_sizes)
    boxes = _one_pair_per_axis(call, "box", box, geometry.axes)
    for (low, high), in_size in zip(boxes, geometry.in_sizes, strict=True):
        if not 0 <= low < high <= in_size:
            raise call.value_error(
                f"a box with 0 <= low < high <= {in_size} on an axis of {in_size} pixels",
                f"box={box}",
                "Pad the array first, or use coordinates='crop_and_resize', whose roi may reach"
                " outside.",
            )
    return boxes


def _one_pair_per_axis(call: Call, option: str, value: Pairs, axes: tuple[int, ...]) -> Pairs:
    if len(value) != len(axes):
        rule = f"{len(axes)} pairs in {option} (one per spatial axis)"
        advice = f"The spatial axes are {axes}; name others with axes=."
        raise call.value_error(rule, f"{option}={value}", advice)
    return value


def resolve_coordinates(
    call: Call,
    geometry: Geometry,
    boxes: Pairs,
    *,
    coordinates: Any,
    roi: Pairs | None,
    boxed: bool,
    one_scale: bool,
) -> list[tuple[Convention, Step | float]]:
    """Return where each axis samples, and its source pixels per output pixel.

    Args:
      boxed: whether ``boxes`` are the user's.
      one_scale: whether sizes and scales, where both are given, say the same.
    """
    named = one_per_axis(call, "coordinates", coordinates, geometry.axes)
    for name in named:
        if not callable(name):
            check_convention_name(call, name)
    _check_regions(call, named, roi, boxed)
    regions = boxes if roi is None else _one_pair_per_axis(call, "roi", roi, geometry.axes)
    resolved: list[tuple[Convention, Step | float]] = []
    for n, name in enumerate(named):
        in_size, out_size = geometry.in_sizes[n], geometry.out_sizes[n]
        low, high = boxes[n]
        if name == "crop_and_resize" or name in _SINGULAR:
            check_known(call, geometry, f"coordinates={name!r}")
        step = ratio(high - low, out_size) if geometry.scales is None else 1 / geometry.scales[n]
        if name == "crop_and_resize":
            start, end = regions[n]
            convention = conventions.CropAndResize(start, end)
            if geometry.scales is None:
                step = (end - start) * conventions.align_corners_step(in_size, out_size)
        else:
            convention = resolve_convention(call, name)
        if convention is conventions.align_corners:
            if not one_scale:
                rule = "either size or scale for coordinates='align_corners'"
                raise call.value_error(rule, "both", "Drop scale: the corners decide it.")
            if is_symbolic(in_size, out_size):
                step = ratio(in_size - 1, out_size - 1)
            else:
                step = conventions.align_corners_step(high - low, out_size)
        if boxed:
            convention = conventions.Cropped(convention, low, high)
        resolved.append((convention, step))
    return resolved


def _check_regions(call: Call, named: tuple[Any, ...], roi: Pairs | None, boxed: bool) -> None:
    crops = "crop_and_resize" in named
    if crops and boxed:
        advice = "Drop box, or choose other coordinates."
        raise call.value_error("roi, not box, for coordinates='crop_and_resize'", "a box", advice)
    if crops and roi is None:
        advice = "Pass roi=((start, end), ...), one pair per spatial axis."
        raise call.value_error("a roi for coordinates='crop_and_resize'", "none", advice)
    if roi is not None and not crops:
        rule = "roi only with coordinates='crop_and_resize'"
        advice = "Drop roi, choose those coordinates, or crop with box, in pixels."
        raise call.value_error(rule, f"coordinates={named[0]!r}", advice)
