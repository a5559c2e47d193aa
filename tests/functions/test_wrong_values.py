"""Every public function and option: a wrong value is answered by the names that the user typed."""

import inspect
import re
from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest

import jaxup
from jaxup import coordinates, filters, kernels
from jaxup.compat import jax_image, onnx, tensorflow, torch

X = np.ones((1, 8, 8, 3), np.float32)
BAD = object()


class Function:
    """A public function, a call of it that is right, and wrong values for each of its options."""

    def __init__(
        self, name: str, function: Callable[..., Any], right: dict[str, Any], **wrong: Any
    ):
        self.name, self.function, self.right, self.wrong = name, function, right, wrong


def resizes(name: str, function: Callable[..., Any]) -> Function:
    return Function(
        name,
        function,
        {"x": X, "size": (4, 4)},
        x=[None, "image", X.astype(int)],
        size=[0, -1, "4", 3.5, (1, 2, 3, 4), 2**31, BAD],
        method=["bilinaer", None, 7],
        scale=["2", -1.0, np.nan],
        axes=[9, 1.5, (1, 1), "HW"],
        data_format=["HWCN", None],
        coordinates=["halfpixel", 3],
        rounding=["up", "floor", 3],
        boundary=["edges", 0.5],
        fill_value=[1.0, "black"],
        fill_beyond=["pixels", 1],
        antialias=["yes", 1],
        box=[((0, 9), (0, 4)), "all", ((0, 1, 2),)],
        roi=[((0, 1), (0, 1)), "all"],
        keep_aspect=["smaller", None],
        precision=["float16", np.float32],
    )


FUNCTIONS = [
    Function(
        "jaxup.upsample",
        jaxup.upsample,
        {"x": X, "scale": 2, "method": "linear"},
        x=[None, "image", X.astype(int)],
        scale=[0, -1.0, np.nan, "2", (1, 2, 3, 4), 1e30, BAD],
        method=["bilinaer", None, 7],
        size=[0, 3.5, "4", BAD],
        axes=[9, 1.5, (1, 1), "HW"],
        data_format=["HWCN", None],
        align_corners=["yes", 1],
        antialias=["yes", 1],
    ),
    resizes("jaxup.resize", jaxup.resize),
    Function(
        "jaxup.sample",
        jaxup.sample,
        {"x": X, "coordinates": np.ones((2, 5))},
        x=[None, "image", X.astype(int)],
        coordinates=["here", np.ones((2, 5), bool), [], [np.ones(2), np.ones(3)]],
        method=["bilinaer", None, 7, "area", "trilinear"],
        boundary=["edges", 0.5],
        axes=[9, 1.5, (1, 1), "HW"],
        data_format=["HWCN", None],
        fill_value=[1.0, "black"],
    ),
    Function(
        "jaxup.scale_and_translate",
        jaxup.scale_and_translate,
        {"x": X, "size": (4, 4), "scale": 0.5},
        x=[None, "image", X.astype(int)],
        size=[0, "4", 3.5, (1, 2, 3, 4), BAD, None],
        scale=["2", np.nan, True, (1.0, 2.0, 3.0)],
        translation=["2", np.nan, True, (1.0, 2.0, 3.0)],
        method=["bilinaer", None, 7],
        axes=[9, 1.5, (1, 1), "HW"],
        data_format=["HWCN", None],
        boundary=["edges", 0.5],
        fill_value=[1.0, "black"],
        antialias=["yes", 1],
        max_shrink=["2", 0.5, np.inf],
        align_corners=["yes", 1],
    ),
    Function(
        "jaxup.resize_position_embedding",
        jaxup.resize_position_embedding,
        {"table": np.ones((1, 17, 8), np.float32), "grid": 4, "new_grid": 6},
        table=[None, "table", np.ones((1, 18, 8)), np.ones((1, 17, 8), int)],
        grid=[1.5, "4", 0, (1, 2, 3), None],
        new_grid=[1.5, "4", 0, (1, 2, 3), None],
        prefix=[-1, "1", 2.0],
        method=["bilinaer", None, "trilinear"],
        antialias=["yes", 1],
        align_corners=["yes", 1],
        offset=["0", 1.0, np.nan],
        max_grid=[1.5, "4", 0, (1, 2, 3)],
    ),
    Function(
        "jaxup.resize_matrix",
        jaxup.resize_matrix,
        {"in_size": 4, "out_size": 8},
        in_size=[0, -1, "4", 3.5, None],
        out_size=[0, -1, "4", 3.5, None],
        method=["bilinaer", None],
        align_corners=["yes", 1],
        antialias=["yes", 1],
        dtype=[int, bool],
    ),
    *(
        Function(
            f"jaxup.{name}",
            getattr(jaxup, name),
            {"x": np.ones((4, 4, 4)), "factor": 2},
            x=[None, "image", np.ones(3)],
            factor=[0, 1.5, "2", True, None],
            data_format=["HWCN", None],
        )
        for name in ("pixel_shuffle", "pixel_unshuffle")
    ),
    Function(
        "jaxup.filters.upfirdn",
        filters.upfirdn,
        {"x": X, "taps": [1.0]},
        x=[None, "image", X.astype(int)],
        taps=[None, "1331", [], [np.nan], np.ones((2, 2)), [True]],
        up=[0, 1.5, "2", True, None, (1, 2, 3)],
        down=[0, 1.5, "2", True, None, (1, 2, 3)],
        padding=[1.5, "2", True, None, (1, 2, 3), -7],
        gain=["2", np.nan, True, None],
        flip_filter=["yes", 1],
        axes=[9, 1.5, (1, 1), "HW"],
        data_format=["HWCN", None],
    ),
    Function(
        "jaxup.compat.torch.grid_sample",
        torch.grid_sample,
        {"input": np.ones((1, 2, 4, 4), np.float32), "grid": np.zeros((1, 2, 2, 2), np.float32)},
        input=[None, "image", np.ones((1, 2, 4, 4), int), np.ones((4, 4), np.float32)],
        grid=[None, "grid", np.zeros((1, 2, 2, 3), np.float32), np.zeros((1, 2, 2, 2), int)],
        mode=["linear", None, 7],
        padding_mode=["edge", None],
        align_corners=["yes", 1],
    ),
    Function(
        "jaxup.compat.torch.affine_grid",
        torch.affine_grid,
        {"theta": np.ones((1, 2, 3), np.float32), "size": (1, 2, 4, 4)},
        theta=[None, "theta", np.ones((1, 2, 2), np.float32), np.ones((1, 2, 3), int)],
        size=[4, "4", (1, 2, 4), (1, 2, 0, 4), (1, 2, 4.5, 4), None],
        align_corners=["yes", 1],
    ),
    Function(
        "jaxup.compat.torch.interpolate",
        torch.interpolate,
        {"input": X, "scale_factor": 2.0, "mode": "bilinear"},
        input=[None, "image"],
        size=[4, "4"],
        scale_factor=["2", np.nan, (1.0, 2.0, 3.0), BAD],
        mode=["bilinaer", None, "linear"],
        align_corners=["yes", 1],
        recompute_scale_factor=["yes"],
        antialias=["yes"],
    ),
    Function(
        "jaxup.compat.jax_image.resize",
        jax_image.resize,
        {"image": X, "shape": (1, 4, 4, 3), "method": "linear"},
        image=[None, "image"],
        shape=[(4, 4), 4, "4444", (1, -4, 4, 3), (1, 2.5, 4, 3), None],
        method=["bilinaer", None, 7],
        antialias=["yes"],
        precision=[],  # taken for the signature's sake
    ),
    Function(
        "jaxup.compat.jax_image.scale_and_translate",
        jax_image.scale_and_translate,
        {
            "image": X,
            "shape": (1, 4, 4, 3),
            "spatial_dims": (1, 2),
            "scale": jnp.ones(2),
            "translation": jnp.zeros(2),
            "method": "linear",
        },
        image=[None, "image"],
        shape=[(4, 4), 4, (1, -4, 4, 3), (1, 2.5, 4, 3), None],
        spatial_dims=[(1, 9), (1, 1), (1.5,), "HW", (1,)],
        scale=["2", np.ones(3), np.ones((2, 2)), np.full(2, np.nan)],
        translation=["2", np.ones(3), np.ones((2, 2)), np.full(2, np.nan)],
        method=["bilinaer", None, "nearest"],
        antialias=["yes"],
        precision=[],
    ),
    Function(
        "jaxup.compat.tensorflow.resize",
        tensorflow.resize,
        {"images": X, "size": (4, 4)},
        images=[None, "image", np.ones(3)],
        size=[4, (4,), "44", (0, 4), (2.5, 4), None],
        method=["bilinaer", None],
        preserve_aspect_ratio=["yes"],
        antialias=["yes"],
    ),
    Function(
        "jaxup.compat.onnx.resize",
        onnx.resize,
        {"X": X, "sizes": (1, 4, 4, 3), "mode": "linear"},
        X=[None, "image"],
        roi=[np.ones(3)],
        scales=[(2.0, 2.0), "2"],
        sizes=[(4, 4), "4444", (1, -1, 4, 3), (1, 2.5, 4, 3)],
        antialias=["yes", 2],
        axes=[(0, 1, 2, 9), (1.5,), "NHWC"],
        coordinate_transformation_mode=["halfpixel", None],
        cubic_coeff_a=["a", np.nan],
        exclude_outside=["yes", 2],
        extrapolation_value=["black", None],
        keep_aspect_ratio_policy=["smaller", None],
        mode=["bilinear", None],
        nearest_mode=["up", None],
    ),
    Function("jaxup.kernels.cubic", kernels.cubic, {}, a=["a", np.nan, True]),
    Function("jaxup.kernels.lanczos", kernels.lanczos, {}, radius=["a", 0, np.inf, True]),
    Function("jaxup.kernels.mitchell", kernels.mitchell, {}, b=["a", np.nan], c=["a", np.nan]),
    Function("jaxup.kernels.gaussian", kernels.gaussian, {}, sigma=["a", 0], radius=["a", -1]),
    Function(
        "jaxup.kernels.bspline",
        kernels.bspline,
        {"order": 3},
        order=["3", 0, 6, True],
        prefilter=[0, "no"],
    ),
    Function(
        "jaxup.kernels.Kernel", kernels.Kernel, {"fn": abs, "radius": 1.0}, fn=[3], radius=["1", 0]
    ),
    Function(
        "jaxup.kernels.Nearest",
        kernels.Nearest,
        {},
        rounding=["up", 3],
        tolerance=["1", np.nan, -1],
    ),
    Function("jaxup.kernels.Area", kernels.Area, {}, fractional=["x", 1]),
    Function(
        "jaxup.coordinates.CropAndResize",
        coordinates.CropAndResize,
        {"start": 0.0, "end": 1.0},
        start=["0", np.nan, np.ones(2)],
        end=["1", np.inf, None],
    ),
    Function(
        "jaxup.coordinates.Cropped",
        coordinates.Cropped,
        {"convention": coordinates.half_pixel, "low": 0, "high": 4},
        convention=["half_pixel", None],
        low=["0", np.nan],
        high=["4", np.inf],
    ),
    Function(
        "jaxup.coordinates.Within",
        coordinates.Within,
        {"convention": coordinates.half_pixel},
        convention=["half_pixel", None],
        margin=["0", np.nan],
    ),
    Function(
        "jaxup.coordinates.Clamped",
        coordinates.Clamped,
        {"convention": coordinates.half_pixel},
        convention=["half_pixel", None],
    ),
    Function(
        "jaxup.coordinates.Rounded",
        coordinates.Rounded,
        {"convention": coordinates.half_pixel, "dtype": "float32"},
        convention=["half_pixel", None],
        dtype=["int32", None, np.float32],
        origin=["0", np.nan],
    ),
]

# What an option means depends on another one: with these the wrong value is reached.
WITH: dict[tuple[str, str], dict[str, Any]] = {
    ("jaxup.upsample", "size"): {"scale": None},
    ("jaxup.compat.onnx.resize", "roi"): {"coordinate_transformation_mode": "tf_crop_and_resize"},
    ("jaxup.compat.onnx.resize", "scales"): {"sizes": None},
    ("jaxup.compat.onnx.resize", "cubic_coeff_a"): {"mode": "cubic"},
    ("jaxup.compat.onnx.resize", "extrapolation_value"): {
        "coordinate_transformation_mode": "tf_crop_and_resize",
        "roi": [0.0] * 4 + [1.0] * 4,
    },
}


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda function: function.name)
def test_every_option_is_here(function):
    assert list(function.wrong) == list(inspect.signature(function.function).parameters)


def test_every_function_is_here():
    functions = {f"jaxup.{name}" for name in jaxup.__all__ if callable(getattr(jaxup, name))}
    functions -= {"jaxup.as_lax", "jaxup.keep_nan_local"}  # they have no option
    functions -= {"jaxup.explain"}  # it calls others
    for module in (torch, jax_image, tensorflow, onnx, filters):
        functions |= {
            f"{module.__name__}.{name}"
            for name in module.__all__
            if inspect.isfunction(getattr(module, name))
        }
    functions |= {
        f"jaxup.kernels.{name}"
        for name in kernels.__all__
        if inspect.isfunction(getattr(kernels, name)) or inspect.isclass(getattr(kernels, name))
    }
    functions |= {
        f"jaxup.coordinates.{name}"
        for name in coordinates.__all__
        if inspect.isclass(getattr(coordinates, name))
    }
    assert {function.name for function in FUNCTIONS} == functions


@pytest.mark.parametrize(
    ("function", "option", "value"),
    [
        pytest.param(function, option, value, id=f"{function.name}-{option}-{number}")
        for function in FUNCTIONS
        for option, values in function.wrong.items()
        for number, value in enumerate(values)
    ],
)
def test_a_wrong_value(function, option, value):
    arguments = function.right | WITH.get((function.name, option), {}) | {option: value}
    with pytest.raises((ValueError, TypeError, NotImplementedError)) as caught:
        function.function(**arguments)
    text = str(caught.value)
    assert text.startswith(f"{function.name}: expected "), text
    assert re.search(rf"\b{option}\b", text), text
    assert text.endswith("."), text
    assert "\n" not in text, text
