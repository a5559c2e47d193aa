"""`scipy.ndimage`'s interpolation by jaxup: the same arguments and values, SciPy not needed.

All functions take, beside their own arguments:

=============  ===================================================================================
``output``     the dtype of the result; by default the input's. Arrays are not written into.
``order``      of the spline, 0 (nearest) to 5; 3 is the cubic one.
``mode``       ``"constant"`` (cval outside the outermost centres), ``"grid-constant"`` (pixels
               outside are cval), ``"nearest"`` (a a|a b c|c c), ``"mirror"`` (c b|a b c|b a),
               ``"reflect"`` or ``"grid-mirror"`` (b a|a b c|c b), ``"grid-wrap"``
               (b c|a b c|a b), ``"wrap"`` (with the period ``in - 1``).
``cval``       the number outside, of the modes constant and grid-constant. May be traced.
``prefilter``  False for an input that holds a spline's coefficients already.
=============  ===================================================================================

Integers are computed in JAX's default float (float32, or float64 with ``jax_enable_x64``), and
rounded half away from zero and clipped, as SciPy does; with order 0 they are copied. Bools go with
order 0 alone. Results are differentiable in the input, in cval and in all traced numbers.

Errors are a ValueError for numbers and names out of range or that do not fit together, and a
TypeError for arguments of the wrong type, or traced where the program must know them.

Source: SciPy 1.17, ``scipy/ndimage/_interpolation.py`` and ``src/ni_interpolation.c``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.typing import ArrayLike, DTypeLike

from jaxup._arguments.arrays import as_array
from jaxup._arguments.call import Call, quoted
from jaxup._arguments.sizes import check_static
from jaxup._functions.sample import checked_positions
from jaxup.compat._affine import affine_positions, known, numbers_of, rotation
from jaxup.compat._scipy_arguments import affine, output_sizes, per_axis, plane
from jaxup.compat._scipy_modes import Mode, spline
from jaxup.compat._scipy_run import (
    along_axes,
    along_traced_axes,
    at_points,
    diagonal_maps,
    is_diagonal,
)

__all__ = ["Mode", "affine_transform", "map_coordinates", "rotate", "shift", "zoom"]

Numbers = ArrayLike | Sequence[ArrayLike]


def zoom(
    input: ArrayLike,  # noqa: A002 (SciPy's name)
    zoom: float | Sequence[float],
    output: DTypeLike | None = None,
    order: int = 3,
    mode: Mode = "constant",
    cval: Any = 0.0,
    prefilter: bool = True,
    *,
    grid_mode: bool = False,
) -> jax.Array:
    """`scipy.ndimage.zoom`: every axis resampled to ``round(size zoom)`` pixels.

    Output ``i`` looks at ``i (in - 1) / (out - 1)``, or with grid_mode at
    ``(i + 1/2) in / out - 1/2``. Nothing is antialiased: `jaxup.resize` does that.

    Args:
      input: array of any rank.
      zoom: the factor, one number or one per axis, known when the program is built.
      output, order, mode, cval, prefilter: as in `jaxup.compat.scipy`.
      grid_mode: pixels are areas, and the outer edges of both grids coincide; False keeps the
        centres of the corner pixels in place.

    Example:
      >>> import jax.numpy as jnp
      >>> from jaxup.compat import scipy
      >>> scipy.zoom(jnp.array([0.0, 4.0, 8.0]), 5 / 3, order=1)
      Array([0., 2., 4., 6., 8.], dtype=float32)
    """
    call, x = _call("zoom", input, (("size", "zoom"),))
    x, rule = spline(call, x, output, order, mode, cval, prefilter)
    call.check_flags(grid_mode=grid_mode)
    check_static(call, "zoom", zoom)
    factors = np.asarray(per_axis(call, "zoom", known(zoom))).tolist()
    size = tuple(round(n * z) for n, z in zip(x.shape, factors, strict=True))
    if min(size) < 1:
        advice = "Zooms below 1 shrink; none may leave an axis without pixels."
        raise call.value_error("zoom for at least 1 pixel", f"zoom={quoted(zoom)}", advice)
    half, corners = (0.5, 0) if grid_mode else (0.0, 1)
    steps = [
        (n - corners) / (m - corners) if m > corners else 1.0
        for n, m in zip(x.shape, size, strict=True)
    ]
    return along_axes(call, x, rule, size, [(step, half, -half) for step in steps])


def map_coordinates(
    input: ArrayLike,  # noqa: A002
    coordinates: ArrayLike | Sequence[ArrayLike],
    output: DTypeLike | None = None,
    order: int = 3,
    mode: Mode = "constant",
    cval: Any = 0.0,
    prefilter: bool = True,
) -> jax.Array:
    """`scipy.ndimage.map_coordinates`: the values of a spline at points anywhere.

    Args:
      input: array of d axes.
      coordinates: array of shape (d, ...), or d arrays: the points along the first axis, the
        second, and so on, in pixels, the centre of pixel ``k`` at ``k``. May be traced.
      output, order, mode, cval, prefilter: as in `jaxup.compat.scipy`.

    Returns:
      Array of the points' shape.

    Example:
      >>> import jax.numpy as jnp
      >>> from jaxup.compat import scipy
      >>> x = jnp.arange(12.0).reshape(4, 3)
      >>> scipy.map_coordinates(x, [[0.5, 2.0], [0.5, 1.0]], order=1)
      Array([2., 7.], dtype=float32)
    """
    call, x = _call("map_coordinates", input)
    x, rule = spline(call, x, output, order, mode, cval, prefilter)
    points = checked_positions(call, coordinates)
    if len(points) != x.ndim:
        advice = "Pass the points along the input's first axis, then along its second, and so on."
        rule_text = f"coordinates of shape ({x.ndim}, ...)"
        raise call.value_error(rule_text, f"{len(points)} along the first axis", advice)
    return at_points(call, x, rule, points, tuple(range(x.ndim)))


def affine_transform(
    input: ArrayLike,  # noqa: A002
    matrix: ArrayLike,
    offset: Numbers = 0.0,
    output_shape: Sequence[int] | None = None,
    output: DTypeLike | None = None,
    order: int = 3,
    mode: Mode = "constant",
    cval: Any = 0.0,
    prefilter: bool = True,
) -> jax.Array:
    """`scipy.ndimage.affine_transform`: output ``o`` looks at ``matrix @ o + offset``.

    Args:
      input: array of d axes.
      matrix: from output to input: of shape (d, d); (d,), its diagonal; (d, d + 1), the offset in
        its last column; (d + 1, d + 1), with the row 0 ... 0 1 below; or (d, e), for an output of
        e axes. May be traced.
      offset: one number or one per axis, which a matrix with an offset of its own overrides. May
        be traced.
      output_shape: of the result; by default the input's.
      output, order, mode, cval, prefilter: as in `jaxup.compat.scipy`.

    A diagonal that is known when the program is built, and a one-dimensional matrix, is
    interpolated axis by axis.

    Example:
      >>> import jax.numpy as jnp
      >>> from jaxup.compat import scipy
      >>> scipy.affine_transform(jnp.arange(6.0), jnp.array([0.5]), offset=1.0, order=1)
      Array([1. , 1.5, 2. , 2.5, 3. , 3.5], dtype=float32)
    """
    call, x = _call("affine_transform", input, (("size", "output_shape"),))
    x, rule = spline(call, x, output, order, mode, cval, prefilter)
    size = output_sizes(call, output_shape)
    linear, start = affine(call, matrix, offset, len(size))
    if isinstance(linear, np.ndarray) and is_diagonal(linear):
        return along_axes(call, x, rule, size, diagonal_maps(linear, start))
    if linear.ndim == 1:
        return along_traced_axes(call, x, rule, size, linear, start)
    points = affine_positions(linear, start, size)
    return at_points(call, x, rule, points, tuple(range(x.ndim)))


def shift(
    input: ArrayLike,  # noqa: A002
    shift: Numbers,
    output: DTypeLike | None = None,
    order: int = 3,
    mode: Mode = "constant",
    cval: Any = 0.0,
    prefilter: bool = True,
) -> jax.Array:
    """`scipy.ndimage.shift`: output ``o`` looks at ``o - shift``.

    Args:
      input: array of any rank.
      shift: pixels, one number or one per axis. May be traced.
      output, order, mode, cval, prefilter: as in `jaxup.compat.scipy`.

    Example:
      >>> import jax.numpy as jnp
      >>> from jaxup.compat import scipy
      >>> scipy.shift(jnp.array([0.0, 4.0, 8.0, 12.0]), 0.5, order=1, mode="nearest")
      Array([ 0.,  2.,  6., 10.], dtype=float32)
    """
    call, x = _call("shift", input)
    x, rule = spline(call, x, output, order, mode, cval, prefilter)
    pixels = per_axis(call, "shift", shift)
    if isinstance(pixels, np.ndarray):
        return along_axes(call, x, rule, x.shape, [(1.0, -float(s), 0.0) for s in pixels])
    return along_traced_axes(call, x, rule, x.shape, jnp.ones_like(pixels), -pixels)


def rotate(
    input: ArrayLike,  # noqa: A002
    angle: float | jax.Array,
    axes: Sequence[int] = (1, 0),
    reshape: bool = True,
    output: DTypeLike | None = None,
    order: int = 3,
    mode: Mode = "constant",
    cval: Any = 0.0,
    prefilter: bool = True,
) -> jax.Array:
    """`scipy.ndimage.rotate`: turned about the middle, in the plane of two axes.

    Args:
      input: array of two axes or more; the others are a batch.
      angle: in degrees, from the second axis of the plane towards the first. May be traced with
        ``reshape=False``.
      axes: the two axes of the plane, in either order.
      reshape: make the result as large as the turned array; False keeps the shape.
      output, order, mode, cval, prefilter: as in `jaxup.compat.scipy`.

    Example:
      >>> import jax.numpy as jnp
      >>> from jaxup.compat import scipy
      >>> scipy.rotate(jnp.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]), 90, order=1)
      Array([[3., 6.],
             [2., 5.],
             [1., 4.]], dtype=float32)
    """
    call, x = _call("rotate", input)
    x, rule = spline(call, x, output, order, mode, cval, prefilter)
    call.check_flags(reshape=reshape)
    first, second = plane(call, axes)
    if reshape:
        check_static(call, "angle", angle, "Pass reshape=False, which keeps the shape.")
        angle = known(angle)
    turn = numbers_of(call, "angle", angle)
    if turn.ndim:
        raise call.value_error("angle to be one number", quoted(angle), "Use jax.vmap for several.")
    matrix, sides = rotation(turn), np.array([x.shape[first], x.shape[second]])
    size = sides
    if reshape:
        corners = matrix @ np.array([[0, 0, sides[0], sides[0]], [0, sides[1], 0, sides[1]]])
        size = (np.ptp(corners, axis=1) + 0.5).astype(int)
    start = (sides - 1) / 2 - matrix @ ((size - 1) / 2)
    points = affine_positions(matrix, start, size.tolist())
    return jnp.moveaxis(at_points(call, x, rule, points, (first, second)), first + 1, second)


def _call(
    name: str, x: ArrayLike, typed: tuple[tuple[str, str], ...] = ()
) -> tuple[Call, jax.Array]:
    function = f"jaxup.compat.scipy.{name}"
    array = as_array(function, x, "input")
    return Call(function, array.shape, (("x", "input"), *typed)), array
