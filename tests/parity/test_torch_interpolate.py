"""`jaxup.compat.torch` against a live PyTorch: every combination of options, dtypes and sizes.

The full product is run without compiling: the maps that `interpolate` hands to the primitive,
applied by NumPy in float64. A part of it, with every combination of options and dtypes in it, is
compiled and run, many calls in a program.

Left out, by the predicates below, is where PyTorch 2.13 is at odds with itself.
"""

import pytest

torch = pytest.importorskip("torch")

import dataclasses
import functools
import inspect
import itertools
import math

import jax
import jax.numpy as jnp
import numpy as np

import jaxup.compat.torch
from jaxup.compat._torch_uint8 import quantized
from jaxup.compat.torch import Upsample, interpolate
from tests.helpers.torch_calls import ACCEPTED, RANKS, REFUSED

torch.set_num_threads(1)

MODES = [(mode, rank) for mode, ranks in RANKS.items() for rank in ranks]
NEAREST = ("nearest", "nearest-exact")
FORMS = ("size", "scale", "scales", "recompute")

AXES = (
    # in_size, size, scale: ones, equal sizes, primes, powers of two, long ones
    (1, 1, 1.0),
    (5, 5, 1.05),
    (7, 11, 1.7),
    (8, 16, 2.0),
    (1, 4, 3.0),
    (13, 5, 0.4),
    (6, 4, 0.75),
    (11, 1, 0.1),
    (16, 17, math.pi),
    (3, 8, 2.5),
    (31, 64, 1.01),
    (64, 31, 0.5),
    (97, 41, 0.29),
    (300, 113, 0.37),
    (41, 300, 4.0),
)
SMALL_AXES = 10
"""How many of them, from the first, are short enough for three axes at a time."""

CHANNELS = 4

VECTORISED = torch.backends.cpu.get_cpu_capability() in ("AVX2", "AVX512")


@dataclasses.dataclass(frozen=True)
class Call:
    """One call of ``interpolate``, PyTorch's and ours."""

    mode: str
    in_sizes: tuple[int, ...]
    size: tuple[int, ...] | None = None
    scale_factor: float | tuple[float, ...] | None = None
    align_corners: bool | None = None
    recompute_scale_factor: bool | None = None
    antialias: bool = False

    @property
    def options(self):
        fields = (f.name for f in dataclasses.fields(self) if f.name != "in_sizes")
        return {name: getattr(self, name) for name in fields if getattr(self, name) is not None}

    @property
    def scales(self):
        if isinstance(self.scale_factor, tuple):
            return self.scale_factor
        assert self.scale_factor is not None
        return (self.scale_factor,) * len(self.in_sizes)

    @property
    def out_sizes(self):
        if self.size:
            return self.size
        return tuple(int(n * s) for n, s in zip(self.in_sizes, self.scales, strict=True))


def options_of(mode):
    """Every align_corners and antialias that go with the mode."""
    if mode == "lanczos":
        return [{"antialias": True}, {"antialias": True, "align_corners": False}]
    if mode in NEAREST or mode == "area":
        return [{}]
    align_corners = [{}, {"align_corners": False}, {"align_corners": True}]
    antialias = [{}, {"antialias": True}] if mode in ("bilinear", "bicubic") else [{}]
    return [a | b for a, b in itertools.product(align_corners, antialias)]


def call_of(mode, rank, form, start, *, table, **options):
    """The call that takes its sizes or scales from the table, beginning at ``start``."""
    axes = [table[(start + 4 * n) % len(table)] for n in range(rank)]
    in_sizes, size, scales = zip(*axes, strict=True)
    if form == "size":
        return Call(mode, in_sizes, size=size, **options)
    if form == "scale":
        scale = scales[0] if all(int(n * scales[0]) for n in in_sizes) else 1.3
        return Call(mode, in_sizes, scale_factor=scale, **options)
    recompute = True if form == "recompute" else None
    return Call(mode, in_sizes, scale_factor=scales, recompute_scale_factor=recompute, **options)


def calls_of(mode, rank):
    """Every combination of options with every place of the table."""
    table = AXES if rank < 3 else AXES[:SMALL_AXES]
    for form, options, start in itertools.product(FORMS, options_of(mode), range(len(table))):
        yield call_of(mode, rank, form, start, table=table, **options)


# Where PyTorch is at odds with itself


def repeats_a_row(call, *, separable=None):
    """Its separable passes, to a width of 1 with another height, write the same row everywhere.

    They run when antialiasing, and on bytes where its vectorised code does not.
    """
    if not (call.antialias if separable is None else separable):
        return False
    (height, _), (out_height, out_width) = call.in_sizes, call.out_sizes
    return out_width == 1 and out_height > 1 and height != out_height


def gradient_is_not_the_transpose(call):
    """Its backward differs from its forward where an axis keeps its size under a scale.

    Bicubic interpolates forward and copies backward if both axes keep theirs; antialiasing skips
    such an axis forward and not backward.
    """
    if call.scale_factor is None or call.recompute_scale_factor or call.align_corners:
        return False
    pairs = zip(call.in_sizes, call.out_sizes, strict=True)
    kept = [n == m for n, m in pairs]
    if call.antialias:
        return any(k and s != 1 for k, s in zip(kept, call.scales, strict=True))
    return call.mode == "bicubic" and all(kept) and any(s != 1 for s in call.scales)


def nearest_indices(mode, in_size, given, *, channels_last):
    """The pixels that PyTorch picks, by the path for channels-last pictures or by the other."""
    x = torch.arange(in_size, dtype=torch.float32)[None, None]
    if not channels_last:
        return torch.nn.functional.interpolate(x, mode=mode, **given)[0, 0].numpy().astype(int)
    given = {option: (*value, 1) for option, value in given.items()}
    x = x[..., None].expand(1, 4, -1, -1).contiguous(memory_format=torch.channels_last)
    return torch.nn.functional.interpolate(x, mode=mode, **given)[0, 0, :, 0].numpy().astype(int)


@functools.cache
def paths_differ(mode, in_size, size, scale):
    """Whether PyTorch's two paths for nearest pick different pixels; jaxup follows the first."""
    given = {"size": (size,)} if scale is None else {"scale_factor": (scale,)}
    first = nearest_indices(mode, in_size, given, channels_last=True)
    second = nearest_indices(mode, in_size, given, channels_last=False)
    return not np.array_equal(first, second)


def test_where_the_two_paths_for_nearest_differ():
    """docs/coming-from-pytorch.md says it: at fractional scales that keep or double the size."""
    scales = (0.3, 0.7, 1.1, 1.3, 1.9, 2.3, 2.5)
    differ = 0
    for mode, in_size, scale in itertools.product(NEAREST, range(1, 16), scales):
        if not (out_size := int(in_size * scale)):
            continue
        x = np.arange(in_size, dtype=np.float32)
        got = interpolate(x[None, None], scale_factor=scale, mode=mode)[0, 0]
        given = {"scale_factor": (scale,)}
        first = nearest_indices(mode, in_size, given, channels_last=True)
        np.testing.assert_array_equal(got, first)
        second = nearest_indices(mode, in_size, given, channels_last=False)
        if not np.array_equal(first, second):
            differ += 1
            assert mode == "nearest"
            assert out_size in (in_size, 2 * in_size)
            by_scale = np.minimum(np.floor(np.arange(out_size) / scale), in_size - 1)
            np.testing.assert_array_equal(second, by_scale)
    assert differ > 5


def nearest_is_ambiguous(call):
    """Pictures (2-D) are compared in channels-last, where the first path runs for 4 channels."""
    if call.mode not in NEAREST or len(call.in_sizes) == 2:
        return False
    by_scale = call.scale_factor is not None and not call.recompute_scale_factor
    scales = call.scales if by_scale else (None,) * len(call.in_sizes)
    given = zip(call.in_sizes, call.out_sizes, scales, strict=True)
    return any(paths_differ(call.mode, *axis) for axis in given)


# The answers


def numbers(shape, seed):
    return np.random.default_rng(seed).standard_normal(shape)


def torch_answer(call, x, cotangent):
    """PyTorch's result and gradient, as float64 arrays."""
    if call.mode in NEAREST and x.ndim == 4:
        x = x.contiguous(memory_format=torch.channels_last)
    x = x.detach().requires_grad_()
    y = torch.nn.functional.interpolate(x, **call.options)
    y.backward(cotangent)
    return y.detach().double().numpy(), x.grad.double().numpy()


def along(x, axis, dense):
    return np.moveaxis(np.tensordot(dense, x, (1, axis)), 0, axis)


def maps_of(call, x):
    """The axes and dense maps with which `interpolate` computes, and the result's type."""
    jaxpr = jax.make_jaxpr(functools.partial(interpolate, **call.options))(x)
    found = [equation for equation in jaxpr.eqns if equation.primitive.name == "resample"]
    if not found:
        return [], jaxpr.out_avals[0]
    (equation,) = found
    maps = [spec.build().to_dense() for spec in equation.params["specs"]]
    return list(zip(equation.params["axes"], maps, strict=True)), jaxpr.out_avals[0]


def tolerance(call, dtype, maps, largest, *, backward):
    """How far two correct programs may differ, of numbers up to ``largest``.

    Sixteen roundings of the largest sum that can occur: measured are up to 8 (bicubic). Where the
    two do not round source coordinates alike, which is everywhere but in float32's forward on a
    processor with FMA, a coordinate near n is off by up to ``n eps / 2`` pixels, and a weight by
    about as much.
    """
    alike = VECTORISED and dtype == "float32" and not backward
    steps = 16 if alike else 16 + max(*call.in_sizes, *call.out_sizes)
    norms = [np.abs(m).sum(0 if backward else 1).max() for _, m in maps]
    return steps * np.finfo(dtype).eps * largest * math.prod(norms)


def excess(call, dtype, maps, numbers, ours, theirs, *, backward):
    """What is further from PyTorch than it may be, in words; nothing, if all is well."""
    atol = tolerance(call, dtype, maps, np.abs(numbers).max(), backward=backward)
    off = np.abs(ours - theirs).max()
    direction = "backward" if backward else "forward"
    return [] if off <= atol else [f"{call} {dtype}: {direction} {off:.3g} > {atol:.3g}"]


def differences(call, dtype, *, seed):
    """Where the maps of a call do not give PyTorch's result and gradient."""
    x = numbers((1, CHANNELS, *call.in_sizes), seed).astype(dtype)
    cotangent = numbers((1, CHANNELS, *call.out_sizes), seed + 1).astype(dtype)
    y, dx = torch_answer(call, torch.from_numpy(x), torch.from_numpy(cotangent))
    maps, result = maps_of(call, x)
    if (result.shape, result.dtype) != (y.shape, dtype):
        return [f"{call} {dtype}: {result}"]
    ours, pulled = x.astype(np.float64), cotangent.astype(np.float64)
    for axis, dense in maps:
        ours, pulled = along(ours, axis, dense), along(pulled, axis, dense.T)
    found = []
    if not (nearest_is_ambiguous(call) or repeats_a_row(call)):
        found += excess(call, dtype, maps, x, ours, y, backward=False)
    if not (nearest_is_ambiguous(call) or gradient_is_not_the_transpose(call)):
        found += excess(call, dtype, maps, cotangent, pulled, dx, backward=True)
    return found


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("mode", "rank"), MODES)
def test_maps_of_every_combination(mode, rank, dtype):
    found = []
    with jax.enable_x64(dtype == "float64"):
        for seed, call in enumerate(calls_of(mode, rank)):
            found += differences(call, dtype, seed=seed)
    assert not found, "\n".join(found[:20])


def test_where_torch_repeats_a_row():
    """On the transposed picture PyTorch does not, and agrees with us."""
    call = Call("bicubic", (7, 5), size=(3, 1), antialias=True)
    assert repeats_a_row(call)
    x = torch.from_numpy(numbers((1, 1, 7, 5), 0))
    theirs = torch.nn.functional.interpolate(x, **call.options)
    assert (theirs == theirs[:, :, :1]).all()
    transposed = torch.nn.functional.interpolate(x.mT, **call.options | {"size": (1, 3)}).mT
    with jax.enable_x64(True):
        ours = interpolate(x.numpy(), **call.options)
    np.testing.assert_allclose(ours, transposed, rtol=0, atol=1e-12)
    assert (transposed - theirs).abs().max() > 0.1


@pytest.mark.parametrize("antialias", [False, True])
def test_where_torchs_gradient_is_not_the_transpose(antialias):
    """<A x, y> = <x, A^T y> does not hold for PyTorch's forward and backward; for ours it does."""
    call = Call("bicubic", (5, 5), scale_factor=(1.1, 1.15), antialias=antialias)
    if antialias:
        call = dataclasses.replace(call, scale_factor=(1.1, 2.0))
    assert gradient_is_not_the_transpose(call)
    x, cotangent = numbers((1, 1, 5, 5), 0), numbers((1, 1, *call.out_sizes), 1)
    y, dx = torch_answer(call, torch.from_numpy(x), torch.from_numpy(cotangent))
    assert abs((y * cotangent).sum() - (x * dx).sum()) > 0.01
    with jax.enable_x64(True):
        ours, pullback = jax.vjp(functools.partial(interpolate, **call.options), jnp.asarray(x))
        (pulled,) = pullback(jnp.asarray(cotangent))
    np.testing.assert_allclose(ours, y, rtol=0, atol=1e-12)
    np.testing.assert_allclose((y * cotangent).sum(), (x * np.asarray(pulled)).sum(), rtol=1e-12)


# Compiled


def in_one_program(calls, inputs, cotangents):
    """Results and gradients of many calls, compiled together."""

    @jax.jit
    def run(inputs, cotangents):
        answers = []
        for call, x, cotangent in zip(calls, inputs, cotangents, strict=True):
            y, pullback = jax.vjp(functools.partial(interpolate, **call.options), x)
            answers.append((y, *pullback(cotangent)))
        return answers

    return run(inputs, cotangents)


def compiled_calls(modes, dtype):
    """Every combination of options once, each with other sizes.

    For float64 and float16 only with a scale for every axis: the arguments mean to them what they
    mean to float32 and bfloat16, and the first test has them all.
    """
    forms = ("scales",) if dtype in ("float64", "float16") else FORMS
    start = itertools.count()
    for mode, rank in modes:
        table = AXES if rank == 1 else AXES[:SMALL_AXES]
        for form, options in itertools.product(forms, options_of(mode)):
            if options.get("align_corners") is False:
                continue  # the same as None: the test above has both
            if options.get("antialias") and dtype in ("float16", "bfloat16"):
                continue  # PyTorch has no code for it
            yield call_of(mode, rank, form, next(start), table=table, **options)


PROGRAMS = {
    "nearest": [("nearest", 1), ("nearest", 2), ("nearest", 3), ("nearest-exact", 1)],
    "exact_area": [("nearest-exact", 2), ("nearest-exact", 3), ("area", 1), ("area", 2)],
    "linear": [("area", 3), ("linear", 1), ("bilinear", 2), ("trilinear", 3)],
    "cubic": [("bicubic", 2), ("lanczos", 2)],
}


def test_no_mode_is_forgotten():
    assert sorted(itertools.chain(*PROGRAMS.values())) == sorted(MODES)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("program", PROGRAMS)
def test_compiled(program, dtype):
    calls = list(compiled_calls(PROGRAMS[program], dtype))
    inputs, cotangents = [], []
    for seed, call in enumerate(calls):
        inputs.append(numbers((1, CHANNELS, *call.in_sizes), seed).astype(dtype))
        cotangents.append(numbers((1, CHANNELS, *call.out_sizes), seed + 1).astype(dtype))
    found = []
    with jax.enable_x64(dtype == "float64"):
        answers = in_one_program(calls, inputs, cotangents)
        for call, x, cotangent, (ours, pulled) in zip(
            calls, inputs, cotangents, answers, strict=True
        ):
            assert ours.dtype == pulled.dtype == dtype
            y, dx = torch_answer(call, torch.from_numpy(x), torch.from_numpy(cotangent))
            maps, _ = maps_of(call, x)
            if not (nearest_is_ambiguous(call) or repeats_a_row(call)):
                found += excess(call, dtype, maps, x, ours, y, backward=False)
            if not (nearest_is_ambiguous(call) or gradient_is_not_the_transpose(call)):
                found += excess(call, dtype, maps, cotangent, pulled, dx, backward=True)
    assert not found, "\n".join(found)


@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
@pytest.mark.parametrize("program", PROGRAMS)
def test_half_precision(program, dtype):
    """PyTorch's float32 result, rounded once.

    Float32 sums in another order, 16 x 2^-23 apart, may lie on either side of a rounding's edge:
    the results are then neighbours, which is as rare as 16 x 2^-23 is to a float16's 2^-11. In
    these types themselves PyTorch rounds weights as well, and is up to 2 units from its own
    float32 result (measured: 1.3), in units of the largest number.
    """
    calls = list(compiled_calls(PROGRAMS[program], dtype))
    narrow, digits = getattr(torch, dtype), {"bfloat16": 7, "float16": 10}[dtype]
    tensors, cotangents = [], []
    for seed, call in enumerate(calls):
        for tensor, sizes, n in ((tensors, call.in_sizes, 0), (cotangents, call.out_sizes, 1)):
            tensor.append(torch.from_numpy(numbers((1, CHANNELS, *sizes), seed + n)).to(narrow))
    answers = in_one_program(
        calls,
        [jnp.asarray(t.float().numpy(), dtype) for t in tensors],
        [jnp.asarray(t.float().numpy(), dtype) for t in cotangents],
    )
    neighbours = entries = 0
    for call, x, cotangent, ours in zip(calls, tensors, cotangents, answers, strict=True):
        wide = torch_answer(call, x.float(), cotangent.float())
        native = torch_answer(call, x, cotangent)
        wrong = (
            nearest_is_ambiguous(call) or repeats_a_row(call),
            nearest_is_ambiguous(call) or gradient_is_not_the_transpose(call),
        )
        for mine, theirs, own, left_out in zip(ours, wide, native, wrong, strict=True):
            assert mine.dtype == dtype
            if left_out:
                continue
            rounded = torch.from_numpy(theirs).to(narrow).double().numpy()
            ulp = 2.0 ** (np.floor(np.log2(np.maximum(np.abs(rounded), 2.0**-10))) - digits)
            off = np.abs(np.asarray(mine, np.float64) - rounded) / ulp
            assert off.max(initial=0) <= 1, call
            neighbours, entries = neighbours + (off > 0).sum(), entries + off.size
            largest = np.abs(rounded).max(initial=0)
            assert np.abs(own - rounded).max(initial=0) <= 2 * largest * 2.0**-digits, call
    assert neighbours < 0.004 * entries


# Bytes


def bytes_of(call, channels, seed):
    """Noise, or for odd seeds black and white only, on which bicubic overshoots most."""
    rng = np.random.default_rng(seed)
    noise = rng.integers(0, 256, (1, channels, *call.in_sizes), dtype=np.uint8)
    return np.where(noise > 127, 255, 0).astype(np.uint8) if seed % 2 else noise


def torch_bytes(call, x):
    """PyTorch's answer, or None where it has none."""
    tensor = torch.from_numpy(x)
    run = functools.partial(torch.nn.functional.interpolate, **call.options)
    if call.mode in NEAREST:
        if x.ndim == 4:
            tensor = tensor.contiguous(memory_format=torch.channels_last)
        return None if nearest_is_ambiguous(call) else run(tensor).numpy()
    if call.out_sizes == (1, 1) and x.shape[1] == 3:  # contiguous, it fails an internal assertion
        tensor = tensor.contiguous(memory_format=torch.channels_last)
    if repeats_a_row(call, separable=True):
        if not VECTORISED:
            return None
        if x.shape[1] > 4:
            return np.concatenate([run(channel).numpy() for channel in tensor.split(1, 1)], 1)
    return run(tensor).numpy()


def passes(x, plan):
    """`resample_uint8`, one dense NumPy pass after the other."""
    x = np.asarray(x, np.int64)
    for axis, spec in reversed(list(zip(plan.axes, plan.specs, strict=True))):
        weights, shift = quantized(spec)
        total = along(x, axis, weights.to_dense().astype(np.int64)) + 2 ** (shift - 1)
        x = np.clip(total >> shift, 0, 255)
    return x


@pytest.mark.parametrize("mode", ["bilinear", "bicubic", "lanczos"])
def test_weights_of_bytes_in_every_combination(mode, monkeypatch):
    monkeypatch.setattr(jaxup.compat.torch, "resample_uint8", passes)
    found = []
    for seed, call in enumerate(calls_of(mode, 2)):
        x = bytes_of(call, 1 + seed % 6, seed)
        theirs = torch_bytes(call, x)
        if theirs is not None and not np.array_equal(interpolate(x, **call.options), theirs):
            found.append(str(call))
    assert not found, "\n".join(found[:20])


BYTES = [
    (mode, rank) for mode, rank in MODES if mode in (*NEAREST, "bilinear", "bicubic", "lanczos")
]


def test_bytes_compiled():
    calls = list(compiled_calls(BYTES, "uint8"))
    inputs = [bytes_of(call, 1 + seed % 6, seed) for seed, call in enumerate(calls)]

    @jax.jit
    def run(inputs):
        return [interpolate(x, **call.options) for call, x in zip(calls, inputs, strict=True)]

    for call, x, ours in zip(calls, inputs, run(inputs), strict=True):
        theirs = torch_bytes(call, x)
        assert ours.dtype == np.uint8
        if theirs is not None:
            np.testing.assert_array_equal(ours, theirs, err_msg=str(call))


@pytest.mark.parametrize("channels_last", [False, True])
def test_bytes_of_a_large_shrink(channels_last):
    """Hundreds of taps, and weights with the most bits."""
    x = bytes_of(Call("bicubic", (413, 612)), 3, 0)
    tensor = torch.from_numpy(x)
    if channels_last:
        tensor = tensor.contiguous(memory_format=torch.channels_last)
    for mode in ("bilinear", "bicubic", "lanczos"):
        options = {"size": (7, 3), "mode": mode, "antialias": True}
        theirs = torch.nn.functional.interpolate(tensor, **options)
        np.testing.assert_array_equal(interpolate(x, **options), theirs, err_msg=mode)


# Arguments


@pytest.mark.parametrize("call", REFUSED, ids=[call.id for call in REFUSED])
def test_refuses_what_torch_refuses(call):
    """With the same class; ValueError where PyTorch has RuntimeError or overflows."""
    x = torch.zeros(call.shape, dtype=getattr(torch, call.dtype))
    with pytest.raises(Exception) as refusal:
        torch.nn.functional.interpolate(x, **call.options)
    families = {RuntimeError: ValueError, OverflowError: ValueError}
    assert families.get(refusal.type, refusal.type) is call.error


@pytest.mark.parametrize(("shape", "options"), ACCEPTED.values(), ids=ACCEPTED)
def test_takes_what_torch_takes(shape, options):
    x = numbers(shape, 0).astype(np.float32)
    theirs = torch.nn.functional.interpolate(torch.from_numpy(x), **options)
    ours = interpolate(x, **options)
    assert ours.shape == theirs.shape
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-5)


def test_takes_torchs_own_size():
    x = np.zeros((1, 1, 5, 6), np.float32)
    assert interpolate(x, torch.Size([3, 4]), mode="bilinear").shape == (1, 1, 3, 4)
    assert Upsample(torch.Size([3, 4]))(x).shape == (1, 1, 3, 4)


def test_signatures_are_torchs():
    ours = inspect.signature(interpolate).parameters
    theirs = inspect.signature(torch.nn.functional.interpolate).parameters
    assert [(p.name, p.default) for p in ours.values()] == [
        (p.name, p.default) for p in theirs.values()
    ]
    ours = inspect.signature(Upsample).parameters
    theirs = inspect.signature(torch.nn.Upsample).parameters
    assert [(p.name, p.default) for p in ours.values()] == [
        (p.name, p.default) for p in theirs.values()
    ]


@pytest.mark.parametrize(
    "options",
    [
        {"size": 4},
        {"size": (4, 9), "mode": "bicubic"},
        {"scale_factor": 2, "mode": "nearest-exact"},
        {"scale_factor": (1.7, 2), "mode": "bilinear", "align_corners": True},
        {"scale_factor": np.float32(1.7), "mode": "bilinear", "recompute_scale_factor": True},
    ],
    ids=str,
)
def test_upsample(options):
    x = numbers((1, 3, 5, 6), 0).astype(np.float32)
    ours, theirs = Upsample(**options), torch.nn.Upsample(**options)
    np.testing.assert_allclose(ours(x), theirs(torch.from_numpy(x)), rtol=0, atol=1e-5)
    assert ours.scale_factor == theirs.scale_factor
    assert repr(ours).startswith(repr(theirs)[:-1])
