"""`jaxup.pixel_shuffle` and `pixel_unshuffle` against their definitions, element by element."""

import itertools
import re
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.test_util import check_grads

from jaxup import pixel_shuffle, pixel_unshuffle

FORMATS = ("channels_last", "channels_first")


ORDERS: tuple[Any, ...] = ("torch", "tensorflow")


def shuffled(x, r):
    """The definition, for (height, width, channels)."""
    height, width, channels = x.shape
    y = np.empty((height * r, width * r, channels // r**2), x.dtype)
    for h, w, c, i, j in itertools.product(*map(range, (height, width, y.shape[-1], r, r))):
        y[r * h + i, r * w + j, c] = x[h, w, (c * r + i) * r + j]
    return y


def shuffled_anywhere(x, factors, order):
    """The definition, for any number of spatial axes and channels last."""
    d, channels = len(factors), x.shape[-1] // np.prod(factors)
    y = np.empty((*np.multiply(x.shape[:d], factors), channels), x.dtype)
    for index in np.ndindex(*y.shape):
        *pixel, c = index
        within = np.ravel_multi_index(np.mod(pixel, factors), factors)
        group = (c * np.prod(factors) + within) if order == "torch" else within * channels + c
        y[index] = x[(*np.floor_divide(pixel, factors), group)]
    return y


def distinct(shape, dtype=np.float32):
    return np.arange(np.prod(shape)).reshape(shape).astype(dtype)


@pytest.mark.parametrize("factor", [1, 2, 3])
def test_shuffle_is_its_definition(factor):
    x = distinct((2, 5, 3 * factor**2))
    y = shuffled(x, factor)
    np.testing.assert_array_equal(pixel_shuffle(x, factor), y)
    first = pixel_shuffle(x.transpose(2, 0, 1), factor, data_format="channels_first")
    np.testing.assert_array_equal(first, y.transpose(2, 0, 1))


@pytest.mark.parametrize("factor", [1, 2, 3])
def test_unshuffle_is_the_inverse_on_both_sides(factor):
    x = distinct((2, 5, 3 * factor**2))
    y = shuffled(x, factor)
    np.testing.assert_array_equal(pixel_unshuffle(y, factor), x)
    first = pixel_unshuffle(y.transpose(2, 0, 1), factor, data_format="channels_first")
    np.testing.assert_array_equal(first, x.transpose(2, 0, 1))
    np.testing.assert_array_equal(pixel_shuffle(pixel_unshuffle(y, factor), factor), y)


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("factors", [(3,), (2, 3), (1, 2, 3), (2, 1, 2, 2)], ids=str)
def test_any_number_of_axes_in_either_order(factors, order):
    x = distinct((*(3, 2, 1, 2)[: len(factors)], 2 * np.prod(factors)))
    y = shuffled_anywhere(x, factors, order)
    np.testing.assert_array_equal(pixel_shuffle(x, factors, order=order), y)
    np.testing.assert_array_equal(pixel_unshuffle(y, factors, order=order), x)
    first: Any = {"order": order, "data_format": "channels_first"}
    x, y = np.moveaxis(x, -1, 0), np.moveaxis(y, -1, 0)
    np.testing.assert_array_equal(pixel_shuffle(x[None], factors, **first), y[None])
    np.testing.assert_array_equal(pixel_unshuffle(y[None], factors, **first), x[None])


def test_letters_say_how_many_axes_one_factor_is_for():
    x = distinct((2, 1, 3, 2, 8))
    volume = pixel_shuffle(x, (2, 2, 2))
    np.testing.assert_array_equal(pixel_shuffle(x, 2, data_format="NDHWC"), volume)
    np.testing.assert_array_equal(pixel_unshuffle(volume, 2, data_format="NDHWC"), x)
    signal = pixel_shuffle(x[0, 0], (2,))
    np.testing.assert_array_equal(pixel_shuffle(x[0, 0], 2, data_format="NWC"), signal)
    pictures = pixel_shuffle(x, (2, 2))  # one number and a name of two axes stay two
    np.testing.assert_array_equal(pixel_shuffle(x, 2), pictures)
    np.testing.assert_array_equal(pixel_shuffle(x, np.array([2, 2])), pictures)


@pytest.mark.parametrize("data_format", FORMATS)
@pytest.mark.parametrize("batch", [(), (0,), (2,), (2, 1, 3)], ids=str)
def test_batch_axes_are_left_alone(batch, data_format):
    shape = (2, 3, 8) if data_format == "channels_last" else (8, 2, 3)
    x = distinct((*batch, *shape))
    y = pixel_shuffle(x, 2, data_format=data_format)
    assert y.shape[: len(batch)] == batch
    for index in np.ndindex(*batch):
        one = pixel_shuffle(x[index], 2, data_format=data_format)
        np.testing.assert_array_equal(y[index], one)
    np.testing.assert_array_equal(pixel_unshuffle(y, 2, data_format=data_format), x)


@pytest.mark.parametrize("dtype", ["bool", "uint8", "int32", "bfloat16", "float16", "complex64"])
def test_every_dtype_is_kept(dtype):
    x = distinct((2, 2, 4)).astype(jnp.dtype(dtype))
    for y in (pixel_shuffle(x, 2), pixel_unshuffle(pixel_shuffle(x, 2), 2)):
        assert y.dtype == x.dtype
    np.testing.assert_array_equal(pixel_shuffle(x, 2)[..., 0], shuffled(x, 2)[..., 0])


def test_numpy_integers_are_factors():
    x = distinct((2, 2, 4))
    two: Any = np.int64(2)
    np.testing.assert_array_equal(pixel_shuffle(x, two), pixel_shuffle(x, 2))


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("data_format", FORMATS)
def test_transforms(data_format, order):
    x = jnp.asarray(distinct((2, 4, 4, 4)))
    for function in (pixel_shuffle, pixel_unshuffle):

        def f(x, function=function):
            return function(x, 2, order=order, data_format=data_format)

        y = f(x)
        np.testing.assert_array_equal(jax.jit(f)(x), y)
        np.testing.assert_array_equal(jax.vmap(f)(x), y)
        np.testing.assert_array_equal(
            jax.vmap(f, 3, 3)(jnp.moveaxis(x, 0, 3)), jnp.moveaxis(y, 0, 3)
        )
        # a permutation: its gradient undoes it
        np.testing.assert_array_equal(jax.vjp(f, x)[1](y)[0], x)
        check_grads(f, (x / 100,), order=2, modes=("fwd", "rev"), atol=1e-2, rtol=1e-2)


def test_symbolic_batch_and_picture():
    batch, height = jax.export.symbolic_shape("b, h")
    for function, channels in ((pixel_shuffle, 4), (pixel_unshuffle, 1)):
        shape = (batch, 2 * height, 6, channels)
        traced = jax.export.export(jax.jit(lambda x, f=function: f(x, 2)))(
            jax.ShapeDtypeStruct(shape, jnp.float32)
        )
        x = distinct((3, 4, 6, channels))
        np.testing.assert_array_equal(traced.call(x), function(x, 2))


@pytest.mark.parametrize(
    ("function", "shape", "arguments", "error", "text"),
    [
        (
            pixel_shuffle,
            (8, 8, 6),
            {"factor": 2},
            ValueError,
            "jaxup.pixel_shuffle: expected channels in groups of 2 * 2 = 4 for factor=2, got 6"
            " channels for input shape (8, 8, 6). Give x a multiple of 4 channels, or check"
            " data_format='channels_last'.",
        ),
        (
            pixel_shuffle,
            (8, 8, 6),
            {"factor": 3, "data_format": "channels_first"},
            ValueError,
            "3 * 3 = 9 for factor=3, got 8 channels",
        ),
        (
            pixel_unshuffle,
            (8, 9, 6),
            {"factor": 2},
            ValueError,
            "jaxup.pixel_unshuffle: expected spatial sizes that factor=2 divides, got sizes (8, 9)"
            " for input shape (8, 9, 6). Crop or pad",
        ),
        (pixel_shuffle, (8, 4), {"factor": 2}, ValueError, "channels, got 2 axes in all"),
        (pixel_unshuffle, (8, 4), {"factor": 2}, ValueError, "channels, got 2 axes in all"),
        (pixel_shuffle, (8, 8, 4), {"factor": 0}, ValueError, "at least 1, got factor=0"),
        (pixel_unshuffle, (8, 8, 4), {"factor": -2}, ValueError, "at least 1, got factor=-2"),
        (
            pixel_shuffle,
            (8, 8, 4),
            {"factor": 2.0},
            TypeError,
            "one per spatial axis, got float 2.0",
        ),
        (
            pixel_shuffle,
            (8, 8, 4),
            {"factor": True},
            TypeError,
            "one per spatial axis, got bool True",
        ),
        (pixel_shuffle, (8, 8, 4), {"factor": (2, 2.0)}, TypeError, "axis, got float 2.0"),
        (pixel_shuffle, (8, 8, 4), {"factor": (2, 0)}, ValueError, "at least 1, got factor=0"),
        (pixel_shuffle, (8, 8, 4), {"factor": ()}, ValueError, "at least one factor"),
        (pixel_unshuffle, (8, 8, 4), {"factor": (2, 3)}, ValueError, "that factor=(2, 3) divides"),
        (pixel_shuffle, (8, 8, 8), {"factor": (2, 2, 2)}, ValueError, "3 spatial axes for factor"),
        (
            pixel_unshuffle,
            (8, 8, 4),
            {"factor": 2, "order": "tf"},
            ValueError,
            "a known order, got 'tf' for input shape (8, 8, 4). Use one of 'tensorflow', 'torch'",
        ),
        (
            pixel_shuffle,
            (8, 8, 4),
            {"factor": (2, 2), "data_format": "NWC"},
            ValueError,
            "1 spatial axes for data_format='NWC', got factor=(2, 2)",
        ),
        (
            pixel_unshuffle,
            (8, 8, 4),
            {"factor": "2"},
            TypeError,
            "one per spatial axis, got str '2'",
        ),
        (
            pixel_shuffle,
            (8, 8, 4),
            {"factor": 2, "data_format": "NCDHW"},
            ValueError,
            "x with 3 spatial axes for factor=2, and channels, got 3 axes in all",
        ),
    ],
)
def test_errors(function, shape, arguments, error, text):
    x = jnp.zeros(shape)
    with pytest.raises(error, match=re.escape(text)):
        function(x, **arguments)
    with pytest.raises(error, match=re.escape(text)):
        jax.eval_shape(lambda x: function(x, **arguments), x)


def test_traced_factor_is_refused():
    with pytest.raises(TypeError, match="factor to be known when the program is built"):
        jax.jit(pixel_shuffle)(jnp.zeros((8, 8, 4)), 2)
