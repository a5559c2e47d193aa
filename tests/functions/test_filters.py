"""`jaxup.filters`, against zeros, padding, a convolution and decimation in float64."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import export
from jax.test_util import check_grads

import jaxup
from jaxup.filters import upfirdn


def defined(x, taps, up, down, before, after, flip, axis):
    """One axis by the definition: every step makes its array."""
    x = np.moveaxis(x, axis, -1)
    spread = np.zeros((*x.shape[:-1], x.shape[-1] * up), x.dtype)
    spread[..., ::up] = x
    ends = [(0, 0)] * (x.ndim - 1) + [(max(before, 0), max(after, 0))]
    padded = np.pad(spread, ends)[..., max(-before, 0) :]
    padded = padded[..., : padded.shape[-1] - max(-after, 0)]
    kernel = np.asarray(taps, np.float64)[:: 1 if flip else -1]
    windows = np.lib.stride_tricks.sliding_window_view(padded, len(kernel), axis=-1)
    return np.moveaxis((windows @ kernel)[..., ::down], -1, axis)


def draw(rng):
    """Arguments of a call; each axis its own, down to padding that cuts pixels off."""
    taps = rng.normal(size=rng.integers(1, 13))
    up, down = (tuple(int(n) for n in rng.integers(1, 4, 2)) for _ in range(2))
    padding = tuple((int(a), int(b)) for a, b in rng.integers(-3, 14, (2, 2)))
    return taps, up, down, padding


@pytest.mark.parametrize("flip", [False, True])
@pytest.mark.parametrize("seed", range(12))
def test_is_what_it_is_defined_as(seed, flip):
    rng = np.random.default_rng(seed)
    x = rng.random((2, 14, 17, 3))
    taps, up, down, padding = draw(rng)
    wanted = x
    for n in range(2):
        wanted = defined(wanted, taps, up[n], down[n], *padding[n], flip, n + 1)
    y = upfirdn(jnp.asarray(x, jnp.float32), taps, up, down, padding, gain=1.5, flip_filter=flip)
    assert y.dtype == jnp.float32
    atol = 1e-6 * max(1, np.abs(taps).sum() ** 2)
    np.testing.assert_allclose(y, 1.5 * wanted, rtol=0, atol=atol)


@pytest.mark.parametrize(("up", "down", "n"), [(1, 1, 4), (2, 1, 5), (3, 2, 7), (1, 3, 12)])
def test_is_scipys_with_full_padding(up, down, n):
    signal = pytest.importorskip("scipy.signal")
    rng = np.random.default_rng(n)
    x, taps = rng.random(30), rng.normal(size=n)
    y = upfirdn(x.astype(np.float32), taps, up, down, (n - 1, n - up), axes=0)
    np.testing.assert_allclose(y, signal.upfirdn(taps, x, up, down), rtol=0, atol=1e-5)


def test_numbers_and_pairs_stand_for_every_axis():
    x = np.random.default_rng(0).random((1, 6, 8, 2), np.float32)
    y = upfirdn(x, [1, 2, 1], (2, 2), (1, 1), ((1, 1), (1, 1)))
    np.testing.assert_array_equal(upfirdn(x, np.array([1, 2, 1]), 2, 1, 1), y)
    np.testing.assert_array_equal(upfirdn(x, (1, 2, 1), np.array([2, 2]), padding=(1, 1)), y)


def test_formats_and_axes_are_those_of_resize():
    x = np.random.default_rng(0).random((2, 6, 8, 3), np.float32)
    y = upfirdn(x, [1, 3, 3, 1], (2, 1), (1, 2), 2)
    first = upfirdn(x.transpose(0, 3, 1, 2), [1, 3, 3, 1], (2, 1), (1, 2), 2, data_format="NCHW")
    np.testing.assert_allclose(first.transpose(0, 2, 3, 1), y, rtol=1e-6)
    named = upfirdn(x, [1, 3, 3, 1], (1, 2), (2, 1), 2, axes=(2, 1))
    np.testing.assert_allclose(named, y, rtol=1e-6)
    assert upfirdn(x[0, 0], [1.0, 1.0], 2, axes=0).shape == (15, 3)
    assert upfirdn(np.ones((2, 4, 4, 4, 1)), [1.0], 2, axes=(1, 2, 3)).shape == (2, 8, 8, 8, 1)


def test_the_bilinear_filter_is_resize_with_zeros_outside():
    x = np.random.default_rng(0).random((1, 8, 10, 3), np.float32)
    taps = np.array([1, 3, 3, 1]) / 8
    larger = upfirdn(x, taps, 2, padding=(2, 1), gain=4)
    wanted = jaxup.resize(x, (16, 20), "linear", boundary="constant")
    np.testing.assert_allclose(larger, wanted, rtol=0, atol=1e-6)


def test_gradients():
    x = jnp.asarray(np.random.default_rng(0).random((1, 5, 6, 2)), jnp.float32)

    def function(x):
        return upfirdn(x, [1.0, -2.0, 3.0, 0.5], (2, 1), (1, 2), ((3, 1), (-1, 2)))

    check_grads(function, (x,), order=2, atol=1e-2, rtol=1e-2)
    compiled = jax.jit(jax.grad(lambda x: (function(x) ** 2).sum())).lower(x).compile()
    assert "scatter" not in str(compiled.as_text())


def test_nan_stays_where_the_taps_are():
    x = jnp.zeros(20).at[10].set(jnp.nan)
    y = upfirdn(x, [1.0, 1.0, 1.0], 2, padding=1, axes=0)
    np.testing.assert_array_equal(np.flatnonzero(np.isnan(y)), [19, 20, 21])


def test_transforms_and_dtypes():
    x = np.random.default_rng(0).random((2, 6, 8, 3), np.float32)

    def function(x):
        return upfirdn(x, [1, 3, 3, 1], 2, padding=(2, 1), axes=(-3, -2), gain=1 / 16)

    y = function(jnp.asarray(x))
    np.testing.assert_allclose(jax.vmap(jax.jit(function))(x), y, rtol=0, atol=1e-6)
    exported = export.export(jax.jit(function))(jax.ShapeDtypeStruct(x.shape, x.dtype))
    stored = export.deserialize(exported.serialize())
    np.testing.assert_allclose(stored.call(x), y, rtol=0, atol=1e-6)
    with jax.numpy_dtype_promotion("strict"):
        for dtype in (jnp.float16, jnp.bfloat16, jnp.complex64):
            narrow = function(jnp.asarray(x, dtype))
            assert narrow.dtype == dtype
            atol = 4 * float(jnp.finfo(dtype).eps)
            np.testing.assert_allclose(narrow.real.astype(jnp.float32), y, rtol=0, atol=atol)
    with jax.enable_x64(True):
        wanted = x.astype(np.float64)
        for axis in (1, 2):
            wanted = defined(wanted, [1, 3, 3, 1], 2, 1, 2, 1, False, axis)
        np.testing.assert_allclose(
            function(jnp.asarray(x, jnp.float64)), wanted / 16, rtol=0, atol=1e-14
        )


def test_a_batch_may_be_symbolic_and_pixels_may_not():
    batch = jax.ShapeDtypeStruct(export.symbolic_shape("b, 8, 8, 3"), jnp.float32)
    exported = export.export(jax.jit(lambda x: upfirdn(x, [1.0, 1.0], 2)))(batch)
    assert exported.call(jnp.ones((3, 8, 8, 3))).shape == (3, 15, 15, 3)
    pixels = jax.ShapeDtypeStruct(export.symbolic_shape("1, h, 8, 3"), jnp.float32)
    with pytest.raises(ValueError, match=r"^jaxup\.filters\.upfirdn: expected spatial sizes of x"):
        export.export(jax.jit(lambda x: upfirdn(x, [1.0, 1.0], 2)))(pixels)


X = np.ones((1, 4, 4, 1), np.float32)


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"taps": np.ones((4, 4))}, r"a flat filter.*got shape \(4, 4\).*np\.outer\(f, f\)"),
        ({"taps": []}, r"of one tap or more, got shape \(0,\)"),
        ({"taps": [np.nan]}, "finite taps"),
        ({"up": 0}, "up between 1 and"),
        ({"down": (1, -2)}, r"down between 1 and .*, got down=\(1, -2\)"),
        ({"up": (2, 2, 2)}, r"one up, or 2 \(one per spatial axis\)"),
        ({"padding": (1, 2, 3)}, r"padding to be a number, a pair \(before, after\) or 2 pairs"),
        ({"padding": [(1, 2)]}, "or 2 pairs"),
        ({"padding": -2}, "at least 2 places along axis 1, one for every tap, got 0: 4 "),
        ({"padding": 2**40}, "padding of at most"),
        ({"up": 2**31 - 1}, "at most 134217728 weights along axis 1"),
        ({"gain": np.inf}, "a finite gain"),
        ({"x": np.ones((1, 0, 4, 1), np.float32)}, "spatial axes of at least 1 pixel"),
        ({"x": np.ones((4, 4), np.float32)}, "3 or more axes"),
    ],
)
def test_values_it_refuses(arguments, text):
    with pytest.raises(ValueError, match=rf"^jaxup\.filters\.upfirdn: expected .*{text}"):
        upfirdn(**{"x": X, "taps": [1.0, 1.0], **arguments})


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"x": X.astype(int)}, "a floating-point or complex array, got dtype int32"),
        ({"taps": "1331"}, "taps to be real numbers, got '1331'"),
        ({"taps": [1j]}, "taps to be real numbers"),
        ({"taps": [[1.0], [1.0, 2.0]]}, "taps to be real numbers"),
        ({"up": 1.5}, "up to be integers, got float 1.5"),
        ({"up": jax.random.key(0)}, "up to be integers, got PRNGKeyArray"),
        ({"padding": jax.random.key(0)}, "padding in whole places, got PRNGKeyArray"),
        ({"padding": 1.5}, "padding in whole places, got float 1.5"),
        ({"flip_filter": 1}, "flip_filter to be a bool"),
    ],
)
def test_types_it_refuses(arguments, text):
    with pytest.raises(TypeError, match=rf"^jaxup\.filters\.upfirdn: expected {text}"):
        upfirdn(**{"x": X, "taps": [1.0, 1.0], **arguments})


def test_traced_taps_are_refused():
    with pytest.raises(TypeError, match="expected taps to be known when the program is built"):
        jax.jit(lambda taps: upfirdn(X, taps))(jnp.ones(2))
