"""Interpolation at points: `jaxup.sample` and `grid_sample` against PyTorch's and SciPy's."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any, Literal, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

import jaxup
from benchmarks.measure.cells import Direction
from benchmarks.measure.peers import installed
from benchmarks.measure.programs import Program, jitted
from benchmarks.measure.timing import compared
from jaxup import kernels
from jaxup.compat.torch import grid_sample


class PointCell(NamedTuple):
    """Square images of (batch, height, width, channels), read at as many points as pixels."""

    function: Literal["sample", "grid_sample"]
    method: Literal["bilinear", "bicubic", "bspline3"]
    images: tuple[int, int, int, int]

    @property
    def name(self) -> str:
        batch, side, _, channels = self.images
        return f"{self.function} {self.method} {batch}×{side}²×{channels}"


SIZES = (4, 256, 256, 3), (4, 128, 128, 32), (16, 128, 128, 64)
CELLS = (
    *(
        PointCell(function, method, images)
        for function in ("sample", "grid_sample")
        for method in ("bilinear", "bicubic")
        for images in SIZES
    ),
    PointCell("sample", "bspline3", (1, 256, 256, 1)),
    PointCell("sample", "bspline3", (1, 1024, 1024, 1)),
)


def measure(cell: PointCell, seconds: float, rounds: int) -> dict[str, Any]:
    """Time a cell's programs against each other and return its record.

    The backward pass is the gradient in the images and in the points; PyTorch's, without its
    forward pass. SciPy has none.
    """
    made = programs(cell)
    output = 4 * math.prod(cell.images)  # float32: a point for each pixel
    allowances: dict[Direction, int]
    allowances = {program.direction: output for program in made if program.peer == "jaxup"}
    return {"name": cell.name} | compared(made, allowances, seconds, rounds)


def programs(cell: PointCell) -> list[Program]:
    """Return jaxup's programs and those of the peers that are installed."""
    images, grid = arrays(cell)
    if cell.method == "bspline3":
        return _splines(images[0, ..., 0], pixels(grid, cell)[0])
    if cell.function == "sample":
        method: Any = {"bilinear": "linear", "bicubic": kernels.cubic(-0.75)}[cell.method]
        sample = functools.partial(jaxup.sample, method=method, boundary="constant")
        function, x, points = jax.vmap(sample), images, pixels(grid, cell)
    else:
        function = functools.partial(grid_sample, mode=cell.method, align_corners=False)
        x, points = np.moveaxis(images, -1, 1), grid
    x, points = jnp.asarray(x), jnp.asarray(points)
    cotangent = jnp.asarray(np.asarray(x)[::-1])

    def back(x: jax.Array, points: jax.Array, cotangent: jax.Array) -> Any:
        return jax.vjp(function, x, points)[1](cotangent)

    ours = [
        jitted("jaxup", "forward", function, x, points),
        jitted("jaxup", "backward", back, x, points, cotangent),
    ]
    return ours + (_torch(cell, images, grid) if installed("torch") else [])


def arrays(cell: PointCell) -> tuple[np.ndarray, np.ndarray]:
    """Return noise, and a grid as PyTorch has it: the image's own pixels, moved in waves."""
    batch, height, width, _ = cell.images
    images = np.random.default_rng(0).random(cell.images, np.float32)
    y, x = np.meshgrid(np.linspace(-1, 1, height), np.linspace(-1, 1, width), indexing="ij")
    moved = np.stack([x + 0.05 * np.sin(3 * y), y + 0.05 * np.cos(4 * x)], -1)
    return images, np.broadcast_to(moved.astype(np.float32), (batch, height, width, 2)).copy()


def pixels(grid: np.ndarray, cell: PointCell) -> np.ndarray:
    """Return the grid's points in pixels: rows, then columns, in the place of the first axis."""
    sizes = np.array(cell.images[2:0:-1], np.float32)
    return np.moveaxis(((grid + 1) * sizes - 1) / 2, -1, 1)[:, ::-1].copy()


def _torch(cell: PointCell, images: np.ndarray, grid: np.ndarray) -> list[Program]:
    import torch

    first = torch.from_numpy(np.moveaxis(images, -1, 1).copy())
    points = torch.from_numpy(grid).requires_grad_()
    made = []
    for variant in ("contiguous_format", "channels_last"):
        x = first.to(memory_format=getattr(torch, variant)).requires_grad_()
        function = functools.partial(
            torch.nn.functional.grid_sample, mode=cell.method, align_corners=False
        )
        y = function(x, points)

        def forward(x: Any = x, function: Callable[..., Any] = function) -> Any:
            with torch.no_grad():
                return function(x, points)

        def backward(x: Any = x, y: Any = y) -> Any:
            return torch.autograd.grad(y, (x, points), y.detach(), retain_graph=True)

        made += [
            Program("torch", "forward", forward, lambda out: out, variant=variant),
            Program("torch", "backward", backward, lambda out: out, variant=variant),
        ]
    return made


def _splines(image: np.ndarray, points: np.ndarray) -> list[Program]:
    function = functools.partial(jaxup.sample, method="bspline3", boundary="mirror")
    made = [jitted("jaxup", "forward", function, jnp.asarray(image), jnp.asarray(points))]
    if installed("scipy"):
        from scipy import ndimage

        theirs = functools.partial(ndimage.map_coordinates, image, points, mode="mirror")
        made.append(Program("scipy", "forward", theirs, lambda out: out))
    return made
