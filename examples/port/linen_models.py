"""The U-Net once more, in Flax Linen."""

import flax.linen as nn
import jax.numpy as jnp

from jaxup.layers.linen import Upsample


class Double(nn.Module):
    """Twice a convolution, a batch norm and a SiLU."""

    features: int

    @nn.compact
    def __call__(self, x):
        for index in ("1", "2"):
            x = nn.Conv(self.features, (3, 3), use_bias=False, name=f"conv{index}")(x)
            x = nn.silu(nn.BatchNorm(use_running_average=True, name=f"norm{index}")(x))
        return x


class UNet(nn.Module):
    """Halves twice, and grows back with align_corners=True and skips."""

    width: int = 16
    classes: int = 3

    @nn.compact
    def __call__(self, x):
        halve = Upsample(0.5, "area")
        grow = Upsample(2, "bilinear", align_corners=True)
        large = Double(self.width, name="enter")(x)
        middle = Double(2 * self.width, name="down1")(halve(large))
        small = Double(4 * self.width, name="down2")(halve(middle))
        x = jnp.concatenate([middle, grow(small)], axis=-1)
        x = Double(2 * self.width, name="up1")(x)
        x = jnp.concatenate([large, grow(x)], axis=-1)
        x = Double(self.width, name="up2")(x)
        return nn.Conv(self.classes, (1, 1), name="leave")(x)
