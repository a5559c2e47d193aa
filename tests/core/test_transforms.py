"""Every method under every transform: derivatives, batching, control flow, export."""

import functools
import re

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import export
from jax.test_util import check_grads

import jaxup
from jaxup import upsample
from tests.helpers.cases import numbers

GAUSSIAN = jaxup.kernels.Kernel(lambda d: 0.5 ** (d * d), 2.0)

METHODS = {
    "nearest": {"method": "nearest", "scale": (2, 3)},
    "nearest-1.7": {"method": "nearest", "scale": 1.7},
    "nearest-exact": {"method": "nearest-exact", "size": (3, 9)},
    "linear": {"method": "linear", "scale": 2, "axes": -2},
    "bilinear": {"method": "bilinear", "scale": 2},
    "bilinear-1.7": {"method": "bilinear", "scale": 1.7},
    "bilinear-corners": {"method": "bilinear", "size": (7, 3), "align_corners": True},
    "bilinear-antialias": {"method": "bilinear", "size": (2, 3), "antialias": True},
    "trilinear": {"method": "trilinear", "scale": 2, "axes": (0, 1, 2)},
    "cubic": {"method": "cubic", "scale": 1.4, "axes": (1, 0)},
    "bicubic": {"method": "bicubic", "scale": 2},
    "bicubic-corners": {"method": "bicubic", "size": (7, 3), "align_corners": True},
    "bicubic-antialias": {"method": "bicubic", "size": (3, 8), "antialias": True},
    "area": {"method": "area", "size": (2, 7)},
    "lanczos3": {"method": "lanczos3", "scale": 1.5},
    "lanczos3-antialias": {"method": "lanczos3", "size": (2, 3), "antialias": True},
    "kernel": {"method": GAUSSIAN, "scale": (1.5, 0.8)},
}
SHAPE = (2, 4, 5, 3)  # for those without a size per axis, see test_every_method_changes_the_shape

every_method = pytest.mark.parametrize(
    "f",
    [pytest.param(functools.partial(upsample, **how), id=name) for name, how in METHODS.items()],
)
some_methods = pytest.mark.parametrize(
    "f",
    [
        pytest.param(functools.partial(upsample, **METHODS[name]), id=name)
        for name in ("nearest", "bilinear-1.7", "bicubic-antialias", "area")
    ],
)


def picture(dtype: type[np.floating] = np.float32, seed=0):
    return jnp.asarray(numbers(SHAPE, dtype, seed) - dtype(0.5))


def assert_close(x, y, atol=1e-6):
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, rtol=0, atol=atol), x, y)


# Derivatives


@every_method
def test_derivatives_of_second_order_in_both_modes(f):
    with jax.enable_x64(True):
        # the map is linear: a square gives it a second derivative
        check_grads(lambda x: f(x) ** 2, (picture(np.float64),), order=2, atol=1e-6)


@every_method
def test_dot_product_identity(f):
    """<A x, y> = <x, A^T y>, to double precision; the transpose's transpose is the map."""
    with jax.enable_x64(True):
        x = picture(np.float64)

        @jax.jit
        def both(x, seed):
            ax = f(x)
            y = jnp.cos(seed + jnp.arange(ax.size).reshape(ax.shape))
            transpose = jax.linear_transpose(f, x)
            (aty,) = transpose(y)
            (again,) = jax.linear_transpose(lambda y: transpose(y)[0], y)(x)
            return (ax * y).sum(), (x * aty).sum(), ax, again

        left, right, ax, again = both(x, 0.5)
        np.testing.assert_allclose(left, right, rtol=1e-13, atol=1e-13)
        assert_close(again, ax, 1e-14)


def operations(f, *arguments):
    """The instructions of the program, as written and as optimised."""
    lowered = jax.jit(f).lower(*arguments)
    optimised = lowered.compile().as_text()
    assert optimised is not None
    text = lowered.as_text() + optimised
    return set(re.findall(r"stablehlo\.(\w+)|[\]})] ([a-z][\w-]*)\(", text))


def sums_in_place(x):
    return x.at[jnp.array([0, 0, 1])].add(1.0)


@every_method
def test_backward_gathers(f):
    """Guards the backward pass against scatters, in the program as written and as optimised."""
    x = picture()
    found = operations(lambda x, y: jax.vjp(f, x)[1](y), x, jax.eval_shape(f, x))
    assert len(found) > 3
    assert not any("scatter" in name for pair in found for name in pair)


def test_a_scatter_would_be_found():
    assert any("scatter" in name for pair in operations(sums_in_place, picture()) for name in pair)


@some_methods
def test_jvp_is_the_map_itself(f):
    x, tangent = picture(), picture(seed=1)
    y, dy = jax.jvp(f, (x,), (tangent,))
    assert_close((y, dy), (f(x), f(tangent)))
    assert_close(jax.linearize(f, x)[1](tangent), f(tangent))
    jacobian = jax.jit(jax.jacfwd(lambda row: f(x.at[0, 0, :, 0].set(row))))(x[0, 0, :, 0])
    reverse = jax.jit(jax.jacrev(lambda row: f(x.at[0, 0, :, 0].set(row))))(x[0, 0, :, 0])
    assert_close(jacobian, reverse)


def test_hessian():
    f = functools.partial(upsample, scale=1.5, method="cubic", axes=0)
    with jax.enable_x64(True):
        x = jnp.arange(4.0)
        dense = np.stack([f(row) for row in np.eye(4)], 1)
        hessian = jax.hessian(lambda x: (f(x) ** 2).sum())(x)
    np.testing.assert_allclose(hessian, 2 * dense.T @ dense, rtol=0, atol=1e-12)


def test_gradient_of_complex_and_half_inputs():
    z = picture() + 1j * picture(seed=5)
    f = functools.partial(upsample, scale=2, method="bilinear")
    gradient = jax.grad(lambda z: (jnp.abs(f(z)) ** 2).sum())(z)
    assert gradient.dtype == np.complex64
    parts = [jax.grad(lambda x: (f(x) ** 2).sum())(x) for x in (z.real, z.imag)]
    assert_close(gradient, parts[0] - 1j * parts[1], 1e-5)
    half = picture().astype(jnp.bfloat16)
    gradient = jax.grad(lambda x: f(x).sum())(half)
    assert gradient.dtype == jnp.bfloat16
    assert_close(gradient.astype(np.float32), np.full(SHAPE, 4.0), 1e-2)


# Batching


@every_method
def test_vmap_of_one_axis_is_a_loop(f):
    """The axis last; the other places are in the next test."""
    xs = jnp.stack([picture(seed=n) for n in range(3)], -1)
    assert_close(jax.vmap(f, -1, -1)(xs), jnp.stack([f(xs[..., n]) for n in range(3)], -1))


@some_methods
@pytest.mark.parametrize("axis", range(5))
def test_vmap_over_every_axis(f, axis):
    xs = jnp.moveaxis(jnp.stack([picture(seed=n) for n in range(3)]), 0, axis)
    wanted = jax.jit(lambda xs: jnp.stack([f(jnp.take(xs, n, axis)) for n in range(3)]))(xs)
    for out_axis in (0, axis, -1):
        batched = jax.jit(jax.vmap(f, axis, out_axis))
        assert_close(jnp.moveaxis(batched(xs), out_axis, 0), wanted)


@some_methods
def test_vmap_of_vmap_and_of_a_gradient(f):
    xs = jnp.asarray(numbers((2, 3, *SHAPE)))
    assert_close(jax.vmap(jax.vmap(f))(xs)[1, 2], f(xs[1, 2]))
    assert_close(jax.vmap(jax.vmap(f, 1), 0)(jnp.moveaxis(xs, 1, 2))[1, 2], f(xs[1, 2]))

    def loss(x):
        return (f(x) ** 2).sum()

    per_example = jax.jit(jax.vmap(jax.grad(loss)))(xs[0])
    assert_close(per_example[2], jax.grad(loss)(xs[0, 2]), 1e-5)


def test_vmap_without_a_batched_input():
    x = picture()
    f = functools.partial(upsample, scale=2, method="bilinear")
    y = jax.vmap(lambda _: f(x), axis_size=3, out_axes=0)(jnp.arange(3))
    assert_close(y, jnp.broadcast_to(f(x), (3, *f(x).shape)))


# Programs


@some_methods
def test_jit_and_donation(f):
    x = picture()
    assert_close(jax.jit(f)(x), f(x))
    assert jax.jit(f).lower(x).compile()(x).shape == f(x).shape


@every_method
def test_an_array_that_the_compiler_knows(f):
    """XLA computes it while it compiles; jaxlib 0.8.1 did so wrongly (openxla/xla#34260)."""
    x, y = picture(), jax.eval_shape(f, picture())
    cotangent = jnp.asarray(numbers(y.shape, np.float32))

    def both(x, cotangent):
        y, pull = jax.vjp(f, x)
        return y, *pull(cotangent)

    known = jax.jit(lambda: both(x, cotangent))()
    assert_close(known, jax.jit(both)(x, cotangent))


@some_methods
def test_checkpoint(f):
    x = picture()

    def loss(x, f):
        return (jnp.sin(f(jnp.sin(x))) ** 2).sum()

    plain = jax.jit(jax.grad(functools.partial(loss, f=f)))(x)
    saved = jax.jit(jax.grad(functools.partial(loss, f=jax.checkpoint(f))))(x)
    assert_close(saved, plain, 1e-5)


@some_methods
def test_scan_and_its_gradient(f):
    xs = jnp.stack([picture(seed=n) for n in range(3)])

    def loss(xs):
        def step(total, x):
            return total + (f(x) ** 2).sum(), f(x)

        return jax.lax.scan(step, 0.0, xs)

    gradient, ys = jax.jit(jax.grad(loss, has_aux=True))(xs)
    assert_close(ys, jax.vmap(f)(xs))
    assert_close(gradient, jax.grad(lambda xs: (jax.vmap(f)(xs) ** 2).sum())(xs), 1e-5)


def test_cond_and_while():
    x = picture()
    f = functools.partial(upsample, scale=2, method="bilinear")
    g = functools.partial(upsample, size=(8, 10), method="bicubic")
    choose = jax.jit(lambda flag, x: jax.lax.cond(flag, f, g, x))
    assert_close(choose(True, x), f(x))
    assert_close(choose(False, x), g(x))
    smooth = functools.partial(upsample, size=(4, 5), method="bicubic", align_corners=True)
    looped = jax.lax.fori_loop(0, 3, lambda _, x: smooth(x), x)
    assert_close(looped, x, 1e-5)


def test_one_program_for_equal_calls():
    """Guards the cache: a kernel made anew for each call must not compile anew."""
    count = 0

    @jax.jit
    def f(x):
        nonlocal count
        count += 1
        return upsample(x, (2, 1.5), jaxup.kernels.cubic(-0.6))

    f(picture())
    f(picture(seed=3))
    assert count == 1
    a, b = (
        jax.make_jaxpr(lambda x: upsample(x, (2, 1.5), jaxup.kernels.cubic(-0.6)))(picture())
        for _ in range(2)
    )
    assert a.eqns[0].params == b.eqns[0].params


@some_methods
def test_linear_transpose_transposes_back(f):
    x = picture()
    transpose = jax.linear_transpose(f, x)
    assert transpose(f(x))[0].shape == x.shape


def test_linear_transpose_of_integers_adds_them_up():
    (total,) = jax.linear_transpose(lambda x: upsample(x, 2, axes=0), jnp.arange(3))(jnp.arange(6))
    assert total.dtype == jnp.int32
    assert total.tolist() == [0 + 1, 2 + 3, 4 + 5]


# Export


@every_method
def test_export_with_a_symbolic_batch(f):
    """Lowered for all platforms at once, and called on this one."""
    if f.keywords["method"] == "trilinear":
        f = functools.partial(upsample, scale=2, method="trilinear")
        symbolic, sizes = "b, 3, 4, 2, c", ((2, 3, 4, 2, 1), (5, 3, 4, 2, 2))
    elif f.keywords["method"] == "cubic":
        f = functools.partial(f, axes=(2, 1))
        symbolic, sizes = "b, 4, 5, c", ((1, 4, 5, 1), (3, 4, 5, 2))
    else:
        symbolic, sizes = "b, 4, 5, c", ((1, 4, 5, 1), (3, 4, 5, 2))
    x = jax.ShapeDtypeStruct(export.symbolic_shape(symbolic), np.float32)
    exported = export.export(jax.jit(f), platforms=("cpu", "cuda", "tpu"))(x)
    assert exported.platforms == ("cpu", "cuda", "tpu")
    for shape in sizes:
        x = numbers(shape)
        assert_close(exported.call(x), f(x))


def test_export_of_a_gradient_through_a_file():
    pytest.importorskip("flatbuffers")
    f = functools.partial(upsample, scale=1.7, method="bicubic")
    x = jax.ShapeDtypeStruct(export.symbolic_shape("b, 4, 5, 3"), np.float32)
    exported = export.export(jax.jit(f), platforms=("cpu", "cuda", "tpu"))(x)
    again = export.deserialize(exported.serialize(vjp_order=1))

    def loss(g, x):
        return (g(x) ** 2).sum()

    x = picture()
    assert_close(again.call(x), f(x))
    gradient = jax.grad(functools.partial(loss, again.call))(x)
    assert_close(gradient, jax.grad(functools.partial(loss, f))(x), 1e-5)
