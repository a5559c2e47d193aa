"""Sharded arrays on four devices; core/test_sharding.py runs it in a process that has as many."""

import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.sharding import AxisType, NamedSharding
from jax.sharding import PartitionSpec as P

from jaxup import crop_and_resize, sample, scale_and_translate, upsample
from tests.helpers.cases import numbers

BILINEAR = functools.partial(upsample, scale=2, method="bilinear")
METHODS = pytest.mark.parametrize(
    "f",
    [
        BILINEAR,
        functools.partial(upsample, scale=(2, 3)),
        functools.partial(upsample, size=(1, 3)),
        functools.partial(upsample, size=(3, 7), method="bicubic", antialias=True),
        functools.partial(upsample, size=(2, 3), method="bicubic", antialias=True),
        functools.partial(upsample, size=(3, 7), method="area"),
        functools.partial(BILINEAR, where=numbers((5, 6)) > 0.4, fill_value=0.5),
    ],
    ids=[
        *("bilinear", "nearest", "nearest-shrink", "bicubic-antialias", "bicubic-tiny"),
        *("area", "masked"),
    ],
)


def mesh(kind):
    return jax.make_mesh((2, 2), ("data", "model"), axis_types=(kind, kind))


def picture():
    return jnp.asarray(numbers((4, 5, 6, 2)))


def loss(f, x):
    return (f(x) ** 2).sum()


def test_there_are_four_devices():
    """Guards the other tests against passing on one device, which shards nothing."""
    assert jax.device_count() == 4


@METHODS
def test_shard_map_over_the_batch_and_its_gradient(f):
    """A shape rule that forgets over which axes its input varies fails in the gradient here."""
    x = picture()
    batch = P(("data", "model"))
    sharded = jax.shard_map(f, mesh=mesh(AxisType.Auto), in_specs=batch, out_specs=batch)
    np.testing.assert_allclose(jax.jit(sharded)(x), f(x), rtol=0, atol=1e-6)
    gradient = jax.jit(jax.grad(functools.partial(loss, sharded)))(x)
    np.testing.assert_allclose(gradient, jax.grad(functools.partial(loss, f))(x), rtol=0, atol=1e-5)


def test_shard_map_with_a_sum_across_devices():
    """Guards the gradient through a psum, which must be counted once, not once a device."""
    x = picture()

    def mean_loss(x):
        return jax.lax.psum(loss(BILINEAR, x), ("data", "model"))

    sharded = jax.shard_map(
        mean_loss, mesh=mesh(AxisType.Auto), in_specs=P(("data", "model")), out_specs=P()
    )
    np.testing.assert_allclose(jax.jit(sharded)(x), loss(BILINEAR, x), rtol=1e-5)
    wanted = jax.grad(functools.partial(loss, BILINEAR))(x)
    np.testing.assert_allclose(jax.jit(jax.grad(sharded))(x), wanted, rtol=0, atol=1e-5)


def test_shard_map_that_differentiates_inside():
    """Guards the transpose rule where batch and channels vary over different mesh axes."""
    x = picture()
    batch = P("data", None, None, "model")
    inside = jax.shard_map(
        jax.grad(functools.partial(loss, BILINEAR)),
        mesh=mesh(AxisType.Auto),
        in_specs=batch,
        out_specs=batch,
    )
    wanted = jax.grad(functools.partial(loss, BILINEAR))(x)
    np.testing.assert_allclose(jax.jit(inside)(x), wanted, rtol=0, atol=1e-5)


@METHODS
def test_explicit_mesh_with_batch_and_channels_sharded(f):
    """The output keeps the sharding of the axes that are not resampled, in eager and in jit."""
    explicit = mesh(AxisType.Explicit)
    with jax.set_mesh(explicit):
        x = jax.device_put(picture(), NamedSharding(explicit, P("data", None, None, "model")))
        wanted = f(np.asarray(x))
        for call in (f, jax.jit(f)):
            y = call(x)
            assert jax.typeof(y).sharding.spec == P("data", None, None, "model")
            np.testing.assert_allclose(y, wanted, rtol=0, atol=1e-6)
        gradient = jax.jit(jax.grad(functools.partial(loss, f)))(x)
        assert jax.typeof(gradient).sharding.spec == P("data", None, None, "model")
    wanted = jax.grad(functools.partial(loss, f))(picture())
    np.testing.assert_allclose(gradient, wanted, rtol=0, atol=1e-5)


def test_vmap_on_an_explicit_mesh():
    """Guards the batching rule, which must keep the sharding of the batch axis."""
    explicit = mesh(AxisType.Explicit)
    with jax.set_mesh(explicit):
        x = jax.device_put(picture(), NamedSharding(explicit, P("data")))
        y = jax.jit(jax.vmap(BILINEAR))(x)
        assert jax.typeof(y).sharding.spec[0] == "data"
        np.testing.assert_allclose(y, BILINEAR(np.asarray(x)), rtol=0, atol=1e-6)


EACH = {
    "a scale": lambda x, c: scale_and_translate(x, (5, 9), c[0], 0.5),
    "a box": lambda x, c: crop_and_resize(x, c[None] * jnp.array([[0.2], [1]]), (5, 3))[0],
    "points": lambda x, c: sample(x, c, "cubic"),
}


@pytest.mark.parametrize("name", EACH)
def test_geometry_of_each_image_of_a_cut_batch(name):
    """Guards what the batch does not have: it must be cut as the batch is."""
    x, c = jnp.asarray(numbers((4, 6, 6, 2))), jnp.asarray(abs(numbers((4, 2, 2)))) + 1

    def gradients(x, c):
        each = jax.vmap(EACH[name])
        return each(x, c), jax.grad(lambda x, c: (each(x, c) ** 2).sum(), (0, 1))(x, c)

    explicit = jax.make_mesh((4,), ("data",), axis_types=(AxisType.Explicit,))
    with jax.set_mesh(explicit):
        cut = [jax.device_put(each, NamedSharding(explicit, P("data"))) for each in (x, c)]
        found = jax.jit(gradients)(*cut)
    for result, wanted in zip(
        jax.tree.leaves(found), jax.tree.leaves(gradients(x, c)), strict=True
    ):
        assert jax.typeof(result).sharding.spec[0] == "data"
        np.testing.assert_allclose(result, wanted, rtol=0, atol=2e-5)


def test_an_axis_of_length_1_keeps_its_device():
    """Guards the axes that the program leaves out while it resamples the others."""
    explicit = jax.make_mesh((4, 1), ("data", "model"), axis_types=(AxisType.Explicit,) * 2)
    x, scale = numbers((4, 6, 6, 1)), jnp.float32(1.5)

    def scaled(x, scale):
        return scale_and_translate(x, 9, scale, 0.2)

    with jax.set_mesh(explicit):
        sharded = jax.device_put(x, NamedSharding(explicit, P("data", None, None, "model")))
        y = jax.jit(scaled)(sharded, scale)
    assert jax.typeof(y).sharding.spec == P("data", None, None, "model")
    np.testing.assert_allclose(y, scaled(x, scale), rtol=0, atol=1e-6)


def test_devices_must_divide_a_sharded_output():
    """Guards the error that says what to do, in eager and jit, and that its advice works."""
    explicit = mesh(AxisType.Explicit)
    halved = functools.partial(upsample, scale=0.5, method="bilinear")
    text = (
        r"jaxup\.upsample: expected an output size of axis 1 that its 2 devices divide, those of"
        r" mesh axis 'data', got 3 for input shape \(4, 6, 6, 2\)\. Choose another size or scale,"
        r" or move the sharding to a batch or channel axis first with jax\.sharding\.reshard\."
    )
    with jax.set_mesh(explicit):
        x = jax.device_put(
            jnp.asarray(numbers((4, 6, 6, 2))), NamedSharding(explicit, P(None, "data"))
        )
        for call in (halved, jax.jit(halved)):
            with pytest.raises(ValueError, match=text):
                call(x)
        moved = jax.sharding.reshard(x, P("data"))  # what the message says
        np.testing.assert_allclose(halved(moved), halved(np.asarray(x)), rtol=0, atol=1e-6)
        # an axis that keeps its size is not resampled: any number of devices may hold it
        assert upsample(x, size=(6, 12), method="bilinear").shape == (4, 6, 12, 2)


def test_automatic_sharding_of_a_resampled_axis():
    """Without an explicit mesh the compiler moves what it must."""
    auto = mesh(AxisType.Auto)
    x = jax.device_put(jnp.asarray(numbers((4, 6, 6, 2))), NamedSharding(auto, P("data", "model")))
    y = jax.jit(BILINEAR)(x)
    np.testing.assert_allclose(y, BILINEAR(np.asarray(x)), rtol=0, atol=1e-6)


def test_batch_sharding_needs_no_communication():
    """Guards against a lowering that gathers the batch on every device."""
    auto = mesh(AxisType.Auto)
    place = NamedSharding(auto, P(("data", "model")))
    x = jax.device_put(picture(), place)
    text = jax.jit(BILINEAR, out_shardings=place).lower(x).compile().as_text()
    assert text is not None
    assert "f32[1,5,6,2]" in text  # a device's part
    for collective in ("all-gather", "all-reduce", "all-to-all", "collective-permute"):
        assert collective not in text
