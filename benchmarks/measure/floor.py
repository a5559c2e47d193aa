"""The floor: an XLA program that only reads as many bytes as the input and writes the output's.

It works on blocks of 4 KiB, whatever the picture's axes: enlarging, block k of a group of the
output is a copy of block k mod Q of that group of the input; shrinking, blocks P apart are joined
by exclusive or, so that every one of them must be read. There is nothing else to do than to move
the data, and nothing that a compiler could leave out, because every input block reaches the output
and every output block is asked for. P / Q is a fraction near the ratio of the sizes and the number
of groups is rounded up, so the bytes are right to a few per cent, never fewer than the picture's.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction

import jax
import jax.numpy as jnp

BLOCK_BYTES = 4096
LARGEST_DENOMINATOR = 8


def floor(
    in_elements: int, out_elements: int, item_bytes: int
) -> tuple[Callable[[jax.Array], jax.Array], jax.Array]:
    """A function and the array that it takes."""
    if out_elements >= in_elements:
        ratio = Fraction(out_elements, in_elements).limit_denominator(LARGEST_DENOMINATOR)
        wide, narrow = ratio.numerator, ratio.denominator
        read, function = narrow, lambda x: _enlarge(x, wide)
    else:
        ratio = Fraction(in_elements, out_elements).limit_denominator(LARGEST_DENOMINATOR)
        wide, narrow = ratio.numerator, ratio.denominator
        read, function = wide, lambda x: _shrink(x, narrow)
    block = BLOCK_BYTES // item_bytes
    groups = math.ceil((in_elements + out_elements) / ((wide + narrow) * block))
    dtype = jnp.dtype(f"uint{8 * item_bytes}")
    return function, jnp.ones((groups, read, block), dtype)


def _enlarge(x, blocks):
    groups, read, block = x.shape
    copies = math.ceil(blocks / read)
    x = jnp.broadcast_to(x[:, None], (groups, copies, read, block))
    return x.reshape(groups, copies * read, block)[:, :blocks]


def _shrink(x, blocks):
    total = x[:, :blocks]
    for start in range(blocks, x.shape[1], blocks):
        part = x[:, start : start + blocks]
        missing = blocks - part.shape[1]
        total = total ^ (jnp.pad(part, ((0, 0), (0, missing), (0, 0))) if missing else part)
    return total
