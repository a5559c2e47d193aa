"""`resample_p`: a separable resample of some axes as one JAX primitive.

``y = (A_1 ⊗ ... ⊗ A_n) x``, with one `AxisSpec` per resampled axis as a static parameter. It is
linear, its transpose is the same primitive with every recipe transposed, and its batch is the same
primitive with the axes shifted, so derivatives of every order are resamples again: no scatter.
"""

from __future__ import annotations

import functools
import importlib
import sys
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax
from jax.experimental import jet
from jax.extend.core import Primitive
from jax.interpreters import ad, batching, mlir, xla

from jaxup._contexts import lax_only, nan_local
from jaxup._labels import name_p
from jaxup._lowering.dtypes import converted
from jaxup._lowering.lower import lower
from jaxup._recipe.recipe import Recipe

PLATFORMS = (None, "cpu", "tpu")  # None first: GPUs, and every platform without rules of its own

resample_p = Primitive("resample")
resample_p.def_impl(functools.partial(xla.apply_primitive, resample_p))


def resample(
    x: jax.Array, axes: tuple[int, ...], specs: tuple[Recipe, ...], dtype: Any = None
) -> jax.Array:
    """Apply ``specs[n]`` along ``axes[n]``, each axis at most once; every other axis is a batch.

    Args:
      dtype: of the result, by default that of ``x``. An integer one has no derivative.
    """
    other = {} if dtype is None or dtype == x.dtype else {"dtype": dtype}
    if not axes:
        return converted(x, dtype) if other else x
    if other and not jnp.issubdtype(jnp.dtype(dtype), jnp.inexact):
        x = lax.stop_gradient(x)
    if lax_only.value:
        return lower(x, axes=axes, specs=specs, nan_local=False, **other)
    if "jax.experimental.sparse" in sys.modules:  # which takes longer to import than jaxup
        _register_sparse_rules()
    return resample_p.bind(x, axes=axes, specs=specs, nan_local=nan_local.value, **other)


@resample_p.def_abstract_eval
def _(x: Any, *, axes: Any, specs: Any, nan_local: bool, dtype: Any = None) -> Any:
    shape = list(x.shape)
    for axis, spec in zip(axes, specs, strict=True):
        shape[axis] = spec.out_size
    # A bare ShapedArray would drop shard_map's varying axes.
    return x.update(shape=tuple(shape), dtype=dtype or x.dtype)


def _transpose(cotangent: Any, x: Any, *, axes: Any, specs: Any, **options: Any) -> Any:
    transposed = tuple(spec.T for spec in specs)
    if "dtype" in options:
        options["dtype"] = x.aval.dtype
    return [resample_p.bind(cotangent, axes=axes, specs=transposed, **options)]


def _batch(args: Any, dims: Any, *, axes: Any, **options: Any) -> Any:
    (x,), (dim,) = args, dims
    shifted = tuple(axis + (dim <= axis) for axis in axes)
    return resample_p.bind(x, axes=shifted, **options), dim


@functools.cache
def _register_sparse_rules() -> None:
    """Make `jax.experimental.sparse.sparsify` resample a sparse array as a dense one."""
    transform = importlib.import_module("jax.experimental.sparse.transform")

    def resample_sparse(environment: Any, x: Any, **params: Any) -> Any:
        (x,) = transform.spvalues_to_arrays(environment, [x])
        x = x.todense() if hasattr(x, "todense") else x
        return transform.arrays_to_spvalues(environment, [resample_p.bind(x, **params)])

    transform.sparse_rules_bcoo[resample_p] = resample_sparse
    transform.sparse_rules_bcoo.setdefault(name_p, lambda environment, x, name: [x])


ad.deflinear2(resample_p, _transpose)
jet.deflinear(resample_p)
batching.primitive_batchers[resample_p] = _batch
for _platform in PLATFORMS:
    mlir.register_lowering(
        resample_p,
        mlir.lower_fun(functools.partial(lower, platform=_platform), multiple_results=False),
        platform=_platform,
    )
