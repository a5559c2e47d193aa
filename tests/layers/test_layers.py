"""What holds for the layers of every framework: they are the functions, and nothing else."""

import copy
import functools
import importlib
import inspect
import pickle
import re
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.test_util import check_grads

import jaxup
from jaxup import kernels

PACKAGES = {"linen": "flax", "nnx": "flax", "haiku": "haiku", "equinox": "equinox"}
FORMATS: tuple[Any, ...] = ("channels_last", "channels_first")


@pytest.fixture(params=PACKAGES)
def layers(request):
    pytest.importorskip(PACKAGES[request.param])
    return importlib.import_module(f"jaxup.layers.{request.param}")


def short_name(layers):
    return layers.__name__.rpartition(".")[-1]


def applied(layers, layer, *arguments, **options) -> Callable[..., Any]:
    """A layer without parameters as a function of a batch, in its framework's way."""
    match short_name(layers):
        case "linen":
            module = getattr(layers, layer)(*arguments, **options)
            return lambda x: module.apply({}, x)
        case "haiku":
            import haiku as hk

            f = hk.transform(lambda x: getattr(layers, layer)(*arguments, **options)(x))
            return lambda x: f.apply({}, None, x)
        case "equinox":
            return jax.vmap(getattr(layers, layer)(*arguments, **options))
        case "nnx":
            return getattr(layers, layer)(*arguments, **options)
        case name:
            raise ValueError(f"a framework of unknown name: {name}")


def picture(data_format, channels=3, dtype=np.float32):
    shape = (2, 6, 4, channels) if data_format == "channels_last" else (2, channels, 6, 4)
    return np.random.default_rng(0).standard_normal(shape).astype(dtype)


CASES: dict[str, tuple[tuple[Any, ...], dict[str, Any]]] = {
    "nearest": ((2,), {}),
    "bilinear-align-corners": ((1.5, "bilinear"), {"align_corners": True}),
    "cubic-per-axis": (([2, 0.5], "cubic"), {}),
    "bicubic-antialias": ((None, "bicubic"), {"size": (3, 7), "antialias": True}),
    "linear-one-axis": ((0.5, "linear"), {"axes": -2}),
    "kernel": ((np.array([2, 3]), kernels.lanczos(2)), {}),
}


@functools.cache
def upsampled(case, data_format):
    """What the function makes of the picture, out of jit and in it, for every framework."""
    arguments, options = CASES[case]
    x = picture(data_format)

    def function(x):
        return jaxup.upsample(x, *arguments, data_format=data_format, **options)

    return function(x), jax.jit(function)(x)


@pytest.mark.parametrize("case", CASES)
def test_upsample_is_the_function_in_and_out_of_jit(layers, case):
    arguments, options = CASES[case]
    for data_format in FORMATS:
        x = picture(data_format)
        layer = applied(layers, "Upsample", *arguments, data_format=data_format, **options)
        eager, jitted = upsampled(case, data_format)
        np.testing.assert_array_equal(layer(x), eager)
        np.testing.assert_array_equal(jax.jit(layer)(x), jitted)


def test_pixel_layers_are_the_functions_in_and_out_of_jit(layers):
    for data_format in FORMATS:
        for layer, function in (
            ("PixelShuffle", jaxup.pixel_shuffle),
            ("PixelUnshuffle", jaxup.pixel_unshuffle),
        ):
            x = picture(data_format, channels=12)
            f = applied(layers, layer, 2, data_format=data_format)
            expected = function(x, 2, data_format=data_format)
            np.testing.assert_array_equal(f(x), expected)
            np.testing.assert_array_equal(jax.jit(f)(x), expected)


def test_data_format_is_the_frameworks_own_by_default(layers):
    data_format = "channels_first" if short_name(layers) == "equinox" else "channels_last"
    x = picture(data_format, channels=4)
    functions: list[tuple[str, Callable[..., Any], tuple[Any, ...]]] = [
        ("Upsample", jaxup.upsample, (2, "bilinear")),
        ("PixelShuffle", jaxup.pixel_shuffle, (2,)),
        ("PixelUnshuffle", jaxup.pixel_unshuffle, (2,)),
    ]
    for layer, function, arguments in functions:
        y = applied(layers, layer, *arguments)(x)
        np.testing.assert_array_equal(y, function(x, *arguments, data_format=data_format))


@pytest.mark.parametrize("data_format", FORMATS)
def test_gradients(layers, data_format):
    f = applied(layers, "Upsample", 1.5, "bicubic", data_format=data_format)
    x = picture(data_format)
    check_grads(jax.jit(f), (x,), order=1, modes=("fwd", "rev"), atol=1e-2, rtol=1e-2)


def test_eval_shape(layers):
    x = jax.ShapeDtypeStruct((2, 6, 4, 12), jnp.bfloat16)
    for layer, arguments, shape in (
        ("Upsample", (1.5, "bilinear"), (2, 9, 6, 12)),
        ("PixelShuffle", (2,), (2, 12, 8, 3)),
        ("PixelUnshuffle", (2,), (2, 3, 2, 48)),
    ):
        y = jax.eval_shape(applied(layers, layer, *arguments, data_format="channels_last"), x)
        assert (y.shape, y.dtype) == (shape, jnp.bfloat16)


@pytest.mark.parametrize(
    ("arguments", "options"),
    [
        ((2, "bilinaer"), {}),
        ((2, "nearest"), {"align_corners": True}),
        ((), {}),
        ((2,), {"size": 3}),
        (("2",), {}),
        (((2, 2, 2), "bilinear"), {}),
        ((-1.0,), {}),
        ((), {"size": 2.5}),
        ((2,), {"axes": 7}),
        ((2,), {"data_format": "HWCN"}),
        ((2, "bilinear"), {"antialias": "yes"}),
    ],
    ids=repr,
)
def test_wrong_options_raise_the_functions_error(layers, arguments, options):
    def f(x):
        batched = applied(layers, "Upsample", *arguments, **options)
        return batched(x[None])[0] if short_name(layers) == "equinox" else batched(x)

    x = np.ones((5, 6, 7, 3), np.float32)
    given = {"data_format": "channels_first"} if short_name(layers) == "equinox" else {}
    with pytest.raises((ValueError, TypeError)) as functions:
        jaxup.upsample(x, *arguments, **given | options)
    with pytest.raises(functions.type) as layers_own:
        f(x)
    assert str(layers_own.value) == str(functions.value)


def test_traced_scale_raises_the_functions_error(layers):
    x = picture("channels_last")
    if short_name(layers) == "equinox":
        pytest.skip("Equinox itself warns that a static field is set to an array")
    with pytest.raises(TypeError, match=r"jaxup\.upsample: expected scale to be known when"):
        jax.jit(lambda x, scale: applied(layers, "Upsample", scale)(x))(x, 2.0)


def test_wrong_factor_raises_the_functions_error(layers):
    x = picture("channels_first")
    for layer in ("PixelShuffle", "PixelUnshuffle"):
        for factor, error in ((0, ValueError), (2.5, TypeError), (5, ValueError)):
            with pytest.raises(error, match=r"jaxup\.pixel_(un)?shuffle: expected .*factor"):
                applied(layers, layer, factor)(x)


@pytest.mark.parametrize(
    ("layer", "options", "advice"),
    [
        ("Upsample", {"mode": "bilinear"}, "For mode= write method= (how to interpolate)."),
        ("Upsample", {"scale_factor": 2}, "For scale_factor= write scale= (a factor"),
        ("Upsample", {"size": (8, 8), "interpolation": "linear"}, "write method= (how"),
        ("PixelShuffle", {"factor": 2, "upscale_factor": 2}, "write factor= (an int, or one"),
        ("PixelUnshuffle", {"factor": 2, "layout": "NHWC"}, "write data_format= (where the"),
    ],
)
def test_options_of_other_names(layers, layer, options, advice):
    name = f"jaxup.layers.{short_name(layers)}.{layer}"
    text = f"{name}: expected arguments by their names in jaxup, got "
    with pytest.raises(TypeError, match=f"^{re.escape(text)}.*{re.escape(advice)}"):
        built(layers, lambda: getattr(layers, layer)(**options))


def test_one_picture_or_a_batch_of_signals(layers):
    """Equinox's layers take one example, which leaves no doubt."""
    x = np.ones((16, 16, 3), np.float32)
    if short_name(layers) == "equinox":
        assert layers.Upsample(2)(x).shape == (16, 32, 6)
        assert layers.Upsample(2, data_format="channels_last")(x).shape == (32, 32, 3)
        assert layers.Upsample(2, data_format="NCHW")(x).shape == (16, 32, 6)
        assert layers.Upsample(size=(9, 9, 3), axes=(0, 1, 2))(x).shape == (9, 9, 3)
        return
    with pytest.raises(
        ValueError, match=r"^jaxup\.upsample: expected axes.*axes=\(0, 1\) or a met"
    ):
        applied(layers, "Upsample", 2)(x)
    for options in ({"axes": (0, 1)}, {"method": "bicubic"}, {"data_format": "NHWC"}):
        assert applied(layers, "Upsample", 2, **options)(x).shape == (32, 32, 3)


def test_constructors_agree(layers):
    """One signature, the function's, but for its arrays and for what the framework adds."""
    function = inspect.signature(jaxup.upsample).parameters
    ours = inspect.signature(
        layers.Upsample.__init__ if short_name(layers) in ("nnx", "haiku") else layers.Upsample
    ).parameters
    ours = {name: p for name, p in ours.items() if name not in ("self", "name", "parent")}
    assert list(ours) == [
        name for name in function if name not in ("x", "dtype", "where", "fill_value")
    ]
    for name, parameter in ours.items():
        assert parameter.kind == function[name].kind, name
        if name != "data_format":
            assert parameter.default in (function[name].default, dict), name


def built(layers, make):
    """``make()``'s result, within a transform where the framework wants one."""
    if short_name(layers) != "haiku":
        return make()
    import haiku as hk

    return hk.transform(lambda: {"": make()}[""]).apply({}, None)


def one_line(layer):
    return re.sub(r",?\s*\)", ")", re.sub(r"(?<=\()\s+", "", re.sub(r"\s+", " ", repr(layer))))


def test_repr_shows_what_is_set(layers):
    def texts():
        return [
            one_line(layer)
            for layer in (
                layers.Upsample(2),
                layers.Upsample(1.5, "bilinear", align_corners=True),
                layers.Upsample(None, "bicubic", size=(3, 7), antialias=True),
                layers.Upsample((2, 3), "linear", axes=(0, 1)),
                layers.PixelShuffle(2),
                layers.PixelUnshuffle(3),
            )
        ]

    assert built(layers, texts) == [
        "Upsample(scale=2)",
        "Upsample(scale=1.5, method='bilinear', align_corners=True)",
        "Upsample(method='bicubic', size=(3, 7), antialias=True)",
        "Upsample(scale=(2, 3), method='linear', axes=(0, 1))",
        "PixelShuffle(factor=2)",
        "PixelUnshuffle(factor=3)",
    ]


def test_options_are_attributes(layers):
    def attributes():
        layer = layers.Upsample(2, "cubic", axes=(0, 1), align_corners=True)
        shuffle = layers.PixelShuffle(2)
        names = ("scale", "method", "size", "axes", "align_corners", "antialias")
        return [getattr(layer, name) for name in names], shuffle.factor

    assert built(layers, attributes) == ([2, "cubic", None, (0, 1), True, False], 2)


def test_copies_and_pickles(layers):
    if short_name(layers) == "haiku":
        pytest.skip("a Haiku module lives within its transform")
    for module, names in (
        (layers.Upsample([2, 3], kernels.cubic(-0.6), axes=(0, 1)), ("scale", "method", "axes")),
        (layers.PixelShuffle(2), ("factor", "order", "data_format")),
        (layers.PixelUnshuffle(2), ("factor", "order", "data_format")),
    ):
        for other in (copy.copy(module), copy.deepcopy(module), pickle.loads(pickle.dumps(module))):
            assert type(other) is type(module)
            for name in names:
                assert getattr(other, name) == getattr(module, name)


# Without the framework


def python(program):
    return subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    ).stdout


def test_import_without_any_framework_names_the_extra():
    output = python(
        "import importlib, sys\n"
        "class Missing:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name.split('.')[0] in ('flax', 'haiku', 'equinox'):\n"
        "            raise ModuleNotFoundError(f'No module named {name!r}', name=name)\n"
        "sys.meta_path.insert(0, Missing())\n"
        "import jaxup, jaxup.layers\n"
        "print(jaxup.pixel_shuffle.__name__)\n"
        "for name in ('linen', 'nnx', 'haiku', 'equinox'):\n"
        "    try: importlib.import_module(f'jaxup.layers.{name}')\n"
        "    except ImportError as error: print(type(error).__name__, error.name, error)\n"
    )
    assert output.splitlines() == ["pixel_shuffle"] + [
        f"ModuleNotFoundError {package} jaxup.layers.{name} could not import its framework"
        f" (No module named '{package}'). Install it with: pip install 'jaxup[{name}]'"
        for name, package in PACKAGES.items()
    ]


def test_broken_framework_stays_an_import_error(tmp_path):
    (tmp_path / "equinox.py").write_text("from jax import nothing_of_that_name\n")
    output = python(
        f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n"
        "try: import jaxup.layers.equinox\n"
        "except ImportError as error: print(type(error).__name__, error, repr(error.__cause__))\n"
    )
    assert output.startswith("ImportError jaxup.layers.equinox could not import its framework")
    assert "cannot import name 'nothing_of_that_name'" in output
    assert "pip install 'jaxup[equinox]'" in output


def test_a_layer_imports_its_own_framework_only(layers):
    name = short_name(layers)
    others = {"flax", "haiku", "equinox"} - {PACKAGES[name]}
    # flax and haiku import each other's kin where they are installed; ours must not
    source = inspect.getsource(layers)
    imported = set(re.findall(r"^\s*(?:import|from) (\w+)", re.sub(r">>>.*", "", source), re.M))
    assert PACKAGES[name] in imported
    assert imported.isdisjoint(others)
