"""compat.torchvision against torchvision's committed values (tests/goldens/make_torchvision.py)."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.test_util import check_grads

import jaxup
from jaxup.compat.torchvision import roi_align
from tests.helpers import paths

GOLDENS = np.load(paths.GOLDENS / "torchvision.npz")
X, BOXES = GOLDENS["input"], GOLDENS["boxes"]
CASES = sorted(key for key in GOLDENS.files if "/" in key and not key.startswith("gradient"))


def options(key):
    size, scale, ratio, aligned = key.split("/")
    return tuple(map(int, size.split("x"))), float(scale), int(ratio), aligned == "1"


@pytest.mark.one_jax  # functions/ has what a JAX makes of boxes, torchvision has none
@pytest.mark.parametrize("ratio", [-1, 1, 2, 3])
def test_values_and_gradients(ratio):
    keys = [key for key in CASES if options(key)[2] == ratio]
    assert len(keys) == 12
    for key in keys:
        given = options(key)
        got, pull = jax.vjp(lambda x, given=given: roi_align(x, BOXES, *given), jnp.asarray(X))
        np.testing.assert_allclose(got, GOLDENS[key], rtol=0, atol=2e-6, err_msg=key)
        if f"gradient/{key}" in GOLDENS:
            wanted = GOLDENS[f"gradient/{key}"]
            np.testing.assert_allclose(pull(jnp.ones_like(got))[0], wanted, atol=1e-5, err_msg=key)


def test_a_sequence_of_boxes_for_each_image():
    order = np.argsort(BOXES[:, 0], kind="stable")
    split = [BOXES[BOXES[:, 0] == n, 1:] for n in (0, 1)]
    wanted = roi_align(X, BOXES[order], 3, sampling_ratio=2)
    np.testing.assert_allclose(roi_align(X, split, 3, sampling_ratio=2), wanted, atol=1e-6)


def test_traced_boxes_under_vmap_and_their_gradient():
    def f(x, boxes):
        return roi_align(x, boxes, 2, sampling_ratio=2, aligned=True)

    boxes = jnp.asarray(BOXES[:3])
    y = jax.jit(jax.vmap(f, (None, 0)))(X, jnp.stack([boxes, boxes + 0.25]))
    np.testing.assert_allclose(y[0], f(X, boxes), atol=1e-6)
    np.testing.assert_allclose(y[1], f(X, boxes + 0.25), atol=1e-6)
    number, corners = boxes[1:2, :1], boxes[1:2, 1:]

    def g(corners):
        return f(X, jnp.concatenate([number, corners], 1))

    check_grads(g, (corners,), 1, modes=["rev"], atol=2e-2, rtol=2e-2)


def test_as_lax_and_narrow_floats():
    wanted = roi_align(X, BOXES, 2, sampling_ratio=2)
    with jaxup.as_lax():
        np.testing.assert_allclose(roi_align(X, BOXES, 2, sampling_ratio=2), wanted, atol=1e-6)
    half = roi_align(X.astype(np.float16), BOXES, 2, sampling_ratio=2)
    assert half.dtype == jnp.float16
    np.testing.assert_allclose(half, wanted, atol=2e-3)


@pytest.mark.parametrize(
    ("error", "text", "call"),
    [
        (ValueError, "input of shape .batch, channels", lambda: roi_align(X[0], BOXES, 2)),
        (TypeError, "input to be an array of floats", lambda: roi_align(X.astype(int), BOXES, 2)),
        (ValueError, r"boxes of shape \(n, 5\), got shape \(7, 4\)",
         lambda: roi_align(X, BOXES[:, 1:], 2)),
        (ValueError, r"boxes of shape \(n, 4\), got shape \(7, 5\)",
         lambda: roi_align(X, [BOXES, BOXES], 2)),
        (ValueError, "2 arrays of boxes, one per image, got 1",
         lambda: roi_align(X, [BOXES[:, 1:]], 2)),
        (ValueError, "an output of at least 1 pixel, got output_size=0",
         lambda: roi_align(X, BOXES, 0)),
        (TypeError, "sampling_ratio to be an integer",
         lambda: roi_align(X, BOXES, 2, sampling_ratio=0.5)),  # pyright: ignore[reportArgumentType]
        (TypeError, "aligned to be a bool",
         lambda: roi_align(X, BOXES, 2, aligned="yes")),  # pyright: ignore[reportArgumentType]
        (TypeError, "spatial_scale to be a real number",
         lambda: roi_align(X, BOXES, 2, "1")),  # pyright: ignore[reportArgumentType]
        (ValueError, "sampling_ratio for cells of more than 32768 pixels, got -1 for cells of .*"
         "spatial_scale", lambda: roi_align(X, BOXES, 2, spatial_scale=2**63)),
        (ValueError, "a sampling_ratio of at least 1 for traced boxes, got -1.*sampling_ratio=2",
         lambda: jax.jit(lambda b: roi_align(X, b, 2))(BOXES)),
    ],
)  # fmt: skip
def test_errors(error, text, call):
    with pytest.raises(error, match=rf"^jaxup\.compat\.torchvision\.roi_align: expected .*{text}"):
        call()
