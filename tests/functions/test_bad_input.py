"""What functions say to bad input: the type of each error, and its text."""

import re
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxup
from jaxup import upsample
from jaxup.compat import jax_image as compat_jax_image
from jaxup.compat import tensorflow as compat_tensorflow
from jaxup.compat import torch as compat_torch

SHAPE = (2, 4, 6, 3)
NAMES = "'nearest', 'nearest-exact', 'linear', 'bilinear', 'trilinear', 'cubic', 'bicubic'"


def bad(name, error, text, *arguments, shape=SHAPE, **options):
    return pytest.param(error, text, arguments, options, shape, id=name)


VALUES = [
    # method and data_format
    bad(
        "unknown-method",
        ValueError,
        "expected a known method, got 'bilinaer' for input shape (2, 4, 6, 3)."
        " Did you mean 'bilinear'? Use one of 'bilinear', 'linear',",
        2,
        "bilinaer",
    ),
    bad("method-in-capitals", ValueError, "Use one of 'nearest', ", 2, "NEAREST"),
    bad("method-none", TypeError, f"got None for input shape {SHAPE}. The names are", 2, None),
    bad("method-list", TypeError, "a name or a jaxup.kernels.Kernel, got ['cubic']", 2, ["cubic"]),
    bad("method-class", TypeError, f"The names are {NAMES}", 2, jaxup.kernels.Kernel),
    bad(
        "data-format",
        ValueError,
        "expected a known data_format, got 'HWCN' for input shape (2, 4, 6, 3)."
        " Did you mean 'NHWC'? Use one of 'NHWC', ",
        2,
        data_format="HWCN",
    ),
    bad("data-format-none", ValueError, "a known data_format, got None", 2, data_format=None),
    bad("data-format-list", ValueError, "a known data_format, got ['a']", 2, data_format=["a"]),
    # scale and size
    bad("neither", ValueError, "expected exactly one of scale and size, got neither"),
    bad("both", ValueError, "expected exactly one of scale and size, got both", 2, size=3),
    bad("three-scales", ValueError, "one scale, or 2 (one per spatial axis), got scale=(1, 2, 3)",
        (1, 2, 3), "bilinear"),
    bad("one-size-of-two", ValueError, "one size, or 2 (one per spatial axis), got size=(4,)",
        None, "bicubic", size=(4,)),
    bad("sizes-for-axes", ValueError, "The spatial axes are (1,); name others with axes=.",
        size=(4, 5), axes=1),
    bad("no-scales", ValueError, "expected at least one scale, got scale=()", ()),
    bad("no-sizes", ValueError, "expected at least one size, got size=()", size=[]),
    bad("scale-zero", ValueError, "expected a finite scale above 0, got scale=0 for", 0),
    bad("scale-negative", ValueError, "a finite scale above 0, got scale=-1.5", (2, -1.5)),
    bad("scale-nan", ValueError, "a finite scale above 0, got scale=nan", float("nan")),
    bad("scale-inf", ValueError, "a finite scale above 0, got scale=inf", float("inf")),
    bad("scale-jax-nan", ValueError, "a finite scale above 0, got scale=nan", jnp.array(jnp.nan)),
    bad("scale-too-small", ValueError,
        "expected an output of at least 1 pixel, got scale=0.2, int(4 * 0.2) = 0 for input shape"
        " (2, 4, 6, 3). Use a larger scale, or give the size.", 0.2),
    bad("scale-too-large", ValueError, "an output of at most 2147483647 pixels per axis", 1e30),
    bad("scale-past-float", ValueError, "an output of at most 2147483647 pixels", 10**400),
    bad("size-zero", ValueError, "an output of at least 1 pixel, got size=0", size=(3, 0)),
    bad("size-negative", ValueError, "an output of at least 1 pixel, got size=-3", size=-3),
    bad("size-too-large", ValueError, "an output of at most 2147483647 pixels", size=2**31),
    bad("scale-text", TypeError, "scale to be a real number, or one per axis, got str '2'", "2"),
    bad("scale-text-inside", TypeError, "got str '2'", ("2", 2)),
    bad("scale-bool", TypeError, "expected scale to be a real number", True),
    bad("scale-numpy-bool", TypeError, "expected scale to be a real number", np.True_),
    bad("scale-none-inside", TypeError, "got NoneType None", (2, None)),
    bad("scale-complex", TypeError, "got complex (2+0j)", 2 + 0j),
    bad("scale-nested", TypeError, "got list [2, 2]", [[2, 2], 3]),
    bad("scale-matrix", ValueError, "got an array of shape (2, 2)", np.ones((2, 2))),
    bad("scale-set", TypeError, "expected scale to be a real number", {2, 3}),
    bad("scale-dict", TypeError, "expected scale to be a real number", {2: 3}),
    bad("size-float", TypeError, "size in whole pixels, got float 3.0 for input shape"
        " (2, 4, 6, 3). Pass ints as size, or a factor as scale.", size=3.0),
    bad("size-floats", TypeError, "size in whole pixels, got float 3.0", size=(3.0, 4.0)),
    bad("size-float-array", TypeError, "size in whole pixels", size=np.array([3.0, 4.0])),
    bad("size-bool", TypeError, "size in whole pixels, got bool True", size=True),
    bad("size-text", TypeError, "size in whole pixels, got str '12'", size="12"),
    # axes and rank
    bad("axis-out-of-range", ValueError,
        "expected axes between -4 and 3, got axis 4 for input shape (2, 4, 6, 3).", 2, axes=4),
    bad("axis-out-of-range-below", ValueError, "got axis -5", 2, axes=(1, -5)),
    bad("axis-repeated", ValueError, "expected each axis once, got axes=(1, -3)", 2, axes=(1, -3)),
    bad("axes-empty", ValueError, "expected at least one axis, got axes=()", 2, axes=()),
    bad("axis-float", TypeError, "expected axes to be integers, got float 1.0", 2, axes=1.0),
    bad("axis-bool", TypeError, "expected axes to be integers, got bool True", 2, axes=(0, True)),
    bad("axes-text", TypeError, "expected axes to be integers, got str 'HW'", 2, axes="HW"),
    bad("axes-against-rank", ValueError, "expected 2 axes for method 'bilinear', got axes=1 ",
        2, "bilinear", axes=1),
    bad("rank-bilinear", ValueError,
        "expected 3 or more axes (2 spatial for method 'bilinear' and the channels), got 2 for"
        " input shape (4, 6). Name the spatial axes with axes=(0, 1), or add the missing axis"
        " to x.",
        2, "bilinear", shape=(4, 6)),
    bad("rank-trilinear", ValueError, "4 or more axes (3 spatial", 2, "trilinear", shape=(4, 6, 3)),
    bad("rank-of-scales", ValueError, "(3 spatial for scale=(2, 2, 2) and", (2, 2, 2),
        shape=(4, 6, 3)),
    bad("rank-two", ValueError, "3 or more axes (batch and spatial ones and the channels), got 2",
        2, shape=(4, 6)),
    bad("rank-zero", ValueError, "got 0 for input shape ()", 2, shape=()),
    bad("axis-of-a-scalar", ValueError, "expected an array with axes, got a scalar", 2, axes=0,
        shape=()),
    bad("empty-spatial-axis", ValueError, "spatial axes of at least 1 pixel, got sizes (0, 6)", 2,
        shape=(2, 0, 6, 3)),
    # options that do not fit the method
    *(
        bad(f"align-corners-{method}", ValueError,
            "align_corners only with linear, cubic and lanczos methods, got"
            f" method='{method}' for input shape (2, 4, 6, 3). Drop align_corners",
            2, method, align_corners=True)
        for method in ("nearest", "nearest-exact", "area")
    ),
    *(
        bad(f"antialias-{method}", ValueError,
            f"antialias only with linear, cubic and lanczos methods, got method='{method}'",
            2, method, antialias=True)
        for method in ("nearest", "nearest-exact", "area")
    ),
    bad("align-corners-int", TypeError, "align_corners to be a bool, got 1", 2, "linear",
        align_corners=1),
    bad("align-corners-none", TypeError, "align_corners to be a bool, got None", 2, "linear",
        align_corners=None),
    bad("align-corners-list", TypeError, "align_corners to be a bool, got []", 2, "linear",
        align_corners=[]),
    bad("antialias-text", TypeError, "antialias to be a bool, got 'yes'", 2, "linear",
        antialias="yes"),
]  # fmt: skip


@pytest.mark.parametrize(("error", "text", "arguments", "options", "shape"), VALUES)
def test_arguments(error, text, arguments, options, shape):
    x = jnp.zeros(shape)

    def call(x):
        return upsample(x, *arguments, **options)

    for when in (call, jax.jit(call)):
        with pytest.raises(error, match=re.escape(text)) as caught:
            when(x)
        said = str(caught.value)
        assert said.startswith("jaxup.upsample: expected ")
        assert "\n" not in said
        assert said.endswith(".")


@pytest.mark.parametrize("method", ["linear", "bicubic", "area", "lanczos3"])
@pytest.mark.parametrize("dtype", ["uint8", "int32", "bool", "int4"])
def test_integers_are_told_what_to_do(method, dtype):
    text = (
        f"jaxup.upsample: expected a floating-point or complex array for method='{method}', got"
        f" dtype {dtype} for input shape (2, 4, 6, 3). Say what becomes of x:"
        f" dtype='float32', or dtype='{dtype}', which rounds and clips, or use method='nearest',"
        " which keeps the dtype."
    )
    with pytest.raises(TypeError, match=re.escape(text)):
        upsample(jnp.zeros(SHAPE, dtype), 2, method)


def test_integers_with_a_kernel():
    with pytest.raises(TypeError, match=r"a floating-point or complex array for method=Kernel\("):
        upsample(jnp.zeros(SHAPE, int), 2, jaxup.kernels.linear)


@pytest.mark.parametrize(
    "x", [None, "picture", [[1.0], [1.0, 2.0]], jax.ShapeDtypeStruct(SHAPE, np.float32), object()]
)
def test_what_is_no_array(x):
    with pytest.raises(TypeError, match=r"^jaxup.upsample: expected an array, got .* Pass a JAX"):
        upsample(x, 2, axes=0)


def test_random_keys_are_no_numbers():
    keys = jax.random.split(jax.random.key(0), 4)
    with pytest.raises(TypeError, match=r"expected an array of numbers or bools, got dtype key<"):
        upsample(keys, 2, axes=0)


@pytest.mark.parametrize("option", ["scale", "size", "axes"])
def test_random_keys_are_no_sizes(option):
    """JAX will not make NumPy's numbers of them, and said so in its own words."""
    options: dict[str, Any] = {"scale": 2, "axes": 0, option: jax.random.key(0)}
    with pytest.raises(TypeError, match=rf"^jaxup.upsample: expected {option} to be numbers, got "):
        upsample(jnp.ones((4, 4)), **options)


@pytest.mark.parametrize("option", ["scale", "translation"])
def test_random_keys_are_no_geometry(option):
    options: dict[str, Any] = {"scale": 2.0, "axes": 0, option: jax.random.key(0)}
    with pytest.raises(TypeError, match=rf"expected {option} to be a real number, or one per axis"):
        jaxup.scale_and_translate(jnp.ones((4, 4)), 3, **options)


def test_traced_scale_size_and_axes():
    x = jnp.zeros(SHAPE)
    text = (
        r"jaxup.upsample: expected {0} to be known when the program is built, got the traced value"
        r" .* for input shape \(2, 4, 6, 3\). Make {0} static"
        r" \(jax.jit\(..., static_argnames='{0}'\)\): it decides the shape of the result."
    )
    with pytest.raises(TypeError, match=text.format("scale")):
        jax.jit(lambda x, s: upsample(x, s, "bilinear"))(x, 2.0)
    with pytest.raises(TypeError, match=text.format("scale")):
        jax.jit(lambda x, s: upsample(x, (s, 2), "bilinear"))(x, 2.0)
    with pytest.raises(TypeError, match=text.format("scale")):
        jax.grad(lambda s: upsample(x, s, "bilinear").sum())(2.0)
    with pytest.raises(TypeError, match=text.format("scale")):
        jax.vmap(lambda s: upsample(x, s, "bilinear"))(jnp.array([1.0, 2.0]))
    with pytest.raises(TypeError, match=text.format("size")):
        jax.jit(lambda x, n: upsample(x, size=[n, n], method="bilinear"))(x, 8)
    with pytest.raises(TypeError, match=text.format("axes")):
        jax.jit(lambda x, n: upsample(x, 2, axes=n))(x, 1)


def test_equal_arguments_of_other_types_do_not_share_a_cache():
    x = jnp.zeros(SHAPE)
    assert upsample(x, size=(3, 4), method="bilinear").shape == (2, 3, 4, 3)
    floats: Any = (3.0, 4.0)
    with pytest.raises(TypeError, match="size in whole pixels, got float"):
        upsample(x, size=floats, method="bilinear")
    assert upsample(x, (1, 1), "bilinear").shape == SHAPE
    with pytest.raises(TypeError, match="scale to be a real number"):
        upsample(x, (True, True), "bilinear")
    assert upsample(x, 2, "linear", axes=(0, 1)).shape == (4, 8, 6, 3)
    with pytest.raises(TypeError, match="axes to be integers"):
        upsample(x, 2, "linear", axes=(False, True))


@pytest.mark.parametrize("radius", [0, -1.0, float("nan"), float("inf")])
def test_kernel_radius_out_of_range(radius):
    with pytest.raises(ValueError, match=r"Kernel: expected a finite radius above 0, got "):
        jaxup.kernels.Kernel(abs, radius)


@pytest.mark.parametrize("radius", ["1", None, True, 1j])
def test_kernel_radius_of_another_type(radius):
    with pytest.raises(TypeError, match=r"Kernel: expected radius to be a real number, got "):
        jaxup.kernels.Kernel(abs, radius)


def test_kernel_function():
    name: Any = "tent"
    with pytest.raises(TypeError, match=r"expected fn to be a function of distance, got 'tent'"):
        jaxup.kernels.Kernel(name, 1.0)

    class Unhashable:
        __hash__: Any = None

        def __call__(self, distance):
            return distance

    with pytest.raises(TypeError, match=r"Kernel: expected fn to be hashable, got "):
        jaxup.kernels.Kernel(Unhashable(), 1.0)


@pytest.mark.parametrize("radius", [0, -3, float("nan")])
def test_lanczos_radius(radius):
    with pytest.raises(ValueError, match=r"^jaxup.kernels.lanczos: expected .*radius"):
        jaxup.kernels.lanczos(radius)


V = np.arange(5.0, dtype=np.float32)
TABLE = np.ones((1, 5, 2), np.float32)


@pytest.mark.parametrize(
    "call",
    [
        lambda: jaxup.resize(V, 3, axes=0, scale=1e-9),
        lambda: jaxup.resize(V, 3, axes=0, scale=5e-324),
        lambda: jaxup.resize(V, 3, "linear", axes=0, roi=(0, 1e9), coordinates="crop_and_resize"),
        lambda: jaxup.upsample(V, 2, jaxup.kernels.Kernel(lambda d: 1 - abs(d), 1e9), axes=0),
    ],
)
def test_weights_out_of_proportion_are_refused(call):
    """They took up to terabytes."""
    with pytest.raises(
        ValueError, match=r"^jaxup\.[\w.]+: expected at most \d+ weights along axis"
    ):
        call()


@pytest.mark.parametrize(
    "call",
    [
        lambda: compat_torch.interpolate(V[None, None], scale_factor=1e12, mode="linear"),
        lambda: compat_tensorflow.resize(np.ones((5, 1, 1, 2)), [1610637938] * 2),
        lambda: jaxup.upsample(np.ones((8, 8, 3)), 2**20, "bicubic"),
        lambda: jaxup.resize(np.ones((2, 9)), (1, 2**30), keep_aspect="not_smaller", axes=(0, 1)),
        lambda: jaxup.resize_position_embedding(TABLE, 2, 3, max_grid=2**20),
    ],
)
def test_results_out_of_proportion_are_refused(call):
    """They asked the machine first, and some of them crashed it."""
    with pytest.raises(ValueError, match=r"^jaxup\.[\w.]+: expected a \w+ for a result of at most"):
        call()


@pytest.mark.parametrize(
    ("radius", "call"),
    [
        (1e4, lambda k: jaxup.sample(np.ones((4, 4, 4)), np.ones((3, 2)), k, axes=(0, 1, 2))),
        (1e9, lambda k: jaxup.sample(V, np.ones((1, 3)), k)),
        (1e9, lambda k: jaxup.scale_and_translate(V, 3, jnp.array(0.5), 0.0, k, axes=0)),
        (1.7e308, lambda k: jaxup.scale_and_translate(V, 3, 0.5, 0.0, k, axes=0)),
        (1.7e308, lambda k: jaxup.upsample(V, 2, k, axes=0)),
    ],
)
def test_kernels_that_would_run_for_hours_are_refused(radius, call):
    with pytest.raises(ValueError, match=r"^jaxup\.\w+: expected .*at most \d+ (pixels|weights) "):
        call(jaxup.kernels.Kernel(lambda d: 1 - abs(d), radius))


def test_a_dense_matrix_is_not_made_of_every_size():
    for sizes in ((2**31 - 1, 4), (10**6, 10**6), (2, 2**24)):
        with pytest.raises(ValueError, match="in_size times out_size to be at most 16777216"):
            jaxup.resize_matrix(*sizes)


def test_max_shrink_of_any_size():
    def shrunk(scale, max_shrink):
        options = {"boundary": "edge", "axes": 0, "max_shrink": max_shrink}
        return jaxup.scale_and_translate(V, 5, scale, **options)

    shrunk = jax.jit(shrunk, static_argnames="max_shrink")
    np.testing.assert_array_equal(shrunk(0.5, 1e308), shrunk(0.5, 2.0))


@pytest.mark.parametrize(
    ("fn", "error", "text"),
    [
        (lambda d: 1j * d, TypeError, "real weights, got dtype complex128"),
        (lambda d: None, TypeError, "real weights, got NoneType"),
        (lambda d: "1", TypeError, "real weights, got str"),
        (
            lambda d: d[0],
            ValueError,
            r"a weight for every distance, got shape \(2,\) for \(10, 2\)",
        ),
    ],
)
def test_a_kernel_that_returns_no_weights(fn, error, text):
    with pytest.raises(error, match=rf"jaxup\.kernels\.Kernel: expected fn to return {text}"):
        jaxup.upsample(V, 2, jaxup.kernels.Kernel(fn, 1.0), axes=0)


def test_a_kernel_of_a_traced_number():
    def f(a):
        kernel = jaxup.kernels.Kernel(lambda d: jnp.maximum(0, 1 - a * abs(d)), 1.0)
        return jaxup.upsample(V, 2, kernel, axes=0)

    with pytest.raises(TypeError, match="fn to return numbers known when the program is built"):
        jax.jit(f)(1.0)


@pytest.mark.parametrize(
    ("options", "got"),
    [
        ({"boundary": lambda p, w, n: None}, "TypeError: 'NoneType'"),
        ({"boundary": lambda p, w, n: (p[:1], w, p == p)}, r"float64\[1, 3\]"),
        ({"boundary": lambda p: p}, "TypeError: .*3 were given"),
        ({"coordinates": lambda i, a, b, s: None}, r"object\[\]"),
        ({"coordinates": lambda i, a, b, s: i[:2]}, r"float64\[2\] for \[3\]"),
    ],
)
def test_a_function_that_returns_something_else(options, got):
    (name,) = options
    with pytest.raises(TypeError, match=rf"jaxup\.resize: expected {name} to be a f.*got .*{got}"):
        jaxup.resize(V, 8, "linear", axes=0, **options)


def test_jax_image_may_be_replaced_by_its_twin(monkeypatch):
    """It looked the original up when it was called, and found itself."""
    monkeypatch.setattr(jax.image, "resize", compat_jax_image.resize)
    assert jax.image.resize(jnp.ones((1, 4, 4, 1)), (1, 7, 5, 1), "nearest").shape == (1, 7, 5, 1)
