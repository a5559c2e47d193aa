"""`resample_p`: a separable resample of some axes as one JAX primitive.

``y = (A_1 ⊗ ... ⊗ A_n) x``, with one `AxisSpec` per resampled axis as a static parameter. It is
linear, its transpose is the same primitive with every recipe transposed, and its batch is the same
primitive with the axes shifted, so derivatives of every order are resamples again: no scatter.
"""

from __future__ import annotations

import contextlib
import functools
from typing import Any

import jax
from jax.extend.core import Primitive
from jax.interpreters import ad, batching, mlir, xla

from jaxup._lowering.lower import lower
from jaxup._recipe.recipe import Recipe

PLATFORMS = (None, "cpu", "tpu")  # None first: GPUs, and every platform without rules of its own

resample_p = Primitive("resample")
resample_p.def_impl(functools.partial(xla.apply_primitive, resample_p))


_context = jax.make_user_context(default_value=False)


def keep_nan_local() -> contextlib.AbstractContextManager:
    """Within this context, a NaN or Inf reaches only the outputs whose taps read it, everywhere.

    On CPU and GPU that always holds. On TPU the default is a product with a matrix, in which
    ``0 x NaN`` spreads along the whole axis, or a block of rows of one longer than 4096 pixels;
    here slices and gathers take its place, at many times the memory traffic. JAX's caches know of
    the context: a jitted function is compiled once within and once without.

    Returns:
      A context manager.

    Example:
      >>> import jax.numpy as jnp, jaxup
      >>> with jaxup.keep_nan_local():
      ...     y = jaxup.upsample(jnp.array([0.0, 0.0, jnp.nan]), 2, "linear", axes=0)
      >>> y
      Array([ 0.,  0.,  0., nan, nan, nan], dtype=float32)
    """
    return _context(True)


def is_nan_local() -> bool:
    """Return whether the program is being built within `keep_nan_local`."""
    return bool(_context.value)


def resample(x: jax.Array, axes: tuple[int, ...], specs: tuple[Recipe, ...]) -> jax.Array:
    """Apply ``specs[n]`` along ``axes[n]``, each axis at most once; every other axis is a batch."""
    if not axes:
        return x
    return resample_p.bind(x, axes=axes, specs=specs, nan_local=is_nan_local())


def _sharded(aval: Any, axis: int) -> Any:
    """Return the mesh axes over which an explicit mesh splits this axis, or None."""
    return aval.sharding.spec[axis] if aval.sharding.mesh.are_all_axes_explicit else None


@resample_p.def_abstract_eval
def _(x: Any, *, axes: Any, specs: Any, nan_local: bool) -> Any:
    shape = list(x.shape)
    for axis, spec in zip(axes, specs, strict=True):
        if names := _sharded(x, axis):
            raise ValueError(
                f"jaxup: expected resampled axes that are not sharded, got axis {axis} sharded over"
                f" {names!r} for input shape {tuple(x.shape)}. Move the sharding to a batch or"
                " channel axis first with jax.sharding.reshard, or resample inside jax.shard_map."
            )
        shape[axis] = spec.out_size
    return x.update(shape=tuple(shape))  # a bare ShapedArray would drop shard_map's varying axes


def _transpose(cotangent: Any, x: Any, *, axes: Any, specs: Any, nan_local: bool) -> Any:
    transposed = tuple(spec.T for spec in specs)
    return [resample_p.bind(cotangent, axes=axes, specs=transposed, nan_local=nan_local)]


def _batch(args: Any, dims: Any, *, axes: Any, specs: Any, nan_local: bool) -> Any:
    (x,), (dim,) = args, dims
    shifted = tuple(axis + (dim <= axis) for axis in axes)
    return resample_p.bind(x, axes=shifted, specs=specs, nan_local=nan_local), dim


ad.deflinear2(resample_p, _transpose)
batching.primitive_batchers[resample_p] = _batch
for _platform in PLATFORMS:
    mlir.register_lowering(
        resample_p,
        mlir.lower_fun(functools.partial(lower, platform=_platform), multiple_results=False),
        platform=_platform,
    )
