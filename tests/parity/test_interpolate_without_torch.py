"""`jaxup.compat.torch` without PyTorch: its rules, its errors, and numbers that PyTorch printed."""

import functools
import subprocess
import sys
from collections.abc import Callable
from typing import Any, cast

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import export

import jaxup
from jaxup.compat.torch import Upsample, interpolate
from tests.helpers.cases import numbers
from tests.helpers.torch_calls import ACCEPTED, REFUSED

PICTURE = np.array(
    [
        [0, 255, 17, 200, 3],
        [99, 1, 254, 128, 77],
        [255, 255, 0, 0, 31],
        [12, 180, 66, 240, 255],
    ],
    np.uint8,
)
"""Full swings, so that bicubic and lanczos leave 0..255 in the first pass."""

# fmt: off
PRINTED = (
    # what torch 2.13.0 answers for PICTURE; the rounded float result differs by up to 20
    ({"mode": "bilinear", "size": (6, 3)},
     [[85, 17, 69], [76, 136, 82], [98, 212, 82], [223, 42, 33], [162, 33, 136], [68, 66, 250]]),
    ({"mode": "bilinear", "scale_factor": (1.5, 1.3)},
     [[0, 167, 154, 52, 193, 56], [50, 101, 131, 141, 163, 74], [125, 72, 115, 192, 111, 80],
      [229, 218, 140, 38, 22, 34], [134, 189, 140, 50, 117, 137], [12, 122, 132, 99, 233, 251]]),
    ({"mode": "bilinear", "size": (3, 7), "align_corners": True},
     [[0, 170, 176, 17, 139, 134, 3], [177, 145, 128, 127, 85, 61, 54],
      [12, 124, 142, 66, 182, 245, 255]]),
    ({"mode": "bicubic", "size": (6, 4)},
     [[24, 193, 135, 20], [42, 131, 186, 58], [119, 93, 170, 74], [251, 152, 15, 17],
      [159, 161, 66, 137], [12, 145, 183, 255]]),
    ({"mode": "bicubic", "scale_factor": (0.9, 1.7), "align_corners": False},
     [[4, 107, 242, 123, 34, 169, 157, 21], [144, 73, 16, 146, 237, 146, 76, 74],
      [206, 234, 255, 107, 0, 30, 62, 81]]),
    ({"mode": "bicubic", "size": (2, 7), "align_corners": True},
     [[0, 201, 198, 17, 151, 158, 3], [12, 140, 153, 66, 177, 255, 255]]),
    ({"mode": "bilinear", "size": (2, 3), "antialias": True},
     [[108, 129, 82], [153, 104, 129]]),
    ({"mode": "bicubic", "size": (3, 4), "antialias": True},
     [[51, 143, 151, 61], [168, 128, 93, 45], [111, 140, 114, 195]]),
    ({"mode": "bicubic", "scale_factor": (0.6, 1.5), "antialias": True},
     [[47, 92, 146, 123, 151, 151, 44], [168, 170, 165, 88, 81, 83, 94]]),
    ({"mode": "lanczos", "size": (3, 6), "antialias": True},
     [[8, 138, 129, 142, 167, 26], [202, 120, 131, 126, 36, 46], [75, 206, 101, 59, 190, 194]]),
)
# fmt: on


def test_does_not_import_torch():
    program = "import sys, jaxup.compat.torch; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


# Bytes


def name_of(options):
    return "-".join(str(value).replace(" ", "") for value in options.values())


@pytest.mark.parametrize(("options", "printed"), PRINTED, ids=[name_of(o) for o, _ in PRINTED])
def test_bytes_to_the_bit(options, printed):
    y = interpolate(PICTURE[None, None], **options)
    assert y.dtype == jnp.uint8
    np.testing.assert_array_equal(y[0, 0], np.array(printed, np.uint8))


def test_bytes_under_jit_and_vmap():
    options, printed = PRINTED[4]
    function = functools.partial(interpolate, **options)
    pictures = jnp.stack([PICTURE, 255 - PICTURE])[:, None, None]
    y = jax.jit(jax.vmap(function))(pictures)
    np.testing.assert_array_equal(y[0, 0, 0], np.array(printed, np.uint8))
    np.testing.assert_array_equal(y[1], jax.jit(function)(pictures[1]))
    last = jax.vmap(function, in_axes=-1, out_axes=-1)(jnp.moveaxis(pictures, 0, -1))
    np.testing.assert_array_equal(jnp.moveaxis(last, -1, 0), y)


def test_bytes_with_sixty_four_bit_numbers_enabled():
    options, printed = PRINTED[8]
    with jax.enable_x64(True):
        y = interpolate(PICTURE[None, None], **options)
    assert y.dtype == jnp.uint8
    np.testing.assert_array_equal(y[0, 0], np.array(printed, np.uint8))


@pytest.mark.parametrize("value", [0, 1, 127, 254, 255])
def test_bytes_keep_a_flat_picture_flat(value):
    """Within one: the rounded weights of a row need not add up to 2^p."""
    x = np.full((1, 2, 9, 13), value, np.uint8)
    for mode in ("bilinear", "bicubic", "lanczos"):
        y = interpolate(x, size=(4, 29), mode=mode, antialias=mode == "lanczos")
        assert np.abs(np.asarray(y, int) - value).max() <= 1


def test_program_size_does_not_grow_with_the_taps():
    def lines(in_size):
        x = jax.ShapeDtypeStruct((1, 3, in_size, in_size), jnp.uint8)
        shrink = functools.partial(interpolate, size=4, mode="bicubic", antialias=True)
        return jax.jit(shrink).lower(x).as_text().count("stablehlo")

    assert lines(4096) == lines(256)


# Floats


@pytest.mark.parametrize(
    ("mode", "method", "shape"),
    [
        ("nearest", "nearest", (2, 3, 7)),
        ("nearest-exact", "nearest-exact", (2, 3, 5, 7)),
        ("linear", "linear", (2, 3, 7)),
        ("bilinear", "bilinear", (2, 3, 5, 7)),
        ("trilinear", "trilinear", (1, 2, 3, 5, 4)),
        ("bicubic", "bicubic", (2, 3, 5, 7)),
        ("area", "area", (1, 2, 3, 5, 4)),
        ("lanczos", "lanczos3", (2, 3, 5, 7)),
    ],
)
def test_equals_upsample(mode, method, shape):
    x = numbers(shape)
    scales = (1.7, 0.6, 2)[: len(shape) - 2]
    antialias = mode == "lanczos"
    given = jaxup.upsample(x, scales, method, data_format="channels_first", antialias=antialias)
    y = interpolate(x, scale_factor=scales, mode=mode, antialias=antialias)
    assert y.shape == (*shape[:2], *(int(n * s) for n, s in zip(shape[2:], scales, strict=True)))
    np.testing.assert_array_equal(y, given)


def test_recompute_scale_factor_follows_the_sizes():
    x = numbers((1, 1, 37))
    given = interpolate(x, scale_factor=1.7, mode="linear")
    recomputed = interpolate(x, scale_factor=1.7, mode="linear", recompute_scale_factor=True)
    np.testing.assert_array_equal(recomputed, interpolate(x, size=62, mode="linear"))
    assert np.abs(given - recomputed).max() > 0.1


def test_under_jit_grad_and_vmap():
    x = numbers((2, 3, 5, 7))
    function = functools.partial(interpolate, scale_factor=1.7, mode="bicubic", antialias=True)
    y = function(x)
    np.testing.assert_allclose(jax.jit(function)(x), y, rtol=0, atol=1e-6)
    static = jax.jit(interpolate, static_argnames=("scale_factor", "mode", "antialias"))
    np.testing.assert_allclose(
        static(x, scale_factor=1.7, mode="bicubic", antialias=True), y, rtol=0, atol=1e-6
    )
    each = jax.vmap(function)(x[:, None])
    np.testing.assert_allclose(each[:, 0], y, rtol=0, atol=1e-6)
    dy = numbers(y.shape, seed=1)
    dx = jax.grad(lambda x: (function(x) * dy).sum())(x)
    dot = (numbers(x.shape, seed=2) * dx).sum()
    np.testing.assert_allclose((function(numbers(x.shape, seed=2)) * dy).sum(), dot, rtol=1e-5)


@pytest.mark.parametrize(("shape", "options"), ACCEPTED.values(), ids=ACCEPTED)
def test_takes(shape, options):
    y = jax.eval_shape(functools.partial(interpolate, **options), jnp.zeros(shape))
    assert y.dtype == jnp.float32
    assert y.shape[:2] == shape[:2]


def test_empty_results_are_arrays():
    assert interpolate(np.ones((1, 3, 5, 6), np.float32), (3, 0), mode="area").shape == (1, 3, 3, 0)
    assert interpolate(np.ones((0, 3, 5), np.float32), 3, mode="linear").shape == (0, 3, 3)
    assert interpolate(np.ones((0, 3, 5, 6), np.uint8), 3, mode="bicubic").shape == (0, 3, 3, 3)


# Errors


@pytest.mark.parametrize("call", REFUSED, ids=[call.id for call in REFUSED])
def test_refuses(call):
    x = jax.ShapeDtypeStruct(call.shape, call.dtype)
    with pytest.raises(Exception) as refusal:
        jax.eval_shape(lambda x: interpolate(x, **call.options), x)
    assert refusal.type is call.error
    written = str(refusal.value)
    assert written.startswith("jaxup.compat.torch.interpolate: expected ")
    assert f" for input shape {call.shape}. " in written


def test_a_traced_option_says_how_to_make_it_static():
    call: Callable[..., Any] = interpolate
    x = numbers((1, 1, 8))
    for option in ("size", "scale_factor"):
        with pytest.raises(TypeError, match=f"static_argnames='{option}'"):
            jax.jit(lambda value, option=option: call(x, **{option: value}))(2)
        with pytest.raises(TypeError, match=f"static_argnames='{option}'"):
            jax.jit(lambda value, option=option: call(x, **{option: (value,)}))(2)


def test_symbolic_batch_and_spatial_sizes():
    batch, height = export.symbolic_shape("b, h")
    for dtype in (jnp.float32, jnp.uint8):
        x = np.asarray(numbers((2, 3, 5, 6)) * 255, dtype)
        shrink = functools.partial(interpolate, size=(3, 4), mode="bilinear", antialias=True)
        exported = export.export(jax.jit(shrink))(jax.ShapeDtypeStruct((batch, 3, 5, 6), dtype))
        np.testing.assert_allclose(exported.call(x), shrink(x), rtol=1e-6)
        with pytest.raises(ValueError, match="got the symbolic sizes"):
            jax.eval_shape(shrink, jax.ShapeDtypeStruct((1, 3, height, 6), dtype))


def test_bytes_have_no_gradient():
    with pytest.raises(TypeError, match="uint8"):
        jax.grad(lambda x: interpolate(x, 3, mode="bilinear").sum())(PICTURE[None, None])


# Upsample


def test_upsample_is_interpolate():
    x = numbers((2, 3, 5, 7))
    layer = Upsample(scale_factor=(1.7, 2), mode="bilinear", align_corners=True)
    y = interpolate(x, None, (1.7, 2.0), "bilinear", True)
    np.testing.assert_array_equal(layer(x), y)
    np.testing.assert_array_equal(Upsample((4, 9))(x), interpolate(x, (4, 9)))
    recomputing = Upsample(scale_factor=1.7, mode="bilinear", recompute_scale_factor=True)
    np.testing.assert_array_equal(recomputing(x), interpolate(x, (8, 11), mode="bilinear"))


def test_upsample_prints_what_is_set():
    for layer, printed in (
        (Upsample(2), "Upsample(size=2, mode='nearest')"),
        (Upsample(cast(Any, [2, 3])), "Upsample(size=(2, 3), mode='nearest')"),
        (Upsample(scale_factor=2), "Upsample(scale_factor=2.0, mode='nearest')"),
        (
            Upsample(scale_factor=(2, 3), mode="bicubic", align_corners=False),
            "Upsample(scale_factor=(2.0, 3.0), mode='bicubic', align_corners=False)",
        ),
        (
            Upsample(None, 1.5, "bilinear", True, True),
            "Upsample(scale_factor=1.5, mode='bilinear', align_corners=True,"
            " recompute_scale_factor=True)",
        ),
    ):
        assert repr(layer) == printed


def test_upsample_refuses_when_called_or_built():
    x = np.zeros((1, 3, 5, 6), np.float32)
    for layer in (Upsample(), Upsample(2, 2), Upsample(2, align_corners=False)):
        with pytest.raises(ValueError, match=r"jaxup\.compat\.torch\.interpolate: expected"):
            layer(x)
    with pytest.raises(TypeError):
        Upsample(scale_factor=cast(Any, [2.0, 2.0]))


def test_upsample_may_sit_among_parameters():
    layer = Upsample(scale_factor=2, mode="bilinear")
    model = {"kernel": jnp.ones((1, 1, 2, 2)), "up": layer}
    assert hash(layer) == hash(Upsample(scale_factor=2.0, mode="bilinear"))
    assert len(jax.tree.leaves(model)) == 1
    y = jax.jit(lambda model: model["up"](model["kernel"]))(model)
    assert y.shape == (1, 1, 4, 4)
