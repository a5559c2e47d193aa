"""Draws of `jaxup.compat` whose definition is the library itself, where it is installed."""

from __future__ import annotations

import importlib.util
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
from hypothesis import strategies as st

from tests.fuzz.drawn import Draw, Numbers, Wanted

SURE = np.zeros((), bool)
SCIPY_MODES = (
    *("constant", "grid-constant", "nearest", "mirror", "reflect", "grid-mirror", "grid-wrap"),
    "wrap",
)
ODD = st.integers(-900, 900).map(lambda n: n / 100 + 0.00317)  # no tie, and no border


@st.composite
def scipy_calls(draw: Any) -> Draw:
    """Of arrays of 8 to 14 pixels an axis, for SciPy's recursions start a little off."""
    from scipy import ndimage

    name = draw(st.sampled_from(["zoom", "shift", "rotate", "affine_transform", "map_coordinates"]))
    rank = draw(st.integers(1 + (name == "rotate"), 2))
    shape = tuple(draw(st.integers(8, 14)) for _ in range(rank))
    options: dict[str, Any] = {
        "order": draw(st.integers(0, 5)), "mode": draw(st.sampled_from(SCIPY_MODES)),
        "cval": draw(st.sampled_from([0.0, 0.4])), "prefilter": draw(st.booleans()),
    }  # fmt: skip
    known = draw(st.booleans())
    number: Any = tuple if known else Numbers
    if name == "zoom":
        factors = st.sampled_from([0.37, 0.7, 1.0, 1.3, 2.3])
        options |= {"zoom": tuple(draw(factors) for _ in shape), "grid_mode": draw(st.booleans())}
    elif name == "shift":
        options["shift"] = number(draw(ODD) for _ in shape)
    elif name == "rotate":
        options |= {"angle": draw(ODD) * 20, "reshape": draw(st.booleans())}
    elif name == "affine_transform":
        matrix = [[draw(ODD) / 6 for _ in shape] for _ in shape]
        diagonal = draw(st.booleans())
        options["matrix"] = number([row[n] for n, row in enumerate(matrix)] if diagonal else matrix)
        options["offset"] = tuple(draw(ODD) for _ in shape)
    else:
        options["coordinates"] = number([draw(ODD) for _ in range(5)] for _ in shape)

    def expected(x: np.ndarray) -> Wanted:
        given = {n: np.array(v) if isinstance(v, tuple) else v for n, v in options.items()}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # advice about modes
            y = getattr(ndimage, name)(x, **given)
        return Wanted(np.asarray(y), SURE, 1.0, 2e-4)

    dtype = draw(st.sampled_from(["float32", "float32", "float64", "bfloat16", "uint8", "int16"]))
    return Draw(
        f"jaxup.compat.scipy.{name}", "input", shape, dtype, draw(st.integers(0, 99)), options,
        expected=expected,
    )  # fmt: skip


@st.composite
def pillow_resizes(draw: Any) -> Draw:
    from PIL import Image

    height, width = draw(st.integers(1, 30)), draw(st.integers(1, 30))
    size = draw(st.integers(1, 30)), draw(st.integers(1, 30))
    options: dict[str, Any] = {"size": size, "resample": draw(st.integers(0, 5))}
    if draw(st.booleans()):
        options["box"] = (width / 8, height / 4, width / 2, height * 0.75)
    dtype = draw(st.sampled_from(["float32", "float32", "float64", "uint8", "uint8", "bool"]))

    def expected(x: np.ndarray) -> Wanted:
        narrow = {"uint8": np.uint8, "bool": np.bool_}.get(dtype, np.float32)
        y = Image.fromarray(x.astype(narrow)).resize(**options)
        return Wanted(np.asarray(y, np.float64), SURE, 1.0, 2e-5)

    return Draw(
        "jaxup.compat.pillow.resize", "image", (height, width), dtype, draw(st.integers(0, 99)),
        options, expected=expected,
    )  # fmt: skip


@st.composite
def opencv_calls(draw: Any) -> Draw:
    """Points in 32nds of a pixel, to which OpenCV rounds them for cubic and Lanczos.

    They lie at most a picture outside the picture: further out OpenCV's cubic misses its border.
    """
    import cv2

    name = draw(st.sampled_from(["resize", "remap", "warp_affine"]))
    channels = draw(st.sampled_from([(), (1,), (3,)]))
    shape = (draw(st.integers(2, 14)), draw(st.integers(2, 14)), *channels)
    size = draw(st.integers(1, 20)), draw(st.integers(1, 20))
    border = {"borderMode": draw(st.integers(0, 4))}
    border["borderValue"] = draw(st.sampled_from([0, 1, (1, 2, 3)]))
    if name == "resize":
        by_area = all(m <= n for m, n in zip(size, (shape[1], shape[0]), strict=True))
        methods = [0, 1, 2, 4, 5, *([3] if by_area else [])]  # see docs/conventions.md
        options: dict[str, Any] = {"dsize": size, "interpolation": draw(st.sampled_from(methods))}
    elif name == "remap":
        columns, rows = (
            [[(2 * draw(st.integers(-16 * n, 32 * n - 1)) + 1) / 32 for _ in range(5)]]
            for n in (shape[1], shape[0])
        )
        options = {"map1": Numbers(columns), "map2": Numbers(rows), **border}
        options["interpolation"] = draw(st.integers(0, 4))
    else:
        size = draw(st.integers(1, shape[1])), draw(st.integers(1, shape[0]))
        offset = st.integers(-31, 31).map(lambda n: (2 * n + 1) / 32)
        matrix = [[1, 0, draw(offset)], [0, 1, draw(offset)]]
        flags = draw(st.integers(0, 4)) + draw(st.sampled_from([0, 16]))
        options = {"M": Numbers(matrix), "dsize": size, "flags": flags, **border}

    def expected(x: np.ndarray) -> Wanted:
        given = {
            n: np.array(v, np.float32) if isinstance(v, Numbers) else v for n, v in options.items()
        }
        function = {"warp_affine": "warpAffine"}.get(name, name)
        y = getattr(cv2, function)(x.astype(np.float32), **given)
        columns = y.shape[:2] + channels
        return Wanted(y.reshape(columns).astype(np.float64), SURE, 1.0, 2e-5)

    dtype = draw(st.sampled_from(["float32", "float32", "float64", "float16"]))
    return Draw(
        f"jaxup.compat.opencv.{name}", "src", shape, dtype, draw(st.integers(0, 99)), options,
        expected=expected,
    )  # fmt: skip


ALL: dict[str, tuple[str, Callable[[], Any]]] = {
    "compat.scipy": ("scipy", scipy_calls),
    "compat.pillow": ("PIL", pillow_resizes),
    "compat.opencv": ("cv2", opencv_calls),
}
CALLS = {name: calls for name, (peer, calls) in ALL.items() if importlib.util.find_spec(peer)}
