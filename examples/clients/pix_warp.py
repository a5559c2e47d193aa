# /// script
# dependencies = ["dm-pix==0.4.5"]
# ///
"""PIX's rotations and elastic deformations, with jaxup.sample in the place of its interpolation.

    pip install dm-pix==0.4.5
    python examples/clients/pix_warp.py

PIX interpolates by code of its own for two boundaries, and by jax.scipy.ndimage for the others. All
are one call of jaxup.sample. PIX's "constant" is a constant in every point outside, which its own
code still does. Gradients are those in the picture.
"""

import functools
import sys

import jax
from side_by_side import compare, main

import jaxup


def map_coordinates(x, coordinates, order, mode, cval):
    """jax.scipy.ndimage.map_coordinates, of the orders that it has."""
    fill = {"fill_value": cval} if mode == "constant" else {}
    return jaxup.sample(x, coordinates, ("nearest", "linear")[order], mode, **fill)


def linear(volume, coordinates, *, unflattened_vol_shape=None):
    """PIX's linear interpolation, the edge repeated; it may hand over a flat volume."""
    return jaxup.sample(volume.reshape(unflattened_vol_shape or volume.shape), coordinates)


SWAPS = {
    "nearest": {"dm_pix._src.interpolation.flat_nd_linear_interpolate": linear},
    "constant": {"dm_pix._src.interpolation.flat_nd_linear_interpolate": linear},
    "wrap": {"jax.scipy.ndimage.map_coordinates": map_coordinates},
    "mirror": {"jax.scipy.ndimage.map_coordinates": map_coordinates},
    "reflect": {"jax.scipy.ndimage.map_coordinates": map_coordinates},
}


def warped(picture, mode):
    """The picture turned, and pulled about."""
    import dm_pix

    key = jax.random.key(1)
    return [
        dm_pix.rotate(picture, 0.3, mode=mode, cval=0.25),
        dm_pix.elastic_deformation(key, picture, 30.0, 4.0, mode=mode, cval=0.25),
    ]


def comparisons():
    """Every boundary."""
    picture = jax.random.uniform(jax.random.key(0), (32, 48, 3))
    for mode, swap in SWAPS.items():
        call = functools.partial(warped, mode=mode)
        yield compare(f"rotate, elastic_deformation, {mode}", call, picture, swap)


if __name__ == "__main__":
    sys.exit(main(__doc__, ("dm-pix",), comparisons))
