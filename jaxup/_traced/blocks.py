"""The sums of a `band` as XLA operations: rows of memory, gathered block of taps by block.

The taps that the sizes lead one to expect are written out, which XLA's CPU backend turns into
vector instructions and cuts between threads. What some output needs beyond them is a loop, which
runs no further than the longest of the outputs.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

from jaxup._lowering.arrays import concatenate_two
from jaxup._traced.taps import Taps

MAX_WRITTEN = 24  # taps of an antialiased lanczos3 shrink by four; each lengthens the program
BLOCK = 4  # taps that a turn of the loop reads
Block = Callable[[Any, int], tuple[Any, Any, Any]]
Terms = Callable[..., Any]
Finished = Callable[[Any, int, int], Any]  # of a sum, its axis, and how many taps it has


def gather(
    x: Any,
    start: Any,
    count: Any,
    offset: Any,
    kernel_scale: Any,
    divisor: Any,
    *,
    axis: int,
    lead: int,
    taps: Taps,
    finished: Finished,
) -> Any:
    """Return ``y[i] = sum_k w_i(k) x[start[i] + k]``, over the taps ``k < count[i]``.

    Without another axis no number is read twice, so nothing is joined (`_sum_of_all`): a cubic of
    100,000 points takes 0.2 ms in place of 0.5, and memory of 2 outputs in place of 10.
    """
    numbers = [number[..., None, :] for number in (start, count, offset, kernel_scale, divisor)]

    def block(first: Any, length: int) -> Any:
        tap = first + _column(length, start.ndim)
        return read_at(tap, *numbers, in_size=x.shape[axis], taps=taps)

    written = min(taps.expected(), MAX_WRITTEN)
    terms = _terms(axis, lead, finished)
    if taps.alone and x.ndim == start.ndim and written == taps.most:
        return functools.reduce(jnp.add, (terms(x, *block(tap, 1)) for tap in range(written)))
    return _sum(x, block, terms, count.max(initial=0), written, taps.most, axis)


def gather_transposed(
    x: Any,
    start: Any,
    count: Any,
    offset: Any,
    kernel_scale: Any,
    divisor: Any,
    *,
    axis: int,
    lead: int,
    size: Any,
    taps: Taps,
    finished: Finished,
) -> Any:
    """Return ``y[p] = sum_i w_i(p - start[i]) x[i]``, over the outputs i that read pixel p."""
    out_size = start.shape[-1]
    pixel = jnp.arange(size, dtype="int32")
    cut = any(jax.typeof(start).sharding.spec)
    method = "sort" if cut else "scan"  # whose loop JAX 0.10 cannot map over an axis that is cut
    first, readers = _over(lead, functools.partial(_readers, pixel, method))(start, start + count)

    def block(reader: Any, length: int) -> Any:
        reader = reader + _column(length, start.ndim)
        read = reader < readers[..., None, :]
        output = jnp.where(read, first[..., None, :] + reader, 0)

        def at(numbers: Any) -> Any:
            return _over(lead, _entries)(numbers, output)

        tap = jnp.broadcast_to(pixel, output.shape) - at(start)
        weights = taps.weights(tap, at(count), at(offset), at(kernel_scale))
        return output, read, weights / at(divisor)

    written = min(taps.expected_readers(), MAX_WRITTEN)
    terms = _terms(axis, lead, finished)
    return _sum(x, block, terms, readers.max(initial=0), written, out_size, axis)


def _readers(pixel: Any, method: str, start: Any, end: Any) -> tuple[Any, Any]:
    """Return for every pixel the first of the outputs that read it, and how many there are."""
    falls = end[0] + start[0] > end[-1] + start[-1]
    rising = jnp.where(falls, jnp.flip(jnp.stack([start, end]), 1), jnp.stack([start, end]))
    search = functools.partial(jnp.searchsorted, v=pixel, side="right", method=method)
    started, ended = jax.vmap(search)(rising)
    return jnp.where(falls, start.shape[0] - started, ended), started - ended


def scatter(
    x: Any,
    start: Any,
    count: Any,
    offset: Any,
    kernel_scale: Any,
    divisor: Any,
    *,
    axis: int,
    lead: int,
    size: Any,
    taps: Taps,
) -> Any:
    """Return what `gather_transposed` does, for outputs in any order and taps that are folded."""
    numbers = start, count, offset, kernel_scale, divisor

    def add(tap: Any, y: Any) -> Any:
        position, read, weights = read_at(tap, *numbers, in_size=size, taps=taps)

        def added(y: Any, x: Any, position: Any, read: Any, weights: Any) -> Any:
            return y.at[_index(position, axis - lead)].add(
                _weighted(x, read, weights, axis - lead), mode="promise_in_bounds"
            )

        return _over(lead, added)(y, x, position, read, weights)

    like = _over(lead, lambda x: _take(x, jnp.zeros(size, "int32"), axis - lead))(x)
    return lax.fori_loop(0, count.max(initial=0), add, jnp.zeros_like(like))


def _terms(axis: int, lead: int, finished: Finished) -> Terms:
    """Return the function that sums a block of taps."""

    def one(x: Any, index: Any, read: Any, weights: Any) -> Any:
        return functools.reduce(
            jnp.add,
            (
                _weighted(_take(x, index[n], axis - lead), read[n], weights[n], axis - lead)
                for n in range(index.shape[0])
            ),
        )

    def terms(x: Any, index: Any, *numbers: Any) -> Any:
        return finished(_over(lead, one)(x, index, *numbers), axis, index.shape[-2])

    return terms


def _sum(
    x: Any, block: Block, terms: Terms, longest: Any, written: int, most: Any, axis: int
) -> Any:
    """Sum the written taps, and then the others block by block, if there may be any."""
    if isinstance(most, int):
        written = min(written, most)

    def add(n: Any, y: Any) -> Any:
        return y + terms(x, *lax.optimization_barrier(block(written + n * BLOCK, BLOCK)))

    if written == most:
        return _sum_of_all(x, block, terms, written, axis)
    y = terms(x, *lax.optimization_barrier(block(0, written)))
    return lax.fori_loop(0, (longest - written + (BLOCK - 1)) // BLOCK, add, y)


def _sum_of_all(x: Any, block: Block, terms: Terms, taps: int, axis: int) -> Any:
    """Sum as many taps as any output has.

    The numbers of each tap are computed apart and joined, and so are the first output and the
    others: XLA's CPU backend computes what is joined once (`concatenate_two`). Without that it
    computes an axis again for every tap of the next one, and a weight for every pixel. A loop
    after them, which runs no turn, has the same effect, but enlargements of 64 to 256 pixels by 4
    took 2 to 4 times as long with it.
    """
    apart = zip(*(block(tap, 1) for tap in range(taps)), strict=True)
    numbers = lax.optimization_barrier([jnp.concatenate(each, -2) for each in apart])

    def rows(start: Any, stop: Any) -> Any:
        return terms(x, *(each[..., start:stop] for each in numbers))

    return concatenate_two(rows, numbers[0].shape[-1], axis)


def _column(length: int, leading: int) -> Any:
    """Return 0 to length - 1 along the second axis from the end, behind axes of length 1."""
    return jnp.arange(length, dtype="int32").reshape((1,) * (leading - 1) + (length, 1))


def _over(lead: int, function: Callable[..., Any]) -> Callable[..., Any]:
    """Return the function of arrays with that many leading axes in common."""
    for _ in range(lead):
        function = jax.vmap(function)
    return function


def _entries(numbers: Any, index: Any) -> Any:
    return numbers.at[index].get(mode="promise_in_bounds")


def _index(position: Any, axis: int) -> tuple[Any, ...]:
    return (slice(None),) * axis + (position,)


def _take(x: Any, position: Any, axis: int) -> Any:
    return x.at[_index(position, axis)].get(mode="promise_in_bounds")


def _weighted(x: Any, read: Any, weights: Any, axis: int) -> Any:
    """Return entries times their weights, and 0 where they are not read, also for a NaN."""
    shape = (1,) * axis + read.shape + (1,) * (x.ndim - axis - 1)
    weights = weights.astype(x.dtype)
    return jnp.where(read.reshape(shape), x, 0) * weights.reshape(shape)


def read_at(
    tap: Any,
    start: Any,
    count: Any,
    offset: Any,
    kernel_scale: Any,
    divisor: Any,
    *,
    in_size: Any,
    taps: Taps,
) -> tuple[Any, Any, Any]:
    """Return which pixels taps of these numbers read, whether they do, and what they weigh."""
    weights = taps.weights(tap, count, offset, kernel_scale) / divisor
    position, read = start + tap, tap < count
    if taps.fold is None:
        return position.clip(0, in_size - 1), read, weights
    number = position.astype(weights.dtype)[..., None]
    pixel, weights, present = taps.fold(
        number, weights[..., None], jnp.asarray(in_size, weights.dtype)
    )
    present = present[..., 0]
    pixel = jnp.where(present, pixel[..., 0], 0).astype("int32")
    return pixel, read & present, weights[..., 0]
