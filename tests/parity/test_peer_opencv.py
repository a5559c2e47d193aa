"""The OpenCV call of docs/from-pillow-opencv.md against OpenCV."""

import numpy as np
import pytest

from tests.helpers.convention_calls import calls

cv2 = pytest.importorskip("cv2")

CODES = {
    "nearest": cv2.INTER_NEAREST,
    "nearest-exact": cv2.INTER_NEAREST_EXACT,
    "linear": cv2.INTER_LINEAR,
    "cubic": cv2.INTER_CUBIC,
    "area": cv2.INTER_AREA,
    "lanczos4": cv2.INTER_LANCZOS4,
}
CASES = (  # (height, width), (width, height)
    ((17, 23), (41, 31)),
    ((31, 22), (9, 13)),
    ((37, 12), (29, 16)),
    ((5, 121), (172, 7)),
)


@pytest.mark.parametrize("method", CODES)
def test_values(method):
    resize = calls().opencv_resize
    rng = np.random.default_rng(CODES[method])
    for shape, size in CASES:
        if method == "area" and (shape[0] > size[1]) != (shape[1] > size[0]):
            continue  # OpenCV then takes two taps on either axis, see the document
        x = rng.random(shape, np.float32)
        wanted = cv2.resize(x, size, interpolation=CODES[method])
        np.testing.assert_allclose(
            resize(x, size, method), wanted, atol=1e-5, rtol=0, err_msg=f"{shape} {size}"
        )


def test_nearest_at_ties():
    resize = calls().opencv_resize
    for old, new in ((36, 40), (20, 55), (35, 49), (30, 33), (49, 7)):
        x = np.arange(old, dtype=np.float32)[None]
        wanted = cv2.resize(x, (new, 1), interpolation=cv2.INTER_NEAREST)
        np.testing.assert_array_equal(resize(x, (new, 1), "nearest"), wanted)


def test_nearest_exact_differs_only_at_ties():
    differ = 0
    for old, new in ((4, 26), (27, 42), (35, 49), (23, 17), (19, 48)):
        x = np.arange(old, dtype=np.float32)[None]
        wanted = cv2.resize(x, (new, 1), interpolation=cv2.INTER_NEAREST_EXACT)[0]
        twice = 2 * np.arange(new) + 1
        exact, rest = np.divmod(twice * old, 2 * new)
        assert ((exact == wanted) | (rest == 0)).all()
        differ += (exact != wanted).sum()
    assert differ > 0  # else the document is out of date


def test_area_that_enlarges_slips_where_edges_meet():
    x = np.arange(36, dtype=np.float32)[None]
    got = np.asarray(calls().opencv_resize(x, (40, 1), "area"))
    wanted = cv2.resize(x, (40, 1), interpolation=cv2.INTER_AREA)
    away = np.flatnonzero(abs(got - wanted)[0] > 1e-4)
    assert (away * 36 % 40 == 0).all()
    overlaps = np.clip(  # of output [i, i + 1) * 0.9 with pixel [k, k + 1)
        np.minimum((np.arange(40)[:, None] + 1) * 0.9, np.arange(36) + 1)
        - np.maximum(np.arange(40)[:, None] * 0.9, np.arange(36)),
        0,
        None,
    )
    np.testing.assert_allclose(got[0], (overlaps / 0.9) @ x[0], atol=1e-4)
