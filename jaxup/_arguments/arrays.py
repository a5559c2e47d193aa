"""The input array, and the cache between arguments and the recipe that they stand for."""

from __future__ import annotations

import reprlib
from collections.abc import Callable
from typing import Any, TypeVar

import jax
import jax.numpy as jnp
from jax.typing import ArrayLike

from jaxup import kernels
from jaxup._arguments.call import Call
from jaxup._numbers.step import is_symbolic

_Planned = TypeVar("_Planned")
_PLAIN = frozenset({int, float, bool, str, type(None)})  # asking JAX takes ten times as long


def as_array(function: str, x: ArrayLike, option: str = "x") -> jax.Array:
    """Return ``x`` as a JAX array.

    Raises:
      TypeError: if it cannot be one.
    """
    if isinstance(x, jax.Array):
        return x
    try:
        return jnp.asarray(x)
    except (TypeError, ValueError) as error:
        raise TypeError(
            f"{function}: expected an array, got {type(x).__name__} {reprlib.repr(x)}."
            f" Pass a JAX or NumPy array of numbers as {option}."
        ) from error


def check_dtype(call: Call, kernel: kernels.AnyKernel, method: object, dtype: Any) -> None:
    """Check that the kernel's arithmetic is possible in this dtype."""
    if jnp.issubdtype(dtype, jnp.inexact):
        return
    copies = isinstance(kernel, kernels.Nearest)
    if copies and (jnp.issubdtype(dtype, jnp.integer) or dtype == jnp.bool_):
        return
    x = call.option("x")
    if copies:
        raise call.type_error(
            "an array of numbers or bools", f"dtype {dtype}", f"Convert {x} first."
        )
    raise call.type_error(
        f"a floating-point or complex array for {call.option('method')}={method!r}",
        f"dtype {dtype}",
        f"Convert it first ({x}.astype(jnp.float32)) and round the result as you need it, or use"
        f" {call.option('method')}='nearest', which keeps the dtype.",
    )


def through_cache(
    plan: Callable[..., _Planned], call: Call, dtype: Any, **arguments: Any
) -> _Planned:
    """Return ``plan(call, dtype, **arguments)``, from its lru_cache where the arguments allow one.

    An unhashable argument is never valid, and the plan's checks say which one it is. Symbolic sizes
    are not cached, for they compare equal only after a proof.
    """
    given = [n for value in arguments.values() if type(value) is tuple for n in value]
    rare = [n for n in (*call.shape, *given, *arguments.values()) if type(n) not in _PLAIN]
    try:
        hash(tuple(arguments.values()))
    except TypeError:
        cached = False
    else:
        cached = not (rare and is_symbolic(*rare))
    if cached:
        return plan(call, dtype, **arguments)
    uncached: Callable[..., _Planned] = plan.__wrapped__  # type: ignore[attr-defined]
    return uncached(call, dtype, **arguments)
