"""Checks of what kernels and conventions are made of, and of what a user's kernel returns."""

from __future__ import annotations

import math
import numbers
import textwrap
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.core import Tracer

_PREFIX = "jaxup."


def real(owner: str, option: str, value: object, advice: str) -> float:
    """Return a real number as a float; ``owner`` is such as ``"kernels.Kernel"``."""
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        rule = f"expected {option} to be a real number, got {line(value)}"
        raise TypeError(f"{_PREFIX}{owner}: {rule}. {advice}")
    try:
        return float(value)
    except OverflowError:
        rule = f"expected {option} to be a number that a float can hold, got a larger one"
        raise ValueError(f"{_PREFIX}{owner}: {rule}. {advice}") from None


def finite(owner: str, option: str, value: object, advice: str) -> float:
    number = real(owner, option, value, advice)
    if not math.isfinite(number):
        rule = f"expected {option} to be finite, got {value!r}"
        raise ValueError(f"{_PREFIX}{owner}: {rule}. {advice}")
    return number


def above_0(owner: str, option: str, value: object, advice: str) -> float:
    number = real(owner, option, value, advice)
    if not 0 < number < math.inf:
        least = "finite " if number == math.inf else ""
        rule = f"expected a {least}{option} above 0, got {value!r}"
        raise ValueError(f"{_PREFIX}{owner}: {rule}. {advice}")
    return number


def monotonic(owner: str, option: str, value: Any) -> tuple[float, ...]:
    """Return two or more finite numbers, known when the program is built, that rise or fall."""
    advice = "Pass the edges of the cells in their order, one more than there are cells."
    if any(isinstance(leaf, Tracer) for leaf in jax.tree.leaves(value)):
        rule = f"expected {option} to be known when the program is built, got the traced {value}"
        raise TypeError(f"{_PREFIX}{owner}: {rule}. Compute the edges with NumPy.")
    try:
        numbers_given = np.asarray(value)
        real_ones = numbers_given.dtype.kind in "iuf" or numbers_given.dtype == jnp.bfloat16
        edges = numbers_given.astype(np.float64) if real_ones else np.zeros(0)
    except (TypeError, ValueError, OverflowError):  # objects, lists of several lengths
        edges = np.zeros(0)
    steps = np.diff(edges) if edges.ndim == 1 else np.zeros(0)
    if not (steps.size and np.isfinite(edges).all() and ((steps > 0).all() or (steps < 0).all())):
        rule = f"expected {option} to be two or more finite numbers that all rise or all fall"
        got = textwrap.shorten(line(value), 200, placeholder=" ...")
        raise ValueError(f"{_PREFIX}{owner}: {rule}, got {got}. {advice}")
    return tuple(edges.tolist())


def check_hashable_function(owner: str, option: str, value: object, what: str, advice: str) -> None:
    """Check that JAX's caches can keep a user's function."""
    if not callable(value):
        rule = f"expected {option} to be {what}, got {line(value)}"
        raise TypeError(f"{_PREFIX}{owner}: {rule}. {advice}")
    try:
        hash(value)
    except TypeError:
        raise TypeError(
            f"{_PREFIX}{owner}: expected {option} to be hashable, got {line(value)}."
            " Pass a plain function, or give its class a __hash__ (a frozen dataclass has one)."
        ) from None


def check_name(owner: str, option: str, value: object, names: tuple[str, ...]) -> None:
    if not isinstance(value, str) or value not in names:
        listed = ", ".join(map(repr, names))
        rule = f"expected a known {option}, got {line(value)}"
        raise ValueError(f"{_PREFIX}{owner}: {rule}. Use one of {listed}.")


def check_bool(owner: str, option: str, value: object) -> None:
    if not isinstance(value, bool):
        rule = f"expected {option} to be a bool, got {line(value)}"
        raise TypeError(f"{_PREFIX}{owner}: {rule}. Pass True or False.")


def line(value: object) -> str:
    """Return a value's representation in one line."""
    try:
        return " ".join(repr(value).split())
    except ValueError:
        return "an int of thousands of digits"


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
