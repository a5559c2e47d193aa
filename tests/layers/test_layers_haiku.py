"""`jaxup.layers.haiku` under Haiku's own transforms, and what it adds to the parameters."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.test_util import check_grads

import jaxup

hk = pytest.importorskip("haiku")

from jaxup.layers.haiku import PixelShuffle, PixelUnshuffle, Upsample

X = np.random.default_rng(0).standard_normal((2, 4, 6, 3)).astype(np.float32)
KEY = jax.random.key(0)


def transformed(f):
    return hk.without_apply_rng(hk.transform(f))


def block(features, scale=2, method="nearest"):
    """The recipe of docs/layers.md: `Upsample`, then the framework's convolution."""
    return hk.Sequential([Upsample(scale, method), hk.Conv2D(features, 3, name="conv")])


def plain(x):
    x = hk.Conv2D(4, 3, name="head")(x)
    x = jaxup.pixel_unshuffle(jaxup.upsample(x, 2, "bilinear"), 2)
    return hk.Linear(2, name="tail")(jaxup.pixel_shuffle(x, 2))


def layered(x):
    model = hk.Sequential(
        [
            hk.Conv2D(4, 3, name="head"),
            Upsample(2, "bilinear"),
            PixelUnshuffle(2),
            PixelShuffle(2),
            hk.Linear(2, name="tail"),
        ]
    )
    return model(x)


def test_adding_a_layer_changes_no_parameters():
    assert transformed(lambda x: Upsample(2)(x)).init(KEY, X) == {}
    params = transformed(plain).init(KEY, X)
    expected = transformed(plain).apply(params, X)
    others = transformed(layered).init(KEY, X)
    assert jax.tree.structure(others) == jax.tree.structure(params)
    np.testing.assert_array_equal(transformed(layered).apply(params, X), expected)


def test_adding_a_layer_changes_no_state():
    def model(x):
        x = hk.BatchNorm(True, True, 0.9)(x, is_training=True)
        return Upsample(2, "bilinear")(x)

    f = hk.without_apply_rng(hk.transform_with_state(model))
    params, state = f.init(KEY, X)
    assert all("batch_norm" in name for name in (*params, *state))
    y, after = f.apply(params, state, X)
    assert jax.tree.structure(after) == jax.tree.structure(state)
    assert y.shape == (2, 8, 12, 3)


def test_gradient_through_upsample_and_conv():
    model = transformed(lambda x: block(2, method="bicubic")(x))
    params = model.init(KEY, X)
    f = jax.jit(lambda x: model.apply(params, x))
    check_grads(f, (X,), order=1, modes=("fwd", "rev"), atol=2e-2, rtol=2e-2)


def test_wrong_options_are_the_functions_errors():
    with pytest.raises(ValueError, match=r"jaxup\.upsample: expected 3 axes for method 'tri"):
        transformed(lambda x: Upsample(2, "trilinear", axes=(1, 2))(x)).apply({}, X)
    with pytest.raises(ValueError, match=r"jaxup\.upsample: expected exactly one of scale and"):
        transformed(lambda x: Upsample(2, size=(3, 3))(x)).apply({}, X)


def test_names():
    def names(x):
        modules = (Upsample(2), Upsample(2), Upsample(2, name="grow"), PixelShuffle(2))
        return [module.module_name for module in modules]

    assert transformed(names).apply({}, X) == ["upsample", "upsample_1", "grow", "pixel_shuffle"]


def halving(x):
    """As large a result as the input, so that it can be scanned over."""
    x = jnp.tanh(block(3, method="bilinear")(x))
    return Upsample(0.5, "area")(x)


def test_scan_and_remat():
    def scanned(x):
        block = hk.to_module(halving)("block")
        return hk.scan(lambda x, _: (hk.remat(block)(x), None), x, None, length=2)[0]

    def looped(x):
        block = hk.to_module(halving)("block")
        return block(block(x))

    params = jax.jit(transformed(looped).init)(KEY, X)
    assert jax.tree.structure(transformed(scanned).init(KEY, X)) == jax.tree.structure(params)

    def gradient(f):
        return jax.jit(
            jax.value_and_grad(lambda params: (transformed(f).apply(params, X) ** 2).sum())
        )(params)

    for y, expected in zip(
        jax.tree.leaves(gradient(scanned)), jax.tree.leaves(gradient(looped)), strict=True
    ):
        np.testing.assert_allclose(y, expected, rtol=1e-4, atol=1e-4)


def test_vmap():
    def batched(x):
        return hk.vmap(block(4, method="bicubic"), split_rng=False)(x)

    x = np.stack([X, -2 * X])
    f = transformed(batched)
    params = f.init(KEY, x)
    model = transformed(lambda x: block(4, method="bicubic")(x))
    y = f.apply(params, x)
    for index in range(2):
        one = model.apply(params, x[index])
        np.testing.assert_allclose(y[index], one, rtol=0, atol=1e-5)


def test_stacked_layers():
    def stacked(x):
        return hk.experimental.layer_stack(2)(halving)(x)

    f = transformed(stacked)
    params = jax.jit(f.init)(KEY, X)
    shapes = [leaf.shape for leaf in jax.tree.leaves(params)]
    assert shapes == [(2, 3), (2, 3, 3, 3, 3)]
    assert f.apply(params, X).shape == X.shape


def test_eval_shape():
    model = transformed(lambda x: block(4)(x))
    params = jax.eval_shape(model.init, KEY, X)
    assert params["conv"]["w"].shape == (3, 3, 3, 4)
    assert jax.eval_shape(model.apply, params, X).shape == (2, 8, 12, 4)
