"""Integer nearest: every pixel is repeated, which a broadcast and a reshape say exactly."""

from __future__ import annotations

from collections.abc import Mapping

import jax.numpy as jnp
import numpy as np
from jax import lax

from jaxup._lowering.reshaping import merge
from jaxup._operator import Banded


def fits(operator: Banded) -> bool:
    """Whether the map repeats every input the same number of times, in order."""
    factor, rest = divmod(operator.out_size, operator.in_size)
    return (
        rest == 0
        and operator.selects
        and np.array_equal(operator.indices[:, 0], np.arange(operator.out_size) // factor)
    )


def apply(x, operator: Banded, axis: int, dtype=None):
    return jnp.repeat(x, operator.out_size // operator.in_size, axis=axis).astype(dtype or x.dtype)


def apply_together(x, operators: Mapping[int, Banded]):
    """Several axes in one broadcast.

    In two pieces, which XLA's CPU backend writes in loops of the broadcast's own shape: it would
    otherwise divide by every factor to find the pixel of each element of the result.
    """
    shape, kept = [], []
    for axis, size in enumerate(x.shape):
        kept.append(len(shape))
        shape.append(size)
        if axis in operators:
            shape.append(operators[axis].out_size // size)
    first = min(operators)
    pieces = []
    for start, stop in (0, 1), (1, x.shape[first]):
        shape[kept[first]] = stop - start
        piece = lax.slice_in_dim(x, start, stop, axis=first)
        pieces.append(lax.broadcast_in_dim(piece, shape, kept))
    y = lax.concatenate(pieces, kept[first])
    for axis in sorted(operators):
        y = merge(y, axis)
    return y
