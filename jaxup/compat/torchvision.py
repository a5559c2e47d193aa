"""`torchvision.ops.roi_align` by jaxup: torchvision itself is not needed."""

# pyright: reportUnknownMemberType=false
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.typing import ArrayLike

from jaxup import boundary, kernels
from jaxup._arguments.arrays import as_array, is_traced
from jaxup._arguments.axes import is_sequence, one_per_axis
from jaxup._arguments.boxes import checked_array
from jaxup._arguments.call import Call, shown
from jaxup._arguments.sizes import check_not_symbolic, check_pixels, checked_size, static_numbers
from jaxup._labels import labelled
from jaxup._numbers.dtypes import at_least_float32
from jaxup._traced.points import SamplePoints
from jaxup._traced.window import interpolate_windows

__all__ = ["roi_align"]

_NAME = "jaxup.compat.torchvision.roi_align"
_MOST_SAMPLES = 2**15  # along an axis: their square is an int32
_NOWHERE = -9.0  # pixels: no tap of a sample here lies in the image


def roi_align(
    input: ArrayLike,  # noqa: A002 (torchvision's name)
    boxes: ArrayLike | Sequence[ArrayLike],
    output_size: int | Sequence[int],
    spatial_scale: float = 1.0,
    sampling_ratio: int = -1,
    aligned: bool = False,
) -> jax.Array:
    """`torchvision.ops.roi_align`: means of bilinear samples in the cells of boxes.

    A box is cut into ``out`` cells along each axis, and a cell is the mean of ``s x s`` bilinear
    samples, in cell ``i`` at ``low + (i + (m + 1/2) / s) (high - low) / out`` for ``m < s``. One
    pixel outside the outermost centres, samples still read those; further out they are 0.

    Args:
      input: float array of shape (batch, channels, height, width).
      boxes: array of shape (n, 5): the number of the image, then x1, y1, x2, y2; or a sequence of
        arrays of shape (n, 4), one for each image. May be traced.
      output_size: cells, one number or (height, width).
      spatial_scale: input pixels per unit of the boxes.
      sampling_ratio: ``s``. 0 or less means as many as a cell has pixels, rounded up, box by box:
        the boxes then have to be known when the program is built.
      aligned: let boxes count from the image's outer edge, where pixel k's centre is at k + 1/2.
        Otherwise it is at k, and a box has an extent of at least 1 pixel.

    Returns:
      Array of shape (n, channels, height, width) and input's dtype. float16 and bfloat16 accumulate
      in float32. Differentiable in input and, unlike torchvision's, in boxes. An image number of no
      image is clipped.

    Raises:
      ValueError: for shapes that do not fit together, an output_size below 1, or a sampling_ratio
        below 1 with traced boxes.
      TypeError: for arguments of the wrong type.

    Example:
      >>> import jax.numpy as jnp
      >>> from jaxup.compat import torchvision
      >>> image = jnp.arange(16.0).reshape(1, 1, 4, 4)
      >>> boxes = jnp.array([[0.0, 0.0, 0.0, 4.0, 4.0]])
      >>> torchvision.roi_align(image, boxes, 2, sampling_ratio=2, aligned=True)[0, 0]
      Array([[ 2.5,  4.5],
             [10.5, 12.5]], dtype=float32)

    Source: torchvision 0.28, ``ops/roi_align.py`` and ``csrc/ops/cpu/roi_align_kernel.cpp``.
    """
    x = as_array(_NAME, input, "input")
    call = Call(_NAME, x.shape, (("x", "input"), ("size", "output_size")))
    if x.ndim != 4:
        rule = "input of shape (batch, channels, height, width)"
        raise call.value_error(rule, f"{x.ndim} axes", "Add the axes that are missing.")
    if not jnp.issubdtype(x.dtype, jnp.floating):
        advice = "Convert it: jnp.asarray(..., jnp.float32)."
        raise call.type_error("input to be an array of floats", x.dtype, advice)
    sizes = one_per_axis(call, "size", static_numbers(call, size=output_size)["size"], (2, 3))
    sizes = tuple(checked_size(call, n) for n in sizes)
    check_not_symbolic(call, x.shape[2:])
    check_pixels(call, x.shape[2:])
    call.finite("spatial_scale", spatial_scale, "Pass a float.")
    scale = call.float32("spatial_scale", spatial_scale)
    ratio = call.integer("sampling_ratio to be an integer", sampling_ratio, "Pass 2, say.")
    if ratio > _MOST_SAMPLES:
        rule = f"a sampling_ratio of at most {_MOST_SAMPLES}"
        raise call.value_error(rule, shown(ratio), "Pass 2, say.")
    call.check_bools(aligned=aligned)
    image, corners = _checked_boxes(call, boxes)
    xp, dtype = (jnp if isinstance(corners, jax.Array) else np), at_least_float32(x.dtype)
    low, high = (
        corners[:, [n + 1, n]].astype(dtype) * scale - (0.5 if aligned else 0.0) for n in (0, 2)
    )
    cells = (high - low if aligned else xp.maximum(high - low, 1)) / xp.asarray(sizes, dtype)
    if ratio < 1:
        if isinstance(cells, jax.Array):
            advice = "Pass sampling_ratio=2, say, or boxes that no program computes."
            raise call.value_error("a sampling_ratio of at least 1 for traced boxes", ratio, advice)
        counts = np.maximum(np.ceil(cells), 0)
        most = max(1, int(counts.max(initial=0)))
        if most > _MOST_SAMPLES:
            rule = f"sampling_ratio for cells of more than {_MOST_SAMPLES} pixels"
            advice = "Pass sampling_ratio=2, say, or a smaller spatial_scale or boxes."
            raise call.value_error(rule, f"{ratio} for cells of {most}", advice)
    else:
        counts, most = np.full(cells.shape, ratio, dtype), ratio
    label = call.label("bilinear")
    return _compiled(x, image, low, cells, counts, most=most, sizes=sizes, label=label)


def _means(
    x: jax.Array,
    image: jax.Array,
    low: jax.Array,
    cells: jax.Array,
    counts: jax.Array,
    *,
    most: int,
    sizes: tuple[int, ...],
) -> jax.Array:
    """Return the means of the samples, added up one sample of every cell at a time.

    Args:
      low, cells, counts: shape (boxes, 2): where boxes begin, and the extent of a cell and how many
        samples it has, by rows and columns.
      most: the greatest of the counts.
    """
    dtype = x.dtype
    x = jnp.moveaxis(x, 1, -1).astype(low.dtype)

    def positions(axis: int) -> jax.Array:
        """Return where samples lie along an axis, of shape (samples, boxes, cells).

        They are an array that the loop below is given. Computed in it, XLA may round a position in
        two ways, for the first tap and for the distance from it.
        """
        size, start, cell, count = (
            x.shape[1 + axis],
            *(each[:, axis, None] for each in (low, cells, counts)),
        )
        index = jnp.arange(sizes[axis], dtype=x.dtype)[None]
        sample = jnp.arange(most, dtype=x.dtype)[:, None, None]
        position = start + index * cell + (sample + 0.5) * cell / jnp.maximum(count, 1)
        read = (position >= -1) & (position <= size) & (sample < count)
        return jnp.where(read, jnp.clip(position, 0, size - 1), _NOWHERE)

    rows, columns = positions(0), positions(1)

    def add(total: jax.Array, sample: jax.Array) -> tuple[jax.Array, None]:
        both = [
            SamplePoints(position, kernels.linear, boundary.constant, size, 2)
            for position, size in zip(
                (rows[sample // most], columns[sample % most]), x.shape[1:3], strict=True
            )
        ]
        return total + interpolate_windows(x, image, both), None

    zeros = jnp.zeros((image.shape[0], *sizes, x.shape[-1]), x.dtype)
    total, _ = lax.scan(add, zeros, jnp.arange(most * most, dtype="int32"))
    y = total / jnp.maximum(counts.prod(1), 1)[:, None, None, None]
    return jnp.moveaxis(y, -1, 1).astype(dtype)


_compiled: Any = jax.jit(labelled(_means), static_argnames=("most", "sizes", "label"), inline=True)


def _checked_boxes(call: Call, boxes: Any) -> tuple[Any, Any]:
    """Return the image of each box, and its corners; NumPy arrays if they are known."""
    images, sequence = call.shape[0], is_sequence(boxes)
    each = [
        checked_array(call, "boxes", array, ("n", 4 if sequence else 5))
        for array in (boxes if sequence else [boxes])
    ]
    if sequence and len(each) != images:
        advice = "Pass an array of shape (0, 4) for an image without boxes."
        raise call.value_error(f"{images} arrays of boxes, one per image", len(each), advice)
    if is_traced(boxes):
        array = jnp.concatenate(each)
    else:
        array = np.concatenate(list(map(np.asarray, boxes if sequence else [boxes])))
    if sequence:
        counts = [len(array) for array in each]
        return np.repeat(np.arange(images, dtype=np.int32), counts), array
    return array[:, 0].clip(0, images - 1).astype("int32"), array[:, 1:]
