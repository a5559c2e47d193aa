"""`scale_and_translate`: values, derivatives, memory, and what it does at the edges of sense."""

import functools
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.test_util import check_grads

import jaxup
from jaxup import kernels, scale_and_translate

RNG = np.random.default_rng(0)
GEOMETRIES = [  # scale, translation; none puts a sample on linear's kinks
    ((1.3, 0.4), (1.5, -2.2)),
    ((0.23, 2.1), (0.0, 0.1)),
    ((0.053, 0.51), (3.0, 4.0)),
    ((1.0, 1.1), (-40.0, 0.1)),
]


def picture(*shape):
    return RNG.uniform(size=shape).astype(np.float32)


@pytest.mark.one_jax
@pytest.mark.optimised  # with less, jax.image itself is above these limits
@pytest.mark.parametrize("method", ["linear", "cubic", "lanczos3"])
@pytest.mark.parametrize("antialias", [False, True])
def test_jax_image_s_values_and_derivatives(method, antialias):
    x, cotangent = picture(2, 13, 17, 3), picture(2, 9, 21, 3)

    def ours(x, scale, translation):
        return scale_and_translate(x, (9, 21), scale, translation, method, antialias=antialias)

    def theirs(x, scale, translation):
        return jax.image.scale_and_translate(
            x, (2, 9, 21, 3), (1, 2), scale, translation, method, antialias=antialias
        )

    def value_and_gradients(f):
        def loss(*arguments):
            y = f(*arguments)
            return (y * cotangent).sum(), y

        return jax.jit(jax.grad(loss, (0, 1, 2), has_aux=True))

    ours, theirs = value_and_gradients(ours), value_and_gradients(theirs)
    for scale, translation in GEOMETRIES:
        geometry = jnp.array(scale), jnp.array(translation)
        (ours_gradients, y), (theirs_gradients, wanted) = ours(x, *geometry), theirs(x, *geometry)
        np.testing.assert_allclose(y, wanted, rtol=0, atol=2e-6)
        for a, b in zip(ours_gradients, theirs_gradients, strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-4)


@pytest.mark.one_jax
@pytest.mark.parametrize("shape", [(13, 17, 1), (1, 13, 17), (3, 13, 17)])
def test_derivatives_by_the_scale_whatever_lies_around_the_axes(shape):
    """Guards sums over axes of length 1, and over whole rows, which are formed otherwise."""
    x, axes = picture(*shape), (0, 1) if shape[2] == 1 else (1, 2)
    out_shape = tuple({13: 19, 17: 23}.get(n, n) for n in shape)

    def ours(scale):
        y = scale_and_translate(x, (19, 23), scale, 0.3, "cubic", axes=axes)
        return (y * y).sum()

    def theirs(scale):
        translation = jnp.full(2, 0.3)
        y = jax.image.scale_and_translate(x, out_shape, axes, scale, translation, "cubic")
        return (y * y).sum()

    scale = jnp.array([1.3, 0.9])
    expected = jax.jit(jax.value_and_grad(theirs))(scale)
    result = jax.jit(jax.value_and_grad(ours))(scale)
    jax.tree.map(functools.partial(np.testing.assert_allclose, rtol=1e-4), result, expected)


@pytest.mark.optimised
@pytest.mark.parametrize("boundary", ["edge", "reflect", "mirror", "wrap", "constant"])
def test_the_dynamic_rows_are_the_static_ones(boundary):
    x = picture(11, 6)
    methods = ("nearest", "linear", "cubic", "lanczos3", "area", "bspline3", "gaussian")

    def knobs(method, antialias) -> dict[str, Any]:
        return {"method": method, "axes": 0, "boundary": boundary, "antialias": antialias}

    def dynamic(x, scale, method):
        return scale_and_translate(x, 23, scale, **knobs(method, False))

    @jax.jit
    def one_program(x, scale):
        shrunk = {m: jaxup.resize(x, 7, **knobs(m, True)) for m in methods}
        enlarged = {m: jaxup.resize(x, 23, **knobs(m, False)) for m in methods}
        return shrunk, enlarged, {m: dynamic(x, scale, m) for m in methods if m != "area"}

    shrunk, enlarged, results = one_program(x, 23 / 11)
    results["area"] = dynamic(x, 23 / 11, "area")  # in a program it needs a max_shrink
    for method in methods:
        options = {"rtol": 0, "atol": 5e-6, "err_msg": method}
        np.testing.assert_allclose(results[method], enlarged[method], **options)
        result = scale_and_translate(x, 7, None, **knobs(method, True))
        np.testing.assert_allclose(result, shrunk[method], **options)


def test_what_lies_outside():
    x = jnp.array([1.0, 2.0, 4.0])
    shifted = functools.partial(scale_and_translate, x, 4, 1.0, 2.0, axes=0)
    assert shifted().tolist() == [0, 0, 1, 2]
    assert shifted(boundary="edge").tolist() == [1, 1, 1, 2]
    assert shifted(boundary="wrap").tolist() == [2, 4, 1, 2]
    assert shifted(boundary="reflect").tolist() == [2, 1, 1, 2]
    assert shifted(boundary="mirror").tolist() == [4, 2, 1, 2]
    assert shifted(boundary="constant", fill_value=9).tolist() == [9, 9, 1, 2]
    filled = shifted(boundary="constant", fill_value=np.nan)
    assert np.isnan(filled).tolist() == [True, True, False, False]
    np.testing.assert_allclose(filled[2:], [1, 2])


def test_a_negative_scale_flips():
    x = picture(5, 2)
    flipped = scale_and_translate(x, 5, -1.0, 5.0, "cubic", axes=0)
    np.testing.assert_allclose(flipped, x[::-1], atol=1e-6)


@pytest.mark.parametrize(("in_size", "out_size"), [(1, 1), (1, 4), (4, 1), (4, 7)])
def test_align_corners_at_size_1(in_size, out_size):
    x = picture(in_size, 2)
    expected = jaxup.upsample(x, method="linear", size=out_size, axes=0, align_corners=True)

    def aligned(x, scale):
        return scale_and_translate(
            x, out_size, scale, axes=0, align_corners=True, boundary="edge", antialias=False
        )

    np.testing.assert_allclose(aligned(x, None), expected, atol=1e-6)
    if in_size > 1:  # the scale as users compute it: 0 for a single output
        scale = (out_size - 1) / (in_size - 1)
        result, gradient = jax.jit(jax.value_and_grad(lambda *a: aligned(*a).sum(), (0, 1)))(
            x, scale
        )
        np.testing.assert_allclose(result, expected.sum(), rtol=1e-5)
        assert np.isfinite(gradient[0]).all()
        assert np.isfinite(gradient[1])


@pytest.mark.parametrize("method", ["cubic", "lanczos3", "area"])
def test_derivatives(method):
    with jax.enable_x64():
        x = jnp.asarray(RNG.uniform(size=5))

        def f(x, scale, translation):
            return scale_and_translate(x, 4, scale, translation, method, axes=0)

        order = 2 if method == "cubic" else 1
        check_grads(jax.jit(f), (x, 0.6, 0.13), order=order, modes=("fwd", "rev"))


def test_linear_has_the_slope_of_the_cell_to_the_right():
    x = jnp.array([0.0, 1.0, 4.0, 9.0])

    def f(t):
        return scale_and_translate(x, 4, 1.0, t, axes=0, boundary="edge")

    assert jax.jacfwd(f)(0.0).tolist() == [-1, -3, -5, 0]


EXTREMES = [
    (0.0, 0.0),
    (1e-30, 3.0),
    (1e30, 1.0),
    (1.0, 1e30),
    (-1e-20, -1e-20),
    (1e-3, -1e6),
    (1.0, 0.0),
]


@pytest.mark.one_jax  # a NaN comes of the formulas
@pytest.mark.parametrize("boundary", ["renormalize", "edge", "wrap"])
def test_finite_numbers_give_no_nan(boundary):
    methods: dict[Any, tuple[tuple[int, ...], int]] = {
        "linear": ((4,), 2),  # few taps are written out, 48 of lanczos3 are a loop
        "lanczos3": ((1, 4), 8),
        "area": ((4,), 2),
    }
    for method, (sizes, max_shrink) in methods.items():
        for in_size in sizes:
            x = picture(in_size, 2)

            @jax.jit
            def f(scale, translation, x=x, method=method, max_shrink=max_shrink):
                knobs: dict[str, Any] = {"boundary": boundary, "max_shrink": max_shrink}
                y = scale_and_translate(x, 3, scale, translation, method, axes=0, **knobs)
                return (y**2).sum()

            both = jax.jit(jax.vmap(jax.value_and_grad(f, (0, 1))))
            scales, translations = jnp.array(EXTREMES).T
            for leaf in jax.tree.leaves(both(scales, translations)):
                assert np.isfinite(leaf).all(), (method, in_size, leaf)


def test_nearest_copies_and_has_no_geometry_gradient():
    x = jnp.arange(5, dtype=jnp.uint8)
    result = scale_and_translate(x, 10, 2.0, 0.0, "nearest", axes=0)
    assert result.dtype == jnp.uint8
    assert result.tolist() == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4]
    y = x.astype(jnp.float32)
    gradient = jax.grad(lambda s: scale_and_translate(y, 10, s, 0.3, "nearest", axes=0).sum())(2.0)
    assert gradient == 0


def test_one_geometry_per_example():
    x = picture(3, 12, 10, 2)
    scales = jnp.array([[0.2, 1.5], [1.0, 0.9], [3.0, 0.3]])
    translations = jnp.array([[0.5, -1.0], [0.0, 0.0], [-8.0, 2.0]])

    def f(x, scale, translation):
        return scale_and_translate(x, (6, 7), scale, translation, "cubic")

    batch = jax.jit(jax.vmap(f))(x, scales, translations)
    one = jax.jit(f)
    for n in range(3):
        np.testing.assert_allclose(batch[n], one(x[n], scales[n], translations[n]), atol=2e-6)


@pytest.mark.parametrize("scale", [0.3, -0.7, 1.6])
@pytest.mark.parametrize("boundary", ["renormalize", "constant"])
def test_a_known_scale_is_a_resample_of_its_own(scale, boundary):
    """The static path gives what the traced one does, also for what samples outside."""
    x = picture(23, 2)

    def f(x, scale, translation):
        return scale_and_translate(
            x, 17, scale, translation, "cubic", axes=0, boundary=boundary, max_shrink=4
        )

    known = functools.partial(f, scale=scale, translation=5.3)
    assert "resample" in str(jax.make_jaxpr(known)(x))
    np.testing.assert_allclose(known(x), f(x, jnp.float32(scale), jnp.float32(5.3)), atol=1e-5)


@pytest.mark.parametrize("scale", [0.3, -1.7])
def test_a_gradient_scatters_nothing(scale):
    """Outputs that rise or fall are gathered back, and a NaN stays where it was read."""
    x = jnp.asarray(picture(23, 2))
    translation = 40.0 if scale < 0 else 0.3

    def f(x, scale):
        return scale_and_translate(x, 31, scale, translation, axes=0)

    def back(cotangent, scale):
        return jax.vjp(lambda x: f(x, scale), x)[1](cotangent)[0]

    assert "scatter" not in jax.jit(back).lower(jnp.ones((31, 2)), scale).as_text()
    matrix = jax.jit(jax.jacfwd(lambda x: f(x[:, None], scale)[:, 0]))(x[:, 0])
    cotangent = jnp.asarray(picture(31, 2))
    result = jax.jit(back)(cotangent, scale)
    np.testing.assert_allclose(result, matrix.T @ cotangent, atol=1e-5)
    broken = jax.jit(back)(cotangent.at[4].set(jnp.nan), scale)
    np.testing.assert_array_equal(np.isnan(broken[:, 0]), matrix[4] != 0)


def test_max_shrink_bounds_the_widening():
    x = picture(64, 1)
    bounded = jax.jit(lambda s: scale_and_translate(x, 8, s, axes=0, max_shrink=8))
    free = jax.jit(lambda s: scale_and_translate(x, 8, s, axes=0))
    np.testing.assert_allclose(bounded(0.125), free(0.125), atol=1e-6)
    np.testing.assert_allclose(free(0.125), free(0.125), atol=1e-6)
    assert np.isfinite(bounded(0.01)).all()


@pytest.mark.optimised
@pytest.mark.parametrize("antialias", [False, True])
def test_memory_is_that_of_the_output(antialias):
    """Twice the pixels take twice the memory; a weight matrix would take four times as much."""

    def f(x, scale, translation):
        return scale_and_translate(
            x, x.size, scale, translation, "lanczos3", axes=0, antialias=antialias
        )

    def gradients(x, scale, translation):
        return jax.grad(lambda *a: (f(*a) ** 2).sum(), (0, 1, 2))(x, scale, translation)

    def temporaries(function, n):
        compiled = jax.jit(function).lower(jnp.zeros(n), 0.5, 1.0).compile()
        memory = compiled.memory_analysis()
        assert memory is not None
        return memory.temp_size_in_bytes

    for function in (f, gradients):
        assert temporaries(function, 8192) < 2.2 * temporaries(function, 4096)
        assert temporaries(function, 8192) < 8192**2 * 4 / 16


def test_half_precision_accumulates_in_float32():
    x = picture(9, 4)
    half = jnp.asarray(x, jnp.bfloat16)
    result = scale_and_translate(half, 5, 0.55, axes=0)
    assert result.dtype == jnp.bfloat16
    expected = scale_and_translate(half.astype(jnp.float32), 5, 0.55, axes=0)
    np.testing.assert_array_equal(result, expected.astype(jnp.bfloat16))


@pytest.mark.parametrize("dtype", [jnp.bfloat16, jnp.float16])
@pytest.mark.parametrize("options", [{}, {"boundary": "constant", "fill_value": 2.0}])
def test_half_precision_is_rounded_once(dtype, options):
    """Along two axes, the error is at most half a unit of the last place."""
    x = jnp.asarray(0.5 + picture(12, 17, 3) / 2, dtype)
    scale, translation = jnp.asarray([1.3, 0.7]), jnp.asarray([0.4, -0.2])

    def function(x):
        return scale_and_translate(x, (15, 11), scale, translation, "linear", **options)

    y, exact = function(x), function(x.astype(jnp.float32))
    assert y.dtype == dtype
    half = 0.505 * float(jnp.finfo(dtype).eps)
    np.testing.assert_allclose(y.astype(jnp.float32), exact, rtol=half)


def test_a_kernel_of_one_s_own():
    tent = kernels.Kernel(lambda d: 1 - abs(d), 1.0)
    x = picture(6, 3)
    ours = scale_and_translate(x, 9, 1.5, 0.2, tent, axes=0)
    np.testing.assert_allclose(ours, scale_and_translate(x, 9, 1.5, 0.2, axes=0), atol=1e-6)


@pytest.mark.parametrize(
    ("arguments", "options", "error", "text"),
    [
        ((4, 0.0), {"boundary": "torus"}, ValueError, "expected a known boundary, got 'torus'"),
        ((4, np.nan), {}, ValueError, "expected a finite scale"),
        ((4, [1.0, 2.0, 3.0]), {}, ValueError, "expected one scale, or 1"),
        ((4, "big"), {}, TypeError, "expected scale to be a real number"),
        ((4, 1j), {}, TypeError, "expected scale to be a real number"),
        ((4, 1.0, True), {}, TypeError, "expected translation to be a real number"),
        ((0, 1.0), {}, ValueError, "expected an output of at least 1 pixel"),
        ((4, 1.0), {"method": "cubik"}, ValueError, "expected a known method, got 'cubik'"),
        ((4, 1.0), {"antialias": "yes"}, TypeError, "expected antialias to be a bool"),
        ((4, 1.0), {"max_shrink": 0.5}, ValueError, "expected a finite max_shrink of at least 1"),
        ((4, 1.0), {"max_shrink": "2"}, TypeError, "expected max_shrink to be a number"),
        ((4, 1.0), {"fill_value": 1.0}, ValueError, "expected fill_value only with"),
        ((4, 1.0), {"method": "area", "align_corners": True}, ValueError, "method='area'"),
    ],
    ids=str,
)
def test_bad_arguments(arguments, options, error, text):
    with pytest.raises(error, match=r"^jaxup\.scale_and_translate: ") as caught:
        scale_and_translate(jnp.zeros((3, 3, 1)), *arguments, **{"axes": 1} | options)
    assert text in str(caught.value)


def test_boundaries_that_need_a_bound_say_so():
    f = jax.jit(lambda s: scale_and_translate(jnp.zeros(5), 4, s, axes=0, boundary="edge"))
    with pytest.raises(ValueError, match="expected max_shrink with boundary='edge'"):
        f(0.5)


@pytest.mark.parametrize("dtype", ["int4", "uint4", "int8", "float8_e5m2"])
def test_dtypes_that_jax_promotes_to_nothing(dtype):
    """Copies of them failed where the program computes the coordinates, or fills in."""
    x = jnp.arange(5).astype(dtype)
    moved = scale_and_translate(x, 5, jnp.array([1.0]), jnp.array([1.0]), "nearest", axes=0)
    np.testing.assert_array_equal(moved.astype(int), [0, 0, 1, 2, 3])
    filled = scale_and_translate(
        x, 5, 1.0, jnp.array(1.0), "nearest", axes=0, boundary="constant", fill_value=7
    )
    np.testing.assert_array_equal(filled.astype(int), [7, 0, 1, 2, 3])
    sampled = jaxup.sample(x, [np.array([-1.0, 3.0])], "nearest", "constant", axes=0, fill_value=7)
    np.testing.assert_array_equal(sampled.astype(int), [7, 3])
