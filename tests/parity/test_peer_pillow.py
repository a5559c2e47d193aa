"""`compat.pillow.resize` against Pillow."""

import numpy as np
import pytest

from jaxup.compat import pillow

PIL = pytest.importorskip("PIL")
Image = pytest.importorskip("PIL.Image")

FILTERS = {"nearest": 0, "lanczos": 1, "bilinear": 2, "bicubic": 3, "box": 4, "hamming": 5}
CASES = (  # (height, width), (width, height), box
    ((17, 23), (40, 31), None),
    ((30, 21), (9, 12), None),
    ((40, 21), (18, 12), None),
    ((19, 26), (11, 33), (0.75, 1.375, 24.625, 17.5)),
    ((24, 13), (13, 10), (0, 2.25, 12.5, 24)),
    ((24, 13), (7, 9), (3, 2, 10, 11)),
)


@pytest.mark.parametrize("name", FILTERS)
def test_float_pictures(name):
    number = FILTERS[name]
    rng = np.random.default_rng(number)
    for shape, size, box in CASES:
        x = rng.random(shape, np.float32)
        wanted = np.asarray(Image.fromarray(x).resize(size, number, box=box))
        got = pillow.resize(x, size, Image.Resampling(number), box)
        np.testing.assert_allclose(got, wanted, atol=5e-6, rtol=0, err_msg=f"{shape} {size} {box}")


def test_the_default_is_bicubic():
    x = np.random.default_rng(0).random((9, 7), np.float32)
    wanted = np.asarray(Image.fromarray(x).resize((12, 5)))
    np.testing.assert_allclose(pillow.resize(x, (12, 5)), wanted, atol=5e-6)


def test_nearest_at_ties():
    for old, new in ((20, 55), (54, 3), (35, 49), (28, 49), (30, 33)):
        x = np.arange(old, dtype=np.float32)[None]
        wanted = np.asarray(Image.fromarray(x).resize((new, 1), 0))
        np.testing.assert_array_equal(pillow.resize(x, (new, 1), 0), wanted)


def test_bools_are_taken_with_nearest():
    x = np.random.default_rng(0).random((9, 7)) < 0.5
    wanted = np.asarray(Image.fromarray(x).resize((12, 5)))
    np.testing.assert_array_equal(pillow.resize(x, (12, 5)), wanted)


@pytest.mark.skipif(int(PIL.__version__.split(".")[0]) < 13, reason="another order of the passes")
@pytest.mark.parametrize("name", FILTERS)
def test_8_bit_pictures_to_the_bit(name):
    """Rows first where the height shrinks by more than twice what the width does, else columns."""
    rng = np.random.default_rng(FILTERS[name])
    for shape, size, box in CASES:
        for x in rng.integers(0, 256, (2, *shape)).astype(np.uint8):
            wanted = np.asarray(Image.fromarray(x).resize(size, FILTERS[name], box=box))
            got = pillow.resize(x, size, FILTERS[name], box)
            np.testing.assert_array_equal(got, wanted, err_msg=f"{shape} {size} {box}")
        colours = rng.integers(0, 256, (*shape, 3)).astype(np.uint8)
        wanted = np.asarray(Image.fromarray(colours).resize(size, FILTERS[name], box=box))
        np.testing.assert_array_equal(pillow.resize(colours, size, FILTERS[name], box), wanted)
