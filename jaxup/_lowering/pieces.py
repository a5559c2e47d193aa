"""An array in two pieces, for what XLA's CPU backend does to a concatenation.

It computes a concatenation once, though what follows reads it many times; a gather it would fuse
into what follows and compute again for every read, and an optimization_barrier does not hold it
back. And it writes each piece in loops of the piece's own shape, where it would otherwise find each
element's place by divisions that cost more than the arithmetic.
"""

from __future__ import annotations

from collections.abc import Callable

from jax import lax


def in_two(make: Callable, size: int, axis: int):
    """``make(start, stop)``, for the first of so many rows and for the others, joined."""
    if size < 2:
        return make(0, size)
    return lax.concatenate([make(0, 1), make(1, size)], axis)
