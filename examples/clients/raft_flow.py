# /// script
# dependencies = ["flax"]
# [tool.jaxup]
# without-dependencies = [
#   "git+https://github.com/alebeck/jax-raft@5073a0ce87688dd1ac31b9abf0d4a1a759adf555",
# ]
# ///
"""jax-raft, optical flow, with random weights: its correlation lookups and its flow by jaxup.

    pip install flax git+https://github.com/alebeck/jax-raft@5073a0ce87688dd1ac31b9abf0d4a1a759adf555
    python examples/clients/raft_flow.py

It wrote two functions of PyTorch anew for JAX, and both become calls: grid_sample, with points in
pixels, is jaxup.compat.torch.grid_sample; its resize with aligned corners is jaxup.upsample.
"""

import sys

import jax
import jax.numpy as jnp
from side_by_side import compare, main

import jaxup
from jaxup.compat import torch

UPDATES = 3


def grid_sample(image, pixels):
    """jax-raft's: channels last, and (x, y) in pixels."""
    size = jnp.array(image.shape[2:0:-1])
    points = 2 * pixels / (size - 1) - 1
    y = torch.grid_sample(jnp.moveaxis(image, -1, 1), points, align_corners=True)
    return jnp.moveaxis(y, 1, -1)


def resize_with_aligned_corners(image, shape, method, antialias=True):
    """jax-raft's: channels last, and the whole new shape."""
    options = {"method": method, "antialias": antialias, "align_corners": True}
    return jaxup.upsample(image, size=shape[1:-1], **options)


LOOKUP = {"jax_raft.model.grid_sample": grid_sample}
ENLARGED = {"jax_raft.model.resize_with_aligned_corners": resize_with_aligned_corners}


def comparisons():
    """The two functions, then both models."""
    from jax_raft import model as client

    def normal(seed, *shape):
        return jax.random.normal(jax.random.key(seed), shape)

    points = (normal(0, 6, 16, 20, 1), 20 * jax.random.uniform(jax.random.key(1), (6, 9, 9, 2)) - 2)
    yield compare("grid_sample", lambda at: client.grid_sample(*at), points, LOOKUP)
    yield compare("upsample_flow", client.upsample_flow, normal(2, 2, 16, 20, 2), ENLARGED)

    first, second = normal(3, 1, 128, 136, 3), normal(4, 1, 128, 136, 3)
    for name, swap in (("raft_small", LOOKUP | ENLARGED), ("raft_large", LOOKUP)):
        model, variables = getattr(client, name)()

        def flow(first, model=model, variables=variables):
            return model.apply(variables, first, second, train=False, num_flow_updates=UPDATES)

        yield compare(f"{name}, {UPDATES} updates", flow, first, swap, limit=1e-4)


if __name__ == "__main__":
    sys.exit(main(__doc__, ("jax-raft", "flax"), comparisons))
