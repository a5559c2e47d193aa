"""compat.tensorflow against committed values of TensorFlow (tests/goldens/make_tensorflow.py)."""

import jax
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


@pytest.mark.parametrize("method", ["bilinear", "nearest"])
def test_crops(method):
    keys = [key for key in GOLDENS.files if key.startswith(f"crop:{method}")]
    assert len(keys) == 10
    given = [GOLDENS[name] for name in ("pictures", "boxes", "indices")]
    for key in keys:
        _, _, extrapolation, size = key.split(":")
        options = tuple(map(int, size.split("x"))), method, float(extrapolation)

        def f(pictures, boxes, indices, options=options):
            return tensorflow.crop_and_resize(pictures, boxes, indices, *options)

        for got in (f(*given), jax.jit(f)(*given)):
            np.testing.assert_allclose(got, GOLDENS[key], atol=2e-6, rtol=0, err_msg=key)


def test_gradients_of_crops():
    pictures, boxes, indices = (GOLDENS[name] for name in ("pictures", "boxes", "indices"))

    def f(pictures, boxes):
        return tensorflow.crop_and_resize(pictures, boxes, indices, (4, 5))

    _, pull = jax.vjp(f, pictures, boxes)
    in_pictures, in_boxes = pull(jnp.asarray(GOLDENS["crop cotangent"]))
    np.testing.assert_allclose(in_pictures, GOLDENS["crop gradient in pictures"], atol=1e-5)
    compared = 0
    for axis, count in enumerate((4, 5)):
        ends = boxes[:, [axis, axis + 2]].astype(float) * (pictures.shape[1 + axis] - 1)
        at = ends[:, :1] + np.diff(ends) * np.arange(count) / (count - 1)
        inside = (at >= 0) & (at <= pictures.shape[1 + axis] - 1)
        # TensorFlow has no slope where a sample meets a pixel's centre
        between = np.where(inside, abs(at - at.round()) > 1e-5, True).all(axis=1)
        wanted = GOLDENS["crop gradient in boxes"][between][:, [axis, axis + 2]]
        ours = np.asarray(in_boxes)[between][:, [axis, axis + 2]]
        np.testing.assert_allclose(ours, wanted, atol=1e-4, rtol=1e-4)
        compared += int((abs(wanted).max(axis=1, initial=0) > 0.1).sum())
    assert compared >= 2


def test_crops_of_bytes_become_float32():
    image = jnp.arange(16, dtype=jnp.uint8).reshape(1, 4, 4, 1)
    for method in ("bilinear", "nearest"):
        y = tensorflow.crop_and_resize(image, [[0, 0, 1, 1]], [0], (4, 4), method)
        np.testing.assert_array_equal(y, image.astype("float32"))


@pytest.mark.parametrize(
    ("error", "changes", "text"),
    [
        (ValueError, {"image": jnp.zeros((4, 4, 3))}, "images with 4 axes, got 3"),
        (ValueError, {"boxes": [0, 0, 1, 1]}, r"boxes of shape \(n, 4\), got shape \(4,\)"),
        (TypeError, {"boxes": "all"}, "an array, got str .*as boxes"),
        (ValueError, {"box_indices": [2]}, r"box_indices from 0 to 1, got \[2, 2\]"),
        (TypeError, {"box_indices": [0.5]}, "box_indices of shape"),
        (ValueError, {"crop_size": (2, 2, 2)}, "a crop_size of two numbers"),
        (ValueError, {"crop_size": (0, 2)}, ".* got crop_size=0"),
        (ValueError, {"method": "bicubic"}, "a known method"),
        (TypeError, {"extrapolation_value": "1"}, "extrapolation_value to be a real number"),
    ],
)
def test_what_crops_refuse(error, changes, text):
    right = {"image": jnp.zeros((2, 4, 4, 3)), "boxes": [[0, 0, 1, 1]], "box_indices": [0]}
    name = r"^jaxup.compat.tensorflow.crop_and_resize: expected "
    with pytest.raises(error, match=name + text):
        tensorflow.crop_and_resize(**{"crop_size": (2, 2)} | right | changes)


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
