"""Resampled axes cut over eight devices; core/test_sharding.py runs it where there are as many."""

import collections
import functools
import re

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import export
from jax.sharding import AxisType, NamedSharding
from jax.sharding import PartitionSpec as P

import jaxup
from jaxup._lowering import halo
from jaxup._lowering.lower import lower
from jaxup.compat import torch as compat_torch
from tests.helpers import oracle
from tests.helpers.cases import numbers
from tests.helpers.rows import specs

COLLECTIVE = re.compile(
    r"= \w+\[([\d,]*)\]\S* (all-gather|all-reduce|all-to-all|collective-permute|reduce-scatter)\("
)
# Method and options, for sizes that eight devices divide before and after.
RESAMPLES = {
    "nearest x2": ({"scale": 2}, "nearest"),
    "nearest x1.5": ({"scale": 1.5}, "nearest"),
    "nearest-exact x0.5": ({"scale": 0.5}, "nearest-exact"),
    "linear x2": ({"scale": 2}, "linear"),
    "linear x1.5": ({"scale": 1.5}, "linear"),
    "linear to corners": ({"scale": 2, "align_corners": True}, "linear"),
    "linear x0.5 antialiased": ({"scale": 0.5, "antialias": True}, "linear"),
    "cubic x1.5": ({"scale": 1.5}, "cubic"),
    "cubic x0.5 antialiased": ({"scale": 0.5, "antialias": True}, "cubic"),
    "lanczos3 x2": ({"scale": 2}, "lanczos3"),
    "area x0.5": ({"scale": 0.5}, "area"),
}
BOUNDARIES = ("renormalize", "edge", "reflect", "mirror", "wrap", "constant")


def mesh(*sizes, kind=AxisType.Explicit):
    names = ("s", "t", "d")[: len(sizes)]
    return jax.make_mesh(sizes, names, axis_types=(kind,) * len(sizes))


def cut(x, *spec, over):
    return jax.device_put(x, NamedSharding(over, P(*spec)))


def received(function, *operands) -> dict[str, list[tuple[int, ...]]]:
    """The shapes that a device receives, by the collective that brings them."""
    return moved_by(jax.jit(function).lower(*operands).compile())


def moved_by(compiled) -> dict[str, list[tuple[int, ...]]]:
    text = compiled.as_text()
    assert text is not None
    shapes = collections.defaultdict(list)
    for shape, name in COLLECTIVE.findall(text):
        shapes[name].append(tuple(map(int, shape.split(","))))
    return dict(shapes)


def backward(f, x, y):
    return jax.vjp(f, x)[1](y)[0]


def check(f, x, xs, atol=5e-6):
    """Values and gradients are those of one device, and keep the sharding; what moves for each."""
    ct = jnp.asarray(numbers(jax.eval_shape(f, x).shape, seed=1))
    y, dx = jax.jit(lambda x, ct: (f(x), backward(f, x, ct)))(x, ct)
    compiled = jax.jit(f).lower(xs).compile()
    ys = compiled(xs)
    np.testing.assert_allclose(ys, y, rtol=0, atol=atol * max(1, abs(y).max()))
    assert jax.typeof(ys).sharding.spec == jax.typeof(xs).sharding.spec
    cts = jax.device_put(ct, ys.sharding)
    back = jax.jit(functools.partial(backward, f)).lower(xs, cts).compile()
    dxs = back(xs, cts)
    np.testing.assert_allclose(dxs, dx, rtol=0, atol=atol * max(1, abs(dx).max()))
    assert jax.typeof(dxs).sharding.spec == jax.typeof(xs).sharding.spec
    return moved_by(compiled), moved_by(back)


def test_there_are_eight_devices():
    assert jax.device_count() == 8


@pytest.mark.parametrize("axis", [1, 2], ids=["H", "W"])
@pytest.mark.parametrize("resample", RESAMPLES)
def test_a_cut_axis_is_that_of_one_device_and_moves_rows_alone(resample, axis):
    """Rows received are at most the taps, forward and backward, and nothing is gathered."""
    options, method = RESAMPLES[resample]
    shape = [2, 3, 3, 2]
    shape[axis] = 80
    f = functools.partial(jaxup.upsample, method=method, axes=axis, **options)
    x = jnp.asarray(numbers(shape))
    both = check(f, x, cut(x, *[None] * axis, "s", over=mesh(8)))
    (spec,) = specs(80, method, **options)
    for moved, operator in zip(both, (spec.build(), spec.T.build()), strict=True):
        assert moved.keys() <= {"collective-permute"}
        rows = sum(part[axis] for part in moved.get("collective-permute", ()))
        assert rows <= operator.taps
        if method == "nearest" and options["scale"] == 2:
            assert rows == 0


@pytest.mark.parametrize("method", ["linear", "bspline3"])
@pytest.mark.parametrize("boundary", BOUNDARIES)
def test_every_boundary(boundary, method):
    """Of 40 pixels; what a spline pads is made to divide by the devices."""
    f = functools.partial(
        jaxup.resize, scale=1.6, method=method, boundary=boundary, axes=0, coordinates="half_pixel"
    )
    x = jnp.asarray(numbers((40, 2)))
    xs = cut(x, "s", over=mesh(8))
    forward, _ = check(f, x, xs)
    assert forward.keys() <= {"collective-permute"}


def test_a_picture_that_wraps_exchanges_at_its_ends():
    """Guards the ring: without it a device would wait for pixels from the other end, hop by hop."""
    f = functools.partial(jaxup.resize, scale=2, method="linear", boundary="wrap", axes=0)
    x = jnp.asarray(numbers((64, 2)))
    moved = received(f, cut(x, "s", over=mesh(8)))
    assert moved == {"collective-permute": [(1, 2), (1, 2)]}


@pytest.mark.parametrize("seed", range(6))
def test_sizes_drawn_at_random(seed):
    """Both axes cut, one over two mesh axes together, with a batch over the third."""
    draw = np.random.default_rng(seed)
    height, width = int(draw.integers(1, 12)) * 4, int(draw.integers(1, 12)) * 2
    size = int(draw.integers(1, 12)) * 4, int(draw.integers(1, 12)) * 2
    method = draw.choice(["nearest-exact", "bilinear", "bicubic", "lanczos3", "area"])
    antialias = bool(draw.integers(2)) and method not in ("nearest-exact", "area")
    f = functools.partial(jaxup.upsample, size=size, method=method, antialias=antialias)
    x = jnp.asarray(numbers((2, height, width, 3), seed=seed))
    over = jax.make_mesh((2, 2, 2), ("s", "t", "d"), axis_types=(AxisType.Explicit,) * 3)
    check(f, x, cut(x, None, ("s", "t"), "d", over=over))
    if size[0] % 4 == 0 and size[1] % 2 == 0:
        check(f, x, cut(x, "d", "s", "t", over=over))


def test_higher_derivatives_vmap_and_remat():
    x = jnp.asarray(numbers((2, 16, 6, 3)))
    f = functools.partial(jaxup.upsample, scale=2, method="bicubic")

    def loss(x):
        return (jnp.sin(f(x)) ** 2).sum()

    def product(x, loss=loss):
        return jax.jvp(jax.grad(loss), (x,), (x,))[1]

    xs = cut(x, None, "s", over=mesh(8))
    wanted = product(x)
    np.testing.assert_allclose(jax.jit(product)(xs), wanted, rtol=0, atol=1e-4)
    again = functools.partial(product, loss=jax.checkpoint(loss))
    np.testing.assert_allclose(jax.jit(again)(xs), wanted, rtol=0, atol=1e-4)
    np.testing.assert_allclose(jax.jit(jax.vmap(f))(xs), f(x), rtol=0, atol=5e-6)


@pytest.mark.parametrize("dtype", ["bfloat16", "complex64", "int8"])
def test_other_dtypes(dtype):
    x = jnp.asarray(numbers((2, 16, 6, 3)) * 50).astype(dtype)
    method = "nearest" if dtype == "int8" else "bicubic"
    f = functools.partial(jaxup.upsample, scale=1.5, method=method)
    y = jax.jit(f)(cut(x, None, "s", over=mesh(8)))
    assert y.dtype == dtype
    atol = {"int8": 0.0, "complex64": 1e-4, "bfloat16": 1.0}[dtype]
    np.testing.assert_allclose(y.astype(complex), f(x).astype(complex), rtol=0, atol=atol)


@pytest.mark.skipif(jax.__version_info__ < (0, 10, 2), reason="jax lowers no axis_index there")
def test_partly_manual_regions_and_mixed_meshes():
    """The batch is manual, or automatic, and the spatial axis stays explicit."""
    x = jnp.asarray(numbers((2, 16, 6, 3)))
    f = functools.partial(jaxup.upsample, scale=2, method="bicubic")
    over = mesh(4, 2)
    with jax.set_mesh(over):
        mapped = jax.shard_map(f, axis_names={"t"}, in_specs=P("t"), out_specs=P("t"))
        y = jax.jit(mapped)(cut(x, "t", "s", over=over))
    np.testing.assert_allclose(y, f(x), rtol=0, atol=5e-6)
    mixed = jax.make_mesh((4, 2), ("s", "t"), axis_types=(AxisType.Explicit, AxisType.Auto))
    np.testing.assert_allclose(jax.jit(f)(cut(x, "t", "s", over=mixed)), f(x), rtol=0, atol=5e-6)


def test_an_automatic_mesh_has_halos_through_explicit_axes():
    x = jnp.asarray(numbers((2, 16, 6, 3)))
    f = functools.partial(jaxup.upsample, scale=2, method="bilinear")
    over = mesh(8, kind=AxisType.Auto)
    with jax.set_mesh(over):
        up = jax.sharding.explicit_axes(f, axes=("s",), in_sharding=P(None, "s"))
        xs = cut(x, None, "s", over=over)
        np.testing.assert_allclose(jax.jit(up)(xs), f(x), rtol=0, atol=5e-6)
        assert received(up, xs) == {"collective-permute": [(2, 1, 6, 3)] * 2}


@pytest.mark.parametrize("method", ["nearest", "bilinear", "bicubic"])
@pytest.mark.parametrize("scale", [1.5, 1.25, 0.75])
def test_automatic_meshes_compile(scale, method):
    """XLA cannot shard a slice of one pixel with a stride: 16 of 80 programs failed to compile."""
    f = functools.partial(jaxup.upsample, scale=scale, method=method)
    x = jnp.asarray(numbers((1, 8, 24, 2)))
    value_and_gradient = jax.jit(jax.value_and_grad(lambda x: (f(x) ** 2).sum()))
    wanted = value_and_gradient(x)
    found = value_and_gradient(cut(x, None, None, "s", over=mesh(8, kind=AxisType.Auto)))
    for part, of_one in zip(found, wanted, strict=True):
        np.testing.assert_allclose(part, of_one, rtol=1e-5, atol=5e-5)


def test_compat_and_layers():
    x = jnp.asarray(numbers((2, 3, 16, 6)))
    f = functools.partial(compat_torch.interpolate, scale_factor=2.0, mode="bicubic")
    check(f, x, cut(x, None, None, "s", over=mesh(8)))
    picture = (x * 50 + 128).astype("uint8")
    for size in ((32, 8), (8, 5)):
        f = functools.partial(compat_torch.interpolate, size=size, mode="bicubic", antialias=True)
        y = f(cut(picture, None, None, "s", over=mesh(8)))
        assert jax.typeof(y).sharding.spec[2] == "s"
        np.testing.assert_array_equal(y, f(picture))


def test_traced_geometry_refuses_a_cut_axis_and_shares_a_batch():
    x = jnp.asarray(numbers((8, 16, 6, 3)))
    points = jnp.asarray(numbers((2, 5)) * 4)
    calls = {
        "jaxup.sample": lambda x: jaxup.sample(x, points),
        "jaxup.scale_and_translate": lambda x: jaxup.scale_and_translate(
            x, (8, 8), points[0, :2] + 0.5, 0.0, "linear"
        ),
    }
    for name, call in calls.items():
        with pytest.raises(ValueError, match=rf"{name}: expected spatial axes of x that no expl"):
            jax.jit(call)(cut(x, None, "s", over=mesh(8)))
        batch = cut(x, "s", over=mesh(8, kind=AxisType.Auto))
        np.testing.assert_allclose(jax.jit(call)(batch), call(x), rtol=0, atol=5e-6)
        assert received(call, batch) == {}
        explicit = cut(x, "s", over=mesh(8))
        np.testing.assert_allclose(jax.jit(call)(explicit), call(x), rtol=0, atol=5e-6)
        assert received(call, explicit) == {}


def test_gradients_at_points_of_a_cut_batch_stay_on_their_device():
    """On one CPU they are a loop over the points of all images."""
    x, c = jnp.asarray(numbers((8, 16, 6, 3))), jnp.asarray(numbers((8, 2, 50))) * 4

    def gradients(x, c):
        sampled = jax.vmap(lambda x, c: jaxup.sample(x, c, "cubic"))
        return jax.grad(lambda x, c: (sampled(x, c) ** 2).sum(), (0, 1))(x, c)

    over = mesh(8, kind=AxisType.Auto)
    batch, points = cut(x, "s", over=over), cut(c, "s", over=over)
    for found, wanted in zip(jax.jit(gradients)(batch, points), gradients(x, c), strict=True):
        np.testing.assert_allclose(found, wanted, rtol=0, atol=5e-6 * abs(wanted).max())
    assert received(gradients, batch, points) == {}


POINTS = {
    "one axis": lambda x, c: jaxup.sample(x, (c[0],), "cubic", axes=(0,)),
    "two axes": lambda x, c: jaxup.sample(x, c, "cubic"),
    "boxes": lambda x, c: jaxup.crop_and_resize(
        x, jnp.stack([c, c + 2], -1).swapaxes(0, 1), (3, 3)
    ),
}


@pytest.mark.parametrize("call", POINTS.values(), ids=POINTS)
def test_devices_read_points_of_their_own_in_one_image(call):
    """Values, and gradients in the points and in the image, which all devices share."""
    x, c = jnp.asarray(numbers((6, 5, 3))), jnp.asarray(numbers((2, 16))) * 2

    def gradients(x, c):
        return jax.grad(lambda x, c: (call(x, c) ** 2).sum(), (0, 1))(x, c)

    with jax.set_mesh(mesh(8, kind=AxisType.Auto)):
        shared, own = P(), P(None, "s")
        value = jax.shard_map(call, in_specs=(shared, own), out_specs=P("s"))
        back = jax.shard_map(gradients, in_specs=(shared, own), out_specs=(shared, own))
        np.testing.assert_allclose(jax.jit(value)(x, c), call(x, c), rtol=0, atol=5e-6)
        for found, wanted in zip(jax.jit(back)(x, c), gradients(x, c), strict=True):
            np.testing.assert_allclose(found, wanted, rtol=0, atol=5e-6 * abs(wanted).max())


@pytest.mark.parametrize("call", POINTS.values(), ids=POINTS)
def test_points_in_channels_cut_over_an_explicit_mesh(call):
    x, c = jnp.asarray(numbers((6, 5, 16))), jnp.asarray(numbers((2, 4))) * 2
    y = jax.jit(call)(cut(x, None, None, "s", over=mesh(8)), c)
    assert jax.typeof(y).sharding.spec[-1] == "s"
    np.testing.assert_allclose(y, call(x, c), rtol=0, atol=5e-6)


@pytest.mark.parametrize("platform", ["cuda", "tpu"])
def test_other_platforms_are_lowered(platform):
    xs = cut(jnp.zeros((1, 16, 16, 128)), None, "s", over=mesh(8))
    f = functools.partial(jaxup.upsample, scale=2, method="bicubic")
    lowered = jax.jit(f).trace(xs).lower(lowering_platforms=(platform,))
    text = lowered.as_text()
    assert "collective_permute" in text
    assert ("gather" in text) == (platform == "cuda")


@pytest.mark.parametrize("platform", ["cpu", "cuda", "tpu"])
@pytest.mark.parametrize("transpose", [False, True], ids=["forward", "backward"])
def test_every_platform_computes_the_same(platform, transpose):
    """The rows of every platform, run here, against the dense matrix."""
    for method in ("cubic", "nearest"):
        (spec,) = specs(16, method, scale=1.5)
        recipe = spec.T if transpose else spec
        x = numbers((recipe.in_size, 3))
        xs = cut(jnp.asarray(x), "s", over=mesh(8))
        y = jax.jit(
            functools.partial(lower, axes=(0,), specs=(recipe,), nan_local=False, platform=platform)
        )(xs)
        wanted = oracle.along(np.asarray(x, np.float64), 0, recipe.build().to_dense())
        np.testing.assert_allclose(y, wanted, rtol=0, atol=5e-6)


@pytest.mark.parametrize(("number", "cut"), [(4, "H"), (20, "W")])
def test_fewer_bytes_move_than_in_jax_image(number, cut):
    """What the page says of every program, for a few of them."""
    pytest.importorskip("rich")
    from benchmarks import sharding

    row = sharding.resampled(sharding.cells()[number], 8, cut)
    for direction in ("forward", "backward"):
        assert 3 * row[direction][sharding.OURS] <= row[direction][sharding.THEIRS] > 0


def test_an_exported_program_runs_on_eight_devices():
    pytest.importorskip("flatbuffers")
    x = jnp.asarray(numbers((2, 16, 6, 3)))
    xs = cut(x, None, "s", over=mesh(8))
    f = functools.partial(jaxup.upsample, scale=2, method="bilinear")
    again = export.deserialize(export.export(jax.jit(f))(xs).serialize())
    assert again.nr_devices == 8
    np.testing.assert_allclose(jax.jit(again.call)(xs), f(x), rtol=0, atol=5e-6)


def test_operators_cut_for_devices_are_the_operator():
    """Row by row, bit for bit, for every number of devices that divides both sizes."""
    for (spec,) in (
        specs(48, "linear", scale=2),
        specs(48, "cubic", scale=1.5),
        specs(48, "lanczos3", scale=0.25, antialias=True),
        specs(48, "area", size=72),
    ):
        for operator in (spec.build(), spec.T.build()):
            dense = operator.to_dense()
            for devices in (2, 3, 4, 6, 12):
                parts = halo.cut(operator, devices)
                held, made = operator.in_size // devices, operator.out_size // devices
                for device, number in enumerate(parts.which):
                    block = np.zeros((made, operator.in_size + parts.before + parts.after))
                    first = device * held
                    wide = parts.operators[number].to_dense()
                    block[:, first : first + wide.shape[1]] = wide
                    inside = block[:, parts.before : parts.before + operator.in_size]
                    rows = dense[device * made : (device + 1) * made]
                    np.testing.assert_array_equal(inside, rows)
