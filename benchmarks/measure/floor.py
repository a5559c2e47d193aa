"""The floor: an XLA program that reads as many bytes as a cell's input and writes its output's.

It copies blocks of 4 KiB and ignores the axes of the image.

- To enlarge, block k of a group of the output is a copy of block k mod Q of that group's input.
- To shrink, blocks that lie P apart are combined by exclusive or, so all of them must be read.

The compiler can remove nothing: every input block reaches the output, and every output block is
returned. P / Q is a fraction near the ratio of the sizes, and the number of groups is rounded up.
The bytes are therefore a few per cent above the cell's, and never below.
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
    """Return the function and its argument."""
    if out_elements >= in_elements:
        ratio = Fraction(out_elements, in_elements).limit_denominator(LARGEST_DENOMINATOR)
        large, small = ratio.numerator, ratio.denominator
        read, function = small, lambda x: _enlarge(x, large)
    else:
        ratio = Fraction(in_elements, out_elements).limit_denominator(LARGEST_DENOMINATOR)
        large, small = ratio.numerator, ratio.denominator
        read, function = large, lambda x: _shrink(x, small)
    block = BLOCK_BYTES // item_bytes
    groups = math.ceil((in_elements + out_elements) / ((large + small) * block))
    dtype = jnp.dtype(f"uint{8 * item_bytes}")
    return function, jnp.ones((groups, read, block), dtype)


def _enlarge(x: jax.Array, blocks: int) -> jax.Array:
    groups, read, block = x.shape
    copies = math.ceil(blocks / read)
    x = jnp.broadcast_to(x[:, None], (groups, copies, read, block))
    return x.reshape(groups, copies * read, block)[:, :blocks]


def _shrink(x: jax.Array, blocks: int) -> jax.Array:
    total = x[:, :blocks]
    for start in range(blocks, x.shape[1], blocks):
        part = x[:, start : start + blocks]
        missing = blocks - part.shape[1]
        total = total ^ (jnp.pad(part, ((0, 0), (0, missing), (0, 0))) if missing else part)
    return total
