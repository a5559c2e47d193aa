"""The input array, and the cache between arguments and the recipe that they stand for."""

# pyright: reportUnknownMemberType=false
from __future__ import annotations

import functools
import reprlib
from collections.abc import Callable, Iterable
from typing import Any, TypeGuard

import jax
import jax.numpy as jnp
from jax.core import Tracer
from jax.typing import ArrayLike

from jaxup import kernels
from jaxup._arguments.axes import is_sequence
from jaxup._arguments.call import Call
from jaxup._numbers.step import is_symbolic

_SCALARS = frozenset({int, float, bool, str, type(None)})  # none of these is symbolic
_PLAIN = _SCALARS | {tuple}


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


def check_not_sharded(call: Call, x: jax.Array, axes: Iterable[int]) -> None:
    """Check that no explicit mesh shards these axes; traced positions may read any pixel."""
    for axis in axes:
        if names := jax.typeof(x).sharding.spec[axis]:
            raise call.value_error(
                f"spatial axes of {call.option('x')} that no explicit mesh shards",
                f"axis {axis} sharded over {names!r}",
                "Shard a batch or channel axis instead: jax.sharding.reshard moves it.",
            )


def through_cache(
    plan: Callable[..., Any], call: Call, x: jax.Array, *values: Any, **named: Any
) -> Any:
    """Return ``plan(call, x.dtype, *values, **named)``, from a cache where the values allow one.

    ``call`` needs no shape: it is that of ``x``. Values in order are looked up in less time than
    named ones. Equal values of other types are other values: ``(3, 3)`` is not ``(3.0, 3.0)``.
    Unhashable values are not cached, nor are symbolic sizes: they are equal only after a proof.
    """
    names: tuple[str, ...] = ()
    if named:
        names, values = (*named,), (*values, *named.values())
    kinds = (*map(type, values),)
    entries: tuple[Any, ...] = ()
    if not _SCALARS.issuperset(kinds):
        if list in kinds:
            values = tuple(tuple(v) if _are_numbers(v) else v for v in values)
            kinds = (*map(type, values),)
        for value in values:
            if type(value) is tuple:
                entries += value
        kinds += (*map(type, entries),)
    shape = x.shape
    try:
        if (_PLAIN.issuperset(kinds) and not isinstance(x, Tracer)) or not is_symbolic(
            *shape, *values, *entries
        ):
            return _cached(plan, call, shape, x.dtype, values, names, kinds)
    except TypeError as error:
        if "unhashable" not in str(error):
            raise
    return _planned(plan, call, shape, x.dtype, values, names, kinds)


def _are_numbers(value: object) -> TypeGuard[list[Any]]:
    kinds = set(map(type, value)) if is_sequence(value) else set[type]()
    return type(value) is list and bool(kinds) and kinds <= {int, float}


def _planned(
    plan: Callable[..., Any],
    call: Call,
    shape: tuple[Any, ...],
    dtype: Any,
    values: tuple[Any, ...],
    names: tuple[str, ...],
    _kinds: tuple[type, ...],  # tells equal values apart in the cache
) -> Any:
    in_order = len(values) - len(names)
    named = dict(zip(names, values[in_order:], strict=True))
    return plan(call._replace(shape=shape), dtype, *values[:in_order], **named)


_cached = functools.lru_cache(maxsize=4096)(_planned)
