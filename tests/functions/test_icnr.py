"""`jaxup.icnr`: convolution and pixel shuffle start as nearest of a small convolution."""

import re
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax

import jaxup

KEY = jax.random.key(0)
ORDERS: tuple[Any, ...] = ("torch", "tensorflow")
LAYOUTS = {1: ("NWC", "WIO"), 2: ("NHWC", "HWIO"), 3: ("NDHWC", "DHWIO")}


def convolved(x, kernel):
    """A convolution with padding, channels last."""
    d = x.ndim - 2
    data, weights = LAYOUTS[d]
    return lax.conv_general_dilated(
        x, kernel, (1,) * d, "SAME", dimension_numbers=(data, weights, data)
    )


def repeated(x, factors):
    """Nearest upsampling, without jaxup."""
    for axis, factor in enumerate(factors, start=1):
        x = np.repeat(x, factor, axis)
    return x


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("factors", [(3,), (2, 2), (2, 3), (2, 1, 2)], ids=str)
def test_it_starts_as_nearest_of_a_small_convolution(factors, order):
    d, group = len(factors), int(np.prod(factors))
    init = jax.nn.initializers.he_normal()
    kernel = jaxup.icnr(factors, init, order=order)(KEY, (*(3,) * d, 5, 4 * group))
    x = np.random.default_rng(0).standard_normal((2, *(4,) * d, 5)).astype(np.float32)
    y = jaxup.pixel_shuffle(convolved(x, kernel), factors, order=order)
    small = convolved(x, init(KEY, (*(3,) * d, 5, 4)))
    np.testing.assert_allclose(y, repeated(small, factors), rtol=1e-5, atol=1e-5)
    other = ORDERS[order == "torch"]
    wrong = jaxup.pixel_shuffle(convolved(x, kernel), factors, order=other)
    assert abs(wrong - y).max() > 0.1


@pytest.mark.parametrize("order", ORDERS)
def test_one_factor_serves_all_axes_of_the_kernel(order):
    for d in (1, 2, 3):
        shape = (*(3,) * d, 2, 3 * 2**d)
        one = jaxup.icnr(2, order=order)(KEY, shape)
        np.testing.assert_array_equal(one, jaxup.icnr((2,) * d, order=order)(KEY, shape))
    dense = jaxup.icnr((2, 2), order=order)(KEY, (7, 12))
    assert len({tuple(column) for column in dense.T.tolist()}) == 3


def test_output_channels_first():
    kernel = jaxup.icnr(2, jax.nn.initializers.he_normal(1, 0), axis=0)(KEY, (12, 5, 3, 3))
    last = jaxup.icnr(2, jax.nn.initializers.he_normal())(KEY, (3, 3, 5, 12))
    np.testing.assert_array_equal(
        kernel.reshape(3, 4, -1), np.repeat(kernel[::4].reshape(3, 1, -1), 4, 1)
    )
    assert abs(kernel.std() - last.std()) < 0.1 * last.std()


def test_feature_groups_in_pytorchs_order():
    x = jnp.asarray(np.random.default_rng(0).standard_normal((1, 4, 4, 6)), jnp.float32)
    options: dict[str, Any] = {
        "dimension_numbers": ("NHWC", "HWIO", "NHWC"),
        "feature_group_count": 2,
    }
    kernel = jaxup.icnr(2)(KEY, (3, 3, 3, 8))
    y = jaxup.pixel_shuffle(lax.conv_general_dilated(x, kernel, (1, 1), "SAME", **options), 2)
    small = lax.conv_general_dilated(x, kernel[..., ::4], (1, 1), "SAME", **options)
    np.testing.assert_allclose(y, repeated(small, (2, 2)), rtol=1e-5, atol=1e-5)


def test_dtype_and_default_are_the_initializers():
    for dtype in (jnp.bfloat16, jnp.float16, jnp.float32):
        with jax.numpy_dtype_promotion("strict"):
            kernel = jax.jit(jaxup.icnr(2), static_argnums=(1, 2))(KEY, (3, 3, 2, 8), dtype)
        lecun = jax.nn.initializers.lecun_normal()(KEY, (3, 3, 2, 2), dtype)
        assert kernel.dtype == dtype
        np.testing.assert_allclose(kernel, jnp.repeat(lecun, 4, axis=-1), rtol=1e-5, atol=1e-5)
    assert jaxup.icnr(2)(KEY, [3, 3, 2, 8]).dtype == jnp.float32
    keys = jax.random.split(KEY, 3)
    assert jax.vmap(lambda key: jaxup.icnr(2)(key, (3, 3, 2, 8)))(keys).shape == (3, 3, 3, 2, 8)


@pytest.mark.parametrize(
    ("arguments", "options", "shape", "text"),
    [
        (
            (2,),
            {},
            (3, 3, 4, 6),
            "output channels in groups of 2 * 2 = 4 for factor=2, got 6 for",
        ),
        ((2,), {"axis": 4}, (3, 3, 4, 8), "axis between -4 and 3, got axis=4"),
        ((2,), {}, (4, 8), "one factor per spatial axis of the picture, got factor=2 for a kernel"),
        (((2, 0),), {}, (3, 3, 4, 8), "a factor of at least 1, got factor=0"),
        ((2,), {"order": "tf"}, (3, 3, 4, 8), "a known order, got 'tf'"),
    ],
)
def test_what_does_not_fit(arguments, options, shape, text):
    with pytest.raises(ValueError, match=f"^jaxup.icnr: expected {re.escape(text)}"):
        jaxup.icnr(*arguments, **options)(KEY, shape)
