"""The plan on a TPU: matrix products, for indexing costs tens of times the array there.

1. Within `jaxup.keep_nan_local`, or for integers: repetitions, phases, and gathers elsewhere
   (integers that would be gathered are copied as floats instead: `multiplies_integers`).
2. Long axes whose blocks read little: products block by block.
3. The other axes: products with whole matrices (`_products` says which, and in which order).
4. Repetitions last, innermost first.

``python -m benchmarks.tpu`` measures the bytes that a program moves; the docstrings below hold the
numbers that the predicates rest on, as ratios to those of `jax.image.resize`.
"""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from jaxup._lowering import broadcast, dtypes, polyphase
from jaxup._lowering.plan import (
    MIN_CONTIGUOUS,
    RGB,
    Axes,
    Operators,
    Pass,
    elements,
    is_periodic,
    order,
    stage,
)
from jaxup._lowering.tpu import batched_matmul, block_matmul, matmul
from jaxup._recipe.banded import Banded

LANES = 128  # of a vector register: the size of the innermost axis in memory
SUBLANES = 8  # the size of the axis before it
MAX_WHOLE_MATRIX = 4096  # pixels of an axis that is multiplied by its whole matrix


def passes(x: Any, operators: Operators, nan_local: bool) -> list[Pass]:
    """Return the passes, by the rules of this module's docstring."""
    if nan_local or not jnp.issubdtype(x.dtype, jnp.inexact):
        return [[stage(operators, (axis,), broadcast, polyphase)] for axis in order(operators)]
    repeated = [axis for axis in sorted(operators) if broadcast.fits(operators[axis])]
    long = [axis for axis in order(operators) if _is_long(operators[axis])]
    axes = tuple(axis for axis in sorted(operators) if axis not in (*repeated, *long))
    plan: list[Pass] = [[stage(operators, (axis,), block_matmul)] for axis in long]
    plan += _products(x, operators, axes) if axes else []
    return plan + [[stage(operators, (axis,), broadcast)] for axis in reversed(repeated)]


def is_rgb_last(x: Any, axes: Axes) -> bool:
    """Return whether products are better of planes: the channels are three, innermost.

    The compiler stores three channels as planes anyway. Halving 1x512x512x3 so moves half as much;
    two or four channels as planes move up to 1.8 times as much.
    """
    return x.shape[max(axes) + 1 :] == (RGB,) and jnp.issubdtype(x.dtype, jnp.inexact)


def multiplies_integers(x: Any, operators: Operators) -> bool:
    """Return whether integers are copied by products of floats, as else they would be gathered.

    Nearest x1.7 of 1x512x512x3 in uint8 moves 32 MB so, and 319 MB gathered.
    """
    copied = all(operator.selects for operator in operators.values())
    gathered = not all(map(is_periodic, operators.values()))
    return copied and gathered and dtypes.is_exact_in_halves(x.dtype)


def _is_long(operator: Banded) -> bool:
    """Return whether most of a product with the whole matrix would be with zeros.

    The whole matrix of 8x8192x64 doubled takes 139 GFLOP and 118 MB, in blocks 1 GFLOP and 459 MB:
    4.2 and 0.6 ms by the data sheet of a v5e (197 TFLOP/s, of which float32 takes six passes, and
    819 GB/s). Neither was run.
    """
    long = min(operator.in_size, operator.out_size) > MAX_WHOLE_MATRIX
    return long and not broadcast.fits(operator) and block_matmul.fits(operator)


def _products(x: Any, operators: Operators, axes: Axes) -> list[Pass]:
    """Return the products with whole matrices: which kind, and in which order.

    The choice decides how often the compiler copies the array into another layout. Bytes against
    those of `jax.image.resize`, one `matmul` over all axes together and the choice made here:

    * 8x64x64x64 doubled with bilinear, channels last: 1.00 and, the inner axis `batched_matmul`
      last, 0.82; its transpose 0.64 and 0.45, but that of x3 0.68 and 1.53.
    * The same two with channels first: 0.87 and 0.95 and, the inner axis first, 0.60 and 0.41. To
      109 pixels, which fill no sublanes, these are 1.00 and 0.70, and 0.67 and 1.74.
    * Images that shrink to more pixels than there are lanes move half as much with the inner axis
      first (1x3x512x512 halved 9.7 MB for 19.7), to just as many more (16x32x256x256 369 for 302),
      and signals most (8x64x8192 halved 1.6 times jax.image's for 0.4).
    * Repeating the inner axis first moves 0.6 to 0.8 times as much as last.

    Volumes and arrays of 16 bits are one `matmul`. What lies between two products is float32 there,
    where jax.image rounds to 16 bits, and most other orders copy it once more. Geometric means of
    16 cells in bfloat16, forward and backward: 0.98, of each of seven other orders 1.17 to 1.54, of
    the best order cell by cell 0.94 (``python -m benchmarks.tpu --orders --filter
    '/8x64x64x64/bilinear/.*/bfloat16|first/1x512x512x3/(bilinear|lanczos3)/(x2|x1.5|half)/bfloat16'``).
    Four volumes in float32, for which the choice above is another: 0.54, and 1.0 by that.
    """
    shape, (*outer, inner) = x.shape, axes
    if len(outer) > 1 or x.dtype.itemsize <= 2:
        return [[stage(operators, axes, matmul)]]
    shrinks = all(operators[axis].out_size < operators[axis].in_size for axis in axes)
    inside, channels = elements(shape[inner + 1 :]), elements(shape[axes[0] - 1 : axes[0]])
    fills_lanes = inside >= LANES // 2 or (
        inside >= MIN_CONTIGUOUS and elements([shape[inner]]) >= LANES
    )
    columns = operators[inner]
    if shrinks:
        fits_lanes = columns.out_size < LANES or (outer and columns.out_size > LANES)
        first = columns.in_size % SUBLANES == 0 and channels < LANES and fits_lanes
    else:
        first = bool(outer) and columns.out_size % SUBLANES > 0
    if inside == 1 and first:
        return [
            [stage(operators, (inner,), batched_matmul)],
            *([stage(operators, (axis,), matmul)] for axis in outer),
        ]
    if outer and not shrinks and fills_lanes:
        return [
            *([stage(operators, (axis,), matmul)] for axis in outer),
            [stage(operators, (inner,), batched_matmul)],
        ]
    return [[stage(operators, axes, matmul)]]
