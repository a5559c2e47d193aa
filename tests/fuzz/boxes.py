"""Draws of boxes of images: jaxup's, TensorFlow's and torchvision's, by their docstrings."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from hypothesis import strategies as st

from tests.fuzz.definition import WEIGHTS, Rows, interpolated, rounded, sampled
from tests.fuzz.drawn import FLOATS, Draw, Numbers, Wanted, dtypes, product
from tests.fuzz.own import BOUNDARIES, METHODS, RANKS, within_the_image


def stacked(parts: list[Wanted], shape: tuple[int, ...], slack: float) -> Wanted:
    """What is wanted of every box, along a first axis."""
    if not parts:
        return Wanted(np.zeros((0, *shape)), np.zeros((), bool))
    unsure = [np.broadcast_to(part.unsure, part.values.shape) for part in parts]
    gain = max(part.gain for part in parts)
    return Wanted(np.stack([part.values for part in parts]), np.stack(unsure), gain, slack)


def _numbers(draw: Any, value: Any) -> Any:
    """An array of JAX, or the numbers themselves."""
    return Numbers(value) if draw(st.booleans()) else tuple(value)


@st.composite
def crops(draw: Any) -> Draw:
    """`jaxup.crop_and_resize`: boxes inside, outside, flipped and of no extent."""
    method = draw(st.sampled_from(METHODS))
    count = RANKS.get(method) or draw(st.sampled_from([1, 2, 2, 3]))
    spline = method.startswith("bspline")
    sizes = [draw(st.integers(1, 12 if count < 3 else 6)) for _ in range(count)]
    images = draw(st.sampled_from([None, 1, 2, 3]))
    rest = [draw(st.sampled_from([1, 2, 3, 5])) for _ in range(draw(st.integers(0, 2)))]
    order = draw(st.permutations(range(count + len(rest))))
    inner = [[*sizes, *rest][n] for n in order]
    axes = [order.index(n) for n in range(count)]  # of an image
    out = tuple(draw(st.integers(1, 7)) for _ in sizes)
    n = draw(st.sampled_from([0, 1, 1, 2, 3, 4]))
    place = [
        st.one_of(st.sampled_from([0.0, size, size / 2, -1.25, size + 1.5]), st.integers(-4, 16))
        for size in sizes
    ]
    boxes = [
        [[float(draw(place[a])), float(draw(place[a]))] for a in range(count)] for _ in range(n)
    ]
    if method == "area":
        boxes = [[[low, high + (low == high)] for low, high in box] for box in boxes]
    boundary = draw(st.sampled_from(BOUNDARIES[1:] if spline else BOUNDARIES))
    antialias = not spline and draw(st.booleans())
    ahead = images is not None
    named = tuple(a + ahead - (len(inner) + ahead) * draw(st.integers(0, 1)) for a in axes)
    options: dict[str, Any] = {
        "boxes": _numbers(draw, boxes) if n else np.zeros((0, count, 2), np.float32),
        "size": out, "method": method, "axes": named, "boundary": boundary, "antialias": antialias,
    }  # fmt: skip
    steps = [[(high - low) / m for (low, high), m in zip(box, out, strict=True)] for box in boxes]
    if draw(st.booleans()) or isinstance(options["boxes"], Numbers):
        options["max_shrink"] = max([1.0, *(abs(step) for box in steps for step in box)]) * 1.001
    where = [draw(st.integers(0, (images or 1) - 1)) for _ in range(n)]
    if ahead:
        options["box_indices"] = _numbers(draw, where) if n else ()
    fill = 1 if boundary == "constant" and draw(st.booleans()) else None
    if fill:
        options["fill_value"] = fill

    def expected(x: np.ndarray) -> Wanted:
        parts: list[Wanted] = []
        for box, each, image in zip(boxes, steps, where, strict=True):
            matrices: dict[int, Rows] = {}
            for a, (low, _), step, m, size in zip(axes, box, each, out, sizes, strict=True):
                coordinate = low + (np.arange(m) + 0.5) * step - 0.5
                rows = sampled(
                    method, coordinate, size, boundary, step=step, antialias=antialias, near=1e-4
                )
                if boundary == "renormalize" and method != "nearest":
                    rows = within_the_image(rows, coordinate, size, 1e-4)
                matrices[a] = rows
            parts.append(product(x[image] if ahead else x, matrices, fill))
        shape = list(inner)
        for a, m in zip(axes, out, strict=True):
            shape[a] = m
        return stacked(parts, tuple(shape), 1e-3 if method == "area" else 1e-4)

    shape = (*([images] if ahead else []), *inner)
    return Draw(
        "jaxup.crop_and_resize", "x", shape, draw(dtypes(method)), draw(st.integers(0, 99)),
        options, expected=expected, slack=1e-4,
    )  # fmt: skip


@st.composite
def tensorflow_crops(draw: Any) -> Draw:
    batch, height, width = draw(st.integers(1, 3)), draw(st.integers(1, 9)), draw(st.integers(1, 9))
    channels, out = draw(st.integers(1, 3)), (draw(st.integers(1, 6)), draw(st.integers(1, 6)))
    side = st.one_of(st.sampled_from([0.0, 1.0, 0.5, -0.25, 1.25]), st.floats(-0.5, 1.5, width=16))
    n = draw(st.integers(1, 3))
    boxes = [[float(draw(side)) for _ in range(4)] for _ in range(n)]
    where = [draw(st.integers(0, batch - 1)) for _ in range(n)]
    method = draw(st.sampled_from(["bilinear", "nearest"]))
    value = draw(st.sampled_from([0.0, 1.0, -0.5]))
    options = {
        "boxes": _numbers(draw, boxes), "box_indices": _numbers(draw, where), "crop_size": out,
        "method": method, "extrapolation_value": value,
    }  # fmt: skip

    def expected(x: np.ndarray) -> Wanted:
        parts: list[Wanted] = []
        for (y1, x1, y2, x2), image in zip(boxes, where, strict=True):
            matrices: dict[int, Rows] = {}
            for axis, low, high, m, size in (
                (0, y1, y2, out[0], height),
                (1, x1, x2, out[1], width),
            ):
                i, last = np.arange(m), size - 1
                part = i / (m - 1) if m > 1 else np.array([0.5])
                position = (low + part * (high - low)) * last
                outside = (position < -1e-9) | (position > last + 1e-9)
                inner = np.clip(position, 0, last)
                if method == "nearest":
                    rows = rounded(inner, size, "round_prefer_ceil", "edge", 1e-4)
                else:
                    rows = interpolated(inner, size, WEIGHTS["linear"], "edge")
                edge = np.minimum(abs(position), abs(position - last))
                close = (edge < 1e-5) & (size > 1)
                dense = np.where(outside[:, None], 0, rows.dense)
                matrices[axis] = Rows(dense, rows.unsure | close)
            parts.append(product(x[image], matrices, value))
        return stacked(parts, (*out, channels), 1e-5)

    dtype = draw(st.sampled_from(["float32", "float32", "float16", "float64", "uint8", "int32"]))
    return Draw(
        "jaxup.compat.tensorflow.crop_and_resize", "image", (batch, height, width, channels), dtype,
        draw(st.integers(0, 99)), options, expected=expected,
    )  # fmt: skip


@st.composite
def roi_aligns(draw: Any) -> Draw:
    batch, channels = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    sizes = draw(st.integers(1, 9)), draw(st.integers(1, 9))
    out = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    scale, aligned = draw(st.sampled_from([1.0, 0.5, 2.0])), draw(st.booleans())
    n, quarters = draw(st.integers(1, 3)), st.integers(-12, 60).map(lambda k: k / 4)
    boxes = [
        [float(draw(st.integers(0, batch - 1))), *(float(draw(quarters)) for _ in range(4))]
        for _ in range(n)
    ]
    ratio = draw(st.sampled_from([-1, 0, 1, 2, 3]))
    known = tuple(map(tuple, boxes))
    several = draw(st.booleans())
    options: dict[str, Any] = {"output_size": out, "spatial_scale": scale, "aligned": aligned}
    options |= {"boxes": np.array(known, np.float32), "sampling_ratio": ratio}
    if ratio > 0 and several:
        options["boxes"] = Numbers(boxes)

    def means(low: float, high: float, m: int, size: int) -> Rows:
        low, high = (side * scale - 0.5 * aligned for side in (low, high))
        cell = (high - low if aligned else max(high - low, 1.0)) / m
        count = ratio if ratio > 0 else max(0, math.ceil(cell))
        dense, unsure = np.zeros((m, size)), np.zeros(m, bool)
        for i, sample in np.ndindex(m, count):
            position = low + i * cell + (sample + 0.5) * cell / count
            unsure[i] |= min(abs(position + 1), abs(position - size)) < 1e-4
            if -1 <= position <= size:
                inside = np.clip([position], 0, size - 1)
                dense[i] += interpolated(inside, size, WEIGHTS["linear"], "edge").dense[0] / count
        return Rows(dense, unsure)

    def expected(x: np.ndarray) -> Wanted:
        parts = [
            product(
                x[int(image)],
                {1: means(y1, y2, out[0], sizes[0]), 2: means(x1, x2, out[1], sizes[1])},
            )
            for image, x1, y1, x2, y2 in boxes
        ]
        return stacked(parts, (channels, *out), 2e-5)

    return Draw(
        "jaxup.compat.torchvision.roi_align", "input", (batch, channels, *sizes),
        draw(st.sampled_from(["float32", *FLOATS[:4]])), draw(st.integers(0, 99)), options,
        expected=expected,
    )  # fmt: skip
