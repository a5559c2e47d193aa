"""What JAX asks of a primitive, said in one place."""

# pyright: reportUnknownMemberType=false
from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import jax
import jax.numpy as jnp
from jax.experimental import jet
from jax.extend.core import Primitive
from jax.interpreters import ad, batching, mlir, xla
from jax.sharding import NamedSharding, PartitionSpec

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


def batched(arrays: Sequence[Any], dims: Sequence[int | None], to: int) -> list[Any]:
    """Return arrays with their batch at this axis.

    Args:
      dims: where each array's batch is. One without is repeated, and cut by a mesh as others are.
    """
    pairs = list(zip(arrays, dims, strict=True))
    like, axis = next((array, dim) for array, dim in pairs if dim is not None)
    length, sharding = like.shape[axis], jax.typeof(like).sharding
    cut = sharding.spec[axis]

    def repeated(array: Any) -> Any:
        spec = list(jax.typeof(array).sharding.spec)
        array = jnp.expand_dims(array, to)
        array = jnp.broadcast_to(array, (*array.shape[:to], length, *array.shape[to + 1 :]))
        if cut is None:
            return array
        spec = PartitionSpec(*spec[:to], cut, *spec[to:])
        return jax.sharding.reshard(array, NamedSharding(sharding.mesh, spec))

    return [
        repeated(array) if dim is None else jnp.moveaxis(array, dim, to) for array, dim in pairs
    ]


def refuse_jet(*_: Any, **params: Any) -> Any:
    """Stand for a jet rule that there is not."""
    raise NotImplementedError(
        "jax.experimental.jet: no rule for pixels that only the program knows, read by jaxup."
        " Trace the call within jaxup.as_lax()."
    )
