"""Source pixels per output pixel where the sizes are symbolic dimensions or traced numbers."""

from __future__ import annotations

import dataclasses
from typing import Any

import jax.numpy as jnp
from jax import export

from jaxup._numbers.two_floats import TwoFloats, two_floats

_PLAIN = frozenset({int, float, bool, str, type(None)})  # asking JAX takes ten times as long


def is_symbolic(*sizes: Any) -> bool:
    """Return whether one of the sizes is a symbolic dimension."""
    return any(type(n) not in _PLAIN and export.is_symbolic_dim(n) for n in sizes)


@dataclasses.dataclass(frozen=True, eq=False)
class Step:
    """A step that the program computes: ``numerator / denominator``, and 0 where that divides by 0.

    Args:
      numerator, denominator: numbers, symbolic dimensions or tracers.
      exceptions: ``(a, b, value)``: where the dimensions ``a`` and ``b`` are equal, the step is
        ``value``.
      single: whether to round to float32.
      minimum: the least that the step may be.
    """

    numerator: Any
    denominator: Any
    exceptions: tuple[tuple[Any, Any, float], ...] = ()
    single: bool = False
    minimum: float = 0.0

    def __abs__(self) -> Step:
        return self

    def evaluate(self) -> TwoFloats:
        numerator, denominator = two_floats(self.numerator), two_floats(self.denominator)
        empty = denominator.high == 0
        step = (numerator / denominator.where(empty, 1.0)).where(empty, 0.0)
        for a, b, value in self.exceptions:
            step = step.where(jnp.asarray(a) == jnp.asarray(b), value)
        step = step.where((step - self.minimum).high < 0, self.minimum)
        return step.astype("float32") if self.single else step


def ratio(numerator: Any, denominator: Any) -> Step | float:
    """Return the quotient, as a `Step` if a dimension is symbolic."""
    if is_symbolic(numerator, denominator):
        return Step(numerator, denominator)
    return numerator / denominator


def at_least_1(step: Step | float) -> Step | float:
    """Return the step, or 1 where it is below 1."""
    return dataclasses.replace(step, minimum=1.0) if isinstance(step, Step) else max(step, 1.0)
