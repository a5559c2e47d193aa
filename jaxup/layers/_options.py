"""What the `Upsample` layers of every framework share."""

from __future__ import annotations

from typing import Any

import jax
import numpy as np
from jax.core import Tracer

from jaxup._functions.upsample import upsample

_OPTIONS = ("scale", "method", "size", "axes", "data_format", "align_corners", "antialias")


def upsample_as(layer: Any, x: jax.Array, **changed: Any) -> jax.Array:
    """`jaxup.upsample` with the options that ``layer`` holds as attributes, but for ``changed``."""
    return upsample(x, **{name: getattr(layer, name) for name in _OPTIONS} | changed)


def frozen(value: Any) -> Any:
    """A number or numbers as a hashable value: sequences and arrays become tuples.

    Frameworks compare and hash a layer's options, and NNX counts arrays among its state. Any other
    value stays as it is, and `jaxup.upsample` checks it at the call.
    """
    if isinstance(value, list | tuple):
        return tuple(map(frozen, value))
    array = isinstance(value, np.ndarray | np.generic | jax.Array)
    if array and not isinstance(value, Tracer) and value.ndim <= 1:
        return frozen(np.asarray(value).tolist())
    return value
