"""`where=` of `upsample` and `resize`: weighted means over the pixels that count."""

import functools
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import export
from jax.test_util import check_grads

import jaxup
from jaxup import kernels
from tests.helpers import oracle

NAN = float("nan")
RNG = np.random.default_rng(5)
X = RNG.standard_normal((2, 7, 9, 3))
KEPT: Any = RNG.random((7, 9)) > 0.45
HIDDEN = np.where(KEPT[:, :, None], X, np.where(X > 0, NAN, np.inf))  # what no output may read
NEVER_BELOW_0 = ("nearest", "nearest-exact", "linear", "area")


def mean_of_kept(x, kept, matrices, least):
    """``A(m x) / A(m)`` in float64, and whether ``A(m)`` is above ``least``."""
    total, weight = np.where(kept, x, 0), np.broadcast_to(kept, x.shape).astype(float)
    for axis, dense in matrices.items():
        total, weight = oracle.along(total, axis, dense), oracle.along(weight, axis, dense)
    valid = weight > least
    return np.where(valid, total / np.where(valid, weight, 1), NAN), weight


@pytest.mark.parametrize("method", [*NEVER_BELOW_0, "cubic", "lanczos3"])
@pytest.mark.parametrize("size", [(14, 20), (4, 5), (7, 13)])
def test_upsample_is_the_quotient(method, size):
    matrices = {n: oracle.matrix(method, X.shape[n], size[n - 1]) for n in (1, 2)}
    least = 1e-9 if method in NEVER_BELOW_0 else 1 / 8
    wanted, weight = mean_of_kept(X, KEPT[:, :, None], matrices, least)
    assert (abs(weight - least) > 1e-10).all()  # no output on the line
    x = HIDDEN.astype(np.float32)
    got = jaxup.upsample(x, None, method, size=size, axes=(1, 2), where=KEPT)
    np.testing.assert_allclose(got, wanted, atol=2e-5)


@pytest.mark.parametrize("edges", ["renormalize", "edge", "reflect", "mirror", "wrap", "constant"])
@pytest.mark.parametrize("method", ["linear", "bspline3"])
def test_resize_with_every_boundary(method, edges):
    kernel = {"linear": kernels.linear, "bspline3": kernels.bspline(3)}[method]
    coordinate = (np.arange(21) + 0.5) * (9 / 21) - 0.5
    x, kept = X[0, 0, :, 0], KEPT[0]
    options: dict[str, Any] = {"fill_value": 0.25} if edges == "constant" else {}
    rule = kernel.fn, kernel.radius, edges
    total = oracle.interpolated(np.where(kept, x, 0), coordinate, *rule, fill=0.25)
    weight = oracle.interpolated(kept.astype(float), coordinate, *rule, fill=1.0)
    valid = weight > (1e-9 if method == "linear" else 1 / 8)
    empty = 0.25 if edges == "constant" else NAN
    wanted = np.where(valid, total / np.where(valid, weight, 1), empty)
    hidden = np.where(kept, x, NAN).astype(np.float32)
    got = jaxup.resize(hidden, 21, method, axes=0, boundary=edges, where=kept, **options)
    np.testing.assert_allclose(got, wanted, atol=3e-6)


@pytest.mark.parametrize("method", ["nearest", "cubic", "area", "bspline3"])
def test_a_mask_that_keeps_all_changes_nothing(method):
    x = X.astype(np.float32)
    cases: tuple[dict[str, Any], ...] = (
        {},
        {"boundary": "wrap"},
        {"boundary": "constant"},
        {"boundary": "constant", "fill_value": 2.0},
        {"fill_beyond": "edges", "fill_value": -3.0, "coordinates": "half_pixel", "scale": 0.5},
    )
    for options in cases:
        if method == "area" and "fill_beyond" in options:
            continue
        plain = jaxup.resize(x, (12, 5), method, axes=(1, 2), **options)
        got = jaxup.resize(x, (12, 5), method, axes=(1, 2), where=np.True_, **options)
        np.testing.assert_allclose(got, plain, atol=5e-6, err_msg=str(options))


def test_shapes_of_the_mask():
    x = jnp.asarray(X, jnp.float32)
    wanted = jaxup.upsample(x, 2, "bilinear", where=KEPT)
    every = np.broadcast_to(KEPT[:, :, None], X.shape)
    for same in (KEPT[:, :, None], KEPT[None, :, :, None], every):
        np.testing.assert_allclose(jaxup.upsample(x, 2, "bilinear", where=same), wanted, atol=1e-6)
    one = np.isfinite(X) & (RNG.random(X.shape) > 0.3)
    got = jaxup.upsample(x, 2, "bilinear", where=one)
    alone = jaxup.upsample(x[1, :, :, 2], 2, "bilinear", axes=(0, 1), where=one[1, :, :, 2])
    np.testing.assert_allclose(got[1, :, :, 2], alone, atol=1e-6)
    # the spatial shape comes before NumPy's rule, and is that of the array, whatever the order
    cube = x[0, :, :7, :1].repeat(7, 2)
    kept = KEPT[:, :7]
    got = jaxup.resize(cube, (9, 5), "linear", axes=(1, 0), where=kept)
    again = jaxup.resize(cube, (9, 5), "linear", axes=(1, 0), where=kept[:, :, None])
    np.testing.assert_array_equal(got, again)
    # an axis that keeps its size is spatial too; one of length 1 holds for all rows
    got = jaxup.resize(x, (7, 18), "linear", axes=(1, 2), where=KEPT)
    one_axis = jaxup.resize(x, 18, "linear", axes=2, where=KEPT[:, :, None])
    np.testing.assert_array_equal(got, one_axis)
    row = jaxup.resize(x, (3, 4), "area", axes=(1, 2), where=KEPT[:1, :, None])
    rows = jaxup.resize(x, (3, 4), "area", axes=(1, 2), where=KEPT[:1].repeat(7, 0))
    np.testing.assert_allclose(row, rows, atol=1e-6)


def test_channels_first():
    first = np.moveaxis(HIDDEN, -1, 1).astype(np.float32)
    got = jaxup.upsample(first, 2, "bilinear", data_format="channels_first", where=KEPT)
    wanted = jaxup.upsample(HIDDEN.astype(np.float32), 2, "bilinear", where=KEPT)
    np.testing.assert_array_equal(got, jnp.moveaxis(wanted, -1, 1))


@pytest.mark.parametrize("method", ["linear", "cubic", "area"])
def test_gradient(method):
    """It is that of the weighted mean, exactly 0 where pixels do not count, and never NaN."""

    def f(x):
        return jaxup.resize(x, (4, 13), method, axes=(0, 1), where=KEPT, fill_value=1.5)

    with jax.enable_x64(True):
        check_grads(f, (X[0, :, :, 0],), order=1, modes=("fwd", "rev"), atol=1e-6, rtol=1e-6)
        gradient = jax.grad(lambda x: (f(x) ** 2).sum())(HIDDEN[0, :, :, 0])
        assert np.isfinite(gradient).all()
        assert (gradient[~KEPT] == 0).all()
        assert (gradient[KEPT] != 0).any()
        # also where outputs are NaN, of which the loss makes NaN
        squares = jax.grad(lambda x: (jaxup.resize(x, 14, method, axes=0, where=KEPT) ** 2).sum())
        assert np.isfinite(squares(HIDDEN[0, :, :, 0])).all()


def test_gradient_of_the_fill_value():
    kept = jnp.array([True, False, False, False])

    def f(value):
        return jaxup.upsample(jnp.ones(4), 2, "nearest", axes=0, where=kept, fill_value=value).sum()

    assert jax.grad(f)(3.0) == 6.0


def test_traced_masks_and_vmap():
    x = jnp.asarray(HIDDEN, jnp.float32)
    masks = jnp.asarray(np.stack([KEPT, ~KEPT, np.ones_like(KEPT), np.zeros_like(KEPT)]))
    clean = jnp.asarray(X, jnp.float32)

    def f(x, where):
        return jaxup.upsample(x, 1.5, "bicubic", where=where)

    np.testing.assert_allclose(jax.jit(f)(x, KEPT), f(x, KEPT), atol=1e-6)
    one_by_one = np.stack([f(clean, mask) for mask in masks])
    np.testing.assert_allclose(jax.vmap(f, (None, 0))(clean, masks), one_by_one, atol=1e-6)
    assert np.isnan(one_by_one[3]).all()
    own = jnp.asarray(RNG.random((2, 7, 9)) > 0.5)
    pairs = np.stack([f(clean[n], own[n]) for n in range(2)])
    np.testing.assert_allclose(jax.vmap(f)(clean, own), pairs, atol=1e-6)
    gradients = jax.vmap(jax.grad(lambda x, m: jnp.nansum(f(x, m))))(clean, own)
    assert (np.asarray(gradients)[~np.asarray(own)] == 0).all()


def test_symbolic_sizes():
    rows, columns = export.symbolic_shape("h, w")
    shapes = [
        jax.ShapeDtypeStruct((rows, columns, 3), "float32"),
        jax.ShapeDtypeStruct((rows, columns), "bool"),
    ]

    def f(x, where):
        return jaxup.resize(x, (2 * x.shape[0], 5), "linear", axes=(0, 1), where=where)

    program = export.export(jax.jit(f))(*shapes)
    x = jnp.asarray(HIDDEN[0], jnp.float32)
    np.testing.assert_allclose(program.call(x, KEPT), f(x, KEPT), atol=1e-5)


def test_copies_of_integers_and_bools():
    x, kept = np.arange(6, dtype=np.uint8), np.array([1, 1, 0, 0, 1, 0], bool)
    got = jaxup.upsample(x, 2, axes=0, where=kept, fill_value=255)
    assert got.dtype == np.uint8
    np.testing.assert_array_equal(got, np.repeat(np.where(kept, x, 255), 2))
    got = jaxup.resize(x > 0, 12, "nearest", axes=0, where=kept, fill_value=True)
    np.testing.assert_array_equal(got, np.repeat((x > 0) | ~kept, 2))
    moved = jaxup.resize(
        x, 6, "nearest", axes=0, coordinates=lambda i, *_: i + 3.0, boundary="constant",
        where=kept, fill_value=9,
    )  # fmt: skip
    np.testing.assert_array_equal(moved, [9, 4, 9, 9, 9, 9])
    with pytest.raises(ValueError, match=r"^jaxup\.upsample: expected a fill_value beside where"):
        jaxup.upsample(x, 2, axes=0, where=kept)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "complex64"])
def test_dtypes(dtype):
    x = jnp.asarray(np.where(KEPT[..., None], X, 0)).astype(dtype)
    got = jaxup.resize(x, (9, 5), "cubic", axes=(1, 2), where=KEPT)
    assert got.dtype == dtype
    wide = jaxup.resize(x.real.astype("float32"), (9, 5), "cubic", axes=(1, 2), where=KEPT)
    eps = float(jnp.finfo(dtype).eps) if dtype != "complex64" else 1e-5
    got = np.asarray(got.real.astype("float32"))
    np.testing.assert_allclose(got, wide, rtol=eps, atol=1e-5)  # rounded once, at the end


def test_kernels_that_go_below_0_need_an_eighth_of_their_weight():
    """A single kept pixel: the quotient is its value, wherever its weight is above 1/8."""
    x = jnp.where(jnp.arange(9) == 4, 2.0, NAN)
    coordinate = (np.arange(90) + 0.5) / 10 - 0.5
    for kernel in (kernels.cubic(), kernels.lanczos(3), kernels.mitchell(0, 1)):
        got = jaxup.resize(x, 90, kernel, axes=0, boundary="edge", where=x == x)
        offsets = coordinate[:, None] - np.arange(-40, 50)
        weight = kernel.fn(4 - coordinate) * (abs(4 - coordinate) < kernel.radius)
        weight = weight / (kernel.fn(offsets) * (abs(offsets) < kernel.radius)).sum(1)
        assert (weight < -0.01).any()
        wanted = np.where(weight > 1 / 8, 2.0, NAN)
        np.testing.assert_allclose(got, wanted, rtol=1e-6)
    smooth = jaxup.resize(x, 90, "linear", axes=0, where=x == x)
    np.testing.assert_allclose(smooth, np.where(abs(4 - coordinate) < 1, 2.0, NAN), rtol=1e-6)


def test_a_weight_that_is_rounding_is_none():
    """Aligned corners put every third output on a pixel, up to rounding: it reads only that."""
    x = jnp.array([1.0, NAN, NAN, 4.0, NAN, 6.0, NAN])
    got = jaxup.resize(x, 19, "linear", axes=0, coordinates="align_corners", where=x == x)
    np.testing.assert_array_equal(np.isnan(got[::3]), np.isnan(x))


def test_a_nan_that_counts_stays_where_it_is():
    x = jnp.asarray(X[0, :, :, 0], jnp.float32).at[3, 3].set(NAN)
    every = jnp.ones(x.shape, bool)
    got = jaxup.resize(x, (14, 18), "linear", axes=(0, 1), where=every)
    plain = jaxup.resize(x, (14, 18), "linear", axes=(0, 1))
    np.testing.assert_array_equal(np.isnan(got), np.isnan(plain))


def test_programs_without_a_mask_have_one_resample():
    def resamples(**options):
        program = jax.make_jaxpr(lambda x: jaxup.upsample(x, 2, "bilinear", **options))(X)
        return [equation.primitive.name for equation in program.eqns].count("resample")

    assert (resamples(), resamples(where=KEPT)) == (1, 2)


def test_an_array_that_keeps_its_size():
    x, kept = X[0].astype(np.float32), KEPT
    for method in ("linear", "nearest"):
        got = jaxup.resize(x, (7, 9), method, axes=(0, 1), where=kept, fill_value=4.0)
        np.testing.assert_array_equal(got, np.where(kept[:, :, None], x, 4))
    got = jaxup.upsample(x > 0, 1, "nearest", axes=(0, 1), where=kept, fill_value=True)
    np.testing.assert_array_equal(got, np.where(kept[:, :, None], x > 0, True))


def test_what_does_not_fit_is_refused():
    for function in (jaxup.upsample, jaxup.resize):
        size: Any = {"size": (4, 4), "method": "linear", "axes": (1, 2)}
        call = functools.partial(function, X, **size)
        name = rf"^jaxup\.{function.__name__}: expected"
        with pytest.raises(ValueError, match=rf"{name} where of the spatial shape \(7, 9\)"):
            call(where=KEPT.T)
        with pytest.raises(TypeError, match=rf"{name} where to be a boolean array, got dtype int"):
            call(where=KEPT.astype(int))
        with pytest.raises(TypeError, match=rf"{name} fill_value to be one number"):
            call(where=KEPT, fill_value="sea")
        with pytest.raises(ValueError, match=rf"{name} fill_value only with"):
            call(fill_value=0.0)
