"""Writes tensorflow.npz, what tf.image.resize makes of one picture; needs TensorFlow.

    python -m tests.goldens.make_tensorflow

The keys say how: ``method/antialias/aspect/height x width``; ``picture`` is the input. The rows of
``ties:in:out`` are gaussian's weights. ``crop:method:extrapolation:height x width`` is what
tf.image.crop_and_resize makes of ``boxes`` of ``pictures``; ``crop gradient ...`` are derivatives.
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
BOXES = [
    [0, 0, 1, 1],
    [0.1, 0.25, 0.7, 0.8],
    [0.9, 0.2, 0.3, 0.6],  # flipped
    [-0.3, 0.5, 0.4, 1.3],  # beyond the edges
    [0.4, 0.4, 0.4, 0.4],
    [1, 1, 0, 0],
    [2, 2, 3, 3],
]
INDICES = [0, 1, 1, 0, 1, 0, 1]
CROPS = ((4, 5), (1, 1), (7, 13), (1, 6), (11, 2))
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
    goldens |= crops(tf)
    np.savez_compressed(GOLDENS / "tensorflow.npz", **goldens)
    return 0


def crops(tf):
    draw = np.random.default_rng(6)
    pictures = draw.random((2, 6, 9, 3), np.float32)
    boxes = np.array(BOXES, np.float32)
    found = {"pictures": pictures, "boxes": boxes, "indices": np.array(INDICES)}
    for method in ("bilinear", "nearest"):
        for extrapolation in (0, 7):
            for size in CROPS:
                key = f"crop:{method}:{extrapolation}:{size[0]}x{size[1]}"
                given = pictures, boxes, INDICES, size, method, extrapolation
                found[key] = tf.image.crop_and_resize(*given).numpy()
    cotangent = draw.random((len(boxes), 4, 5, 3), np.float32)
    with tf.GradientTape() as tape:
        given = tf.constant(pictures), tf.constant(boxes)
        tape.watch(given)
        y = tf.image.crop_and_resize(*given, INDICES, (4, 5))
        loss = tf.reduce_sum(y * cotangent)
    found["crop cotangent"] = cotangent
    found["crop gradient in pictures"], found["crop gradient in boxes"] = (
        gradient.numpy() for gradient in tape.gradient(loss, given)
    )
    return found


if __name__ == "__main__":
    sys.exit(main())
