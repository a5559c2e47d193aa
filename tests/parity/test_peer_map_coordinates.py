"""`sample` against scipy.ndimage.map_coordinates: every order, every boundary mode."""

from typing import Any

import jax
import numpy as np
import pytest

from jaxup import sample

ndimage = pytest.importorskip("scipy.ndimage")

RNG = np.random.default_rng(0)
METHODS = ("nearest", "linear", "bspline2", "bspline3", "bspline4", "bspline5")
MODES: dict[str, Any] = {  # scipy's name: ours
    "nearest": "edge",
    "reflect": "reflect",
    "grid-mirror": "reflect",
    "mirror": "mirror",
    "grid-wrap": "wrap",
    "grid-constant": "constant",
}


@pytest.mark.one_jax  # functions/ has what a JAX makes of the points, SciPy has none
@pytest.mark.parametrize("mode", MODES)
def test_every_order_and_mode(mode):
    x = RNG.uniform(size=(9, 7)).astype(np.float32)
    points = RNG.uniform(-4, 12, size=(2, 60))
    fill = 0.3 if MODES[mode] == "constant" else None
    for order, method in enumerate(METHODS):
        expected = ndimage.map_coordinates(
            x.astype(np.float64), points, order=order, mode=mode, cval=0.3
        )
        result = sample(x, points.astype(np.float32), method, MODES[mode], fill_value=fill)
        np.testing.assert_allclose(result, expected, rtol=0, atol=1e-5, err_msg=method)


@pytest.mark.one_jax
def test_the_modes_that_are_another_on_other_coordinates():
    """scipy's "constant" is mirror with a fill outside the outermost centres; its "wrap" has the
    period ``in - 1`` and mirrors taps."""
    x = RNG.uniform(size=9).astype(np.float32)
    points = RNG.uniform(-20, 25, size=80)
    inside = (points >= 0) & (points <= 8)
    for order, method in enumerate(METHODS[1:], 1):
        constant = ndimage.map_coordinates(x, points[None], order=order, mode="constant", cval=0.3)
        ours = np.where(inside, sample(x, (points,), method, "mirror", axes=0), 0.3)
        np.testing.assert_allclose(ours, constant, rtol=0, atol=1e-5, err_msg=method)
        wrapped = ndimage.map_coordinates(x, points[None], order=order, mode="wrap")
        ours = sample(x, (points % 8,), method, "mirror", axes=0)
        np.testing.assert_allclose(ours, wrapped, rtol=0, atol=1e-5, err_msg=method)


def test_what_jax_has_of_it():
    x = RNG.uniform(size=(6, 5)).astype(np.float32)
    points = RNG.uniform(-3, 8, size=(2, 40)).astype(np.float32)
    methods: dict[int, Any] = {0: "nearest", 1: "linear"}
    for order, method in methods.items():
        theirs = jax.scipy.ndimage.map_coordinates(x, list(points), order=order, mode="nearest")
        np.testing.assert_allclose(sample(x, points, method), theirs, atol=1e-6)
