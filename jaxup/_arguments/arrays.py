"""The input array, and the cache between arguments and the recipe that they stand for."""

# pyright: reportUnknownMemberType=false, reportUnknownArgumentType=false
from __future__ import annotations

import functools
import reprlib
from collections.abc import Callable, Iterable
from typing import Any

import jax
import jax.numpy as jnp
from jax.core import Tracer
from jax.typing import ArrayLike

from jaxup import kernels
from jaxup._arguments.call import Call, quoted
from jaxup._numbers.step import is_symbolic

_WITH_DTYPE = ("jaxup.upsample", "jaxup.resize")


def as_array(function: str, x: ArrayLike, option: str = "x") -> jax.Array:
    """Return ``x`` as a JAX array.

    Raises:
      TypeError: if it cannot be one.
    """
    if isinstance(x, jax.Array):
        return x
    try:
        return jnp.asarray(x)
    except (TypeError, ValueError, OverflowError) as error:
        raise TypeError(
            f"{function}: expected an array, got {type(x).__name__} {_short(x)}."
            f" Pass a JAX or NumPy array of numbers as {option}."
        ) from error


def _short(x: object) -> str:
    try:
        return reprlib.repr(x)
    except ValueError:  # an int of thousands of digits
        return quoted(x)


def is_traced(value: Any) -> bool:
    """Return whether only the program knows an array, or a part of it."""
    return any(isinstance(leaf, Tracer) for leaf in jax.tree.leaves(value))


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
    advice = f"Convert it first ({x}.astype(jnp.float32)) and round the result as you need it"
    if call.function in _WITH_DTYPE:
        advice = f"Say what becomes of {x}: dtype='float32', or "
        advice += f"dtype='{dtype}', which rounds and clips"
    raise call.type_error(
        f"a floating-point or complex array for {call.option('method')}={method!r}",
        f"dtype {dtype}",
        f"{advice}, or use {call.option('method')}='nearest', which keeps the dtype.",
    )


def check_not_sharded(call: Call, x: jax.Array, axes: Iterable[int]) -> None:
    """Check that no explicit mesh shards these axes; traced positions may read any pixel."""
    spec = jax.typeof(x).sharding.spec
    for axis in axes:
        if names := spec[axis]:
            rule = f"spatial axes of {call.option('x')} that no explicit mesh shards"
            advice = "Shard a batch or channel axis instead: jax.sharding.reshard moves it."
            raise call.value_error(rule, f"axis {axis} sharded over {names!r}", advice)


def through_cache(
    plan: Callable[..., Any],
    call: Call,
    x: jax.Array,
    numbers: tuple[Any, ...],
    *options: Any,
    **named: Any,
) -> Any:
    """Return ``plan(call, x.dtype, *numbers, *options, **named)``, kept for equal arguments.

    ``call`` needs no shape: it is that of ``x``. Equal values of other types are other values, and
    so are equal tuples among the numbers: ``(3, 3)`` is not ``(3.0, 3.0)``. Nothing is kept for
    unhashable values, nor for symbolic sizes: they are equal only after a proof.
    """
    kinds: tuple[type, ...] = ()
    for number in numbers:
        if type(number) is tuple:
            kinds += (*map(type, number),)
    try:
        return _kept(plan, call, x.shape, x.dtype, kinds, *numbers, *options, **named)
    except TypeError as error:
        if "unhashable" not in str(error):
            raise
    if any(map(are_numbers, numbers)):
        numbers = tuple(tuple(n) if are_numbers(n) else n for n in numbers)
        return through_cache(plan, call, x, numbers, *options, **named)
    return plan(call._replace(shape=x.shape), x.dtype, *numbers, *options, **named)


@functools.lru_cache(maxsize=4096, typed=True)
def _kept(
    plan: Callable[..., Any],
    call: Call,
    shape: tuple[Any, ...],
    dtype: Any,
    kinds: tuple[type, ...],
    *values: Any,
    **named: Any,
) -> Any:
    if is_symbolic(*shape, *jax.tree.leaves((values, named))):
        raise TypeError("unhashable: a symbolic size")
    return plan(call._replace(shape=shape), dtype, *values, **named)


def are_numbers(value: Any) -> bool:
    """Return whether a value is a list of Python's numbers."""
    return type(value) is list and {*map(type, value)} in ({int}, {float}, {int, float})
