"""`sample`: interpolation at arbitrary points, which may be traced."""

from __future__ import annotations

from collections.abc import Sequence

import jax
import jax.numpy as jnp
from jax.typing import ArrayLike

from jaxup import boundary as boundaries
from jaxup import kernels
from jaxup._dynamic import Look, bounded, filled, geometry_dtype, look_at, split_splines
from jaxup._errors import message
from jaxup._functional import as_array, check_dtype
from jaxup._geometry import DataFormat, hashable, spatial_axes
from jaxup._resize_options import MethodName, check_fill_value, kernel_of

_NAME = "jaxup.sample"


def sample(
    x: ArrayLike,
    coordinates: ArrayLike | Sequence[ArrayLike],
    method: MethodName | kernels.Kernel | kernels.Nearest = "linear",
    boundary: boundaries.BoundaryName | boundaries.Boundary = "edge",
    *,
    axes: int | Sequence[int] | None = None,
    data_format: DataFormat = "channels_last",
    fill_value: complex | jax.Array | None = None,
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
      boundary: what lies outside the picture: ``"edge"``, ``"reflect"``, ``"mirror"``, ``"wrap"``,
        ``"constant"``, or ``"renormalize"`` (taps outside are dropped, and a point outside the
        picture's outer edges is 0), or a function from `jaxup.boundary`.
      axes: the d spatial axes, in the order of the coordinates. By default all axes of an array
        with d of them, else the d axes before the channels (channels_last) or after them.
      data_format: ``"channels_last"`` or ``"channels_first"``.
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
    x = as_array(_NAME, x)
    check_fill_value(_NAME, fill_value, boundary, None, x)
    points = _points(coordinates, x)
    kernel, counted = kernel_of(_NAME, method, None, x.shape)
    _check_kernel(kernel, method, counted, len(points), x.shape)
    axes = _axes(x, len(points), axes, data_format)
    check_dtype(_NAME, kernel, method, x.dtype, x.shape)
    beyond = boundaries.named(_NAME, boundary, x.shape)
    first = min(axes)
    x = jnp.moveaxis(x, axes, range(first, first + len(axes)))
    looks = [
        Look(point, kernel, beyond, x.shape[first + n], kernel.taps(1.0))
        for n, point in enumerate(points)
    ]
    dtype = x.dtype
    y = look_at(*split_splines(x, first, looks)).astype(dtype)
    if fill_value is None:
        return y
    ones = jnp.ones(x.shape[first : first + len(axes)], jnp.promote_types(dtype, jnp.float32))
    covered = look_at(*split_splines(ones.real, 0, looks))
    covered = covered.reshape(covered.shape + (1,) * (y.ndim - first - covered.ndim))
    return filled(y, covered, fill_value)


def _points(coordinates, x) -> list[jax.Array]:
    """One array of coordinates per spatial axis, all of one shape, finite as far as they are."""
    try:
        if isinstance(coordinates, list | tuple):
            given = [jnp.asarray(c) for c in coordinates]
        else:
            given = list(jnp.asarray(coordinates))
    except (TypeError, ValueError) as error:
        raise TypeError(
            message(
                _NAME,
                "coordinates to be one array of numbers per spatial axis",
                f"{type(coordinates).__name__} {coordinates!r}",
                x.shape,
                "Pass (rows, columns), or an array of shape (2, ...), for a picture.",
            )
        ) from error
    if not given:
        raise ValueError(
            message(
                _NAME,
                "coordinates for at least one spatial axis",
                "none",
                x.shape,
                "Pass one array per spatial axis.",
            )
        )
    for array in given:
        if array.dtype == jnp.bool_ or jnp.issubdtype(array.dtype, jnp.complexfloating):
            raise TypeError(
                message(
                    _NAME,
                    "coordinates to be real numbers",
                    f"dtype {array.dtype}",
                    x.shape,
                    "Pass positions in pixels, as floats.",
                )
            )
    try:
        given = jnp.broadcast_arrays(*given)
    except ValueError as error:
        raise ValueError(
            message(
                _NAME,
                "coordinates of shapes that broadcast",
                [array.shape for array in given],
                x.shape,
                "Give every spatial axis as many coordinates.",
            )
        ) from error
    dtype = geometry_dtype(x.dtype, *given)
    return [bounded(array.astype(dtype)) for array in given]


def _check_kernel(kernel, method, rank, count, shape):
    if isinstance(kernel, kernels.Area):
        raise ValueError(
            message(
                _NAME,
                "a method for points",
                f"method={method!r}",
                shape,
                "Points have no area: use 'linear', or jaxup.resize.",
            )
        )
    if rank is not None and rank != count:
        raise ValueError(
            message(
                _NAME,
                f"{rank} coordinates per point for method {method!r}",
                count,
                shape,
                "Use 'linear' or 'cubic', which serve any number of axes.",
            )
        )


def _axes(x, count, axes, data_format) -> tuple[int, ...]:
    """The spatial axes; all of an array that has no more."""
    if axes is None and x.ndim == count:
        axes = tuple(range(count))
    resolved = spatial_axes(
        _NAME,
        x.ndim,
        x.shape,
        axes=hashable(_NAME, "axes", axes, x.shape),
        data_format=data_format,
        count=count,
        reason=f" for {count} coordinates per point",
    )
    if any(x.shape[axis] == 0 for axis in resolved):
        raise ValueError(
            message(
                _NAME,
                "spatial axes of at least 1 pixel",
                f"sizes {tuple(x.shape[axis] for axis in resolved)}",
                x.shape,
                "There is nothing to sample: check the input.",
            )
        )
    return resolved
