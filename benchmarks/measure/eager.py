"""The overhead of calls outside of jit: every function on an image of a few pixels."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

import jaxup
from benchmarks.measure.programs import Program
from benchmarks.measure.timing import estimate, interleave, paired_ratio
from jaxup.compat import jax_image, onnx, opencv, pillow, scipy, tensorflow, torch

SHAPE, OUT_SHAPE = (1, 4, 4, 3), (1, 8, 8, 3)
LIMIT = 1.3  # of jaxup's time to that of jax.image.resize
Function = Callable[[], jax.Array]


class EagerCall(NamedTuple):
    """A call of jaxup, and the method of `jax.image.resize` that it is timed against."""

    name: str
    function: Function
    method: str = "linear"


def calls() -> list[EagerCall]:
    """Return a call of every function that computes, with arrays that lie ready."""
    x = jnp.ones(SHAPE)
    first, image, plane = jnp.moveaxis(x, -1, 1), x[0], x[0, ..., 0]
    points, half, grid = jnp.full((2, 2), 1.5), jnp.full(2, 0.5), jnp.zeros((1, 2, 2, 2))
    boxes, shares = jnp.full((1, 2, 2), 1.5), jnp.full((1, 4), 0.5)
    pixels, table, deep = first.astype("uint8"), jnp.ones((1, 17, 3)), jnp.ones((1, 2, 2, 4))
    matrix, matrices = jnp.eye(2, 3), jnp.eye(2, 3)[None]
    return [
        EagerCall("upsample nearest", lambda: jaxup.upsample(x, 2), "nearest"),
        EagerCall("upsample bilinear", lambda: jaxup.upsample(x, 2, "bilinear")),
        EagerCall("upsample bicubic", lambda: jaxup.upsample(x, 2, "bicubic"), "cubic-pytorch"),
        EagerCall("resize", lambda: jaxup.resize(x, (8, 8), "linear")),
        EagerCall("scale_and_translate", lambda: jaxup.scale_and_translate(x, (8, 8), 2.0)),
        EagerCall(
            "scale_and_translate, arrays",
            lambda: jaxup.scale_and_translate(x, (8, 8), half, half, antialias=False),
        ),
        EagerCall("sample", lambda: jaxup.sample(image, points)),
        EagerCall("crop_and_resize", lambda: jaxup.crop_and_resize(image, boxes, 2)),
        EagerCall("pixel_shuffle", lambda: jaxup.pixel_shuffle(deep, 2)),
        EagerCall("pixel_unshuffle", lambda: jaxup.pixel_unshuffle(x, 2)),
        EagerCall(
            "resize_position_embedding", lambda: jaxup.resize_position_embedding(table, 4, 8)
        ),
        EagerCall("torch.interpolate", lambda: torch.interpolate(first, 8, mode="bilinear")),
        EagerCall(
            "torch.interpolate, uint8",
            lambda: torch.interpolate(pixels, 8, mode="bilinear"),
        ),
        EagerCall("torch.grid_sample", lambda: torch.grid_sample(first, grid, align_corners=True)),
        EagerCall("torch.affine_grid", lambda: torch.affine_grid(matrices, (1, 3, 8, 8), False)),
        EagerCall("jax_image.resize", lambda: jax_image.resize(x, OUT_SHAPE, "linear")),
        EagerCall("tensorflow.resize", lambda: tensorflow.resize(x, (8, 8))),
        EagerCall(
            "tensorflow.crop_and_resize",
            lambda: tensorflow.crop_and_resize(x, shares, [0], (2, 2)),
        ),
        EagerCall("onnx.resize", lambda: onnx.resize(x, sizes=OUT_SHAPE, mode="linear")),
        EagerCall("pillow.resize", lambda: pillow.resize(image, (8, 8))),
        EagerCall("opencv.resize", lambda: opencv.resize(image, (8, 8))),
        EagerCall("opencv.remap", lambda: opencv.remap(image, points, points, 1)),
        EagerCall("opencv.warp_affine", lambda: opencv.warp_affine(image, matrix, (8, 8))),
        EagerCall("scipy.zoom", lambda: scipy.zoom(plane, 2, order=1)),
        EagerCall("scipy.shift", lambda: scipy.shift(plane, 0.5, order=1)),
        EagerCall("scipy.map_coordinates", lambda: scipy.map_coordinates(plane, points, order=1)),
    ]


def overheads(rounds: int = 200) -> list[dict[str, Any]]:
    """Return a record for each call: microseconds of jaxup and of `jax.image.resize`."""
    return [_overhead(call, rounds) for call in calls()]


def _overhead(call: EagerCall, rounds: int) -> dict[str, Any]:
    x = jnp.ones(SHAPE)

    def theirs() -> jax.Array:
        return jax.image.resize(x, OUT_SHAPE, call.method, antialias=False)

    programs = [
        Program(peer, "forward", function, jax.block_until_ready)
        for peer, function in (("jaxup", call.function), ("jax.image", theirs))
    ]
    guesses = [estimate(program) for program in programs]
    ours, peers = interleave(programs, guesses, seconds=60, rounds=rounds)
    return {
        "method": call.name,
        "shape": list(SHAPE),
        "limit": LIMIT,
        "jaxup": {"min_us": 1e6 * ours.minimum, "median_us": 1e6 * ours.median},
        "jax.image": {"min_us": 1e6 * peers.minimum, "median_us": 1e6 * peers.median},
        "ratio": {"min": ours.minimum / peers.minimum, "paired": paired_ratio(ours, peers)},
    }
