"""Writes tensorflow.npz, what tf.image.resize makes of one picture; needs TensorFlow.

    python -m tests.goldens.make_tensorflow

The keys say how: ``method/antialias/aspect/height x width``; ``picture`` is the input. The rows of
``ties:in:out`` are gaussian's weights.
"""

import sys

import numpy as np

from tests.helpers.paths import GOLDENS

METHODS = [
    "bilinear",
    "lanczos3",
    "lanczos5",
    "bicubic",
    "gaussian",
    "nearest",
    "area",
    "mitchellcubic",
]
TIES = ((6, 13), (12, 13), (13, 6))  # outputs as far from two pixels as the kernel reaches
SIZES = ((13, 17), (4, 5), (9, 21), (9, 12))


def main():
    import tensorflow as tf

    picture = np.random.default_rng(5).random((9, 12, 1), np.float32)
    goldens = {"picture": picture, "version": np.array(tf.__version__)}
    for method in METHODS:
        for antialias in (False, True):
            for size in SIZES:
                key = f"{method}/{int(antialias)}/0/{size[0]}x{size[1]}"
                goldens[key] = tf.image.resize(picture, size, method, antialias=antialias).numpy()
    for size in ((5, 20), (30, 13), (11, 11)):
        key = f"bilinear/0/1/{size[0]}x{size[1]}"
        goldens[key] = tf.image.resize(picture, size, preserve_aspect_ratio=True).numpy()
    for n, out in TIES:
        unit = np.eye(n, dtype=np.float32).reshape(n, 1, n)
        resized = tf.image.resize(unit, (out, 1), "gaussian", antialias=True)
        goldens[f"ties:{n}:{out}"] = resized.numpy()[:, 0]
    np.savez_compressed(GOLDENS / "tensorflow.npz", **goldens)
    return 0


if __name__ == "__main__":
    sys.exit(main())
