"""What the layers of every framework ask of the function's options."""

from __future__ import annotations

from typing import Any

import jax
import numpy as np
from jax.core import Tracer


def frozen(value: Any) -> Any:
    """A number or numbers as a hashable value: sequences and arrays become tuples.

    Frameworks compare and hash a layer's options, and NNX counts arrays among its state. What is
    not understood stays as it is: the function judges it at the call.
    """
    if isinstance(value, list | tuple):
        return tuple(map(frozen, value))
    array = isinstance(value, np.ndarray | np.generic | jax.Array)
    if array and not isinstance(value, Tracer) and value.ndim <= 1:
        return frozen(np.asarray(value).tolist())
    return value


def default_scale(scale, size):
    """A block made to upsample doubles, unless told otherwise."""
    return 2 if scale is None and size is None else scale


def conv_axes(rank: int, data_format: str) -> tuple[int, ...]:
    """The spatial axes of a convolution over ``rank`` axes, counted from the end."""
    last = -1 if data_format == "channels_last" else 0
    return tuple(range(last - rank, last))
