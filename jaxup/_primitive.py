"""`resample_p`: a separable resample of some axes as one JAX primitive.

``y = (A_1 ⊗ ... ⊗ A_n) x``, with one `AxisSpec` per resampled axis as a static parameter. It is
linear, its transpose is the same primitive with every recipe transposed, and its batch is the same
primitive with the axes shifted, so derivatives of every order are resamples again: no scatter.
"""

from __future__ import annotations

import functools

import jax
from jax.core import Tracer
from jax.extend.core import Primitive
from jax.interpreters import ad, batching, mlir, xla

from jaxup._lowering.lower import lower
from jaxup._nan_local import is_nan_local

PLATFORMS = (None, "cpu", "tpu")  # None first: GPUs, and every platform without rules of its own

resample_p = Primitive("resample")
resample_p.def_impl(functools.partial(xla.apply_primitive, resample_p))


def resample(x, axes, specs):
    """Apply ``specs[n]`` along ``axes[n]``, each axis at most once; every other axis is a batch."""
    if not axes:
        return x
    return resample_p.bind(x, axes=tuple(axes), specs=tuple(specs), local=is_nan_local())


def resampler(axes, specs):
    """`resample` of those axes as a function to keep: outside jit it is called three times faster,
    because JAX finds the compiled program without hashing the recipes.
    """
    traced = functools.partial(resample, axes=axes, specs=specs)
    compiled = jax.jit(traced)

    def apply(x):
        return (traced if isinstance(x, Tracer) else compiled)(x)

    return apply


def _sharded(aval, axis):
    """The mesh axes over which an explicit mesh splits this axis, or None."""
    return aval.sharding.spec[axis] if aval.sharding.mesh.are_all_axes_explicit else None


@resample_p.def_abstract_eval
def _(x, *, axes, specs, local):
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


def _transpose(cotangent, x, *, axes, specs, local):
    transposed = tuple(spec.T for spec in specs)
    return [resample_p.bind(cotangent, axes=axes, specs=transposed, local=local)]


def _batch(args, dims, *, axes, specs, local):
    (x,), (dim,) = args, dims
    shifted = tuple(axis + (dim <= axis) for axis in axes)
    return resample_p.bind(x, axes=shifted, specs=specs, local=local), dim


ad.deflinear2(resample_p, _transpose)
batching.primitive_batchers[resample_p] = _batch
for _platform in PLATFORMS:
    mlir.register_lowering(
        resample_p,
        mlir.lower_fun(functools.partial(lower, platform=_platform), multiple_results=False),
        platform=_platform,
    )
