"""`icnr` in every framework: its own convolution and PixelShuffle start as nearest upsampling."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxup

KEY = jax.random.key(0)
X = np.random.default_rng(0).standard_normal((2, 5, 4, 3)).astype(np.float32)


def linen(order):
    nn = pytest.importorskip("flax.linen")
    from jaxup.layers.linen import PixelShuffle

    conv = nn.Conv(12, (3, 3), kernel_init=jaxup.icnr(2, order=order))
    shuffle = PixelShuffle(2, order=order)
    return nn.Sequential([conv, shuffle]).init_with_output(KEY, X)[0]


def nnx(order):
    nnx = pytest.importorskip("flax.nnx")
    from jaxup.layers.nnx import PixelShuffle

    init = jaxup.icnr(2, nnx.initializers.he_normal(), order=order)
    conv = nnx.Conv(3, 12, (3, 3), kernel_init=init, rngs=nnx.Rngs(0))
    return nnx.Sequential(conv, PixelShuffle(2, order=order))(X)


def haiku(order):
    hk = pytest.importorskip("haiku")
    from jaxup.layers.haiku import PixelShuffle, icnr

    init = icnr(2, hk.initializers.RandomNormal(), order=order)
    f = hk.transform(lambda x: PixelShuffle(2, order=order)(hk.Conv2D(12, 3, w_init=init)(x)))
    return f.apply(f.init(KEY, X), None, X)


def equinox(order):
    eqx = pytest.importorskip("equinox")
    from jaxup.layers.equinox import PixelShuffle, icnr

    conv = icnr(eqx.nn.Conv2d(3, 12, 3, padding=1, key=KEY), 2, order=order)
    assert abs(conv.bias).max() > 0
    y = jax.vmap(eqx.nn.Sequential([conv, PixelShuffle(2, order=order)]))(jnp.moveaxis(X, -1, 1))
    return jnp.moveaxis(y, 1, -1)


@pytest.mark.parametrize("order", ["torch", "tensorflow"])
@pytest.mark.parametrize("framework", [linen, nnx, haiku, equinox])
def test_it_starts_without_a_checkerboard(framework, order):
    y: Any = framework(order)
    assert y.shape == (2, 10, 8, 3)
    blocks = np.asarray(y).reshape(2, 5, 2, 4, 2, 3)
    np.testing.assert_allclose(blocks, blocks[:, :, :1, :, :1] + 0 * blocks, rtol=1e-5, atol=1e-5)
    assert blocks.std((1, 3)).min() > 0.1  # of the pictures, each channel by itself
    channels = blocks.transpose(5, 0, 1, 2, 3, 4).reshape(3, -1)
    assert abs(np.corrcoef(channels) - np.eye(3)).max() < 0.9  # three small kernels, not one


def test_haikus_own_initializer_is_the_default():
    hk = pytest.importorskip("haiku")
    from jaxup.layers.haiku import icnr

    def drawn():
        return icnr(2)((3, 3, 2, 8), jnp.float16), hk.initializers.VarianceScaling()(
            (3,), "float32"
        )

    kernel, _ = hk.transform(drawn).apply({}, KEY)
    small, _ = hk.transform(
        lambda: (hk.initializers.VarianceScaling()((3, 3, 2, 2), jnp.float16), 0)
    ).apply({}, KEY)
    np.testing.assert_array_equal(kernel, np.repeat(small, 4, axis=-1))


def test_equinox_layers_of_other_ranks_and_kinds():
    eqx = pytest.importorskip("equinox")
    from jaxup.layers.equinox import icnr

    plain = eqx.nn.Conv3d(2, 16, 3, key=KEY, use_bias=False)
    volume = icnr(plain, 2)
    assert volume.bias is None
    np.testing.assert_array_equal(volume.weight, np.repeat(plain.weight[:2], 8, axis=0))
    dense = eqx.nn.Linear(5, 12, key=KEY)
    spread = icnr(dense, (2, 2), order="tensorflow")
    np.testing.assert_array_equal(spread.weight, np.tile(dense.weight[:3], (4, 1)))
    np.testing.assert_array_equal(spread.bias, np.tile(dense.bias[:3], 4))
    with pytest.raises(ValueError, match=r"^jaxup\.icnr: expected output channels in groups"):
        icnr(eqx.nn.Conv2d(2, 6, 3, key=KEY), 2)
    with pytest.raises(TypeError, match=r"^jaxup\.layers\.equinox\.icnr: expected a layer with"):
        icnr(eqx.nn.Identity(), 2)
