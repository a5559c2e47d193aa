"""`compat.opencv` against OpenCV: every interpolation and border, at random points and sizes."""

import numpy as np
import pytest

from jaxup.compat import opencv

cv2 = pytest.importorskip("cv2")

CASES = (  # (height, width), (width, height)
    ((17, 23), (41, 31)),
    ((31, 22), (9, 13)),
    ((37, 12), (29, 16)),
    ((5, 121), (172, 7)),
)
AREA = cv2.INTER_AREA
POINTS = (0, 1, 2, 3, 4)
BORDERS = (0, 1, 2, 3, 4)
QUANTISED = () if int(cv2.__version__.split(".")[0]) >= 5 else (1, 3)


def agree(got, wanted, atol=1e-5, message=""):
    wanted = np.asarray(wanted, np.float64).reshape(got.shape)
    np.testing.assert_allclose(np.asarray(got, float), wanted, atol=atol, rtol=0, err_msg=message)


@pytest.mark.parametrize("interpolation", range(7))
def test_resize(interpolation):
    rng = np.random.default_rng(interpolation)
    for shape, size in CASES:
        if interpolation == AREA and (shape[0] > size[1]) != (shape[1] > size[0]):
            continue  # OpenCV then takes two taps on either axis, see docs/conventions.md
        x = rng.random((*shape, 3), np.float32)
        wanted = cv2.resize(x, size, interpolation=interpolation)
        got = opencv.resize(x, size, interpolation=interpolation)
        agree(got, wanted, message=f"{shape} {size}")


@pytest.mark.parametrize("interpolation", range(6))
def test_resize_by_factors(interpolation):
    x = np.random.default_rng(interpolation).random((15, 21), np.float32)
    factors = ((0.37, 0.61),) if interpolation == AREA else ((1.37, 0.61), (0.5, 2.21))
    for fx, fy in factors:
        wanted = cv2.resize(x, None, fx=fx, fy=fy, interpolation=interpolation)
        agree(opencv.resize(x, fx=fx, fy=fy, interpolation=interpolation), wanted)


def test_nearest_at_ties():
    for old, new in ((36, 40), (20, 55), (35, 49), (30, 33), (49, 7)):
        x = np.arange(old, dtype=np.float32)[None]
        wanted = cv2.resize(x, (new, 1), interpolation=cv2.INTER_NEAREST)
        np.testing.assert_array_equal(opencv.resize(x, (new, 1), interpolation=0), wanted)


def test_nearest_exact_differs_only_at_ties():
    differ = 0
    for old, new in ((4, 26), (27, 42), (35, 49), (23, 17), (19, 48)):
        x = np.arange(old, dtype=np.float32)[None]
        wanted = cv2.resize(x, (new, 1), interpolation=cv2.INTER_NEAREST_EXACT)[0]
        got = np.asarray(opencv.resize(x, (new, 1), interpolation=cv2.INTER_NEAREST_EXACT))[0]
        twice = 2 * np.arange(new) + 1
        assert ((got == wanted) | (twice * old % (2 * new) == 0)).all()
        differ += (got != wanted).sum()
    assert differ > 0  # else the document is out of date


def test_area_that_enlarges_slips_where_edges_meet():
    x = np.arange(36, dtype=np.float32)[None]
    got = np.asarray(opencv.resize(x, (40, 1), interpolation=AREA))
    wanted = cv2.resize(x, (40, 1), interpolation=AREA)
    away = np.flatnonzero(abs(got - wanted)[0] > 1e-4)
    assert (away * 36 % 40 == 0).all()
    overlaps = np.clip(  # of output [i, i + 1) * 0.9 with pixel [k, k + 1)
        np.minimum((np.arange(40)[:, None] + 1) * 0.9, np.arange(36) + 1)
        - np.maximum(np.arange(40)[:, None] * 0.9, np.arange(36)),
        0,
        None,
    )
    np.testing.assert_allclose(got[0], (overlaps / 0.9) @ x[0], atol=1e-4)


def points(rng, interpolation, count=200):
    """x and y, some of them outside a picture of 13 rows and 17 columns."""
    both = rng.uniform(-5, 22, (2, 1, count))
    if interpolation in (2, 4, *QUANTISED):  # OpenCV rounds them to that
        both = np.round(both * 32) / 32
    return both.astype(np.float32)


@pytest.mark.parametrize("interpolation", POINTS)
def test_remap(interpolation):
    rng = np.random.default_rng(interpolation)
    x = rng.random((13, 17, 3), np.float32)
    values = 0.3, 0.7, 0.2
    for border in BORDERS:
        columns, rows = points(rng, interpolation)
        options = {"borderMode": border, "borderValue": values}
        wanted = cv2.remap(x, columns, rows, interpolation, **options)
        agree(opencv.remap(x, columns, rows, interpolation, **options), wanted)
        both = np.stack([columns, rows], -1)
        agree(opencv.remap(x, both, None, interpolation, **options), wanted)


def test_remap_at_ties_and_border_values():
    x = np.arange(9, dtype=np.float32)[None].repeat(3, 0)
    columns = np.arange(-2, 11, 0.5, dtype=np.float32)[None]
    rows = np.ones_like(columns)
    for value in (0, -1.5):
        wanted = cv2.remap(x, columns, rows, 0, borderValue=value)
        np.testing.assert_array_equal(opencv.remap(x, columns, rows, 0, borderValue=value), wanted)
    colours = np.stack([x, x, x, x], -1)
    for value in (2, (2, 3)):
        wanted = cv2.remap(colours, columns, rows, 1, borderValue=value)
        agree(opencv.remap(colours, columns, rows, 1, borderValue=value), wanted)


@pytest.mark.parametrize("interpolation", POINTS)
def test_warp_affine(interpolation):
    rng = np.random.default_rng(interpolation)
    x = rng.random((13, 17), np.float32)
    matrix = np.array([[0.8321, -0.3127, 2.713], [0.2513, 1.1039, -1.627]])
    if interpolation in (2, 4, *QUANTISED):
        matrix = np.array([[1, 0, 2.65625], [0, 1, -1.40625]])
    for border in BORDERS:
        for inverse in (0, cv2.WARP_INVERSE_MAP):
            options = {"borderMode": border, "borderValue": 0.4, "flags": interpolation | inverse}
            wanted = cv2.warpAffine(x, matrix, (21, 14), **options)
            agree(opencv.warp_affine(x, matrix, (21, 14), **options), wanted)


@pytest.mark.parametrize("interpolation", POINTS)
def test_8_bit_pictures_are_a_level_apart_at_most(interpolation):
    rng = np.random.default_rng(interpolation)
    x = rng.integers(0, 256, (13, 17, 3)).astype(np.uint8)
    columns, rows = points(rng, 2)
    size = (9, 7) if interpolation == AREA else (29, 7)
    calls = (
        (
            opencv.resize(x, size, interpolation=interpolation),
            cv2.resize(x, size, interpolation=interpolation),
        ),
        (
            opencv.remap(x, columns, rows, interpolation, borderMode=1),
            cv2.remap(x, columns, rows, interpolation, borderMode=1),
        ),
    )
    for got, wanted in calls:
        assert got.dtype == np.uint8
        agree(got, wanted, atol=0 if interpolation == 0 else 1)
