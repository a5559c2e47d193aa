"""Sizes that are symbolic dimensions: what their scales and steps are."""

from __future__ import annotations

import dataclasses
from fractions import Fraction
from typing import Any

import jax.numpy as jnp
import numpy as np
from jax import export

from jaxup._errors import message
from jaxup._wide import Wide, wide

_CHECKED_SIZE = 2**15
_LARGEST_DENOMINATOR = 2**10
_PLAIN = frozenset({int, float, bool, str, type(None)})  # the rest is asked, at ten times the cost


def is_symbolic(*sizes) -> bool:
    """Whether one of them is a symbolic dimension."""
    return any(type(n) not in _PLAIN and export.is_symbolic_dim(n) for n in sizes)


@dataclasses.dataclass(frozen=True)
class Step:
    """A step that the program computes: ``over / under``, and 0 where ``under`` is 0.

    Args:
      over, under: numbers or dimensions.
      cases: ``(a, b, value)``: where the dimensions ``a`` and ``b`` are equal, the step is value.
      single: whether to round to float32.
      least: what the step is at least.
    """

    over: Any
    under: Any
    cases: tuple[tuple[Any, Any, float], ...] = ()
    single: bool = False
    least: float = 0.0

    def __abs__(self):
        return self

    def evaluate(self) -> Wide:
        over, under = wide(self.over), wide(self.under)
        empty = under.high == 0
        step = (over / under.where(empty, 1.0)).where(empty, 0.0)
        for a, b, value in self.cases:
            step = step.where(jnp.asarray(a) == jnp.asarray(b), value)
        step = step.where((step - self.least).high < 0, self.least)
        return step.rounded() if self.single else step


def ratio(over, under) -> Any:
    """``over / under``."""
    return Step(over, under) if is_symbolic(over, under) else over / under


def rounded(step, precision: type[np.floating]) -> Any:
    """The step as a number of that type."""
    if isinstance(step, Step):
        return dataclasses.replace(step, single=precision is np.float32)
    return float(precision(step))


def at_least_1(step) -> Any:
    """The step, or 1."""
    return dataclasses.replace(step, least=1.0) if isinstance(step, Step) else max(step, 1.0)


def out_size_from_scale(function, in_size, scale, shape):
    """``int(in_size * scale)`` as an expression of the dimension.

    The language of dimensions has products and floors of quotients, so the scale has to be a
    fraction ``p / q``; it is tried out on sizes to 2**15 that ``in p // q`` is what float64 gives.
    """
    fraction = Fraction(float(scale)).limit_denominator(_LARGEST_DENOMINATOR)
    sizes = np.arange(1, _CHECKED_SIZE + 1)
    exact = sizes * fraction.numerator // fraction.denominator
    small = 0 < fraction.numerator < 2**31 // _CHECKED_SIZE
    if not small or (exact != (sizes * float(scale)).astype(np.int64)).any():
        raise ValueError(
            message(
                function,
                f"a scale that is a fraction p/q with q <= {_LARGEST_DENOMINATOR} for the symbolic"
                f" size {in_size}",
                f"scale={scale}",
                shape,
                "int(in * scale) is then in * p // q. Give the size instead, as an expression of"
                " the dimensions, or a scale such as 2, 1.5 or 0.25.",
            )
        )
    return in_size * fraction.numerator // fraction.denominator
