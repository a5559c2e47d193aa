"""Numbers in two float32 parts, 48 bits together, for coordinates that a program computes.

Known geometry is computed in NumPy's float64. A program has no float64 unless JAX is told so, and
float32 arithmetic is rounded as the compiler likes: it may or may not fuse a product with the sum
that follows. Here every product is of halves with 12 bits each and hence exact, fused or not.

Source: T. J. Dekker, "A floating-point technique for extending the available precision",
Numerische Mathematik 18 (1971), 224-242.
"""

from __future__ import annotations

import dataclasses
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.typing import DTypeLike

_UPPER_HALF = np.uint32(0xFFFFF000)


@dataclasses.dataclass(frozen=True)
class TwoFloats:
    """``high + low``, where ``high`` is the sum rounded to float32 (a "double-float")."""

    high: jax.Array
    low: jax.Array

    def __add__(self, other: Any) -> TwoFloats:
        other = two_floats(other)
        total, error = _sum(self.high, other.high)
        return TwoFloats(*_sum(total, error + (self.low + other.low)))

    def __neg__(self) -> TwoFloats:
        return TwoFloats(-self.high, -self.low)

    def __sub__(self, other: Any) -> TwoFloats:
        return self + -two_floats(other)

    def __mul__(self, other: Any) -> TwoFloats:
        other = two_floats(other)
        product, error = _product(self.high, other.high)
        cross = _product(self.high, other.low)[0] + _product(self.low, other.high)[0]
        return TwoFloats(*_sum(product, error + cross))

    def __truediv__(self, other: Any) -> TwoFloats:
        other = two_floats(other)
        quotient = two_floats(self.high / other.high)
        for _ in range(2):
            quotient = quotient + (self - quotient * other).high / other.high
        return quotient

    __radd__, __rmul__ = __add__, __mul__

    def __rsub__(self, other: Any) -> TwoFloats:
        return -self + other

    def __rtruediv__(self, other: Any) -> TwoFloats:
        return two_floats(other) / self

    def clip(self, min: Any = None, max: Any = None) -> TwoFloats:  # noqa: A002, an array's own names
        """Return the number brought between two others, inclusive."""
        clipped = self
        if min is not None:
            clipped = clipped.where((clipped - min).high < 0, min)
        if max is not None:
            clipped = clipped.where((clipped - max).high > 0, max)
        return clipped

    def where(self, condition: Any, other: Any) -> TwoFloats:
        """Return ``other`` where the condition holds, else this number."""
        other = two_floats(other)
        return TwoFloats(
            jnp.where(condition, other.high, self.high), jnp.where(condition, other.low, self.low)
        )

    @property
    def dtype(self) -> np.dtype:
        """The type whose place it takes."""
        return np.dtype(np.float64)

    def astype(self, dtype: DTypeLike) -> TwoFloats:
        """Return the number rounded to float32, or unchanged for a wider type."""
        if np.dtype(dtype) != np.float32:
            return self
        return TwoFloats(self.high, jnp.zeros_like(self.high))

    def parts(self) -> tuple[jax.Array, jax.Array]:
        """Return whole pixels, and a remainder between 0 and 1, both float32."""
        whole = jnp.floor(self.high)
        return whole, (self.high - whole) + self.low


def two_floats(number: Any) -> TwoFloats:
    """Return a number, an array or a dimension as a `TwoFloats`."""
    if isinstance(number, TwoFloats):
        return number
    if isinstance(number, float):
        high = np.float32(number)
        return TwoFloats(jnp.asarray(high), jnp.asarray(np.float32(number - float(high))))
    high = jnp.asarray(number).astype(jnp.float32)
    return TwoFloats(high, jnp.zeros_like(high))


def _sum(a: Any, b: Any) -> tuple[Any, Any]:
    """Return the rounded sum, and its rounding error."""
    total = a + b
    of_b = total - a
    return total, (a - (total - of_b)) + (b - of_b)


def _halves(a: Any) -> tuple[Any, Any]:
    bits = lax.bitcast_convert_type(a, jnp.uint32)
    high = lax.bitcast_convert_type(bits & _UPPER_HALF, jnp.float32)
    return high, a - high


def _product(a: Any, b: Any) -> tuple[Any, Any]:
    """Return the rounded product, and its rounding error."""
    (a, c), (b, d) = _halves(a), _halves(b)
    middle, error = _sum(a * d, c * b)
    total, more = _sum(a * b, middle)
    return _sum(total, more + (error + c * d))
