"""compat.jax_image against jax.image itself."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxup.compat import jax_image

NEW = "CUBIC_PYTORCH" in jax.image.ResizeMethod.__members__  # and area, since JAX 0.10
METHODS = ("nearest", "linear", "cubic", "lanczos3", "lanczos5")
METHODS += ("cubic-pytorch", "area") if NEW else ()


@pytest.mark.parametrize("method", METHODS)
def test_resize(method):
    rng = np.random.default_rng(METHODS.index(method))
    for rank in (1, 2, 3, 4):
        for antialias in (True, False) if rank < 3 else (rank == 3,):
            shape = tuple(map(int, rng.integers(1, 60 // rank, rank)))
            new = tuple(map(int, rng.integers(1, 90 // rank, rank)))
            x = rng.random(shape, np.float32)
            wanted = jax.image.resize(x, new, method, antialias=antialias)
            got = jax_image.resize(x, new, method, antialias=antialias)
            np.testing.assert_allclose(got, wanted, atol=1e-5, rtol=0, err_msg=f"{shape} {new}")


def test_nearest_takes_the_sides_that_jax_image_takes_at_ties():
    for old, new in ((20, 55), (54, 3), (35, 49), (28, 49), (30, 33)):
        x = jnp.arange(old)
        np.testing.assert_array_equal(
            jax_image.resize(x, (new,), "nearest"), jax.image.resize(x, (new,), "nearest")
        )


def test_nearest_inside_a_program():
    x = jnp.arange(12.0).reshape(3, 4)
    got = jax.jit(lambda x: jax_image.resize(x, (5, 7), "nearest"))(x)
    np.testing.assert_array_equal(got, jax.image.resize(x, (5, 7), "nearest"))


def test_pictures_of_500_pixels():
    x = np.random.default_rng(0).random(628, np.float32)
    for method in METHODS[1:6]:
        wanted = jax.image.resize(x, (652,), method)
        np.testing.assert_allclose(
            jax_image.resize(x, (652,), method), wanted, atol=2e-6, rtol=0, err_msg=method
        )


def test_gradients():
    x = np.random.default_rng(0).random((7, 9), np.float32)

    def loss(resize, x):
        return (resize(x, (11, 4), "cubic") ** 2).sum()

    got, wanted = (
        jax.grad(lambda x, f=f: loss(f, x))(x) for f in (jax_image.resize, jax.image.resize)
    )
    np.testing.assert_allclose(got, wanted, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("dtype", ["uint8", "int32", "bool", "bfloat16", "float16"])
@pytest.mark.parametrize("method", ["nearest", "linear"])
def test_dtypes(dtype, method):
    x = jnp.arange(6).reshape(2, 3).astype(dtype)
    wanted = jax.image.resize(x, (3, 3), method)
    got = jax_image.resize(x, (3, 3), method)
    assert got.dtype == wanted.dtype
    tolerance = 0.05 if dtype in ("bfloat16", "float16") else 1e-6
    np.testing.assert_allclose(
        got.astype(jnp.float32), wanted.astype(jnp.float32), atol=tolerance, rtol=0
    )


def test_names_and_enumeration():
    x = jnp.arange(5.0)
    for name in ("bilinear", "trilinear", "triangle", jax.image.ResizeMethod.LINEAR):
        np.testing.assert_array_equal(
            jax_image.resize(x, (7,), name), jax_image.resize(x, (7,), "linear")
        )
    if NEW:
        np.testing.assert_array_equal(
            jax_image.resize(x, (7,), jax.image.ResizeMethod.CUBIC_PYTORCH, antialias=False),
            jax_image.resize(x, (7,), "bicubic-pytorch", antialias=False),
        )


def test_nothing_to_do_and_nothing_there():
    x = jnp.ones((2, 3))
    assert jax_image.resize(x, (2, 3), "linear") is x
    assert jax_image.resize(x, (0, 3), "linear").shape == (0, 3)
    assert jax_image.resize(jnp.zeros((2, 0)), (2, 4), "linear").shape == (2, 4)


@pytest.mark.parametrize(
    ("shape", "method", "text"),
    [
        ((4,), "linear", r"a shape of 2 sizes, none below 0, got \(4,\)"),
        ((4, -1), "linear", r"a shape of 2 sizes, none below 0"),
        ((4, 4), "cubc", r"a known method, got 'cubc' .* Use one of 'cubic', "),
    ],
)
def test_what_it_refuses(shape, method, text):
    with pytest.raises(ValueError, match=r"^jaxup.compat.jax_image.resize: expected " + text):
        jax_image.resize(jnp.ones((2, 2)), shape, method)


@pytest.mark.parametrize("method", METHODS[1:])
def test_scale_and_translate(method):
    rng = np.random.default_rng(METHODS.index(method))
    x = rng.random((2, 13, 3, 17), np.float32)
    shape, dims = (2, 11, 3, 24), (3, 1)
    theirs = jax.jit(jax.image.scale_and_translate, static_argnums=(1, 2, 5, 6))
    for scale, translation, antialias in (
        ((1.7, 0.6), (-3.0, 2.5), False),
        ((0.4, 2.0), (5.3, -9.25), True),
    ):
        scale, translation = np.array(scale, np.float32), np.array(translation, np.float32)
        arguments = (shape, dims, scale, translation, method, antialias)
        wanted = theirs(x, *arguments)
        got = jax_image.scale_and_translate(x, *arguments)
        np.testing.assert_allclose(got, wanted, atol=1e-5, rtol=0, err_msg=f"{arguments}")


def test_scale_and_translate_is_differentiable_and_traced():
    x = jnp.asarray(np.random.default_rng(0).random((9, 8), np.float32))
    at = jnp.array([1.3, 0.7]), jnp.array([0.4, 1.1])

    def slope(f):
        def loss(scale, translation):
            return (f(x, (12, 5), (0, 1), scale, translation, "cubic") ** 2).sum()

        return jax.jit(jax.grad(loss, argnums=(0, 1)))(*at)

    for got, wanted in zip(
        slope(jax_image.scale_and_translate), slope(jax.image.scale_and_translate), strict=True
    ):
        np.testing.assert_allclose(got, wanted, rtol=2e-4)


def test_scale_and_translate_refuses():
    x, one = jnp.ones((4, 4)), jnp.ones(1)
    with pytest.raises(ValueError, match="a known method, got 'nearest'"):
        jax_image.scale_and_translate(x, (4, 4), (0,), one, one, "nearest")
    with pytest.raises(ValueError, match=r"the sizes of the axes that are not spatial to stay"):
        jax_image.scale_and_translate(x, (4, 5), (0,), one, one, "linear")
    none: Any = []
    assert jax_image.scale_and_translate(x, (4, 4), (), none, none, "linear") is x


def test_cubic_pytorch_under_strict_promotion():
    x, scale = np.random.default_rng(0).random((4, 13), np.float32), jnp.array([0.3, 1.7])
    wanted = jax_image.scale_and_translate(
        x, (8, 16), (0, 1), scale, jnp.zeros(2), "cubic-pytorch", antialias=False
    )
    with jax.numpy_dtype_promotion("strict"):
        y = jax_image.scale_and_translate(
            x, (8, 16), (0, 1), scale, jnp.zeros(2, int), "cubic-pytorch", antialias=False
        )
    np.testing.assert_array_equal(y, wanted)
