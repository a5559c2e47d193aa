"""Compares the ports with their PyTorch originals: outputs, and gradients in the input.

    python examples/port/compare.py          # --small for smaller models

Needs PyTorch and Flax, no network, no data: the weights are random numbers.
"""

import argparse
import dataclasses
import sys

import jax
import jax.numpy as jnp
import linen_models
import nnx_models
import numpy as np
import torch
import torch_models
from flax import nnx
from weights import linen_variables, nnx_model

LIMIT = 1e-4


@dataclasses.dataclass(frozen=True)
class Comparison:
    """The largest differences from PyTorch, beside the largest values there are."""

    name: str
    output: float
    output_scale: float
    gradient: float
    gradient_scale: float

    def __str__(self):
        return (
            f"{self.name:12} output {self.output:.1e} of {self.output_scale:5.2f}"
            f"   input gradient {self.gradient:.1e} of {self.gradient_scale:5.2f}"
        )


def randomized(model, seed=0):
    """The model in evaluation mode, with weights that keep its values near 1."""
    generator = torch.Generator().manual_seed(seed)
    for module in model.modules():
        if isinstance(module, torch.nn.Conv2d | torch.nn.Linear):
            torch.nn.init.kaiming_normal_(module.weight, nonlinearity="linear", generator=generator)
        if isinstance(module, torch.nn.BatchNorm2d):
            module.running_mean.normal_(0, 0.3, generator=generator)
            module.running_var.uniform_(0.5, 2, generator=generator)
    return model.eval()


def compare(name, original, port, shape, seed=0):
    """Run a PyTorch model and its port, a function of channels-last pictures, on one input."""
    rng = np.random.default_rng(seed)
    x = rng.standard_normal(shape).astype(np.float32)

    first = torch.tensor(x.transpose(0, 3, 1, 2), requires_grad=True)
    expected = original(first)
    cotangent = rng.standard_normal(expected.shape).astype(np.float32)
    expected.backward(torch.tensor(cotangent))
    expected = expected.detach().numpy().transpose(0, 2, 3, 1)
    expected_gradient = first.grad.numpy().transpose(0, 2, 3, 1)

    @jax.jit
    def output_and_gradient(x, cotangent):
        y, pullback = jax.vjp(port, x)
        return y, pullback(cotangent)[0]

    y, gradient = output_and_gradient(x, jnp.asarray(cotangent.transpose(0, 2, 3, 1)))
    return Comparison(
        name,
        float(np.abs(y - expected).max()),
        float(np.abs(expected).max()),
        float(np.abs(gradient - expected_gradient).max()),
        float(np.abs(expected_gradient).max()),
    )


def unet_nnx(width, shape):
    """The U-Net against its port to NNX."""
    original = randomized(torch_models.UNet(width))
    port = nnx_model(lambda: nnx_models.UNet(width, rngs=nnx.Rngs(0)), original.state_dict())
    return compare("U-Net, NNX", original, port, shape)


def unet_linen(width, shape):
    """The U-Net against its port to Linen."""
    original = randomized(torch_models.UNet(width))
    port = linen_models.UNet(width)
    variables = linen_variables(port, jnp.zeros(shape), original.state_dict())
    return compare("U-Net, Linen", original, lambda x: port.apply(variables, x), shape)


def dpt_nnx(width, shape):
    """The transformer with a DPT head against its port to NNX."""
    original = randomized(torch_models.DPT(width))
    port = nnx_model(lambda: nnx_models.DPT(width, rngs=nnx.Rngs(0)), original.state_dict())
    return compare("DPT, NNX", original, port, shape)


def comparisons(small=False):
    """All three, at the size of a small picture or, for tests, as small as they go."""
    torch.manual_seed(0)
    unet = (4, (1, 16, 24, 3)) if small else (16, (2, 96, 128, 3))
    dpt = (8, (1, 42, 56, 3)) if small else (32, (2, 98, 126, 3))
    return [unet_nnx(*unet), unet_linen(*unet), dpt_nnx(*dpt)]


def main(arguments=None):
    """Print every comparison, and fail if one exceeds the limit."""
    parser = argparse.ArgumentParser(description="Compare the ports with PyTorch.")
    parser.add_argument("--small", action="store_true", help="smaller models and pictures")
    done = comparisons(parser.parse_args(arguments).small)
    print("Largest difference from PyTorch, of the largest value:")
    for comparison in done:
        print(f"  {comparison}")
    within = all(max(c.output, c.gradient) <= LIMIT for c in done)
    print(f"All within {LIMIT:g}." if within else f"NOT all within {LIMIT:g}.")
    return 0 if within else 1


if __name__ == "__main__":
    sys.exit(main())
