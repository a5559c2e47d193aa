"""Write a small U-Net as an ONNX file, and compare it with JAX.

    python examples/onnx_export.py --out build/unet.onnx

The network halves a picture by antialiased bilinear interpolation, doubles it again with corners
aligned, and adds a bicubic skip path; the weights are random. Both ends are NHWC, with a batch of
any size. Needs flax, jax2onnx and onnxruntime.
"""

from __future__ import annotations

import argparse
import collections
import pathlib

import jax
import jax.numpy as jnp
import jax2onnx
import numpy as np
import onnx
import onnxruntime
from flax import nnx

import jaxup

SIZE = 32


class UNet(nnx.Module):
    """One level down and up, for pictures of 3 channels; returns twice their size."""

    def __init__(self, features: int, *, rngs: nnx.Rngs):
        self.entry = nnx.Conv(3, features, (3, 3), rngs=rngs)
        self.bottom = nnx.Conv(features, features, (3, 3), rngs=rngs)
        self.exit = nnx.Conv(2 * features, 3, (3, 3), rngs=rngs)

    def __call__(self, x: jax.Array) -> jax.Array:
        high = nnx.relu(self.entry(x))
        low = nnx.relu(self.bottom(jaxup.upsample(high, 0.5, "bilinear", antialias=True)))
        up = jaxup.upsample(low, 2, "bilinear", align_corners=True)
        residual = self.exit(jnp.concatenate([high, up], axis=-1))
        return jaxup.upsample(x, 2, "bicubic") + jaxup.upsample(residual, 2, "nearest")


def main(arguments: list[str] | None = None) -> dict:
    """Write the file, run it, and return the greatest difference and the nodes of the file."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path("build/unet.onnx"))
    options = parser.parse_args(arguments)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    model = UNet(features=8, rngs=nnx.Rngs(0))
    x = np.random.default_rng(0).random((2, SIZE, SIZE, 3), np.float32)
    expected = model(jnp.asarray(x))
    jaxup.export.onnx.register()
    jax2onnx.to_onnx(model, [("B", SIZE, SIZE, 3)], return_mode="file", output_path=options.out)
    session = onnxruntime.InferenceSession(options.out)
    (y,) = session.run(None, {session.get_inputs()[0].name: x})
    nodes = collections.Counter(node.op_type for node in onnx.load(options.out).graph.node)
    print(f"wrote {options.out}: {nodes['Resize']} Resize, {nodes['Conv']} Conv")
    difference = float(np.abs(y - expected).max())
    print(f"greatest difference from JAX: {difference:.1e}")
    return {"difference": difference, "nodes": dict(nodes)}


if __name__ == "__main__":
    main()
