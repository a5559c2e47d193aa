"""Ways to write the sums behind `jaxup.sample` as XLA operations, and jaxup's own.

There are three sums: of the pixels that a point reads, of the points that read a pixel (the
gradient in the image), and the derivative by the points. A way gets the first pixel of every
point's window, and the weights of its taps; jaxup computes them too.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

import jaxup
from benchmarks.measure.points import PointCell, arrays, pixels
from jaxup import kernels

METHODS = {"linear": kernels.linear, "cubic": kernels.cubic(-0.5)}


class Windows(NamedTuple):
    """What the ways read: all of them the same numbers.

    Args:
      images: noise, (n, height, width, channels).
      padded: the images with zeros around, as many as there are taps.
      cotangent: of every point, (n, p, channels).
      coordinates: of every point in an image, (n, 2, p).
      starts: rows and columns of the windows' first pixels in a padded image, (n, p).
      weights: of the taps along both axes, (taps, n, p).
      rates: their derivatives by the coordinates.
    """

    images: jax.Array
    padded: jax.Array
    cotangent: jax.Array
    coordinates: jax.Array
    starts: tuple[jax.Array, ...]
    weights: tuple[jax.Array, ...]
    rates: tuple[jax.Array, ...]


Way = Callable[[Windows], Any]


def windows(shape: tuple[int, int, int, int], method: str) -> Windows:
    """Return what the method reads at the points of `benchmarks.measure.points`, in the images."""
    cell = PointCell("sample", "bilinear", shape)
    images, grid = arrays(cell)
    kernel = METHODS[method]
    taps = kernel.taps(1.0)
    inside = pixels(grid, cell).reshape(shape[0], 2, -1).clip(0, shape[1] - 1)
    between = np.where(inside % 1 == 0, inside + 0.25, inside)  # on a pixel there are two slopes
    points = jnp.asarray(between, np.float32)
    first = jnp.floor(points) - (taps // 2 - 1)
    tap = jnp.arange(taps, dtype=np.float32)[:, None, None, None]
    weights, rates = jax.jvp(
        lambda points: kernel.fn(points - first - tap), (points,), (jnp.ones_like(points),)
    )
    rows, columns = (first[:, axis].astype(np.int32) + taps for axis in (0, 1))
    around = [(0, 0), (taps, taps), (taps, taps), (0, 0)]
    n, _, _, channels = shape
    return Windows(
        jnp.asarray(images),
        jnp.asarray(np.pad(images, around)),
        jnp.asarray(np.random.default_rng(1).random((n, points.shape[2], channels), np.float32)),
        points,
        (rows, columns),
        (weights[:, :, 0], weights[:, :, 1]),
        (rates[:, :, 0], rates[:, :, 1]),
    )


def _inside(of: Windows, images: jax.Array) -> jax.Array:
    """Return images without the zeros around them."""
    taps = len(of.weights[0])
    return images[:, taps:-taps, taps:-taps]


def _sample(of: Windows) -> Callable[[jax.Array, jax.Array], jax.Array]:
    taps = len(of.weights[0])
    kernel = next(kernel for kernel in METHODS.values() if kernel.taps(1.0) == taps)
    sample = functools.partial(jaxup.sample, method=kernel, boundary="constant", axes=(0, 1))
    return jax.vmap(sample)


def jaxup_reads(of: Windows) -> jax.Array:
    """Sample."""
    return _sample(of)(of.images, of.coordinates)


def jaxup_adds(of: Windows) -> jax.Array:
    """Return the gradient in the image."""
    back = jax.vjp(lambda x: _sample(of)(x, of.coordinates), of.images)[1]
    return back(of.cotangent)[0]


def jaxup_differs(of: Windows) -> list[jax.Array]:
    """Return the gradient in the points."""
    back = jax.vjp(lambda points: _sample(of)(of.images, points), of.coordinates)[1]
    both = back(of.cotangent)[0]
    return [both[:, 0], both[:, 1]]


def _taps(of: Windows) -> list[tuple[int, int]]:
    taps = range(len(of.weights[0]))
    return list(itertools.product(taps, taps))


def _place(of: Windows, tap: tuple[int, int]) -> tuple[jax.Array, ...]:
    image = jnp.arange(len(of.images), dtype=np.int32)[:, None]
    return image, *(start + each for start, each in zip(of.starts, tap, strict=True))


def _read(of: Windows, tap: tuple[int, int]) -> jax.Array:
    place = of.padded.at[_place(of, tap)]
    return place.get(mode="promise_in_bounds", wrap_negative_indices=False)


def _corners(of: Windows) -> jax.Array:
    """Return image, row and column of each window's first pixel: (n, p, 3)."""
    return jnp.stack(jnp.broadcast_arrays(*_place(of, (0, 0))), -1)


def _over_points(of: Windows, turn: Callable[..., Any], first: jax.Array) -> jax.Array:
    """Return a loop's result, whose turns have a point's image, place, cotangent and weights."""
    each = of.cotangent.shape[1]

    def body(point: Any, carry: Any) -> Any:
        image, here = lax.div(point, np.int32(each)), lax.rem(point, np.int32(each))
        place = image, *(start[image, here] for start in of.starts), np.int32(0)
        rows = [weight[:, image, here] for weight in (*of.weights, *of.rates)]
        return turn(carry, (image, here), place, rows)

    return lax.fori_loop(0, len(of.images) * each, body, first)


def _window(of: Windows, place: Sequence[Any]) -> jax.Array:
    taps = len(of.weights[0])
    return lax.dynamic_slice(of.padded, place, (1, taps, taps, of.images.shape[-1]))[0]


def read_taps(of: Windows) -> jax.Array:
    """Gather each tap of all points, and add."""
    y, x = of.weights
    terms = (_read(of, (i, j)) * (y[i] * x[j])[..., None] for i, j in _taps(of))
    return functools.reduce(jnp.add, terms)


def read_windows(of: Windows) -> jax.Array:
    """Gather each point's window at once."""
    (y, x), shape = of.weights, (1, len(of.weights[0]), len(of.weights[1]), of.images.shape[-1])
    numbers = lax.GatherDimensionNumbers((2, 3, 4), (0,), (0, 1, 2))
    read = lax.gather(of.padded, _corners(of), numbers, shape, mode="promise_in_bounds")
    return jnp.einsum("npijc,inp,jnp->npc", read, y, x)


def read_in_loop(of: Windows) -> jax.Array:
    """Read point after point."""

    def turn(y: Any, at: Any, place: Any, rows: Any) -> Any:
        weight = rows[0][:, None, None] * rows[1][:, None]
        row = (_window(of, place) * weight).sum((0, 1))
        return lax.dynamic_update_slice(y, row[None, None], (*at, np.int32(0)))

    return _over_points(of, turn, jnp.zeros_like(of.cotangent))


def add_taps(of: Windows) -> jax.Array:
    """Scatter each tap of all points."""
    (y, x), result = of.weights, jnp.zeros_like(of.padded)
    for i, j in _taps(of):
        weight = (y[i] * x[j])[..., None]
        result = result.at[_place(of, (i, j))].add(of.cotangent * weight, mode="promise_in_bounds")
    return _inside(of, result)


def add_windows(of: Windows) -> jax.Array:
    """Scatter each point's window at once."""
    y, x = of.weights
    added = jnp.einsum("npc,inp,jnp->npijc", of.cotangent, y, x)
    numbers = lax.ScatterDimensionNumbers((2, 3, 4), (0,), (0, 1, 2))
    x = jnp.zeros_like(of.padded)
    x = lax.scatter_add(x, _corners(of), added, numbers, mode="promise_in_bounds")
    return _inside(of, x)


def add_in_loop(of: Windows) -> jax.Array:
    """Add point after point, a window at a time."""

    def turn(x: Any, at: Any, place: Any, rows: Any) -> Any:
        weight = rows[0][:, None, None] * rows[1][:, None]
        return lax.dynamic_update_slice(
            x, (_window(of._replace(padded=x), place) + of.cotangent[at] * weight)[None], place
        )

    return _inside(of, _over_points(of, turn, jnp.zeros_like(of.padded)))


def _slopes(of: Windows) -> list[jax.Array]:
    """Return the derivatives of `read_taps` by the points' rows and columns."""
    (y, x), (dy, dx) = of.weights, of.rates
    return [read_taps(of._replace(weights=each)) for each in ((dy, x), (y, dx))]


def differ_by_sums(of: Windows) -> list[jax.Array]:
    """Sum with the derivative of one axis's weights, then over the channels."""
    return [(slope * of.cotangent).sum(-1) for slope in _slopes(of)]


def differ_by_channel(of: Windows) -> list[jax.Array]:
    """Do the same with one product for each channel, added."""
    channels = range(of.images.shape[-1])
    return [
        functools.reduce(jnp.add, (slope[..., n] * of.cotangent[..., n] for n in channels))
        for slope in _slopes(of)
    ]


def differ_by_tap(of: Windows) -> list[jax.Array]:
    """Multiply each tap by the cotangent once, for both axes."""
    (y, x), (dy, dx) = of.weights, of.rates
    rows = columns = jnp.zeros(())
    for i, j in _taps(of):
        product = (_read(of, (i, j)) * of.cotangent).sum(-1)
        rows, columns = rows + product * (dy[i] * x[j]), columns + product * (y[i] * dx[j])
    return [rows, columns]


def differ_in_loop(of: Windows) -> list[jax.Array]:
    """Do that point after point."""

    def turn(result: Any, at: Any, place: Any, rows: Any) -> Any:
        y, x, dy, dx = rows
        product = (_window(of, place) * of.cotangent[at]).sum(-1)
        both = [(product * a[:, None] * b).sum() for a, b in ((dy, x), (y, dx))]
        return lax.dynamic_update_slice(result, jnp.stack(both)[None, None], (*at, np.int32(0)))

    both = _over_points(of, turn, jnp.zeros((*of.cotangent.shape[:2], 2)))
    return [both[..., 0], both[..., 1]]


WAYS: dict[str, dict[str, Way]] = {
    "read pixels": {
        "jaxup": jaxup_reads,
        "taps": read_taps,
        "windows": read_windows,
        "loop": read_in_loop,
    },
    "add to pixels": {
        "jaxup": jaxup_adds,
        "taps": add_taps,
        "windows": add_windows,
        "loop": add_in_loop,
    },
    "differ by points": {
        "jaxup": jaxup_differs,
        "sums": differ_by_sums,
        "channels": differ_by_channel,
        "taps": differ_by_tap,
        "loop": differ_in_loop,
    },
}
