"""`jax.image` by jaxup: the same arguments and values, without the dense weight matrices.

``precision`` is accepted for the signature's sake: every product is computed in full.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax.image import ResizeMethod
from jax.typing import ArrayLike

from jaxup import kernels
from jaxup._arguments.arrays import as_array, through_cache
from jaxup._arguments.axes import is_array, is_sequence, spatial_axes
from jaxup._arguments.call import Call, shown
from jaxup._arguments.sizes import check_not_symbolic, static_numbers
from jaxup._functions.resize import plan
from jaxup._functions.scale_and_translate import scaled_and_translated
from jaxup._numbers.dtypes import common
from jaxup._recipe.recipe import Resample
from jaxup._run import run
from jaxup._traced.points import geometry_dtype
from jaxup.compat._jax_image_coordinates import Sample, nearest

__all__ = ["resize", "scale_and_translate"]

_KERNELS = {
    "nearest": kernels.Nearest("floor"),
    "linear": kernels.linear,
    "cubic": kernels.cubic(-0.5),
    "lanczos3": kernels.lanczos(3),
    "lanczos5": kernels.lanczos(5),
    "cubic-pytorch": kernels.cubic(-0.75),
    "area": kernels.Area(fractional=True),
}
_ALIASES = {
    **{name: name for name in _KERNELS},
    **dict.fromkeys(("bilinear", "trilinear", "triangle"), "linear"),
    **dict.fromkeys(("bicubic", "tricubic"), "cubic"),
    "bicubic-pytorch": "cubic-pytorch",
}


def resize(
    image: ArrayLike,
    shape: Sequence[int],
    method: str | ResizeMethod,
    antialias: bool = True,
    precision: Any = jax.lax.Precision.HIGHEST,
) -> jax.Array:
    """`jax.image.resize`: to a new shape, by half-pixel coordinates.

    Taps outside the image are dropped and the others renormalised, except that ``cubic-pytorch``
    without antialias repeats the edge.

    Args:
      image: array of any rank.
      shape: the new shape, one number per axis of image; the same number leaves an axis alone.
      method: a name as in `jax.image.resize`, or a `jax.image.ResizeMethod`.
      antialias: widen the kernel by the factor of a shrink. Nearest and area stay as they are.
      precision: ignored.

    Returns:
      Array of that shape; integers and bools become floats, except for nearest.

    Raises:
      ValueError: for an unknown method, and a shape that does not fit.
      TypeError: for a shape that is not whole numbers known when the program is built.

    Example:
      >>> import jax.numpy as jnp
      >>> from jaxup.compat import jax_image
      >>> jax_image.resize(jnp.zeros((8, 32, 32, 3)), (8, 64, 64, 3), "bicubic").shape
      (8, 64, 64, 3)

    Source: jax 0.12, ``jax/_src/image/scale.py``.
    """
    function = "jaxup.compat.jax_image.resize"
    image = as_array(function, image, "image")
    call = Call(function, image.shape, (("size", "shape"), ("x", "image")))
    default = jax.dtypes.canonicalize_dtype(float)
    plan = through_cache(_plan, call, image, (shape,), method, antialias, default)
    if plan.dtype != image.dtype:
        image = image.astype(plan.dtype)
    if plan.resample is None:
        return jnp.zeros(plan.shape, plan.dtype)
    return run(image, plan.resample)


class _Plan(NamedTuple):
    """The result's shape and dtype, and the resample, or None for a result without pixels."""

    shape: tuple[int, ...]
    dtype: Any
    resample: Resample | None


def _plan(call: Call, dtype: Any, shape: Any, method: Any, antialias: Any, default: Any) -> _Plan:
    call.check_flags(antialias=antialias)
    method = _name(call, method)
    shape = _checked_shape(call, shape)
    if method != "nearest":
        dtype = common(dtype, 0.0)
    if 0 in shape or 0 in call.shape:
        return _Plan(shape, dtype, None)
    axes = tuple(n for n, size in enumerate(shape) if size != call.shape[n])
    if not axes:
        return _Plan(shape, dtype, Resample((), (), call.function))
    check_not_symbolic(call, tuple(call.shape[axis] for axis in axes))
    edge = method == "cubic-pytorch" and not antialias
    resample = plan(
        call,
        dtype,
        size=tuple(shape[axis] for axis in axes),
        scale=None,
        axes=axes,
        method=_KERNELS["cubic" if method == "cubic-pytorch" and antialias else method],
        coordinates=nearest if method == "nearest" else Sample(str(default), area=method == "area"),
        boundary="edge" if edge else "renormalize",
        antialias=bool(antialias),
    )
    return _Plan(shape, dtype, dataclasses.replace(resample, name=call.label(method)))


def scale_and_translate(
    image: ArrayLike,
    shape: Sequence[int],
    spatial_dims: Sequence[int],
    scale: ArrayLike,
    translation: ArrayLike,
    method: str | ResizeMethod,
    antialias: bool = True,
    precision: Any = jax.lax.Precision.HIGHEST,
) -> jax.Array:
    """`jax.image.scale_and_translate`: the image scaled, then moved; both may be traced.

    Output ``i`` samples ``(i + 1/2 - translation) / scale - 1/2``; one that samples outside the
    image's outer edges is 0 (``cubic-pytorch`` without antialias: 4 pixels outside its outermost
    centres).

    Args:
      image: array of any rank.
      shape: the new shape; axes that are not spatial keep theirs.
      spatial_dims: the axes that are scaled.
      scale: array of shape (K,), output pixels per input pixel of each.
      translation: array of shape (K,), output pixels by which each moves.
      method: as for `resize`, except nearest.
      antialias: widen the kernel by the factor of a shrink.
      precision: ignored.

    Returns:
      Array of that shape; integers and bools become floats.

    Raises:
      ValueError: for nearest or an unknown method, and a shape that does not fit.
      TypeError: for arguments of the wrong type.

    Example:
      >>> import jax.numpy as jnp
      >>> from jaxup.compat import jax_image
      >>> x, one = jnp.array([1.0, 2.0, 3.0]), jnp.ones(1)
      >>> jax_image.scale_and_translate(x, (4,), (0,), one, one, "linear")
      Array([0., 1., 2., 3.], dtype=float32)

    Source: jax 0.12, ``jax/_src/image/scale.py``.
    """
    function = "jaxup.compat.jax_image.scale_and_translate"
    image = as_array(function, image, "image")
    typed = (("size", "shape"), ("axes", "spatial_dims"), ("x", "image"))
    call = Call(function, image.shape, typed)
    call.check_flags(antialias=antialias)
    method = _name(call, method)
    if method == "nearest":
        raise call.unknown("method", method, [name for name in _KERNELS if name != "nearest"])
    shape = _checked_shape(call, shape)
    image = image.astype(common(image, 0.0))
    empty = is_sequence(spatial_dims) and not spatial_dims
    dims = () if empty else static_numbers(call, axes=spatial_dims)["axes"]
    if dims is None:
        raise call.type_error("spatial_dims to be integers", "None", "Name the axes that change.")
    axes = spatial_axes(call, axes=dims, data_format="channels_last", count=None, counted="")
    kept = [n for n in range(image.ndim) if n not in axes]
    if any(shape[n] != image.shape[n] for n in kept):
        rule = f"the sizes of the axes that are not spatial to stay, {tuple(kept)}"
        advice = "Name every axis that changes in spatial_dims."
        raise call.value_error(rule, shape, advice)
    if not axes:
        return image
    if 0 in shape or 0 in image.shape:
        return jnp.zeros(shape, image.dtype)
    for option, value in (("scale", scale), ("translation", translation)):
        _check_per_axis(call, option, value, axes)
    edge = method == "cubic-pytorch" and not antialias
    result = scaled_and_translated(
        call,
        image,
        tuple(shape[axis] for axis in axes),
        scale,
        translation,
        _KERNELS["cubic" if method == "cubic-pytorch" and antialias else method],
        axes=axes,
        boundary="edge" if edge else "renormalize",
        antialias=bool(antialias),
        label=call.label(method),
    )
    if edge:  # it repeats the edge for 2 pixels, which a cubic sees from 2 more
        dtype = geometry_dtype(image.dtype, scale, translation)
        numbers = (jnp.asarray(each, dtype) for each in (scale, translation))
        for axis, s, t in zip(axes, *numbers, strict=True):
            column = [1] * image.ndim
            column[axis] = shape[axis]
            sample = (jnp.arange(shape[axis], dtype=dtype) + 0.5 - t) / s
            seen = (sample > -3.5) & (sample < image.shape[axis] + 3.5)
            result = jnp.where(seen.reshape(column), result, 0)
    return result


def _name(call: Call, method: Any) -> str:
    if isinstance(method, ResizeMethod):
        method = method.name.lower().replace("_", "-")
    call.check_name("method", method, _ALIASES)
    return _ALIASES[method]


def _check_per_axis(call: Call, option: str, value: Any, axes: tuple[int, ...]) -> None:
    per_axis = is_sequence(value) or (is_array(value) and value.ndim == 1)
    if not per_axis or len(value) != len(axes):
        rule = f"{option} to be an array of shape ({len(axes)},), a number per spatial axis"
        raise call.type_error(rule, shown(value), f"The spatial axes are {axes}.")


def _checked_shape(call: Call, shape: Any) -> tuple[int, ...]:
    rank = len(call.shape)
    if rank or not is_sequence(shape) or shape:
        shape = static_numbers(call, size=shape)["size"]
    if not isinstance(shape, tuple) or len(shape) != rank or any(n < 0 for n in shape):
        advice = "Name every axis of image; repeat the sizes that are to stay."
        raise call.value_error(f"a shape of {rank} sizes, none below 0", shown(shape), advice)
    return tuple(shape)
