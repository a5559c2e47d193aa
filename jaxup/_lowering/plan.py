"""A plan: which strategies compute which axes, in which order. A platform's `rules` make one.

A plan is a list of passes, one after another. A pass is a list of stages that are fused. A stage is
a strategy and the axes that it computes.

A strategy is a module with ``apply(x, operator, axis, dtype)`` or, for several axes in one stage,
``apply_together(x, operators, axes, dtype)``, and ``fits(*operators)``, which says whether it takes
operators such as these. `stage` asks, so that a plan holds no strategy that does not fit.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple, Protocol

from jaxup._lowering import broadcast, gather, polyphase
from jaxup._recipe.banded import Banded

MIN_CONTIGUOUS = 16  # elements, one vector register of float32
RGB = 3  # channels

Axes = tuple[int, ...]
Operators = Mapping[int, Banded]


class Strategy(Protocol):
    """What a plan needs to know of a strategy; most strategies are modules."""

    __name__: str

    @property
    def fits(self) -> Callable[..., bool]: ...


class Stage(NamedTuple):
    """A strategy, and the axes that it computes; make one with `stage`."""

    strategy: Any  # a `Strategy`, with `apply`, `apply_together` or both
    axes: Axes


Pass = list[Stage]


def stage(operators: Operators, axes: Axes, *strategies: Strategy) -> Stage:
    """Return a stage with the first of the strategies that fits, or a gather, which always does.

    Raises:
      ValueError: if no strategy fits several axes at once; a gather computes one.
    """
    along = [operators[axis] for axis in axes]
    for strategy in strategies:
        if strategy.fits(*along):
            return Stage(strategy, axes)
    if len(axes) == 1:
        return Stage(gather, axes)
    names = ", ".join(strategy.__name__ for strategy in strategies)
    raise ValueError(f"none of {names} fits axes {axes} together")


def order(operators: Operators) -> list[int]:
    """Return the axes in order: those that shrink, outermost first, then the others, innermost
    first. Shrinking first leaves less to do; the last pass then runs along whole rows.
    """
    shrinking = [
        axis for axis, operator in operators.items() if operator.out_size <= operator.in_size
    ]
    return sorted(shrinking) + sorted(operators.keys() - shrinking, reverse=True)


def elements(sizes: Iterable[Any]) -> float:
    """Return the product of the sizes, or infinity if one of them is symbolic."""
    sizes = tuple(sizes)
    return math.prod(sizes) if all(isinstance(n, int) for n in sizes) else math.inf


def is_wide(inside: float) -> bool:
    """Return whether an axis with this many elements inside it has runs of memory."""
    return inside >= MIN_CONTIGUOUS


def is_periodic(operator: Banded) -> bool:
    """Return whether the rows repeat, as a repetition of pixels or a sum of shifted slices."""
    return broadcast.fits(operator) or polyphase.fits(operator)
