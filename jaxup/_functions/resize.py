"""`resize`: coordinates, kernel and boundary chosen one by one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, Never

import jax
from jax.typing import ArrayLike, DTypeLike

from jaxup import kernels
from jaxup._arguments.arrays import as_array, check_dtype, through_cache
from jaxup._arguments.axes import DataFormat, one_per_axis
from jaxup._arguments.call import Call
from jaxup._arguments.cells import check_cells, has_cells, overlaps, size_of_cells
from jaxup._arguments.keywords import named, unknown_keyword
from jaxup._arguments.masks import checked_where
from jaxup._arguments.methods import (
    CoordinatesName,
    MethodName,
    resolve_boundary,
    resolve_method,
)
from jaxup._arguments.number_types import Axes, Pairs, Scale, Size
from jaxup._arguments.options import check_area, checked_fill_value, one_or_tuple, pairs
from jaxup._arguments.proportions import check_weights
from jaxup._arguments.regions import check_known, resolve_coordinates, resolve_sizes
from jaxup._arguments.result_type import result_type
from jaxup._arguments.sizes import static_numbers
from jaxup._masked import run_masked
from jaxup._numbers.step import at_least_1
from jaxup._recipe.axis import axis_recipe, without_identities
from jaxup._recipe.recipe import Resample
from jaxup._run import run
from jaxup.boundary import Boundary, BoundaryName
from jaxup.coordinates import Cells, Convention, Rounded, Within

_CALL = Call("jaxup.resize", ())


@named
def resize(
    x: ArrayLike,
    size: Size | None = None,
    method: MethodName | kernels.Kernel | kernels.Nearest | kernels.Area = "cubic",
    *,
    scale: Scale | None = None,
    axes: Axes | None = None,
    data_format: DataFormat = "channels_last",
    coordinates: CoordinatesName
    | Convention
    | Cells
    | Sequence[CoordinatesName | Convention | Cells] = "half_pixel",
    rounding: kernels.Rounding | None = None,
    boundary: BoundaryName | Boundary | Sequence[BoundaryName | Boundary] = "renormalize",
    fill_value: complex | jax.Array | None = None,
    fill_beyond: Literal["centers", "edges"] | None = None,
    antialias: bool = True,
    box: Pairs | None = None,
    roi: Pairs | None = None,
    keep_aspect: Literal["stretch", "not_larger", "not_smaller"] = "stretch",
    precision: Literal["float64", "float32"] = "float64",
    dtype: DTypeLike | None = None,
    where: ArrayLike | None = None,
    **unknown: Never,
) -> jax.Array:
    """Resample the spatial axes of an array by rules chosen one by one.

    Each axis is ``y[i] = sum_k w(k - c(i)) x[k] / sum_k w(k - c(i))``: the coordinates say where
    output ``i`` samples (``c``), the method how much pixel ``k`` counts (``w``), the boundary what
    pixel ``k`` is when it lies outside. With ``step = 1 / scale``, or ``in / out`` without a scale:

    | coordinates          | ``c(i)``                                                            |
    | -------------------- | ------------------------------------------------------------------- |
    | half_pixel           | ``(i + 1/2) step - 1/2``                                            |
    | half_pixel_symmetric | half_pixel ``+ (in - out step) / 2``: centred, whatever the scale   |
    | pytorch_half_pixel   | half_pixel, and 0 for a single output                               |
    | asymmetric           | ``i step``                                                          |
    | align_corners        | ``i (in - 1) / (out - 1)``, and 0 for a single output               |
    | crop_and_resize      | align_corners on the region ``roi``, the middle for a single output |

    Args:
      x: array of any rank; which axes are spatial is said by axes, or as in `jaxup.upsample`.
      size: output pixels, one number or one per spatial axis; coordinates of cells say it too.
      method: ``"nearest"``, ``"linear"`` (``"bilinear"``, ``"trilinear"``), ``"cubic"``
        (``"bicubic"``; a = -0.5), ``"mitchell"``, ``"lanczos2"`` to ``"lanczos5"``,
        ``"gaussian"``, ``"hamming"``, ``"box"``, ``"area"`` (pixels count by the part of them
        that the output covers), ``"bspline2"`` to ``"bspline5"``; or a kernel from
        `jaxup.kernels`, where other parameters are, or of your own.
      scale: output pixels per input pixel, one number or one per spatial axis. Alone it decides
        the size, ``int(in * scale)``; beside a size it decides the coordinates.
      axes: the spatial axes, in the order of the sizes.
      data_format: ``"channels_last"``, ``"channels_first"`` or letters, for default axes.
      coordinates: a name above, a function as in `jaxup.coordinates`, or one per axis; for area
        also `jaxup.coordinates.Cells`, the edges of cells of any widths.
      rounding: for nearest, ``"round_prefer_ceil"`` (default), ``"round_prefer_floor"``,
        ``"floor"`` or ``"ceil"``. Coordinates within 1e-9 pixels of a tie are ties.
      boundary: ``"renormalize"`` (pixels outside do not exist), ``"edge"`` (a a|a b c|c c),
        ``"reflect"`` (b a|a b c|c b), ``"mirror"`` (c b|a b c|b a), ``"wrap"`` (b c|a b c|a b),
        ``"constant"`` (pixels outside are fill_value), a function as in `jaxup.boundary`, or one
        per axis.
      fill_value: the number that stands for what is outside, 0 by default; and, with where, for
        outputs that read no pixel that counts, NaN by default. Integers have no NaN, and need it.
      fill_beyond: give fill_value to outputs that sample outside the outermost ``"centers"`` or the
        outer ``"edges"`` of the image, whatever the boundary.
      antialias: widen the kernel by the factor of a shrink. Nearest and area stay as they are.
      box: the part of the image to resample, a ``(low, high)`` pair per spatial axis, in pixels
        from the image's edge, fractions allowed. Pixels around it are still read.
      roi: for crop_and_resize, a ``(start, end)`` pair per spatial axis: 0 is the first pixel's
        centre, 1 the last one's. It may reach outside; ``end < start`` flips.
      keep_aspect: with size, use one scale for all axes: the largest whose output is
        ``"not_larger"`` than size, or the smallest whose output is ``"not_smaller"``. Sizes round
        to nearest. ``"stretch"`` does neither.
      precision: of the coordinates. Frameworks that compute them in float32 move them by up to
        3e-5 pixels at pixel 500.
      dtype: of the result; by default the array's own. As in `jaxup.upsample`: integers are read as
        numbers, and results that are integers are rounded, half to even, and clipped.
      where: bool array, which pixels count: of the spatial axes' shape, in the order of the array,
        or one that broadcasts to x; it may be traced. See below.

    With where, an output is the weighted mean of the pixels that count,
    ``sum_k w m[k] x[k] / sum_k w m[k]``. Others may hold anything, also NaN: it reaches neither the
    result nor the gradient. With a kernel that goes below 0, such as cubic, the sum of the weights
    could vanish: outputs where it is at most 1/8 take fill_value.

    Returns:
      Array of x's dtype, or the one given, with the spatial axes resampled. float16, bfloat16 and
      integers accumulate in float32, those of 32 bits and more in float64 where JAX has it.

    Raises:
      ValueError: for arguments out of range or that do not fit together.
      TypeError: for arguments of the wrong type, a traced size, scale, box or roi, complex numbers
        with a real dtype, and integers or bools without a dtype with any method but nearest.

    Example:
      >>> import jax.numpy as jnp, jaxup
      >>> jaxup.resize(jnp.array([0.0, 4.0, 8.0]), 5, "linear", axes=0, coordinates="align_corners")
      Array([0., 2., 4., 6., 8.], dtype=float32)
      >>> jaxup.resize(jnp.zeros((480, 640, 3)), (240, 240), keep_aspect="not_larger").shape
      (180, 240, 3)
      >>> sea = jnp.array([1.0, 3.0, jnp.nan, jnp.nan])
      >>> jaxup.resize(sea, 2, "area", axes=0, where=jnp.isfinite(sea))
      Array([ 2., nan], dtype=float32)

    Source: docs/conventions.md says which options are Pillow, OpenCV, SciPy, ONNX, TensorFlow and
    jax.image. where: H. Knutsson and C.-F. Westin, "Normalized and differential convolution", CVPR
    1993, 515-523, with a certainty of 0 or 1.
    """
    if unknown:
        raise unknown_keyword(resize, unknown)
    if not isinstance(x, jax.Array):
        x = as_array(_CALL.function, x)
    if dtype is not None:
        dtype = result_type(_CALL._replace(shape=x.shape), x, dtype)
    if fill_value is not None:
        call = _CALL._replace(shape=x.shape)
        kind = x.dtype if dtype is None else dtype
        options = boundary, fill_beyond, where
        fill_value = checked_fill_value(call, kind, fill_value, *options)
    resample = through_cache(
        plan,
        _CALL,
        x,
        (size, scale, axes),
        method,
        data_format,
        coordinates,
        rounding,
        boundary,
        fill_beyond,
        antialias,
        box,
        roi,
        keep_aspect,
        precision,
        dtype,
    )
    if where is None:
        return run(x, resample, fill_value)
    call = _CALL._replace(shape=x.shape)
    where = checked_where(call, x, where, resample, fill_value)
    return run_masked(x, resample, where, fill_value)


def plan(
    call: Call,
    dtype: Any,
    size: Any,
    scale: Any,
    axes: Any,
    method: object,
    data_format: str = "channels_last",
    coordinates: Any = "half_pixel",
    rounding: object = None,
    boundary: Any = "renormalize",
    fill_beyond: str | None = None,
    antialias: bool = True,
    box: Any = None,
    roi: Any = None,
    keep_aspect: str = "stretch",
    precision: str = "float64",
    result: Any = None,
) -> Resample:
    """Return the resample that the options of `resize` stand for."""
    target = static_numbers(call, size=size, scale=scale, axes=axes)
    box, roi = pairs(call, "box", box), pairs(call, "roi", roi)
    coordinates, boundary = one_or_tuple(coordinates), one_or_tuple(boundary)
    rule = resolve_method(call, method, rounding)
    area = isinstance(rule.kernel, kernels.Area)
    call.check_bools(antialias=antialias)
    call.check_name("keep_aspect", keep_aspect, ("stretch", "not_larger", "not_smaller"))
    call.check_name("precision", precision, ("float64", "float32"))
    if fill_beyond is not None:
        call.check_name("fill_beyond", fill_beyond, ("centers", "edges"))
    if area:
        check_area(call, coordinates)
    if has_cells(coordinates):
        others = {"scale": target["scale"], "box": box, "roi": roi, "fill_beyond": fill_beyond}
        others |= {"keep_aspect": keep_aspect, "precision": precision}
        check_cells(call, rule.kernel, method, **others)
        target["size"] = size_of_cells(call, coordinates, target["size"])
    geometry, boxes = resolve_sizes(
        call,
        **target,
        data_format=data_format,
        rank=rule.rank,
        method=method,
        box=box,
        keep_aspect=keep_aspect,
    )
    places = one_per_axis(call, "coordinates", coordinates, geometry.axes)
    sampling = resolve_coordinates(
        call,
        geometry,
        boxes,
        coordinates=["half_pixel" if isinstance(c, Cells) else c for c in places],
        roi=roi,
        boxed=box is not None,
        one_scale=size is None or scale is None,
    )
    named = one_per_axis(call, "boundary", boundary, geometry.axes)
    edges = [resolve_boundary(call, edge) for edge in named]
    if result is None:
        check_dtype(call, rule.kernel, method, dtype)
    if fill_beyond is not None:
        check_known(call, geometry, f"fill_beyond={fill_beyond!r}")
    specs: dict[int, Any] = {}
    for axis, in_size, out_size, place, (convention, step), edge in zip(
        geometry.axes, geometry.in_sizes, geometry.out_sizes, places, sampling, edges, strict=True
    ):
        if fill_beyond is not None:
            convention = Within(convention, {"centers": 0.0, "edges": 0.5}[fill_beyond])
        if precision == "float32":
            convention = Rounded(convention, "float32")
        kernel_scale = abs(step) if area else at_least_1(abs(step)) if antialias else 1.0
        if isinstance(place, Cells):
            specs[axis] = overlaps(call, axis, in_size, out_size, place, edge)
        else:
            specs[axis] = axis_recipe(
                in_size, out_size, convention, rule.kernel, edge, step, kernel_scale
            )
    check_weights(call, specs)
    specs = without_identities(specs)
    return Resample(tuple(specs), tuple(specs.values()), call.label(method), geometry.axes, result)
