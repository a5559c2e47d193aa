"""The ONNX nodes of a resample: for every axis a Resize, a Gather or a product with a matrix."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import jax.numpy as jnp
import numpy as np
import onnx_ir as ir  # pyright: ignore[reportMissingImports]

from jaxup._recipe.banded import Banded
from jaxup._recipe.recipe import Recipe
from jaxup.export._attributes import Attributes, resize_attributes

OLDEST_OPSET = 18  # of a Resize that antialiases


@dataclasses.dataclass(frozen=True)
class Graph:
    """The graph that jax2onnx is building, by the context that it hands to its plugins."""

    context: Any

    @property
    def has_resize(self) -> bool:
        return self.context.builder.opset >= OLDEST_OPSET

    def node(self, kind: str, *inputs: Any, **attributes: Any) -> Any:
        name = self.context.fresh_name("resample")
        return getattr(self.context.builder, kind)(*inputs, _outputs=[name], **attributes)

    def constant(self, numbers: Any, dtype: Any) -> Any:
        name, array = self.context.fresh_name("resample"), np.asarray(numbers, dtype)
        return self.context.builder.add_initializer_from_array(name=name, array=array)

    def transpose(self, x: Any, order: Sequence[int]) -> Any:
        return x if list(order) == sorted(order) else self.node("Transpose", x, perm=list(order))

    def reshape(self, x: Any, shape: Sequence[Any]) -> Any:
        """Reshape ``x``, where at most one number of the shape is symbolic."""
        known = [size if isinstance(size, int) else -1 for size in shape]
        return self.node("Reshape", x, self.constant(known, np.int64))


def resampled(graph: Graph, x: Any, aval: Any, recipes: Mapping[int, Recipe]) -> Any:
    """Return ``x``, an array like ``aval``, after the recipes of some of its axes.

    ONNX Runtime has Resize in float32, and products in float64 too.
    """
    if jnp.issubdtype(aval.dtype, jnp.complexfloating):
        raise NotImplementedError(
            f"jaxup.export.onnx: expected a real array, got {aval.dtype}, which ONNX cannot resize."
            " Resample the real and the imaginary part."
        )
    rows = {axis: recipe.build() for axis, recipe in recipes.items()}
    exact = all(map(_moves, rows.values())) or aval.dtype == np.float64
    dtype = aval.dtype if exact else np.dtype(np.float32)
    y = x if dtype == aval.dtype else graph.node("Cast", x, to=int(ir.DataType.FLOAT))
    shape: list[Any] = list(aval.shape)
    may_resize = graph.has_resize and dtype == np.float32 and _symbols(shape) <= 1
    resizes: dict[Attributes, list[int]] = {}
    for axis, part in rows.items():
        if may_resize and (attributes := resize_attributes(recipes[axis])):
            resizes.setdefault(attributes, []).append(axis)
            continue
        if _moves(part):
            y = graph.node("Gather", y, graph.constant(part.indices[:, 0], np.int64), axis=axis)
        else:
            y = _product(graph, y, len(shape), axis, part.to_dense().T.astype(dtype))
        shape[axis] = part.out_size
    for attributes, axes in resizes.items():
        for first in range(0, len(axes), 2):
            sizes = {axis: rows[axis].out_size for axis in axes[first : first + 2]}
            y = _resize(graph, y, shape, sizes, attributes)
            shape = [sizes.get(axis, size) for axis, size in enumerate(shape)]
    if dtype != aval.dtype:
        y = graph.node("Cast", y, to=int(ir.DataType.from_numpy(aval.dtype)))
    y.type, y.shape = x.type, ir.Shape([n if isinstance(n, int) else str(n) for n in shape])
    return y


def _moves(rows: Banded) -> bool:
    """Return whether every output is a copy of one input."""
    return rows.selects and bool(rows.present.all())


def _symbols(shape: Sequence[Any]) -> int:
    """Return how many sizes are symbolic: a batch of any size, for one."""
    return sum(not isinstance(size, int) for size in shape)


def _resize(
    graph: Graph, x: Any, shape: Sequence[Any], sizes: Mapping[int, int], attributes: Attributes
) -> Any:
    """Resize one axis or two, as the last of (batch, channels, height, width).

    ONNX Runtime has cubic for four axes alone, of which the first two stay. It reads scales as
    float32, and rounds the sizes down that they make: they are rounded up.
    """
    batch = [axis for axis in range(len(shape)) if axis not in sizes]
    order = [*batch, *sizes]
    x = graph.transpose(x, order)
    is_image = len(batch) == len(sizes) == 2
    if not is_image:
        x = graph.reshape(x, (-1, 1, *[1] * (2 - len(sizes)), *(shape[axis] for axis in sizes)))
    scales = [_rounded_up(size / shape[axis]) for axis, size in sizes.items()]
    scales = graph.constant([1] * (4 - len(scales)) + scales, np.float32)
    y = graph.node("Resize", x, None, scales, **dict(attributes))
    if not is_image:
        y = graph.reshape(y, [shape[axis] for axis in batch] + list(sizes.values()))
    return graph.transpose(y, np.argsort(order).tolist())


def _rounded_up(number: float) -> np.float32:
    single = np.float32(number)
    return single if float(single) >= number else np.nextafter(single, np.float32(np.inf))


def _product(graph: Graph, x: Any, rank: int, axis: int, matrix: np.ndarray) -> Any:
    order = [*(n for n in range(rank) if n != axis), axis]
    y = graph.node("MatMul", graph.transpose(x, order), graph.constant(matrix, matrix.dtype))
    return graph.transpose(y, np.argsort(order).tolist())
