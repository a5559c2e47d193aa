"""`Taps`: the half of a `band` that is known when the program is built."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

from jaxup.boundary import Boundary
from jaxup.kernels import AnyKernel, Kernel


@dataclasses.dataclass(frozen=True)
class Taps:
    """How much an output's taps weigh, and what bounds them.

    Args:
      kernel: how much each pixel counts.
      most: the most taps of an output, an int or a symbolic dimension.
      widens: whether the program may make the kernel wider.
      ordered: whether the first pixels of the outputs go one way, and so do the last.
      fold: the boundary that says what a tap outside the image reads; None if no tap lies outside.
      step: input pixels per output, which the sizes lead one to expect.
      alone: whether the array has no other axis, but those of `jax.vmap`.
      orders: the derivatives of the weights that are summed: 0 for each one by the offset, 1 for
        each one by the kernel scale.
    """

    kernel: AnyKernel
    most: Any
    widens: bool = False
    ordered: bool = False
    fold: Boundary | None = None
    step: float = 1.0
    alone: bool = False
    orders: tuple[int, ...] = ()

    def derivative(self, order: int) -> Taps:
        return dataclasses.replace(self, orders=(*self.orders, order))

    def expected(self) -> Any:
        """Return how many taps an output is likely to read."""
        return max(self.kernel.taps(max(self.step, 1.0)), 1) if self.widens else self.most

    def expected_readers(self) -> int:
        """Return how many outputs are likely to read a pixel."""
        back = 1 / self.step
        narrow = isinstance(self.kernel, Kernel) and not self.widens
        return max(self.kernel.taps(back if narrow else max(back, 1.0)), 1)

    def weights(self, tap: Any, count: Any, offset: Any, kernel_scale: Any) -> Any:
        """Return the weights of taps of these numbers, and 0 past an output's last one."""
        read = (tap >= 0) & (tap < count)
        distance = jnp.where(read, offset + tap.astype(offset.dtype), 0)
        weigh: Callable[..., Any] = self.kernel.weights
        for order in self.orders:
            weigh = derivative(weigh, order)
        kernel_scale = jnp.broadcast_to(kernel_scale, distance.shape)
        return jnp.where(read, weigh(distance, kernel_scale), 0)


def derivative(weigh: Callable[..., Any], order: int) -> Callable[..., Any]:
    """Return the derivative of weights by the number of this place, entry by entry."""

    def derived(*numbers: Any) -> Any:
        along = [jnp.full_like(each, n == order) for n, each in enumerate(numbers)]
        return jax.jvp(weigh, numbers, tuple(along))[1]

    return derived
