"""The options of `resize`, each for itself: names to functions, and what is refused."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import jax
import jax.numpy as jnp
import numpy as np
from jax.core import Tracer

from jaxup import boundary as boundaries
from jaxup import coordinates as conventions
from jaxup import kernels
from jaxup._errors import message, unknown_name
from jaxup.coordinates import Convention

MethodName = Literal[
    "nearest",
    "linear",
    "bilinear",
    "trilinear",
    "cubic",
    "bicubic",
    "mitchell",
    "lanczos2",
    "lanczos3",
    "lanczos4",
    "lanczos5",
    "gaussian",
    "hamming",
    "box",
    "area",
    "bspline2",
    "bspline3",
    "bspline4",
    "bspline5",
]
CoordinatesName = Literal[
    "half_pixel",
    "half_pixel_symmetric",
    "pytorch_half_pixel",
    "asymmetric",
    "align_corners",
    "crop_and_resize",
]

_TIE = 1e-9
_LINEAR, _CUBIC = kernels.linear, kernels.cubic(-0.5)

METHODS: dict[str, tuple[Any, int | None]] = {
    "nearest": (kernels.Nearest("round_prefer_ceil", _TIE), None),
    "linear": (_LINEAR, None),
    "bilinear": (_LINEAR, 2),
    "trilinear": (_LINEAR, 3),
    "cubic": (_CUBIC, None),
    "bicubic": (_CUBIC, 2),
    "mitchell": (kernels.mitchell(), None),
    **{f"lanczos{radius}": (kernels.lanczos(radius), None) for radius in (2, 3, 4, 5)},
    "gaussian": (kernels.gaussian(), None),
    "hamming": (kernels.hamming, None),
    "box": (kernels.box, None),
    "area": (kernels.Area(fractional=True), None),
    **{f"bspline{order}": (kernels.bspline(order), None) for order in (2, 3, 4, 5)},
}

CONVENTIONS: dict[str, Convention] = {
    "half_pixel": conventions.half_pixel,
    "half_pixel_symmetric": conventions.half_pixel_symmetric,
    "pytorch_half_pixel": conventions.pytorch_half_pixel,
    "asymmetric": conventions.asymmetric,
    "align_corners": conventions.align_corners,
}

_ROUNDINGS = ("round_prefer_ceil", "round_prefer_floor", "floor", "ceil")


def kernel_of(function, method, rounding, shape) -> tuple[Any, int | None]:
    """The kernel of a method, and the number of axes that its name promises or None."""
    if isinstance(method, kernels.Kernel | kernels.Nearest | kernels.Area):
        kernel, rank = method, None
    elif not isinstance(method, str):
        raise TypeError(
            message(
                function,
                "method to be a name or a kernel from jaxup.kernels",
                repr(method),
                shape,
                f"The names are {', '.join(map(repr, METHODS))}.",
            )
        )
    elif method not in METHODS:
        raise ValueError(unknown_name(function, "method", method, METHODS, shape))
    else:
        kernel, rank = METHODS[method]
    if rounding is None:
        return kernel, rank
    if not isinstance(kernel, kernels.Nearest):
        raise ValueError(
            message(
                function,
                "rounding only with method='nearest'",
                f"method={method!r}",
                shape,
                "Drop rounding, or choose nearest.",
            )
        )
    _check_name(function, "rounding", rounding, _ROUNDINGS, shape)
    return kernels.Nearest(rounding, _TIE), rank


def check_options(function, fill_beyond, antialias, keep_aspect, precision, shape):
    """The options that need no other to be judged."""
    if not isinstance(antialias, bool | np.bool_):
        raise TypeError(
            message(
                function, "antialias to be a bool", repr(antialias), shape, "Pass True or False."
            )
        )
    policies = ("stretch", "not_larger", "not_smaller")
    _check_name(function, "keep_aspect", keep_aspect, policies, shape)
    _check_name(function, "precision", precision, ("float64", "float32"), shape)
    if fill_beyond is not None:
        _check_name(function, "fill_beyond", fill_beyond, ("centers", "edges"), shape)


def check_area(function, area: bool, coordinates, shape):
    """That area has areas to cover: these coordinates are of points."""
    points = ("align_corners", "asymmetric", "pytorch_half_pixel", "crop_and_resize")
    given = coordinates if isinstance(coordinates, tuple) else (coordinates,)
    for name in given if area else ():
        if isinstance(name, str) and name in points:
            raise ValueError(
                message(
                    function,
                    "coordinates of pixels that are areas for method='area'",
                    f"coordinates={name!r}",
                    shape,
                    "Use 'half_pixel', or another method.",
                )
            )


def _check_name(function, option, value, valid, shape):
    if not isinstance(value, str) or value not in valid:
        raise ValueError(unknown_name(function, option, value, valid, shape))


def check_fill_value(function, fill_value: Any, boundary, fill_beyond, x):
    """That the number can stand in x, and that something will be filled."""
    if fill_value is None:
        return
    given = boundary if isinstance(boundary, tuple) else (boundary,)
    constant = any(one == "constant" or one is boundaries.constant for one in given)
    if fill_beyond is None and not constant:
        raise ValueError(
            message(
                function,
                "fill_value only with boundary='constant' or fill_beyond",
                f"boundary={boundary!r}",
                x.shape,
                "Drop fill_value, or choose one of them.",
            )
        )
    if isinstance(fill_value, Tracer):
        return
    array = np.asarray(fill_value)
    if array.ndim or not (np.issubdtype(array.dtype, np.number) or array.dtype == bool):
        raise TypeError(
            message(
                function,
                "fill_value to be one number",
                repr(fill_value),
                x.shape,
                "Pass a number of the picture's own range.",
            )
        )
    value = array.item()
    if isinstance(value, complex):
        fits = jnp.issubdtype(x.dtype, jnp.complexfloating)
    elif jnp.issubdtype(x.dtype, jnp.inexact):
        fits = True
    elif x.dtype == jnp.bool_:
        fits = value in (0, 1)
    else:
        limits = jnp.iinfo(x.dtype)
        fits = limits.min <= value <= limits.max and value == int(value)
    if not fits:
        raise ValueError(
            message(
                function,
                f"a fill_value that dtype {x.dtype} can hold",
                repr(fill_value),
                x.shape,
                "Pass another number, or convert the array first.",
            )
        )


def one_or_tuple(value: Any) -> Any:
    """A sequence as a tuple, so that it can be hashed; a name or a function as it is."""
    return tuple(value) if isinstance(value, Sequence) and not isinstance(value, str) else value


def pairs(function, option, value, shape) -> tuple[tuple[float, float], ...] | None:
    """Pairs of numbers, one per axis; a single pair may stand alone."""
    if value is None:
        return None
    if any(isinstance(leaf, Tracer) for leaf in jax.tree.leaves(value)):
        raise TypeError(
            message(
                function,
                f"{option} to be known when the program is built",
                f"the traced value {value}",
                shape,
                "Use jaxup.scale_and_translate, whose geometry may be traced.",
            )
        )
    low, high = {"box": ("low", "high"), "roi": ("start", "end")}[option]
    try:
        array = np.asarray(value, np.float64)
    except (TypeError, ValueError):
        array = np.zeros(0)
    array = np.atleast_2d(array)
    if array.ndim != 2 or array.shape[-1] != 2 or not np.isfinite(array).all():
        raise ValueError(
            message(
                function,
                f"{option} to be one finite ({low}, {high}) pair per spatial axis",
                repr(value),
                shape,
                f"Pass (({low}, {high}), ...), in the order of the axes.",
            )
        )
    return tuple((float(first), float(second)) for first, second in array)
