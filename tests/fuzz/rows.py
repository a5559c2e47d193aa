"""Draws of cells, of filters, and of positions of patches: matrices from numbers of one's own."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st

from jaxup import coordinates
from tests.fuzz.definition import Rows
from tests.fuzz.drawn import FLOATS, Draw, Numbers, Place, Wanted, dtypes, places
from tests.helpers import oracle


@st.composite
def cells(draw: Any) -> Draw:
    """``method="area"`` of `resize` between edges that rise or fall."""
    place: Place = draw(places(1, st.integers(1, 12)))
    (axis,), (n,) = place.axes, place.sizes
    boundary = draw(st.sampled_from(["renormalize", "edge", "constant", "wrap"]))
    width = st.sampled_from([0.5, 1.0, 1.25, 0.3, 2.0])
    inputs = np.cumsum([0.0, *(draw(width) for _ in range(n))])
    widths = np.array([draw(width) for _ in range(draw(st.integers(1, 12)))])
    start, end = (draw(st.sampled_from([0.0, 0.1, 0.25])) for _ in range(2))
    if boundary == "constant" or boundary == "edge":
        start = -start
    low, high = start * inputs[-1], (1 - end) * inputs[-1]
    outputs = low + np.cumsum([0, *widths]) * ((high - low) / widths.sum())
    falls, sinks = draw(st.booleans()), draw(st.booleans())
    fill = draw(st.sampled_from([0, 1])) if boundary == "constant" else None
    options: dict[str, Any] = {
        "coordinates": coordinates.Cells(
            inputs[::-1].tolist() if falls else inputs.tolist(),
            outputs[::-1].tolist() if sinks else outputs.tolist(),
        ),
        "method": "area", "size": len(widths), "axes": axis, "boundary": boundary,
    }  # fmt: skip
    if fill is not None:
        options["fill_value"] = fill

    def rows() -> dict[int, Rows]:
        edges = inputs.copy()
        if boundary == "edge":  # the outermost cells have no end
            edges[0], edges[-1] = -1e9, 1e9
        below, above = outputs[:-1, None], outputs[1:, None]
        dense = np.minimum(edges[1:], above) - np.maximum(edges[:-1], below)
        dense = np.maximum(dense, 0) / (above - below)
        if boundary == "renormalize":
            dense = dense / dense.sum(1, keepdims=True)
        dense = dense[:: -1 if sinks else 1, :: -1 if falls else 1]
        return {axis: Rows(dense, np.zeros(len(dense), bool))}

    return Draw(
        "jaxup.resize", "x", place.shape, draw(st.sampled_from(FLOATS)), draw(st.integers(0, 99)),
        options, rows, fill, slack=1e-8,
    )  # fmt: skip


@st.composite
def filters(draw: Any) -> Draw:
    """`jaxup.filters.upfirdn`, with the zeros that it does not store."""
    place: Place = draw(places(draw(st.integers(1, 2)), st.integers(1, 12)))
    count = len(place.axes)
    number = st.sampled_from([1.0, 0.25, -0.5, 0.0, 0.75, 0.125])
    taps = tuple(draw(number) for _ in range(draw(st.integers(1, 9))))
    up, down = (tuple(draw(st.integers(1, 4)) for _ in range(count)) for _ in range(2))
    reach = st.integers(-2, 9)
    padding = [(draw(reach), draw(reach)) for _ in range(count)]
    for n, (size, factor) in enumerate(zip(place.sizes, up, strict=True)):
        missing = len(taps) - size * factor - sum(padding[n])
        padding[n] = padding[n][0], padding[n][1] + max(0, missing)
    gain, flip = draw(st.sampled_from([1.0, 4.0, 0.5])), draw(st.booleans())
    options: dict[str, Any] = {
        "taps": taps, "up": up, "down": down, "padding": tuple(padding), "gain": gain,
        "flip_filter": flip, "axes": place.axes,
    }  # fmt: skip

    def rows() -> dict[int, Rows]:
        found: dict[int, Rows] = {}
        for n, (axis, size) in enumerate(zip(place.axes, place.sizes, strict=True)):
            before, after = padding[n]
            spread = np.zeros((size * up[n], size))
            spread[:: up[n]] = np.eye(size)
            spread = np.pad(spread, ((max(before, 0), max(after, 0)), (0, 0)))
            spread = spread[max(-before, 0) : len(spread) - max(-after, 0)]
            flat = np.array(taps if flip else taps[::-1])
            starts = range(0, len(spread) - len(taps) + 1, down[n])
            dense = np.array([flat @ spread[j : j + len(taps)] for j in starts])
            dense = dense * (gain if n == 0 else 1)
            found[axis] = Rows(dense, np.zeros(len(dense), bool))
        return found

    return Draw(
        "jaxup.filters.upfirdn", "x", place.shape, draw(st.sampled_from(FLOATS)),
        draw(st.integers(0, 99)), options, rows, slack=1e-9,
    )  # fmt: skip


@st.composite
def patches(draw: Any) -> Draw:
    """`jaxup.sample_position_embedding`, a grid for every example, padding among its patches."""
    old = draw(st.integers(1, 7)), draw(st.integers(1, 7))
    prefix, channels, tokens = (draw(st.integers(low, 4)) for low in (0, 1, 1))
    method = draw(st.sampled_from(["bicubic", "bilinear", "lanczos3", "nearest-exact", "area"]))
    smooth = method not in ("nearest-exact", "area")
    antialias = smooth and draw(st.booleans())
    aligned = smooth and draw(st.sampled_from([False, False, True]))
    offset = 0.0 if aligned or method == "area" else draw(st.sampled_from([0.0, 0.0, 0.1]))
    count = draw(st.integers(1, 3))
    grids = [[draw(st.integers(1, 10)), draw(st.integers(1, 10))] for _ in range(count)]
    spot = [[st.integers(-1, n) for n in grid] for grid in grids]
    at = [[[draw(row), draw(column)] for _ in range(tokens)] for row, column in spot]
    options: dict[str, Any] = {
        "grid": old, "new_grid": Numbers(grids), "patches": Numbers(at), "prefix": prefix,
        "method": method, "antialias": antialias, "align_corners": aligned, "offset": offset,
    }  # fmt: skip
    batch = draw(st.sampled_from([1, count]))

    def expected(x: np.ndarray) -> Wanted:
        parts: list[np.ndarray] = []
        gain = 1.0
        for n, grid in enumerate(grids):
            table = x[n % batch]
            y = table[prefix:].reshape(*old, channels)
            for axis, (size, m) in enumerate(zip(old, grid, strict=True)):
                scale = (m + offset) / size if offset else None
                dense = oracle.matrix(
                    method, size, m, scale, align_corners=aligned, antialias=antialias
                )
                gain *= max(1.0, abs(dense).sum(1).max())
                y = oracle.along(y, axis, dense)
            zero = np.zeros(channels, x.dtype)
            picked = [y[i, j] if 0 <= i < grid[0] and 0 <= j < grid[1] else zero for i, j in at[n]]
            parts.append(np.concatenate([table[:prefix], np.stack(picked)]))
        return Wanted(np.stack(parts), np.zeros((), bool), gain, 2e-5)

    shape = (batch, prefix + old[0] * old[1], channels)
    return Draw(
        "jaxup.sample_position_embedding", "table", shape, draw(dtypes("linear")),
        draw(st.integers(0, 99)), options, expected=expected, slack=2e-5,
    )  # fmt: skip
