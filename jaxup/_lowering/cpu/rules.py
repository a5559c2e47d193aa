"""The plan on a CPU. The first rule that holds decides:

1. Every axis repeats its pixels, each of a few elements: one broadcast (`_all_repeat_narrow`);
   three channels doubled, phases along the rows (`_doubles_rgb`).
2. The last two axes are a plane that is faster in one pass (`_plane`); the rules decide the rest.
3. Every operator has one tap: one pass of copies (`_copies`).
4. Otherwise axes that shrink come first (`_order`), those whose taps make few products share a pass
   (`_joins`), and `_strategies` chooses between `phases`, gathers, and windows for integer sums.
   A gather with a short loop over channels is one of `vectors`.

An axis is wide if at least MIN_CONTIGUOUS elements lie side by side inside it. A wide axis is
gathered, for one index then serves a whole run of memory. In a narrow one a gather reads one number
per index, and doubling 3072 rows of 1024 pixels takes it five times the floor; phases take the
floor. ``python -m benchmarks`` measures the chosen plans, ``python -m benchmarks.formulations``
every other plan for a cell against them; the docstrings below hold the numbers.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

import jax

from jaxup._lowering import broadcast, dilation, polyphase
from jaxup._lowering.cpu import phases, plane, vectors, windows
from jaxup._lowering.dtypes import accumulation
from jaxup._lowering.plan import (
    MIN_CONTIGUOUS,
    RGB,
    Axes,
    Operators,
    Pass,
    Stage,
    Strategy,
    elements,
    is_wide,
    order,
    stage,
)
from jaxup._recipe.banded import Banded

PRODUCTS_GROWING = 8  # trilinear x2
PRODUCTS_SHRINKING = 16  # an antialiased bilinear halving; with 25, 0.9 to 1.6 times as long as two
MIN_PLANE_ROW = 128  # pixels of a plane that shrinks
MIN_LOOP = 116  # products over channels of phases; of fewer, gathers in vectors take 0.5 to 0.85
MIN_WINDOW = 4  # taps of elements that are read one by one
CACHED = 2**24  # bytes between two passes that are read again soon enough
Group = list[tuple[int, float]]  # axes, each with how many elements are inside it


def passes(x: Any, operators: Operators) -> list[Pass]:
    """Return the passes, by the rules of this module's docstring."""
    if not operators:
        return []
    if _all_repeat_narrow(x.shape, operators):
        *outer, inner = sorted(operators)
        if _doubles_rgb(x.shape, operators, inner):
            repeated = [stage(operators, (axis,), broadcast) for axis in outer]
            return [[*repeated, stage(operators, (inner,), polyphase, broadcast)]]
        return [[stage(operators, (*outer, inner), broadcast)]]
    pair = () if any(jax.typeof(x).sharding.spec) else _plane(x, operators)
    if pair:
        others = {axis: operator for axis, operator in operators.items() if axis not in pair}
        return [*passes(x, others), [stage(operators, pair, plane)]]
    if all(operator.taps == 1 for operator in operators.values()):
        *others, axis = order(operators)
        copies = [_copies(x.shape, operators, other) for other in others]
        return [[*copies, _copies(x.shape, operators, axis, *_vectors(x, operators, operators))]]
    *first, last = _groups(x, operators)
    plan = [_strategies(x, operators, group) for group in first]
    return [*plan, _strategies(x, operators, last, last=True)]


def _plane(x: Any, operators: Operators) -> Axes:
    """Return the last two axes, if they are faster in one pass, else ().

    Two innermost axes with nothing inside them (channels first), as ratios of one pass to two:

    * copies, means and their transposes: nearest x1.5 of 8x64x64x64 0.45, its backward 0.65; but
      copies that shrink 1.1 in the geometric mean of 31 cells, and nearest x0.75 of 8x512x432x1 4;
    * linear enlargements: x2, x3 and x1.5 of 16x128x128x32 0.6, 0.7 and 0.55, of 4x32x32x256 0.9,
      0.85 and 0.55; but x2 of 16x8x8x512 2, for more of a smaller plane is border;
    * few products that shrink, where there is enough to fill the loops: the transpose of bilinear
      x1.5 of 16x128x128x32 0.6, of 8x64x64x64 1.25; bilinear x0.75 of 1x512x512x3 0.65. But not
      where both are all slices and few bytes are between (`_joins`).
    """
    axes = tuple(sorted(operators)[-2:])
    if axes != (x.ndim - 2, x.ndim - 1):
        return ()  # behind one more axis, of one pixel, XLA copies the plane pixel by pixel
    rows, columns = (operators[axis] for axis in axes)
    if not plane.fits(rows, columns):
        return ()
    if _is_uniform(rows) and _is_uniform(columns):
        copied = all(each.selects and each.out_size < each.in_size for each in (rows, columns))
        return () if copied else axes
    if len(operators) > 2 or x.dtype != accumulation(x.dtype):
        return ()  # XLA would compute what is before the plane twice, or widen floats at each read
    products = rows.taps * columns.taps
    smallest = min(rows.in_size, rows.out_size, columns.in_size, columns.out_size)
    if rows.out_size > rows.in_size and columns.out_size > columns.in_size:
        return axes if products <= PRODUCTS_GROWING and smallest >= MIN_CONTIGUOUS else ()
    between = x.dtype.itemsize * elements(x.shape) / rows.in_size * rows.out_size
    if between < CACHED and polyphase.slices(rows) and polyphase.slices(columns):
        return ()
    return axes if products <= PRODUCTS_SHRINKING and smallest >= MIN_PLANE_ROW else ()


def _is_uniform(operator: Banded) -> bool:
    """Return whether all taps weigh the same: copies, means, and their transposes."""
    weights = operator.weights[operator.present]
    return weights.size > 0 and bool((weights == weights[0]).all())


def _groups(x: Any, operators: Operators) -> list[Group]:
    """Return which axes are computed together, each with how much is inside when its turn comes."""
    shape, groups = list(x.shape), list[Group]()
    for axis in _order(x.shape, operators):
        inside = elements(shape[axis + 1 :])
        between = elements(shape) * accumulation(x.dtype).itemsize
        if groups and _joins(operators, groups[-1], axis, inside, between, x.dtype):
            groups[-1].append((axis, inside))
        else:
            groups.append([(axis, inside)])
        shape[axis] = operators[axis].out_size
    return groups


def _order(shape: Sequence[int], operators: Operators) -> list[int]:
    """Return the axes in order: as `order` has them, but last none that phases are to write.

    A narrow axis that ends within a period is gathered where it writes the output (`_strategies`).
    By phases before the others instead, shrinks of two axes took 0.54 times as long channels first,
    0.86 channels last (geometric means of 21 and 19 random cells).
    """
    *others, last = order(operators)
    operator, inside = operators[last], elements(shape[last + 1 :])
    cut = phases.fit(operator, inside, elements(shape)) and not polyphase.is_whole(operator)
    return [last, *others] if cut else [*others, last]


def _strategies(x: Any, operators: Operators, group: Group, last: bool = False) -> Pass:
    """Return the stages of axes that are computed together.

    Several axes: a wide one is gathered, a narrow one is slices. One axis: phases where they are
    no slower (`jaxup._lowering.cpu.phases`), else a gather. So is a narrow axis that writes the
    output and ends within a period, where XLA looks at every pixel anew (the transpose of bilinear
    x1.6 of 1x512x512x3 takes twice as long by phases), and a short loop over channels (that of
    bilinear x2 over 16 to 18 takes 1.2 to 2 times as long by phases).
    """
    *others, (axis, inside) = group
    gathers = _vectors(x, operators, [n for n, _ in group])
    if others:
        narrow: list[Strategy] = [polyphase]
        outer = [stage(operators, (n,), *([] if is_wide(i) else narrow)) for n, i in others]
        return [*outer, stage(operators, (axis,), *(gathers if is_wide(inside) else narrow))]
    operator = operators[axis]
    cut = last and not polyphase.is_whole(operator)
    short = bool(gathers) and operator.taps * x.shape[-1] < MIN_LOOP
    strategies: list[Strategy] = [broadcast]
    if phases.fit(operator, inside, elements(x.shape)) and not cut and not short:
        strategies.append(polyphase)
    if _sums_integers(operator, inside):
        strategies.append(windows)
    return [stage(operators, (axis,), *strategies, *gathers)]


def _vectors(x: Any, operators: Operators, axes: Iterable[int]) -> list[Strategy]:
    """Return the gather for a short loop over channels, if a pass over these axes has one."""
    products = math.prod(operators[axis].taps for axis in axes)
    return [vectors] if vectors.is_short(x, max(axes), products) else []


def _sums_integers(operator: Banded, inside: float) -> bool:
    """Return whether a gather would add up integers of narrow pixels.

    Times as ratios of windows to gathers, uint8 with the weights of `jaxup.compat.torch`: channels
    last, 512 pixels to 200 cubic antialiased 0.36, 256 to 300 linear 0.58, 200 to 250 cubic 0.42;
    channels first, the shrink 0.36, 256 to 300 linear 2.6, 500 to 224 cubic 1.1.
    """
    return operator.is_whole and not is_wide(inside) and (inside > 1 or operator.taps > MIN_WINDOW)


def _joins(
    operators: Operators, group: Group, axis: int, inside: float, between: float, dtype: Any
) -> bool:
    """Return whether an axis is faster in one pass with the axes before it, all gathered.

    For axes that grow these are nearest and linear, for others also an antialiased linear halving:
    bicubic x2 of 8x64x64x64 takes 1.2 times as long in one pass as in two, bilinear 0.6 times.

    A narrow axis is faster by itself where its sums are weighted and the bytes between two passes
    are few: halvings took 0.6 to 0.7 times as long in two passes (geometric means of bilinear and
    bicubic, both layouts, 28 cells), but of 1x4096x4096x3 1.4 times, and means 1.4 times.
    """
    joint, widens = [*group, (axis, inside)], dtype != accumulation(dtype)
    if any(not is_wide(around) or broadcast.fits(operators[n]) for n, around in group):
        return False
    together = [operators[n] for n, _ in joint]
    products, operator = math.prod(each.taps for each in together), operators[axis]
    if not is_wide(inside):
        if widens or not (all(map(_is_uniform, together)) or between >= CACHED):
            return False  # XLA writes out bits that many reads share
        return products <= PRODUCTS_SHRINKING and polyphase.slices(operator)
    grows = operator.out_size > operator.in_size
    return products <= (PRODUCTS_GROWING if grows else PRODUCTS_SHRINKING)


def _all_repeat_narrow(shape: Sequence[int], operators: Operators) -> bool:
    """Return whether every axis is a repetition, in pixels of a few elements: one broadcast."""
    narrow = not is_wide(elements(shape[max(operators) + 1 :]))
    return narrow and all(broadcast.fits(operator) for operator in operators.values())


def _doubles_rgb(shape: Sequence[int], operators: Operators, inner: int) -> bool:
    """Return whether the innermost repetition is of three channels, six elements side by side.

    A broadcast of 1x512x512x3 takes 1.5 to 1.8 times as long as phases, of 1x1024x1024x3 0.9 to
    1.0; of one or eight channels, or three times, phases take as long or longer.
    """
    twice = operators[inner].out_size == 2 * operators[inner].in_size
    return twice and elements(shape[inner + 1 :]) == RGB


def _copies(shape: Sequence[int], operators: Operators, axis: int, *gathers: Strategy) -> Stage:
    """Return the stage of an axis whose rows have one tap: copied, or by the gathers given.

    Pixels with zeros between them are a pad: the backward of nearest halves of 8x64x64x64, channels
    last, takes 0.54 times as long as gathered, of 16x128x128x32 0.66 times. Innermost, XLA divides
    by the distance for every pixel: of nearest thirds of 1x1024x1024x3, channels first, it takes
    1.7 times as long.
    """
    far_apart = operators[axis].out_size > 2 * operators[axis].in_size
    if far_apart and elements(shape[axis + 1 :]) == 1:
        return stage(operators, (axis,), broadcast)
    return stage(operators, (axis,), broadcast, dilation, *gathers)
