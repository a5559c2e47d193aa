"""Checks of the numbers that a kernel is made of."""

from __future__ import annotations

import math
import numbers
from typing import Any

import jax.numpy as jnp
import numpy as np
from jax.core import Tracer


def check_real(function: str, option: str, value: object, advice: str) -> float:
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        rule = f"expected {option} to be a real number, got {value!r}"
        raise TypeError(f"jaxup.kernels.{function}: {rule}. {advice}")
    return float(value)


def check_finite(function: str, option: str, value: object, advice: str) -> None:
    if not math.isfinite(check_real(function, option, value, advice)):
        rule = f"expected {option} to be finite, got {value!r}"
        raise ValueError(f"jaxup.kernels.{function}: {rule}. {advice}")


def check_above_0(function: str, option: str, value: object, advice: str) -> None:
    if not 0 < check_real(function, option, value, advice) < math.inf:
        finite = "finite " if value == math.inf else ""
        rule = f"expected a {finite}{option} above 0, got {value!r}"
        raise ValueError(f"jaxup.kernels.{function}: {rule}. {advice}")


def checked_weights(weights: Any, distance: Any) -> Any:
    """Return what a user's function of distance returned, if it is real weights of its shape."""
    rule, name = "jaxup.kernels.Kernel: expected fn to return", type(weights).__name__
    if isinstance(weights, Tracer) and not isinstance(distance, Tracer):
        raise TypeError(
            f"{rule} numbers known when the program is built, got the traced {weights}. Close over"
            " Python numbers; jaxup.sample and jaxup.scale_and_translate take traced positions."
        )
    shape, dtype = np.shape(weights), getattr(weights, "dtype", type(weights))
    if shape not in ((), distance.shape):
        got = f"shape {shape} for {distance.shape}"
        raise ValueError(f"{rule} a weight for every distance, got {got}. Compute elementwise.")
    if weights is None or not (
        jnp.issubdtype(dtype, np.number) and not jnp.issubdtype(dtype, np.complexfloating)
    ):
        got = f"dtype {dtype}" if hasattr(weights, "dtype") else name
        raise TypeError(f"{rule} real weights, got {got}. Return floats.")
    return weights
