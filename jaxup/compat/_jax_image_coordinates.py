"""Where `jax.image` samples, in its own rounding."""

from __future__ import annotations

import dataclasses
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.image import resize as _original  # a program may put jaxup's in its place


@dataclasses.dataclass(frozen=True)
class Sample:
    """half_pixel in the float type that `jax.image` computes it in, the default one of JAX.

    Rounded once, as by the fused multiply and add that XLA makes of it.
    """

    dtype: str
    area: bool = False

    def __call__(self, index: Any, in_size: Any, out_size: Any, step: Any) -> Any:
        inverse = np.float64(np.dtype(self.dtype).type(1 / (out_size / in_size)))
        if self.area:  # the lower edge is what it rounds
            return (index * inverse).astype(self.dtype) + (step / 2 - 0.5)
        return ((index + 0.5) * inverse - 0.5).astype(self.dtype)


def nearest(index: Any, in_size: Any, out_size: Any, step: Any) -> Any:
    """``floor((i + 1/2) in / out)`` in float32, as `jax.image` finds it for pixel numbers.

    XLA multiplies by reciprocals where it should divide, one way in jax 0.10 and another in 0.12,
    and so decides ties: only asking tells.
    """
    ask = jax.jit(_original, static_argnums=(1, 2))
    numbers = jax.ShapeDtypeStruct((in_size,), jnp.int32)
    program = ask.lower(numbers, (out_size,), "nearest").compile()  # runs also inside a trace
    return np.asarray(program(np.arange(in_size, dtype=np.int32)), np.float64)
