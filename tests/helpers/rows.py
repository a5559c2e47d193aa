"""The rows that `jaxup.upsample` would compute with, without compiling anything."""

from typing import Any

import jax
import numpy as np
from numpy.typing import DTypeLike

from jaxup import upsample

RANK = {"bilinear": 2, "bicubic": 2, "trilinear": 3}


def specs(in_size, method, *, dtype: DTypeLike = np.float32, rank=1, **arguments) -> list[Any]:
    """The recipe of each of ``rank`` axes of that size; None where nothing changes.

    Many axes are those of an array without elements, which no memory has to hold.
    """
    x = jax.ShapeDtypeStruct((in_size,) * rank + (0,) * (rank > 3), dtype)
    axes = tuple(range(rank))
    jaxpr = jax.make_jaxpr(lambda x: upsample(x, method=method, axes=axes, **arguments))(x)
    params: dict[str, Any] = jaxpr.eqns[0].params if jaxpr.eqns else {"axes": (), "specs": ()}
    found = dict(zip(params["axes"], params["specs"], strict=True))
    return [found.get(axis) for axis in axes]


def operator(in_size, method, *, dtype: DTypeLike = np.float32, **arguments) -> Any:
    """The banded map of one axis; None where nothing changes."""
    spec = specs(in_size, method, dtype=dtype, rank=RANK.get(method, 1), **arguments)[0]
    return spec and spec.build()


def operators(in_size, method, **arguments):
    """The banded maps of many sizes or scales, traced as that many axes of one array."""
    ((name, values),) = arguments.items()
    step = 31  # dimensions of an array, beside an empty one
    for n in range(0, len(values), step):
        some = tuple(values[n : n + step])
        given: dict[str, Any] = {name: some}
        for spec in specs(in_size, method, rank=len(some), **given):
            yield spec and spec.build()
