"""The names of `jaxup.resize`: methods, boundaries and coordinates, and what they stand for."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal, NamedTuple, cast, get_args

import numpy as np

from jaxup import boundary as boundaries
from jaxup import coordinates as conventions
from jaxup import kernels
from jaxup._arguments.call import Call, quoted
from jaxup.boundary import Boundary
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


class Method(NamedTuple):
    """A kernel, and the number of spatial axes that its name promises, or None for any number."""

    kernel: kernels.AnyKernel
    rank: int | None = None


_TIE = 1e-9

METHODS: dict[str, Method] = {
    "nearest": Method(kernels.Nearest("round_prefer_ceil", _TIE)),
    "linear": Method(kernels.linear),
    "bilinear": Method(kernels.linear, 2),
    "trilinear": Method(kernels.linear, 3),
    "cubic": Method(kernels.cubic(-0.5)),
    "bicubic": Method(kernels.cubic(-0.5), 2),
    "mitchell": Method(kernels.mitchell()),
    **{f"lanczos{radius}": Method(kernels.lanczos(radius)) for radius in (2, 3, 4, 5)},
    "gaussian": Method(kernels.gaussian()),
    "hamming": Method(kernels.hamming),
    "box": Method(kernels.box),
    "area": Method(kernels.Area(fractional=True)),
    **{f"bspline{order}": Method(kernels.bspline(order)) for order in (2, 3, 4, 5)},
}

ROUNDINGS = ("round_prefer_ceil", "round_prefer_floor", "floor", "ceil")

CONVENTIONS: dict[str, Convention] = {
    name: getattr(conventions, name)
    for name in get_args(CoordinatesName)
    if name != "crop_and_resize"  # a region makes a convention of it
}

BOUNDARIES: dict[str, Boundary] = {
    name: getattr(boundaries, name) for name in get_args(boundaries.BoundaryName)
}


_ELSEWHERE = {
    "lanczos": "lanczos3",
    "nearest-neighbor": "nearest",
    "nearest_neighbor": "nearest",
    "triangle": "linear",
}


def unknown_method(call: Call, method: str, valid: Iterable[str]) -> ValueError:
    """Return the error for a name that is not valid, but may be one elsewhere."""
    meant = _ELSEWHERE.get(method.lower())
    hint = f"Did you mean {meant!r}?" if meant else ""
    if method in METHODS:
        hint = f"jaxup.resize has {method!r}."
    return call.unknown("method", method, valid, hint)


def resolve_method(call: Call, method: object, rounding: object = None) -> Method:
    """Return the method of that name, or of that kernel, with the rounding that nearest takes."""
    if isinstance(method, kernels.Kernel | kernels.Nearest | kernels.Area):
        rule = Method(method)
    elif not isinstance(method, str):
        raise call.not_a_name("method", method, "a kernel from jaxup.kernels", METHODS)
    elif method not in METHODS:
        raise unknown_method(call, method, METHODS)
    else:
        rule = METHODS[method]
    if rounding is None:
        return rule
    if not isinstance(rule.kernel, kernels.Nearest):
        advice = "Drop rounding, or choose nearest."
        raise call.value_error("rounding only with method='nearest'", f"method={method!r}", advice)
    call.check_name("rounding", rounding, ROUNDINGS)
    return Method(kernels.Nearest(cast(kernels.Rounding, rounding), _TIE), rule.rank)


def resolve_boundary(call: Call, boundary: Any) -> Boundary:
    """Return the boundary of that name, or the boundary itself."""
    if isinstance(boundary, str):
        call.check_name("boundary", boundary, BOUNDARIES)
        return BOUNDARIES[boundary]
    if not callable(boundary):
        listed = ", ".join(map(repr, BOUNDARIES))
        raise call.type_error(
            "boundary to be a name or a function from jaxup.boundary",
            quoted(boundary),
            f"The names are {listed}; for a number outside, use boundary='constant' with"
            " fill_value.",
        )
    if boundary not in BOUNDARIES.values():
        position = np.arange(-1.0, 5.0).reshape(2, 3)
        _try(call, "boundary", "(position, weights, in_size)", boundary, position, position, 4)
    return cast(Boundary, boundary)


def resolve_convention(call: Call, name: Any) -> Convention:
    """Return the convention of that name, or the convention itself."""
    if callable(name):
        arguments = "(index, in_size, out_size, step)"
        if getattr(name, "__module__", "") != conventions.__name__:
            _try(call, "coordinates", arguments, name, np.arange(3.0), 3, 3, 1.0)
        return name
    check_convention_name(call, name)
    return CONVENTIONS[name]


def check_convention_name(call: Call, name: Any) -> None:
    names = get_args(CoordinatesName)
    if not isinstance(name, str):
        raise call.not_a_name("coordinates", name, "a function", names)
    if name not in names:
        raise call.unknown("coordinates", name, names)


def _try(call: Call, option: str, named: str, function: Any, *arguments: Any) -> None:
    """Check what a user's function returns: an array of the first argument's shape, or three."""
    first, count = arguments[0], 3 if option == "boundary" else 1
    each = f"{'three real arrays' if count == 3 else 'a real array'} of the shape of the first"
    rule = f"{call.option(option)} to be a function of {named} that returns {each}"
    advice = "jaxup.boundary and jaxup.coordinates have examples."
    try:
        hash(function)  # JAX's caches and ours keep it
        result = function(*arguments)
        parts = [np.asarray(part) for part in (result if count == 3 else (result,))]
    except (TypeError, ValueError) as error:
        raise call.type_error(rule, f"{type(error).__name__}: {error}", advice) from error
    shapes = [part.shape for part in parts]
    if shapes != [first.shape] * count or any(part.dtype.kind not in "biuf" for part in parts):
        types = [f"{part.dtype}{list(part.shape)}" for part in parts]
        raise call.type_error(rule, f"{', '.join(types)} for {list(first.shape)}", advice)
