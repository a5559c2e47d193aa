"""`icnr`: an initializer for the convolution before a pixel shuffle."""

# pyright: reportUnknownMemberType=false
from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, Never

import jax
import jax.numpy as jnp
from jax.typing import DTypeLike

from jaxup._arguments.call import Call, quoted
from jaxup._arguments.keywords import named, unknown_keyword
from jaxup._arguments.number_types import Factor, Whole
from jaxup._arguments.pixel_groups import ORDERS, ChannelOrder, checked_factors

_NAME = "jaxup.icnr"


@named
def icnr(
    factor: Factor,
    initializer: Callable[..., jax.Array] | None = None,
    *,
    order: ChannelOrder = "torch",
    axis: Whole = -1,
    **unknown: Never,
) -> Callable[..., jax.Array]:
    """Initialize a convolution so that `jaxup.pixel_shuffle` after it has no checkerboard.

    The output channels that become the pixels of one block start with equal weights, so that
    convolution and shuffle together are at first a smaller convolution, upsampled with nearest:
    ``kernel[..., channel] = small[..., c]`` for every channel that the shuffle moves to c. A bias
    has to be equal within a block too, as zeros are.

    Args:
      factor: that of `jaxup.pixel_shuffle`; one number stands for all spatial axes of the kernel.
      initializer: for the small kernel, ``(key, shape, dtype) -> array`` as those of
        `jax.nn.initializers`; by default ``lecun_normal()`` of them, which is Flax's.
      order: that of `jaxup.pixel_shuffle`. With feature groups in the convolution only PyTorch's
        order gives what nearest would.
      axis: the output channels in the kernel's shape: -1 for Flax and ``jax.lax``'s default
        (height, width, in, out), 0 for (out, in, height, width).

    Returns:
      ``init(key, shape, dtype=None)``, an initializer itself: ``nnx.Conv(..., kernel_init=init)``.
      Haiku's form is in `jaxup.layers.haiku`, Equinox's in `jaxup.layers.equinox`.

    Raises:
      ValueError: for a factor below 1, an unknown order, or, from ``init``, a shape that does not
        fit: an axis that is not there, output channels that the product of the factors does not
        divide, or one factor for a kernel without spatial axes.
      TypeError: for arguments of the wrong type.

    Example:
      >>> import jax, jax.numpy as jnp, jaxup
      >>> kernel = jaxup.icnr((2, 2))(jax.random.key(0), (64, 12))  # of 1 x 1 pixels
      >>> x = jax.random.normal(jax.random.key(1), (8, 8, 64))
      >>> y = jaxup.pixel_shuffle(x @ kernel, 2)
      >>> y.shape, bool(jnp.allclose(y, jaxup.upsample(y[::2, ::2], 2, axes=(0, 1))))
      ((16, 16, 3), True)

    Source: Aitken et al., "Checkerboard artifact free sub-pixel convolution", 2017,
    arXiv:1707.02937, section 3.
    """
    if unknown:
        raise unknown_keyword(icnr, unknown)
    call = Call(_NAME, ())
    call.check_name("order", order, ORDERS)
    checked_factors(call, factor, 1)
    out = call.integer("axis to be an integer", axis, "Pass -1, or 0 if the kernel starts with it.")
    small: Any = jax.nn.initializers.lecun_normal() if initializer is None else initializer
    if not callable(small):
        advice = "Pass one of jax.nn.initializers, such as he_normal()."
        raise call.type_error("initializer to be a function", quoted(initializer), advice)

    def init(key: Any, shape: Sequence[int], dtype: DTypeLike | None = None) -> jax.Array:
        shape = tuple(shape)
        group = _group(call._replace(shape=shape), factor, out)
        less = list(shape)
        less[out] //= group
        kernel: Any = small(key, tuple(less), *(() if dtype is None else (dtype,)))
        if order == "torch":
            return jnp.repeat(kernel, group, axis=out)
        return jnp.concatenate([kernel] * group, axis=out)

    return init


def _group(call: Call, factor: Any, axis: int) -> int:
    """Return how many channels become the pixels of one block."""
    ndim = len(call.shape)
    if not -ndim <= axis < ndim:
        advice = "It counts the output channels of the kernel."
        raise call.value_error(f"axis between {-ndim} and {ndim - 1}", f"axis={axis}", advice)
    factors = checked_factors(call, factor, max(ndim - 2, 0))
    if not factors:
        rule, advice = "one factor per spatial axis of the picture", "Pass (2, 2) for an image."
        raise call.value_error(rule, f"factor={factor} for a kernel without any", advice)
    group = math.prod(factors)
    if call.shape[axis] % group:
        product = " * ".join(map(str, factors))
        rule = f"output channels in groups of {product} = {group} for factor={factor}"
        advice = f"Give the convolution a multiple of {group}, or say with axis= where they are."
        raise call.value_error(rule, f"{call.shape[axis]}", advice)
    return group
