"""`compat.torch.grid_sample` under JAX's transformations, and the errors of both functions."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.test_util import check_grads

from jaxup.compat.torch import affine_grid, grid_sample

X = jnp.asarray(np.random.default_rng(0).normal(size=(2, 3, 5, 4)), jnp.float32)


def rotated(x, angle):
    cosine, sine, zero = jnp.cos(angle), jnp.sin(angle), jnp.zeros_like(angle)
    theta = jnp.array([[cosine, -sine, zero], [sine, cosine, zero]])
    grid = affine_grid(jnp.broadcast_to(theta, (len(x), 2, 3)), x.shape)
    return grid_sample(x, grid, padding_mode="border")


def test_the_identity():
    np.testing.assert_allclose(rotated(X, jnp.float32(0)), X, atol=1e-6)


def test_vmap_and_gradients():
    angles = jnp.array([0.1, -0.7])
    y = jax.jit(jax.vmap(rotated, (None, 0)))(X, angles)
    for one, angle in zip(y, angles, strict=True):
        np.testing.assert_allclose(one, rotated(X, angle), atol=1e-6)
    check_grads(rotated, (X, jnp.float32(0.31)), order=1, modes=["rev"], atol=2e-2, rtol=2e-2)


def test_narrow_floats_are_kept():
    y = rotated(X.astype(jnp.bfloat16), jnp.float32(0.3))
    assert y.dtype == jnp.bfloat16
    np.testing.assert_allclose(y.astype(jnp.float32), rotated(X, jnp.float32(0.3)), atol=3e-2)


@pytest.mark.parametrize(
    ("error", "text", "call"),
    [
        (TypeError, r"grid_sample: expected input to be an array of floats, got int32",
         lambda: grid_sample(jnp.ones((1, 1, 2, 2), int), jnp.zeros((1, 1, 1, 2)))),
        (TypeError, r"grid_sample: expected align_corners to be a bool",
         lambda: grid_sample(X, jnp.zeros((2, 1, 1, 2)), align_corners="yes")),  # pyright: ignore[reportArgumentType]
        (ValueError, r"grid_sample: expected grid of shape \(2, rows, columns, 2\), got shape "
         r"\(2, 3, 5, 4\).*x, y", lambda: grid_sample(X, X)),
        (ValueError, r"grid_sample: expected a known mode, got 'cubic'.*Did you mean 'bicubic'",
         lambda: grid_sample(X, X, "cubic")),  # pyright: ignore[reportArgumentType]
        (ValueError, r"affine_grid: expected theta of shape", lambda: affine_grid(X, X.shape)),
        (ValueError, r"affine_grid: expected size of 4 numbers from 1 on, the first of them 1",
         lambda: affine_grid(jnp.ones((1, 2, 3)), (2, 1, 4, 4))),
        (TypeError, r"affine_grid: expected size to be a tuple of integers",
         lambda: affine_grid(jnp.ones((1, 2, 3)), 4)),  # pyright: ignore[reportArgumentType]
    ],
)  # fmt: skip
def test_errors(error, text, call):
    with pytest.raises(error, match=text):
        call()
