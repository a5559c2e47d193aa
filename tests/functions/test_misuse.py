"""What someone is told who calls jaxup as another library is called, or leaves out which axes."""

import inspect
import re
from typing import Any

import jax
import jax.export
import jax.numpy as jnp
import numpy as np
import pytest

import jaxup
from jaxup._arguments.axes import FORMATS

PICTURE: Any = np.ones((64, 64, 3), np.float32)
PICTURES: Any = np.ones((8, 64, 64, 3), np.float32)
FIRST: Any = np.ones((8, 3, 64, 64), np.float32)

WHICH = (
    "expected axes, or a method that says how many there are, got {} and 3 axes, which are one"
    " picture or a batch of signals, for input shape (64, 64, 3). Pass axes=(0, 1) or a method such"
    " as 'bilinear' for one picture, axes=1 for signals."
)


def refused(error, text, function, *arguments, **options):
    with pytest.raises(error, match=f"^{re.escape(text)}$"):
        function(*arguments, **options)


@pytest.mark.parametrize(
    "method", ["nearest", "nearest-exact", "linear", "cubic", "area", "lanczos3"]
)
def test_one_picture_or_a_batch_of_signals(method):
    text = f"jaxup.upsample: {WHICH.format(f'method {method!r}')}"
    refused(ValueError, text, jaxup.upsample, PICTURE, 2, method)
    refused(ValueError, text, jaxup.upsample, PICTURE, size=128, method=method)
    with pytest.raises(ValueError, match=re.escape(text)):  # to which JAX adds a note
        jax.jit(lambda x: jaxup.upsample(x, 2, method))(PICTURE)


def test_one_picture_or_a_batch_of_signals_elsewhere():
    kernel = jaxup.kernels.lanczos(2)
    for name, call in {
        "upsample": lambda: jaxup.upsample(PICTURE, 2, kernel),
        "resize": lambda: jaxup.resize(PICTURE, 32, kernel),
        "scale_and_translate": lambda: jaxup.scale_and_translate(PICTURE, 32, None, method=kernel),
    }.items():
        refused(ValueError, f"jaxup.{name}: {WHICH.format(f'method {kernel!r}')}", call)
    with pytest.raises(ValueError, match=r"Pass axes=\(1, 2\) or .* for one picture, axes=2 for"):
        jaxup.upsample(FIRST[0], 2, data_format="channels_first")


@pytest.mark.parametrize(
    ("options", "shape"),
    [
        ({"axes": (0, 1)}, (128, 128, 3)),
        ({"method": "bilinear"}, (128, 128, 3)),
        ({"scale": (2, 2)}, (128, 128, 3)),
        ({"data_format": "NHWC"}, (128, 128, 3)),
        ({"axes": 1}, (64, 128, 3)),
        ({"scale": (2,)}, (64, 128, 3)),
        ({"data_format": "NWC"}, (64, 128, 3)),
    ],
    ids=str,
)
def test_the_answers_to_which(options, shape):
    given: Any = {"scale": 2} | options
    assert jax.eval_shape(lambda x: jaxup.upsample(x, **given), PICTURE).shape == shape


def test_size_with_the_channels():
    text = (
        "expected size of the spatial axes alone, got size=(128, 128, 3), whose last is the number"
        " of channels for input shape (8, 64, 64, 3). Pass size=(128, 128); if the array is one"
        " volume, say so with axes=(0, 1, 2)."
    )
    refused(ValueError, f"jaxup.upsample: {text}", jaxup.upsample, PICTURES, size=(128, 128, 3))
    refused(ValueError, f"jaxup.resize: {text}", jaxup.resize, PICTURES, (128, 128, 3))
    volume = jax.eval_shape(
        lambda x: jaxup.upsample(x, size=(9, 8, 3), axes=(0, 1, 2)), np.ones((8, 8, 8, 3))
    )
    assert volume.shape == (9, 8, 3, 3)


def test_a_size_in_the_place_of_the_scale():
    for scale in ((128, 128), [128, 128], np.array([128, 128])):
        with pytest.raises(
            ValueError,
            match=r"^jaxup.upsample: expected scale to be a factor, got scale=.128,? 128., which"
            r" looks like a size, for input shape \(8, 64, 64, 3\). Pass size=.128,? 128. for"
            r" pixels, or floats, scale=\(128.0, 128.0\), for factors.$",
        ):
            jaxup.upsample(PICTURES, scale, "bilinear")
    small = np.ones((1, 2, 2, 1), np.float32)
    for scale in ((16.0, 16.0), 16, (16, 15), (15, 15)):
        y = jax.eval_shape(lambda x, s=scale: jaxup.upsample(x, s, "bilinear"), small)
        assert y.shape[1] in (30, 32)


@pytest.mark.parametrize("method", ["nearest", "bilinear"])
def test_channels_first_without_a_word(method):
    """The warning stands at the caller's line."""
    shape = FIRST.shape if method == "bilinear" else (7, 3, 64, 65)
    text = (
        f"jaxup.upsample: input shape {shape} looks like channels first, and is read as pictures of"
        f" 3 x 64 pixels with {shape[-1]} channels. Pass data_format='NCHW', or 'NHWC' if that is"
        " right."
    )
    x = np.ones(shape, np.float32)
    with pytest.warns(UserWarning, match=f"^{re.escape(text)}$") as warned:
        jax.eval_shape(lambda x: jaxup.upsample(x, 3, method), x)
    assert [warning.filename for warning in warned] == [__file__]
    symbolic = jax.ShapeDtypeStruct(jax.export.symbolic_shape("n, 3, w, 64"), np.float32)
    jax.export.export(jax.jit(lambda x: jaxup.upsample(x, 3, method)))(symbolic)
    for options in ({"data_format": "NCHW"}, {"data_format": "NHWC"}, {"axes": (1, 2)}):
        given: Any = options
        jax.eval_shape(lambda x, given=given: jaxup.upsample(x, 3, method, **given), x)


def test_formats_in_letters():
    shapes = {1: (2, 5, 3), 2: (2, 5, 6, 3), 3: (2, 5, 6, 7, 3)}
    name: Any
    for name in FORMATS[2:]:
        shape, last = shapes[len(name) - 2], name.endswith("C")
        x = np.arange(np.prod(shape), dtype=np.float32).reshape(shape)
        y = jaxup.upsample(x, 2, "linear", axes=range(1, len(shape) - 1))
        given: Any = x if last else np.moveaxis(x, -1, 1)
        found = jaxup.upsample(given, 2, "linear", data_format=name)
        np.testing.assert_array_equal(found if last else jnp.moveaxis(found, 1, -1), y)
    first: Any = np.arange(16.0).reshape(1, 4, 2, 2)
    np.testing.assert_array_equal(
        jaxup.pixel_shuffle(first, 2, data_format="NCHW"),
        jaxup.pixel_shuffle(first, 2, data_format="channels_first"),
    )
    with pytest.raises(
        ValueError, match=r"2 spatial axes for data_format='NHWC', got 3 for method 'trilinear'"
    ):
        jaxup.upsample(PICTURES, 2, "trilinear", data_format="NHWC")
    with pytest.raises(ValueError, match=r"got 'nchw' .* Did you mean 'NCHW'\? Use one of 'NCHW'"):
        jaxup.upsample(PICTURES, 2, data_format="nchw")  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize(
    ("function", "method", "hint"),
    [
        (jaxup.upsample, "lanczos", "Did you mean 'lanczos3'?"),
        (jaxup.upsample, "bilinaer", "Did you mean 'bilinear'?"),
        (jaxup.upsample, "NEAREST", "Did you mean 'nearest'?"),
        (jaxup.upsample, "nearest-neighbor", "Did you mean 'nearest'?"),
        (jaxup.upsample, "lanczos5", "jaxup.resize has 'lanczos5'."),
        (jaxup.upsample, "mitchell", "jaxup.resize has 'mitchell'."),
        (jaxup.resize, "lanczos", "Did you mean 'lanczos3'?"),
        (jaxup.resize, "nearest-exact", "Did you mean 'nearest'?"),
        (jaxup.resize, "sinc", "Use one of 'gaussian', "),
    ],
)
def test_methods_of_other_names(function, method, hint):
    with pytest.raises(ValueError, match=re.escape(f"for input shape (8, 64, 64, 3). {hint}")):
        function(PICTURES, 2, method=method)


NAMES = "jaxup.{}: expected arguments by their names in jaxup, got {}. {}"
METHOD = "For {}= write method= (how to interpolate)."
EITHER = "For {}= write method= (how to interpolate) or boundary= (what lies outside)."
SIZE = "For {}= write size= (in pixels, of the spatial axes alone)."


@pytest.mark.parametrize(
    ("function", "options", "got", "advice"),
    [
        ("upsample", {"mode": "bilinear"}, "mode='bilinear'", METHOD.format("mode")),
        ("upsample", {"interpolation": 2}, "interpolation=2", METHOD.format("interpolation")),
        (
            "upsample",
            {"scale_factor": 2},
            "scale_factor=2",
            "For scale_factor= write scale= (a factor, or one per spatial axis).",
        ),
        ("upsample", {"shape": (9, 9)}, "shape=(9, 9)", SIZE.format("shape")),
        ("upsample", {"output_size": 9}, "output_size=9", SIZE.format("output_size")),
        ("resize", {"mode": "wrap"}, "mode='wrap'", EITHER.format("mode")),
        ("resize", {"shape": (9, 9)}, "shape=(9, 9)", SIZE.format("shape")),
        ("crop_and_resize", {"crop_size": 9}, "crop_size=9", SIZE.format("crop_size")),
        ("sample", {"mode": "wrap"}, "mode='wrap'", EITHER.format("mode")),
        ("upsample", {"axis": 1}, "axis=1", "For axis= write axes= (the spatial axes)."),
        (
            "upsample",
            {"mask": None},
            "mask=None",
            "For mask= write where= (a boolean array of the pixels that count).",
        ),
        (
            "upsample",
            {"antialas": True},
            "antialas=True",
            "For antialas= write antialias= (a bool).",
        ),
        (
            "upsample",
            {"mode": "x", "zoom": 2},
            "mode='x', zoom=2",
            f"{METHOD.format('mode')} For zoom= write scale= (a factor, or one per spatial axis).",
        ),
        (
            "upsample",
            {"recompute_scale_factor": True},
            "recompute_scale_factor=True",
            f"The arguments are {', '.join(inspect.signature(jaxup.upsample).parameters)}.",
        ),
        (
            "pixel_shuffle",
            {"upscale_factor": 2},
            "upscale_factor=2",
            "For upscale_factor= write factor= (an int, or one per spatial axis).",
        ),
        (
            "pixel_unshuffle",
            {"mode": "DCR"},
            "mode='DCR'",
            "For mode= write order= (of the channels: 'torch' or 'tensorflow').",
        ),
        ("pixel_unshuffle", {"by": 2}, "by=2", "The arguments are x, factor, order, data_format."),
        (
            "scale_and_translate",
            {"spatial_dims": 1},
            "spatial_dims=1",
            "For spatial_dims= write axes= (the spatial axes).",
        ),
        ("resize_matrix", {"size": 2}, "size=2", "For size= write out_size= (in pixels)."),
        (
            "resize_position_embedding",
            {"new_size": 2},
            "new_size=2",
            "For new_size= write new_grid= (rows and columns).",
        ),
    ],
)
def test_arguments_of_other_names(function, options, got, advice):
    arguments = {
        "upsample": (),
        "resize": (),
        "sample": (np.ones((2, 4)),),
        "scale_and_translate": (9, 2.0),
        "crop_and_resize": (np.ones((1, 2, 2)), 9),
        "resize_matrix": (3,),
        "resize_position_embedding": (7, 9),
    }.get(function, (2,))
    text = NAMES.format(function, got, advice)
    refused(TypeError, text, getattr(jaxup, function), PICTURES, *arguments, **options)


def test_signatures_show_no_other_names():
    for name in jaxup.__all__:
        function = getattr(jaxup, name)
        if inspect.isfunction(function) and name not in ("explain", "keep_nan_local"):
            kinds = {p.kind for p in inspect.signature(function).parameters.values()}
            assert inspect.Parameter.VAR_KEYWORD not in kinds, name


def test_a_rank_is_taken_at_its_word():
    """No shape tells a volume from a batch of pictures: what the docstring says is what happens."""
    shapes = {
        ((8, 64, 64, 3), "trilinear"): (16, 128, 128, 3),
        ((8, 64, 64), "bilinear"): (16, 128, 64),
        ((2, 5, 64, 64, 3), "nearest"): (2, 10, 128, 128, 3),
        ((2, 5, 64, 64, 3), "bilinear"): (2, 5, 128, 128, 3),
    }
    for (shape, method), out_shape in shapes.items():
        y = jax.eval_shape(lambda x, m=method: jaxup.upsample(x, 2, m), jnp.zeros(shape))
        assert y.shape == out_shape


def test_a_function_under_jit():
    """A scale that jit traces is told so; made static, with the method, it is as without jit."""
    with pytest.raises(TypeError, match=r"Make scale static \(jax.jit\(..., static_arg"):
        jax.jit(jaxup.upsample)(PICTURES, 2)
    f = jax.jit(jaxup.upsample, static_argnames=("scale", "method"))
    np.testing.assert_array_equal(f(PICTURES, 2, "bilinear"), np.ones((8, 128, 128, 3)))


def test_a_grey_picture():
    text = "Name the spatial axes with axes=(0, 1), or add the missing axis to x."
    for method in ("bilinear", "nearest"):
        with pytest.raises(ValueError, match=re.escape(text)):
            jaxup.upsample(PICTURE[..., 0], 2, method)


def test_a_picture_for_pytorchs_function():
    refused(
        ValueError,
        "jaxup.compat.torch.interpolate: expected one size, or 1 (one per axis after batch and"
        " channels), got size=(128, 128) for input shape (64, 64, 3). The order is (batch,"
        " channels, spatial axes): add what is missing.",
        jaxup.compat.torch.interpolate,
        PICTURE,
        size=(128, 128),
        mode="bilinear",
    )
