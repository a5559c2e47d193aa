"""`sample`: interpolation at arbitrary points, which may be traced."""

# pyright: reportUnknownMemberType=false
from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any, Never

import jax
import jax.numpy as jnp
from jax.typing import ArrayLike

from jaxup import boundary as boundaries
from jaxup import kernels
from jaxup._arguments.arrays import (
    as_array,
    check_dtype,
    check_not_sharded,
    through_cache,
)
from jaxup._arguments.axes import DataFormat, is_sequence, spatial_axes
from jaxup._arguments.call import Call, shown
from jaxup._arguments.keywords import named, unknown_keyword
from jaxup._arguments.methods import Method, MethodName, resolve_boundary, resolve_method
from jaxup._arguments.number_types import Axes
from jaxup._arguments.options import checked_fill_value
from jaxup._arguments.proportions import check_taps
from jaxup._arguments.sizes import check_pixels, static_numbers
from jaxup._labels import labelled
from jaxup._numbers.dtypes import at_least_float32
from jaxup._run import filled
from jaxup._traced.interpolate import interpolate_at, split_splines
from jaxup._traced.points import SamplePoints, bounded, geometry_dtype

_NAME = "jaxup.sample"


@named
def sample(
    x: ArrayLike,
    coordinates: ArrayLike | Sequence[ArrayLike],
    method: MethodName | kernels.Kernel | kernels.Nearest = "linear",
    boundary: boundaries.BoundaryName | boundaries.Boundary = "edge",
    *,
    axes: Axes | None = None,
    data_format: DataFormat = "channels_last",
    fill_value: complex | jax.Array | None = None,
    **unknown: Never,
) -> jax.Array:
    """Interpolate an array at points, which may lie anywhere, be traced and be learned.

    ``y[p] = sum_k w(k_1 - c_1[p]) ... w(k_d - c_d[p]) x[k_1, ..., k_d]``: d coordinates for every
    point, in pixels, the centre of pixel ``k`` at ``k``.

    Args:
      x: array with d spatial axes, and any batch and channel axes, all of which every point
        reads. For other points in every example, use `jax.vmap`.
      coordinates: d arrays of any one shape (or that broadcast), or one array of shape (d, ...):
        the points along the first spatial axis, the second, and so on.
      method: a name or kernel, as in `jaxup.resize`, except ``"area"``. ``"nearest"`` has a
        gradient of zero with respect to the coordinates; that of ``"linear"`` on a pixel's centre
        is the slope towards the next pixel.
      boundary: what lies outside the image: ``"edge"``, ``"reflect"``, ``"mirror"``, ``"wrap"``,
        ``"constant"``, or ``"renormalize"`` (taps outside are dropped, and a point outside the
        image's outer edges is 0), or a function from `jaxup.boundary`.
      axes: the d spatial axes, in the order of the coordinates. By default all axes of an array
        with d of them, else the d axes before the channels (channels_last) or after them.
      data_format: ``"channels_last"``, ``"channels_first"`` or letters, as in `jaxup.upsample`.
      fill_value: what lies outside with ``boundary="constant"``; 0 by default.

    Returns:
      Array of x's dtype: x's shape with the shape of the points in the place of the spatial axes
      (the first of them, if they are not neighbours). Differentiable in x and the coordinates;
      finite numbers give no NaN. Coordinates beyond 2**23 pixels count as 2**23.

    Raises:
      ValueError: for arguments out of range or that do not fit together.
      TypeError: for arguments of the wrong type.

    Example:
      >>> import jax.numpy as jnp, jaxup
      >>> x = jnp.array([[0.0, 1.0], [10.0, 11.0]])
      >>> jaxup.sample(x, ([0.5, 1.0], [0.5, 0.25]))
      Array([ 5.5 , 10.25], dtype=float32)
      >>> jaxup.sample(jnp.zeros((8, 32, 32, 3)), jnp.ones((2, 100))).shape
      (8, 100, 3)

    Source: ``scipy.ndimage.map_coordinates``, whose orders 0 to 5 are nearest, linear and
    bspline2 to bspline5.
    """
    if unknown:
        raise unknown_keyword(sample, unknown)
    x = as_array(_NAME, x)
    call = Call(_NAME, x.shape)
    fill_value = checked_fill_value(call, x.dtype, fill_value, boundary)
    positions = checked_positions(call, coordinates)
    options = len(positions), method, boundary, data_format
    spatial, kernel, beyond, label = through_cache(_plan, call, x, (axes,), *options)
    check_not_sharded(call, x, spatial)
    return _compiled(spatial, kernel, beyond, label)(x, positions, fill_value)


def _plan(
    call: Call, dtype: Any, axes: Any, count: int, method: Any, boundary: Any, data_format: Any
) -> tuple[tuple[int, ...], kernels.AnyKernel, boundaries.Boundary, str]:
    """Return the spatial axes, the kernel, the boundary and the label of a program."""
    rule = resolve_method(call, method)
    _check_method(call, rule, method, count)
    spatial = _axes(call, count, axes, data_format)
    check_dtype(call, rule.kernel, method, dtype)
    beyond = resolve_boundary(call, boundary)
    check_taps(call, rule.kernel, len(spatial))
    return spatial, rule.kernel, beyond, call.label(method)


@functools.lru_cache(maxsize=1024)
def _compiled(
    spatial: tuple[int, ...], kernel: kernels.AnyKernel, beyond: boundaries.Boundary, label: str
) -> Any:
    known = {"spatial": spatial, "kernel": kernel, "beyond": beyond, "label": label}
    return jax.jit(functools.partial(_sampled, **known), inline=True)


def sampled(
    x: jax.Array,
    positions: jax.Array | Sequence[jax.Array],
    fill_value: jax.Array | None,
    spatial: tuple[int, ...],
    kernel: kernels.AnyKernel,
    beyond: boundaries.Boundary,
) -> jax.Array:
    """Interpolate these axes at positions, as operations of the program that is being built."""
    first, dtype = min(spatial), x.dtype
    x = jnp.moveaxis(x, spatial, range(first, first + len(spatial)))
    positions = jnp.broadcast_arrays(*positions)
    geometry = geometry_dtype(dtype, *positions)
    points = [
        SamplePoints(
            bounded(position.astype(geometry)), kernel, beyond, x.shape[first + n], kernel.taps(1.0)
        )
        for n, position in enumerate(positions)
    ]
    y = interpolate_at(*split_splines(x, first, points)).astype(dtype)
    if fill_value is None:
        return y
    ones = jnp.ones(x.shape[first : first + len(spatial)], at_least_float32(dtype))
    covered = interpolate_at(*split_splines(ones.real, 0, points))
    after = (1,) * (y.ndim - first - covered.ndim)
    covered = covered.reshape((1,) * first + covered.shape + after)
    return filled(y, covered, fill_value)


_sampled = labelled(sampled)


def checked_positions(call: Call, coordinates: Any) -> jax.Array | list[jax.Array]:
    """Return one array of coordinates for every spatial axis, or a list of such that broadcast."""
    try:
        if is_sequence(coordinates):
            given = [jnp.asarray(entry) for entry in coordinates]
        else:
            given = coordinates if isinstance(coordinates, jax.Array) else jnp.asarray(coordinates)
        count = len(given)  # a single number has none
    except (TypeError, ValueError, OverflowError) as error:
        raise call.type_error(
            "coordinates to be one array of numbers per spatial axis",
            f"{type(coordinates).__name__} {shown(coordinates)}",
            "Pass (rows, columns), or an array of shape (2, ...), for an image.",
        ) from error
    if not count:
        advice = "Pass one array per spatial axis."
        raise call.value_error("coordinates for at least one spatial axis", "none", advice)
    arrays = given if isinstance(given, list) else [given]
    for array in arrays:
        if array.dtype == jnp.bool_ or jnp.issubdtype(array.dtype, jnp.complexfloating):
            advice = "Pass positions in pixels, as floats."
            raise call.type_error("coordinates to be real numbers", f"dtype {array.dtype}", advice)
    if isinstance(given, list):
        _check_broadcast(call, [array.shape for array in given])
    return given


def _check_broadcast(call: Call, shapes: list[tuple[Any, ...]]) -> None:
    try:
        jnp.broadcast_shapes(*shapes)
    except ValueError as error:
        rule = "coordinates of shapes that broadcast"
        advice = "Give every spatial axis as many coordinates."
        raise call.value_error(rule, shapes, advice) from error


def _check_method(call: Call, rule: Method, method: object, count: int) -> None:
    if isinstance(rule.kernel, kernels.Area):
        advice = "Points have no area: use 'linear', or jaxup.resize."
        raise call.value_error("a method for points", f"method={method!r}", advice)
    if rule.rank is not None and rule.rank != count:
        expected = f"{rule.rank} coordinates per point for method {method!r}"
        advice = "Use 'linear' or 'cubic', which serve any number of axes."
        raise call.value_error(expected, count, advice)


def _axes(call: Call, count: int, axes: Any, data_format: str) -> tuple[int, ...]:
    """Return the spatial axes; all of an array that has no more."""
    if axes is None and len(call.shape) == count:
        axes = tuple(range(count))
    resolved = spatial_axes(
        call,
        **static_numbers(call, axes=axes),
        data_format=data_format,
        count=count,
        counted=f"{count} coordinates per point",
    )
    check_pixels(call, tuple(call.shape[axis] for axis in resolved), verb="sample")
    return resolved
