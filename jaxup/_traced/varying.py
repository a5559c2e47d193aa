"""Several devices: arrays that differ between those of a `jax.shard_map`, and explicit meshes."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
from jax.sharding import NamedSharding, PartitionSpec


def alike(*arrays: jax.Array) -> Sequence[jax.Array]:
    """Return the arrays, each of which differs between devices where any of them does.

    The operations of `jax.lax` do so by themselves, and a gradient adds up over devices again.
    """
    if not jax.sharding.get_abstract_mesh().manual_axes:
        return arrays
    zero = functools.reduce(jnp.add, map(_zero, arrays))
    return [array + zero.astype(array.dtype) for array in arrays]


def zeros(like: jax.Array, array: jax.Array) -> jax.Array:
    """Return zeros of an array's dtype, which differ between devices as it does.

    Args:
      like: what has the shape that is wanted, and the sharding on an explicit mesh. It is not
        computed.
    """
    nowhere = jnp.logical_and(like == like, False)  # zeros_like drops the sharding, with JAX 0.12
    return nowhere.astype(array.dtype) + _zero(array).astype(array.dtype)


def placed(operands: Sequence[Any], shape: Sequence[Any], spec: Sequence[Any]) -> Any:
    """Return what JAX knows of a result: the first operand's, of another shape, cut like this.

    Args:
      spec: by which mesh axes each axis of the shape is cut, those of an explicit mesh.
    """
    meshes = [operand.sharding.mesh for operand in operands]
    mesh = next((mesh for mesh in meshes if not mesh.empty), meshes[0])
    sharding = NamedSharding(mesh, PartitionSpec(*spec))
    return operands[0].update(shape=tuple(shape), sharding=sharding)


def _zero(array: jax.Array) -> jax.Array:
    none = array[None][:0]
    return (none != none).sum(dtype="float32")
