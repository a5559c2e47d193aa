"""The plan on a GPU, and on every platform without rules of its own.

1. An axis that repeats its pixels: a broadcast.
2. Any other axis: gathers, which XLA may fuse into one kernel.

Chosen by reasoning: no GPU was measured.
"""

from __future__ import annotations

from jaxup._lowering import broadcast
from jaxup._lowering.plan import Operators, Pass, order, stage


def passes(operators: Operators) -> list[Pass]:
    """Return one pass for each axis."""
    return [[stage(operators, (axis,), broadcast)] for axis in order(operators)]
