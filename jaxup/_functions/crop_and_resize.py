"""`crop_and_resize`: parts of images, known or traced, resampled to one size."""

# pyright: reportUnknownMemberType=false
from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Never

import jax
import jax.numpy as jnp
import numpy as np
from jax.typing import ArrayLike

from jaxup import boundary as boundaries
from jaxup import kernels
from jaxup._arguments.arrays import as_array, check_not_sharded, is_traced, through_cache
from jaxup._arguments.axes import DataFormat, spatial_axes
from jaxup._arguments.boxes import checked_box_indices, checked_boxes, clipped_indices
from jaxup._arguments.call import Call
from jaxup._arguments.keywords import named, unknown_keyword
from jaxup._arguments.methods import MethodName
from jaxup._arguments.number_types import Axes, Pairs, Size
from jaxup._arguments.options import checked_fill_value
from jaxup._arguments.scaling import Scaling, resolve_scaling, widest
from jaxup._arguments.sizes import static_numbers
from jaxup._contexts import lax_only
from jaxup._functions.scale_and_translate import by_axis, interpolated, moving
from jaxup._labels import labelled
from jaxup._numbers.dtypes import at_least_float32
from jaxup._numbers.step import is_symbolic
from jaxup._run import filled
from jaxup._traced.points import SamplePoints, geometry_dtype
from jaxup._traced.window import interpolate_windows

_NAME = "jaxup.crop_and_resize"


@named
def crop_and_resize(
    x: ArrayLike,
    boxes: ArrayLike | Sequence[Pairs],
    size: Size,
    method: MethodName | kernels.Kernel | kernels.Nearest | kernels.Area = "linear",
    *,
    box_indices: ArrayLike | Sequence[int] | None = None,
    axes: Axes | None = None,
    data_format: DataFormat = "channels_last",
    boundary: boundaries.BoundaryName | boundaries.Boundary = "renormalize",
    fill_value: complex | jax.Array | None = None,
    antialias: bool = True,
    max_shrink: float | None = None,
    **unknown: Never,
) -> jax.Array:
    """Resample boxes of an image, or of several images, to one size.

    Box n is ``jaxup.resize(x, size, method, box=boxes[n])``, and boxes may be traced, learned and
    reach outside. Along each spatial axis output ``i`` of ``out`` samples the source coordinate

        c(i) = low + (i + 1/2) (high - low) / out - 1/2        (pixel k is centred at k)

    The memory is that of the result: no box has a copy of its image, or a matrix of weights.

    Args:
      x: array with d spatial axes. Without box_indices every box is read from all of it, whatever
        its batch and channel axes. With box_indices its first axis is that of the images.
      boxes: array of shape (n, d, 2): for each box a ``(low, high)`` pair per spatial axis, in
        pixels from the image's outer edge, fractions allowed; may be traced. ``high < low`` flips.
        Pixels around a box are still read.
      size: output pixels, one number or one per spatial axis; static.
      method: a name or kernel, as in `jaxup.resize`. ``"nearest"``, the pixel under the sample,
        has a gradient of zero with respect to the boxes.
      box_indices: array of shape (n,) of integers: the image of each box; may be traced. One below
        0 means the first image, and one past the end the last.
      axes: the d spatial axes, in the order of the pairs. By default all axes of an image with d of
        them, else the d axes before the channels (channels_last) or after them.
      data_format: ``"channels_last"``, ``"channels_first"`` or letters, as in `jaxup.upsample`.
      boundary: what lies outside the image: ``"renormalize"`` (taps outside are dropped, and an
        output whose sample lies outside the image's outer edges is 0), ``"edge"``, ``"reflect"``,
        ``"mirror"``, ``"wrap"``, ``"constant"``, or a function from `jaxup.boundary`.
      fill_value: what lies outside with ``boundary="constant"``; 0 by default.
      antialias: widen the kernel by the factor of a shrink, box by box and axis by axis. Nearest
        and area stay as they are.
      max_shrink: the greatest shrink, ``(high - low) / out``, for which an antialiased kernel is
        widened; a number of at least 1. Boundaries other than renormalize ask for it if the boxes
        are traced.

    Returns:
      Array of x's dtype. Its first axis is that of the boxes; the others are those of an image,
      the spatial ones resampled. Differentiable in x and boxes. Finite numbers give no NaN: a box
      of no extent repeats its one sample.

    Raises:
      ValueError: for arguments out of range or that do not fit together.
      TypeError: for arguments of the wrong type.

    Example:
      >>> import jax.numpy as jnp, jaxup
      >>> image = jnp.arange(16.0).reshape(4, 4, 1)
      >>> boxes = jnp.array([[[0, 4], [0, 4]], [[1, 3], [2, 4]]])
      >>> jaxup.crop_and_resize(image, boxes, 2)[1, :, :, 0]
      Array([[ 6.,  7.],
             [10., 11.]], dtype=float32)
      >>> images = jnp.zeros((8, 32, 32, 3))
      >>> jaxup.crop_and_resize(images, boxes, (5, 7), box_indices=[0, 3]).shape
      (2, 5, 7, 3)

    Source: `jaxup.resize`, whose ``box`` this is for many boxes, known only to the program.
    """
    if unknown:
        raise unknown_keyword(crop_and_resize, unknown)
    x = as_array(_NAME, x)
    call = Call(_NAME, x.shape)
    fill_value = checked_fill_value(call, x.dtype, fill_value, boundary)
    array = checked_boxes(call, boxes)
    d, several = array.shape[1], box_indices is not None
    image = checked_box_indices(call, array, box_indices) if several else None
    if axes is None and x.ndim == d + several:
        axes = tuple(range(several, x.ndim))
    spatial = spatial_axes(
        call,
        **static_numbers(call, axes=axes),
        data_format=data_format,
        count=d,
        counted=f"boxes of {d} pairs",
    )
    if several and 0 in spatial:
        rule = "an axis of images, the first, beside the spatial ones"
        advice = "Name the spatial axes with axes=, or leave out box_indices for one image."
        raise call.value_error(rule, f"box_indices and spatial axes {spatial}", advice)
    scaling = through_cache(
        resolve_scaling, call, x, (size, spatial), method,
        boundary=boundary, data_format=data_format, antialias=antialias, max_shrink=max_shrink,
        align_corners=False, label=None,
    )  # fmt: skip
    check_not_sharded(call, x, (0, *spatial) if several else spatial)
    return _compiled(
        x,
        array,
        image,
        fill_value,
        axes=spatial,
        out_sizes=scaling.out_sizes,
        taps=_taps(call, scaling, boxes, max_shrink),
        kernel=scaling.kernel,
        boundary=scaling.boundary,
        label=scaling.label,
    )


def _taps(
    call: Call, scaling: Scaling, boxes: Any, max_shrink: float | None
) -> tuple[tuple[Any, float | None], ...]:
    """Return for each axis the most taps of an output, and how much wider a kernel may become."""
    kernel = scaling.kernel
    if not scaling.widens:
        return ((kernel.taps(1.0), None),) * len(scaling.axes)
    if max_shrink is None and scaling.boundary is boundaries.renormalize:
        return tuple((in_size, math.inf) for in_size in scaling.in_sizes)
    if max_shrink is None and is_traced(boxes):
        raise call.value_error(
            "max_shrink for traced boxes, antialias and a boundary other than renormalize",
            "max_shrink=None",
            "Pass the greatest (high - low) / out there will be, or antialias=False.",
        )
    if max_shrink is not None:
        return (widest(kernel, max_shrink),) * len(scaling.axes)
    shrinks = abs(np.diff(np.asarray(boxes, np.float64)))[..., 0] / scaling.out_sizes
    most = math.ceil(shrinks.max(initial=1))
    return ((kernel.taps(most), math.inf),) * len(scaling.axes)


def _cropped(
    x: jax.Array,
    boxes: jax.Array,
    image: jax.Array | None,
    fill_value: jax.Array | None,
    *,
    axes: tuple[int, ...],
    out_sizes: tuple[int, ...],
    taps: tuple[tuple[Any, float | None], ...],
    kernel: kernels.AnyKernel,
    boundary: boundaries.Boundary,
) -> jax.Array:
    """Resample axis by axis if no image has a second box, else every box at once."""
    dtype = geometry_dtype(x.dtype, boxes)

    def points(pairs: jax.Array) -> list[tuple[int, SamplePoints]]:
        """Return those of one box, or with one more axis those of all boxes."""
        found: list[tuple[int, SamplePoints]] = []
        for n, (axis, out_size, (most, limit)) in enumerate(
            zip(axes, out_sizes, taps, strict=True)
        ):
            low, high = pairs[..., n, :1], pairs[..., n, 1:]
            step = (high - low) / out_size
            index = jnp.arange(out_size, dtype=dtype).reshape((1,) * (low.ndim - 1) + (-1,))
            coordinate = low + ((index + 0.5) * step - 0.5)
            arguments = kernel, boundary, x.shape[axis], most, limit
            widening = step if pairs.ndim > 2 else step[0]
            found.append((axis, moving(coordinate, widening, *arguments)))
        return found

    boxes, count = boxes.astype(dtype), boxes.shape[0]
    image = None if image is None else clipped_indices(image, x.shape[0])
    images = x.shape[0] if image is not None else 1
    if lax_only.value or (not is_symbolic(count, images) and count <= images):

        def one(x: jax.Array, pairs: jax.Array) -> jax.Array:
            at = [(axis - (image is not None), each) for axis, each in points(pairs)]
            return by_axis(x, at, fill_value)

        if lax_only.value and count != 0 and not is_symbolic(count):  # no gathers of several boxes
            of = [x] * count if image is None else [x[n] for n in image]
            return jnp.stack([one(*each) for each in zip(of, boxes, strict=True)])
        if image is None:
            return jax.vmap(one, (None, 0))(x, boxes)
        return jax.vmap(one)(x.at[image].get(mode="promise_in_bounds"), boxes)
    if image is None:
        x, axes, image = x[None], tuple(axis + 1 for axis in axes), jnp.zeros(count, "int32")
    order = [0, *axes, *(axis for axis in range(1, x.ndim) if axis not in axes)]
    grids = [each for _, each in points(boxes)]
    y = interpolate_windows(x.transpose(order), image, grids)
    if fill_value is not None:
        y = filled(y, _covered(y, grids), fill_value)
    return y.transpose(np.argsort(order).tolist())


_compiled: Any = jax.jit(
    labelled(_cropped),
    static_argnames=("axes", "out_sizes", "taps", "kernel", "boundary", "label"),
    inline=True,
)


def _covered(y: jax.Array, points: Sequence[SamplePoints]) -> jax.Array:
    """Return the sum of every output's weights inside the image."""
    covered = jnp.ones((1,) * y.ndim, at_least_float32(y.real.dtype))
    for axis, each in enumerate(points, 1):
        inside = interpolated(jnp.ones(each.in_size, covered.dtype), 0, each)
        shape = [n if d in (0, axis) else 1 for d, n in enumerate(y.shape)]
        covered = covered * inside.reshape(shape)
    return covered
