"""The geometry of `resize`: sizes, steps and conventions from options that bear on one another."""

from __future__ import annotations

import dataclasses

from jaxup import coordinates as conventions
from jaxup._errors import message, unknown_name
from jaxup._geometry import (
    Geometry,
    checked_scale,
    checked_size,
    one_per_axis,
    out_size_from_scale,
    resolve,
)
from jaxup._resize_options import CONVENTIONS
from jaxup._symbolic import is_symbolic, ratio
from jaxup.coordinates import Convention

# These ask whether the output is a single pixel.
_SINGULAR = ("pytorch_half_pixel", conventions.pytorch_half_pixel)

Pairs = tuple[tuple[float, float], ...]


def sizes_and_scales(
    function, shape, *, size, scale, axes, data_format, rank, method, box, keep_aspect
) -> tuple[Geometry, Pairs]:
    """The axes with their sizes and given scales, and the part of each that is resampled."""
    if size is None and scale is None:
        raise ValueError(
            message(
                function,
                "a size, a scale, or both",
                "neither",
                shape,
                "Pass size (in pixels) or scale (a factor).",
            )
        )
    if keep_aspect != "stretch" and (size is None or scale is not None):
        raise ValueError(
            message(
                function,
                f"a size and no scale for keep_aspect={keep_aspect!r}",
                f"size={size}, scale={scale}",
                shape,
                "Pass the size to fit: keep_aspect finds the scale.",
            )
        )
    if axes is None and rank is None and box is not None and isinstance(size or scale, int | float):
        size, scale = (None if v is None else (v,) * len(box) for v in (size, scale))
    geometry = resolve(
        function,
        shape,
        scale=scale if size is None else None,
        size=size,
        axes=axes,
        data_format=data_format,
        method_rank=rank,
        method_name=method,
    )
    if box is not None or keep_aspect != "stretch":
        option = f"box={box}" if box is not None else f"keep_aspect={keep_aspect!r}"
        check_known(function, geometry, option, shape)
    boxes = _boxes(function, geometry, box, shape)
    extents = [high - low for low, high in boxes]
    sizes, scales = geometry.out_sizes, geometry.scales
    if size is None and box is not None:
        scales = one_per_axis(function, "scale", scale, geometry.axes, shape)
        pairs = zip(extents, scales, strict=True)
        sizes = [out_size_from_scale(function, extent, s, shape) for extent, s in pairs]
    elif scale is not None and size is not None:
        scales = one_per_axis(function, "scale", scale, geometry.axes, shape)
        scales = [float(checked_scale(function, s, shape)) for s in scales]
    elif keep_aspect != "stretch":
        fit = {"not_larger": min, "not_smaller": max}[keep_aspect]
        common = fit(n / extent for n, extent in zip(sizes, extents, strict=True))
        sizes = [checked_size(function, int(common * extent + 0.5), shape) for extent in extents]
        scales = [common] * len(sizes)
    scales = None if scales is None else tuple(scales)
    return dataclasses.replace(geometry, out_sizes=tuple(sizes), scales=scales), boxes


def check_known(function, geometry: Geometry, option, shape):
    """That no axis is symbolic, whose size would decide what the option does."""
    if is_symbolic(*geometry.in_sizes, *geometry.out_sizes):
        raise ValueError(
            message(
                function,
                "spatial axes of a known size",
                option,
                shape,
                "With symbolic sizes, use half_pixel, half_pixel_symmetric, asymmetric or"
                " align_corners on the whole picture.",
            )
        )


def _boxes(function, geometry: Geometry, box, shape) -> Pairs:
    if box is None:
        return tuple((0, n) for n in geometry.in_sizes)
    pairs = _one_pair_per_axis(function, "box", box, geometry.axes, shape)
    for (low, high), in_size in zip(pairs, geometry.in_sizes, strict=True):
        if not 0 <= low < high <= in_size:
            raise ValueError(
                message(
                    function,
                    f"a box with 0 <= low < high <= {in_size} on an axis of {in_size} pixels",
                    f"box={box}",
                    shape,
                    "Pad the picture first, or use coordinates='crop_and_resize', whose roi may"
                    " reach outside.",
                )
            )
    return pairs


def _one_pair_per_axis(function, option, value, axes, shape) -> Pairs:
    if len(value) != len(axes):
        raise ValueError(
            message(
                function,
                f"{len(axes)} pairs in {option} (one per spatial axis)",
                f"{option}={value}",
                shape,
                f"The spatial axes are {axes}; name others with axes=.",
            )
        )
    return value


def conventions_and_steps(
    function, shape, geometry: Geometry, boxes: Pairs, *, coordinates, roi, boxed, fits
) -> list[tuple[Convention, float]]:
    """Where each axis looks, and its source pixels per output pixel.

    Args:
      boxed: whether ``boxes`` are the user's.
      fits: whether a scale, where there is one, is what the sizes were made from.
    """
    named = one_per_axis(function, "coordinates", coordinates, geometry.axes, shape)
    _check_regions(function, named, roi, boxed, shape)
    regions = boxes
    if roi is not None:
        regions = _one_pair_per_axis(function, "roi", roi, geometry.axes, shape)
    settled = []
    for n, name in enumerate(named):
        in_size, out_size = geometry.in_sizes[n], geometry.out_sizes[n]
        low, high = boxes[n]
        if name == "crop_and_resize" or name in _SINGULAR:
            check_known(function, geometry, f"coordinates={name!r}", shape)
        step = ratio(high - low, out_size) if geometry.scales is None else 1 / geometry.scales[n]
        if name == "crop_and_resize":
            start, end = regions[n]
            convention = conventions.CropAndResize(start, end)
            if geometry.scales is None:
                step = (end - start) * conventions.align_corners_step(in_size, out_size)
        else:
            convention = _named(function, name, shape)
        if convention is conventions.align_corners:
            if not fits:
                raise ValueError(
                    message(
                        function,
                        "either size or scale for coordinates='align_corners'",
                        "both",
                        shape,
                        "Drop scale: the corners decide it.",
                    )
                )
            if is_symbolic(in_size, out_size):
                step = ratio(in_size - 1, out_size - 1)
            else:
                step = conventions.align_corners_step(high - low, out_size)
        if boxed:
            convention = conventions.Cropped(convention, low, high)
        settled.append((convention, step))
    return settled


def _named(function, name, shape) -> Convention:
    if callable(name):
        return name
    names = [*CONVENTIONS, "crop_and_resize"]
    if not isinstance(name, str):
        raise TypeError(
            message(
                function,
                "coordinates to be a name or a function",
                repr(name),
                shape,
                f"The names are {', '.join(map(repr, names))}.",
            )
        )
    if name not in CONVENTIONS:
        raise ValueError(unknown_name(function, "coordinates", name, names, shape))
    return CONVENTIONS[name]


def _check_regions(function, named, roi, boxed, shape):
    crops = "crop_and_resize" in named
    if crops and boxed:
        raise ValueError(
            message(
                function,
                "roi, not box, for coordinates='crop_and_resize'",
                "a box",
                shape,
                "Drop box, or choose other coordinates.",
            )
        )
    if crops and roi is None:
        raise ValueError(
            message(
                function,
                "a roi for coordinates='crop_and_resize'",
                "none",
                shape,
                "Pass roi=((start, end), ...), one pair per spatial axis.",
            )
        )
    if roi is not None and not crops:
        raise ValueError(
            message(
                function,
                "roi only with coordinates='crop_and_resize'",
                f"coordinates={named[0]!r}",
                shape,
                "Drop roi, choose those coordinates, or crop with box, in pixels.",
            )
        )
