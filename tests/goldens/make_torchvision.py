"""Writes torchvision.npz, what torchvision's roi_align makes of a few boxes; needs torchvision.

    python -m tests.goldens.make_torchvision

The keys say how: ``height x width/spatial_scale/sampling_ratio/aligned``; ``gradient/...`` is the
derivative in ``input`` for the cotangent of ones.
"""

import itertools
import sys

import numpy as np

from tests.helpers.paths import GOLDENS

BOXES = [  # image, x1, y1, x2, y2
    [0, 0, 0, 9, 6],
    [1, 1.3, 2.2, 7.9, 4.1],
    [1, 4, 3, 4.2, 3.1],  # smaller than a pixel
    [0, -4.9, -2.4, 3, 15],  # beyond the edges, where no sample is 1 pixel outside to the bit
    [0, 7, 5, 2, 1],  # flipped
    [1, 30, 30, 40, 40],  # nowhere
    [0, 0, 0, 18, 12],
]


def main():
    import torch
    import torchvision

    draw = np.random.default_rng(7)
    x = draw.random((2, 3, 6, 9), np.float32)
    goldens = {
        "input": x,
        "boxes": np.array(BOXES, np.float32),
        "version": np.array(torchvision.__version__),
    }
    calls = itertools.product(((4, 5), (1, 1), (7, 3)), (1.0, 0.5), (-1, 1, 2, 3), (False, True))
    for size, scale, ratio, aligned in calls:
        given = torch.tensor(x, requires_grad=True)
        boxes = torch.from_numpy(goldens["boxes"])
        y = torchvision.ops.roi_align(given, boxes, size, scale, ratio, aligned)
        key = f"{size[0]}x{size[1]}/{scale}/{ratio}/{int(aligned)}"
        goldens[key] = y.detach().numpy()
        if size == (4, 5):
            (goldens[f"gradient/{key}"],) = (
                gradient.numpy() for gradient in torch.autograd.grad(y.sum(), given)
            )
    np.savez_compressed(GOLDENS / "torchvision.npz", **goldens)
    return 0


if __name__ == "__main__":
    sys.exit(main())
