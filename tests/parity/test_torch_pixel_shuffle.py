"""`jaxup.pixel_shuffle` and `pixel_unshuffle` against a live PyTorch, exactly."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxup import pixel_shuffle, pixel_unshuffle

torch = pytest.importorskip("torch")


@partial(jax.jit, static_argnums=1)
def there_and_back(x, factor):
    """Shuffled in either format, and unshuffled again; channels first."""
    first = pixel_shuffle(x, factor, data_format="channels_first")
    last = pixel_shuffle(jnp.moveaxis(x, -3, -1), factor)
    back = pixel_unshuffle(first, factor, data_format="channels_first")
    back_last = pixel_unshuffle(last, factor)
    return first, jnp.moveaxis(last, -1, -3), back, jnp.moveaxis(back_last, -1, -3)


@pytest.mark.parametrize(
    ("shape", "factor", "dtype"),
    [
        ((12, 3, 5), 2, "float32"),
        ((2, 36, 1, 4), 3, "uint8"),
        ((2, 3, 36, 2, 1), 6, "bfloat16"),
        ((1, 144, 2, 3), 1, "float32"),
    ],
    ids=str,
)
def test_forward_and_back(shape, factor, dtype):
    x = np.arange(np.prod(shape)).reshape(shape) % 251  # exact in every one of the dtypes
    theirs = torch.tensor(x).to(getattr(torch, dtype))
    shuffled = torch.nn.functional.pixel_shuffle(theirs, factor)
    restored = torch.nn.functional.pixel_unshuffle(shuffled, factor)
    ours = there_and_back(x.astype(jnp.dtype(dtype)), factor)
    for y, expected in zip(ours, (shuffled, shuffled, restored, restored), strict=True):
        assert y.dtype == jnp.dtype(dtype)
        np.testing.assert_array_equal(np.asarray(y, np.float32), expected.float().numpy())


def test_empty_batch():
    first, *_, back = there_and_back(np.zeros((0, 4, 3, 3), np.float32), 2)
    assert first.shape == torch.nn.functional.pixel_shuffle(torch.zeros(0, 4, 3, 3), 2).shape
    # PyTorch 2.13 returns an empty picture as it came, (0, 1, 6, 6); ours has the shape it says
    assert back.shape == (0, 4, 3, 3)


@pytest.mark.parametrize(
    ("function", "name", "shape"),
    [
        (pixel_shuffle, "pixel_shuffle", (2, 12, 3, 5)),
        (pixel_unshuffle, "pixel_unshuffle", (2, 3, 6, 4)),
    ],
)
def test_gradient(function, name, shape):
    rng = np.random.default_rng(0)
    x = rng.standard_normal(shape).astype(np.float32)
    theirs = torch.tensor(x, requires_grad=True)
    y = getattr(torch.nn.functional, name)(theirs, 2)
    cotangent = rng.standard_normal(y.shape).astype(np.float32)
    y.backward(torch.tensor(cotangent))
    ours, pullback = jax.vjp(lambda x: function(x, 2, data_format="channels_first"), x)
    np.testing.assert_array_equal(ours, y.detach().numpy())
    np.testing.assert_array_equal(pullback(cotangent)[0], theirs.grad.numpy())


@pytest.mark.parametrize(
    ("function", "name", "shape", "factor"),
    [
        (pixel_shuffle, "pixel_shuffle", (1, 6, 4, 4), 2),
        (pixel_shuffle, "pixel_shuffle", (1, 4, 4, 4), 0),
        (pixel_shuffle, "pixel_shuffle", (4, 4), 2),
        (pixel_shuffle, "pixel_shuffle", (1, 4, 4, 4), 2.0),
        (pixel_unshuffle, "pixel_unshuffle", (1, 4, 5, 4), 2),
        (pixel_unshuffle, "pixel_unshuffle", (1, 4, 4, 4), -2),
    ],
)
def test_both_refuse(function, name, shape, factor):
    with pytest.raises((RuntimeError, TypeError)):
        getattr(torch.nn.functional, name)(torch.zeros(shape), factor)
    with pytest.raises((ValueError, TypeError)):
        function(jnp.zeros(shape), factor, data_format="channels_first")
