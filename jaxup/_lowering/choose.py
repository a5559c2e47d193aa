"""Which strategy computes which axes, and in which order, on each platform.

What the rules rest on. ``python -m benchmarks`` and ``python -m benchmarks.tpu`` measure it again;
``python -m benchmarks.formulations`` times every plan for a cell against the chosen one:

* A repetition is a broadcast everywhere: it costs what writing the output costs. On CPU three
  channels twice are phases: of 1x512x512x3 a broadcast takes 1.5 to 1.8 times as long, of
  1x1024x1024x3 0.9 to 1.0; of one or eight channels, or three times, phases take as long or longer.
* CPU: axes that shrink come first, the outermost of them first, for they leave less to do; axes
  that grow come last, the innermost of them first, so that the pass that writes the output runs
  along whole rows. An axis inside which at least a vector register's worth of pixels lie side by
  side is wide: gathered, for one index then serves a whole run of memory. The others are narrow:
  a gather reads one number per index there, and doubling 3072 rows of 1024 pixels takes it five
  times the floor; phases take the floor. Where the pass that writes the output ends within a
  period, XLA looks at every pixel anew: the transpose of bilinear x1.6 of 1x512x512x3 takes twice
  as long by phases as gathered.
* CPU: axes whose taps make few products together are one pass, with no array between them. For
  axes that grow these are nearest and linear, for others also an antialiased linear halving:
  bicubic x2 of 8x64x64x64 takes 1.2 times as long in one pass as in two, bilinear 0.6 times.
* CPU: pixels with zeros between them are a pad where they are not a plane: the backward of nearest
  halves of 8x64x64x64, channels last, takes 0.54 times as long as gathered, of 16x128x128x32 0.66
  times. Innermost, XLA divides by the distance for every pixel: of nearest thirds of 1x1024x1024x3,
  channels first, it takes 1.7 times as long.
* CPU: two innermost axes with nothing inside them (channels first) are a plane, in one pass, where
  they copy, average or do the transpose of either: nearest x1.5 of 8x64x64x64 takes 0.45 times as
  long as in two, its backward 0.65 times. So are linear enlargements: x2, x3 and x1.5 of
  16x128x128x32 take 0.6, 0.7 and 0.55 times as long, of 4x32x32x256 0.9, 0.85 and 0.55 times; but
  x2 of 16x8x8x512 takes twice as long, for more of a smaller plane is border. Few products that
  shrink are one where there is enough to fill its loops: the transpose of bilinear x1.5 of
  16x128x128x32 takes 0.6 times as long, of 8x64x64x64 1.25 times; an antialiased halving of the
  former 0.75 times, of 1x512x512x3 1.2 times.
* GPU: gathers alone, which XLA may fuse into one kernel. Chosen by reasoning: no GPU was measured.
* TPU: matrix products; indexing and interleaving cost tens of times the picture there. Which
  product, and in which order, decides how often the compiler copies the picture into another
  layout. Bytes against jax.image's, `dense` over all axes together and the other choice: of
  8x64x64x64 doubled with bilinear, channels last, 1.00 and, the inner axis `batched` last, 0.82;
  its transpose 0.64 and 0.45, but that of x3 0.68 and 1.53; the same two with channels first 0.87
  and 0.95 and, the inner axis `batched` first, 0.60 and 0.41. To 109 pixels, which fill no
  sublanes, these are 1.00 and 0.70, and 0.67 and 1.74. Pictures that shrink to more pixels than
  there are lanes move half as much with the inner axis first (1x3x512x512 halved 9.7 MB for 19.7),
  to just as many more (16x32x256x256 369 for 302), and signals most (8x64x8192 halved 1.6 times
  jax.image's for 0.4). So do three channels that are innermost, if they are moved before the axes
  and back. Repeating the inner axis first moves 0.6 to 0.8 times as much as last. The whole matrix
  of 8x8192x64 doubled takes 139 GFLOP and 118 MB, in blocks (`banded`) 1 GFLOP and 459 MB: 4.2 and
  0.6 ms by the data sheet of a v5e (197 TFLOP/s, of which float32 takes six passes, and 819 GB/s),
  neither of them run. Integers are floats there where they would be gathered: nearest x1.7 of
  1x512x512x3 in uint8 moves 32 MB for 319. Within `keep_nan_local`, phases where rows repeat and
  gathers elsewhere.
"""

from __future__ import annotations

import math
from types import ModuleType

import jax
import jax.numpy as jnp

from jaxup._lowering import (
    banded,
    batched,
    broadcast,
    dense,
    dilation,
    gather,
    integers,
    plane,
    polyphase,
)
from jaxup._lowering.accumulation import accumulation

WIDE_RUN = 16  # elements, one vector register of float32
PRODUCTS_GROWING = 8  # trilinear x2
PRODUCTS_SHRINKING = 16  # an antialiased bilinear halving; with 25, 0.9 to 1.6 times as long as two
PLANE_ROW = 128  # pixels of a plane that shrinks and is not all slices
PHASES_OF_SEVERAL = 4  # elements in a pixel; in five, cubic x1.25 takes twice as long as gathered
LANES = 128  # of a TPU's vector register: the size of the innermost axis in memory
SUBLANES = 8  # the size of the axis before it
COLOURS = 3  # channels; two or four, as planes, move up to 1.8 times as much
LONG = 4096  # pixels: the longest axis that is multiplied by its whole matrix

Axes = tuple[int, ...]  # several, where the strategy has `apply_together`
Pass = list[tuple[ModuleType, Axes]]  # in order, to be fused


def passes(x, operators, local, platform) -> list[Pass]:
    """What to do to ``x``, in order."""
    if platform == "cpu":
        return _passes_on_cpu(x, operators)
    if platform == "tpu" and not local and jnp.issubdtype(x.dtype, jnp.inexact):
        return _products_on_tpu(x.shape, operators)
    periodic = _repeats_or_phases if platform == "tpu" else _repeats
    return [[(periodic(operators[axis]) or gather, (axis,))] for axis in _order(operators)]


def is_colour_last(x, axes) -> bool:
    """Whether a TPU's products are better of planes: the channels are three, innermost."""
    return x.shape[max(axes) + 1 :] == (COLOURS,) and jnp.issubdtype(x.dtype, jnp.inexact)


def multiplies_integers(x, operators) -> bool:
    """Whether a TPU copies integers by products of floats, for else it would gather them."""
    gathered = not all(map(_repeats_or_phases, operators.values()))
    return gathered and integers.fits(x.dtype)


def _products_on_tpu(shape, operators) -> list[Pass]:
    repeated = [axis for axis in sorted(operators) if _repeats(operators[axis])]
    long = [axis for axis in _order(operators) if _is_long(operators[axis])]
    axes = tuple(axis for axis in sorted(operators) if axis not in (*repeated, *long))
    plan: list[Pass] = [[(banded, (axis,))] for axis in long]
    plan += [[step] for step in _products(shape, operators, axes)] if axes else []
    return plan + [[(broadcast, (axis,))] for axis in reversed(repeated)]


def _is_long(operator) -> bool:
    """Whether most of a product with the whole matrix would be in vain."""
    long = min(operator.in_size, operator.out_size) > LONG
    return long and not _repeats(operator) and banded.fits(operator)


def _products(shape, operators, axes) -> Pass:
    *outer, inner = axes
    shrinks = all(operators[axis].out_size < operators[axis].in_size for axis in axes)
    inside, channels = _elements(shape[inner + 1 :]), _elements(shape[axes[0] - 1 : axes[0]])
    fills_lanes = inside >= LANES // 2 or (
        inside >= WIDE_RUN and _elements([shape[inner]]) >= LANES
    )
    columns = operators[inner]
    if shrinks:
        fits_lanes = columns.out_size < LANES or (outer and columns.out_size > LANES)
        first = columns.in_size % SUBLANES == 0 and channels < LANES and fits_lanes
    else:
        first = bool(outer) and columns.out_size % SUBLANES > 0
    if inside == 1 and first:
        return [(batched, (inner,)), *((dense, (axis,)) for axis in outer)]
    if outer and not shrinks and fills_lanes:
        return [*((dense, (axis,)) for axis in outer), (batched, (inner,))]
    return [(dense, axes)]


def _passes_on_cpu(x, operators) -> list[Pass]:
    if not operators:
        return []
    if _all_repeat_narrow(x.shape, operators):
        *outer, inner = sorted(operators)
        if _doubles_colours(x.shape, operators, inner):
            return [[*((broadcast, (axis,)) for axis in outer), (polyphase, (inner,))]]
        return [[(broadcast, (*outer, inner))]]
    pair = () if any(jax.typeof(x).sharding.spec) else _plane(x, operators)
    if pair:
        others = {axis: found for axis, found in operators.items() if axis not in pair}
        return [*_passes_on_cpu(x, others), [(plane, pair)]]
    if all(operator.taps == 1 for operator in operators.values()):
        return [[(_copies(x.shape, operators, axis), (axis,)) for axis in _order(operators)]]
    *first, last = _groups(x, operators)
    plan = [_strategies(operators, group) for group in first]
    return [*plan, _strategies(operators, last, last=True)]


def _plane(x, operators) -> Axes:
    """The last two axes, if they are better computed in one pass."""
    axes = tuple(sorted(operators)[-2:])
    if axes != (x.ndim - 2, x.ndim - 1):
        return ()  # behind one more axis, of one pixel, XLA copies the plane pixel by pixel
    rows, columns = (operators[axis] for axis in axes)
    if not plane.fits(rows, columns):
        return ()
    if _is_uniform(rows) and _is_uniform(columns):
        return axes
    if len(operators) > 2 or x.dtype != accumulation(x.dtype):
        return ()  # XLA would compute what is before the plane twice, or widen floats at each read
    products = rows.taps * columns.taps
    smallest = min(rows.in_size, rows.out_size, columns.in_size, columns.out_size)
    if rows.out_size > rows.in_size and columns.out_size > columns.in_size:
        return axes if products <= PRODUCTS_GROWING and smallest >= WIDE_RUN else ()
    many = _elements(x.shape[: axes[0]]) >= WIDE_RUN
    sliced = many and polyphase.slices(rows) and polyphase.slices(columns)
    enough = smallest >= (2 * WIDE_RUN if sliced else PLANE_ROW)
    return axes if products <= PRODUCTS_SHRINKING and enough else ()


def _is_uniform(operator) -> bool:
    """Whether all taps weigh the same: copies, means, and their transposes."""
    weights = operator.weights[operator.present]
    return weights.size > 0 and bool((weights == weights[0]).all())


def _groups(x, operators) -> list[list[tuple[int, float]]]:
    """The axes that are computed together, each with how much is inside when its turn comes."""
    shape, groups = list(x.shape), []
    for axis in _order(operators):
        inside = _elements(shape[axis + 1 :])
        if groups and _joins(operators, groups[-1], axis, inside, x.dtype):
            groups[-1].append((axis, inside))
        else:
            groups.append([(axis, inside)])
        shape[axis] = operators[axis].out_size
    return groups


def _strategies(operators, group, last=False) -> Pass:
    if len(group) > 1:
        return [(gather if _is_wide(inside) else polyphase, (axis,)) for axis, inside in group]
    ((axis, inside),) = group
    operator = operators[axis]
    if _is_wide(inside):
        gathers = not polyphase.slices(operator)
    else:
        cut = last and not polyphase.is_whole(operator)
        gathers = cut or (inside > 1 and polyphase.phases(operator) > PHASES_OF_SEVERAL)
    if gathers and operator.taps <= gather.UNROLLED_TAPS:
        return [(_repeats(operator) or gather, (axis,))]
    return [(_repeats_or_phases(operator) or gather, (axis,))]


def _joins(operators, group, axis, inside, dtype) -> bool:
    """Whether an axis is better computed together with the axes before it, all gathered."""
    if not all(_is_wide(around) and _is_gathered(operators[before]) for before, around in group):
        return False
    operator = operators[axis]
    products = operator.taps * math.prod(operators[before].taps for before, _ in group)
    grows = operator.out_size > operator.in_size
    if _is_wide(inside):
        return products <= (PRODUCTS_GROWING if grows else PRODUCTS_SHRINKING)
    if dtype != accumulation(dtype):
        return False  # XLA writes out bits that so many reads share
    return products <= PRODUCTS_SHRINKING and polyphase.slices(operator)


def _is_gathered(operator) -> bool:
    """Whether a wide axis is."""
    many = operator.taps > gather.UNROLLED_TAPS
    return not (_repeats_or_phases if many else _repeats)(operator)


def _order(operators) -> list[int]:
    shrinking = [axis for axis, found in operators.items() if found.out_size <= found.in_size]
    return sorted(shrinking) + sorted(operators.keys() - shrinking, reverse=True)


def _elements(sizes) -> float:
    """How many there are in axes of these sizes; an unknown size counts as endless."""
    return math.prod(sizes) if all(isinstance(n, int) for n in sizes) else math.inf


def _is_wide(inside: float) -> bool:
    """Whether an axis with so many elements inside it has runs of memory."""
    return inside >= WIDE_RUN


def _all_repeat_narrow(shape, operators) -> bool:
    """Whether every axis is a repetition, in pixels of a few elements: one broadcast."""
    narrow = not _is_wide(_elements(shape[max(operators) + 1 :]))
    return narrow and all(broadcast.fits(operator) for operator in operators.values())


def _repeats(operator) -> ModuleType | None:
    return broadcast if broadcast.fits(operator) else None


def _doubles_colours(shape, operators, inner) -> bool:
    """Whether the innermost repetition is of three channels, six elements side by side."""
    twice = operators[inner].out_size == 2 * operators[inner].in_size
    return twice and _elements(shape[inner + 1 :]) == COLOURS


def _copies(shape, operators, axis) -> ModuleType:
    """The strategy of an axis whose rows have one tap."""
    operator = operators[axis]
    if broadcast.fits(operator):
        return broadcast
    innermost = _elements(shape[axis + 1 :]) == 1
    far_apart = operator.out_size > 2 * operator.in_size
    return dilation if dilation.fits(operator) and not (innermost and far_apart) else gather


def _repeats_or_phases(operator) -> ModuleType | None:
    return _repeats(operator) or (polyphase if polyphase.fits(operator) else None)


def memory(x, operators, plan: list[Pass], backward: bool) -> tuple[list[int], int]:
    """Bytes between the passes, and how many may be there at a time: as many as the result has.

    Of a backward also as many as the forward's result has, which is its input. Axes that stay as
    they are count as one pixel.
    """
    sizes = {axis: operator.in_size for axis, operator in operators.items()}
    cotangent = math.prod(sizes.values()) * x.dtype.itemsize
    between = []
    for step in plan:
        sizes |= {axis: operators[axis].out_size for _, axes in step for axis in axes}
        between.append(math.prod(sizes.values()) * accumulation(x.dtype).itemsize)
    result = math.prod(sizes.values()) * x.dtype.itemsize
    return between[:-1], max(result, cotangent) if backward else result
