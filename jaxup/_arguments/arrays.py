"""The input array, and the cache between arguments and the recipe that they stand for."""

# pyright: reportUnknownMemberType=false
from __future__ import annotations

import functools
import reprlib
from collections.abc import Callable
from typing import Any, TypeGuard

import jax
import jax.numpy as jnp
from jax.typing import ArrayLike

from jaxup import kernels
from jaxup._arguments.axes import is_sequence
from jaxup._arguments.call import Call
from jaxup._numbers.step import is_symbolic

_PLAIN = frozenset({int, float, bool, str, tuple, type(None)})  # none of these is symbolic


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


def through_cache(plan: Callable[..., Any], call: Call, dtype: Any, **arguments: Any) -> Any:
    """Return ``plan(call, dtype, **arguments)``, from a cache where the arguments allow one.

    Equal arguments of other types are other arguments: ``(3, 3)`` is not ``(3.0, 3.0)``. Unhashable
    arguments are not cached, nor are symbolic sizes, which compare equal only after a proof.
    """
    values = tuple(arguments.values())
    flat = call.shape + values
    for value in values:
        if type(value) is tuple:
            flat += value
    kinds = tuple(map(type, flat))
    if list in kinds:
        tuples = {name: tuple(v) for name, v in arguments.items() if _are_numbers(v)}
        if tuples:
            return through_cache(plan, call, dtype, **(arguments | tuples))
    try:
        if _PLAIN.issuperset(kinds) or not is_symbolic(*flat):
            return _planned(plan, call, dtype, tuple(arguments), values, kinds)
    except TypeError as error:
        if "unhashable" not in str(error):
            raise
    return plan(call, dtype, **arguments)


def _are_numbers(value: object) -> TypeGuard[list[Any]]:
    kinds = set(map(type, value)) if is_sequence(value) else set[type]()
    return type(value) is list and bool(kinds) and kinds <= {int, float}


@functools.lru_cache(maxsize=4096)
def _planned(
    plan: Callable[..., Any], call: Call, dtype: Any, names: Any, values: Any, kinds: Any
) -> Any:
    return plan(call, dtype, **dict(zip(names, values, strict=True)))
