"""`jaxup.layers.nnx` under NNX's own transforms, and what it adds to a model's state."""

import copy
import pickle
from typing import Any, cast

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.test_util import check_grads

import jaxup

pytest.importorskip("flax")

from flax import nnx

from jaxup.layers.nnx import PixelShuffle, PixelUnshuffle, Upsample

X: Any = np.random.default_rng(0).standard_normal((2, 4, 6, 3)).astype(np.float32)


class Block(nnx.Module):
    """The recipe of docs/layers.md: `Upsample`, then the framework's convolution."""

    def __init__(self, channels, features, scale: Any = 2, method: Any = "nearest", *, rngs):
        self.upsample = Upsample(scale, method)
        self.conv = nnx.Conv(channels, features, (3, 3), rngs=rngs)

    def __call__(self, x):
        return self.conv(self.upsample(x))


class Plain(nnx.Module):
    def __init__(self, rngs):
        self.head = nnx.Conv(3, 4, (3, 3), rngs=rngs)
        self.tail = nnx.Linear(4, 2, rngs=rngs)

    def __call__(self, x):
        x = jaxup.pixel_unshuffle(jaxup.upsample(self.head(x), 2, "bilinear"), 2)
        return self.tail(jaxup.pixel_shuffle(x, 2))


class Layered(nnx.Module):
    def __init__(self, rngs):
        self.head = nnx.Conv(3, 4, (3, 3), rngs=rngs)
        self.up = Upsample(2, "bilinear")
        self.apart = PixelUnshuffle(2)
        self.together = PixelShuffle(2)
        self.tail = nnx.Linear(4, 2, rngs=rngs)

    def __call__(self, x):
        return self.tail(self.together(self.apart(self.up(self.head(x)))))


def params(module):
    return nnx.to_pure_dict(nnx.state(module))


def test_adding_a_layer_changes_no_state():
    for layer in (
        Upsample([2, 3], "bilinear"),
        Upsample(cast(Any, np.float32(2))),
        Upsample(cast(Any, jnp.array([2.0, 3.0]))),
        PixelShuffle(2),
    ):
        assert jax.tree.leaves(nnx.state(layer)) == []
    plain, layered = Plain(nnx.Rngs(0)), Layered(nnx.Rngs(1))
    assert jax.tree.structure(params(plain)) == jax.tree.structure(params(layered))
    nnx.update(layered, nnx.state(plain))
    np.testing.assert_array_equal(layered(X), plain(X))


def test_split_and_merge():
    block = Block(3, 4, [2, 3], "bilinear", rngs=nnx.Rngs(0))
    graph, state = nnx.split(block)
    assert hash(graph) == hash(nnx.split(nnx.clone(block))[0])
    merged = nnx.merge(graph, state)
    np.testing.assert_array_equal(merged(X), block(X))
    assert merged.upsample.scale == (2, 3)
    y = jax.jit(lambda state, x: nnx.merge(graph, state)(x))(state, X)
    np.testing.assert_allclose(y, block(X), rtol=0, atol=1e-5)


def test_gradient_through_upsample_and_conv():
    block = Block(3, 2, method="bicubic", rngs=nnx.Rngs(0))
    check_grads(jax.jit(block), (X,), order=1, modes=("fwd", "rev"), atol=2e-2, rtol=2e-2)


def test_wrong_options_are_the_functions_errors():
    layer = Upsample(2, "trilinear", axes=(1, 2))
    with pytest.raises(ValueError, match=r"jaxup\.upsample: expected 3 axes for method 'tri"):
        layer(X)
    layer = Upsample(2, size=(3, 3))
    with pytest.raises(ValueError, match=r"jaxup\.upsample: expected exactly one of scale and"):
        layer(X)


def test_jit_and_remat():
    layer = Upsample([2, 3], "cubic")
    expected = jaxup.upsample(X, [2, 3], "cubic")
    for lift in (nnx.jit, nnx.remat):
        y = lift(lambda layer, x: layer(x))(layer, X)
        np.testing.assert_allclose(y, expected, rtol=0, atol=1e-6)


def test_gradient_of_a_model():
    def loss(model, x):
        return (model(x) ** 2).sum()

    plain, layered = Plain(nnx.Rngs(0)), Layered(nnx.Rngs(0))
    expected = nnx.jit(nnx.grad(loss))(plain, X)
    gradient = nnx.jit(nnx.grad(nnx.remat(loss)))(layered, X)
    for g, e in zip(jax.tree.leaves(gradient), jax.tree.leaves(expected), strict=True):
        np.testing.assert_allclose(g, e, rtol=1e-4, atol=1e-4)


def test_vmap():
    @nnx.split_rngs(splits=2)
    @nnx.vmap
    def build(rngs):
        return Block(3, 4, method="bicubic", rngs=rngs)

    blocks = build(nnx.Rngs(0))
    assert blocks.conv.kernel.shape == (2, 3, 3, 3, 4)
    x = np.stack([X, -2 * X])
    y = nnx.vmap(lambda block, x: block(x))(blocks, x)
    graph, state = nnx.split(blocks)
    for index in range(2):
        one = nnx.merge(graph, jax.tree.map(lambda leaf, index=index: leaf[index], state))
        np.testing.assert_allclose(y[index], one(x[index]), rtol=0, atol=1e-5)


class Halving(nnx.Module):
    """A block whose output is as large as its input, so that it can be scanned over."""

    def __init__(self, rngs):
        self.double = Block(3, 3, method="bilinear", rngs=rngs)
        self.halve = Upsample(0.5, "area")

    def __call__(self, x):
        return self.halve(nnx.tanh(self.double(x)))


def test_scan_over_stacked_layers():
    @nnx.split_rngs(splits=3)
    @nnx.vmap
    def build(rngs):
        return Halving(rngs)

    @nnx.jit
    @nnx.scan(in_axes=(nnx.Carry, 0), out_axes=nnx.Carry)
    def forward(x, block):
        return block(x)

    blocks = build(nnx.Rngs(0))
    expected = X
    graph, state = nnx.split(blocks)
    for index in range(3):
        one = nnx.merge(graph, jax.tree.map(lambda leaf, index=index: leaf[index], state))
        expected = one(expected)
    np.testing.assert_allclose(forward(jnp.asarray(X), blocks), expected, rtol=0, atol=1e-5)


def test_eval_shape():
    block = nnx.eval_shape(lambda: Block(3, 4, rngs=nnx.Rngs(0)))
    assert isinstance(jax.tree.leaves(nnx.state(block))[0], jax.ShapeDtypeStruct)
    y = nnx.eval_shape(lambda block, x: block(x), block, X)
    assert y.shape == (2, 8, 12, 4)
    assert nnx.eval_shape(lambda: Upsample(2, "bilinear")).method == "bilinear"


def test_copies_and_pickles():
    block = Block(3, 4, [2, 3], "bilinear", rngs=nnx.Rngs(0))
    for other in (copy.deepcopy(block), pickle.loads(pickle.dumps(block)), nnx.clone(block)):
        np.testing.assert_array_equal(other(X), block(X))
        assert other.conv.kernel is not block.conv.kernel


def test_repr_in_a_model():
    text = repr(nnx.Sequential(Upsample(2, align_corners=True), PixelShuffle(3)))
    assert "align_corners=True" in text
    assert "factor=3" in text
    assert "size" not in text
    assert "data_format" not in text
    shown = repr(Block(3, 4, rngs=nnx.Rngs(0)))
    assert "conv=Conv(" in shown
    assert "scale=2" in shown
