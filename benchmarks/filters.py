"""Time `jaxup.filters.upfirdn` against `jax.lax.conv_general_dilated`, on a CPU.

The convolution is a depthwise one of both axes, or two of one axis each with the channels as a
batch: the faster one counts. All take turns in one process, and the least time of each is compared.
"""

from __future__ import annotations

import argparse
import functools
from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from benchmarks.measure.programs import Program
from benchmarks.measure.timing import estimate, interleave
from jaxup.filters import upfirdn


class Cell(NamedTuple):
    """A call: the shape NHWC, how many taps, and the arguments of `upfirdn`."""

    shape: tuple[int, int, int, int]
    taps: int
    up: int
    down: int
    padding: tuple[int, int]


CELLS = (
    Cell((1, 64, 64, 64), 4, 2, 1, (2, 1)),
    Cell((1, 128, 128, 64), 4, 1, 2, (1, 1)),
    Cell((1, 128, 128, 64), 4, 1, 1, (2, 1)),
    Cell((1, 64, 64, 64), 12, 2, 1, (6, 5)),
    Cell((4, 32, 32, 3), 4, 2, 1, (2, 1)),
)


def by_jaxup(x: jax.Array, cell: Cell) -> jax.Array:
    """One resample of both axes."""
    return upfirdn(x, _taps(cell), cell.up, cell.down, cell.padding)


def by_depthwise(x: jax.Array, cell: Cell) -> jax.Array:
    """One convolution of both axes, each channel by itself."""
    taps, channels = jnp.asarray(_taps(cell)[::-1]), x.shape[-1]
    kernel = jnp.outer(taps, taps)[:, :, None, None] * jnp.ones((1, 1, 1, channels))
    return jax.lax.conv_general_dilated(
        x, kernel, (cell.down,) * 2, [_ends(cell)] * 2, lhs_dilation=(cell.up,) * 2,
        dimension_numbers=("NHWC", "HWIO", "NHWC"), feature_group_count=channels,
    )  # fmt: skip


def by_axis(x: jax.Array, cell: Cell) -> jax.Array:
    """Two convolutions of one axis each, in which the channels are a batch."""
    n, height, width, channels = x.shape
    y = x.transpose(0, 3, 1, 2).reshape(n * channels, 1, height, width)
    for axis in (0, 1):
        kernel = jnp.asarray(_taps(cell)[::-1]).reshape((1, 1, *((-1, 1), (1, -1))[axis]))
        y = jax.lax.conv_general_dilated(
            y, kernel, [(cell.down, 1), (1, cell.down)][axis],
            [[_ends(cell), (0, 0)], [(0, 0), _ends(cell)]][axis],
            lhs_dilation=[(cell.up, 1), (1, cell.up)][axis],
        )  # fmt: skip
    return y.reshape(n, channels, *y.shape[2:]).transpose(0, 2, 3, 1)


def _taps(cell: Cell) -> np.ndarray:
    taps = np.random.default_rng(0).random(cell.taps, np.float32)
    return taps / taps.sum()


def _ends(cell: Cell) -> tuple[int, int]:
    """The padding of a convolution, whose dilation puts no zeros behind the last pixel."""
    before, after = cell.padding
    return before, after + cell.up - 1


def ratios(cell: Cell, seconds: float, rounds: int) -> tuple[float, float]:
    """Return how many times as long as jaxup the faster convolution takes, forward and backward."""
    x = jnp.asarray(np.random.default_rng(1).random(cell.shape, np.float32))
    ways: list[Callable[..., jax.Array]] = [by_jaxup, by_depthwise, by_axis]
    wanted = by_jaxup(x, cell)
    found: list[float] = []
    for backward in (False, True):
        programs: list[Program] = []
        for way in ways:
            forward = functools.partial(way, cell=cell)
            np.testing.assert_allclose(forward(x), wanted, rtol=0, atol=1e-5)
            loss = functools.partial(lambda x, f: (f(x) ** 2).sum(), f=forward)
            start = functools.partial(jax.jit(jax.grad(loss) if backward else forward), x)
            direction = "backward" if backward else "forward"
            programs.append(Program(way.__name__, direction, start, jax.block_until_ready))
        guesses = [estimate(program) for program in programs]
        timings = interleave(programs, guesses, seconds=seconds, rounds=rounds, queued=False)
        ours, *theirs = (timing.minimum for timing in timings)
        found.append(min(theirs) / ours)
    return found[0], found[1]


def main(arguments: list[str] | None = None) -> int:
    """Print the ratios of every cell."""
    made = argparse.ArgumentParser(prog="python -m benchmarks.filters", description=__doc__)
    made.add_argument("--seconds", type=float, default=3.0, help="of a cell (%(default)s)")
    made.add_argument("--rounds", type=int, default=8, help="turns of each (%(default)s)")
    options = made.parse_args(arguments)
    print("convolution / jaxup, least times      forward  backward")
    for cell in CELLS:
        forward, backward = ratios(cell, options.seconds, options.rounds)
        name = f"{cell.shape} {cell.taps} taps, up {cell.up}, down {cell.down}"
        print(f"{name:36}  {forward:7.1f}  {backward:8.1f}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
