"""`band_p`: one axis whose taps only the program knows, as a JAX primitive.

    y[i] = sum_k w(offset[i] + k, kernel_scale[i]) / divisor[i] x[start[i] + k],    k < count[i]

It is linear in x. Its transpose is the same primitive, which gathers the outputs that read a pixel:
no scatter, where the outputs are in order. Its derivatives by the numbers are sums over the
derivatives of the weights: the same primitive once more. So derivatives of every order are bands.
"""

# pyright: reportUnknownMemberType=false
from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
from jax import lax
from jax.extend.core import Primitive
from jax.interpreters import ad

from jaxup._lowering.arrays import uncut_ones
from jaxup._lowering.cpu import vectors
from jaxup._lowering.plan import elements, is_wide
from jaxup._traced import blocks
from jaxup._traced.register import batched, refuse_jet, register
from jaxup._traced.taps import Taps
from jaxup._traced.varying import alike

band_p = Primitive("band")


def band(
    x: jax.Array,
    start: jax.Array,
    count: jax.Array,
    offset: jax.Array,
    kernel_scale: jax.Array,
    divisor: jax.Array,
    *,
    axis: int,
    taps: Taps,
) -> jax.Array:
    """Sum weighted taps along an axis.

    Args:
      start, count: int32, shape (out,): the first pixel that an output reads, and how many.
      offset: float, shape (out,): where the first pixel lies, seen from the output's sample.
      kernel_scale, divisor: float, shape (out,).
    """
    operands = alike(x, start, count, offset, kernel_scale, divisor)
    return band_p.bind(*operands, axis=axis, lead=0, size=None, taps=taps)


def _lower(
    x: Any,
    *numbers: Any,
    axis: int,
    lead: int,
    size: Any,
    taps: Taps,
    finished: blocks.Finished = lambda y, *_: y,
) -> Any:
    options: dict[str, Any] = {"axis": axis, "lead": lead, "taps": taps}
    if size is None:
        return blocks.gather(x, *numbers, finished=finished, **options)
    if taps.ordered and taps.fold is None:
        return blocks.gather_transposed(x, *numbers, size=size, finished=finished, **options)
    return blocks.scatter(x, *numbers, size=size, **options)


def _on_cpu(*operands: Any, devices: int, **params: Any) -> Any:
    def finished(y: Any, axis: int, taps: int) -> Any:
        return vectors.over_channels(y) if vectors.is_short(y, axis, taps) else y

    return _lower(*operands, finished=finished, **params)


@band_p.def_abstract_eval
def _(x: Any, start: Any, *_: Any, axis: int, lead: int, size: Any, taps: Taps) -> Any:
    shape = list(x.shape)
    shape[axis] = start.shape[-1] if size is None else size
    return x.update(shape=tuple(shape))


def _jvp(primals: Any, tangents: Any, *, axis: int, lead: int, size: Any, taps: Taps) -> Any:
    x, *numbers = primals
    dx, _, _, *changes = tangents
    options: dict[str, Any] = {"axis": axis, "lead": lead, "size": size}
    y = band_p.bind(*primals, taps=taps, **options)
    terms: list[Any] = []
    if not isinstance(dx, ad.Zero):
        terms.append(band_p.bind(dx, *numbers, taps=taps, **options))
    ways = [(change, taps.derivative(order)) for order, change in enumerate(changes[:2])]
    if not isinstance(changes[2], ad.Zero):
        ways.append((-changes[2] / numbers[-1], taps))
    for change, differentiated in ways:
        if isinstance(change, ad.Zero):
            continue
        change = change.astype(x.dtype)
        if size is not None:
            scaled = _scaled(change, x, axis, lead)
            terms.append(band_p.bind(scaled, *numbers, taps=differentiated, **options))
        else:
            same = differentiated is taps
            rates = y if same else band_p.bind(x, *numbers, taps=differentiated, **options)
            terms.append(_scaled(change, rates, axis, lead))
    return y, sum(terms[1:], terms[0])


def _scaled(numbers: Any, x: Any, axis: int, lead: int) -> Any:
    """Return an array times a number per entry of an axis.

    The gradient of the numbers is a sum over the other axes. A few entries behind the axis are
    summed last, and those before it first, which are then rows in memory: 0.2 ms for 640 x 640 x 3
    on a CPU, and 0.55 at once. At least 16 behind it are long rows themselves: 0.2 ms at once for
    3 x 640 x 640, and 3.0 in two steps.
    """
    shape, after = numbers.shape, x.shape[axis + 1 :]
    if axis > lead and not is_wide(elements(after)):
        column = numbers.reshape(shape + (1,) * len(after))
        numbers = lax.optimization_barrier(jnp.broadcast_to(column, shape + after))
    else:
        after = (1,) * len(after)
    return numbers.reshape(shape[:lead] + (1,) * (axis - lead) + shape[lead:] + after) * x


def _transpose(
    cotangent: Any, x: Any, *numbers: Any, axis: int, lead: int, size: Any, taps: Taps
) -> Any:
    back = x.aval.shape[axis] if size is None else None
    result = band_p.bind(cotangent, *numbers, axis=axis, lead=lead, size=back, taps=taps)
    return [result, *[None] * len(numbers)]


def _batch(args: Any, dims: Any, *, axis: int, lead: int, size: Any, taps: Taps) -> Any:
    """Take a batch of x alone for one more axis of it, and a batch of one for none.

    With an axis of length 1, XLA's CPU backend is slow at products that are summed: the gradient of
    `crop_and_resize` by one box takes 0.8 ms on two cores, where it took 10.7 (``python -m
    benchmarks --api``, 'learned box').
    """
    (x, *numbers), (dim, *others) = args, dims
    options: dict[str, Any] = {"size": size, "taps": taps}
    if all(other is None for other in others):
        if dim < lead:
            x, dim = jnp.moveaxis(x, dim, lead), lead
        axis += dim <= axis
        return band_p.bind(x, *numbers, axis=axis, lead=lead, **options), dim
    pairs = list(zip(args, dims, strict=True))
    if all(d is None or d in uncut_ones(a) for a, d in pairs):
        args = [a if d is None else lax.squeeze(a, [d]) for a, d in pairs]
        return lax.expand_dims(band_p.bind(*args, axis=axis, lead=lead, **options), [0]), 0
    return band_p.bind(*batched(args, dims, 0), axis=axis + 1, lead=lead + 1, **options), 0


register(
    band_p,
    {None: _lower, "cpu": _on_cpu},
    jvp=_jvp,
    transpose=_transpose,
    batch=_batch,
    jet_rule=refuse_jet,
)
