"""Kernels: their values, their windows, and what they refuse."""

import math
from typing import Any, cast

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxup import kernels
from jaxup._recipe.prefilter import Prefilter
from jaxup._weights import bspline

ALL = {
    "linear": kernels.linear,
    "box": kernels.box,
    "hamming": kernels.hamming,
    "cubic": kernels.cubic(),
    "cubic-0.75": kernels.cubic(-0.75),
    "mitchell": kernels.mitchell(),
    "lanczos2.5": kernels.lanczos(2.5),
    "gaussian": kernels.gaussian(),
    **{f"bspline{order}": kernels.bspline(order) for order in bspline.ORDERS},
    **{f"basis{order}": kernels.bspline(order, prefilter=False) for order in bspline.ORDERS},
}
INTERPOLATING = {name for name in ALL if not name.startswith(("mitchell", "gaussian", "basis"))}


@pytest.mark.parametrize("name", ALL)
def test_even_and_the_same_in_jax(name):
    distance = np.linspace(0.05, 0.95, 19) * ALL[name].radius
    weights = ALL[name].fn(distance)
    np.testing.assert_allclose(ALL[name].fn(-distance), weights, atol=1e-15)
    np.testing.assert_allclose(ALL[name].fn(jnp.asarray(distance)), weights, atol=3e-6)


@pytest.mark.parametrize("name", ALL)
def test_zero_at_the_radius(name):
    if name != "box":
        assert abs(ALL[name].fn(np.array([ALL[name].radius]))[0]) < 1e-15


@pytest.mark.parametrize("name", sorted(INTERPOLATING))
def test_interpolating(name):
    radius = math.ceil(ALL[name].radius) - 1
    whole = np.arange(-radius, radius + 1.0)
    np.testing.assert_allclose(ALL[name].fn(whole), whole == 0, atol=1e-15)


def test_cubics_are_cubics():
    d = np.linspace(-2, 2, 41)
    np.testing.assert_allclose(
        kernels.mitchell(0, 0.5).fn(d), kernels.cubic(-0.5).fn(d), atol=1e-15
    )
    np.testing.assert_allclose(kernels.mitchell(1, 0).fn(d), bspline.Basis(3)(d), atol=1e-15)
    assert kernels.mitchell().fn(np.array([0.0]))[0] == pytest.approx(8 / 9)


@pytest.mark.parametrize("order", bspline.ORDERS)
def test_the_basis_is_a_box_convolved(order):
    fine = 1200
    box = np.ones(fine) / fine
    spline = np.ones(fine)
    for _ in range(order):
        spline = np.convolve(spline, box)
    at = (np.arange(len(spline)) - (len(spline) - 1) / 2) / fine
    np.testing.assert_allclose(bspline.Basis(order)(at), spline, atol=2e-3)
    values = np.asarray(bspline.Basis(order)(np.arange(-4.0, 5) + 0.3))
    np.testing.assert_allclose(values.sum(), 1, rtol=1e-14)


@pytest.mark.parametrize("order", bspline.ORDERS)
@pytest.mark.parametrize("edges", ["reflect", "mirror", "wrap"])
@pytest.mark.parametrize("in_size", [1, 2, 5, 90])
def test_the_prefilter_inverts_the_samples(order, edges, in_size):
    from jaxup._arguments.methods import BOUNDARIES

    dense = Prefilter(in_size, order, BOUNDARIES[edges]).build().to_dense()
    k = np.arange(-(order // 2), order // 2 + 1.0)
    samples = np.zeros((in_size, in_size))
    for row in range(in_size):
        index, weights, _ = BOUNDARIES[edges](row + k, bspline.Basis(order)(k), in_size)
        np.add.at(samples[row], index.astype(int), weights)
    np.testing.assert_allclose(samples @ dense, np.eye(in_size), atol=1e-13)


def test_the_prefilter_is_short():
    from jaxup.boundary import wrap

    assert [Prefilter(500, order, wrap).build().taps for order in bspline.ORDERS] == [
        45,
        59,
        77,
        93,
    ]
    assert Prefilter(500, 3, wrap, tolerance=1e-8).build().taps == 31
    assert Prefilter(5, 3, wrap).build().taps == 5  # what meets the same pixel is added up


@pytest.mark.parametrize("rounding", ["floor", "ceil", "round_prefer_floor", "round_prefer_ceil"])
def test_ties_within_the_tolerance(rounding):
    tie = 3.0 if rounding in ("floor", "ceil") else 3.5
    wanted = {"floor": 3, "ceil": 3, "round_prefer_floor": 3, "round_prefer_ceil": 4}[rounding]
    kernel = kernels.Nearest(rounding, 1e-9)
    for error in (-1e-12, 0, 1e-12):
        assert kernel.window(np.array([tie + error]), 1.0)[0] == wanted


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("kernel_scale", [1.0, 2.0, 3.7])
def test_a_window_has_no_more_taps_than_the_kernel(name, kernel_scale):
    """Just below a whole pixel, float32 rounds the window's end up."""
    below = np.nextafter(np.arange(-3, 9, dtype=np.float32), np.float32(-9))
    first, end = ALL[name].window(below, np.float32(kernel_scale))
    assert (end - first).max() <= ALL[name].taps(kernel_scale)


def test_gradients_are_finite_everywhere():
    for name, kernel in ALL.items():
        at = jnp.array([-1.0, -0.5, 0.0, 0.3, 0.5, 1.0, 1.5, kernel.radius])
        slope = jax.vmap(jax.grad(lambda d, fn=kernel.fn: fn(d[None])[0]))(at)
        assert jnp.isfinite(slope).all(), name


@pytest.mark.parametrize(
    ("make", "error", "text"),
    [
        (
            lambda: kernels.lanczos(0),
            ValueError,
            "kernels.lanczos: expected a radius above 0, got 0",
        ),
        (lambda: kernels.lanczos(-2), ValueError, "expected a radius above 0, got -2"),
        (lambda: kernels.lanczos(math.inf), ValueError, "expected a finite radius above 0"),
        (
            lambda: kernels.lanczos(cast(Any, "3")),
            TypeError,
            "expected radius to be a real number, got '3'",
        ),
        (
            lambda: kernels.gaussian(0),
            ValueError,
            "kernels.gaussian: expected a sigma above 0, got 0",
        ),
        (lambda: kernels.gaussian(1, -1), ValueError, "expected a radius above 0, got -1"),
        (lambda: kernels.cubic(math.nan), ValueError, "kernels.cubic: expected a to be finite"),
        (
            lambda: kernels.mitchell(cast(Any, "1")),
            TypeError,
            "kernels.mitchell: expected b to be a real",
        ),
        (lambda: kernels.bspline(1), ValueError, "expected an order of 2, 3, 4 or 5, got 1"),
        (lambda: kernels.bspline(6), ValueError, "expected an order of 2, 3, 4 or 5, got 6"),
        (lambda: kernels.Kernel(abs, 0), ValueError, "expected a finite radius above 0, got 0"),
    ],
)
def test_what_they_refuse(make, error, text):
    with pytest.raises(error, match=text):
        make()
