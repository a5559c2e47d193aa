"""A scale and a translation that may be traced, and how far they may widen a kernel."""

# pyright: reportUnknownMemberType=false, reportUnknownArgumentType=false
# pyright: reportUnknownVariableType=false
from __future__ import annotations

import dataclasses
import math
import numbers
from collections.abc import Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax.core import Tracer

from jaxup import boundary as boundaries
from jaxup import coordinates, kernels
from jaxup._arguments.arrays import check_dtype
from jaxup._arguments.axes import is_sequence
from jaxup._arguments.call import Call, quoted, shown
from jaxup._arguments.methods import resolve_boundary, resolve_method
from jaxup._arguments.options import check_area
from jaxup._arguments.proportions import check_taps
from jaxup._arguments.sizes import resolve, static_numbers
from jaxup._numbers.step import is_symbolic
from jaxup._recipe.axis import AxisSpec
from jaxup._recipe.recipe import Resample

SMALLEST_SCALE = 1e-12  # nearer to 0 a scale counts as this: 1 / scale**2 is still a float32
FAR = 2.0**30  # pixels


def real_numbers(
    call: Call, option: str, value: Any, axes: tuple[int, ...]
) -> jax.Array | tuple[float, ...]:
    """Return one real number per axis: floats, or JAX's array of one number or one per axis."""
    rule = f"{option} to be a real number, or one per axis"
    advice = "Pass a float, a traced scalar, or a sequence of them."
    array: Any
    try:
        if isinstance(value, jax.Array):
            array = value
        elif is_known(value):
            array = np.asarray(value)
        elif is_sequence(value):
            array = jnp.stack(jnp.broadcast_arrays(*[jnp.asarray(entry) for entry in value]))
        else:
            array = jnp.asarray(value)
        if jnp.issubdtype(array.dtype, jax.dtypes.extended) or array.dtype.kind in "cMm":
            raise TypeError("a random key, complex, or dates")
        known = () if isinstance(array, Tracer) else np.asarray(array, np.float64).ravel().tolist()
    except (TypeError, ValueError) as error:
        raise call.type_error(rule, f"{type(value).__name__} {quoted(value)}", advice) from error
    except OverflowError as error:
        raise call.value_error(f"a finite {option}", f"{option}={shown(value)}", advice) from error
    if array.dtype == np.bool_:
        raise call.type_error(rule, f"dtype {array.dtype}", advice)
    if array.ndim > 1 or (array.ndim == 1 and len(array) != len(axes)):
        expected = f"one {option}, or {len(axes)} (one per spatial axis)"
        advice = f"The spatial axes are {axes}; for one {option} per example use jax.vmap."
        raise call.value_error(expected, f"an array of shape {array.shape}", advice)
    if not all(map(math.isfinite, known)):
        raise call.value_error(f"a finite {option}", f"{option}={value}", "Pass real numbers.")
    if isinstance(array, jax.Array):
        return array
    return tuple(known) if array.ndim else (*known,) * len(axes)


def of_axes(numbers: Any, count: int) -> Sequence[Any]:
    """Return the number of each axis, of a tuple of them or an array of one or of all."""
    if isinstance(numbers, tuple):
        return numbers
    return tuple(numbers) if numbers.ndim else (numbers,) * count


def is_known(*values: Any) -> bool:
    """Return whether values are Python's or NumPy's numbers, which need no program."""
    known = (bool, int, float, complex, np.generic, np.ndarray)
    for value in values:  # which is known without a look for leaves
        if isinstance(value, jax.Array):
            return False
    return all(isinstance(leaf, known) for leaf in jax.tree.leaves(values))


def check_max_shrink(call: Call, max_shrink: Any) -> None:
    """Check that the greatest shrink is a known number of at least 1, if there is one."""
    if max_shrink is None:
        return
    if isinstance(max_shrink, bool) or not isinstance(max_shrink, numbers.Real):
        rule = "max_shrink to be a number known when the program is built"
        advice = "Pass a float of at least 1, or None."
        raise call.type_error(rule, f"{type(max_shrink).__name__} {quoted(max_shrink)}", advice)
    advice = "It is the greatest 1 / scale; pass 1 if nothing shrinks."
    if not 1 <= call.as_float("max_shrink", max_shrink, advice) < math.inf:
        rule = "a finite max_shrink of at least 1"
        raise call.value_error(rule, f"max_shrink={max_shrink}", advice)


class Scaling(NamedTuple):
    """What arguments that no program computes stand for, one entry per axis where several."""

    axes: tuple[int, ...]
    in_sizes: tuple[Any, ...]
    out_sizes: tuple[Any, ...]
    kernel: kernels.AnyKernel
    boundary: boundaries.Boundary
    widens: bool
    label: str


def resolve_scaling(
    call: Call,
    dtype: Any,
    size: Any,
    axes: Any,
    method: Any,
    *,
    boundary: Any,
    data_format: str,
    antialias: bool,
    max_shrink: float | None,
    align_corners: bool,
    label: str | None,
) -> Scaling:
    """Check all arguments of `jaxup.scale_and_translate` but its scale and translation."""
    rule = resolve_method(call, method)
    call.check_bools(antialias=antialias, align_corners=align_corners)
    area = isinstance(rule.kernel, kernels.Area)
    if area and align_corners:
        check_area(call, "align_corners")
    check_max_shrink(call, max_shrink)
    static = static_numbers(call, scale=None, size=size, axes=axes)
    spatial, in_sizes, out_sizes, _ = resolve(
        call, **static, data_format=data_format, rank=rule.rank, method=method
    )
    check_dtype(call, rule.kernel, method, dtype)
    check_taps(call, rule.kernel)
    beyond = resolve_boundary(call, boundary)
    widens = area or (antialias and isinstance(rule.kernel, kernels.Kernel))
    label = label or call.label(method)
    return Scaling(spatial, in_sizes, out_sizes, rule.kernel, beyond, widens, label)


def kernel_widths(
    call: Call, scaling: Scaling, scales: Any, align_corners: bool, max_shrink: float | None
) -> Sequence[tuple[Any, float | None]]:
    """Return for each axis the most taps of an output, and how much wider a kernel may become."""
    kernel, axes = scaling.kernel, scaling.axes
    if not scaling.widens:
        return ((kernel.taps(1.0), None),) * len(axes)
    if isinstance(scales, jax.Array) and not isinstance(scales, Tracer):
        scales = np.asarray(scales)
    widths: list[tuple[Any, float]] = []
    sizes = zip(scaling.in_sizes, scaling.out_sizes, of_axes(scales, len(axes)), strict=True)
    for in_size, out_size, scale in sizes:
        step = step_of(in_size, out_size, scale, align_corners)
        widths.append(_most_taps(call, in_size, step, kernel, scaling.boundary, max_shrink))
    return widths


def widest(kernel: kernels.AnyKernel, max_shrink: float) -> tuple[Any, float]:
    """Return the most taps of a kernel that shrinks widen up to this one, and how much wider."""
    most = float(min(max_shrink, 1 / SMALLEST_SCALE))
    return kernel.taps(most), most


def _most_taps(
    call: Call,
    in_size: Any,
    step: Any,
    kernel: kernels.AnyKernel,
    beyond: boundaries.Boundary,
    max_shrink: float | None,
) -> tuple[Any, float]:
    """Return the most taps of an antialiased kernel, and how many times wider it may become."""
    if not isinstance(step, Tracer):
        return kernel.taps(max(float(abs(step)), 1.0)), math.inf
    if max_shrink is not None:
        return widest(kernel, max_shrink)
    if beyond is boundaries.renormalize:
        return in_size, math.inf
    name = getattr(beyond, "__name__", type(beyond).__name__)
    raise call.value_error(
        f"max_shrink with boundary={name!r}, antialias and a traced scale",
        "max_shrink=None",
        "Pass the greatest 1 / scale there will be, antialias=False, or boundary='renormalize'.",
    )


def scales_and_translations(
    call: Call, scale: Any, translation: Any, axes: tuple[int, ...]
) -> tuple[Any, Any]:
    """Return both for every axis, as `real_numbers` does; Nones where the sizes are the scale."""
    scales: Any = (None,) * len(axes)
    if scale is not None:
        scales = real_numbers(call, "scale", scale, axes)
    return scales, real_numbers(call, "translation", translation, axes)


def known(
    call: Call,
    dtype: Any,
    size: Any,
    scale: Any,
    translation: Any,
    axes: Any,
    method: Any,
    *,
    align_corners: bool,
    **options: Any,
) -> Resample | None:
    """Return the resample for a known scale and translation.

    None if a size is symbolic, or if the taps are many more than pixels: a loop over traced taps
    needs no memory for them.
    """
    checked = resolve_scaling(
        call, dtype, size, axes, method, align_corners=align_corners, **options
    )
    numbers = scales_and_translations(call, scale, translation, checked.axes)
    if is_symbolic(*checked.in_sizes, *checked.out_sizes):
        return None
    kernel, specs = checked.kernel, list[AxisSpec]()
    empties = checked.boundary is boundaries.renormalize and not isinstance(kernel, kernels.Nearest)
    least = 0.0 if isinstance(kernel, kernels.Area) else 1.0
    sizes = zip(checked.in_sizes, checked.out_sizes, strict=True)
    for (in_size, out_size), own_scale, moved in zip(sizes, *numbers, strict=True):
        step = float(step_of(in_size, out_size, own_scale, align_corners))
        kernel_scale = max(abs(step), least) if checked.widens else 1.0
        convention = Moved(moved, align_corners, empties)
        specs.append(
            AxisSpec(in_size, out_size, convention, kernel, checked.boundary, step, kernel_scale)
        )
        if kernel.taps(kernel_scale) > kernel.taps(1.0) * (in_size + 1):
            return None
    return Resample(checked.axes, tuple(specs), checked.label)


@dataclasses.dataclass(frozen=True)
class Moved:
    """A convention of known numbers; what lies outside the image is sent where no tap reaches it.

    Args:
      translation: in output pixels.
      aligned: whether coordinates count from the centres of the first pixels.
      empties: whether an output that samples outside the image's outer edges reads nothing.
    """

    translation: float
    aligned: bool
    empties: bool

    def __call__(self, index: Any, in_size: Any, out_size: Any, step: Any) -> Any:
        convention = coordinates.align_corners if self.aligned else coordinates.half_pixel
        sample = convention(index - self.translation, in_size, out_size, step).clip(-FAR, FAR)
        outside = (sample < -0.5) | (sample > in_size - 0.5)
        return np.where(outside & self.empties, -FAR, sample)


def step_of(in_size: Any, out_size: int, scale: Any, aligned: bool) -> Any:
    """Return the source pixels per output pixel."""
    if scale is not None:
        xp = jnp if isinstance(scale, jax.Array) else np
        return 1 / xp.where(abs(scale) < SMALLEST_SCALE, SMALLEST_SCALE, scale)
    return coordinates.align_corners_step(in_size, out_size) if aligned else in_size / out_size
