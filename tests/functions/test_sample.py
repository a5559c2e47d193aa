"""`sample`: shapes, batches, dtypes, derivatives at points wherever they lie."""

from typing import Any, get_args

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.test_util import check_grads

import jaxup
from jaxup import sample
from jaxup.boundary import BoundaryName

RNG = np.random.default_rng(0)


def picture(*shape):
    return RNG.uniform(size=shape).astype(np.float32)


def test_a_grid_of_points_is_a_resize():
    x = picture(2, 6, 5, 3)
    rows, columns = ((np.arange(2 * n) + 0.5) / 2 - 0.5 for n in (6, 5))
    points = np.meshgrid(rows, columns, indexing="ij")
    result = sample(x, points, "bicubic")
    expected = jaxup.resize(x, scale=2, method="bicubic", boundary="edge")
    assert result.shape == (2, 12, 10, 3)
    np.testing.assert_allclose(result, expected, atol=1e-6)


def test_axes_and_data_format():
    x = picture(4, 5, 6)
    c = RNG.uniform(0, 3, size=(2, 7))
    expected = sample(x, c)  # (4, 5) by rows and columns; 6 channels
    assert expected.shape == (7, 6)
    np.testing.assert_allclose(sample(x, c, axes=(0, 1)), expected, atol=1e-6)
    first = np.moveaxis(x, -1, 0)
    np.testing.assert_allclose(
        sample(first, c, data_format="channels_first"), expected.T, atol=1e-6
    )
    np.testing.assert_allclose(sample(x, c[::-1], axes=(1, 0)), expected, atol=1e-6)
    apart = np.moveaxis(x, -1, 1)  # the spatial axes are 0 and 2
    np.testing.assert_allclose(sample(apart, c, axes=(0, 2)), expected, atol=1e-6)
    scalar = sample(x[..., 0], (1.0, 2.0))
    assert scalar.shape == ()
    assert scalar == x[1, 2, 0]


def test_points_per_example_under_vmap():
    x, c = picture(3, 6, 5, 2), RNG.uniform(-2, 8, size=(3, 2, 4)).astype(np.float32)
    batch = jax.jit(jax.vmap(sample))(x, c)
    one = jax.jit(sample)
    for n in range(3):
        np.testing.assert_allclose(batch[n], one(x[n], c[n]), atol=1e-6)


@pytest.mark.parametrize("method", ["linear", "cubic"])
@pytest.mark.parametrize("dims", [(0, 0), (0, None), (None, 0), (3, 2), (2, None), (None, 1)])
def test_vmap_over_either_is_a_loop(dims, method):
    """With an axis before the spatial ones; values, and gradients in the image and the points."""
    x, c = picture(3, 2, 6, 5, 2), RNG.uniform(-2, 8, size=(3, 2, 4)).astype(np.float32)

    def all_of_them(x, c):
        y, back = jax.vjp(lambda x, c: sample(x, c, method, "constant", axes=(1, 2)), x, c)
        twice = jax.jvp(
            jax.grad(lambda c: (sample(x, c, method, axes=(1, 2)) ** 2).sum()), (c,), (c,)
        )
        return y, *back(jnp.cos(y)), twice[1]

    arrays = [a if d is not None else a[0] for a, d in zip((x, c), dims, strict=True)]
    moved = [a if d is None else np.moveaxis(a, 0, d) for a, d in zip(arrays, dims, strict=True)]
    batch = jax.jit(jax.vmap(all_of_them, dims))(*moved)
    one = jax.jit(all_of_them)
    for n in range(3):
        found = one(*(a if d is None else a[n] for a, d in zip(arrays, dims, strict=True)))
        for part, alone in zip(batch, found, strict=True):
            np.testing.assert_allclose(part[n], alone, atol=2e-5 * max(1, abs(alone).max()))


def test_three_axes():
    x, c = picture(4, 3, 5), RNG.uniform(0, 2, size=(3, 6))
    result = sample(x, c, "linear")
    expected = jax.scipy.ndimage.map_coordinates(x, list(c), order=1)
    np.testing.assert_allclose(result, expected, atol=1e-6)
    cubic = sample(x, c, "cubic")
    slow = x
    for points in c:  # one axis after the other, all points, and then the diagonal
        slow = sample(slow, (points,), "cubic", axes=0)
        slow = np.moveaxis(np.asarray(slow), 0, -1)
    n = np.arange(6)
    np.testing.assert_allclose(cubic, np.asarray(slow)[n, n, n], atol=1e-6)


@pytest.mark.parametrize(
    ("method", "boundary", "order"),
    [
        ("linear", "edge", 1),
        # long to compile; scale_and_translate has the second order for every JAX
        pytest.param("cubic", "renormalize", 2, marks=pytest.mark.one_jax),
        ("lanczos3", "wrap", 1),
        ("bspline3", "constant", 1),
    ],
)
def test_derivatives(method, boundary, order):
    with jax.enable_x64():
        x = jnp.asarray(RNG.uniform(size=(4, 3)))
        c = jnp.array([[0.3, 1.7, -0.2], [1.4, 0.1, 2.3]])

        def f(x, c):
            return sample(x, c, method, boundary)

        check_grads(jax.jit(f), (x, c), order=order, modes=("fwd", "rev"))


@pytest.mark.one_jax  # a NaN comes of the formulas
@pytest.mark.parametrize("boundary", ["edge", "renormalize", "mirror"])
def test_finite_numbers_give_no_nan(boundary):
    far = np.array([0, -0.5, 1e6, -1e30, 3e38, 2.5, -1e-30, 7], np.float32)
    methods: tuple[Any, ...] = ("linear", "lanczos3")
    for method in methods:

        def f(x, a, b, method=method):
            return (sample(x, (a, b), method, boundary) ** 2).sum()

        value_and_gradients = jax.jit(jax.value_and_grad(f, (0, 1, 2)))
        for shape in ((1, 4), (3, 1)):
            found = value_and_gradients(picture(*shape), far, far[::-1])
            for leaf in jax.tree.leaves(found):
                assert np.isfinite(leaf).all(), (method, shape, leaf)


def test_linear_has_the_slope_towards_the_next_pixel():
    x = jnp.array([0.0, 1.0, 4.0, 9.0])
    slope = jax.vmap(jax.grad(lambda c: sample(x, (c,), axes=0)))(jnp.arange(4.0))
    assert slope.tolist() == [1, 3, 5, 0]


def test_nearest_keeps_the_dtype():
    x = jnp.array([[1, 2], [3, 4]], jnp.uint8)
    points: Any = ([0.4, 0.6, 5], [0, 1, 1])
    result = sample(x, points, "nearest", "constant", fill_value=7)
    assert result.dtype == jnp.uint8
    assert result.tolist() == [1, 4, 7]
    points = ([1.0], [0.0])
    assert sample(x > 2, points, "nearest").tolist() == [True]


def test_a_nan_that_no_tap_reads_stays_where_it_is():
    x = jnp.array([1.0, 2.0, jnp.nan, 4.0])
    points: Any = ([0.5, 1.0, 3.0, -3.0],)
    result = sample(x, points, "linear", "renormalize", axes=0)
    assert np.isnan(result).tolist() == [False, True, False, False]


@pytest.mark.parametrize(
    ("method", "boundary"),
    [
        *(("lanczos3", boundary) for boundary in get_args(BoundaryName)),
        (jaxup.kernels.Kernel(lambda d: 1.7 - abs(d), radius=1.3), "reflect"),
    ],
    ids=lambda each: each if isinstance(each, str) else "a radius of 1.3",
)
def test_windows_equal_taps_one_by_one(method, boundary):
    """Far outside too, in an image smaller than a window; gradients likewise."""
    x, c = picture(5, 7, 2), RNG.uniform(-30, 30, (2, 40)).astype(np.float32)

    def weighed(x, c):
        y = sample(x, c, method, boundary)
        return (y**2).sum(), y

    of_both = jax.value_and_grad(weighed, (0, 1), has_aux=True)
    windows = of_both(x, c)
    with jaxup.as_lax():
        taps = of_both(x, c)
    for found, wanted in zip(jax.tree.leaves(windows), jax.tree.leaves(taps), strict=True):
        np.testing.assert_allclose(found, wanted, rtol=1e-5, atol=2e-5)


@pytest.mark.optimised
def test_memory_is_that_of_the_output():
    """Twice the points take twice the memory."""

    def gradients(x, c):
        return jax.grad(lambda x, c: (sample(x, c, "lanczos3") ** 2).sum(), (0, 1))(x, c)

    def temporaries(n):
        compiled = jax.jit(gradients).lower(jnp.zeros((64, 64, 8)), jnp.zeros((2, n))).compile()
        memory = compiled.memory_analysis()
        assert memory is not None
        return memory.temp_size_in_bytes

    assert temporaries(40_000) < 2.2 * temporaries(20_000)
    around = 3 * 76 * 76 * 8 * 4  # copies of the image with what lies around it
    numbers = 18 if jax.__version_info__ >= (0, 9) else 19  # of a channel at a point, no tap
    points = 40_000 * 8 * 4 * numbers
    assert temporaries(40_000) < points + around
    assert temporaries(40_000) < 40_000 * 64 * 64 * 4 / 10  # a tenth of a weight matrix


@pytest.mark.optimised
def test_a_few_points_move_no_image():
    """Points that read fewer pixels than there are leave axes that they share where they are."""
    x = jnp.zeros((64, 32, 32))
    compiled = jax.jit(lambda x, c: sample(x, c, axes=(1, 2))).lower(x, jnp.zeros((2, 25)))
    memory = compiled.compile().memory_analysis()
    assert memory is not None
    assert memory.temp_size_in_bytes < x.nbytes / 4


@pytest.mark.parametrize("method", ["linear", "cubic"])
@pytest.mark.parametrize("points", [(), (1,), (2, 3)])
@pytest.mark.parametrize("around", [((), ()), ((), (3,)), ((), (17,)), ((1,), (18,)), ((17,), ())])
def test_derivatives_whatever_lies_around_the_axes(around, points, method):
    """What is read for one derivative, and summed, depends on how many channels there are."""
    before, after = around
    x = picture(*before, 5, 6, *after)
    c = RNG.uniform(-1, 6, (2, *points)).astype(np.float32)

    def gradients(x, c):
        axes = len(before), len(before) + 1
        y, back = jax.vjp(lambda x, c: sample(x, c, method, axes=axes), x, c)
        return back(jnp.cos(jnp.arange(y.size, dtype=y.dtype)).reshape(y.shape))

    found = jax.jit(gradients)(x, c)
    with jaxup.as_lax():
        wanted = gradients(x, c)
    for each, other in zip(found, wanted, strict=True):
        np.testing.assert_allclose(each, other, rtol=1e-5, atol=2e-5)


@pytest.mark.optimised
@pytest.mark.parametrize("method", ["linear", "cubic"])
@pytest.mark.parametrize("channels_first", [False, True])
def test_a_gradient_adds_every_tap_into_one_image(channels_first, method):
    side = 128  # around it lie at most four pixels, which are a part of what is counted
    shape, axes = ((64, side, side), (1, 2)) if channels_first else ((side, side, 64), (0, 1))

    def back(x, c, ct):
        return jax.vjp(lambda x: sample(x, c, method, axes=axes), x)[1](ct)

    arrays = jnp.zeros(shape), jnp.zeros((2, side, side)), jnp.zeros(shape)
    memory = jax.jit(back).lower(*arrays).compile().memory_analysis()
    assert memory is not None
    assert memory.temp_size_in_bytes < 2.5 * arrays[0].nbytes


@pytest.mark.parametrize(
    ("arguments", "error", "text"),
    [
        (([1.0], "area"), ValueError, "expected a method for points, got method='area'"),
        (([1.0], "linnear"), ValueError, "expected a known method, got 'linnear'"),
        (([1.0], "linear", "torus"), ValueError, "expected a known boundary, got 'torus'"),
        (([1.0, 2.0], "trilinear"), ValueError, "expected 3 coordinates per point"),
        (([],), ValueError, "expected coordinates for at least one spatial axis"),
        (([[1.0, 2.0], [1.0, 2.0, 3.0]],), ValueError, "expected coordinates of shapes that"),
        (([1j],), TypeError, "expected coordinates to be real numbers, got dtype complex64"),
        (("here",), TypeError, "expected coordinates to be one array of numbers"),
        (([1.0, 1.0, 1.0, 1.0],), ValueError, "for 4 coordinates per point"),
    ],
    ids=str,
)
def test_bad_arguments(arguments, error, text):
    with pytest.raises(error, match=r"^jaxup\.sample: ") as caught:
        sample(jnp.zeros((3, 3, 1)), *arguments)
    assert text in str(caught.value)


@pytest.mark.parametrize("method", ["nearest", "linear", "bspline3"])
@pytest.mark.parametrize(
    ("shape", "count"), [((0, 4, 4, 1), 3), ((2, 4, 4, 0), 3), ((2, 4, 4, 1), 0)]
)
def test_nothing_to_sample(method, shape, count):
    """An empty batch divided by zero."""
    y = jaxup.sample(jnp.ones(shape), jnp.ones((2, count)), method, "edge")
    assert y.shape == (shape[0], count, shape[-1])


@pytest.mark.parametrize("shape", [(0, 4, 4, 2), (3, 4, 4, 0)])
def test_gradients_of_nothing(shape):
    x, c = jnp.zeros(shape), jnp.ones((shape[0], 2, 50))
    gradients = jax.grad(lambda x, c: jax.vmap(sample)(x, c).sum(), (0, 1))(x, c)
    assert [each.shape for each in gradients] == [x.shape, c.shape]


@pytest.mark.parametrize("method", ["nearest", "linear", "cubic"])
def test_no_points_along_one_axis(method):
    x, c = jnp.ones((2, 5, 3)), jnp.zeros((1, 4, 0))
    y, back = jax.vjp(lambda x, c: sample(x, c, method, axes=1), x, c)
    assert y.shape == (2, 4, 0, 3)
    assert [each.shape for each in back(y)] == [x.shape, c.shape]
