"""The plan on a GPU, and on every platform without rules of its own.

1. Neighbouring axes of few products: one sum, hence one kernel (`_is_one_kernel`).
2. An axis whose rows are one sum of many shifted slices: those slices (`_is_many_slices`).
3. Any other axis: gathers, a kernel for each axis.
4. Axes that repeat their pixels: broadcasts, last, which XLA fuses into what comes before.

Axes come outermost first. XLA puts a gathered axis first in the memory of what it writes. After a
gather along the last axis, both kernels would walk across the memory: bicubic x2 of channels-first
128x64x64x64 takes 4.0 ms in that order and 0.53 in the other, 16x512x512x3 1.50 and 0.19.

Every time in this file is from one H200, float32 unless it says otherwise, of
``python -m benchmarks.formulations --platform cuda --batch 16``; the runs are stored in
``benchmarks/results/formulations-cuda.json``.
"""

from __future__ import annotations

import math
from typing import Any

from jaxup._lowering import broadcast, polyphase
from jaxup._lowering.gpu import nested
from jaxup._lowering.plan import Axes, Operators, Pass, Strategy, elements, is_wide, stage
from jaxup._recipe.banded import Banded

FEW_READS = 8  # trilinear x2; bilinear has 4 forward, 6 or 7 backward
FEW_PRODUCTS = 16  # bilinear x1.5 backward, bilinear halved
MAX_PRODUCTS = 64  # more take every register of a thread, and spill
MANY_TAPS = 8  # of bicubic, halved or x2 backward; lanczos3 has 12


def passes(x: Any, operators: Operators) -> list[Pass]:
    """Return the passes, by the rules of this module's docstring."""
    axes = sorted(operators)
    repeated = [axis for axis in axes if broadcast.fits(operators[axis])]
    groups: list[Axes] = []
    for axis in (axis for axis in axes if axis not in repeated):
        if groups and _is_one_kernel(x, operators, (*groups[-1], axis)):
            groups[-1] = (*groups[-1], axis)
        else:
            groups.append((axis,))
    plan: list[Pass] = []
    for group in groups:
        many_slices = len(group) == 1 and _is_many_slices(operators[group[0]])
        strategies: tuple[Strategy, ...] = (polyphase,) if many_slices else (nested,)
        plan.append([stage(operators, group, *strategies)])
    return plan + [[stage(operators, (axis,), broadcast)] for axis in repeated]


def _is_one_kernel(x: Any, operators: Operators, axes: Axes) -> bool:
    """Return whether axes are one sum: few reads a pixel, of whole runs or else of few products.

    One kernel moves the floor and needs no other memory. Two move 1.8 times as much for x2, and 2.6
    times in 16 bits, where the array between the axes is float32. But one kernel reads as often as
    the product of the axes' taps. Milliseconds in two kernels and in one, of 128x64x64x64 channels
    last, channels first, and of 16x512x512x3 likewise:

    * bilinear x2 (4 products): 0.38 and 0.22; 0.38 and 0.30; 0.15 and 0.15; 0.12 and 0.12;
    * bilinear x1.5 backward (16, 7 reads): 0.58 and 0.17; 0.27 and 0.24; 0.13 and 0.11; 0.11 and
      0.10;
    * bilinear halved (16, 4 reads): 0.09 and 0.06; 0.12 and 0.16; 0.05 and 0.04; 0.14 and 0.14;
    * bilinear x2 backward (25, 6 reads): 0.40 and 0.25; 0.49 and 0.77; 0.18 and 0.19; 0.18 and
      0.32;
    * bicubic x2 (16, 16 reads): 0.38 and 0.49; 0.53 and 0.88; 0.28 and 0.39; 0.19 and 0.32;
      bfloat16: 0.31 and 0.79; 0.44 and 0.96; 0.41 and 0.53; 0.42 and 0.44;
    * trilinear x1.5 backward of 32x32x32x32x16 (64, 19 reads): 0.26 and 0.71; 0.32 and 0.44.

    A pixel is one of the larger array; each takes part in that many products, on average.
    """
    along = [operators[axis] for axis in axes]
    if not nested.fits(*along):
        return False
    products = math.prod(each.taps for each in along)
    growth = math.prod(each.out_size / each.in_size for each in along)
    runs = is_wide(elements(x.shape[max(axes) + 1 :]))
    most = MAX_PRODUCTS if runs else FEW_PRODUCTS
    return products <= most and products * min(1, growth) <= FEW_READS


def _is_many_slices(operator: Banded) -> bool:
    """Return whether an axis is one sum of shifted slices, so many that reading indices costs more.

    Milliseconds in gathers and in slices, of the arrays of `_is_one_kernel`:

    * bicubic x2 backward (8 taps): 0.59 and 0.44; 0.82 and 0.53; 0.27 and 0.17; 0.43 and 0.15;
      bfloat16: 0.30 and 0.37; 0.73 and 0.50; 0.22 and 0.15; 0.34 and 0.14;
    * bicubic halved (8): 0.14 and 0.12; 0.18 and 0.14; 0.07 and 0.05; 0.07 and 0.05;
    * lanczos3 x2 backward (12): 1.16 and 0.57; 1.61 and 1.05; 0.36 and 0.23; 0.55 and 0.23;
    * bilinear x2 backward (5): 0.40 and 0.61; 0.49 and 0.52; 0.18 and 0.21; 0.18 and 0.20.
    """
    return operator.taps >= MANY_TAPS and polyphase.slices(operator)
