"""ONNX files: what jax2onnx has to know of a resample. The module needs jax2onnx."""

from __future__ import annotations

from typing import Any

try:
    from jax2onnx.plugins.plugin_system import (  # pyright: ignore[reportMissingImports]
        PrimitiveLeafPlugin,
        register_primitive,
    )
except ImportError as error:
    raise type(error)(
        f"jaxup.export.onnx could not import jax2onnx's plugins ({error}). Install it with"
        " pip install jax2onnx; or trace within jaxup.as_lax(), which needs no plugin.",
        name=error.name,
        path=error.path,
    ) from error

from jaxup._primitive import resample_p
from jaxup.export._nodes import Graph, resampled

__all__ = ["register"]


def register() -> None:
    """Tell jax2onnx how to write a resample: call it once, before ``jax2onnx.to_onnx``.

    An axis becomes ONNX's Resize where a Resize has the same weights: nearest by whole factors, and
    linear and cubic, with ``align_corners`` or antialiasing too. Another nearest becomes a Gather,
    everything else the product with a matrix of ``in_size * out_size`` numbers, in which a NaN
    spreads along the axis. So do two that ONNX Runtime does not have, float64 and a cubic shrink
    without antialiasing, and all before opset 18. 16-bit floats are computed in float32.

    Raises:
      NotImplementedError: from ``to_onnx``, for a complex array.

    Example:
      >>> import jax2onnx, jaxup
      >>> jaxup.export.onnx.register()
      >>> model = jax2onnx.to_onnx(lambda x: jaxup.upsample(x, 2, "bilinear"), [("B", 8, 8, 3)])
      >>> [node.op_type for node in model.graph.node][:3]
      ['Transpose', 'Resize', 'Transpose']

    Source: the ONNX operator specification, Resize-19; the plugins of jax2onnx 0.13 to 0.17.
    """

    @register_primitive(jaxpr_primitive=resample_p.name)
    class Resample(PrimitiveLeafPlugin):  # pyright: ignore[reportUnusedClass]
        def lower(self, ctx: Any, eqn: Any) -> None:
            (x,), (y,) = eqn.invars, eqn.outvars
            recipes = dict(zip(eqn.params["axes"], eqn.params["specs"], strict=True))
            value = resampled(Graph(ctx), ctx.get_value_for_var(x), x.aval, recipes)
            ctx.bind_value_for_var(y, value)
