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
from jaxup.compat import jax_image, onnx, opencv, pillow, scipy, tensorflow, torch, torchvision

X = np.ones((1, 8, 8, 3), np.float32)
BAD = object()
PLANE = np.ones((6, 8), np.float32)
SPLINE: dict[str, list[Any]] = {  # the options that SciPy's functions share
    "output": ["floats", np.ones((6, 8)), BAD],
    "order": [6, -1, 2.5, "3", None],
    "mode": ["edge", None, 3],
    "cval": ["black", None, (1.0, 2.0), 1j],
    "prefilter": ["yes", None],
}


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
        dtype=["uint9", object, 7],
        where=["yes", X, np.ones((3, 8), bool)],
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
        dtype=["uint9", object, 7],
        where=["yes", X, np.ones((3, 8), bool)],
        fill_value=[1.0, "black"],
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
        "jaxup.crop_and_resize",
        jaxup.crop_and_resize,
        {"x": X, "boxes": np.ones((2, 2, 2)), "size": (4, 4)},
        x=[None, "image", X.astype(int), X.astype("M8[s]")],
        boxes=[None, "all", np.ones((2, 2)), np.ones((2, 2, 2), bool), np.full((2, 2, 2), np.nan)],
        size=[0, "4", 3.5, (1, 2, 3, 4), BAD, None],
        method=["bilinaer", None, 7, "trilinear"],
        box_indices=["0", 0, [0], [0.0, 0.0], [0, 1], [-1, 0]],
        axes=[9, 1.5, (1, 1), "HW", (1, 2, 3)],
        data_format=["HWCN", None],
        boundary=["edges", 0.5],
        fill_value=[1.0, "black"],
        antialias=["yes", 1],
        max_shrink=["2", 0.5, np.inf],
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
        "jaxup.sample_position_embedding",
        jaxup.sample_position_embedding,
        {
            "table": np.ones((1, 17, 8), np.float32),
            "grid": 4,
            "new_grid": (2, 3),
            "patches": np.zeros((5, 2), int),
        },
        table=[None, "table", np.ones((1, 18, 8)), np.ones((1, 17, 8), int), np.ones(17)],
        grid=[1.5, "4", 0, (1, 2, 3), None],
        new_grid=[1.5, "4", 0, (1, 2, 3), None, np.ones((2, 2, 2, 3), int), BAD],
        patches=[0, "4", (1, 2), np.ones((5, 3), int), np.ones((5, 2)), None, BAD],
        prefix=[-1, "1", 2.0],
        method=["bilinaer", None, "trilinear"],
        antialias=["yes", 1],
        align_corners=["yes", 1],
        offset=["0", 1.0, np.nan],
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
            factor=[0, 1.5, "2", True, None, (), (2, 0), BAD],
            order=["tf", None, 2],
            data_format=["HWCN", None],
        )
        for name in ("pixel_shuffle", "pixel_unshuffle")
    ),
    Function(
        "jaxup.icnr",
        jaxup.icnr,
        {"factor": 2},
        factor=[0, 1.5, "2", True, None, (), (2, 0), BAD],
        initializer=["he_normal", 2],
        order=["tf", None, 2],
        axis=[0.5, "out", None],
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
        "jaxup.compat.tensorflow.crop_and_resize",
        tensorflow.crop_and_resize,
        {"image": X, "boxes": np.ones((2, 4)), "box_indices": [0, 0], "crop_size": (4, 4)},
        image=[None, "image", np.ones(3), X > 0],
        boxes=[None, "all", np.ones(4), np.ones((2, 4), complex)],
        box_indices=[None, "0", [0], [0.0, 0.0], [0, 1]],
        crop_size=[4, (4,), "44", (0, 4), (2.5, 4), None],
        method=["bicubic", None],
        extrapolation_value=["0", None, 1e300],
    ),
    Function(
        "jaxup.compat.torchvision.roi_align",
        torchvision.roi_align,
        {"input": X, "boxes": np.ones((2, 5)), "output_size": 4},
        input=[None, "image", X.astype(int), np.ones((4, 4), np.float32)],
        boxes=[None, "all", np.ones((2, 4)), [np.ones((2, 4))] * 2, [np.ones((2, 5))]],
        output_size=[0, "4", (1, 2, 3), 2.5, None],
        spatial_scale=["1", np.nan, None],
        sampling_ratio=["2", 1.5, None],
        aligned=["yes", 1],
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
    Function(
        "jaxup.compat.pillow.resize",
        pillow.resize,
        {"image": PLANE, "size": (4, 4)},
        image=[None, "image", np.ones(3), PLANE.astype(int)],
        size=[4, (4,), "44", (0, 4), (2.5, 4), None],
        resample=[6, -1, "bicubic", 2.5],
        box=[(0, 0, 9, 6), (2, 0, 2, 6), (0, 0, 4), "all", (0, 0, np.nan, 6)],
        reducing_gap=[3.0],
    ),
    Function(
        "jaxup.compat.opencv.resize",
        opencv.resize,
        {"src": PLANE, "dsize": (4, 4)},
        src=[None, "image", np.ones(3), np.ones((2, 2), bool)],
        dsize=[4, (4,), "44", (0, 4), (2.5, 4)],
        fx=["2", -1.0, np.nan],
        fy=["2", -1.0, np.nan],
        interpolation=[7, -1, "linear", 2.5, None],
    ),
    Function(
        "jaxup.compat.opencv.remap",
        opencv.remap,
        {"src": PLANE, "map1": PLANE, "map2": PLANE, "interpolation": 1},
        src=[None, "image", np.ones(3), np.ones((2, 2), bool)],
        map1=[None, "map", PLANE[1:], PLANE.astype(int)],
        map2=["map", PLANE[1:], PLANE.astype(int)],
        interpolation=[5, -1, "linear", None],
        borderMode=[5, -1, "reflect", None],
        borderValue=["black", (1, 2, 3, 4, 5), np.nan],
    ),
    Function(
        "jaxup.compat.opencv.warp_affine",
        opencv.warp_affine,
        {"src": PLANE, "M": np.eye(3)[:2], "dsize": (4, 4)},
        src=[None, "image", np.ones(3), np.ones((2, 2), bool)],
        M=[None, np.eye(3), "map", np.full((2, 3), np.nan)],
        dsize=[4, (4,), "44", (0, 4), (2.5, 4), None],
        flags=[5, 8, -1, "linear", None],
        borderMode=[5, -1, "reflect", None],
        borderValue=["black", (1, 2, 3, 4, 5), np.nan],
    ),
    Function(
        "jaxup.compat.scipy.zoom",
        scipy.zoom,
        {"input": PLANE, "zoom": 2.0},
        input=[None, "image", PLANE > 0, np.ones(())],
        zoom=["2", 0.01, -1, np.nan, (1, 2, 3), 1e30, None],
        **SPLINE,
        grid_mode=["yes", None],
    ),
    Function(
        "jaxup.compat.scipy.map_coordinates",
        scipy.map_coordinates,
        {"input": PLANE, "coordinates": np.ones((2, 5))},
        input=[None, "image", PLANE > 0, np.ones(())],
        coordinates=["here", np.ones((3, 5)), np.ones((2, 5)) > 0, [], np.ones((2, 5)) * 1j],
        **SPLINE,
    ),
    Function(
        "jaxup.compat.scipy.affine_transform",
        scipy.affine_transform,
        {"input": PLANE, "matrix": np.eye(2)},
        input=[None, "image", PLANE > 0, np.ones(())],
        matrix=[None, "eye", np.eye(4), 1.0, np.ones((3, 3)), np.full((2, 2), np.nan)],
        offset=["2", (1, 2, 3), np.nan, None],
        output_shape=[4, "44", (0, 4), (2.5, 4)],
        **SPLINE,
    ),
    Function(
        "jaxup.compat.scipy.shift",
        scipy.shift,
        {"input": PLANE, "shift": 0.5},
        input=[None, "image", PLANE > 0, np.ones(())],
        shift=["2", (1, 2, 3), np.nan, None],
        **SPLINE,
    ),
    Function(
        "jaxup.compat.scipy.rotate",
        scipy.rotate,
        {"input": PLANE, "angle": 30.0},
        input=[None, "image", PLANE > 0, np.ones(()), np.ones(3, np.float32)],
        angle=["30", (1, 2), np.nan, None],
        axes=[(0, 0), (0, 2), 1, (0, 1, 2), (0.5, 1), None],
        reshape=["yes", None],
        **SPLINE,
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
        "jaxup.coordinates.Cells",
        coordinates.Cells,
        {"input_edges": (0, 1, 2), "output_edges": (0, 2)},
        input_edges=["0", 1, (0,), (0, 1, 1), (0, np.nan), (0, 2, 1), np.eye(2), (True, False)],
        output_edges=["0", 1, (0,), (0, 1, 1), (0, np.inf), None],
    ),
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
    ("jaxup.compat.opencv.resize", "fx"): {"dsize": None, "fy": 2.0},
    ("jaxup.compat.opencv.resize", "fy"): {"dsize": None, "fx": 2.0},
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
    for module in (
        *(torch, torchvision, jax_image, tensorflow, onnx, opencv, pillow, scipy),
        filters,
    ):
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
