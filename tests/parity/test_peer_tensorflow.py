"""compat.tensorflow against committed values of TensorFlow (tests/goldens/make_tensorflow.py)."""

import jax.numpy as jnp
import numpy as np
import pytest

from jaxup.compat import tensorflow
from tests.helpers import paths

GOLDENS = np.load(paths.GOLDENS / "tensorflow.npz")
CASES = sorted(key for key in GOLDENS.files if "/" in key)
METHODS = sorted({key.split("/")[0] for key in CASES})


@pytest.mark.parametrize("method", METHODS)
def test_values(method):
    for key in CASES:
        name, antialias, aspect, size = key.split("/")
        if name != method:
            continue
        size = tuple(map(int, size.split("x")))
        got = tensorflow.resize(
            GOLDENS["picture"],
            size,
            method,
            preserve_aspect_ratio=aspect == "1",
            antialias=antialias == "1",
        )
        assert got.shape == GOLDENS[key].shape, key
        np.testing.assert_allclose(got, GOLDENS[key], atol=2e-6, rtol=0, err_msg=key)


@pytest.mark.parametrize("key", [key for key in GOLDENS.files if key.startswith("ties")])
def test_gaussian_where_pixels_are_as_far_as_it_reaches(key):
    """A rounding to float32 decides whether such a pixel counts: it was off by up to 0.008."""
    _, n, out = map(int, key.replace("ties", "0").split(":"))
    unit = np.eye(n, dtype=np.float32).reshape(n, 1, n)
    got = tensorflow.resize(unit, (out, 1), "gaussian", antialias=True)[:, 0]
    np.testing.assert_allclose(got, GOLDENS[key], atol=2e-6, rtol=0)


def test_every_method_is_there():
    assert len(METHODS) == 8
    assert len(CASES) == 8 * 2 * 4 + 3


def test_a_bicubic_table_moves_coordinates_by_half_of_1_in_1024():
    image = jnp.arange(40.0).reshape(40, 1, 1)  # cubics reproduce ramps
    got = tensorflow.resize(image, (97, 1), "bicubic")[6:-6, 0, 0]
    exact = (jnp.arange(97) + 0.5) * (40 / 97) - 0.5
    error = jnp.abs(got - exact[6:-6]).max()
    assert 1e-4 < error < 0.5 / 1024 + 1e-5


def test_integers_become_float32_except_for_nearest():
    image = jnp.zeros((1, 4, 4, 3), jnp.uint8)
    assert tensorflow.resize(image, (2, 2)).dtype == jnp.float32
    assert tensorflow.resize(image, (2, 2), "nearest").dtype == jnp.uint8


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (((2, 2), "bilinaer"), r"a known method, got 'bilinaer' .* Use one of 'bilinear', "),
        (((2, 2, 3),), r"a size of two numbers, got \(2, 2, 3\)"),
        (((0, 2),), r"an output of at least 1 pixel, got size=0"),
    ],
)
def test_what_it_refuses(arguments, text):
    with pytest.raises(ValueError, match=r"^jaxup.compat.tensorflow.resize: expected " + text):
        tensorflow.resize(jnp.zeros((4, 4, 3)), *arguments)


def test_other_ranks_are_refused():
    with pytest.raises(ValueError, match="images with 3 or 4 axes, got 2"):
        tensorflow.resize(jnp.zeros((4, 4)), (2, 2))
