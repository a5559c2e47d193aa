"""`upsample`: PyTorch's meaning of every option, as recipes for the primitive."""

from __future__ import annotations

import dataclasses
import functools
import reprlib
from collections.abc import Sequence
from typing import Any, Literal

import jax
import jax.numpy as jnp
import numpy as np
from jax.typing import ArrayLike

from jaxup import boundary, coordinates, kernels
from jaxup._errors import message, unknown_name
from jaxup._geometry import DataFormat, Geometry, hashable, resolve
from jaxup._operator import AxisSpec
from jaxup._resample import resampler_any
from jaxup._symbolic import Step, at_least_1, is_symbolic, rounded

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


@dataclasses.dataclass(frozen=True)
class Method:
    """What a method's name stands for.

    Args:
      kernel: with its ``boundary`` and ``coordinates``, how it interpolates.
      antialiased: the kernel when antialiasing, or None where that has no meaning.
      rank: how many spatial axes the name promises, or None for any number.
      aligns_corners: whether align_corners has a meaning.
      keeps_equal: whether an axis whose size does not change is left alone whatever the scale.
      from_edge: whether coordinates are rounded as distances from the edge; see `AxisSpec`.
    """

    kernel: kernels.Kernel | kernels.Nearest | kernels.Area
    boundary: boundary.Boundary
    coordinates: coordinates.Convention = coordinates.half_pixel
    antialiased: kernels.Kernel | None = None
    rank: int | None = None
    aligns_corners: bool = True
    keeps_equal: bool = False
    from_edge: bool = False


_LINEAR = Method(
    kernels.linear,
    boundary.edge,
    coordinates.Clamped(coordinates.half_pixel),
    antialiased=kernels.linear,
    keeps_equal=True,
)
_CUBIC = Method(kernels.cubic(-0.75), boundary.edge, antialiased=kernels.cubic(-0.5))
_LANCZOS3 = kernels.lanczos(3)

METHODS: dict[str, Method] = {
    "nearest": Method(
        kernels.Nearest("floor"),
        boundary.edge,
        coordinates.asymmetric,
        aligns_corners=False,
        keeps_equal=True,
    ),
    "nearest-exact": Method(
        kernels.Nearest("round_prefer_ceil"),
        boundary.edge,
        aligns_corners=False,
        from_edge=True,
    ),
    "linear": _LINEAR,
    "bilinear": dataclasses.replace(_LINEAR, rank=2),
    "trilinear": dataclasses.replace(_LINEAR, rank=3),
    "cubic": _CUBIC,
    "bicubic": dataclasses.replace(_CUBIC, rank=2),
    "area": Method(kernels.Area(), boundary.edge, aligns_corners=False, keeps_equal=True),
    "lanczos3": Method(_LANCZOS3, boundary.renormalize, antialiased=_LANCZOS3),
}


def upsample(
    x: ArrayLike,
    scale: float | Sequence[float] | None = None,
    method: MethodName | kernels.Kernel = "nearest",
    *,
    size: int | Sequence[int] | None = None,
    axes: int | Sequence[int] | None = None,
    data_format: DataFormat = "channels_last",
    align_corners: bool = False,
    antialias: bool = False,
) -> jax.Array:
    """Resample the spatial axes of an array, as ``torch.nn.functional.interpolate`` does.

    Each axis is a banded linear map ``y[i] = sum_k w(k - c(i)) x[k]`` with source coordinate
    ``c(i) = (i + 1/2) / scale - 1/2``, or ``i (in - 1) / (out - 1)`` with align_corners.

    Args:
      x: array of shape (..., spatial axes, channels), or (..., channels, spatial axes) with
        ``data_format="channels_first"``; any number of leading batch axes, also none.
      scale: output pixels per input pixel, one number or one per spatial axis. Below 1 it
        shrinks. The output has ``int(in * scale)`` pixels, and the coordinates follow the scale
        as given, not the ratio of the sizes. Exactly one of scale and size.
      method: ``"nearest"`` (PyTorch's and OpenCV's ``floor(i / scale)``), ``"nearest-exact"``
        (the pixel under the output's centre; Pillow, scikit-image), ``"linear"``, ``"cubic"``
        (a = -0.75), ``"area"`` (adaptive average pooling), ``"lanczos3"``, each for any number of
        axes; ``"bilinear"`` and ``"bicubic"`` for 2, ``"trilinear"`` for 3; or a
        `jaxup.kernels.Kernel` of your own, whose taps outside the picture are dropped.
      size: output pixels, one number or one per spatial axis.
      axes: the spatial axes. By default the d axes before the channels (channels_last) or after
        them (channels_first), where d is the method's rank, else the length of scale or size,
        else ``x.ndim - 2``.
      data_format: ``"channels_last"`` or ``"channels_first"``.
      align_corners: map the centres of the corner pixels onto each other, rather than the
        picture's outer edges. Not for nearest, nearest-exact and area.
      antialias: widen the kernel by the factor of a shrink, so that every input pixel counts
        (for bicubic this takes a = -0.5, and drops taps outside, also when enlarging). Not for
        nearest, nearest-exact and area.

    Returns:
      Array of x's dtype, with the spatial axes resampled. float16 and bfloat16 accumulate in
      float32.

    Raises:
      ValueError: for arguments out of range or that do not fit together.
      TypeError: for arguments of the wrong type, a traced scale or size, and integers or bools
        with any method but nearest and nearest-exact.

    Example:
      >>> import jax.numpy as jnp, jaxup
      >>> jaxup.upsample(jnp.array([1.0, 3.0]), 2, "linear", axes=0)
      Array([1. , 1.5, 2.5, 3. ], dtype=float32)
      >>> jaxup.upsample(jnp.zeros((8, 32, 32, 3)), 2, "bicubic").shape
      (8, 64, 64, 3)

    Source: PyTorch 2.13, ``aten/src/ATen/native/UpSample.h`` for the coordinates and weights.
    """
    name = "jaxup.upsample"
    x = as_array(name, x)
    apply = through_cache(
        _plan,
        x.shape,
        x.dtype,
        hashable(name, "scale", scale, x.shape),
        method,
        hashable(name, "size", size, x.shape),
        hashable(name, "axes", axes, x.shape),
        data_format,
        align_corners,
        antialias,
    )
    return apply(x)


def as_array(function: str, x: ArrayLike) -> jax.Array:
    """``x`` as a JAX array, or the error that says why it cannot be one."""
    if isinstance(x, jax.Array):
        return x
    try:
        return jnp.asarray(x)
    except (TypeError, ValueError) as error:
        raise TypeError(
            f"{function}: expected an array, got {type(x).__name__} {reprlib.repr(x)}."
            " Pass a JAX or NumPy array of numbers."
        ) from error


def through_cache(plan, shape, *arguments):
    """``plan(shape, *arguments)``, from its lru_cache where the arguments allow one."""
    try:
        hash(arguments)
    except TypeError:  # no valid argument is unhashable; the checks say which one is not
        return plan.__wrapped__(shape, *arguments)
    given = [n for argument in arguments if type(argument) is tuple for n in argument]
    if is_symbolic(*shape, *arguments, *given):  # symbolic sizes compare only after a proof
        plan = plan.__wrapped__
    return plan(shape, *arguments)


@functools.lru_cache(maxsize=1024, typed=True)
def _plan(shape, dtype, scale, method, size, axes, data_format, align_corners, antialias):
    function = "jaxup.upsample"
    rule = method_rule(function, method, shape)
    check_options(function, rule, method, align_corners, antialias, shape)
    geometry = resolve(
        function,
        shape,
        scale=scale,
        size=size,
        axes=axes,
        data_format=data_format,
        method_rank=rule.rank,
        method_name=method,
    )
    check_dtype(function, rule.kernel, method, dtype, shape)
    return resampler_any(
        *axis_specs(rule, geometry, dtype, align_corners=align_corners, antialias=antialias)
    )


def method_rule(function, method, shape) -> Method:
    if isinstance(method, kernels.Kernel):
        return Method(method, boundary.renormalize, antialiased=method)
    if not isinstance(method, str):
        raise TypeError(
            message(
                function,
                "method to be a name or a jaxup.kernels.Kernel",
                repr(method),
                shape,
                f"The names are {', '.join(map(repr, METHODS))}.",
            )
        )
    if method not in METHODS:
        raise ValueError(unknown_name(function, "method", method, METHODS, shape))
    return METHODS[method]


def check_options(function, rule: Method, method, align_corners, antialias, shape):
    for option, value in (("align_corners", align_corners), ("antialias", antialias)):
        if not isinstance(value, bool | np.bool_):
            raise TypeError(
                message(
                    function, f"{option} to be a bool", repr(value), shape, "Pass True or False."
                )
            )
    if align_corners and not rule.aligns_corners:
        raise ValueError(
            message(
                function,
                "align_corners only with linear, cubic and lanczos methods",
                f"method={method!r}",
                shape,
                "Drop align_corners, or choose one of those methods.",
            )
        )
    if antialias and rule.antialiased is None:
        raise ValueError(
            message(
                function,
                "antialias only with linear, cubic and lanczos methods",
                f"method={method!r}",
                shape,
                "Drop antialias ('area' already averages), or choose one of those methods.",
            )
        )


def check_dtype(function, kernel, method, dtype, shape):
    """That the kernel's arithmetic is possible in this dtype."""
    if jnp.issubdtype(dtype, jnp.inexact):
        return
    copies = isinstance(kernel, kernels.Nearest)
    if copies and (jnp.issubdtype(dtype, jnp.integer) or dtype == jnp.bool_):
        return
    if copies:
        raise TypeError(
            message(
                function,
                "an array of numbers or bools",
                f"dtype {dtype}",
                shape,
                "Convert it first.",
            )
        )
    raise TypeError(
        message(
            function,
            f"a floating-point or complex array for method={method!r}",
            f"dtype {dtype}",
            shape,
            "Convert it first (x.astype(jnp.float32)) and round the result as you need it, or use"
            " method='nearest', which keeps the dtype.",
        )
    )


def axis_specs(
    rule: Method, geometry: Geometry, dtype, *, align_corners: bool, antialias: bool
) -> tuple[tuple[int, ...], tuple[AxisSpec, ...]]:
    """The axes that change, and a recipe for each."""
    nearest = isinstance(rule.kernel, kernels.Nearest)
    area = isinstance(rule.kernel, kernels.Area)
    double = jnp.finfo(dtype).dtype == np.float64 if jnp.issubdtype(dtype, jnp.inexact) else False
    precision = np.float64 if area or (double and not nearest) else np.float32
    axes, specs = [], []
    scales = geometry.scales or (None,) * len(geometry.axes)
    for axis, in_size, out_size, scale in zip(
        geometry.axes, geometry.in_sizes, geometry.out_sizes, scales, strict=True
    ):
        keeps_equal = rule.keeps_equal or antialias
        step = _step(rule, in_size, out_size, scale, align_corners, keeps_equal)
        if in_size == out_size and keeps_equal:
            continue
        step = rounded(step, precision)
        axes.append(axis)
        specs.append(
            axis_spec(
                rule,
                in_size,
                out_size,
                step,
                precision.__name__,
                align_corners=align_corners,
                antialias=antialias,
            )
        )
    return tuple(axes), tuple(specs)


def axis_spec(
    rule: Method, in_size, out_size, step: Any, precision, *, align_corners: bool, antialias: bool
) -> AxisSpec:
    """The recipe of an axis that changes, with ``step`` source pixels per output pixel."""
    convention = rule.coordinates
    if align_corners and not antialias:
        convention = coordinates.align_corners
    elif antialias:
        convention = coordinates.half_pixel
    area = isinstance(rule.kernel, kernels.Area)
    return AxisSpec(
        in_size,
        out_size,
        coordinates=convention,
        kernel=rule.antialiased if antialias else rule.kernel,
        boundary=boundary.renormalize if antialias else rule.boundary,
        step=step,
        stretch=at_least_1(step) if antialias else step if area else 1.0,
        precision=precision,
        from_edge=antialias or rule.from_edge,
    )


def _step(rule, in_size, out_size, scale, align_corners, keeps_equal) -> Any:
    if is_symbolic(in_size, out_size):
        return _symbolic_step(rule, in_size, out_size, scale, align_corners, keeps_equal)
    if align_corners:
        return coordinates.align_corners_step(in_size, out_size)
    if scale is None or isinstance(rule.kernel, kernels.Area):
        return in_size / out_size
    if rule.kernel == kernels.Nearest("floor") and out_size == 2 * in_size:
        return 0.5  # PyTorch doubles with a shift, whatever the scale
    return 1 / scale


def _symbolic_step(rule, in_size, out_size, scale, align_corners, keeps_equal) -> Step:
    """The same for sizes that only the program will know, with what is done if they are equal."""
    if align_corners:
        return Step(in_size - 1, out_size - 1)
    if scale is None or isinstance(rule.kernel, kernels.Area):
        return Step(in_size, out_size)
    doubles = ((2 * in_size, out_size, 0.5),) if rule.kernel == kernels.Nearest("floor") else ()
    equal = ((in_size, out_size, 1.0),) if keeps_equal else ()
    return Step(1 / scale, 1, doubles + equal)
