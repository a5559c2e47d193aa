"""Every function that computes, in every float type, also where JAX promotes nothing by itself."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxup
from jaxup.compat import jax_image, onnx, opencv, pillow, scipy, tensorflow, torch
from jaxup.filters import upfirdn

X = np.random.default_rng(0).uniform(0, 4, (1, 5, 6, 2)).astype(np.float32)
KEPT = X[0, :, :, 0] > 1
HALF = jnp.full(2, 0.5)
MOVE = jnp.array([[0.9, 0.2, 0.5], [-0.1, 1.1, 0.25]])
BOXES = jnp.array([[[1.2, 4.5], [0.5, 5]], [[5, -1], [2, 3.5]]])
FILLED = {"boundary": "constant", "fill_value": 1.5}
GRID = {"method": "bilinear", "antialias": False}


def embedding(x: jax.Array, **options: Any) -> jax.Array:
    table = x.reshape(1, 30, 2)
    return jaxup.resize_position_embedding(table, (5, 6), **options, prefix=0, **GRID)


CALLS: dict[str, Callable[[jax.Array], jax.Array]] = {
    "upsample": lambda x: jaxup.upsample(x, 2, "bicubic"),
    "nearest": lambda x: jaxup.upsample(x, 2),
    "area": lambda x: jaxup.upsample(x, 0.6, "area"),
    "resize": lambda x: jaxup.resize(x, (4, 9), "lanczos3"),
    "resize filled": lambda x: jaxup.resize(x, (4, 9), "cubic", **FILLED),
    "resize masked": lambda x: jaxup.resize(x, (4, 9), "cubic", where=KEPT, fill_value=1.5),
    "upsample masked": lambda x: jaxup.upsample(x, 2, "bilinear", where=KEPT, fill_value=1.5),
    "resize by splines": lambda x: jaxup.resize(x, (7, 9), "bspline3", boundary="mirror"),
    "sample": lambda x: jaxup.sample(x, jnp.linspace(-1, 6, 14).reshape(2, 7)),
    "sample filled": lambda x: jaxup.sample(x, HALF, "cubic", **FILLED),
    "sample by splines": lambda x: jaxup.sample(x, HALF, "bspline3"),
    "sample at 16 bits": lambda x: jaxup.sample(x, HALF.astype("bfloat16")),
    "sample at 8 bits": lambda x: jaxup.sample(x, HALF.astype("float8_e4m3fn")),
    "scaled": lambda x: jaxup.scale_and_translate(x, 7, 0.6, 0.3, "cubic"),
    "scaled, traced": lambda x: jaxup.scale_and_translate(x, 7, HALF, HALF, "cubic"),
    "scaled, filled": lambda x: jaxup.scale_and_translate(x, 7, HALF, max_shrink=2, **FILLED),
    "boxes": lambda x: jaxup.crop_and_resize(x, BOXES, 3, "cubic", box_indices=[0, 0]),
    "boxes, filled": lambda x: jaxup.crop_and_resize(x, BOXES[:1], 3, max_shrink=2, **FILLED),
    "embedding": lambda x: embedding(x, new_grid=(4, 9)),
    "embedding, traced": lambda x: embedding(x, new_grid=jnp.array([4, 9]), max_grid=(5, 9)),
    "embedding, patches": lambda x: jaxup.sample_position_embedding(
        x.reshape(1, 30, 2), (5, 6), jnp.array([4, 9]), jnp.array([[0, 8], [3, 2]]), prefix=0
    ),
    "jax.image": lambda x: jax_image.resize(x, (1, 4, 9, 2), "cubic"),
    "jax.image scaled": lambda x: jax_image.scale_and_translate(
        x, (1, 4, 9, 2), (1, 2), HALF, HALF, "linear"
    ),
    "tensorflow": lambda x: tensorflow.resize(x, (4, 9), "mitchellcubic", antialias=True),
    "tensorflow's crops": lambda x: tensorflow.crop_and_resize(
        x, [[-0.2, 0.1, 0.7, 1.0]], [0], (4, 3), "nearest"
    ),
    "grid_sample": lambda x: torch.grid_sample(
        x.transpose(0, 3, 1, 2), jnp.linspace(-1, 1, 12).reshape(1, 2, 3, 2), align_corners=False
    ),
    "pillow": lambda x: pillow.resize(x[0], (4, 9)),
    "opencv": lambda x: opencv.resize(x[0], (4, 9), interpolation=2),
    "opencv at points": lambda x: opencv.warp_affine(x[0], MOVE, (4, 9), borderValue=1.5),
    "scipy": lambda x: scipy.zoom(x[0], (0.7, 1.5, 1), mode="wrap"),
    "scipy, turned": lambda x: scipy.rotate(x, 25, (1, 2), cval=1.5),
    "scipy, traced": lambda x: scipy.shift(x, HALF[0], cval=1.5),
    "scipy, an affine map": lambda x: scipy.affine_transform(x[0, ..., 0], MOVE[:, :2], HALF),
    "upfirdn": lambda x: upfirdn(x, [1.0, 3.0, 3.0, 1.0], 2, padding=(2, 1), gain=1 / 16),
    "onnx": lambda x: onnx.resize(x, sizes=(1, 4, 9, 2), mode="cubic"),
}
REAL = ("tensorflow", "tensorflow's crops", "grid_sample")  # they refuse complex numbers
DTYPES = {"float32": 1e-6, "bfloat16": 0.03, "float8_e4m3fn": 0.4, "float8_e5m2": 0.8}


@pytest.mark.parametrize(("number", "name"), list(enumerate(CALLS)))
def test_narrow_floats_differ_by_their_rounding(number, name):
    """Of the two float8, which differ in how they round alone, the calls take one in turn."""
    other = ("float8_e4m3fn", "float8_e5m2")[number % 2]
    for dtype, tolerance in DTYPES.items():
        if dtype == other:
            continue
        x = jnp.asarray(X).astype(dtype)
        got, wanted = CALLS[name](x), CALLS[name](x.astype("float32"))
        assert got.dtype == (dtype if not name.startswith("tensorflow") else "float32")
        np.testing.assert_allclose(got.astype("float32"), wanted, rtol=0, atol=tolerance)


@pytest.mark.parametrize("name", CALLS)
def test_nothing_is_promoted_by_itself(name):
    with jax.numpy_dtype_promotion("strict"), jax.numpy_rank_promotion("raise"):
        for dtype in (*DTYPES, "complex64"):
            x = jax.ShapeDtypeStruct(X.shape, dtype)
            if dtype != "complex64" or name not in REAL:
                assert jax.jit(CALLS[name]).lower(x).out_info.ndim >= 2
