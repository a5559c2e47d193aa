"""`jaxup.upsample` against a live PyTorch: indices, values, gradients, NaN and Inf, sizes.

PyTorch has two CPU paths for nearest that differ from each other in a few sizes; the one compared
with here, which runs for 2-D channels-last pictures, is the one whose rule jaxup follows.
"""

import pytest

torch = pytest.importorskip("torch")

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from torch.nn.functional import interpolate

from jaxup import upsample
from tests.helpers.cases import CASES, Case, numbers, parametrized
from tests.helpers.rows import operator, operators

torch.set_num_threads(1)

MODES = {
    "nearest": ("nearest",) * 3,
    "nearest-exact": ("nearest-exact",) * 3,
    "linear": ("linear", "bilinear", "trilinear"),
    "bilinear": ("linear", "bilinear", "trilinear"),
    "trilinear": ("linear", "bilinear", "trilinear"),
    "cubic": (None, "bicubic", None),
    "bicubic": (None, "bicubic", None),
    "area": ("area",) * 3,
    "lanczos3": (None, "lanczos", None),
}


def mode_of(case):
    """PyTorch's name for the case's method at its rank; None where it has none."""
    mode = MODES[case.method][len(case.axes) - 1]
    if case.antialias and len(case.axes) != 2:
        return None
    if mode == "lanczos" and not (case.antialias and not case.align_corners):
        return None
    return mode


SHARED = [case for case in CASES if mode_of(case)]


def channels_first(x):
    """A contiguous channels-last tensor, in PyTorch's axis order."""
    return torch.from_numpy(np.moveaxis(np.array(x), -1, 1))


def torch_run(case, x):
    """PyTorch's answer to the case for a tensor; sizes and scales as floats and ints."""
    mode, options = mode_of(case), {}
    assert mode is not None
    if mode in ("linear", "bilinear", "trilinear", "bicubic"):
        options["align_corners"] = case.align_corners
    if case.antialias:
        options["antialias"] = True
    return interpolate(
        x,
        size=case.out_sizes if case.size is not None else None,
        scale_factor=case.scales,
        mode=mode,
        **options,
    )


def channels_last(y):
    return np.moveaxis(y.numpy(), 1, -1)


# Indices


def torch_indices(method, in_size, **arguments):
    picture = torch.arange(in_size, dtype=torch.float32).reshape(1, 1, in_size, 1)
    picture = picture.expand(1, 4, in_size, 1).contiguous(memory_format=torch.channels_last)
    return interpolate(picture, mode=method, **arguments)[0, 0, :, 0].numpy().astype(int)


def indices(found, in_size):
    if found is None:
        return np.arange(in_size)
    assert found.selects
    return found.indices[:, 0]


@pytest.mark.parametrize("method", ["nearest", "nearest-exact"])
def test_indices_of_every_size(method):
    """In-sizes 1..64 by out-sizes 1..100, to the pixel."""
    wrong = []
    for in_size in range(1, 65):
        out_sizes = range(1, 101)
        rows = operators(in_size, method, size=out_sizes)
        for out_size, found in zip(out_sizes, rows, strict=True):
            theirs = torch_indices(method, in_size, size=(out_size, 1))
            if not np.array_equal(indices(found, in_size), theirs):
                wrong.append((in_size, out_size))
    assert not wrong


@pytest.mark.parametrize("method", ["nearest", "nearest-exact"])
def test_indices_of_awkward_scales(method):
    """Scales 0.3, 0.31, ... 3 on several sizes, to the pixel."""
    wrong = []
    for in_size in (4, 7, 16, 33, 57, 100, 256):
        scales = (np.arange(30, 301) / 100).tolist()
        rows = operators(in_size, method, scale=scales)
        for scale, found in zip(scales, rows, strict=True):
            theirs = torch_indices(method, in_size, scale_factor=(scale, 1.0))
            if not np.array_equal(indices(found, in_size), theirs):
                wrong.append((in_size, scale))
    assert not wrong


@pytest.mark.parametrize("method", ["nearest", "nearest-exact"])
def test_indices_reach_the_array(method):
    """The rows above are those that `upsample` computes with."""
    x = np.arange(57 * 64, dtype=np.float32).reshape(1, 57, 64, 1)
    calls: tuple[tuple[dict[str, Any], dict[str, Any]], ...] = (
        ({"size": (100, 23)}, {"size": (100, 23)}),
        ({"scale": (1.73, 0.61)}, {"scale_factor": (1.73, 0.61)}),
    )
    for arguments, theirs in calls:
        tensor = channels_first(x.repeat(4, -1)).contiguous(memory_format=torch.channels_last)
        wanted = interpolate(tensor, mode=method, **theirs)[:, :1]
        np.testing.assert_array_equal(
            upsample(x, method=method, **arguments), channels_last(wanted)
        )


# Values


@parametrized(SHARED)
def test_values(case):
    x = numbers(case.shape)
    wanted = channels_last(torch_run(case, channels_first(x)))
    y = case.run(x)
    assert y.shape == wanted.shape
    np.testing.assert_allclose(y, wanted, rtol=0, atol=1e-5)


@parametrized([case for case in SHARED if case.method != "lanczos3"])
def test_values_in_float64(case):
    x = numbers(case.shape, np.float64)
    wanted = channels_last(torch_run(case, channels_first(x)))
    with jax.enable_x64(True):
        y = case.run(x)
    np.testing.assert_allclose(y, wanted, rtol=0, atol=1e-12)


ROWS = (
    ("linear", "linear", {}),
    ("linear", "linear", {"align_corners": True}),
    ("bicubic", "bicubic", {}),
    ("bicubic", "bicubic", {"align_corners": True}),
    ("area", "area", {}),
    ("bilinear", "bilinear", {"antialias": True}),
    ("bilinear", "bilinear", {"antialias": True, "align_corners": True}),
    ("bicubic", "bicubic", {"antialias": True}),
    ("lanczos3", "lanczos", {"antialias": True}),
)


@pytest.mark.parametrize(
    ("method", "mode", "options"), ROWS, ids=["-".join((m, *o)) for m, _, o in ROWS]
)
def test_rows_over_many_sizes(method, mode, options):
    """The rows of one axis against PyTorch's on the unit vectors, for sizes up to a few hundred.

    An input of the identity matrix makes PyTorch print its rows; the picture's width is kept, so
    that only one axis changes.
    """
    theirs_options = dict(options)
    if mode in ("area", "lanczos"):
        theirs_options.pop("align_corners", None)
    sizes = [(n, m) for n in (1, 2, 3, 5, 8, 13) for m in (1, 2, 3, 4, 7, 11, 16, 26)]
    sizes += [(64, 37), (37, 64), (100, 229), (229, 100), (300, 41), (256, 512)]
    scales = [(n, s) for n in (1, 5, 16, 57) for s in (0.37, 0.5, 1.13, 1.7, 2.0, 2.37, 3.0)]
    jobs: list[tuple[int, dict[str, Any]]] = [(n, {"size": m}) for n, m in sizes]
    jobs += [(n, {"scale": s}) for n, s in scales if int(n * s) >= 1]
    for in_size, arguments in jobs:
        found = operator(in_size, method, **arguments, **options)
        dense = np.eye(in_size) if found is None else found.to_dense()
        picture = torch.eye(in_size).reshape(1, 1, in_size, in_size)
        if mode == "linear":
            given = {"size": arguments.get("size"), "scale_factor": arguments.get("scale")}
            wanted = interpolate(picture[0].mT, mode=mode, **given, **theirs_options)[0].mT
        elif "size" in arguments:
            given = (arguments["size"], in_size)
            wanted = interpolate(picture, size=given, mode=mode, **theirs_options)[0, 0]
        else:
            given = (arguments["scale"], 1.0)
            wanted = interpolate(picture, scale_factor=given, mode=mode, **theirs_options)[0, 0]
        if in_size == 1 and options.get("antialias"):
            continue  # PyTorch 2.13 repeats a row when the output is one pixel wide
        np.testing.assert_allclose(
            dense, wanted, rtol=0, atol=1e-5, err_msg=f"{in_size=} {arguments=}"
        )


def test_values_of_a_large_picture():
    x = numbers((1, 187, 301, 2))
    for case in (
        Case("bilinear", x.shape, scale=1.7),
        Case("bicubic", x.shape, size=(260, 255), align_corners=True),
        Case("bicubic", x.shape, size=(61, 83), antialias=True),
        Case("area", x.shape, size=(50, 77)),
    ):
        wanted = channels_last(torch_run(case, channels_first(x)))
        np.testing.assert_allclose(case.run(x), wanted, rtol=0, atol=1e-5, err_msg=case.id)


# Half precision


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_half_precision_is_float32_rounded_once(dtype):
    narrow = getattr(torch, dtype)
    x = jnp.asarray(numbers((1, 6, 7, 2))).astype(dtype)
    tensor = channels_first(np.asarray(x, np.float32))
    for case in (
        Case("nearest", x.shape, scale=1.7),
        Case("bilinear", x.shape, scale=1.7),
        Case("bicubic", x.shape, scale=2),
    ):
        wanted = torch_run(case, tensor).to(narrow).float()
        y = case.run(x)
        assert y.dtype == x.dtype
        ulp = 2.0 ** -(10 if dtype == "float16" else 7)
        # float32 sums in another order may round to the neighbour, rarely
        difference = np.abs(np.asarray(y, np.float32) - channels_last(wanted))
        assert difference.max() <= ulp
        assert (difference > 0).mean() < 0.02


# Gradients


DIFFERENTIABLE = [
    case
    for case in SHARED
    if not (case.method in ("cubic", "bicubic") and case.scale == 1.1)  # see below
]


@parametrized(DIFFERENTIABLE)
def test_gradients(case):
    x = numbers(case.shape)
    tensor = channels_first(x).requires_grad_()
    theirs = torch_run(case, tensor)
    cotangent = numbers((case.shape[0], *case.out_sizes, case.shape[-1]), seed=4711)
    theirs.backward(channels_first(cotangent))
    _, pullback = jax.vjp(case.run, jnp.asarray(x))
    (ours,) = pullback(jnp.asarray(cotangent))
    wanted = channels_last(tensor.grad)
    atol = 1e-5 * max(1, np.abs(wanted).max())
    np.testing.assert_allclose(ours, wanted, rtol=0, atol=atol)


def test_where_torchs_gradient_is_wrong():
    """Bicubic at equal sizes with a scale: its forward interpolates, its backward copies."""
    case = Case("bicubic", (1, 5, 7, 1), scale=1.1)
    x = numbers(case.shape)
    tensor = channels_first(x).requires_grad_()
    theirs = torch_run(case, tensor)
    np.testing.assert_allclose(case.run(x), channels_last(theirs.detach()), rtol=0, atol=1e-5)
    cotangent = numbers(case.shape, seed=4711)
    theirs.backward(channels_first(cotangent))
    np.testing.assert_array_equal(channels_last(tensor.grad), cotangent)
    _, pullback = jax.vjp(case.run, jnp.asarray(x))
    (ours,) = pullback(jnp.asarray(cotangent))
    # the transpose: <A x, y> = <x, A^T y>
    np.testing.assert_allclose((case.run(x) * cotangent).sum(), (x * ours).sum(), rtol=1e-5)
    assert np.abs(np.asarray(ours) - cotangent).max() > 0.1


# NaN and Inf


SPREAD = (
    Case("nearest", (36, 6, 6, 1), scale=2),
    Case("nearest-exact", (36, 6, 6, 1), scale=1.7),
    Case("bilinear", (36, 6, 6, 1), scale=2),
    Case("bilinear", (36, 6, 6, 1), size=(9, 7)),
    Case("bilinear", (36, 6, 6, 1), size=(11, 8), align_corners=True),
    Case("bicubic", (36, 6, 6, 1), scale=2),
    Case("bicubic", (36, 6, 6, 1), size=(3, 14)),
    Case("bicubic", (36, 6, 6, 1), size=(11, 8), align_corners=True),
    Case("area", (36, 6, 6, 1), size=(4, 9)),
    Case("bilinear", (36, 6, 6, 1), size=(4, 9), antialias=True),
    Case("bicubic", (36, 6, 6, 1), size=(4, 9), antialias=True),
    Case("lanczos3", (36, 6, 6, 1), size=(4, 9), antialias=True),
)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf], ids=str)
@parametrized(SPREAD)
def test_nan_and_inf_spread_as_far_as_in_torch(case, value):
    """One such pixel at a time, at every place of a picture, borders included."""
    x = numbers(case.shape)
    x.reshape(36, 36)[np.arange(36), np.arange(36)] = value
    ours = np.asarray(case.run(x))
    theirs = channels_last(torch_run(case, channels_first(x)))
    for kind in (np.isnan, np.isposinf, np.isneginf):
        np.testing.assert_array_equal(kind(ours), kind(theirs))


def test_nan_in_an_8_by_8_picture_reaches_16_outputs():
    x = numbers((8, 8, 1))
    x[3, 4] = np.nan
    assert np.isnan(upsample(x, 2, "bilinear")).sum() == 16
    assert np.isnan(upsample(x, 2, "bicubic")).sum() == 64
    x[3, 4] = np.inf
    y = np.asarray(upsample(x, 2, "bilinear"))
    assert np.isinf(y).sum() == 16
    assert not np.isnan(y).any()


# Output sizes


def test_output_sizes():
    x = torch.zeros(1, 1, 100)
    for scale in (0.29, 0.57, 1.1, 1.15, 2.3, 0.07, 1.9999999, 3.3000000000000003):
        wanted = interpolate(x, scale_factor=scale, mode="nearest").shape[-1]
        y = jax.eval_shape(
            lambda x, scale=scale: upsample(x, scale, axes=1), jnp.zeros((1, 100, 1))
        )
        assert y.shape == (1, wanted, 1)
