"""The Pillow calls of docs/from-pillow-opencv.md against Pillow."""

import jax.numpy as jnp
import numpy as np
import pytest

from tests.helpers.convention_calls import calls

Image = pytest.importorskip("PIL.Image")

FILTERS = {"nearest": 0, "lanczos": 1, "bilinear": 2, "bicubic": 3, "box": 4, "hamming": 5}
CASES = (  # (height, width), (width, height), box
    ((17, 23), (40, 31), None),
    ((30, 21), (9, 12), None),
    ((19, 26), (11, 33), (0.75, 1.375, 24.625, 17.5)),
    ((24, 13), (13, 10), (0, 2.25, 12.5, 24)),
)


@pytest.mark.parametrize("method", FILTERS)
def test_float_pictures(method):
    resize = calls().pillow_resize
    rng = np.random.default_rng(FILTERS[method])
    for shape, size, box in CASES:
        x = rng.random(shape, np.float32)
        wanted = np.asarray(Image.fromarray(x).resize(size, FILTERS[method], box=box))
        got = resize(x, size, method, box)
        np.testing.assert_allclose(got, wanted, atol=5e-6, rtol=0, err_msg=f"{shape} {size} {box}")


def test_nearest_at_ties():
    resize = calls().pillow_resize
    for old, new in ((20, 55), (54, 3), (35, 49), (28, 49), (30, 33)):
        x = np.arange(old, dtype=np.float32)[None]
        wanted = np.asarray(Image.fromarray(x).resize((new, 1), 0))
        np.testing.assert_array_equal(resize(x, (new, 1), "nearest"), wanted)


@pytest.mark.parametrize("method", [name for name in FILTERS if name != "nearest"])
def test_8_bit_pictures(method):
    resize = calls().pillow_resize_8bit
    rng = np.random.default_rng(FILTERS[method])
    for shape, size, box in CASES:
        x = rng.integers(0, 256, shape).astype(np.uint8)
        wanted = np.asarray(Image.fromarray(x).resize(size, FILTERS[method], box=box)).astype(int)
        away = [
            abs(np.asarray(resize(jnp.asarray(x), size, method, box, first)).astype(int) - wanted)
            for first in (False, True)
        ]
        closest = min(away, key=np.mean)  # Pillow chooses the order of the passes by their cost
        assert closest.max() <= 1, (shape, size, box)
        assert (closest == 0).mean() > 0.95, (shape, size, box)
