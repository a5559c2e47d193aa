"""Which strategy computes which axis, and in which order, on each platform.

What the rules rest on (``python -m benchmarks`` and ``python -m benchmarks.tpu`` measure it again):

* A repetition is a broadcast everywhere: it costs what writing the output costs.
* CPU: periodic rows are slices, the others are gathered. Axes that shrink come first, the outermost
  of them first, for they leave less to do; axes that grow come last, the innermost of them first,
  so that the pass that writes the output runs along whole rows. Where a few taps read rows of
  channels, gathers of all axes fuse into one kernel with no array between the axes: bilinear x2 of
  16x128x128x32 takes 25 ms, against 42 pass by pass and 24 for the floor. Nearest by a fraction
  fuses too: x1.5 of 8x64x64x64 takes a third of the time of slices.
* GPU: gathers alone, which XLA may fuse into one kernel. Chosen by reasoning: no GPU was measured.
* TPU: matrix products; indexing and interleaving cost tens of times the picture there. Within
  `keep_nan_local`, slices where rows repeat and gathers elsewhere.
"""

from __future__ import annotations

import functools
import math

import jax.numpy as jnp
from jax import lax

from jaxup._lowering import broadcast, dense, gather, polyphase
from jaxup._lowering.accumulation import accumulation

FUSED_RUN = 16  # elements, one vector register of float32
FUSED_PRODUCTS = 36  # bilinear x2 and its transpose, and an antialiased halving


def lower(x, *, axes, specs, local, platform):
    """The resample as plain lax; narrow floats accumulate in float32, between axes too."""
    operators = dict(zip(axes, (spec.build() for spec in specs), strict=True))
    if jnp.iscomplexobj(x):  # as two real arrays: w (a + Inf i) has no NaN in its real part
        part = functools.partial(lower, axes=axes, specs=specs, local=local, platform=platform)
        return lax.complex(part(lax.real(x)), part(lax.imag(x)))
    result_dtype = x.dtype
    fused = platform == "cpu" and fuses(x, operators)
    *first, last = order(operators, platform, fused)
    for axis in first:
        operator = operators[axis]
        dtype = x.dtype if operator.selects else accumulation(x.dtype)
        strategy = choose(operator, x.dtype, platform, local, fused)
        if platform == "cpu" and strategy is gather and not fused:
            x = _in_two_pieces(x, operator, axis, dtype)
        else:
            x = strategy.apply(x, operator, axis, dtype)
    strategy = choose(operators[last], x.dtype, platform, local, fused)
    return strategy.apply(x, operators[last], last, result_dtype)


def fuses(x, operators) -> bool:
    """Whether few enough taps, in all, read long enough runs of memory to be one kernel."""
    run = x.shape[max(operators) + 1 :]
    products = math.prod(operator.taps for operator in operators.values())
    wide = all(isinstance(n, int) for n in run) and math.prod(run) >= FUSED_RUN
    return len(operators) > 1 and wide and products <= FUSED_PRODUCTS


def order(operators, platform, fused=False) -> list[int]:
    """The axes in the order in which they are resampled."""
    if platform == "tpu":
        return sorted(operators)
    if fused:
        return sorted(operators, reverse=True)
    shrinking = [axis for axis, found in operators.items() if found.out_size <= found.in_size]
    return sorted(shrinking) + sorted(operators.keys() - shrinking, reverse=True)


def choose(operator, dtype, platform, local, fused=False):
    """The strategy for one axis."""
    if broadcast.fits(operator):
        return broadcast
    if fused:
        return gather
    if platform == "tpu" and not local and jnp.issubdtype(dtype, jnp.inexact):
        return dense
    copies_apart = operator.selects and operator.out_size > operator.in_size
    if platform in ("cpu", "tpu") and polyphase.fits(operator) and not copies_apart:
        return polyphase
    return gather


def _in_two_pieces(x, operator, axis, dtype):
    """A gather that is computed once, though the next axis reads it many times.

    XLA's CPU backend fuses a gather into the one that reads it, and computes it again for every
    tap; it does not fuse a concatenation. An optimization_barrier does not hold it back.
    """
    if operator.selects or operator.out_size < 2:
        return gather.apply(x, operator, axis, dtype)
    pieces = operator.rows(0, 1), operator.rows(1, operator.out_size)
    return lax.concatenate([gather.apply(x, piece, axis, dtype) for piece in pieces], axis)
