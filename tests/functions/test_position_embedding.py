"""`resize_position_embedding` and `resize_matrix`: shapes, dtypes, derivatives, refusals."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxup
from jaxup import resize_matrix, resize_position_embedding

RNG = np.random.default_rng(0)


def table(rows, channels=3, *lead):
    return jnp.asarray(RNG.uniform(size=(*lead, rows, channels)), jnp.float32)


def test_the_prefix_stays_and_the_grid_is_upsampled():
    x = table(2 + 12, 3, 1)
    result = resize_position_embedding(x, (3, 4), (5, 6), prefix=2)
    assert result.shape == (1, 2 + 30, 3)
    np.testing.assert_array_equal(result[:, :2], x[:, :2])
    grid = x[:, 2:].reshape(1, 3, 4, 3)
    expected = jaxup.upsample(grid, size=(5, 6), method="bicubic", antialias=True)
    np.testing.assert_array_equal(result[:, 2:].reshape(1, 5, 6, 3), expected)


def test_the_same_grid_changes_nothing():
    x = table(1 + 12)
    assert (resize_position_embedding(x, (3, 4), (3, 4)) == x).all()
    traced = jax.jit(lambda g: resize_position_embedding(x, (3, 4), g, max_grid=(3, 4)))
    np.testing.assert_allclose(traced(jnp.array([3, 4])), x, atol=1e-6)


def test_half_precision_is_computed_in_float32():
    x = table(16).astype(jnp.bfloat16)
    result = resize_position_embedding(x, 4, 6, prefix=0)
    expected = resize_position_embedding(x.astype(jnp.float32), 4, 6, prefix=0)
    np.testing.assert_array_equal(result, expected.astype(jnp.bfloat16))


def test_a_traced_shrink_with_both_options_is_the_static_one():
    """Outputs whose sample lies outside the grid were 0, though their kernel reaches it."""
    x, options = table(1 + 35), dict[str, Any](align_corners=True, antialias=True)
    traced = jax.jit(lambda g: resize_position_embedding(x, (7, 5), g, max_grid=4, **options))
    padded = traced(jnp.array([2, 3]))[1:].reshape(4, 4, 3)
    expected = resize_position_embedding(x, (7, 5), (2, 3), **options)
    np.testing.assert_allclose(padded[:2, :3].reshape(6, 3), expected[1:], rtol=0, atol=1e-6)


@pytest.mark.parametrize("align_corners", [False, True])
def test_a_traced_grid_is_the_static_one(align_corners):
    x = table(1 + 35)

    def one(x, grid):
        return resize_position_embedding(
            x, (7, 5), grid, max_grid=(9, 8), align_corners=align_corners, antialias=False
        )

    batch = jax.jit(jax.vmap(one, (None, 0)))
    grids = [(9, 8), (1, 3), (4, 8)]
    for result, (rows, columns) in zip(batch(x, jnp.array(grids)), grids, strict=True):
        expected = resize_position_embedding(
            x, (7, 5), (rows, columns), align_corners=align_corners, antialias=False
        )
        padded = result[1:].reshape(9, 8, 3)
        np.testing.assert_allclose(
            padded[:rows, :columns].reshape(-1, 3), expected[1:], rtol=0, atol=1e-6
        )
        assert (padded[rows:] == 0).all()
        assert (padded[:, columns:] == 0).all()
    gradient = jax.grad(lambda x: (batch(x, jnp.array(grids)) ** 2).sum())(x)
    assert np.isfinite(gradient).all()


def test_the_matrix_and_its_pseudo_inverse():
    x = RNG.uniform(size=8).astype(np.float32)
    methods: dict[Any, dict[str, Any]] = {"cubic": {}, "linear": {"antialias": True}, "nearest": {}}
    for method, options in methods.items():
        for out_size in (3, 8, 16):
            matrix, back = resize_matrix(8, out_size, method, **options)
            assert matrix.shape == back.shape[::-1] == (out_size, 8)
            expected = jaxup.upsample(x, size=out_size, method=method, axes=0, **options)
            np.testing.assert_allclose(matrix @ x, expected, atol=1e-5)
            np.testing.assert_allclose(matrix @ back @ matrix, matrix, atol=1e-5)
            np.testing.assert_allclose(back @ matrix @ back, back, atol=1e-5)


def test_flexivit_keeps_the_products_of_patches():
    """Patches enlarged from p to q pixels give PI-resized weights what they gave the old ones."""
    p, q = 4, 7
    matrix, back = resize_matrix(p, q, "linear")
    patch, weights = RNG.uniform(size=(2, p, p))
    enlarged = jnp.einsum("qp,rs,ps->qr", matrix, matrix, patch)
    resized = jnp.einsum("pq,sr,ps->qr", back, back, weights)
    np.testing.assert_allclose((enlarged * resized).sum(), (patch * weights).sum(), rtol=1e-5)


@pytest.mark.parametrize(
    ("options", "error", "text"),
    [
        ({"grid": 3}, ValueError, "expected a table of shape (..., 10, channels)"),
        ({"prefix": -1}, ValueError, "expected a table of shape"),
        ({"prefix": 1.0}, TypeError, "expected prefix to be an int"),
        ({"offset": 2.0}, ValueError, "expected an offset from 0 to below 1"),
        ({"new_grid": (4, 4, 4)}, ValueError, "expected one new_grid, or 2"),
        ({"new_grid": 10**9}, ValueError, "expected a new_grid for a result of at most"),
        ({"new_grid": (0, 4)}, ValueError, "expected an output of at least 1 pixel"),
        ({"method": "bicubik"}, ValueError, "expected a known method"),
    ],
    ids=str,
)
def test_bad_arguments(options, error, text):
    arguments = {"grid": (3, 4), "new_grid": (4, 4)} | options
    with pytest.raises(error, match=r"^jaxup\.resize_position_embedding: ") as caught:
        resize_position_embedding(table(13), **arguments)
    assert text in str(caught.value)


def test_a_traced_grid_needs_a_largest_one():
    f = jax.jit(lambda n: resize_position_embedding(table(13), (3, 4), (n, n)))
    with pytest.raises(TypeError, match=r"expected new_grid to be known .* Pass max_grid"):
        f(4)
