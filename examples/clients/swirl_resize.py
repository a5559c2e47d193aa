# /// script
# dependencies = ["flax"]
# [tool.jaxup]
# without-dependencies = [
#   "git+https://github.com/google-research/swirl-dynamics@7eeea7a53417ace1d485d58939e09faee0896f22",
# ]
# ///
"""swirl-dynamics' FilteredResize: equal after the swap, and without a seam where the globe closes.

    pip install flax
    pip install --no-deps \\
      git+https://github.com/google-research/swirl-dynamics@7eeea7a53417ace1d485d58939e09faee0896f22
    python examples/clients/swirl_resize.py

Its convolution pads longitude periodically, but jax.image.resize before it knows only edges. So the
layer makes another picture of a turned globe. jaxup.resize wraps an axis:

    jaxup.resize(x, size, "cubic", boundary=("renormalize", "wrap"), antialias=True)

The first line is the exact swap. The second has the wrapped one, away from the seam. The last is
the largest change when the globe is turned before the layer, not after it, as a part of the largest
value; its name says what it was in the client.
"""

import sys
from unittest import mock

import jax
import jax.numpy as jnp
from side_by_side import Comparison, compare, difference, main

import jaxup
from jaxup.compat import jax_image

ROWS, COLUMNS, FACTOR = 24, 48, 2
REACH = (
    4  # columns that the kernel and the convolution read across the seam, in pixels of the input
)


def wrapped(x, shape, method):
    """jax.image.resize of a globe: the last column is the first one's neighbour."""
    return jaxup.resize(x, shape[1:-1], method, boundary=("renormalize", "wrap"), antialias=True)


def comparisons():
    """The layer as it is, away from the seam, and turned."""
    from swirl_dynamics.lib.layers import resize as client

    size = (FACTOR * ROWS, FACTOR * COLUMNS)
    layer = client.FilteredResize(size, (3, 3), padding="LATLON")
    x = jax.random.normal(jax.random.key(0), (2, ROWS, COLUMNS, 4))
    variables = layer.init(jax.random.key(1), x)

    def whole(x):
        return layer.apply(variables, x)

    def inside(x):
        return whole(x)[:, :, FACTOR * REACH : -FACTOR * REACH]

    yield compare("FilteredResize", whole, x, {"jax.image.resize": jax_image.resize})
    yield compare("wrapped, away from the seam", inside, x, {"jax.image.resize": wrapped})

    def turned():
        quarter = COLUMNS // 4
        before = whole(jnp.roll(x, quarter, axis=2))
        return difference(jnp.roll(whole(x), FACTOR * quarter, axis=2), before)

    client_error = turned()
    with mock.patch("jax.image.resize", wraps=wrapped) as swapped:
        error = turned()
    name = f"wrapped, turned by a quarter; was {client_error:.1e}"
    yield Comparison(name, swapped.call_count, error, 0.0)


if __name__ == "__main__":
    sys.exit(main(__doc__, ("swirl-dynamics", "flax"), comparisons))
