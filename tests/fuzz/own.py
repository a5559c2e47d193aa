"""Draws of jaxup's own functions, each with the definition that it is held against."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import numpy as np
from hypothesis import strategies as st

from jaxup import kernels
from tests.fuzz.definition import Rows, conventional, sampled
from tests.fuzz.drawn import (
    Draw,
    Numbers,
    Place,
    Points,
    Wanted,
    dtypes,
    places,
    sizes,
    targets,
)
from tests.helpers import oracle

RANKS = {"bilinear": 2, "bicubic": 2, "trilinear": 3}
TORCH = ("nearest", "nearest-exact", "linear", "cubic", "area", "lanczos3", *RANKS)
KERNELS = {
    "linear": kernels.linear,
    "cubic": kernels.cubic(-0.5),
    "mitchell": kernels.mitchell(),
    "gaussian": kernels.gaussian(),
    "hamming": kernels.hamming,
    "lanczos2": kernels.lanczos(2),
}
METHODS = (
    *("nearest", "linear", "cubic", "mitchell", "lanczos2", "lanczos3", "lanczos4", "lanczos5"),
    *("gaussian", "hamming", "box", "area", "bspline2", "bspline3", "bspline4", "bspline5"),
    *RANKS,
)
BOUNDARIES = ("renormalize", "edge", "reflect", "mirror", "wrap", "constant")
COORDINATES = (
    *("half_pixel", "half_pixel_symmetric", "pytorch_half_pixel", "asymmetric"),
    *("align_corners", "crop_and_resize"),
)


def slack_of(sizes_in: Any, dtype: str, exact: bool = False) -> float:
    """How far weights are off where coordinates are rounded to float32."""
    if dtype in ("float64", "complex128") or exact:
        return 1e-12 * (max(sizes_in) + 8)
    return 1e-6 + 4e-7 * max(sizes_in)


def torch_rows(method: Any, n: int, out: int, scale: Any, aligned: bool, antialias: bool) -> Rows:
    """The matrix of an axis of `jaxup.upsample`."""
    if method in KERNELS.values():
        name = next(name for name, kernel in KERNELS.items() if kernel == method)
        step = 1 / scale if scale else n / out
        if aligned:
            step = (n - 1) / (out - 1) if out > 1 else 0.0
        convention = "align_corners" if aligned and not antialias else "half_pixel"
        coordinate = conventional(convention, n, out, step)
        if antialias and n == out:
            return Rows(np.eye(n), np.zeros(n, bool))
        return sampled(name, coordinate, n, "renormalize", step=step, antialias=antialias)
    dense = oracle.matrix(method, n, out, scale, align_corners=aligned, antialias=antialias)
    return Rows(dense, np.zeros(out, bool))


@st.composite
def upsamples(draw: Any) -> Draw:
    method = draw(st.sampled_from([*TORCH, *TORCH, *KERNELS.values()]))
    place: Place = draw(places(RANKS.get(method) if isinstance(method, str) else None))
    target, out, given = draw(targets(place.sizes))
    options = {**target, "method": method, **place.options()}
    several = isinstance(next(iter(target.values())), tuple)
    with_channels = several and target.get("size", ())[-1:] == place.shape[-1:]  # so it looks
    if place.given is None and (with_channels or (not several and method not in RANKS)):
        options["axes"] = place.axes  # the default is every axis but the first and the last
    smooth = not isinstance(method, str) or not (method.startswith("nearest") or method == "area")
    aligned, antialias = draw(st.booleans()) and smooth, draw(st.booleans()) and smooth
    if aligned or draw(st.booleans()):
        options["align_corners"] = aligned
    if antialias or draw(st.booleans()):
        options["antialias"] = antialias
    dtype = draw(dtypes(method if isinstance(method, str) else "kernel"))

    def rows() -> dict[int, Rows]:
        scales = given or (None,) * len(out)
        return {
            axis: torch_rows(method, n, m, scale, aligned, antialias)
            for axis, n, m, scale in zip(place.axes, place.sizes, out, scales, strict=True)
        }

    slack = slack_of((*place.sizes, *out), dtype, method == "area")
    return Draw(
        "jaxup.upsample", "x", place.shape, dtype, draw(st.integers(0, 99)), options, rows,
        slack=slack,
    )  # fmt: skip


def _one_or_many(draw: Any, choices: Any, count: int) -> tuple[Any, tuple[Any, ...]]:
    """An option, and what it means for every axis."""
    if draw(st.booleans()):
        one = draw(choices)
        return one, (one,) * count
    many = tuple(draw(choices) for _ in range(count))
    return many, many


@st.composite
def resizes(draw: Any) -> Draw:
    method = draw(st.sampled_from(METHODS))
    place: Place = draw(places(RANKS.get(method), st.one_of(st.integers(1, 12), sizes())))
    count = len(place.axes)
    target, out, given = draw(targets(place.sizes))
    options: dict[str, Any] = {**target, "method": method, **place.options(), "axes": place.axes}
    options.pop("data_format", None)
    area, spline = method == "area", method.startswith("bspline")
    choices = st.sampled_from(["half_pixel"] if area else COORDINATES)
    named, coordinates = _one_or_many(draw, choices, count)
    options["coordinates"] = named
    edges, boundaries = _one_or_many(
        draw, st.sampled_from(BOUNDARIES[1:] if spline else BOUNDARIES), count
    )
    options["boundary"] = edges
    antialias = not spline and draw(st.booleans())
    options["antialias"] = antialias
    fill = beyond = None
    if draw(st.booleans()) and not area:
        beyond = options["fill_beyond"] = draw(st.sampled_from(["centers", "edges"]))
    dtype = draw(dtypes(method))
    if beyond or "constant" in boundaries:
        fill = options["fill_value"] = draw(st.sampled_from([0, 1]))
    rounding = "round_prefer_ceil"
    if method == "nearest" and draw(st.booleans()):
        rounding = options["rounding"] = draw(
            st.sampled_from(["floor", "ceil", "round_prefer_floor", "round_prefer_ceil"])
        )
    single = draw(st.sampled_from([False, False, True]))
    if single:
        options["precision"] = "float32"
    regions: tuple[Any, ...] = (None,) * count
    boxes = [(0.0, float(n)) for n in place.sizes]
    if "crop_and_resize" in coordinates:
        number = st.sampled_from([0.0, 1.0, 0.25, -0.3, 1.4, 0.5, 0.7])
        regions = options["roi"] = tuple((draw(number), draw(number)) for _ in range(count))
    elif draw(st.sampled_from([False, False, False, True])):
        boxes = [(0.25 * n, 0.75 * n + 0.125) for n in place.sizes]
        options["box"] = tuple(boxes)
        if given:
            lengths = [high - low for low, high in boxes]
            if any(int(n * s) < 1 for n, s in zip(lengths, given, strict=True)):
                options["scale"], given = 4, (4,) * count
            out = tuple(int(n * s) for n, s in zip(lengths, given, strict=True))
    elif given is None and draw(st.sampled_from([False, False, True])):
        policy = options["keep_aspect"] = draw(st.sampled_from(["not_larger", "not_smaller"]))
        fit = min if policy == "not_larger" else max
        common = fit(m / n for m, n in zip(out, place.sizes, strict=True))
        out = tuple(max(1, int(common * n + 0.5)) for n in place.sizes)
        if any(int(common * n + 0.5) < 1 for n in place.sizes):
            del options["keep_aspect"]
            size = options["size"]
            out = size if isinstance(size, tuple) else (size,) * count
        else:
            given = (common,) * count

    def rows() -> dict[int, Rows]:
        found: dict[int, Rows] = {}
        for n, (axis, size) in enumerate(zip(place.axes, place.sizes, strict=True)):
            low, high = boxes[n]
            step = 1 / given[n] if given else (high - low) / out[n]
            if coordinates[n] == "crop_and_resize" and not given:
                start, end = regions[n]
                step = (end - start) * (size - 1) / (out[n] - 1) if out[n] > 1 else 0.0
            if coordinates[n] == "align_corners":
                step = (high - low - 1) / (out[n] - 1) if out[n] > 1 else 0.0
            extent: Any = high - low
            coordinate = conventional(coordinates[n], extent, out[n], step, regions[n]) + low
            if coordinates[n] == "crop_and_resize":
                coordinate = conventional(coordinates[n], size, out[n], step, regions[n])
            found[axis] = _resized(
                method, coordinate, size, boundaries[n], step, antialias, rounding, single, beyond
            )
        return found

    slack = 4 * slack_of((*place.sizes, *out), "float32") if single else 1e-9
    return Draw(
        "jaxup.resize", "x", place.shape, dtype, draw(st.integers(0, 99)), options, rows, fill,
        slack=slack,
    )  # fmt: skip


def _resized(
    method: str,
    coordinate: Any,
    size: int,
    boundary: str,
    step: float,
    antialias: bool,
    rounding: str,
    single: bool,
    beyond: str | None,
) -> Rows:
    near = 1e-5 if single else 1e-8
    rows = sampled(
        method, coordinate, size, boundary, step=step, antialias=antialias, rounding=rounding,
        near=near,
    )  # fmt: skip
    if beyond is None:
        return rows
    margin = {"centers": 0.0, "edges": 0.5}[beyond]
    outside = (coordinate < -margin - 1e-9) | (coordinate > size - 1 + margin + 1e-9)
    edges = abs(coordinate + margin), abs(coordinate - (size - 1 + margin))
    close = (np.minimum(*edges) < near) & (single | (np.minimum(*edges) > 1e-10))
    dense = np.where(outside[:, None], 0, rows.dense)
    return Rows(dense, (rows.unsure & ~outside) | close)


@st.composite
def moves(draw: Any) -> Draw:
    """`scale_and_translate`, with numbers that are known or that only the program knows."""
    method = draw(st.sampled_from([m for m in METHODS if not m.startswith("bspline")]))
    place: Place = draw(places(RANKS.get(method), st.one_of(st.integers(1, 12), sizes())))
    count = len(place.axes)
    out = tuple(draw(sizes()) for _ in place.axes)
    numbers = st.sampled_from([1.0, 2.0, 0.5, 1.7, -1.0, 0.3, 3.0, -0.6, 0.125])
    scale = [draw(numbers) for _ in range(count)]
    translation = [draw(st.sampled_from([0.0, 0.5, -1.25, 3.0, -7.0])) for _ in range(count)]
    boundary = draw(st.sampled_from(BOUNDARIES))
    antialias = draw(st.booleans())
    aligned = method != "area" and draw(st.booleans())
    traced = draw(st.booleans())
    fits = draw(st.sampled_from([False, False, False, True]))
    number: Any = Numbers if traced else tuple
    options: dict[str, Any] = {
        "size": out,
        "scale": None if fits else number(scale),
        "translation": number(translation),
        "method": method,
        "axes": place.axes,
        "boundary": boundary,
        "antialias": antialias,
        "align_corners": aligned,
    }
    if fits:
        scale = []
        for n, m in zip(place.sizes, out, strict=True):
            step = n / m if not aligned else (n - 1) / (m - 1) if m > 1 else 0.0
            scale.append(1 / step if step else math.inf)
    if traced or draw(st.booleans()):
        options["max_shrink"] = max(1.0, *(abs(1 / s) for s in scale)) * 1.001
    fill = options["fill_value"] = 1 if boundary == "constant" and draw(st.booleans()) else None

    def rows() -> dict[int, Rows]:
        found: dict[int, Rows] = {}
        for axis, n, m, s, t in zip(place.axes, place.sizes, out, scale, translation, strict=True):
            i = np.arange(m, dtype=np.float64) - t
            coordinate = i / s if aligned else (i + 0.5) / s - 0.5
            near = 1e-4 if traced else 1e-8
            one = sampled(
                method, coordinate, n, boundary, step=1 / s, antialias=antialias, near=near
            )
            if boundary == "renormalize" and method != "nearest":
                one = within_the_image(one, coordinate, n, near)
            found[axis] = one
        return found

    dtype = draw(dtypes(method))
    slack = 1e-4 if traced and dtype not in ("float64", "complex128") else 1e-9
    if method == "area" and traced:
        slack = 1e-3
    return Draw(
        "jaxup.scale_and_translate", "x", place.shape, dtype, draw(st.integers(0, 99)), options,
        rows, fill, slack=slack,
    )  # fmt: skip


def within_the_image(rows: Rows, coordinate: Any, n: int, near: float) -> Rows:
    """Rows that read nothing where they sample outside the image's outer edges."""
    outside = (coordinate < -0.5) | (coordinate > n - 0.5)
    edge = np.minimum(abs(coordinate + 0.5), abs(coordinate - n + 0.5))
    return Rows(np.where(outside[:, None], 0, rows.dense), rows.unsure | (edge < near))


@st.composite
def samples(draw: Any) -> Draw:
    method = draw(st.sampled_from([m for m in METHODS if m != "area"]))
    count = RANKS.get(method) or draw(st.sampled_from([1, 1, 2, 2, 3]))
    place: Place = draw(places(count, st.integers(1, 12)))
    rank = draw(st.integers(0, 2))
    shape = tuple(draw(st.integers(1, 4)) for _ in range(rank))
    number = st.one_of(
        st.integers(-20, 30).map(lambda n: n / 2), st.floats(-3, 14, width=32).map(float)
    )
    boundary = draw(st.sampled_from(BOUNDARIES[1:] if method.startswith("bspline") else BOUNDARIES))
    points = [
        np.reshape([draw(number) for _ in range(math.prod(shape))], shape).tolist()
        for _ in range(count)
    ]
    axes = place.axes
    options: dict[str, Any] = {
        "coordinates": Points(points), "method": method, "boundary": boundary, "axes": axes,
    }  # fmt: skip
    fill = 1 if boundary == "constant" and draw(st.booleans()) else None
    if fill:
        options["fill_value"] = fill

    def expected(x: np.ndarray) -> Wanted:
        first = min(axes)
        rest = [axis for axis in range(x.ndim) if axis not in axes]
        before = sum(axis < first for axis in rest)
        moved = np.moveaxis(x, axes, range(before, before + count))
        flat = [np.reshape(np.float64(p), -1) for p in points]
        each = [_sampled(method, c, n, boundary) for c, n in zip(flat, place.sizes, strict=True)]
        weights, unsure = each[0].dense, each[0].unsure
        for one in each[1:]:
            unsure = unsure | one.unsure
            weights = weights[..., None] * one.dense.reshape(
                len(one.dense), *[1] * (weights.ndim - 1), -1
            )
        y = np.tensordot(
            weights, moved, (range(1, count + 1), range(before, before + count))
        )  # points first
        y = np.moveaxis(y, 0, before)
        if fill is not None:
            cover = weights.reshape(len(weights), -1).sum(1)
            y = y + fill * (1 - cover).reshape([-1 if d == before else 1 for d in range(y.ndim)])
        gain = abs(weights[~unsure]).reshape(-1, weights[0].size).sum(1).max(initial=1)
        kept = [*y.shape[:before], *shape, *y.shape[before + 1 :]]
        mask = unsure.reshape([*[1] * before, *shape, *[1] * (len(kept) - before - rank)])
        return Wanted(y.reshape(kept), mask, gain + (fill or 0), 1e-4)

    return Draw(
        "jaxup.sample", "x", place.shape, draw(dtypes(method)), draw(st.integers(0, 99)), options,
        expected=expected, slack=1e-4,
    )  # fmt: skip


def _sampled(method: str, coordinate: Any, n: int, boundary: str) -> Rows:
    rows = sampled(method, coordinate, n, boundary, near=1e-5)
    ties = abs(coordinate * 2 - np.rint(coordinate * 2)) == 0
    if method == "nearest":  # halves are exact in float32
        rows = Rows(rows.dense, rows.unsure & ~ties)
    if boundary == "renormalize" and method != "nearest":
        outside = (coordinate < -0.5) | (coordinate > n - 0.5)
        return Rows(np.where(outside[:, None], 0, rows.dense), rows.unsure)
    return rows


@st.composite
def embeddings(draw: Any) -> Draw:
    old = draw(st.integers(1, 9)), draw(st.integers(1, 9))
    new = draw(st.integers(1, 12)), draw(st.integers(1, 12))
    prefix, channels = draw(st.integers(0, 2)), draw(st.integers(1, 5))
    method = draw(st.sampled_from(["bicubic", "bilinear", "lanczos3", "linear", "nearest-exact"]))
    smooth = method != "nearest-exact"
    antialias = smooth and draw(st.booleans())
    aligned = smooth and draw(st.sampled_from([False, False, True]))
    offset = 0.0 if aligned else draw(st.sampled_from([0.0, 0.0, 0.1]))
    batch = draw(st.sampled_from([(), (1,), (2,)]))
    shape = (*batch, prefix + old[0] * old[1], channels)
    largest = None
    options: dict[str, Any] = {"grid": old, "new_grid": new, "prefix": prefix, "method": method}
    options |= {"antialias": antialias, "align_corners": aligned, "offset": offset}
    if draw(st.sampled_from([False, False, True])):
        largest = options["max_grid"] = tuple(n + draw(st.integers(0, 3)) for n in new)

    def expected(x: np.ndarray) -> Wanted:
        table = x[..., prefix:, :].reshape(*batch, *old, channels)
        gain = 1.0
        for axis, (n, m) in enumerate(zip(old, new, strict=True)):
            scale = (m + offset) / n if offset else None
            dense = oracle.matrix(method, n, m, scale, align_corners=aligned, antialias=antialias)
            gain *= max(1, abs(dense).sum(1).max())
            table = oracle.along(table, len(batch) + axis, dense)
        if largest is not None:
            wide = np.zeros((*batch, *largest, channels), table.dtype)
            wide[..., : new[0], : new[1], :] = table
            table = wide
        flat = table.reshape(*batch, -1, channels)
        y = np.concatenate([x[..., :prefix, :], flat], axis=-2)
        return Wanted(y, np.zeros((), bool), gain, 2e-5)

    return Draw(
        "jaxup.resize_position_embedding", "table", shape, draw(dtypes(method)),
        draw(st.integers(0, 99)), options, expected=expected, slack=2e-5,
    )  # fmt: skip


@st.composite
def shuffles(draw: Any) -> Draw:
    """`pixel_shuffle` and `pixel_unshuffle`, by the formula of every element."""
    d, channels = draw(st.integers(1, 3)), draw(st.integers(0, 3))
    factors = tuple(draw(st.integers(1, 3)) for _ in range(d))
    sizes = tuple(draw(st.integers(0, 5 - d)) for _ in range(d))
    batch = draw(st.sampled_from([(), (2,), (0,), (2, 1)]))
    last, order = draw(st.booleans()), draw(st.sampled_from(["torch", "tensorflow"]))
    name = draw(st.sampled_from(["pixel_shuffle", "pixel_unshuffle"]))
    small, group = name == "pixel_shuffle", math.prod(factors)
    grouped = (*sizes, channels * group)
    interleaved = (*(n * r for n, r in zip(sizes, factors, strict=True)), channels)
    before, after = (grouped, interleaved) if small else (interleaved, grouped)

    def expected(x: np.ndarray) -> Wanted:
        image = x if last else np.moveaxis(x, -d - 1, -1)
        y = np.zeros((*batch, *after), x.dtype)
        for together in np.ndindex(*interleaved):
            *pixel, c = together
            within = 0
            for n, r in zip(pixel, factors, strict=True):
                within = within * r + n % r
            channel = c * group + within if order == "torch" else within * channels + c
            apart = (*(n // r for n, r in zip(pixel, factors, strict=True)), channel)
            source, target = (apart, together) if small else (together, apart)
            y[(..., *target)] = image[(..., *source)]
        return Wanted(y if last else np.moveaxis(y, -1, -d - 1), np.zeros((), bool), 0.0)

    shape = before if last else (before[-1], *before[:-1])
    data_format = "channels_last" if last else "channels_first"
    options = {"factor": factors, "order": order, "data_format": data_format}
    if d == 2 and factors[0] == factors[1]:
        options["factor"] = factors[0]
    return Draw(
        f"jaxup.{name}", "x", (*batch, *shape), draw(dtypes("nearest")), draw(st.integers(0, 99)),
        options, expected=expected,
    )  # fmt: skip


@dataclasses.dataclass(frozen=True)
class Matrix:
    """A call of `resize_matrix`."""

    in_size: int
    out_size: int
    method: str
    align_corners: bool
    antialias: bool

    def __str__(self) -> str:
        written = ", ".join(f"{name}={value!r}" for name, value in vars(self).items())
        return f"jaxup.resize_matrix({written})"


@st.composite
def matrices(draw: Any) -> Matrix:
    method = draw(
        st.sampled_from(["nearest", "nearest-exact", "linear", "cubic", "area", "lanczos3"])
    )
    smooth = method in ("linear", "cubic", "lanczos3")
    aligned, antialias = (smooth and draw(st.booleans()) for _ in range(2))
    return Matrix(draw(sizes()), draw(sizes()), method, aligned, antialias)
