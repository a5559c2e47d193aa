"""`tap_sum_p`: sums of the pixels that points read, as a JAX primitive.

    y[p] = sum_t1 ... sum_td w_1[t1, p] ... w_d[td, p] x[index_1[t1, p] + ... + index_d[td, p]]

Multiplied by an array like y and summed, that is a number that is linear in y, in x and in the
weights of every axis. The primitive is its derivative by any one of them, from all the others: the
sums at the points, and their transposes by pixels and by weights. So derivatives of every order are
the primitive again. The one by the pixels adds every tap into a single array.
"""

# pyright: reportUnknownMemberType=false
from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
from jax.extend.core import Primitive
from jax.interpreters import ad

from jaxup._contexts import is_as_lax
from jaxup._traced.checkpointed import jet_of
from jaxup._traced.register import batched_at, register
from jaxup._traced.tap_products import Operands, lower, lower_on_cpu, written
from jaxup._traced.varying import alike, placed

tap_sum_p = Primitive("tap_sum")


def tap_sum(
    x: jax.Array, weights: Sequence[jax.Array], indices: Sequence[jax.Array], axis: int
) -> jax.Array:
    """Sum the products of taps, one from each of d sampled axes.

    Args:
      x: array of any shape, the d axes flattened into one.
      weights: for each of the d axes, of x's dtype, shape ``(taps, *shape of the points)``.
      indices: int32, of those shapes: what each adds to the index. An absent tap's is negative.
      axis: the flattened one. The shape of the points takes its place.
    """
    options: dict[str, Any] = {"result": "points", "axis": axis, "lead": 0, "size": None}
    if is_as_lax():
        return written(x, *weights, *indices, **options)
    return tap_sum_p.bind(*alike(x, *weights, *indices), **options)


@tap_sum_p.def_abstract_eval
def _(*operands: Any, result: Any, axis: int, lead: int, size: Any) -> Any:
    numbers, indices = Operands.of(result, operands)
    if result not in ("points", "pixels"):
        index = indices[result]
        return placed(operands, index.shape, index.sharding.spec)

    def joined(x: Any, here: Any, count: int) -> Any:
        return *x[:axis], *here, *x[axis + count :]

    if result == "points":
        x, points, count = numbers["pixels"], indices[0], 1
        here = points.shape[lead + 1 :], points.sharding.spec[lead + 1 :]
    else:
        x, count = numbers["points"], indices[0].ndim - 1 - lead
        here = (size,), (None,)
    shape, spec = joined(x.shape, here[0], count), joined(x.sharding.spec, here[1], count)
    return placed(operands, shape, spec)


def _jvp(primals: Any, tangents: Any, **params: Any) -> Any:
    terms = [
        tap_sum_p.bind(*primals[:n], change, *primals[n + 1 :], **params)
        for n, change in enumerate(tangents[: len(primals) // 2 + 1])
        if not isinstance(change, ad.Zero)
    ]
    return tap_sum_p.bind(*primals, **params), functools.reduce(jnp.add, terms)


def _transpose(cotangent: Any, *operands: Any, result: Any, axis: int, lead: int, size: Any) -> Any:
    numbers, indices = Operands.of(result, operands)
    (wanted,) = (role for role, each in numbers.items() if ad.is_undefined_primal(each))
    size = numbers[wanted].aval.shape[axis] if wanted == "pixels" else None
    known = {**numbers, result: cotangent}
    roles = ("pixels", "points", *range(len(indices)))
    answer = tap_sum_p.bind(
        *(known[role] for role in roles if role != wanted),
        *indices,
        result=wanted,
        axis=axis,
        lead=lead,
        size=size,
    )
    return [answer if role == wanted else None for role in numbers] + [None] * len(indices)


def _batch(
    args: Any, dims: Any, *, result: Any, axis: int, lead: int, size: Any
) -> tuple[Any, int]:
    """Take a batch of x or y alone for an axis of theirs, and one without x for more points."""
    numbers, indices = Operands.of(result, dims)
    roles = *numbers, *range(len(indices))
    batched = {role for role, dim in zip(roles, dims, strict=True) if dim is not None}
    options: dict[str, Any] = {"result": result, "size": size, "axis": axis, "lead": lead}
    if batched == {roles[0]} and result in ("points", "pixels"):
        options["axis"] += 1
        return tap_sum_p.bind(jnp.moveaxis(args[0], dims[0], lead), *args[1:], **options), lead
    length = next(a.shape[d] for a, d in zip(args, dims, strict=True) if d is not None)
    places: dict[Any, int] = dict.fromkeys((*roles, result), 0)
    if result == "pixels" or "pixels" in batched:
        options |= {"axis": axis + 1, "lead": lead + 1}
    else:
        places = {**dict.fromkeys(places, lead + 1), "points": axis}
        del places["pixels"]
    moved = [
        batched_at(array, dim, places[role], length) if role in places else array
        for role, array, dim in zip(roles, args, dims, strict=True)
    ]
    return tap_sum_p.bind(*moved, **options), places[result]


def _jet(primals: Sequence[Any], series: Sequence[Any], **params: Any) -> Any:
    return jet_of(functools.partial(written, **params), primals, series)


register(
    tap_sum_p,
    {None: lower, "cpu": lower_on_cpu},
    jvp=_jvp,
    transpose=_transpose,
    batch=_batch,
    jet_rule=_jet,
)
