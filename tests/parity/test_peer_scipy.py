"""`compat.scipy` against scipy.ndimage: every function, order and mode, live."""

import warnings

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxup.compat import scipy

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
ANGLES = (0, 90, -90, 180, 17.3, -123.4)  # at 45, rounding decides ties of order 0

TURNS = dict(zip(MODES, ((0, 1, 3), (0, 2, 5), (0, 3, 4)) * 3, strict=False))  # orders, in turns

every_mode = pytest.mark.parametrize("mode", MODES)
one_jax = pytest.mark.one_jax


def both(name, *arguments, atol=1e-5, **options):
    """What SciPy and jaxup make of a call, as close as they should be."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # advice about modes
        wanted = getattr(ndimage, name)(*arguments, **options)
    got = getattr(scipy, name)(*arguments, **options)
    assert got.shape == wanted.shape
    message = f"{name} {arguments[1:]} {options}"
    np.testing.assert_allclose(got, wanted, atol=atol, rtol=0, err_msg=message)
    return got, wanted


def picture(seed, *shape):
    return np.random.default_rng(seed).random(shape or (13, 16)).astype(np.float32)


@pytest.mark.parametrize("grid_mode", [False, True], ids=["points", "grid"])
@every_mode
def test_zoom(mode, grid_mode):
    x = picture(0)
    for order in range(6):
        options = {"order": order, "mode": mode, "cval": 0.4, "grid_mode": grid_mode}
        both("zoom", x, (2.3, 0.7), **options)
        if order > 1:
            both("zoom", x, (2.3, 0.7), prefilter=False, **options)


@pytest.mark.parametrize("order", range(2, 6))
def test_zoom_in_float64(order):
    x = np.random.default_rng(0).random(26)
    with jax.enable_x64(True):
        for mode in MODES:
            tolerance = 1e-12
            if mode in ("nearest", "grid-constant", "reflect", "grid-mirror"):
                tolerance = DOUBLE.get(order, tolerance)
            options = {"order": order, "mode": mode, "cval": 0.4, "grid_mode": True}
            both("zoom", x, 1.7, atol=tolerance, **options)


def test_reflect_passes_through_the_samples():
    """As SciPy's does from 1.18 on; before, it missed them by 7e-6 here."""
    x = np.random.default_rng(0).random(7)
    with jax.enable_x64(True):
        got, _ = both("zoom", x, 3, order=5, mode="reflect", grid_mode=True)
    np.testing.assert_allclose(got[1::3], x, atol=1e-13)  # every third output looks at a pixel


def test_zoom_of_single_pixels_and_outputs():
    for n, factor in ((1, 3), (5, 0.2)):
        for order in (1, 3):
            both("zoom", np.arange(1.0, n + 1, dtype=np.float32), factor, order=order)


@one_jax
@every_mode
def test_shift(mode):
    x = picture(1)
    for order in TURNS[mode]:
        for pixels in ((2.3, -4.75), (-1.5, 6.5), 3):  # halves are ties of order 0
            options = {"order": order, "mode": mode, "cval": 0.4}
            _, wanted = both("shift", x, pixels, **options)
        traced = scipy.shift(x, jnp.float32(3), **options)
        np.testing.assert_allclose(traced, wanted, atol=1e-5, rtol=0)


@one_jax
@every_mode
def test_affine_transform(mode):
    x, matrix, offset = (
        picture(2),
        np.array([[0.61317, -0.35713], [0.21119, 0.90723]]),
        (3.3137, -2.6329),
    )
    homogeneous = np.vstack([np.column_stack([matrix, offset]), [0, 0, 1]])
    for order in TURNS[mode]:
        options = {"order": order, "mode": mode, "cval": 0.4, "output_shape": (15, 11)}
        _, wanted = both("affine_transform", x, matrix, offset, **options)
        for same in (homogeneous, homogeneous[:2]):
            both("affine_transform", x, same, **options)
        got = scipy.affine_transform(x, jnp.asarray(matrix, jnp.float32), offset, **options)
        np.testing.assert_allclose(got, wanted, atol=1e-5, rtol=0)
        for diagonal in ((1.3137, -0.7213), np.diag([0.8119, 1.0])):
            start = (-1.717, 9.4131)
            _, wanted = both("affine_transform", x, diagonal, start, **options)
            traced = jnp.asarray(diagonal, jnp.float32)
            got = scipy.affine_transform(x, traced, start, **options)
            np.testing.assert_allclose(got, wanted, atol=1e-5, rtol=0)


@one_jax
def test_affine_transform_between_ranks():
    x = picture(3, 6, 7, 8)
    both("affine_transform", x, [[0.5, 0.1], [0.2, 0.6], [0.3, 0.4]], 0.7, (9, 10), order=1)


@one_jax
@every_mode
def test_rotate(mode):
    x = picture(4)
    for order in TURNS[mode]:
        options = {"order": order, "mode": mode, "cval": 0.4}
        for angle in ANGLES:
            _, wanted = both("rotate", x, angle, reshape=False, **options)
            traced = scipy.rotate(x, jnp.float32(angle), reshape=False, **options)
            np.testing.assert_allclose(traced, wanted, atol=2e-5, rtol=0)
        both("rotate", x, ANGLES[order], **options)


@one_jax
def test_rotate_in_any_plane():
    x = picture(5, 4, 5, 6, 3)
    for axes in ((1, 2), (2, 0), (-1, 0), (3, 1)):
        both("rotate", x, 25, axes, order=1)


@one_jax
@every_mode
def test_map_coordinates(mode):
    x, rng = picture(6, 9, 7), np.random.default_rng(6)
    points = rng.uniform(-12, 20, (2, 60)).astype(np.float32)
    points[:, 40:] = np.round(points[:, 40:] * 2) / 2  # ties of order 0
    for order in range(6):
        options = {"order": order, "mode": mode, "cval": 0.3}
        if order < 2 or mode not in ("nearest", "grid-constant"):  # SciPy goes 12 pixels past
            both("map_coordinates", x, points, **options)
        both("map_coordinates", x, points % 9, **options)
        both("map_coordinates", x, points % 9, prefilter=False, **options)


@one_jax
def test_integers():
    """Rounded half away from zero and clipped; float32 may decide a tie otherwise."""
    rng, options = np.random.default_rng(7), {"mode": "mirror"}
    for dtype in (np.uint8, np.int16, np.int32):
        x = rng.integers(-100 if dtype != np.uint8 else 0, 256, (11, 12)).astype(dtype)
        for order in (0, 1, 3):
            got, wanted = both("shift", x, (0.3, -1.2), order=order, atol=1, **options)
            assert got.dtype == dtype
            assert (np.asarray(got) == wanted).mean() > 0.99
    values = np.array([-3.5, -2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 300, -200], np.float32)
    for output in (np.uint8, np.int8, np.int32, np.float32, "uint16"):
        got, _ = both("shift", values, 0, output=output, order=1, atol=0)
        assert got.dtype == output
    for output in (bool, np.int16):
        both("shift", values, 1, output=output, order=0, cval=-2.5, atol=0)
    both("zoom", np.array([True, False, True]), 2, order=0, atol=0)
    both("shift", np.ones(3, np.complex64), 0.5, order=1, cval=2 + 1j)
