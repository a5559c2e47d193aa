"""The SciPy call of docs/from-scipy.md against scipy.ndimage.zoom."""

import warnings

import jax
import numpy as np
import pytest

from tests.helpers.convention_calls import calls

ndimage = pytest.importorskip("scipy.ndimage")

MODES = (
    "constant",
    "grid-constant",
    "nearest",
    "mirror",
    "reflect",
    "grid-mirror",
    "grid-wrap",
    "wrap",
)
# SciPy goes 12 pixels past the edge where the picture goes on by a constant, and its start of the
# recursion for reflect is off by z^(2 in); both shrink with the pole z, and z grows with the order.
DOUBLE = {4: 1e-10, 5: 5e-9}


def zoomed(x, zoom, **options):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # advice about modes
        return ndimage.zoom(x, zoom, **options)


@pytest.mark.parametrize("grid_mode", [False, True], ids=["points", "grid"])
@pytest.mark.parametrize("mode", MODES)
def test_float32(mode, grid_mode):
    zoom = calls().scipy_zoom
    x = np.random.default_rng(0).random((13, 16), np.float32)
    for order in range(6):
        options = {"order": order, "mode": mode, "cval": 0.4, "grid_mode": grid_mode}
        wanted = zoomed(x, (2.3, 0.7), **options)
        got = zoom(x, (2.3, 0.7), **options)
        np.testing.assert_allclose(got, wanted, atol=1e-5, rtol=0, err_msg=f"order {order}")


@pytest.mark.parametrize("order", range(2, 6))
def test_float64(order):
    zoom = calls().scipy_zoom
    x = np.random.default_rng(0).random(26)
    with jax.enable_x64(True):
        for mode in MODES:
            options = {"order": order, "mode": mode, "cval": 0.4, "grid_mode": True}
            tolerance = 1e-12
            if mode in ("nearest", "grid-constant", "reflect", "grid-mirror"):
                tolerance = DOUBLE.get(order, tolerance)
            wanted, got = zoomed(x, 1.7, **options), zoom(x, (1.7,), **options)
            np.testing.assert_allclose(got, wanted, atol=tolerance, rtol=0, err_msg=mode)


@pytest.mark.parametrize("grid_mode", [False, True], ids=["points", "grid"])
def test_pixels_that_are_coefficients_already(grid_mode):
    zoom = calls().scipy_zoom
    x = np.random.default_rng(0).random((13, 16), np.float32)
    for order in range(2, 6):
        for mode in MODES:
            options = {"order": order, "mode": mode, "cval": 0.4, "prefilter": False}
            wanted = zoomed(x, (2.3, 0.7), grid_mode=grid_mode, **options)
            got = zoom(x, (2.3, 0.7), grid_mode=grid_mode, **options)
            np.testing.assert_allclose(got, wanted, atol=1e-5, rtol=0, err_msg=f"{mode} {order}")


def test_reflect_passes_through_the_samples():
    """As SciPy's does from 1.18 on; before, it missed them by 7e-6 here."""
    x = np.random.default_rng(0).random(7)
    with jax.enable_x64(True):
        got = calls().scipy_zoom(x, (3,), 5, "reflect", grid_mode=True)
    theirs = ndimage.zoom(x, 3, order=5, mode="reflect", grid_mode=True)
    np.testing.assert_allclose(got[1::3], x, atol=1e-13)  # every third output looks at a pixel
    np.testing.assert_allclose(theirs, got, atol=1e-5)


def test_single_pixels_and_outputs():
    zoom = calls().scipy_zoom
    for n, factor in ((1, 3), (5, 0.2)):
        x = np.arange(1.0, n + 1, dtype=np.float32)
        for order in (1, 3):
            options = {"order": order, "mode": "mirror"}
            np.testing.assert_allclose(
                zoom(x, (factor,), **options), zoomed(x, factor, **options), atol=1e-5
            )
