"""How cost grows: with the side of an image, with the number of images, at awkward ratios."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

import jaxup
from benchmarks.measure.cells import Direction, Shape
from benchmarks.measure.floor import floor
from benchmarks.measure.programs import both, jitted
from benchmarks.measure.timing import compared

SIDES, COUNTS, SIDE = (64, 256, 1024, 4096, 8192), (8, 64, 1024), 64
LARGEST_OUT = 8192  # ×2 of 8192² would be 3.2 GB
LARGEST_DENSE = 2048  # of jax.image, which multiplies by a matrix of both sizes
OPERATIONS = {"×2": 2.0, "÷2": 0.5}  # the latter antialiased
CHANNELS = 3


class GrowthCell(NamedTuple):
    """Bilinear, of square float32 images with three channels.

    Args:
      operation: "×2" or "÷2", or an awkward one.
      images: the number of images.
      side: their pixels per axis.
      out_side: those of the result.
      function: jaxup's, of the images and the scale.
      peer: jax.image's, of the images and the scale.
    """

    operation: str
    images: int
    side: int
    out_side: int
    function: Callable[..., jax.Array]
    peer: Callable[..., jax.Array]
    scale: float

    @property
    def name(self) -> str:
        grown = self.operation in OPERATIONS
        return f"{self.operation} of {self.images}×{self.side}²" if grown else self.operation

    @property
    def out_shape(self) -> Shape:
        return (self.images, self.out_side, self.out_side, CHANNELS)


def cells() -> list[GrowthCell]:
    """Return the cells: each operation by side, then by number of images, then the awkward ones."""
    sizes = [(1, side) for side in SIDES] + [(images, SIDE) for images in COUNTS]
    return [
        grown(operation, images, side)
        for operation, scale in OPERATIONS.items()
        for images, side in sizes
        if scale * side <= LARGEST_OUT
    ] + awkward(997, 1009)


def grown(operation: str, images: int, side: int) -> GrowthCell:
    """Return one point of a line that grows."""
    scale = OPERATIONS[operation]
    size = int(side * scale)

    def ours(x: jax.Array, _: jax.Array) -> jax.Array:
        return jaxup.upsample(x, scale, "bilinear", antialias=scale < 1)

    def theirs(x: jax.Array, _: jax.Array) -> jax.Array:
        return jax.image.resize(x, (images, size, size, CHANNELS), "linear")

    return GrowthCell(operation, images, side, size, ours, theirs, scale)


def awkward(side: int, out_side: int) -> list[GrowthCell]:
    """Return sizes without a common factor, known and with a traced scale, and a scale near 1.

    The last is `scale_and_translate`: `upsample` copies an image whose size stays, as PyTorch does.
    """
    scale, near = out_side / side, 1.0001
    size = (out_side, out_side)

    def known(x: jax.Array, _: jax.Array) -> jax.Array:
        return jaxup.upsample(x, size=size, method="bilinear")

    def traced(x: jax.Array, scale: jax.Array) -> jax.Array:
        return jaxup.scale_and_translate(x, size, scale, antialias=False)

    def barely(x: jax.Array, _: jax.Array) -> jax.Array:
        return jaxup.scale_and_translate(x, (side, side), near, antialias=False)

    dense = functools.partial(_dense, out_side=out_side)
    same = functools.partial(_dense, out_side=side)
    return [
        GrowthCell(f"{side}² → {out_side}²", 1, side, out_side, known, dense, scale),
        GrowthCell(f"{side}² → {out_side}² traced", 1, side, out_side, traced, dense, scale),
        GrowthCell(f"×{near} of {side}²", 1, side, side, barely, same, near),
    ]


def _dense(x: jax.Array, scale: jax.Array, out_side: int) -> jax.Array:
    shape, axes = (x.shape[0], out_side, out_side, x.shape[3]), (1, 2)
    scales = jnp.broadcast_to(scale, 2)
    return jax.image.scale_and_translate(
        x, shape, axes, scales, jnp.zeros(2), "linear", antialias=False
    )


def measure(cell: GrowthCell, platform: str, seconds: float, rounds: int) -> dict[str, Any]:
    """Time a cell's programs against each other and return its record."""
    x = jax.random.uniform(jax.random.key(0), (cell.images, cell.side, cell.side, CHANNELS))
    scale = jnp.float32(cell.scale)
    small, large = x.size, math.prod(cell.out_shape)
    programs = both("jaxup", cell.function, x, scale)
    programs += [
        jitted("floor", "forward", *floor(small, large, 4)),
        jitted("floor", "backward", *floor(large, small, 4)),
    ]
    if max(cell.side, cell.out_side) <= LARGEST_DENSE:
        programs += both("jax.image", cell.peer, x, scale)
    allowances: dict[Direction, int] = {"forward": 4 * large, "backward": 4 * max(small, large)}
    return {
        "name": cell.name,
        "operation": cell.operation,
        "images": cell.images,
        "side": cell.side,
        "out_pixels": large // CHANNELS,
    } | compared(programs, allowances, seconds, rounds, queued=platform != "cpu")
