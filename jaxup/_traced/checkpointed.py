"""`jax.checkpoint`, and the rule that `jax.experimental.jet` lacks for it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
from jax.experimental import jet
from jax.extend.core import ClosedJaxpr, jaxpr_as_fun

from jaxup._contexts import lax_only


def checkpointed(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return `jax.checkpoint` of a function, for which some transformations have no rule."""
    return function if lax_only.value else jax.checkpoint(function)


def jet_of(
    function: Callable[..., Any], primals: Sequence[Any], series: Sequence[Any]
) -> tuple[Any, Any]:
    """Return the Taylor series of a function; jet cannot follow integers, which are closed over."""
    moving = [n for n, each in enumerate(primals) if jnp.issubdtype(each.dtype, jnp.inexact)]

    def of_moving(*moved: Any) -> Any:
        values = dict(enumerate(primals)) | dict(zip(moving, moved, strict=True))
        return function(*values.values())

    return jet.jet(of_moving, [primals[n] for n in moving], [series[n] for n in moving])


def _jet_of_checkpoint(primals: Any, series: Any, *, jaxpr: Any, **_: Any) -> Any:
    return jet_of(jaxpr_as_fun(ClosedJaxpr(jaxpr, ())), primals, series)


_checkpointed = jax.make_jaxpr(jax.checkpoint(lambda x: x))(jax.ShapeDtypeStruct((), "float32"))
jet.jet_rules.setdefault(_checkpointed.eqns[0].primitive, _jet_of_checkpoint)
