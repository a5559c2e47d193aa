"""PyTorch's meaning of every method name: kernel, boundary and coordinates, as recipes."""

from __future__ import annotations

import dataclasses
from typing import Any, Literal

import jax.numpy as jnp
import numpy as np

from jaxup import boundary, coordinates, kernels
from jaxup._arguments.arrays import check_dtype
from jaxup._arguments.call import Call
from jaxup._arguments.methods import unknown_method
from jaxup._arguments.proportions import check_weights
from jaxup._arguments.sizes import Geometry, check_factors, resolve, static_numbers
from jaxup._numbers.dtypes import float_for
from jaxup._numbers.step import Step, at_least_1
from jaxup._recipe.axis import AxisSpec, TracedAxis, axis_recipe
from jaxup._recipe.recipe import Resample

MethodName = Literal[
    "nearest",
    "nearest-exact",
    "linear",
    "bilinear",
    "trilinear",
    "cubic",
    "bicubic",
    "area",
    "lanczos3",
]


def _rounded(convention: coordinates.Convention, origin: float = 0.0) -> coordinates.Rounded:
    return coordinates.Rounded(convention, "float32", origin)


_HALF_PIXEL = _rounded(coordinates.half_pixel)
_FROM_EDGE = _rounded(coordinates.half_pixel, 0.5)  # as distances from the outer edge
_ALIGN_CORNERS = _rounded(coordinates.align_corners)


@dataclasses.dataclass(frozen=True)
class Method:
    """What the name of a method stands for.

    Args:
      kernel, boundary: how it interpolates.
      coordinates: where, in PyTorch's float32; its ``convention`` alone is exact.
      antialias_kernel: the kernel when antialiasing, or None where that has no meaning.
      rank: how many spatial axes the name promises, or None for any number.
      allows_align_corners: whether align_corners has a meaning.
      identity_if_same_size: whether an axis whose size does not change stays as it is, whatever the
        scale.
      aligns_corners, antialiases: whether the options of these names are set.
    """

    kernel: kernels.AnyKernel
    boundary: boundary.Boundary
    coordinates: coordinates.Rounded = _HALF_PIXEL
    antialias_kernel: kernels.Kernel | None = None
    rank: int | None = None
    allows_align_corners: bool = True
    identity_if_same_size: bool = False
    aligns_corners: bool = False
    antialiases: bool = False

    @property
    def is_area(self) -> bool:
        return isinstance(self.kernel, kernels.Area)

    @property
    def is_floor(self) -> bool:
        """Whether it is PyTorch's "nearest", which doubles with a shift, whatever the scale."""
        return self.kernel == _FLOOR

    def with_options(self, align_corners: bool, antialias: bool) -> Method:
        """Return the method with these options."""
        rule = self
        if align_corners:
            rule = dataclasses.replace(rule, coordinates=_ALIGN_CORNERS, aligns_corners=True)
        if not (antialias and rule.antialias_kernel):
            return rule
        return dataclasses.replace(
            rule,
            kernel=rule.antialias_kernel,
            boundary=boundary.renormalize,
            coordinates=_FROM_EDGE,
            identity_if_same_size=True,
            antialiases=True,
        )


_FLOOR = kernels.Nearest("floor")
_LINEAR = Method(
    kernels.linear,
    boundary.edge,
    _rounded(coordinates.Clamped(coordinates.half_pixel)),
    antialias_kernel=kernels.linear,
    identity_if_same_size=True,
)
_CUBIC = Method(kernels.cubic(-0.75), boundary.edge, antialias_kernel=kernels.cubic(-0.5))
_LANCZOS3 = kernels.lanczos(3)

METHODS: dict[str, Method] = {
    "nearest": Method(
        _FLOOR,
        boundary.edge,
        _rounded(coordinates.asymmetric),
        allows_align_corners=False,
        identity_if_same_size=True,
    ),
    "nearest-exact": Method(
        kernels.Nearest("round_prefer_ceil"),
        boundary.edge,
        _FROM_EDGE,
        allows_align_corners=False,
    ),
    "linear": _LINEAR,
    "bilinear": dataclasses.replace(_LINEAR, rank=2),
    "trilinear": dataclasses.replace(_LINEAR, rank=3),
    "cubic": _CUBIC,
    "bicubic": dataclasses.replace(_CUBIC, rank=2),
    "area": Method(
        kernels.Area(), boundary.edge, allows_align_corners=False, identity_if_same_size=True
    ),
    "lanczos3": Method(_LANCZOS3, boundary.renormalize, antialias_kernel=_LANCZOS3),
}


def resolve_method(call: Call, method: object, align_corners: object, antialias: object) -> Method:
    """Return the method of that name, or of a kernel of the user's own, if the options fit it."""
    if isinstance(method, kernels.Kernel):
        rule = Method(method, boundary.renormalize, antialias_kernel=method)
    elif not isinstance(method, str):
        raise call.not_a_name("method", method, "a jaxup.kernels.Kernel", METHODS)
    elif method not in METHODS:
        raise unknown_method(call, method, METHODS)
    else:
        rule = METHODS[method]
    if not (type(align_corners) is type(antialias) is bool):
        call.check_bools(align_corners=align_corners, antialias=antialias)
    others = "only with linear, cubic and lanczos methods"
    if align_corners and not rule.allows_align_corners:
        advice = "Drop align_corners, or choose one of those methods."
        raise call.value_error(f"align_corners {others}", f"method={method!r}", advice)
    if antialias and rule.antialias_kernel is None:
        advice = "Drop antialias ('area' already averages), or choose one of those methods."
        raise call.value_error(f"antialias {others}", f"method={method!r}", advice)
    return rule.with_options(bool(align_corners), bool(antialias))


def plan(
    call: Call,
    dtype: Any,
    scale: Any,
    size: Any,
    axes: Any,
    method: object,
    data_format: str = "channels_last",
    align_corners: bool = False,
    antialias: bool = False,
    result: Any = None,
) -> Resample:
    """Return the resample that the options of `jaxup.upsample` stand for."""
    target = static_numbers(call, scale=scale, size=size, axes=axes)
    if not isinstance(scale, int | float | None):
        check_factors(call, target["scale"])
    rule = resolve_method(call, method, align_corners, antialias)
    if (scale is None) == (size is None):
        names = f"{call.option('scale')} and {call.option('size')}"
        got, also = ("neither", ".") if scale is None else ("both", ", not both.")
        advice = f"Pass a scale (a factor) or a size (in pixels){also}"
        raise call.value_error(f"exactly one of {names}", got, advice)
    geometry = resolve(call, **target, data_format=data_format, rank=rule.rank, method=method)
    if result is not None:
        precise = float_for(dtype, result)
        resample = resample_of(call, rule, geometry, precise, method)
        return dataclasses.replace(resample, dtype=result)
    if not jnp.issubdtype(dtype, jnp.inexact):
        check_dtype(call, rule.kernel, method, dtype)
    return resample_of(call, rule, geometry, dtype, method)


def resample_of(
    call: Call, rule: Method, geometry: Geometry, dtype: Any, method: object
) -> Resample:
    """Return the axes that change, and a recipe for each."""
    double = dtype in (np.float64, np.complex128)
    wide = rule.is_area or (double and not isinstance(rule.kernel, kernels.Nearest))
    specs: dict[int, Any] = {}
    scales = geometry.scales or (None,) * len(geometry.axes)
    for axis, in_size, out_size, scale in zip(
        geometry.axes, geometry.in_sizes, geometry.out_sizes, scales, strict=True
    ):
        if rule.identity_if_same_size and in_size == out_size:
            continue
        step = _step(rule, in_size, out_size, scale)
        exact = wide or _is_long(in_size) or _is_long(out_size)
        if isinstance(step, Step):
            step = dataclasses.replace(step, single=not exact)
        elif not exact:
            step = float(np.float32(step))
        specs[axis] = axis_spec(rule, in_size, out_size, step, exact)
    check_weights(call, specs)
    return Resample(tuple(specs), tuple(specs.values()), call.label(method), geometry.axes)


def _is_long(size: Any) -> bool:
    """Return whether float32, to which PyTorch rounds coordinates, has no number for each pixel."""
    return isinstance(size, int) and size > 2**24


def axis_spec(
    rule: Method, in_size: Any, out_size: Any, step: Step | float, exact: bool
) -> AxisSpec | TracedAxis:
    """Return the recipe of an axis that changes.

    Args:
      step: source pixels per output pixel.
      exact: whether coordinates stay in float64; PyTorch rounds them to float32.
    """
    kernel_scale = step if rule.is_area else 1.0
    if rule.antialiases:
        kernel_scale = at_least_1(step)
    convention = rule.coordinates.convention if exact else rule.coordinates
    return axis_recipe(
        in_size, out_size, convention, rule.kernel, rule.boundary, step, kernel_scale
    )


def _step(rule: Method, in_size: Any, out_size: Any, scale: float | None) -> Step | float:
    """Return the source pixels per output pixel, as a `Step` if a size is symbolic."""
    known = isinstance(in_size, int) and isinstance(out_size, int)
    if rule.aligns_corners:
        if known:
            return coordinates.align_corners_step(in_size, out_size)
        return Step(in_size - 1, out_size - 1)
    if scale is None or rule.is_area:
        return in_size / out_size if known else Step(in_size, out_size)
    if known:
        return 0.5 if rule.is_floor and out_size == 2 * in_size else 1 / scale
    doubles = ((2 * in_size, out_size, 0.5),) if rule.is_floor else ()
    equal = ((in_size, out_size, 1.0),) if rule.identity_if_same_size else ()
    return Step(1 / scale, 1, doubles + equal)
