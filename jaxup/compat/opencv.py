"""OpenCV's `resize`, `remap` and `warpAffine` by jaxup: the same arguments, OpenCV not needed.

Constants are OpenCV's numbers, or its own names for them, such as ``cv2.INTER_CUBIC``:

==============  =================================================================================
interpolation   0 nearest, 1 linear, 2 cubic, 3 area, 4 Lanczos; `resize` alone has 5 linear and
                6 nearest, which are exact for 8-bit pictures in OpenCV
``borderMode``  0 constant, 1 replicate (a a|a b c|c c), 2 reflect (b a|a b c|c b), 3 wrap
                (b c|a b c|a b), 4 reflect_101 (c b|a b c|b a)
==============  =================================================================================

Pictures have shape (height, width) or (height, width, channels). Integers are computed in float32,
rounded half to even and clipped; nearest copies numbers of any type. OpenCV's argument ``dst`` is
none here, so what stands after it there is passed by name.

Source: OpenCV 5.0, ``modules/imgproc/src/resize.cpp`` and ``imgwarp.cpp``.
"""

# pyright: reportUnknownMemberType=false
from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.typing import ArrayLike

from jaxup import boundary, kernels
from jaxup._arguments.arrays import as_array, check_not_sharded, through_cache
from jaxup._arguments.call import Call
from jaxup._arguments.sizes import check_not_symbolic, check_pixels
from jaxup._functions.resize import plan
from jaxup._functions.sample import sampled
from jaxup._labels import labelled
from jaxup._numbers.dtypes import at_least_float32
from jaxup._run import filled, run
from jaxup.compat._affine import affine_positions, known_terms, numbers_of, sums_of
from jaxup.compat._opencv_arguments import (
    border_value,
    computed,
    constant,
    interpolation_of,
    maps,
    sizes,
    stored,
    target,
)

__all__ = ["remap", "resize", "warp_affine"]

_NEAREST, _AREA, _NEAREST_EXACT = 0, 3, 6
_FLOOR, _CUBIC, _LANCZOS = kernels.Nearest("floor"), kernels.cubic(-0.75), kernels.lanczos(4)
_RESIZE: tuple[Any, ...] = (_FLOOR, "linear", _CUBIC, "area", _LANCZOS, "linear", "nearest")
_POINTS = (kernels.Nearest(), kernels.linear, _CUBIC, kernels.linear, _LANCZOS)
_BORDERS = (
    boundary.constant,
    boundary.edge,
    boundary.reflect,
    boundary.wrap,
    boundary.mirror,
)


def resize(
    src: ArrayLike,
    dsize: Sequence[int] | None = None,
    *,
    fx: float = 0.0,
    fy: float = 0.0,
    interpolation: int = 1,
) -> jax.Array:
    """`cv2.resize`: nothing is antialiased but by area.

    Args:
      src: array of shape (height, width) or (height, width, channels).
      dsize: (width, height) of the result in pixels; None or (0, 0) to let fx and fy decide.
      fx, fy: output pixels per input pixel, along the width and the height; used without dsize.
        The size is ``round(in f)``.
      interpolation: as in `jaxup.compat.opencv`. Area averages the pixels that an output covers.

    Returns:
      Array of src's dtype, of shape (height, width) or (height, width, channels) of the new size.

    Raises:
      ValueError: for a size below 1, or neither a size nor fx and fy, or an unknown interpolation.
      TypeError: for arguments of the wrong type, or a traced size.

    Example:
      >>> import jax.numpy as jnp
      >>> from jaxup.compat import opencv
      >>> opencv.resize(jnp.array([[0.0, 4.0]]), (4, 1))
      Array([[0., 1., 3., 4.]], dtype=float32)
    """
    call, x = _call("resize", src)
    number = constant(call, "interpolation", interpolation, len(_RESIZE))
    size, scale = target(call, dsize, fx, fy)
    exact = number == _NEAREST_EXACT
    given, x = x.dtype, computed(call, x, number in (_NEAREST, _NEAREST_EXACT))
    resample = through_cache(
        plan,
        call,
        x,
        (size, None if exact else scale, (0, 1)),
        _RESIZE[number],
        coordinates="asymmetric" if number == _NEAREST else "half_pixel",
        boundary="renormalize" if number == _AREA else "edge",
        antialias=False,
    )
    return stored(run(x, resample), given)


def remap(
    src: ArrayLike,
    map1: ArrayLike,
    map2: ArrayLike | None,
    interpolation: int,
    *,
    borderMode: int = 0,
    borderValue: Any = 0,
) -> jax.Array:
    """`cv2.remap`: output ``(i, j)`` is the picture at ``x = map1[i, j]``, ``y = map2[i, j]``.

    Args:
      src: array of shape (height, width) or (height, width, channels).
      map1: x of every output pixel, the first pixel's centre at 0; or x and y, along a last axis
        of 2. May be traced and learned.
      map2: y of every output pixel; None if map1 has it.
      interpolation: as in `jaxup.compat.opencv`; area is linear here.
      borderMode: what lies outside, as in `jaxup.compat.opencv`.
      borderValue: the number outside with borderMode 0, of the first channel; or one for each of
        up to four channels. The others are 0. May be traced.

    Returns:
      Array of src's dtype, of the maps' shape, with the channels after it. OpenCV rounds the
      coordinates of cubic and Lanczos to 1/32 pixel; they are used as they are here.

    Raises:
      ValueError: for shapes that do not fit together, and unknown constants.
      TypeError: for maps that are not floats.

    Example:
      >>> import jax.numpy as jnp
      >>> from jaxup.compat import opencv
      >>> x = jnp.array([[0.0, 1.0], [10.0, 11.0]])
      >>> opencv.remap(x, jnp.array([[0.5, 1.0]]), jnp.array([[0.5, 0.25]]), 1)
      Array([[5.5, 3.5]], dtype=float32)
    """
    call, x = _call("remap", src)
    columns, rows = maps(call, map1, map2)
    number = constant(call, "interpolation", interpolation, len(_POINTS))
    return _at(call, x, [rows, columns], number, borderMode, borderValue, list)


def warp_affine(
    src: ArrayLike,
    M: ArrayLike,
    dsize: Sequence[int],
    *,
    flags: int = 1,
    borderMode: int = 0,
    borderValue: Any = 0,
) -> jax.Array:
    """`cv2.warpAffine`: pixel ``(x, y)`` of the picture goes to ``M (x, y, 1)``.

    Args:
      src: array of shape (height, width) or (height, width, channels).
      M: matrix of shape (2, 3). May be traced and learned.
      dsize: (width, height) of the result in pixels.
      flags: the interpolation, as in `remap`; plus 16 (``WARP_INVERSE_MAP``) if M leads from the
        result to the picture.
      borderMode, borderValue: as in `remap`.

    Returns:
      Array of src's dtype, of shape (height, width) or (height, width, channels) of the new size.

    Raises:
      ValueError: for shapes that do not fit together, and unknown constants.
      TypeError: for arguments of the wrong type, or a traced size.

    Example:
      >>> import jax.numpy as jnp
      >>> from jaxup.compat import opencv
      >>> shifted = jnp.array([[1.0, 0.0, 0.5], [0.0, 1.0, 0.0]])
      >>> opencv.warp_affine(jnp.array([[0.0, 4.0, 8.0]]), shifted, (3, 1), borderMode=1)
      Array([[0., 2., 6.]], dtype=float32)
    """
    call, x = _call("warp_affine", src)
    matrix = numbers_of(call, "M", M)
    if matrix.shape != (2, 3):
        raise call.value_error("M of shape (2, 3)", f"shape {matrix.shape}", "Leave 0 0 1 out.")
    width, height = sizes(call, dsize)
    number, inverse = interpolation_of(call, flags)
    place: Callable[[Any], list[jax.Array]] = _Warped((height, width), inverse)
    if isinstance(matrix, np.ndarray):
        matrix, place = known_terms(*_flipped(matrix, inverse), (height, width)), sums_of
    return _at(call, x, matrix, number, borderMode, borderValue, place)


def _call(name: str, src: ArrayLike) -> tuple[Call, jax.Array]:
    function = f"jaxup.compat.opencv.{name}"
    x = as_array(function, src, "src")
    call = Call(function, x.shape, (("x", "src"), ("size", "dsize"), ("method", "interpolation")))
    if x.ndim not in (2, 3):
        advice = "Pass (height, width) or (height, width, channels); jax.vmap takes a batch."
        raise call.value_error("src with 2 or 3 axes", x.ndim, advice)
    if not (jnp.issubdtype(x.dtype, jnp.number) or x.dtype == jnp.bool_):
        raise call.type_error("src of numbers", x.dtype, "Convert it first.")
    check_not_symbolic(call, x.shape[:2])
    check_pixels(call, x.shape[:2])
    return call, x


@dataclasses.dataclass(frozen=True)
class _Warped:
    """The rows and columns in the picture that a matrix of the program leads from or to."""

    shape: tuple[int, int]
    inverse: bool

    def __call__(self, matrix: jax.Array) -> list[jax.Array]:
        return affine_positions(*_flipped(matrix, self.inverse), self.shape)


def _flipped(matrix: Any, inverse: bool) -> tuple[Any, Any]:
    """Return the linear part and the offset of the map to the picture, rows before columns."""
    flipped = (matrix if inverse else _inverse(matrix))[::-1]
    return flipped[:, 1::-1], flipped[:, 2]


def _inverse(matrix: Any) -> Any:
    """Return the inverse of an affine map of shape (2, 3); zeros if there is none."""
    xp = np if isinstance(matrix, np.ndarray) else jnp
    (a, b, x), (c, d, y) = matrix
    determinant = a * d - b * c
    factor = xp.where(determinant == 0, 0, 1 / xp.where(determinant == 0, 1, determinant))
    a, b, c, d = d * factor, -b * factor, -c * factor, a * factor
    rows = [a, b, -a * x - b * y], [c, d, -c * x - d * y]
    return xp.stack([xp.stack(row) for row in rows])


def _at(
    call: Call,
    x: jax.Array,
    numbers: Any,
    number: int,
    border: Any,
    value: Any,
    place: Callable[[Any], list[jax.Array]],
) -> jax.Array:
    """Return the picture at the points, rows before columns, that ``place`` makes of numbers."""
    beyond = _BORDERS[constant(call, "borderMode", border, len(_BORDERS))]
    check_not_sharded(call, x, (0, 1))
    fill, given = border_value(call, value, x), x.dtype
    x, label = computed(call, x, number == _NEAREST), call.label(number)
    fill = fill if beyond is boundary.constant else None
    options = {"number": number, "beyond": beyond, "dtype": given, "label": label}
    return _compiled(x, numbers, fill, place=place, **options)


def _read(
    x: jax.Array,
    numbers: Any,
    fill: jax.Array | None,
    *,
    place: Callable[[Any], list[jax.Array]],
    number: int,
    beyond: boundary.Boundary,
    dtype: Any,
) -> jax.Array:
    points = place(numbers)
    kernel = _POINTS[number]
    if number == _NEAREST:
        points = [jnp.round(each) for each in points]  # half to even
    y = sampled(x, points, None, (0, 1), kernel, beyond)
    if fill is not None:
        ones = jnp.ones(x.shape[:2], at_least_float32(x.real.dtype))
        covered = sampled(ones, points, None, (0, 1), kernel, beyond)
        covered = covered.reshape(covered.shape + (1,) * (x.ndim - 2))
        y = filled(y, covered, fill.astype(x.dtype))
    return stored(y, dtype)


_compiled: Any = jax.jit(
    labelled(_read), static_argnames=("place", "number", "beyond", "dtype", "label"), inline=True
)
