"""Integer nearest: every pixel is repeated, which a broadcast and a reshape say exactly."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from jaxup._lowering.arrays import concatenate_two, merge, untyped
from jaxup._lowering.dtypes import converted
from jaxup._recipe.banded import Banded


def fits(*operators: Banded) -> bool:
    """Return whether each map repeats every input the same number of times, in order."""
    return all(map(_repeats, operators))


def _repeats(operator: Banded) -> bool:
    factor, remainder = divmod(operator.out_size, operator.in_size)
    return (
        remainder == 0
        and operator.selects
        and np.array_equal(operator.indices[:, 0], np.arange(operator.out_size) // factor)
    )


def apply(x: jax.Array, operator: Banded, axis: int, dtype: Any = None) -> jax.Array:
    y = jnp.repeat(x, operator.out_size // operator.in_size, axis=axis)
    return converted(y, dtype or x.dtype)


def apply_together(
    x: jax.Array, operators: Sequence[Banded], axes: Sequence[int], dtype: Any = None
) -> jax.Array:
    """Repeat along several axes, in order, in one broadcast."""
    factors = {
        axis: operator.out_size // operator.in_size
        for axis, operator in zip(axes, operators, strict=True)
    }
    shape, kept = list[int](), list[int]()
    for axis, size in enumerate(x.shape):
        kept.append(len(shape))
        shape.append(size)
        if axis in factors:
            shape.append(factors[axis])
    first = axes[0]

    def repeated(start: int, stop: int) -> jax.Array:
        shape[kept[first]] = stop - start
        return untyped.broadcast_in_dim(lax.slice_in_dim(x, start, stop, axis=first), shape, kept)

    y = concatenate_two(repeated, x.shape[first], kept[first])
    for axis in axes:
        y = merge(y, axis)
    return converted(y, dtype or x.dtype)
