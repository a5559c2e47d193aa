"""The plan on a GPU, and on every platform without rules of its own.

1. Axes of few reads together: one sum, hence one kernel (`_is_one_kernel`).
2. Any other axis: gathers, a kernel for each axis.
3. Axes that repeat their pixels: broadcasts, last, which XLA fuses into what comes before.

Axes that shrink come first, outermost first, then those that grow, innermost first
(`jaxup._lowering.plan.order`). The other way round moves the same bytes.

No GPU was measured. ``python -m benchmarks.gpu`` compiles for one, and counts the bytes that each
kernel reads and writes. The floor is the bytes of the input and of the output.
"""

from __future__ import annotations

import math
from typing import Any

from jaxup._lowering import broadcast
from jaxup._lowering.dtypes import accumulation
from jaxup._lowering.gpu import nested
from jaxup._lowering.plan import MIN_CONTIGUOUS, Axes, Operators, Pass, elements, order, stage

FEW_READS = 8  # trilinear x2; bilinear x2 and x3 have 6 backward
MANY_READS = 17  # bicubic x2 has 16, bicubic between corners 17 backward
MAX_PRODUCTS = 64  # bicubic x2 backward; 144 take every register of a thread, and spill


def passes(x: Any, operators: Operators) -> list[Pass]:
    """Return the passes, by the rules of this module's docstring."""
    axes = order(operators)
    repeated = [axis for axis in axes if broadcast.fits(operators[axis])]
    groups: list[Axes] = []
    for axis in (axis for axis in axes if axis not in repeated):
        if groups and _is_one_kernel(x, operators, (axis, *groups[-1])):
            groups[-1] = (axis, *groups[-1])
        else:
            groups.append((axis,))
    plan: list[Pass] = [[stage(operators, group, nested)] for group in groups]
    return plan + [[stage(operators, (axis,), broadcast)] for axis in repeated]


def _is_one_kernel(x: Any, operators: Operators, axes: Axes) -> bool:
    """Return whether axes are one sum: few reads for each pixel of the larger array.

    One kernel moves the floor and needs no other memory. Two move 1.8 times as much for x2, and 2.6
    times in 16 bits, where the array between the axes is float32 and for x1.5 a third larger than
    the output. But one kernel reads as often as the product of the axes' taps. Microseconds on an
    H100 by its data sheet, in two kernels and in one, for 8x64x64x64 doubled: the bytes at 3.35
    TB/s or, if they take longer, the machine instructions at 30 T/s (those that ptxas makes of the
    PTX in an ``--xla_dump_to`` folder, times the threads):

    * bilinear backward (6 reads): 22 and 12; channels first 22 and 14; 1x512x512x3 8 and 6;
    * bicubic forward, float32 (16): 22 and 20; channels first 22 and 32; 1x512x512x3 8 and 15;
    * bicubic forward, bfloat16 (16): 16 and 27; channels first 16 and 37; 1x512x512x3 6 and 17;
    * lanczos3 forward, float32 (36): 22 and 49; channels first 22 and 78.

    So 16 reads are one kernel where whole vectors of channels are read. In 16 bits they are too,
    for the bytes and the memory, though by this estimate they take longer: a GPU is to decide.
    """
    along = [operators[axis] for axis in axes]
    products = math.prod(each.taps for each in along)
    if products > MAX_PRODUCTS or not nested.fits(*along):
        return False
    growth = math.prod(each.out_size / each.in_size for each in along)
    reads = products * min(1, growth)
    runs = elements(x.shape[max(operators) + 1 :]) >= MIN_CONTIGUOUS
    narrow = accumulation(x.dtype) != x.dtype
    return reads <= (MANY_READS if runs or narrow else FEW_READS)
