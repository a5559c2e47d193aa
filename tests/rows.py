"""The rows that `jaxup.upsample` would compute with, without compiling anything."""

import jax
import numpy as np

from jaxup import upsample


def specs(in_size, method, *, dtype=np.float32, rank=1, **arguments):
    """The recipes of one call on ``rank`` axes of that size; empty where nothing changes."""
    x = jax.ShapeDtypeStruct((in_size,) * rank, dtype)
    axes = tuple(range(rank))
    jaxpr = jax.make_jaxpr(lambda x: upsample(x, method=method, axes=axes, **arguments))(x)
    return jaxpr.eqns[0].params["specs"] if jaxpr.eqns else ()


def operator(in_size, method, *, dtype=np.float32, **arguments):
    """The banded map of one axis; None where nothing changes."""
    rank = {"bilinear": 2, "bicubic": 2, "trilinear": 3}.get(method, 1)
    found = specs(in_size, method, dtype=dtype, rank=rank, **arguments)
    return found[0].build() if found else None
