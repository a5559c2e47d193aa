"""Coordinates: each convention by hand, for every kind of array, alone and through `resize`."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxup
from jaxup import coordinates, kernels
from jaxup.coordinates import Clamped, CropAndResize, Cropped, Within
from tests.helpers import oracle

NAN = float("nan")
HALF_PIXEL = coordinates.half_pixel

# convention, in_size, out_size, step, and the coordinate of each output
BY_HAND = {
    "half_pixel": (HALF_PIXEL, 3, 6, 0.5, [-0.25, 0.25, 0.75, 1.25, 1.75, 2.25]),
    "half_pixel-shrink": (HALF_PIXEL, 4, 2, 2.0, [0.5, 2.5]),
    "align_corners": (coordinates.align_corners, 4, 7, 0.5, [0, 0.5, 1, 1.5, 2, 2.5, 3]),
    "asymmetric": (coordinates.asymmetric, 3, 6, 0.5, [0, 0.5, 1, 1.5, 2, 2.5]),
    "corner": (coordinates.corner, 3, 6, 0.5, [-0.5, 0, 0.5, 1, 1.5, 2]),
    # ONNX: an offset of in / 2 (1 - out / (in scale)) = 2 (1 - 7 / 8)
    "half_pixel_symmetric": (
        coordinates.half_pixel_symmetric, 4, 7, 0.5, [0, 0.5, 1, 1.5, 2, 2.5, 3],
    ),
    "pytorch_half_pixel": (coordinates.pytorch_half_pixel, 4, 2, 2.0, [0.5, 2.5]),
    "pytorch_half_pixel-one": (coordinates.pytorch_half_pixel, 4, 1, 4.0, [0]),
    "crop_and_resize": (CropAndResize(0.25, 0.75), 5, 3, 1.0, [1, 2, 3]),
    "crop_and_resize-flip": (CropAndResize(1.0, 0.0), 5, 3, 1.0, [4, 2, 0]),
    "crop_and_resize-outside": (CropAndResize(-0.5, 1.5), 5, 3, 1.0, [-2, 2, 6]),
    "crop_and_resize-one": (CropAndResize(0.25, 0.5), 5, 1, 1.0, [1.5]),
    "cropped": (Cropped(HALF_PIXEL, 1.5, 3.5), 5, 4, 0.5, [1.25, 1.75, 2.25, 2.75]),
    # a convention that asks for the size is told that of the part: (2 - 3 / 2) / 2 is added
    "cropped-size": (Cropped(coordinates.half_pixel_symmetric, 1, 3), 9, 3, 0.5, [1, 1.5, 2]),
    "within": (Within(HALF_PIXEL), 3, 6, 0.5, [NAN, 0.25, 0.75, 1.25, 1.75, NAN]),
    "within-edges": (Within(coordinates.corner, 0.5), 3, 6, 0.5, [-0.5, 0, 0.5, 1, 1.5, 2]),
    "within-edges-beyond": (
        Within(CropAndResize(-0.5, 1.5), 0.5), 3, 5, 1.0, [NAN, 0, 1, 2, NAN],
    ),
    "clamped": (Clamped(HALF_PIXEL), 3, 6, 0.5, [0, 0.25, 0.75, 1.25, 1.75, 2.25]),
    "within-cropped": (
        Within(Cropped(HALF_PIXEL, -1.0, 1.0)), 3, 4, 0.5, [NAN, NAN, NAN, 0.25],
    ),
    "clamped-cropped": (Clamped(Cropped(HALF_PIXEL, -1.0, 1.0)), 3, 4, 0.5, [0, 0, 0, 0.25]),
}  # fmt: skip
by_hand = pytest.mark.parametrize(
    ("convention", "in_size", "out_size", "step", "wanted"), BY_HAND.values(), ids=BY_HAND
)


@by_hand
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_numpy(convention, in_size, out_size, step, wanted, dtype):
    got = convention(np.arange(out_size, dtype=dtype), in_size, out_size, step)
    assert isinstance(got, np.ndarray)
    assert got.dtype == dtype
    np.testing.assert_array_equal(got, wanted)


@by_hand
def test_jax_arrays(convention, in_size, out_size, step, wanted):
    got = convention(jnp.arange(out_size, dtype="float32"), in_size, out_size, step)
    assert isinstance(got, jax.Array)
    assert got.dtype == "float32"
    np.testing.assert_array_equal(got, wanted)


@by_hand
def test_traced_index_size_and_step(convention, in_size, out_size, step, wanted):
    """No convention asks a traced number for its value; only the size of the output is known."""

    @jax.jit
    def traced(index, in_size, step):
        return convention(index, in_size, out_size, step)

    got = traced(jnp.arange(out_size, dtype="float32"), jnp.float32(in_size), jnp.float32(step))
    np.testing.assert_array_equal(got, wanted)


@pytest.mark.parametrize(
    ("convention", "wanted"),
    [
        (HALF_PIXEL, [0.5, 1.5, 2.5, 3.5]),
        (coordinates.align_corners, [0, 1, 2, 3]),
        (coordinates.asymmetric, [0, 1, 2, 3]),
        (coordinates.corner, [0, 1, 2, 3]),
        (coordinates.half_pixel_symmetric, [-1.5, -0.5, 0.5, 1.5]),
        (coordinates.pytorch_half_pixel, [0.5, 1.5, 2.5, 3.5]),
        (CropAndResize(0.0, 1.0), [0, 0, 0, 0]),
        (Cropped(coordinates.half_pixel_symmetric, 1, 3), [-1.5, -0.5, 0.5, 1.5]),
        (Within(HALF_PIXEL), [0, 1.5, 2.5, 0]),  # the first and the last read nothing
        (Clamped(HALF_PIXEL), [0, 1.5, 2.5, 3.5]),
    ],
    ids=lambda value: getattr(value, "__name__", type(value).__name__),
)
def test_derivative_by_the_step(convention, wanted):
    index = jnp.arange(4.0)
    got = jax.jacfwd(lambda step: convention(index, 2, 4, step))(0.5)
    np.testing.assert_array_equal(got, wanted)


def test_a_traced_region():
    @jax.jit
    def traced(low, high):
        index = jnp.arange(3.0)
        crop_and_resize, cropped = CropAndResize(low, high), Cropped(HALF_PIXEL, low, high)
        return crop_and_resize(index, 5, 3, 1.0), cropped(index, 5, 3, 0.25)

    crop_and_resize, cropped = traced(0.25, 0.75)
    np.testing.assert_array_equal(crop_and_resize, [1, 2, 3])
    np.testing.assert_array_equal(cropped, [-0.125, 0.125, 0.375])


def test_align_corners_step():
    assert coordinates.align_corners_step(4, 7) == 0.5
    assert coordinates.align_corners_step(9, 5) == 2
    assert coordinates.align_corners_step(1, 4) == 0
    assert coordinates.align_corners_step(5, 1) == 0  # reads pixel 0


def test_within_takes_a_rounding_error_for_inside():
    def shifted(index, in_size, out_size, step):
        return index + step

    index, size = np.array([0.0, 4.0]), 5
    for margin in (0.0, 0.5):
        for outwards, present in ((1e-10, True), (1e-8, False)):
            first = Within(shifted, margin)(index, size, 2, -margin - outwards)[0]
            last = Within(shifted, margin)(index, size, 2, margin + outwards)[1]
            assert [not np.isnan(first), not np.isnan(last)] == [present] * 2


@pytest.mark.parametrize(("in_size", "out_size"), [(3, 6), (7, 4), (5, 5), (1, 3), (10, 7)])
def test_conventions_that_coincide(in_size, out_size):
    index, step = np.arange(float(out_size)), in_size / out_size
    arguments = (index, in_size, out_size, step)
    np.testing.assert_allclose(
        coordinates.half_pixel_symmetric(*arguments), HALF_PIXEL(*arguments), atol=1e-15
    )
    np.testing.assert_array_equal(
        coordinates.pytorch_half_pixel(*arguments), HALF_PIXEL(*arguments)
    )
    np.testing.assert_array_equal(
        Cropped(HALF_PIXEL, 0.0, in_size)(*arguments), HALF_PIXEL(*arguments)
    )
    step = coordinates.align_corners_step(in_size, out_size)
    np.testing.assert_allclose(
        CropAndResize(0.0, 1.0)(*arguments),
        coordinates.align_corners(index, in_size, out_size, step),
        atol=1e-14,
    )


@pytest.mark.parametrize("step", [0.5, 0.7, 1.9])
def test_half_pixel_symmetric_reads_both_ends_alike(step):
    got = coordinates.half_pixel_symmetric(np.arange(7.0), 5, 7, step)
    np.testing.assert_allclose(got + got[::-1], 4, rtol=1e-15)


def test_equal_ones_are_one_key():
    """A recipe of equal conventions must hit the cache of compiled programs."""
    for make in (
        lambda: CropAndResize(0.25, 0.75),
        lambda: Cropped(HALF_PIXEL, 1.5, 3.5),
        lambda: Within(HALF_PIXEL, 0.5),
        lambda: Within(Cropped(Clamped(HALF_PIXEL), 0, 2)),
    ):
        assert len({make(), make()}) == 1
    assert len({Within(HALF_PIXEL), Within(HALF_PIXEL, 0.5), Clamped(HALF_PIXEL)}) == 3


X = np.random.default_rng(3).random(11).astype(np.float32)
NAMES = {
    "half_pixel": lambda i, n, m, s: (i + 0.5) * s - 0.5,
    "half_pixel_symmetric": lambda i, n, m, s: (i + 0.5 - m / 2) * s + n / 2 - 0.5,
    "pytorch_half_pixel": lambda i, n, m, s: (i + 0.5) * s - 0.5 if m > 1 else i * 0,
    "asymmetric": lambda i, n, m, s: i * s,
    "align_corners": lambda i, n, m, s: i * (n - 1) / max(m - 1, 1),
}


@pytest.mark.parametrize("name", NAMES)
def test_by_name_in_resize(name):
    sizes: tuple[tuple[dict[str, Any], int, float], ...] = (
        ({"size": 23}, 23, 11 / 23),
        ({"scale": 1.7}, 18, 1 / 1.7),
        ({"size": 20, "scale": 1.7}, 20, 1 / 1.7),
        ({"size": 1}, 1, 11.0),
    )
    for options, m, s in sizes:
        if name == "align_corners" and len(options) == 2:
            continue
        got = jaxup.resize(
            X,
            method="cubic",
            axes=0,
            coordinates=name,
            boundary="mirror",
            antialias=False,
            **options,
        )
        coordinate = NAMES[name](np.arange(m), 11, m, s)
        wanted = oracle.interpolated(X, coordinate, kernels.cubic().fn, 2, "mirror")
        np.testing.assert_allclose(got, wanted, atol=2e-6, err_msg=f"{options}")
