"""Calls beside `upsample`: each function once, against the peer that has it."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple, get_args

import jax
import jax.numpy as jnp
import numpy as np

import jaxup
from benchmarks.measure.cells import Direction
from benchmarks.measure.peers import installed, torch_programs
from benchmarks.measure.programs import Program, both, jitted
from benchmarks.measure.timing import compared
from jaxup.compat.torch import interpolate
from jaxup.typing import BoundaryName, ResizeMethodName

Function = Callable[..., jax.Array]
Peers = Callable[[], list[Program]]


class Call(NamedTuple):
    """A call of jaxup, differentiable in its first argument unless that is of integers.

    Args:
      name: the function, and what is special to this call.
      function: of the arguments, all else known.
      arguments: arrays.
      peers: makes the programs of the peers that have it and are installed.
    """

    name: str
    function: Function
    arguments: tuple[jax.Array, ...]
    peers: Peers = list


def calls(side: int = 256) -> list[Call]:
    """Return the calls, of images of this side."""
    image = _noise(1, side, side, 3)
    return [
        *_boundaries(image),
        *_other_ranks(side),
        *_splines(image[0, ..., 0]),
        *_geometry(image),
        *_learned(image),
        *_points(image),
        *_positions(),
        *_integers(_noise(1, 3, 2 * side, 2 * side)),
        *_others(image),
    ]


def measure(call: Call, seconds: float, rounds: int) -> dict[str, Any]:
    """Time a call's programs against each other and return its record."""
    x, *_ = call.arguments
    y = jax.eval_shape(call.function, *call.arguments)
    bytes_in, bytes_out = (each.size * each.dtype.itemsize for each in (x, y))
    allowances: dict[Direction, int] = {"forward": bytes_out, "backward": max(bytes_in, bytes_out)}
    if not jnp.issubdtype(x.dtype, jnp.floating):
        del allowances["backward"]
    made = programs(call)
    return {"name": call.name, **compared(made, allowances, seconds, rounds)}


def programs(call: Call) -> list[Program]:
    """Return jaxup's programs and those of the peers."""
    if jnp.issubdtype(call.arguments[0].dtype, jnp.floating):
        return both("jaxup", call.function, *call.arguments) + call.peers()
    return [jitted("jaxup", "forward", call.function, *call.arguments), *call.peers()]


def _noise(*shape: int) -> jax.Array:
    return jnp.asarray(np.random.default_rng(0).random(shape, np.float32))


def _jax(peer: str, function: Function, *arguments: jax.Array) -> Peers:
    return lambda: both(peer, function, *arguments)


def _torch(function: Callable[[Any], Any], x: jax.Array) -> list[Program]:
    """Return PyTorch's programs of an array whose channels are first."""
    if not installed("torch"):
        return []
    import torch

    return torch_programs(function, torch.from_numpy(np.array(x)))


def _torch_interpolate(x: jax.Array, **options: Any) -> list[Program]:
    def function(image: Any) -> Any:
        import torch

        return torch.nn.functional.interpolate(image, **options)

    return _torch(function, x)


def _scipy(name: str, *arguments: jax.Array, **options: Any) -> list[Program]:
    if not installed("scipy"):
        return []
    from scipy import ndimage

    function = functools.partial(getattr(ndimage, name), *map(np.array, arguments), **options)
    return [Program("scipy", "forward", function, lambda result: result)]


def _boundaries(image: jax.Array) -> Iterator[Call]:
    """PyTorch's antialiased bicubic has the same kernel, and leaves out what is outside too."""
    out = 3 * image.shape[1] // 2
    theirs = functools.partial(jax.image.resize, shape=(1, out, out, 3), method="cubic")
    options = {"size": (out, out), "mode": "bicubic", "antialias": True}

    def peers() -> list[Program]:
        first = jnp.moveaxis(image, -1, 1)
        return both("jax.image", theirs, image) + _torch_interpolate(first, **options)

    for name in get_args(BoundaryName):
        function = functools.partial(jaxup.resize, size=(out, out), boundary=name)
        yield Call(f"resize, {name}", function, (image,), peers if name == "renormalize" else list)


def _other_ranks(side: int) -> Iterator[Call]:
    for rank, x in (1, _noise(8, 2 * side, 64)), (3, _noise(1, *[side // 8] * 3, 16)):
        sizes = tuple(3 * size // 2 for size in x.shape[1:-1])
        shape = (x.shape[0], *sizes, x.shape[-1])
        function = functools.partial(jaxup.resize, size=sizes, axes=range(1, rank + 1))
        theirs = functools.partial(jax.image.resize, shape=shape, method="cubic")
        yield Call(f"resize, {rank}-D", function, (x,), _jax("jax.image", theirs, x))


def _splines(plane: jax.Array) -> Iterator[Call]:
    size = tuple(2 * each for each in plane.shape)
    methods: tuple[ResizeMethodName, ...] = ("bspline2", "bspline3", "bspline5")
    for method in methods:
        function = functools.partial(
            jaxup.resize, size=size, method=method, boundary="reflect", axes=(0, 1)
        )
        options = {"order": int(method[-1]), "mode": "reflect", "grid_mode": True}
        peers = functools.partial(_scipy, "zoom", plane, zoom=2, **options)
        yield Call(f"resize, {method}", function, (plane,), peers)


def _geometry(image: jax.Array) -> Iterator[Call]:
    """Six tenths of the size, moved by 1.3 pixels, with known numbers and with arrays."""
    out = 6 * image.shape[1] // 10
    scale, move = jnp.full(2, 0.6), jnp.full(2, 1.3)
    shape, axes = (1, out, out, 3), (1, 2)

    def traced(x: jax.Array, scale: jax.Array, move: jax.Array, *, antialias: bool) -> jax.Array:
        return jaxup.scale_and_translate(x, (out, out), scale, move, antialias=antialias)

    def theirs(x: jax.Array, scale: jax.Array, move: jax.Array, *, antialias: bool) -> jax.Array:
        return jax.image.scale_and_translate(
            x, shape, axes, scale, move, "linear", antialias=antialias
        )

    for antialias, mark in (False, ""), (True, " aa"):
        known = functools.partial(
            jaxup.scale_and_translate, size=out, scale=0.6, translation=1.3, antialias=antialias
        )
        ours, dense = (functools.partial(each, antialias=antialias) for each in (traced, theirs))
        fixed = functools.partial(dense, scale=scale, move=move)
        name, arguments = "scale_and_translate", (image, scale, move)
        yield Call(f"{name} known{mark}", known, (image,), _jax("jax.image", fixed, image))
        yield Call(f"{name} traced{mark}", ours, arguments, _jax("jax.image", dense, *arguments))


def _learned(image: jax.Array) -> Iterator[Call]:
    """`scale_and_translate`, half as large again, by the scale alone, and a box by its edges."""
    out = 3 * image.shape[1] // 2
    scale, move = jnp.full(2, 1.5), jnp.full(2, 1.3)

    def ours(scale: jax.Array, x: jax.Array, axes: tuple[int, int]) -> jax.Array:
        return jaxup.scale_and_translate(x, out, scale, move, axes=axes)

    def theirs(scale: jax.Array, x: jax.Array, axes: tuple[int, int]) -> jax.Array:
        shape = [out if axis in axes else n for axis, n in enumerate(x.shape)]
        return jax.image.scale_and_translate(x, shape, axes, scale, move, "linear")

    for layout, x, axes in (
        ("three channels", image, (1, 2)),
        ("one channel", image[..., :1], (1, 2)),
        ("channels first", jnp.moveaxis(image, -1, 1), (2, 3)),
    ):
        made, dense = (functools.partial(each, axes=axes) for each in (ours, theirs))
        peers = _jax("jax.image", dense, scale, x)
        yield Call(f"learned scale, {layout}", made, (scale, x), peers)

    def crop(boxes: jax.Array, x: jax.Array) -> jax.Array:
        return jaxup.crop_and_resize(x, boxes, out)

    def scaled(boxes: jax.Array, x: jax.Array) -> jax.Array:
        (low, high), shape = boxes[0].T, (1, out, out, x.shape[-1])
        scale = out / (high - low)
        move = -low * scale
        return jax.image.scale_and_translate(x[None], shape, (1, 2), scale, move, "linear")

    boxes = jnp.array([[[0.1, 0.8], [0.2, 0.9]]]) * image.shape[1]
    peers = _jax("jax.image", scaled, boxes, image[0])
    yield Call("learned box", crop, (boxes, image[0]), peers)


def _points(image: jax.Array) -> Iterator[Call]:
    """As many points as pixels, the image's own moved in waves; and 32 boxes."""
    plane = image[0, ..., 0]
    grid = jnp.stack(jnp.meshgrid(*map(jnp.arange, plane.shape), indexing="ij")).astype(plane.dtype)
    points = grid + 2 * jnp.sin(grid[::-1] / 9) + 0.3

    def theirs(x: jax.Array, points: jax.Array) -> jax.Array:
        return jax.scipy.ndimage.map_coordinates(x, list(points), 1, "nearest")

    def peers() -> list[Program]:
        scipy = _scipy("map_coordinates", plane, points, order=1, mode="nearest")
        return both("jax.scipy", theirs, plane, points) + scipy

    yield Call("sample, linear", jaxup.sample, (plane, points), peers)
    low = plane.shape[0] / 2 * _noise(32, 2, 1)
    boxes = jnp.concatenate([low, low + plane.shape[0] / 3], axis=-1)
    crop = functools.partial(jaxup.crop_and_resize, size=(32, 32))
    yield Call("crop_and_resize, 32 boxes", crop, (image[0], boxes))


def _positions(old: int = 14, new: int = 24, width: int = 768) -> Iterator[Call]:
    table = _noise(1, 1 + old**2, width)

    def theirs(table: jax.Array) -> jax.Array:
        grid = table[:, 1:].reshape(1, old, old, width)
        grown = jax.image.resize(grid, (1, new, new, width), "cubic")
        return jnp.concatenate([table[:, :1], grown.reshape(1, new**2, width)], axis=1)

    resize = functools.partial(jaxup.resize_position_embedding, grid=old, new_grid=new)
    yield Call("resize_position_embedding", resize, (table,), _jax("jax.image", theirs, table))
    grids = jnp.stack([8 + jnp.arange(8), 24 - jnp.arange(8)], axis=-1)
    patches = jnp.stack(jnp.divmod(jnp.arange(256), grids[:, 1:]), axis=-1)  # the rest is padding

    def sample(table: jax.Array, grids: jax.Array, patches: jax.Array) -> jax.Array:
        return jaxup.sample_position_embedding(table, old, grids, patches)

    yield Call("sample_position_embedding", sample, (table, grids, patches))


def _integers(first: jax.Array) -> Iterator[Call]:
    x, side = (255 * first).astype(jnp.uint8), first.shape[-1]
    for name, options in {
        "bilinear ×2": {"size": (2 * side,) * 2, "mode": "bilinear"},
        "bicubic aa": {"size": (200 * side // 512,) * 2, "mode": "bicubic", "antialias": True},
    }.items():
        peers = functools.partial(_torch_interpolate, x, **options)
        yield Call(f"uint8 {name}", functools.partial(interpolate, **options), (x,), peers)


def _others(image: jax.Array) -> Iterator[Call]:
    mask = _noise(*image.shape[1:3]) < 0.7

    def masked(x: jax.Array, mask: jax.Array) -> jax.Array:
        return jaxup.upsample(x, 0.3, "area", where=mask)

    yield Call("area ×0.3, where=", masked, (image, mask))
    deep = _noise(*image.shape[:3], 12)

    def theirs(x: Any) -> Any:
        import torch

        return torch.nn.functional.pixel_shuffle(x, 2)

    shuffle = functools.partial(jaxup.pixel_shuffle, factor=2)
    peers = functools.partial(_torch, theirs, jnp.moveaxis(deep, -1, 1))
    yield Call("pixel_shuffle", shuffle, (deep,), peers)
