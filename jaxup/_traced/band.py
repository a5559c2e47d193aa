"""`band_p`: one axis whose taps only the program knows, as a JAX primitive.

    y[i] = factor[i] sum_k w(offset[i] + k, kernel_scale[i]) x[start[i] + k],    k < count[i]

It is linear in x. Its transpose is the same primitive, which gathers the outputs that read a pixel:
no scatter, where the outputs are in order. Its derivatives by the numbers are sums over the
derivatives of the weights: the same primitive once more. So derivatives of every order are bands.
"""

# pyright: reportUnknownMemberType=false
from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
from jax.extend.core import Primitive
from jax.interpreters import ad, batching, mlir, xla

from jaxup._contexts import is_as_lax
from jaxup._traced import blocks
from jaxup._traced.taps import Taps

band_p = Primitive("band")


def band(
    x: jax.Array,
    start: jax.Array,
    count: jax.Array,
    offset: jax.Array,
    kernel_scale: jax.Array,
    factor: jax.Array,
    *,
    axis: int,
    taps: Taps,
) -> jax.Array:
    """Sum weighted taps along an axis.

    Args:
      start, count: int32, shape (out,): the first pixel that an output reads, and how many.
      offset: float, shape (out,): where the first pixel lies, seen from the output's sample.
      kernel_scale, factor: float, shape (out,).
    """
    return band_p.bind(
        x, start, count, offset, kernel_scale, factor, axis=axis, lead=0, size=None, taps=taps
    )


def _lower(x: Any, *numbers: Any, axis: int, lead: int, size: Any, taps: Taps) -> Any:
    if size is None:
        return blocks.gather(x, *numbers, axis=axis, lead=lead, taps=taps)
    transposed = blocks.gather_transposed if taps.ordered and taps.fold is None else blocks.scatter
    return transposed(x, *numbers, axis=axis, lead=lead, size=size, taps=taps)


@band_p.def_abstract_eval
def _(x: Any, start: Any, *_: Any, axis: int, lead: int, size: Any, taps: Taps) -> Any:
    shape = list(x.shape)
    shape[axis] = start.shape[-1] if size is None else size
    return x.update(shape=tuple(shape))


def _jvp(primals: Any, tangents: Any, *, axis: int, lead: int, size: Any, taps: Taps) -> Any:
    x, start, count, *numbers = primals
    dx, _, _, *changes = tangents
    options: dict[str, Any] = {"axis": axis, "lead": lead, "size": size}

    def along(change: Any, taps: Taps, numbers: Any) -> Any:
        """Return the change of y as one number of every output changes."""
        shape = change.shape[:lead] + (1,) * (axis - lead) + change.shape[lead:]
        change = change.reshape(shape + (1,) * (x.ndim - axis - 1)).astype(x.real.dtype)
        if size is None:
            return change * band_p.bind(x, start, count, *numbers, taps=taps, **options)
        return band_p.bind(change * x, start, count, *numbers, taps=taps, **options)

    terms: list[Any] = []
    if not isinstance(dx, ad.Zero):
        terms.append(band_p.bind(dx, start, count, *numbers, taps=taps, **options))
    for order, change in enumerate(changes[:2]):
        if not isinstance(change, ad.Zero):
            terms.append(along(change, taps.derivative(order), numbers))
    if not isinstance(changes[2], ad.Zero):
        terms.append(along(changes[2], taps, [*numbers[:2], jnp.ones_like(numbers[2])]))
    y = band_p.bind(*primals, taps=taps, **options)
    return y, sum(terms[1:], terms[0])


def _transpose(
    cotangent: Any, x: Any, *numbers: Any, axis: int, lead: int, size: Any, taps: Taps
) -> Any:
    back = x.aval.shape[axis] if size is None else None
    result = band_p.bind(cotangent, *numbers, axis=axis, lead=lead, size=back, taps=taps)
    return [result, *[None] * len(numbers)]


def _batch(args: Any, dims: Any, *, axis: int, lead: int, size: Any, taps: Taps) -> Any:
    (x, *numbers), (dim, *others) = args, dims
    options: dict[str, Any] = {"size": size, "taps": taps}
    if all(other is None for other in others):
        if dim < lead:
            x, dim = jnp.moveaxis(x, dim, lead), lead
        axis += dim <= axis
        return band_p.bind(x, *numbers, axis=axis, lead=lead, **options), dim
    length = next(a.shape[d] for a, d in zip(args, dims, strict=True) if d is not None)
    args = [
        jnp.broadcast_to(a, (length, *a.shape)) if d is None else jnp.moveaxis(a, d, 0)
        for a, d in zip(args, dims, strict=True)
    ]
    return band_p.bind(*args, axis=axis + 1, lead=lead + 1, **options), 0


def _impl(*args: Any, **params: Any) -> Any:
    return xla.apply_primitive(band_p, *args, **params)


band_p.def_impl(_impl)
ad.primitive_jvps[band_p] = _jvp
ad.primitive_transposes[band_p] = _transpose
batching.primitive_batchers[band_p] = _batch
mlir.register_lowering(band_p, mlir.lower_fun(_lower, multiple_results=False))
