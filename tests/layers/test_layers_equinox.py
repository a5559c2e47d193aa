"""`jaxup.layers.equinox` under Equinox's own transforms, and what it adds to a module's leaves."""

import copy
import io
import pickle
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.test_util import check_grads

import jaxup

eqx = pytest.importorskip("equinox")

from jaxup.layers.equinox import PixelShuffle, PixelUnshuffle, Upsample

X: Any = np.random.default_rng(0).standard_normal((3, 4, 6)).astype(np.float32)
KEY = jax.random.key(0)


class Block(eqx.Module):
    """The recipe of docs/layers.md: `Upsample`, then the framework's convolution."""

    upsample: Upsample
    conv: Any

    def __init__(self, channels, features, scale: Any = 2, method: Any = "nearest", *, key):
        self.upsample = Upsample(scale, method)
        self.conv = eqx.nn.Conv2d(channels, features, 3, padding=1, key=key)

    def __call__(self, x):
        return self.conv(self.upsample(x))


class Plain(eqx.Module):
    head: Any
    tail: Any

    def __init__(self, key):
        head, tail = jax.random.split(key)
        self.head = eqx.nn.Conv2d(3, 4, 3, padding=1, key=head)
        self.tail = eqx.nn.Conv2d(4, 2, 1, key=tail)

    def __call__(self, x):
        first: dict[str, Any] = {"data_format": "channels_first"}
        x = jaxup.pixel_unshuffle(jaxup.upsample(self.head(x), 2, "bilinear", **first), 2, **first)
        return self.tail(jaxup.pixel_shuffle(x, 2, **first))


def layered(key):
    head, tail = jax.random.split(key)
    return eqx.nn.Sequential(
        [
            eqx.nn.Conv2d(3, 4, 3, padding=1, key=head),
            Upsample(2, "bilinear"),
            PixelUnshuffle(2),
            PixelShuffle(2),
            eqx.nn.Conv2d(4, 2, 1, key=tail),
        ]
    )


def saved(module):
    file = io.BytesIO()
    eqx.tree_serialise_leaves(file, module)
    return file.getvalue()


def test_adding_a_layer_changes_no_leaves():
    assert jax.tree.leaves(Upsample([2, 3], "bilinear", align_corners=True)) == []
    assert jax.tree.leaves(PixelShuffle(2)) == []
    plain = Plain(KEY)
    checkpoint = saved(plain)
    assert saved(layered(KEY)) == checkpoint
    other = eqx.tree_deserialise_leaves(io.BytesIO(checkpoint), layered(jax.random.key(1)))
    np.testing.assert_array_equal(other(X), plain(X))


@pytest.mark.parametrize(
    ("shape", "options", "out_shape"),
    [
        ((3, 4), {"scale": 2}, (3, 8)),
        ((3, 4, 6), {"scale": 2}, (3, 8, 12)),
        ((3, 4, 6, 5), {"scale": 2, "method": "linear"}, (3, 8, 12, 10)),
        ((3, 4, 6, 5), {"scale": 2, "method": "trilinear"}, (3, 8, 12, 10)),
        ((3, 4, 6), {"size": 5, "method": "cubic"}, (3, 5, 5)),
        # where the method or the options say how many there are, the rest is a batch
        ((7, 3, 4, 6), {"scale": 2, "method": "bilinear"}, (7, 3, 8, 12)),
        ((7, 3, 4, 6), {"scale": [2, 3]}, (7, 3, 8, 18)),
        ((3, 4, 6), {"size": (5,)}, (3, 4, 5)),
        ((3, 4, 6), {"scale": 2, "axes": -1}, (3, 4, 12)),
        ((4, 6, 3), {"scale": 2, "data_format": "channels_last"}, (8, 12, 3)),
        ((5, 3), {"size": 7, "data_format": "channels_last"}, (7, 3)),
    ],
    ids=str,
)
def test_all_axes_beside_the_channels_are_spatial(shape, options, out_shape):
    assert eqx.filter_eval_shape(Upsample(**options), jnp.zeros(shape)).shape == out_shape


def test_gradient_through_upsample_and_conv():
    block = Block(3, 2, method="bicubic", key=KEY)
    f = eqx.filter_jit(block)
    check_grads(f, (X,), order=1, modes=("fwd", "rev"), atol=2e-2, rtol=2e-2)


def test_wrong_options_are_the_functions_errors():
    with pytest.raises(ValueError, match=r"jaxup\.upsample: expected 3 axes for method 'tri"):
        Upsample(2, "trilinear", axes=(1, 2))(X)
    with pytest.raises(ValueError, match=r"jaxup\.upsample: expected exactly one of scale and"):
        Upsample(2, size=(3, 3))(X)
    with pytest.raises(ValueError, match=r"jaxup\.upsample: expected at least one axis"):
        Upsample(2)(X[0, 0])


def test_filter_transforms():
    options = ([2, 3], "cubic")
    layer = Upsample(*options)
    expected = jaxup.upsample(X, *options, data_format="channels_first")
    batch: Any = np.stack([X, -2 * X])
    for y in (eqx.filter_jit(layer)(X), eqx.filter_checkpoint(layer)(X), layer(X, key=KEY)):
        np.testing.assert_allclose(y, expected, rtol=0, atol=1e-6)
    batched = eqx.filter_vmap(layer)(batch)
    np.testing.assert_allclose(batched[1], -2 * expected, rtol=0, atol=1e-5)


def test_gradient_of_a_model():
    def loss(model, x):
        return (model(x) ** 2).sum()

    expected = eqx.filter_jit(eqx.filter_grad(loss))(Plain(KEY), X)
    gradient = eqx.filter_jit(eqx.filter_grad(eqx.filter_checkpoint(loss)))(layered(KEY), X)
    for g, e in zip(jax.tree.leaves(gradient), jax.tree.leaves(expected), strict=True):
        np.testing.assert_allclose(g, e, rtol=1e-4, atol=1e-4)


class Halving(eqx.Module):
    """A block whose output is as large as its input, so that it can be scanned over."""

    double: Block
    halve: Upsample

    def __init__(self, key):
        self.double = Block(3, 3, method="bilinear", key=key)
        self.halve = Upsample(0.5, "area")

    def __call__(self, x):
        return self.halve(jnp.tanh(self.double(x)))


def test_vmap_and_scan_over_stacked_modules():
    blocks = eqx.filter_vmap(Halving)(jax.random.split(KEY, 3))
    assert blocks.double.conv.weight.shape == (3, 3, 3, 3, 3)
    arrays, static = eqx.partition(blocks, eqx.is_array)

    def step(x, arrays):
        return eqx.combine(arrays, static)(x), None

    expected = X
    for index in range(3):
        expected, _ = step(expected, jax.tree.map(lambda leaf, index=index: leaf[index], arrays))
    y, _ = jax.jit(lambda x: jax.lax.scan(step, x, arrays))(X)
    np.testing.assert_allclose(y, expected, rtol=0, atol=1e-5)


def test_eval_shape():
    block = eqx.filter_eval_shape(Block, 3, 4, key=KEY)
    assert isinstance(block.conv.weight, jax.ShapeDtypeStruct)
    assert eqx.filter_eval_shape(block, X).shape == (4, 8, 12)


def test_copies_and_pickles():
    block = Block(3, 4, [2, 3], "bilinear", key=KEY)
    for other in (copy.deepcopy(block), pickle.loads(pickle.dumps(block))):
        assert eqx.tree_equal(other, block)
        assert hash(other.upsample) == hash(block.upsample)


def test_options_are_static():
    assert eqx.tree_equal(Upsample([2, 3]), Upsample((2, 3)))
    assert not eqx.tree_equal(Upsample(2), Upsample(3))
    assert Upsample(np.array([2, 3])).scale == (2, 3)
