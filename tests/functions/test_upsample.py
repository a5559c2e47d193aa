"""`jaxup.upsample` against a dense float64 oracle: values, axes, dtypes."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxup
from jaxup import upsample
from tests.helpers import oracle
from tests.helpers.cases import CASES, numbers, parametrized


def expected(case, x):
    return oracle.upsample(x, case.method, case.axes, case.out_sizes, case.scales, **case.options)


@parametrized(CASES)
def test_float64_equals_the_dense_oracle(case):
    x = numbers(case.shape, np.float64)
    with jax.enable_x64(True):
        y = case.run(x)
    assert y.dtype == np.float64
    np.testing.assert_allclose(y, expected(case, x), rtol=0, atol=3e-13)


@parametrized(CASES)
def test_float32_equals_the_dense_oracle(case):
    x = numbers(case.shape)
    y = case.run(x)
    assert y.dtype == np.float32
    # a float32 coordinate is off by up to 2**-17 pixels at index 128, a picture by as much
    np.testing.assert_allclose(y, expected(case, x), rtol=0, atol=1e-5 + 1e-7 * max(case.shape))


# Which axes


PICTURE = numbers((4, 6, 3))
BATCH = numbers((2, 4, 6, 3))


@pytest.mark.parametrize(
    ("shape", "arguments", "out_shape"),
    [
        pytest.param((4, 6, 3), {"scale": 2, "method": "bilinear"}, (8, 12, 3), id="picture"),
        pytest.param((4, 6, 3), {"scale": 2, "axes": 1}, (4, 12, 3), id="signals"),
        pytest.param((4, 6, 3), {"scale": (2,)}, (4, 12, 3), id="one-scale-of-signals"),
        pytest.param((2, 4, 6, 3), {"scale": 2}, (2, 8, 12, 3), id="ndim-2-of-4"),
        pytest.param((5, 2, 4, 6, 3), {"scale": 2}, (5, 4, 8, 12, 3), id="ndim-2-of-5"),
        pytest.param((5, 2, 4, 6, 3), {"scale": (2, 3)}, (5, 2, 8, 18, 3), id="two-scales"),
        pytest.param((2, 4, 6, 3), {"scale": (2,)}, (2, 4, 12, 3), id="one-scale-in-a-tuple"),
        pytest.param((2, 4, 6, 3), {"size": [5]}, (2, 4, 5, 3), id="one-size-in-a-list"),
        pytest.param(
            (9, 2, 4, 6, 3), {"scale": 2, "method": "bicubic"}, (9, 2, 8, 12, 3), id="rank-of-name"
        ),
        pytest.param(
            (4, 5, 6, 3), {"size": (1, 2, 3), "method": "trilinear"}, (1, 2, 3, 3), id="volume"
        ),
        pytest.param(
            (2, 3, 4, 6),
            {"scale": 2, "data_format": "channels_first"},
            (2, 3, 8, 12),
            id="channels-first",
        ),
        pytest.param(
            (3, 4, 6),
            {"scale": 2, "method": "bilinear", "data_format": "channels_first"},
            (3, 8, 12),
            id="picture-channels-first",
        ),
        pytest.param(
            (7, 2, 3, 6),
            {"size": (5,), "data_format": "channels_first"},
            (7, 2, 3, 5),
            id="one-size-channels-first",
        ),
        pytest.param((4, 6), {"size": 5, "axes": 0}, (5, 6), id="one-axis"),
        pytest.param((4, 6), {"size": 5, "axes": -1}, (4, 5), id="negative-axis"),
        pytest.param((4,), {"size": 5, "axes": 0}, (5,), id="vector"),
        pytest.param((4, 6), {"scale": 2, "axes": (0, 1)}, (8, 12), id="no-channels"),
        pytest.param((4, 6), {"scale": (2, 3), "axes": [1, 0]}, (12, 12), id="permuted-axes"),
        pytest.param((4, 6), {"scale": (2, 3), "axes": np.array([-1, 0])}, (12, 12), id="array"),
        pytest.param((4, 6), {"scale": 2, "axes": range(2)}, (8, 12), id="range"),
        pytest.param(
            (4, 6, 5), {"size": (1, 2), "method": "bicubic", "axes": (2, 0)}, (2, 6, 1), id="ends"
        ),
    ],
)
def test_axes(shape, arguments, out_shape):
    assert jax.eval_shape(lambda x: upsample(x, **arguments), jnp.zeros(shape)).shape == out_shape


def test_permuted_axes_take_their_own_scale():
    y = upsample(BATCH, (2.5, 0.5), "cubic", axes=(-2, 1))
    in_order = upsample(BATCH, (0.5, 2.5), "cubic", axes=(1, 2))
    np.testing.assert_allclose(y, in_order, rtol=0, atol=1e-6)
    np.testing.assert_allclose(
        y, oracle.upsample(BATCH, "cubic", (2, 1), (15, 2), (2.5, 0.5)), rtol=0, atol=1e-5
    )


def test_channels_first_is_channels_last_moved():
    first = np.moveaxis(BATCH, -1, 1)
    for method in ("nearest", "bilinear", "area"):
        y = upsample(first, (1.5, 2), method, data_format="channels_first")
        last = upsample(BATCH, (1.5, 2), method)
        np.testing.assert_allclose(np.moveaxis(np.asarray(y), 1, -1), last, rtol=0, atol=1e-6)


def test_picture_is_a_batch_of_one():
    methods: dict[Any, dict[str, Any]] = {"bilinear": {}, "bicubic": {"antialias": True}}
    for method, options in methods.items():
        y = upsample(PICTURE, 1.5, method, **options)
        batch = upsample(PICTURE[None], 1.5, method, **options)[0]
        np.testing.assert_allclose(y, batch, rtol=0, atol=1e-6)


@pytest.mark.parametrize(
    "scale",
    [
        2.5,
        (2.5, 2.5),
        [2.5, 2.5],
        np.float32(2.5),
        np.array(2.5),
        np.array([2.5, 2.5]),
        jnp.float32(2.5),
        jnp.array([2.5, 2.5]),
        (np.float64(2.5), jnp.array(2.5)),
    ],
    ids=repr,
)
def test_every_form_of_a_scale(scale):
    np.testing.assert_array_equal(
        upsample(PICTURE, scale, "bilinear"), upsample(PICTURE, 2.5, "bilinear")
    )


@pytest.mark.parametrize(
    "size",
    [5, (5, 5), [5, 5], np.int64(5), np.array([5, 5]), jnp.int32(5), (np.uint8(5), jnp.array(5))],
    ids=repr,
)
def test_every_form_of_a_size(size):
    np.testing.assert_array_equal(
        upsample(PICTURE, size=size, method="bilinear"),
        upsample(PICTURE, size=(5, 5), method="bilinear"),
    )


def test_size_is_truncated_and_the_scale_kept():
    x = numbers((1, 100, 1))
    y = upsample(x, 0.29, "linear", axes=1)  # 28.999999999999996
    assert y.shape == (1, 28, 1)
    np.testing.assert_allclose(y, oracle.upsample(x, "linear", (1,), (28,), (0.29,)), atol=2e-5)
    by_size = upsample(x, size=28, method="linear", axes=1)
    assert np.abs(y - by_size).max() > 0.1  # the coordinates follow the scale, not the sizes


@pytest.mark.parametrize("method", ["nearest", "nearest-exact", "linear", "cubic", "lanczos3"])
def test_one_pixel_becomes_a_constant(method):
    x = numbers((2, 1, 1, 3))
    y = upsample(x, size=(4, 5), method=method)
    np.testing.assert_allclose(y, np.broadcast_to(x, (2, 4, 5, 3)), rtol=0, atol=1e-6)


def test_unchanged_size_is_the_identity():
    x = numbers((2, 5, 7, 3))
    for method in ("nearest", "nearest-exact", "linear", "bilinear", "area"):
        np.testing.assert_array_equal(upsample(x, 1, method), x)
        np.testing.assert_array_equal(upsample(x, size=(5, 7), method=method), x)
    for method in ("bilinear", "bicubic", "lanczos3"):
        np.testing.assert_array_equal(upsample(x, size=(5, 7), method=method, antialias=True), x)
    for method in ("linear", "cubic", "lanczos3"):
        y = upsample(x, size=(5, 7), method=method, align_corners=method != "linear")
        np.testing.assert_allclose(y, x, rtol=0, atol=1e-6)


def test_align_corners_keeps_the_corners():
    x = numbers((1, 5, 7, 1))
    for method in ("linear", "bilinear", "cubic", "bicubic", "lanczos3"):
        y = upsample(x, size=(11, 16), method=method, align_corners=True)
        np.testing.assert_allclose(y[:, ::10, ::15], x[:, ::4, ::6], rtol=0, atol=1e-6)


def test_empty_batches_and_channels():
    for method in ("nearest", "bilinear", "area"):
        for shape in ((0, 4, 6, 3), (2, 4, 6, 0)):
            y = upsample(jnp.zeros(shape), 1.5, method)
            assert y.shape == (shape[0], 6, 9, shape[3])


# Dtypes


@pytest.mark.parametrize("method", ["nearest", "nearest-exact"])
@pytest.mark.parametrize(
    "dtype", ["bool", "int4", "uint8", "int16", "int32", "uint32", "float8_e4m3fn", "complex64"]
)
def test_nearest_keeps_every_dtype(method, dtype):
    x = jnp.asarray(numbers((5, 4)) * 7).astype(dtype)
    y = upsample(x, 1.5, method, axes=0)
    assert y.dtype == x.dtype
    rows = oracle.matrix(method, 5, 7, 1.5).argmax(1)
    np.testing.assert_array_equal(y.astype(np.complex64), x.astype(np.complex64)[rows])


def test_nearest_keeps_64_bit_integers():
    with jax.enable_x64(True):
        x = jnp.array([2**62 + 1, -(2**60) - 3])
        y = upsample(x, 2, axes=0)
        assert y.dtype == jnp.int64
        assert y.tolist() == [2**62 + 1, 2**62 + 1, -(2**60) - 3, -(2**60) - 3]


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
@pytest.mark.parametrize("method", ["bilinear", "bicubic", "area", "lanczos3"])
@pytest.mark.parametrize("size", [(8, 12), (3, 4)], ids=["enlarge", "shrink"])
def test_half_precision_accumulates_in_float32(dtype, method, size):
    x = jnp.asarray(numbers((2, 4, 6, 3))).astype(dtype)
    y = upsample(x, size=size, method=method)
    assert y.dtype == x.dtype
    wide = upsample(x.astype(jnp.float32), size=size, method=method)
    np.testing.assert_array_equal(y, wide.astype(dtype))  # one rounding, at the end


def test_half_precision_sums_do_not_overflow():
    x = jnp.full((1, 64, 1), 60000, jnp.float16)
    np.testing.assert_array_equal(upsample(x, size=1, method="area", axes=1), [[[60000]]])


@pytest.mark.parametrize("dtype", ["float8_e4m3fn", "float8_e5m2"])
def test_eight_bit_floats_accumulate_in_float32(dtype):
    x = jnp.asarray(numbers((5, 3))).astype(dtype)
    y = upsample(x, 2, "linear", axes=0)
    wide = upsample(x.astype(jnp.float32), 2, "linear", axes=0)
    assert y.dtype == x.dtype
    np.testing.assert_array_equal(y.astype(np.float32), wide.astype(dtype).astype(np.float32))


@pytest.mark.parametrize("method", ["bilinear", "bicubic", "area", "nearest-exact"])
def test_complex_is_its_two_parts(method):
    real, imaginary = numbers((2, 4, 6, 3)), numbers((2, 4, 6, 3), seed=999)
    y = upsample(real + 1j * imaginary, 1.5, method)
    assert y.dtype == np.complex64
    np.testing.assert_allclose(y.real, upsample(real, 1.5, method), rtol=0, atol=1e-6)
    np.testing.assert_allclose(y.imag, upsample(imaginary, 1.5, method), rtol=0, atol=1e-6)


def test_complex_infinity_stays_in_its_part():
    x = jnp.array([1.0, complex(2, np.inf), 3.0])
    y = upsample(x, 2, "linear", axes=0)
    np.testing.assert_array_equal(y.real, [1, 1.25, 1.75, 2.25, 2.75, 3])
    # the first output reads the infinite pixel too, with weight 0, here as in PyTorch
    np.testing.assert_array_equal(y.imag, [np.nan, np.inf, np.inf, np.inf, np.inf, 0])


@pytest.mark.parametrize("dtype", ["float8_e5m2", "bfloat16", "float32", "complex64"])
def test_strict_promotion(dtype):
    """No step leaves it to JAX to find a common type of two."""
    x = jnp.asarray(numbers((3, 7))).astype(dtype)  # a shape of its own: traced in strict mode
    with jax.numpy_dtype_promotion("strict"):
        for method in ("nearest", "linear", "cubic", "area", "lanczos3"):
            assert upsample(x, 1.7, method, axes=0).dtype == x.dtype


def test_complex128_is_exact_in_double():
    x = numbers((2, 7, 3), np.float64) + 1j * numbers((2, 7, 3), np.float64, seed=5)
    with jax.enable_x64(True):
        y = upsample(x, 2.37, "cubic", axes=1)
    assert y.dtype == np.complex128
    wanted = oracle.upsample(x, "cubic", (1,), (16,), (2.37,))
    np.testing.assert_allclose(y, wanted, rtol=0, atol=3e-13)


def test_what_is_not_a_jax_array():
    picture: Any = [[1.0, 3.0], [5.0, 7.0]]
    wanted = upsample(jnp.array(picture), 2, "linear", axes=1)
    for x in (picture, np.array(picture), np.array(picture, np.float32)):
        y = upsample(x, 2, "linear", axes=1)
        assert isinstance(y, jax.Array)
        assert y.dtype == np.float32
        np.testing.assert_array_equal(y, wanted)


# Kernels of one's own


def test_kernel_of_ones_own():
    tent = jaxup.kernels.Kernel(lambda d: 1 - abs(d), 1.0)
    for scale in (2, 1.7, 0.6):
        np.testing.assert_allclose(
            upsample(PICTURE, (scale, scale), tent),
            upsample(PICTURE, scale, "bilinear"),
            rtol=0,
            atol=1e-6,
        )
        np.testing.assert_allclose(
            upsample(PICTURE, (scale, scale), tent, antialias=True),
            upsample(PICTURE, scale, "bilinear", antialias=True),
            rtol=0,
            atol=1e-6,
        )


def test_kernel_written_with_jax_numpy_under_jit():
    gaussian = jaxup.kernels.Kernel(lambda d: jnp.exp(-2 * d**2), 2.0)
    in_numpy = jaxup.kernels.Kernel(lambda d: np.exp(-2 * d**2), 2.0)
    y = jax.jit(lambda x: upsample(x, 1.5, gaussian, axes=0))(PICTURE)
    np.testing.assert_allclose(y, upsample(PICTURE, 1.5, in_numpy, axes=0), rtol=0, atol=1e-6)


def test_kernel_that_no_pixel_is_inside_of_gives_zero():
    narrow = jaxup.kernels.Kernel(lambda d: 0 * d + 1, 0.3)
    y = upsample(jnp.array([3.0, 5.0]), 2, narrow, axes=0)
    np.testing.assert_array_equal(y, [3, 3, 5, 5])  # a quarter pixel away: inside
    y = upsample(jnp.array([3.0, 5.0]), size=3, method=narrow, axes=0)
    np.testing.assert_array_equal(y, [3, 0, 5])  # the middle one is half a pixel from both
