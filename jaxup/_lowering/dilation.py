"""Pixels at equal distances with zeros between them, which a pad with interior says exactly.

It is the transpose of a nearest shrink by an integer, which skips what is zero here.
"""

from __future__ import annotations

from typing import Any

import jax
import numpy as np
from jax import lax

from jaxup._lowering.dtypes import converted
from jaxup._recipe.banded import Banded


def fits(operator: Banded) -> bool:
    """Return whether the map copies every input once, in order, to rows at equal distances."""
    skips = operator.T
    distances = set(np.diff(skips.indices[:, 0]).tolist()) or {1}
    whole = skips.selects and bool(skips.present.all())
    return whole and len(distances) == 1 and min(distances) > 0


def apply(x: jax.Array, operator: Banded, axis: int, dtype: Any = None) -> jax.Array:
    rows = operator.T.indices[:, 0].tolist()
    around = [(0, 0, 0)] * x.ndim
    distance = rows[1] - rows[0] if len(rows) > 1 else 1
    around[axis] = rows[0], operator.out_size - 1 - rows[-1], distance - 1
    return converted(lax.pad(x, x.dtype.type(0), around), dtype or x.dtype)
