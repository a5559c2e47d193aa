"""Axes that an explicit mesh shards: every device computes its own rows, in a manual region."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import jax
from jax.sharding import AxisType

from jaxup._lowering import halo
from jaxup._lowering.dtypes import accumulation, converted
from jaxup._lowering.plan import Operators
from jaxup._recipe.banded import Banded

Names = Mapping[int, Any]  # axis of an array: the mesh axis, or axes, that shard it


def names(aval: Any, axes: Iterable[int]) -> dict[int, Any]:
    """Return by which explicit mesh axes these axes are sharded, of those that are."""
    spec = aval.sharding.spec  # holds names of explicit mesh axes alone
    return {axis: spec[axis] for axis in axes if spec[axis]}


def devices(aval: Any, axes: Iterable[int]) -> dict[int, int]:
    """Return over how many devices an explicit mesh cuts these axes, of those that it shards."""
    shape = aval.sharding.mesh.shape
    counts: dict[int, int] = {}
    for axis, name in names(aval, axes).items():
        counts[axis] = math.prod(shape[part] for part in ([name] if type(name) is str else name))
    return counts


def in_manual_region(x: jax.Array, apply: Callable[[jax.Array], jax.Array]) -> jax.Array:
    """Return ``apply`` of each device's block, sharded as ``x`` is."""
    place = jax.typeof(x).sharding
    kinds = zip(place.mesh.axis_names, place.mesh.axis_types, strict=True)
    explicit = {name for name, kind in kinds if kind == AxisType.Explicit}
    mapped = jax.shard_map(
        apply, mesh=place.mesh, axis_names=explicit, in_specs=place.spec, out_specs=place.spec
    )
    return mapped(x)


def resample_block(
    x: jax.Array,
    operators: Operators,
    names: Names,
    devices: Mapping[int, int],
    compute: Callable[[jax.Array, Operators], jax.Array],
    dtype: Any,
    multiplies: bool,
) -> jax.Array:
    """Return a device's block of a resample.

    Axes that shrink come first, those that are cut last among them, and axes that grow exchange
    their pixels before any of them grows: so little crosses to the neighbours.

    Args:
      x: the device's block, of real numbers.
      operators: of the whole array.
      names: the mesh axes of those that are sharded.
      devices: over how many of them each is cut.
      compute: the resample of an array that lies on one device.
      dtype: of the result; by default that of ``x``.
      multiplies: see `halo.own_rows`.
    """
    dtype = dtype or x.dtype
    cuts = {axis: halo.cut(operators[axis], devices[axis]) for axis in names}
    shrinking = [a for a, operator in operators.items() if operator.out_size <= operator.in_size]
    steps = [
        [axis for axis in shrinking if axis not in cuts],
        *([axis] for axis in shrinking if axis in cuts),
        [axis for axis in operators if axis not in shrinking],
    ]
    for axes in steps:
        alike: dict[int, Banded] = {}
        for axis in axes:
            if axis in cuts:
                x = halo.with_neighbours(x, cuts[axis], axis, names[axis])
        for axis in axes:
            if axis not in cuts:
                alike[axis] = operators[axis]
            elif len(cuts[axis].operators) == 1:
                alike[axis] = cuts[axis].operators[0]
            else:
                x = halo.own_rows(x, cuts[axis], axis, names[axis], multiplies)
        if not all(operator.selects for operator in alike.values()):
            x = x.astype(accumulation(x.dtype, alike.values(), dtype))
        x = compute(x, alike) if alike else x
    return converted(x, dtype)
