# /// script
# dependencies = ["keras==3.15.1", "tensorflow-cpu", "grain", "pytest"]
# ///
"""Keras 3 on its JAX backend, with jaxup in the place of jax.image.

    pip install keras==3.15.1 tensorflow-cpu grain pytest
    python examples/clients/keras_image.py

The swap is one line:

    jax.image.resize = jaxup.compat.jax_image.resize

Keras's own tests of what resizes run from the installed package, without the swap and with it. They
need TensorFlow, their reference, and Grain. Then come outputs and gradients of every interpolation,
and of layers.
"""

import itertools
import os
import sys
from unittest import mock

import jax
from side_by_side import Comparison, compare, main

from jaxup.compat import jax_image

os.environ["KERAS_BACKEND"] = "jax"

RESIZE = {"jax.image.resize": jax_image.resize}
TRANSLATE = {"jax.image.scale_and_translate": jax_image.scale_and_translate}
FORMATS = ("channels_last", "channels_first")
SIZES = ((64, 64), (45, 77), (13, 16))
TESTS = (
    "keras.src.ops.image_test",
    "keras.src.layers.reshaping.up_sampling2d_test",
    "keras.src.layers.preprocessing.image_preprocessing.resizing_test",
    "keras.src.layers.preprocessing.image_preprocessing.center_crop_test",
)
NAMED = "resize or resizing or up_sampling or center_crop"


class Outcomes:
    """Counts, as a plugin of pytest, how tests end."""

    def __init__(self):
        self.passed = self.failed = 0

    def pytest_runtest_logreport(self, report):
        self.passed += report.when == "call" and report.passed
        self.failed += report.failed


def own_tests():
    """Run Keras's own tests of resizing; return how many passed and failed."""
    import pytest

    jax.clear_caches()
    outcomes = Outcomes()
    quiet = ("-q", "--no-header", "--no-summary", "-p", "no:cacheprovider", "-W", "ignore")
    pytest.main([*quiet, "-k", NAMED, "--pyargs", *TESTS], plugins=[outcomes])
    return outcomes.passed, outcomes.failed


def compared_tests():
    """Keras's tests as a line of the table, which agrees if they end as without jaxup."""
    before = own_tests()
    with mock.patch("jax.image.resize", wraps=jax_image.resize) as swapped:
        after = own_tests()
    print("Keras's own tests: {} passed, {} failed; with jaxup".format(*before), end=" ")
    print("{} passed, {} failed.".format(*after))
    difference = 0.0 if before == after and before[0] > 0 else float("inf")
    return Comparison("Keras's own tests", swapped.call_count, difference, 0.0)


def comparisons():
    """Keras's tests; every interpolation of resize and scale_and_translate; layers."""
    import keras

    yield compared_tests()
    picture = jax.random.uniform(jax.random.key(0), (4, 32, 32, 8))
    for method in ("nearest", "bilinear", "bicubic", "lanczos3", "lanczos5"):

        def resized(x, method=method):
            return [
                keras.ops.image.resize(
                    x, size, interpolation=method, antialias=antialias, data_format=data_format
                )
                for antialias, data_format, size in itertools.product((False, True), FORMATS, SIZES)
            ]

        yield compare(f"ops.image.resize, {method}", resized, picture, RESIZE)
    for method in ("linear", "cubic", "lanczos3", "lanczos5"):

        def moved(x, method=method):
            scale, translation = jax.numpy.array([1.7, 0.6]), jax.numpy.array([3.5, -2.25])
            geometry = ((4, 50, 20, 8), scale, translation, (1, 2))
            return [
                keras.ops.image.scale_and_translate(x, *geometry, method, antialias)
                for antialias in (False, True)
            ]

        yield compare(f"ops.image.scale_and_translate, {method}", moved, picture, TRANSLATE)
    layers = keras.layers
    for layer in (
        layers.UpSampling2D(3, interpolation="bicubic"),
        layers.Resizing(20, 50, interpolation="bilinear", antialias=True),
        layers.Resizing(48, 24, crop_to_aspect_ratio=True),
        layers.CenterCrop(40, 48),
    ):
        yield compare(f"layers.{type(layer).__name__}", layer, picture, RESIZE)


if __name__ == "__main__":
    sys.exit(main(__doc__, ("keras",), comparisons))
