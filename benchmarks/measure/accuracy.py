"""How far a program in 16 bits is from its own formula in float64, in units of the last place."""

from __future__ import annotations

import dataclasses
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from benchmarks.measure.cells import Cell, Direction
from benchmarks.measure.peers import jax_image_function, noise
from benchmarks.measure.plans import traced
from benchmarks.measure.programs import directed
from jaxup._lowering.lower import lower


def accuracy(cell: Cell, direction: Direction, platform: str) -> dict[str, dict[str, float]]:
    """Return the errors of jaxup's lowering for a platform, and of jax.image. Both run here.

    Pixels are between 1 and 2, so that results are not far below them.
    """
    x = 1 + noise(cell, cell.operand_shape(direction))
    resample = traced(cell, direction)

    def ours(x: jax.Array) -> jax.Array:
        return lower(
            x, axes=resample.axes, specs=resample.specs, nan_local=False, platform=platform
        )

    exact = np.asarray(x, np.float64)
    for axis, operator in resample.operators.items():
        rows = np.tensordot(operator.to_dense(), exact, (1, axis))
        exact = np.moveaxis(rows, 0, axis)
    theirs = jax.jit(directed(jax_image_function(cell), cell, direction))
    return {
        "jaxup": errors(jax.jit(ours)(x), exact),
        "jax.image": errors(theirs(x), _in_float64(cell, direction, x)),
    }


def _in_float64(cell: Cell, direction: Direction, x: jax.Array) -> np.ndarray:
    """Return jax.image's result in float64; at some scales its nearest takes other pixels."""
    with jax.enable_x64(True):
        wide = dataclasses.replace(cell, dtype="float64")
        function = directed(jax_image_function(wide), wide, direction)
        return np.asarray(jax.jit(function)(x.astype(jnp.float64)))


def errors(found: Any, exact: np.ndarray) -> dict[str, float]:
    """Return the maximum and the mean error of an array in a 16-bit type."""
    info = jnp.finfo(found.dtype)
    _, exponent = np.frexp(np.maximum(np.abs(exact), float(info.tiny)))
    unit = np.ldexp(float(info.eps), exponent - 1)
    error = np.abs(np.asarray(found, np.float64) - exact) / unit
    return {"max": float(error.max()), "mean": float(error.mean())}
