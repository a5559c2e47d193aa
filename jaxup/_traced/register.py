"""What JAX asks of a primitive, said in one place."""

# pyright: reportUnknownMemberType=false
from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any

import jax.numpy as jnp
from jax.experimental import jet
from jax.extend.core import Primitive
from jax.interpreters import ad, batching, mlir, xla

Rule = Callable[..., Any]


def register(
    primitive: Primitive,
    lower: Mapping[str | None, Rule],
    *,
    jvp: Rule,
    batch: Rule,
    jet_rule: Rule,
    transpose: Rule | None = None,
) -> None:
    """Give a primitive of one result its rules; it runs eagerly as a program of its own.

    Args:
      lower: the function that it is, by platform; ``None`` is every other one. A platform's own
        is told over how many ``devices`` XLA cuts the program.
    """
    primitive.def_impl(functools.partial(xla.apply_primitive, primitive))
    ad.primitive_jvps[primitive] = jvp
    if transpose is not None:
        ad.primitive_transposes[primitive] = transpose
    batching.primitive_batchers[primitive] = batch
    jet.jet_rules[primitive] = jet_rule
    for platform, function in lower.items():

        def lowering(
            ctx: Any,
            *operands: Any,
            function: Rule = function,
            own: bool = bool(platform),
            **params: Any,
        ) -> Any:
            if own:
                params["devices"] = getattr(ctx.module_context.axis_context, "num_devices", 1)
            return mlir.lower_fun(function, multiple_results=False)(ctx, *operands, **params)

        mlir.register_lowering(primitive, lowering, platform=platform)


def batched_at(array: Any, dim: int | None, to: int, length: int) -> Any:
    """Return an array with its batch at this axis; one that has none is repeated."""
    if dim is not None:
        return jnp.moveaxis(array, dim, to)
    array = jnp.expand_dims(array, to)
    return jnp.broadcast_to(array, (*array.shape[:to], length, *array.shape[to + 1 :]))


def refuse_jet(*_: Any, **params: Any) -> Any:
    """Stand for a jet rule that there is not."""
    raise NotImplementedError(
        "jax.experimental.jet: no rule for pixels that only the program knows, read by jaxup."
        " Trace the call within jaxup.as_lax()."
    )
