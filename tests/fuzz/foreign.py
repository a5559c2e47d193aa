"""Draws of `jaxup.compat`, held against the library itself where it is installed."""

from __future__ import annotations

import importlib.util
import math
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from hypothesis import strategies as st

from tests.fuzz.definition import Rows, conventional, sampled
from tests.fuzz.drawn import FLOATS, Draw, Numbers, Wanted, scales, sizes
from tests.fuzz.own import slack_of, torch_rows
from tests.helpers.torch_calls import RANKS

HAS_TORCH = importlib.util.find_spec("torch") is not None


@st.composite
def interpolations(draw: Any) -> Draw:
    mode = draw(st.sampled_from(list(RANKS)))
    count = draw(st.sampled_from(RANKS[mode]))
    in_sizes = tuple(draw(st.integers(1, 24 if count < 3 else 8)) for _ in range(count))
    shape = (draw(st.integers(0, 2)), draw(st.integers(1, 4)), *in_sizes)
    options: dict[str, Any] = {"mode": mode}
    given: Any = None
    if draw(st.booleans()):
        given = tuple(draw(scales()) for _ in in_sizes)
        if any(int(n * s) < 1 for n, s in zip(in_sizes, given, strict=True)):
            given = (2.0,) * count
        options["scale_factor"] = given
        out = tuple(int(float(n) * float(s)) for n, s in zip(in_sizes, given, strict=True))
        if draw(st.booleans()):
            options["recompute_scale_factor"] = True
            given = None
    else:
        out = options["size"] = tuple(draw(st.integers(1, 24)) for _ in in_sizes)
    smooth = mode in ("linear", "bilinear", "trilinear", "bicubic")
    aligned = smooth and draw(st.booleans())
    if aligned:
        options["align_corners"] = True
    antialias = mode == "lanczos" or (mode in ("bilinear", "bicubic") and draw(st.booleans()))
    if antialias:
        options["antialias"] = True
    if mode == "area":
        given = None
    wide = ["float32", "float32", "float64"]
    dtype = draw(st.sampled_from(wide if antialias else [*wide, "float16", "bfloat16"]))

    def rows() -> dict[int, Rows]:
        found = given or (None,) * count
        method = "lanczos3" if mode == "lanczos" else mode
        return {
            n + 2: torch_rows(method, size, m, scale, aligned, antialias)
            for n, (size, m, scale) in enumerate(zip(in_sizes, out, found, strict=True))
        }

    slack = slack_of((*in_sizes, *out), dtype, mode == "area")
    return Draw(
        "jaxup.compat.torch.interpolate", "input", shape, dtype, draw(st.integers(0, 99)), options,
        rows, slack=slack,
    )  # fmt: skip


def by_torch(draw: Draw, x: Any) -> np.ndarray:
    import torch

    given = torch.from_numpy(np.array(np.asarray(x), np.float64 if draw.is_wide else np.float32))
    given = given.to(getattr(torch, draw.dtype))
    y = torch.nn.functional.interpolate(given, **draw.options)
    return y.to(torch.float64).numpy()


IMAGE_METHODS = ("nearest", "linear", "cubic", "lanczos3", "lanczos5", "cubic-pytorch", "area")
NAMES = {"cubic-pytorch": "cubic-75"}


@st.composite
def image_resizes(draw: Any) -> Draw:
    rank = draw(st.integers(1, 3))
    shape = tuple(draw(st.integers(0, 1) | st.integers(1, 24)) for _ in range(rank))
    new = tuple(draw(st.integers(1, 24) | st.just(n)) for n in shape)
    method, antialias = draw(st.sampled_from(IMAGE_METHODS)), draw(st.booleans())
    options = {"shape": new, "method": method, "antialias": antialias}
    dtype = draw(st.sampled_from(["float32", "float32", "bfloat16", "float16", "int32", "uint8"]))

    def rows() -> dict[int, Rows]:
        found: dict[int, Rows] = {}
        for axis, (n, m) in enumerate(zip(shape, new, strict=True)):
            if n != m:
                name: str = NAMES.get(method) or method
                edge = name == "cubic-75" and not antialias
                name = "cubic" if antialias and name == "cubic-75" else name
                coordinate = conventional("half_pixel", n, m, n / m)
                found[axis] = sampled(
                    name, coordinate, n, "edge" if edge else "renormalize", step=n / m,
                    antialias=antialias, rounding="floor", near=1e-5,
                )  # fmt: skip
        return found

    known = 0 not in shape and method != "nearest"  # which only jax.image itself can decide
    return Draw(
        "jaxup.compat.jax_image.resize", "image", shape, dtype, draw(st.integers(0, 99)), options,
        rows if known else None, slack=slack_of((*shape, *new), "float32"),
    )  # fmt: skip


def by_jax_image(draw: Draw, x: Any) -> np.ndarray:
    return np.asarray(jax.image.resize(x, **draw.options).astype(jnp.float32), np.float64)


@st.composite
def image_moves(draw: Any) -> Draw:
    rank = draw(st.integers(1, 3))
    shape = tuple(draw(st.integers(1, 16)) for _ in range(rank))
    axes = tuple(sorted(draw(st.permutations(range(rank)))[: draw(st.integers(1, rank))]))
    new = tuple(draw(st.integers(1, 20)) if n in axes else size for n, size in enumerate(shape))
    method = draw(st.sampled_from(IMAGE_METHODS[1:-1]))
    scale = [draw(st.sampled_from([1.0, 2.0, 0.5, 1.7, 0.3])) for _ in axes]
    translation = [draw(st.sampled_from([0.0, 0.5, -1.25, 3.0])) for _ in axes]
    options = {
        "shape": new, "spatial_dims": axes, "scale": Numbers(scale),
        "translation": Numbers(translation),
        "method": method, "antialias": draw(st.booleans()),
    }  # fmt: skip
    return Draw(
        "jaxup.compat.jax_image.scale_and_translate", "image", shape, "float32",
        draw(st.integers(0, 99)), options, slack=1e-4,
    )  # fmt: skip


@st.composite
def tensorflow_resizes(draw: Any) -> Draw:
    names = {
        "bilinear": "linear", "lanczos3": "lanczos3", "lanczos5": "lanczos5", "bicubic": "cubic",
        "gaussian": "gaussian", "nearest": "nearest", "area": "area", "mitchellcubic": "mitchell",
    }  # fmt: skip
    method, antialias = draw(st.sampled_from(list(names))), draw(st.booleans())
    batch = draw(st.sampled_from([(), (2,), (0,)]))
    height, width = draw(sizes()), draw(st.integers(1, 12))
    size = draw(sizes()), draw(st.integers(1, 20))
    shape = (*batch, height, width, draw(st.integers(1, 3)))
    options = {"size": size, "method": method, "antialias": antialias}
    dtype = draw(st.sampled_from([*FLOATS[:4], "uint8", "int32"]))
    clamps = method == "bilinear" and not antialias
    slack = 2e-5 * max(height, width, *size) / 8
    if method == "bicubic" and not antialias:
        slack = 2e-3  # its table of 1024 fractions

    def rows() -> dict[int, Rows]:
        first = len(batch)
        return {
            first + n: sampled(
                names[method], conventional("half_pixel", a, b, a / b), a,
                "edge" if clamps or method == "nearest" else "renormalize", step=a / b,
                antialias=antialias, rounding="round_prefer_ceil", near=1e-4,
            )
            for n, (a, b) in enumerate(zip((height, width), size, strict=True))
        }  # fmt: skip

    return Draw(
        "jaxup.compat.tensorflow.resize", "images", shape, dtype, draw(st.integers(0, 99)),
        options, rows, slack=slack,
    )  # fmt: skip


@st.composite
def onnx_resizes(draw: Any) -> Draw:
    rank = draw(st.integers(1, 3))
    shape = tuple(draw(st.integers(1, 14)) for _ in range(rank))
    axes = tuple(draw(st.permutations(range(rank)))[: draw(st.integers(1, rank))])
    mode = draw(st.sampled_from(["nearest", "linear", "cubic"]))
    coordinates = draw(
        st.sampled_from(["half_pixel", "half_pixel_symmetric", "pytorch_half_pixel", "asymmetric"])
    )
    options: dict[str, Any] = {"mode": mode, "coordinate_transformation_mode": coordinates}
    options["axes"] = axes
    in_sizes = [shape[axis] for axis in axes]
    given: Any = None
    if draw(st.booleans()):
        given = [draw(st.sampled_from([0.5, 0.6, 0.8, 1.37, 1.5, 2.0, 3.0])) for _ in axes]
        given = [s if int(n * s) else 2.0 for n, s in zip(in_sizes, given, strict=True)]
        options["scales"] = given
        out = [math.floor(n * s) for n, s in zip(in_sizes, given, strict=True)]
    else:
        out = options["sizes"] = [draw(st.integers(1, 20)) for _ in axes]
    antialias = mode != "nearest" and draw(st.booleans())
    excludes = draw(st.booleans())
    options |= {"antialias": int(antialias), "exclude_outside": int(excludes)}
    rounding = "round_prefer_floor"
    if mode == "nearest":
        choices = ["floor", "ceil", "round_prefer_floor", "round_prefer_ceil"]
        rounding = options["nearest_mode"] = draw(st.sampled_from(choices))
    dtype = draw(st.sampled_from(["float32", "float32", "float64", "bfloat16", "uint8", "bool"]))

    def rows() -> dict[int, Rows]:
        found: dict[int, Rows] = {}
        for n, (axis, size) in enumerate(zip(axes, in_sizes, strict=True)):
            step = 1 / given[n] if given else size / out[n]
            coordinate = conventional(coordinates, size, out[n], step)
            found[axis] = sampled(
                {"cubic": "cubic-75"}.get(mode, mode), coordinate, size,
                "renormalize" if excludes else "edge", step=step, antialias=antialias,
                rounding=rounding, near=1e-8,
            )  # fmt: skip
        return found

    return Draw(
        "jaxup.compat.onnx.resize", "X", shape, dtype, draw(st.integers(0, 99)), options, rows,
        slack=1e-9,
    )  # fmt: skip


PEERS = {
    "jaxup.compat.jax_image.resize": by_jax_image,
    "jaxup.compat.jax_image.scale_and_translate": by_jax_image,
    **({"jaxup.compat.torch.interpolate": by_torch} if HAS_TORCH else {}),
}


def by_peer(draw: Draw, x: Any) -> Wanted | None:
    """What the library itself makes of an array, where it is installed."""
    if draw.function == "jaxup.sample":
        return by_scipy(draw, x)
    if draw.function == "jaxup.compat.jax_image.scale_and_translate":
        options = draw.options | {n: draw.options[n].made() for n in ("scale", "translation")}
        y = jax.image.scale_and_translate(x, **options)
        return Wanted(np.asarray(y, np.float64), np.zeros((), bool), 4.0, draw.slack)
    if draw.function not in PEERS or 0 in draw.shape:
        return None
    return Wanted(PEERS[draw.function](draw, x), np.zeros((), bool), 4.0, draw.slack)


ORDERS = {"linear": 1, "bspline2": 2, "bspline3": 3, "bspline4": 4, "bspline5": 5}
SCIPY_MODES = {
    "reflect": "reflect", "mirror": "mirror", "wrap": "grid-wrap", "edge": "nearest",
    "constant": "grid-constant",
}  # fmt: skip


def by_scipy(draw: Draw, x: Any) -> Wanted | None:
    """`scipy.ndimage.map_coordinates`, for arrays whose axes are all sampled, in their order."""
    options = draw.options
    method, mode = options["method"], SCIPY_MODES.get(options["boundary"])
    every = tuple(range(len(draw.shape)))
    spline = method not in ("linear",)
    if method not in ORDERS or mode is None or options["axes"] != every or 0 in draw.shape:
        return None
    if (spline and mode in ("nearest", "grid-constant")) or jnp.iscomplexobj(x):
        return None  # SciPy goes on for 12 pixels where the picture goes on by a constant
    if spline and min(draw.shape) < 8:
        return None  # its start of the recursion is rounded off
    if importlib.util.find_spec("scipy") is None:
        return None
    from scipy import ndimage

    y = ndimage.map_coordinates(
        np.asarray(x, np.float64), options["coordinates"].made(), order=ORDERS[method], mode=mode,
        cval=options.get("fill_value", 0),
    )  # fmt: skip
    return Wanted(np.asarray(y), np.zeros((), bool), 4.0, 3e-4)
