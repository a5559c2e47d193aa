"""Two models in plain PyTorch: a U-Net, and a small vision transformer with a DPT head.

They are smooth throughout (SiLU and averages, no ReLU or maximum): where the sign of a float32
number decides, the gradients of two correct programs differ by as much as the branches do.
"""

import torch
import torch.nn.functional as F
from torch import nn


class Double(nn.Module):
    """Twice a convolution, a batch norm and a SiLU."""

    def __init__(self, inputs, outputs):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(outputs)

    def forward(self, x):
        x = F.silu(self.norm1(self.conv1(x)))
        return F.silu(self.norm2(self.conv2(x)))


class UNet(nn.Module):
    """Halves twice, and grows back with align_corners=True and skips."""

    def __init__(self, width=16, classes=3):
        super().__init__()
        self.enter = Double(3, width)
        self.down1 = Double(width, 2 * width)
        self.down2 = Double(2 * width, 4 * width)
        self.halve = nn.Upsample(scale_factor=0.5, mode="area")
        self.grow = nn.Upsample(scale_factor=2, mode="bilinear", align_corners=True)
        self.up1 = Double(6 * width, 2 * width)
        self.up2 = Double(3 * width, width)
        self.leave = nn.Conv2d(width, classes, 1)

    def forward(self, x):
        large = self.enter(x)
        middle = self.down1(self.halve(large))
        small = self.down2(self.halve(middle))
        x = self.up1(torch.cat([middle, self.grow(small)], dim=1))
        x = self.up2(torch.cat([large, self.grow(x)], dim=1))
        return self.leave(x)


class Block(nn.Module):
    """One transformer block, with one head."""

    def __init__(self, width):
        super().__init__()
        self.norm1 = nn.LayerNorm(width)
        self.query = nn.Linear(width, width)
        self.key = nn.Linear(width, width)
        self.value = nn.Linear(width, width)
        self.project = nn.Linear(width, width)
        self.norm2 = nn.LayerNorm(width)
        self.expand = nn.Linear(width, 2 * width)
        self.contract = nn.Linear(2 * width, width)

    def forward(self, x):
        y = self.norm1(x)
        y = F.scaled_dot_product_attention(self.query(y), self.key(y), self.value(y))
        x = x + self.project(y)
        return x + self.contract(F.gelu(self.expand(self.norm2(x))))


class Residual(nn.Module):
    """DPT's residual convolution unit."""

    def __init__(self, width):
        super().__init__()
        self.conv1 = nn.Conv2d(width, width, 3, padding=1)
        self.conv2 = nn.Conv2d(width, width, 3, padding=1)

    def forward(self, x):
        return x + self.conv2(F.silu(self.conv1(F.silu(x))))


class Fusion(nn.Module):
    """DPT's fusion block: adds a level to the path from above, and enlarges the sum."""

    def __init__(self, width):
        super().__init__()
        self.residual1 = Residual(width)
        self.residual2 = Residual(width)
        self.project = nn.Conv2d(width, width, 1)

    def forward(self, path, level, size):
        x = self.residual2(path + self.residual1(level))
        options = {"scale_factor": 2} if size is None else {"size": size}
        return self.project(F.interpolate(x, **options, mode="bilinear", align_corners=True))


class DPT(nn.Module):
    """Depth from patches: a transformer, four levels of it as pictures, four fusions, a head."""

    def __init__(self, width=32, patch=14, grid=7):
        super().__init__()
        self.grid = grid
        self.embed = nn.Conv2d(3, width, patch, stride=patch)
        self.position = nn.Parameter(torch.randn(1, width, grid, grid))
        self.blocks = nn.ModuleList(Block(width) for _ in range(4))
        self.levels = nn.ModuleList(nn.Conv2d(width, width, 1) for _ in range(4))
        self.shrink = nn.Conv2d(width, width, 3, stride=2, padding=1)
        self.fusions = nn.ModuleList(Fusion(width) for _ in range(4))
        self.head1 = nn.Conv2d(width, width // 2, 3, padding=1)
        self.head2 = nn.Conv2d(width // 2, 1, 3, padding=1)

    def forward(self, picture):
        x = self.embed(picture)
        height, width = x.shape[2:]
        # as DINOv2 does it: the factor, with a margin, and not the size
        factor = ((height + 0.1) / self.grid, (width + 0.1) / self.grid)
        x = x + F.interpolate(self.position, scale_factor=factor, mode="bicubic")

        x = x.flatten(2).transpose(1, 2)
        levels = []
        for block, level in zip(self.blocks, self.levels, strict=True):
            x = block(x)
            levels.append(level(x.transpose(1, 2).unflatten(2, (height, width))))
        levels[0] = F.interpolate(levels[0], scale_factor=4, mode="bilinear")
        levels[1] = F.interpolate(levels[1], scale_factor=2, mode="bilinear")
        levels[3] = self.shrink(levels[3])

        path = torch.zeros_like(levels[3])
        sizes = [None, *(level.shape[2:] for level in levels[:3])]
        for fusion, level, size in zip(self.fusions, levels[::-1], sizes[::-1], strict=True):
            path = fusion(path, level, size)
        x = self.head1(path)
        x = F.interpolate(x, size=picture.shape[2:], mode="bilinear", align_corners=True)
        return self.head2(F.silu(x))
