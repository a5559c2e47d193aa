"""The same two models in Flax NNX, channels last, module for module under the same names."""

import jax
import jax.numpy as jnp
from flax import nnx

import jaxup
from jaxup.layers.nnx import Upsample


class Double(nnx.Module):
    """Twice a convolution, a batch norm and a SiLU."""

    def __init__(self, inputs, outputs, *, rngs):
        self.conv1 = nnx.Conv(inputs, outputs, (3, 3), use_bias=False, rngs=rngs)
        self.norm1 = nnx.BatchNorm(outputs, use_running_average=True, rngs=rngs)
        self.conv2 = nnx.Conv(outputs, outputs, (3, 3), use_bias=False, rngs=rngs)
        self.norm2 = nnx.BatchNorm(outputs, use_running_average=True, rngs=rngs)

    def __call__(self, x):
        x = nnx.silu(self.norm1(self.conv1(x)))
        return nnx.silu(self.norm2(self.conv2(x)))


class UNet(nnx.Module):
    """Halves twice, and grows back with align_corners=True and skips."""

    def __init__(self, width=16, classes=3, *, rngs):
        self.enter = Double(3, width, rngs=rngs)
        self.down1 = Double(width, 2 * width, rngs=rngs)
        self.down2 = Double(2 * width, 4 * width, rngs=rngs)
        self.halve = Upsample(0.5, "area")
        self.grow = Upsample(2, "bilinear", align_corners=True)
        self.up1 = Double(6 * width, 2 * width, rngs=rngs)
        self.up2 = Double(3 * width, width, rngs=rngs)
        self.leave = nnx.Conv(width, classes, (1, 1), rngs=rngs)

    def __call__(self, x):
        large = self.enter(x)
        middle = self.down1(self.halve(large))
        small = self.down2(self.halve(middle))
        x = self.up1(jnp.concatenate([middle, self.grow(small)], axis=-1))
        x = self.up2(jnp.concatenate([large, self.grow(x)], axis=-1))
        return self.leave(x)


class Block(nnx.Module):
    """One transformer block, with one head."""

    def __init__(self, width, *, rngs):
        self.norm1 = nnx.LayerNorm(width, epsilon=1e-5, rngs=rngs)  # Flax's own is 1e-6
        self.query = nnx.Linear(width, width, rngs=rngs)
        self.key = nnx.Linear(width, width, rngs=rngs)
        self.value = nnx.Linear(width, width, rngs=rngs)
        self.project = nnx.Linear(width, width, rngs=rngs)
        self.norm2 = nnx.LayerNorm(width, epsilon=1e-5, rngs=rngs)
        self.expand = nnx.Linear(width, 2 * width, rngs=rngs)
        self.contract = nnx.Linear(2 * width, width, rngs=rngs)

    def __call__(self, x):
        y = self.norm1(x)
        scores = self.query(y) @ self.key(y).mT / jnp.sqrt(y.shape[-1])
        x = x + self.project(jax.nn.softmax(scores) @ self.value(y))
        y = nnx.gelu(self.expand(self.norm2(x)), approximate=False)  # Flax's own is not exact
        return x + self.contract(y)


class Residual(nnx.Module):
    """DPT's residual convolution unit."""

    def __init__(self, width, *, rngs):
        self.conv1 = nnx.Conv(width, width, (3, 3), rngs=rngs)
        self.conv2 = nnx.Conv(width, width, (3, 3), rngs=rngs)

    def __call__(self, x):
        return x + self.conv2(nnx.silu(self.conv1(nnx.silu(x))))


class Fusion(nnx.Module):
    """DPT's fusion block: adds a level to the path from above, and enlarges the sum."""

    def __init__(self, width, *, rngs):
        self.residual1 = Residual(width, rngs=rngs)
        self.residual2 = Residual(width, rngs=rngs)
        self.project = nnx.Conv(width, width, (1, 1), rngs=rngs)

    def __call__(self, path, level, size):
        x = self.residual2(path + self.residual1(level))
        scale = 2 if size is None else None
        x = jaxup.upsample(x, scale, "bilinear", size=size, align_corners=True)
        return self.project(x)


class DPT(nnx.Module):
    """Depth from patches: a transformer, four levels of it as pictures, four fusions, a head."""

    def __init__(self, width=32, patch=14, grid=7, *, rngs):
        self.embed = nnx.Conv(3, width, (patch, patch), strides=patch, padding="VALID", rngs=rngs)
        self.position = nnx.Param(jax.random.normal(rngs.params(), (1, grid, grid, width)))
        self.blocks = nnx.List(Block(width, rngs=rngs) for _ in range(4))
        self.levels = nnx.List(nnx.Conv(width, width, (1, 1), rngs=rngs) for _ in range(4))
        # "SAME" would pad an even picture at its far edges alone
        self.shrink = nnx.Conv(width, width, (3, 3), strides=2, padding=1, rngs=rngs)
        self.fusions = nnx.List(Fusion(width, rngs=rngs) for _ in range(4))
        self.head1 = nnx.Conv(width, width // 2, (3, 3), rngs=rngs)
        self.head2 = nnx.Conv(width // 2, 1, (3, 3), rngs=rngs)

    def __call__(self, picture):
        x = self.embed(picture)
        batch, height, width, channels = x.shape
        grid = self.position.shape[1]
        # the scale, as it is given in PyTorch: its coordinates are not those of the size
        scale = ((height + 0.1) / grid, (width + 0.1) / grid)
        x = x + jaxup.upsample(self.position[...], scale, "bicubic")

        x = x.reshape(batch, height * width, channels)
        levels = []
        for block, level in zip(self.blocks, self.levels, strict=True):
            x = block(x)
            levels.append(level(x.reshape(batch, height, width, channels)))
        levels[0] = jaxup.upsample(levels[0], 4, "bilinear")
        levels[1] = jaxup.upsample(levels[1], 2, "bilinear")
        levels[3] = self.shrink(levels[3])

        path = jnp.zeros_like(levels[3])
        sizes = [None, *(level.shape[1:3] for level in levels[:3])]
        for fusion, level, size in zip(self.fusions, levels[::-1], sizes[::-1], strict=True):
            path = fusion(path, level, size)
        x = self.head1(path)
        x = jaxup.upsample(x, size=picture.shape[1:3], method="bilinear", align_corners=True)
        return self.head2(nnx.silu(x))
