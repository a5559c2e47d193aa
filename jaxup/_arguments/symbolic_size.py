"""The size that a scale makes of a symbolic dimension."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

from jaxup._arguments.call import Call

MAX_CHECKED_SIZE = 2**15
MAX_DENOMINATOR = 2**10


def out_size_from_scale(call: Call, in_size: Any, scale: float) -> Any:
    """Return ``int(in_size * scale)`` as an expression of the dimension.

    Expressions of dimensions have products and floors of quotients, so the scale has to be a
    fraction ``p / q``. Sizes up to 2**15 are tried: ``in p // q`` has to be what float64 gives.
    """
    fraction = Fraction(float(scale)).limit_denominator(MAX_DENOMINATOR)
    sizes = np.arange(1, MAX_CHECKED_SIZE + 1)
    exact = sizes * fraction.numerator // fraction.denominator
    small = 0 < fraction.numerator < 2**31 // MAX_CHECKED_SIZE
    if not small or (exact != (sizes * float(scale)).astype(np.int64)).any():
        raise call.value_error(
            f"a scale that is a fraction p/q with q <= {MAX_DENOMINATOR} for the symbolic size"
            f" {in_size}",
            f"{call.option('scale')}={scale}",
            "int(in * scale) is then in * p // q. Give the size instead, as an expression of the"
            " dimensions, or a scale such as 2, 1.5 or 0.25.",
        )
    return in_size * fraction.numerator // fraction.denominator
