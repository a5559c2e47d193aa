"""Numbers in two float32 parts, 48 bits together, for coordinates that a program computes.

Known geometry is computed in NumPy's float64. A program has no float64 unless JAX is told so, and
float32 arithmetic is rounded as the compiler likes: it may or may not fuse a product with the sum
that follows. Here every product is of halves with 12 bits each and hence exact, fused or not.

Source: T. J. Dekker, "A floating-point technique for extending the available precision",
Numerische Mathematik 18 (1971), 224-242.
"""

from __future__ import annotations

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

_UPPER_HALF = np.uint32(0xFFFFF000)


@dataclasses.dataclass(frozen=True)
class Wide:
    """``high + low``, where ``high`` is the sum rounded to float32."""

    high: jax.Array
    low: jax.Array

    def __add__(self, other):
        other = wide(other)
        total, rest = _sum(self.high, other.high)
        return Wide(*_sum(total, rest + (self.low + other.low)))

    def __neg__(self):
        return Wide(-self.high, -self.low)

    def __sub__(self, other):
        return self + -wide(other)

    def __mul__(self, other):
        other = wide(other)
        product, rest = _product(self.high, other.high)
        cross = _product(self.high, other.low)[0] + _product(self.low, other.high)[0]
        return Wide(*_sum(product, rest + cross))

    def __truediv__(self, other):
        other = wide(other)
        quotient = wide(self.high / other.high)
        for _ in range(2):
            quotient = quotient + (self - quotient * other).high / other.high
        return quotient

    __radd__, __rmul__ = __add__, __mul__

    def __rsub__(self, other):
        return -self + other

    def __rtruediv__(self, other):
        return wide(other) / self

    def clip(self, min=None, max=None):  # noqa: A002, an array's own names
        """Between two numbers, inclusive."""
        clipped = self
        if min is not None:
            clipped = clipped.where((clipped - min).high < 0, min)
        if max is not None:
            clipped = clipped.where((clipped - max).high > 0, max)
        return clipped

    def where(self, condition, other) -> Wide:
        """``other`` where the condition holds."""
        other = wide(other)
        return Wide(
            jnp.where(condition, other.high, self.high), jnp.where(condition, other.low, self.low)
        )

    def rounded(self) -> Wide:
        """To float32."""
        return Wide(self.high, jnp.zeros_like(self.high))

    def parts(self) -> tuple[jax.Array, jax.Array]:
        """Whole pixels, and a rest between 0 and 1, both float32."""
        whole = jnp.floor(self.high)
        return whole, (self.high - whole) + self.low


def wide(number) -> Wide:
    """A number, an array or a dimension as a `Wide`."""
    if isinstance(number, Wide):
        return number
    if isinstance(number, float):
        high = np.float32(number)
        return Wide(jnp.asarray(high), jnp.asarray(np.float32(number - float(high))))
    high = jnp.asarray(number).astype(jnp.float32)
    return Wide(high, jnp.zeros_like(high))


def _sum(a, b):
    """The rounded sum, and what rounding took."""
    total = a + b
    of_b = total - a
    return total, (a - (total - of_b)) + (b - of_b)


def _halves(a):
    bits = lax.bitcast_convert_type(a, jnp.uint32)
    high = lax.bitcast_convert_type(bits & _UPPER_HALF, jnp.float32)
    return high, a - high


def _product(a, b):
    """The rounded product, and what rounding took."""
    (a, c), (b, d) = _halves(a), _halves(b)
    middle, rest = _sum(a * d, c * b)
    total, more = _sum(a * b, middle)
    return _sum(total, more + (rest + c * d))
