"""`jaxup.layers.linen` under Linen's own transforms, and what it adds to a parameter tree."""

import copy
import pickle
from typing import Any, cast

import jax
import numpy as np
import pytest
from jax.test_util import check_grads

import jaxup

pytest.importorskip("flax")

import flax.linen as nn
from flax import serialization

from jaxup.layers.linen import PixelShuffle, PixelUnshuffle, Upsample

X = np.random.default_rng(0).standard_normal((2, 4, 6, 3)).astype(np.float32)
KEY = jax.random.key(0)


class Block(nn.Module):
    """The recipe of docs/layers.md: `Upsample`, then the framework's convolution."""

    features: int
    scale: Any = 2
    method: Any = "nearest"

    @nn.compact
    def __call__(self, x):
        x = Upsample(self.scale, self.method)(x)
        return nn.Conv(self.features, (3, 3), name="conv")(x)


class Plain(nn.Module):
    @nn.compact
    def __call__(self, x):
        x = nn.Conv(4, (3, 3), name="head")(x)
        x = jaxup.pixel_unshuffle(jaxup.upsample(x, 2, "bilinear"), 2)
        return nn.Dense(2, name="tail")(jaxup.pixel_shuffle(x, 2))


class Layered(nn.Module):
    def setup(self):
        self.head = nn.Conv(4, (3, 3))
        self.up = Upsample(2, "bilinear")
        self.apart = PixelUnshuffle(2)
        self.together = PixelShuffle(2)
        self.tail = nn.Dense(2)

    def __call__(self, x):
        return self.tail(self.together(self.apart(self.up(self.head(x)))))


def test_adding_a_layer_changes_no_parameters():
    assert jax.tree.leaves(Upsample(2).init(KEY, X)) == []
    plain, layered = Plain().init(KEY, X), Layered().init(KEY, X)
    assert jax.tree.structure(plain) == jax.tree.structure(layered)
    checkpoint = serialization.to_bytes(plain)
    restored = serialization.from_bytes(layered, checkpoint)
    assert serialization.to_bytes(restored) == checkpoint
    np.testing.assert_array_equal(Layered().apply(restored, X), Plain().apply(plain, X))


def test_gradient_through_upsample_and_conv():
    block = Block(2, method="bicubic")
    variables = block.init(KEY, X)
    f = jax.jit(lambda x: block.apply(variables, x))
    check_grads(f, (X,), order=1, modes=("fwd", "rev"), atol=2e-2, rtol=2e-2)


def test_wrong_options_are_the_functions_errors():
    with pytest.raises(ValueError, match=r"jaxup\.upsample: expected 3 axes for method 'tri"):
        Upsample(2, "trilinear", axes=(1, 2)).apply({}, X)
    with pytest.raises(ValueError, match=r"jaxup\.upsample: expected exactly one of scale and"):
        Upsample(2, size=(3, 3)).apply({}, X)
    with pytest.raises(TypeError, match="positional"):
        cast(Any, Upsample)(2, "nearest", (3, 3))


def test_modules_hash_by_their_options():
    assert hash(Upsample([2, 3])) == hash(Upsample((2, 3)))
    assert Upsample(cast(Any, np.array([2, 3]))) == Upsample((2, 3)) != Upsample((3, 2))


def test_copies_and_pickles():
    layer = Upsample([2, 3], "bilinear")
    assert copy.deepcopy(layer) == layer
    assert pickle.loads(pickle.dumps(layer)) == layer
    assert layer.clone() == layer


def test_repr_in_a_model():
    assert "Upsample(scale=2, align_corners=True)" in repr(
        nn.Sequential([Upsample(2, align_corners=True)])
    )


def test_tabulate_and_eval_shape():
    assert "Upsample" in Block(4).tabulate(KEY, X, compute_flops=False)
    shapes = jax.eval_shape(Block(4).init, KEY, X)
    assert shapes["params"]["conv"]["kernel"].shape == (3, 3, 3, 4)


class Halving(nn.Module):
    """A carry that keeps its shape, so that it can be scanned over."""

    @nn.compact
    def __call__(self, x, _):
        x = nn.tanh(Block(3, method="bilinear")(x))
        return Upsample(0.5, "area")(x), None


def test_scan_and_remat():
    scanned = nn.scan(
        nn.remat(Halving), variable_axes={"params": 0}, split_rngs={"params": True}, length=2
    )()
    variables = jax.jit(scanned.init)(KEY, X, None)

    def looped(variables, x):
        for step in range(2):
            one = jax.tree.map(lambda leaf, step=step: leaf[step], variables)
            x, _ = Halving().apply(one, x, None)
        return x

    def loss(f):
        def of(variables):
            y = f(variables)
            return (y**2).sum(), y

        return jax.jit(jax.grad(of, has_aux=True))

    gradient, y = loss(lambda variables: scanned.apply(variables, X, None)[0])(variables)
    expected_gradient, expected = loss(lambda variables: looped(variables, X))(variables)
    np.testing.assert_allclose(y, expected, rtol=0, atol=1e-5)
    for g, e in zip(jax.tree.leaves(gradient), jax.tree.leaves(expected_gradient), strict=True):
        np.testing.assert_allclose(g, e, rtol=1e-4, atol=1e-4)


def test_vmap():
    batched: Any = nn.vmap(
        Block, variable_axes={"params": 0}, split_rngs={"params": True}, in_axes=0
    )(4, method="bicubic")
    x = np.stack([X, -2 * X])
    variables = jax.jit(batched.init)(KEY, x)
    y = batched.apply(variables, x)
    block: Any = Block(4, method="bicubic")
    for index in range(2):
        one = jax.tree.map(lambda leaf, index=index: leaf[index], variables)
        np.testing.assert_allclose(y[index], block.apply(one, x[index]), rtol=0, atol=1e-5)


@pytest.mark.parametrize("lift", [nn.jit, nn.remat, nn.checkpoint])
def test_lifted_layers(lift):
    both: tuple[tuple[Any, Any], ...] = ((2, "bilinear"), ([2, 3], "cubic"))
    for options in both:
        y = lift(Upsample)(*options).apply({}, X)
        np.testing.assert_allclose(y, jaxup.upsample(X, *options), rtol=0, atol=1e-6)
