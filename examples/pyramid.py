"""Gaussian and Laplacian pyramids, and two pictures blended in one.

    python examples/pyramid.py --out build/pyramid.png

Each level of a Gaussian pyramid is the one before, filtered with Burt and Adelson's
[1, 4, 6, 4, 1] and halved. A Laplacian pyramid keeps what every halving loses, and so gives the
picture back, of any size. Blending two of them level by level hides the seam between two pictures.
Every step is one `jaxup.filters.upfirdn`, and can be differentiated. Needs pillow.

Source: P. Burt and E. Adelson, "The Laplacian pyramid as a compact image code", IEEE Transactions
on Communications 31 (1983), 532-540; "A multiresolution spline with application to image mosaics",
ACM Transactions on Graphics 2 (1983), 217-236.
"""

from __future__ import annotations

import argparse
import itertools
import pathlib

import jax
import jax.numpy as jnp
import numpy as np
from PIL import Image

from jaxup.filters import upfirdn

TAPS = np.array([1, 4, 6, 4, 1]) / 16
LEVELS = 5


def _filtered(x: jax.Array, up: int, down: int, padding: tuple) -> jax.Array:
    return upfirdn(x, TAPS * up, up, down, padding)


def halve(x: jax.Array) -> jax.Array:
    """Every other pixel of a smoothed picture, (..., height, width, channels); odd sizes round up.

    Zeros outside would darken the border: each pixel is divided by what the filter makes of ones.
    """
    ones = jnp.ones((*x.shape[-3:-1], 1), x.dtype)
    return _filtered(x, 1, 2, (2, 2)) / _filtered(ones, 1, 2, (2, 2))


def double(x: jax.Array, height: int, width: int) -> jax.Array:
    """A picture of height times width pixels from every other one; n become 2 n or 2 n - 1."""
    rows, columns = x.shape[-3:-1]
    padding = (2, 2 + height - 2 * rows), (2, 2 + width - 2 * columns)
    ones = jnp.ones((rows, columns, 1), x.dtype)
    return _filtered(x, 2, 1, padding) / _filtered(ones, 2, 1, padding)


def gaussian_pyramid(x: jax.Array, levels: int) -> list[jax.Array]:
    """The picture and its halves, largest first; ``levels`` arrays."""
    pyramid = [x]
    while len(pyramid) < levels:
        pyramid.append(halve(pyramid[-1]))
    return pyramid


def laplacian_pyramid(x: jax.Array, levels: int) -> list[jax.Array]:
    """What every halving loses, largest first, and the smallest half."""
    pyramid = gaussian_pyramid(x, levels)
    lost = [
        large - double(small, *large.shape[-3:-1]) for large, small in itertools.pairwise(pyramid)
    ]
    return [*lost, pyramid[-1]]


def reconstruct(pyramid: list[jax.Array]) -> jax.Array:
    """The picture that a Laplacian pyramid is of."""
    *lost, x = pyramid
    for detail in reversed(lost):
        x = double(x, *detail.shape[-3:-1]) + detail
    return x


def blend(one: jax.Array, other: jax.Array, mask: jax.Array, levels: int) -> jax.Array:
    """One picture where the mask is 1 and the other where it is 0; coarse details blend widely."""
    pyramids = (laplacian_pyramid(x, levels) for x in (one, other))
    masks = gaussian_pyramid(mask, levels)
    return reconstruct([a * m + b * (1 - m) for a, b, m in zip(*pyramids, masks, strict=True)])


def pictures(height: int, width: int) -> tuple[jax.Array, jax.Array]:
    """Two pictures to blend: rings in blue, stripes in orange; float32 in 0 .. 1."""
    y, x = np.mgrid[:height, :width] / max(height, width)
    rings = 0.5 + 0.5 * np.cos(40 * np.hypot(x - 0.5, y - 0.4))
    stripes = 0.5 + 0.5 * np.sin(60 * (x + 0.5 * y))
    colours = np.array([[0.2, 0.5, 1.0], [1.0, 0.6, 0.1]])
    one, other = (v[..., None] * c for v, c in zip((rings, stripes), colours, strict=True))
    return jnp.asarray(one, jnp.float32), jnp.asarray(other, jnp.float32)


def main(arguments: list[str] | None = None) -> dict[str, float]:
    """Blend two pictures, write the picture, and return how well the pyramid gives one back."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--size", type=int, nargs=2, default=(243, 321), help="rows and columns")
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path("build/pyramid.png"))
    options = parser.parse_args(arguments)
    height, width = options.size
    one, other = pictures(height, width)
    error = float(jnp.abs(reconstruct(laplacian_pyramid(one, LEVELS)) - one).max())
    mask = jnp.broadcast_to((jnp.arange(width) < width // 2)[:, None], (height, width, 1))
    mask = mask.astype(jnp.float32)
    blended = blend(one, other, mask, LEVELS)
    cut = one * mask + other * (1 - mask)
    seam = slice(width // 2 - 1, width // 2 + 1)
    steps = {
        name: float(jnp.abs(jnp.diff(x[:, seam], axis=1)).mean())
        for name, x in (("cut", cut), ("blended", blended))
    }
    options.out.parent.mkdir(parents=True, exist_ok=True)
    side_by_side = jnp.clip(jnp.concatenate([cut, blended], axis=1), 0, 1)
    Image.fromarray(np.asarray(jnp.round(side_by_side * 255), np.uint8)).save(options.out)
    print(f"greatest error of the reconstruction: {error:.1e}")
    print(f"mean step at the seam: {steps['cut']:.3f} cut, {steps['blended']:.3f} blended")
    print(f"wrote {options.out}")
    return {"error": error, **steps}


if __name__ == "__main__":
    main()
