"""Names in programs: what a profile shows, and what a policy of `jax.checkpoint` may save."""

# pyright: reportUnknownMemberType=false
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
from jax.ad_checkpoint import checkpoint_name
from jax.experimental import jet
from jax.interpreters import ad

from jaxup._contexts import lax_only


def labelled(compute: Callable[..., jax.Array]) -> Callable[..., jax.Array]:
    """Return a function with one more argument, ``label``, such as ``"jaxup.upsample[bilinear]"``.

    Its operations, and those of its derivatives, stand in a scope of that name, and so does the
    name of its result.
    """

    def in_scope(*arguments: Any, label: str, **options: Any) -> jax.Array:
        with jax.named_scope(label):
            return named(compute(*arguments, **options), label)

    in_scope.__name__ = compute.__name__
    return in_scope


def named(y: jax.Array, label: str) -> jax.Array:
    """Return an array that has the label's name, without the method.

    That is for `jax.checkpoint_policies.save_only_these_names` and its kin.
    """
    return y if lax_only.value else checkpoint_name(y, label.partition("[")[0])


def _transpose(cotangent: Any, _: Any, *, name: str) -> Any:
    return [cotangent]


_named = jax.make_jaxpr(lambda x: checkpoint_name(x, ""))(jax.ShapeDtypeStruct((), "float32"))
name_p = _named.eqns[0].primitive  # which JAX gives out by itself since 0.9
# A name is the identity: rules that JAX leaves out.
ad.primitive_transposes.setdefault(name_p, _transpose)
if name_p not in jet.jet_rules:
    jet.deflinear(name_p)
