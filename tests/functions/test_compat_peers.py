"""`compat.scipy`, `.pillow` and `.opencv` under JAX's transformations, and their gradients."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import export
from jax.test_util import check_grads

from jaxup.compat import opencv, pillow, scipy

X = jnp.asarray(np.random.default_rng(0).random((6, 7)), jnp.float32)
POINTS = jnp.asarray(np.random.default_rng(1).uniform(-1.4, 7.6, (2, 9)), jnp.float32)
MATRIX = jnp.array([[0.91, 0.23], [-0.17, 1.13]])
MOVE = jnp.array([[0.91, 0.23, 0.57], [-0.17, 1.13, -0.31]])
SCALAR = jnp.float32(0.37)

CALLS = {
    "map_coordinates": lambda x, p: scipy.map_coordinates(x, p, mode="mirror"),
    "map_coordinates, filled": lambda x, p: scipy.map_coordinates(x, p, None, 1, cval=0.5),
    "affine_transform": lambda x, m: scipy.affine_transform(x, m, 0.3, order=2, mode="nearest"),
    "affine_transform, diagonal": lambda x, m: scipy.affine_transform(x, m[0], mode="grid-wrap"),
    "shift": lambda x, s: scipy.shift(x, s, mode="grid-constant", cval=0.5),
    "rotate": lambda x, a: scipy.rotate(x, 40 * a, reshape=False, mode="reflect"),
    "remap": lambda x, p: opencv.remap(x, p[0], p[1], 2, borderMode=1),
    "remap, filled": lambda x, p: opencv.remap(x, p[0], p[1], 4, borderValue=0.5),
    "warp_affine": lambda x, m: opencv.warp_affine(x, m, (5, 4), borderMode=4),
}
TRACED = {
    "map_coordinates": POINTS,
    "affine_transform": MATRIX,
    "shift": SCALAR,
    "rotate": SCALAR,
    "remap": POINTS,
    "warp_affine": MOVE,
}
KNOWN = {
    "zoom": lambda x: scipy.zoom(x, (1.7, 0.6), mode="grid-mirror", grid_mode=True),
    "zoom, filled": lambda x: scipy.zoom(x, 1.3, order=2, cval=0.5, mode="grid-constant"),
    "shift": lambda x: scipy.shift(x, (0.3, -1.7), cval=0.5),
    "pillow": lambda x: pillow.resize(x, (11, 4), 1, (0.5, 1, 6, 5.25)),
    "opencv": lambda x: opencv.resize(x, fx=1.7, fy=0.8, interpolation=2),
}
calls = pytest.mark.parametrize("name", CALLS)


@calls
def test_gradients_in_the_image_and_in_what_is_traced(name):
    numbers = TRACED[name.partition(",")[0]]
    call = jax.jit(CALLS[name])
    check_grads(call, (X, numbers), order=1, modes=["rev"], atol=2e-2, rtol=2e-2)


def test_factors_may_be_constants_of_a_program():
    x, angle = np.eye(6, 4, dtype=np.float32), jnp.asarray(30.0)
    zoom: Any = [jnp.asarray(1.5), 2]
    zoomed = jax.jit(lambda x: scipy.zoom(x, zoom))(x)
    np.testing.assert_allclose(zoomed, scipy.zoom(x, [1.5, 2]), atol=1e-6)
    turned = jax.jit(lambda x: scipy.rotate(x, angle))(x)
    np.testing.assert_allclose(turned, scipy.rotate(x, 30), atol=1e-6)


@pytest.mark.parametrize("name", KNOWN)
def test_gradients_of_known_geometry(name):
    check_grads(jax.jit(KNOWN[name]), (X,), order=1, modes=["rev"], atol=1e-2, rtol=1e-2)
    np.testing.assert_allclose(jax.jit(KNOWN[name])(X), KNOWN[name](X), atol=1e-6)
    program = str(jax.make_jaxpr(jax.grad(lambda x: KNOWN[name](x).sum()))(X))
    assert "scatter" not in program
    assert "gather" not in program


@calls
def test_jit_vmap_and_export(name):
    numbers = TRACED[name.partition(",")[0]]
    wanted = CALLS[name](X, numbers)
    both = jax.jit(jax.vmap(CALLS[name]))(jnp.stack([X, 2 * X]), jnp.stack([numbers, numbers]))
    np.testing.assert_allclose(both[0], wanted, atol=1e-5)
    exported = export.export(jax.jit(CALLS[name]))(X, numbers)
    np.testing.assert_allclose(exported.call(X, numbers), wanted, atol=1e-5)


def test_cval_may_be_traced_and_has_a_gradient():
    def outside(cval):
        return scipy.shift(X, (8.0, 0.0), cval=cval, order=1).sum()

    assert jax.grad(outside)(jnp.float32(0.3)) == X.size


def test_nan_stays_local():
    x = X.at[3, 3].set(jnp.nan)
    for y in (
        scipy.zoom(x, 2, order=1),
        scipy.rotate(x, 10, reshape=False, order=1),
        opencv.warp_affine(x, MOVE, (7, 6)),
        pillow.resize(x, (14, 12)),
    ):
        assert 0 < np.isnan(y).sum() < y.size / 2


def test_a_traced_angle_that_would_decide_the_shape():
    with pytest.raises(TypeError, match=r"rotate: expected angle to be known.*reshape=False"):
        jax.jit(lambda a: scipy.rotate(X, a))(SCALAR)


def test_what_is_read_by_nothing_at_all():
    """A run of outputs outside the picture stopped the lowering of two axes of one tap."""
    y = scipy.shift(jnp.ones((20, 20)), (5, 0.5), order=0, cval=3.0)
    np.testing.assert_array_equal(y[:5], 3)
    np.testing.assert_array_equal(y[5:, 1:], 1)


@pytest.mark.parametrize(
    "matrix", [np.array([-1.5, -1.3]), jnp.array([-1.5, -1.3])], ids=["known", "traced"]
)
def test_scipy_rounds_a_narrow_float_once(matrix):
    """Also where every axis is a step of its own."""
    x = jnp.asarray(np.random.default_rng(0).uniform(size=(8, 13))).astype(jnp.bfloat16)
    options = {"offset": (6.0, 14.6), "order": 5, "mode": "grid-wrap", "prefilter": False}
    y = scipy.affine_transform(x, matrix, **options)
    wide = scipy.affine_transform(x.astype(jnp.float32), matrix, **options)
    assert y.dtype == jnp.bfloat16
    np.testing.assert_allclose(y.astype(jnp.float32), wide, rtol=2**-8, atol=0)
