"""The peers: the programs with which each library computes a cell."""

from __future__ import annotations

import functools
import importlib.util
import math
from collections.abc import Callable, Collection
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

import jaxup
from benchmarks.measure.cells import DIRECTIONS, Cell, Method, Shape
from benchmarks.measure.floor import floor
from benchmarks.measure.programs import Program, directed, jitted

PEERS = ("jaxup", "jax.image", "torch", "opencv", "floor", "copy")
_JAX_IMAGE: dict[Method, str] = {
    "nearest": "nearest",
    "linear": "linear",
    "bilinear": "linear",
    "trilinear": "linear",
    "bicubic": "cubic-pytorch",
    "lanczos3": "lanczos3",
}
_OPENCV: dict[Method, str] = {
    "nearest": "INTER_NEAREST",
    "bilinear": "INTER_LINEAR",
    "bicubic": "INTER_CUBIC",
}
OPENCV_CHANNELS = 128  # of an image in OpenCV 5; OpenCV 4 has 512


def programs(cell: Cell, platform: str, peers: Collection[str] = PEERS) -> list[Program]:
    """Return the programs of the peers that are installed and can compute the cell."""
    made = _linear("jaxup", jaxup_function(cell), cell)
    if "jax.image" in peers:
        made += _linear("jax.image", jax_image_function(cell), cell)
    if "floor" in peers:
        made += _floor(cell)
    if "torch" in peers and installed("torch") and torch_has(cell, platform):
        made += _torch(cell, platform)
    if "opencv" in peers and platform == "cpu" and installed("cv2") and opencv_has(cell):
        made += _opencv(cell)
    if "copy" in peers and platform == "cuda":
        made.append(_copy(cell))
    return made


@functools.cache
def installed(package: str) -> bool:
    """Return whether a package can be imported. Every peer is optional."""
    return importlib.util.find_spec(package) is not None


def not_installed() -> list[str]:
    """Return the peers whose packages are missing."""
    packages = {"torch": "torch", "opencv": "cv2"}
    return [peer for peer, package in packages.items() if not installed(package)]


def noise(cell: Cell, shape: Shape) -> jax.Array:
    """Return uniform noise in the cell's dtype."""
    return jax.random.uniform(jax.random.key(0), shape, jnp.float32).astype(cell.dtype)


def jaxup_function(cell: Cell) -> Callable[..., Any]:
    """Return jaxup's function of the cell's image."""
    operation = cell.operation
    where = {"size": cell.out_sizes} if operation.align_corners else {"scale": operation.scale}
    return functools.partial(
        jaxup.upsample,
        method=cell.method,
        axes=cell.axes,
        align_corners=operation.align_corners,
        antialias=cell.antialias,
        **where,
    )


def jax_image_function(cell: Cell) -> Callable[..., Any]:
    """Return jax.image's function with jaxup's kernel.

    Bicubic is "cubic-pytorch", with a = -3/4, or "cubic", with a = -1/2, if it is antialiased.
    """
    method = _JAX_IMAGE[cell.method]
    if cell.antialias and cell.method == "bicubic":
        method = "cubic"
    if not cell.operation.align_corners:
        return functools.partial(
            jax.image.resize, shape=cell.out_shape, method=method, antialias=cell.antialias
        )
    scale = [
        (out - 1) / (size - 1) for size, out in zip(cell.in_sizes, cell.out_sizes, strict=True)
    ]
    return functools.partial(
        jax.image.scale_and_translate,
        shape=cell.out_shape,
        spatial_dims=cell.axes,
        scale=jnp.array(scale),
        translation=jnp.array([0.5 - 0.5 * factor for factor in scale]),
        method=method,
        antialias=False,
    )


def _linear(peer: str, function: Callable[..., Any], cell: Cell) -> list[Program]:
    return [
        jitted(
            peer,
            direction,
            directed(function, cell, direction),
            noise(cell, cell.operand_shape(direction)),
        )
        for direction in DIRECTIONS
    ]


def _floor(cell: Cell) -> list[Program]:
    small, large = math.prod(cell.in_shape), math.prod(cell.out_shape)
    return [
        jitted("floor", "forward", *floor(small, large, cell.item_bytes)),
        jitted("floor", "backward", *floor(large, small, cell.item_bytes)),
    ]


def _copy(cell: Cell) -> Program:
    """Return a copy that reads half of the cell's bytes and writes the other half."""
    elements = (math.prod(cell.in_shape) + math.prod(cell.out_shape)) // 2
    return jitted("copy", "forward", *floor(elements, elements, cell.item_bytes))


def torch_has(cell: Cell, platform: str) -> bool:
    """Return whether PyTorch can compute the cell.

    PyTorch's lanczos is always antialiased, which makes no difference to an enlargement.
    """
    lanczos = cell.method == "lanczos3"
    if lanczos and (cell.operation.align_corners or platform != "cpu"):
        return False
    if lanczos or cell.antialias:
        return cell.method in ("bilinear", "bicubic", "lanczos3") and cell.dtype == "float32"
    return True


def torch_function(cell: Cell) -> Callable[..., Any]:
    """Return PyTorch's interpolate, for channels first."""
    import torch

    options: dict[str, Any] = {}
    if cell.method in ("linear", "bilinear", "trilinear", "bicubic"):
        options["align_corners"] = cell.operation.align_corners
    lanczos = cell.method == "lanczos3"
    if lanczos or cell.antialias:
        options["antialias"] = True
    if cell.operation.align_corners:
        options["size"] = cell.out_sizes
    else:
        options["scale_factor"] = cell.operation.scale
    return functools.partial(
        torch.nn.functional.interpolate, mode="lanczos" if lanczos else cell.method, **options
    )


def _torch(cell: Cell, platform: str) -> list[Program]:
    import torch

    device = "cuda" if platform == "cuda" else "cpu"
    function = torch_function(cell)

    def wait(result: torch.Tensor) -> torch.Tensor:
        if device == "cuda":
            torch.cuda.synchronize()
        return result

    shape = (cell.image[0], cell.channels, *cell.in_sizes)
    x = torch.rand(shape, device=device, dtype=getattr(torch, cell.dtype))
    return torch_programs(function, x, wait)


def torch_programs(
    function: Callable[..., Any], x: Any, wait: Callable[[Any], Any] = lambda result: result
) -> list[Program]:
    """Return a function of a channels-first tensor as programs, of each layout that it may have.

    Integers have no backward pass.
    """
    import torch

    layouts = {"channels_first": torch.contiguous_format}
    if x.ndim > 3:
        layouts["channels_last"] = torch.channels_last if x.ndim == 4 else torch.channels_last_3d
    made = []
    for variant, layout in layouts.items():
        image = x.to(memory_format=layout)

        def forward(image: torch.Tensor = image) -> torch.Tensor:
            with torch.no_grad():
                return function(image)

        made.append(Program("torch", "forward", forward, wait, variant=variant))
        if not x.is_floating_point():
            continue
        y = function(image.requires_grad_())
        cotangent = torch.rand(y.shape, device=x.device).to(y.dtype).to(memory_format=layout)

        def backward(
            x: torch.Tensor = image, y: torch.Tensor = y, cotangent: torch.Tensor = cotangent
        ) -> torch.Tensor:
            return torch.autograd.grad(y, x, cotangent, retain_graph=True)[0]

        made.append(Program("torch", "backward", backward, wait, variant=variant))
    return made


def opencv_has(cell: Cell) -> bool:
    """Return whether OpenCV can compute the cell: single images, few channels, channels last.

    Its one antialiased shrink, INTER_AREA, is a box; it stands against bilinear.
    """
    return (
        cell.image[0] == 1
        and len(cell.in_sizes) == 2
        and cell.channels <= OPENCV_CHANNELS
        and cell.data_format == "channels_last"
        and cell.dtype == "float32"
        and cell.method in _OPENCV
        and not cell.operation.align_corners
        and not (cell.antialias and cell.method != "bilinear")
    )


def opencv_function(cell: Cell) -> Callable[..., Any]:
    """Return OpenCV's resize, for one image without a batch axis."""
    import cv2

    name = "INTER_AREA" if cell.antialias else _OPENCV[cell.method]
    size = cell.out_sizes[::-1]
    return lambda pixels: cv2.resize(pixels, size, interpolation=getattr(cv2, name))


def _opencv(cell: Cell) -> list[Program]:
    function = opencv_function(cell)
    pixels = np.array(noise(cell, cell.in_shape)[0])
    return [Program("opencv", "forward", lambda: function(pixels), lambda out: out)]
