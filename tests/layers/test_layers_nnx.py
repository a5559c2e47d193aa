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

from jaxup.layers.nnx import PixelShuffle, PixelUnshuffle, Upsample, UpsampleConv

X: Any = np.random.default_rng(0).standard_normal((2, 4, 6, 3)).astype(np.float32)


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
    block = UpsampleConv(3, 4, [2, 3], "bilinear", rngs=nnx.Rngs(0))
    graph, state = nnx.split(block)
    assert hash(graph) == hash(nnx.split(nnx.clone(block))[0])
    merged = nnx.merge(graph, state)
    np.testing.assert_array_equal(merged(X), block(X))
    assert merged.upsample.scale == (2, 3)
    y = jax.jit(lambda state, x: nnx.merge(graph, state)(x))(state, X)
    np.testing.assert_allclose(y, block(X), rtol=0, atol=1e-5)


def test_upsample_conv_is_upsample_then_conv():
    options = {"method": "bilinear", "kernel_size": (3, 5), "align_corners": True}
    block = UpsampleConv(3, 5, 1.5, **options, rngs=nnx.Rngs(0))
    assert jax.tree.map(jnp.shape, params(block)) == {
        "conv": {"kernel": (3, 5, 3, 5), "bias": (5,)}
    }
    expected = block.conv(jaxup.upsample(X, 1.5, "bilinear", align_corners=True))
    np.testing.assert_array_equal(block(X), expected)
    # the same random numbers as the convolution alone
    conv = nnx.Conv(3, 5, (3, 5), rngs=nnx.Rngs(0))
    np.testing.assert_array_equal(block.conv.kernel[...], conv.kernel[...])

    first = UpsampleConv(3, 5, 1.5, **options, data_format="channels_first", rngs=nnx.Rngs(0))
    y = np.moveaxis(np.asarray(first(np.moveaxis(X, -1, 1))), 1, -1)
    np.testing.assert_allclose(y, expected, rtol=0, atol=1e-5)


def test_upsample_conv_doubles_with_nearest_by_default():
    block = UpsampleConv(3, 5, rngs=nnx.Rngs(0))
    expected = block.conv(jaxup.upsample(X, 2))
    np.testing.assert_array_equal(block(X), expected)
    # without a batch axis, and with two
    np.testing.assert_allclose(block(X[0]), expected[0], rtol=0, atol=1e-5)
    assert block(X[None]).shape == (1, *expected.shape)
    assert UpsampleConv(3, 5, size=(7, 9), rngs=nnx.Rngs(0))(X).shape == (2, 7, 9, 5)


def test_upsample_conv_hands_its_options_to_the_conv():
    block = UpsampleConv(
        3,
        4,
        padding="VALID",
        use_bias=False,
        dtype=jnp.bfloat16,
        param_dtype=jnp.float16,
        precision="highest",
        kernel_init=nnx.initializers.ones,
        rngs=nnx.Rngs(0),
    )
    y = block(X)
    assert (y.shape, y.dtype) == ((2, 6, 10, 4), jnp.bfloat16)
    (kernel,) = jax.tree.leaves(params(block))
    assert kernel.dtype == jnp.float16
    assert (kernel == 1).all()


def test_upsample_conv_gradient():
    block = UpsampleConv(3, 2, method="bicubic", rngs=nnx.Rngs(0))
    check_grads(jax.jit(block), (X,), order=1, modes=("fwd", "rev"), atol=2e-2, rtol=2e-2)


def test_wrong_options_are_the_functions_errors():
    block = UpsampleConv(3, 4, method="trilinear", rngs=nnx.Rngs(0))
    with pytest.raises(ValueError, match=r"jaxup\.upsample: expected 3 axes for method 'tri"):
        block(X)
    block = UpsampleConv(3, 4, 2, size=(3, 3), rngs=nnx.Rngs(0))
    with pytest.raises(ValueError, match=r"jaxup\.upsample: expected exactly one of scale and"):
        block(X)


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
        return UpsampleConv(3, 4, method="bicubic", rngs=rngs)

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
        self.double = UpsampleConv(3, 3, method="bilinear", rngs=rngs)
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
    block = nnx.eval_shape(lambda: UpsampleConv(3, 4, rngs=nnx.Rngs(0)))
    assert isinstance(jax.tree.leaves(nnx.state(block))[0], jax.ShapeDtypeStruct)
    y = nnx.eval_shape(lambda block, x: block(x), block, X)
    assert y.shape == (2, 8, 12, 4)
    assert nnx.eval_shape(lambda: Upsample(2, "bilinear")).method == "bilinear"


def test_copies_and_pickles():
    block = UpsampleConv(3, 4, [2, 3], "bilinear", rngs=nnx.Rngs(0))
    for other in (copy.deepcopy(block), pickle.loads(pickle.dumps(block)), nnx.clone(block)):
        np.testing.assert_array_equal(other(X), block(X))
        assert other.conv.kernel is not block.conv.kernel


def test_repr_in_a_model():
    text = repr(nnx.Sequential(Upsample(2, align_corners=True), PixelShuffle(3)))
    assert "align_corners=True" in text
    assert "factor=3" in text
    assert "size" not in text
    assert "data_format" not in text
    shown = repr(UpsampleConv(3, 4, rngs=nnx.Rngs(0)))
    assert "conv=Conv(" in shown
    assert "scale=2" in shown
