"""The plan of every platform, carried out here: one result, whatever the machine."""

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxup
from jaxup._lowering import broadcast, gather, plan, polyphase
from jaxup._lowering.cpu import rules as cpu_rules
from jaxup._lowering.cpu import vectors
from jaxup._lowering.gpu import nested
from jaxup._lowering.gpu import rules as gpu_rules
from jaxup._lowering.lower import lower
from jaxup._lowering.tpu import batched_matmul, block_matmul, matmul, rules
from tests.helpers import oracle
from tests.helpers.cases import numbers
from tests.helpers.rows import specs

ONE_JAX = pytest.mark.one_jax

PICTURES = {  # shape and resampled axes
    "rgb last": ((2, 12, 16, 3), (1, 2)),
    "rgb first": ((2, 3, 12, 16), (2, 3)),
    "grey": ((1, 12, 16, 1), (1, 2)),
    "lanes": ((1, 6, 8, 128), (1, 2)),
    "channels": ((1, 12, 16, 20), (1, 2)),
    "volume": ((1, 4, 6, 8, 3), (1, 2, 3)),
    "signal": ((2, 24, 3), (1,)),
    "rows alone": ((2, 12, 16, 3), (1,)),
    "apart": ((12, 2, 16), (0, 2)),
}
RESAMPLES = {
    "nearest x2": ("nearest", {"scale": 2}),
    "nearest x1.5": ("nearest", {"scale": 1.5}),
    "nearest halved": ("nearest", {"scale": 0.5}),
    "linear x2": ("linear", {"scale": 2}),
    "cubic x1.25": ("cubic", {"scale": 1.25}),
    "linear to corners": ("linear", {"size": 13, "align_corners": True}),
    "lanczos3 halved": ("lanczos3", {"scale": 0.5, "antialias": True}),
}


def recipes(shape, axes, method, arguments):
    return tuple(specs(shape[axis], method, **arguments)[0] for axis in axes)


def resampled(x, axes, found, platform, local=False):
    def f(x):
        return lower(x, axes=axes, specs=found, nan_local=local, platform=platform)

    return jax.jit(f)(x)


def wanted(x, axes, found):
    y = np.asarray(x, np.float64)
    for axis, spec in zip(axes, found, strict=True):
        y = oracle.along(y, axis, spec.build().to_dense())
    return y


@pytest.mark.parametrize("transpose", [False, True], ids=["forward", "backward"])
@pytest.mark.parametrize("resample", RESAMPLES)
@pytest.mark.parametrize(
    "picture",
    [  # a plan is chosen without JAX, and test_lowering.py runs its strategies on every JAX
        name if name in ("rgb last", "rgb first", "volume") else pytest.param(name, marks=ONE_JAX)
        for name in PICTURES
    ],
)
@pytest.mark.parametrize(
    ("platform", "local"), [("cpu", False), ("cuda", False), ("tpu", False), ("tpu", True)]
)
def test_every_platform_computes_the_same(platform, local, picture, resample, transpose):
    shape, axes = PICTURES[picture]
    found = recipes(shape, axes, *RESAMPLES[resample])
    if transpose:
        shape = list(shape)
        for axis, spec in zip(axes, found, strict=True):
            shape[axis] = spec.out_size
        found = tuple(spec.T for spec in found)
    x = numbers(shape)
    y = resampled(jnp.asarray(x), axes, found, platform, local)
    y_wanted = wanted(x, axes, found)
    np.testing.assert_allclose(y, y_wanted, rtol=0, atol=3e-6 * max(1, np.abs(y_wanted).max()))


@pytest.mark.parametrize("local", [False, True])
@pytest.mark.parametrize("scale", [2, 1.7])
@pytest.mark.parametrize("dtype", ["bool", "uint8", "int16", "int32", "uint32"])
def test_a_tpu_copies_integers_exactly(dtype, scale, local):
    """Guards integers above 2**24 from passing through float32, whose products round them."""
    extremes = np.array([0, 1, np.iinfo("int32").min, np.iinfo("int32").max, 65535, 16777217])
    x = np.resize(extremes, (2, 7, 5, 3)).astype(dtype)
    found = recipes(x.shape, (1, 2), "nearest", {"scale": scale})
    y = resampled(jnp.asarray(x), (1, 2), found, "tpu", local)
    assert y.dtype == x.dtype
    (rows, columns) = (spec.build().indices[:, 0] for spec in found)
    np.testing.assert_array_equal(y, x[:, rows][:, :, columns])


def tpu_strategies(shape, axes, method, **arguments):
    found = recipes(shape, axes, method, arguments)
    operators = {axis: spec.build() for axis, spec in zip(axes, found, strict=True)}
    return list(itertools.chain(*rules.passes(jnp.zeros(shape), operators, False)))


def test_a_tpu_repeats_the_inner_axis_first():
    found = tpu_strategies((1, 8, 8, 4), (1, 2), "nearest", scale=2)
    assert found == [(broadcast, (2,)), (broadcast, (1,))]


def test_a_tpu_shrinks_rows_of_planes_first():
    found = tpu_strategies((1, 3, 512, 512), (2, 3), "linear", scale=0.5, antialias=True)
    assert found == [(batched_matmul, (3,)), (matmul, (2,))]


def test_a_tpu_shrinks_signals_with_one_product():
    found = tpu_strategies((8, 64, 4096), (2,), "linear", scale=0.5, antialias=True)
    assert found == [(matmul, (2,))]


def test_a_tpu_multiplies_long_axes_in_blocks():
    found = tpu_strategies((1, 6000, 8), (1,), "linear", scale=2)
    assert found == [(block_matmul, (1,))]
    x = numbers((1, 6000, 8))
    specs_found = recipes(x.shape, (1,), "linear", {"scale": 2})
    y = resampled(jnp.asarray(x), (1,), specs_found, "tpu")
    np.testing.assert_allclose(y, wanted(x, (1,), specs_found), rtol=0, atol=1e-6)


def test_a_nan_stays_in_its_block_of_a_long_axis():
    """Guards against a whole product, in which 0 times NaN reaches every output."""
    x = jnp.zeros((1, 6000, 1)).at[0, 3000].set(jnp.nan)
    y = resampled(x, (1,), recipes(x.shape, (1,), "linear", {"scale": 2}), "tpu")
    assert 0 < int(jnp.isnan(y).sum()) <= 2 * block_matmul.LARGEST


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
@pytest.mark.parametrize("size", [1, 2, 3])
@pytest.mark.parametrize("method", ["nearest", "linear", "cubic", "area"])
def test_the_smallest_arrays_have_a_plan(method, size, channels):
    """A rule once named a strategy that did not fit: two pixels of three channels crashed."""
    x = numbers((1, size, size, channels))
    y = jaxup.upsample(x, 2, method)
    found = recipes(x.shape, (1, 2), method, {"scale": 2})
    np.testing.assert_allclose(y, wanted(x, (1, 2), found), rtol=0, atol=3e-6)


def test_a_stage_holds_only_a_strategy_that_fits():
    """Guards the crash above at its source: a rule may name what does not fit."""
    operators = {
        1: specs(6, "linear", scale=1.7)[0].build(),
        2: specs(6, "linear", scale=2)[0].build(),
    }
    assert plan.stage(operators, (1,), broadcast) == (gather, (1,))
    with pytest.raises(ValueError, match=r"none of .*broadcast fits axes"):
        plan.stage(operators, (1, 2), broadcast)


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_a_cpu_gathers_a_few_channels_in_vectors(dtype):
    linear = {axis: specs(16, "linear", scale=1.7)[0].build() for axis in (1, 2)}
    cubic = {axis: specs(16, "cubic", scale=1.7)[0].build() for axis in (1, 2)}

    def planned(operators, *shape):
        return cpu_rules.passes(jax.ShapeDtypeStruct(shape, dtype), operators)

    assert planned(linear, 1, 16, 16, 16) == [[(gather, (2,)), (vectors, (1,))]]
    assert planned(linear, 1, 16, 16, 64) == [[(gather, (2,)), (gather, (1,))]]
    assert planned(cubic, 1, 16, 16, 32) == [[(vectors, (2,))], [(vectors, (1,))]]
    assert planned(cubic, 1, 16, 16, 40) == [[(gather, (2,))], [(gather, (1,))]]


def gpu_plan(shape, axes, method, dtype="float32", transpose=False, **arguments):
    found = recipes(shape, axes, method, arguments)
    operators = {
        axis: (spec.T if transpose else spec).build()
        for axis, spec in zip(axes, found, strict=True)
    }
    return gpu_rules.passes(jax.ShapeDtypeStruct(shape, dtype), operators)


LAST, FIRST = ((2, 16, 16, 64), (1, 2)), ((2, 64, 16, 16), (2, 3))


@pytest.mark.parametrize(
    ("scale", "transpose", "shapes"),
    [
        (2, False, [LAST, FIRST]),
        (1.5, False, [LAST, FIRST]),
        (1.5, True, [LAST, FIRST]),
        (2, True, [LAST]),
        (0.5, False, [LAST, FIRST]),
    ],
)
def test_a_gpu_sums_few_reads_in_one_kernel(scale, transpose, shapes):
    """Of 25 products only where whole runs are read, which channels first do not have."""
    for case in (LAST, FIRST):
        shape, axes = case
        plan = gpu_plan(shape, axes, "linear", transpose=transpose, scale=scale)
        if case in shapes:
            assert plan == [[(nested, axes)]]
        else:
            assert plan == [[(gather, (axes[0],))], [(gather, (axes[1],))]]


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_a_gpu_takes_axes_of_more_taps_one_by_one_from_the_outermost(dtype):
    for shape, axes in (LAST, FIRST):
        for method, scale, transpose, strategy in (
            ("cubic", 2, False, gather),
            ("cubic", 2, True, polyphase),
            ("cubic", 0.5, False, polyphase),
            ("cubic", 1.5, True, gather),
            ("lanczos3", 2, True, polyphase),
        ):
            antialias = {"antialias": True} if scale < 1 else {}
            plan = gpu_plan(shape, axes, method, dtype, transpose, scale=scale, **antialias)
            assert plan == [[(strategy, (axes[0],))], [(strategy, (axes[1],))]], (method, scale)


def test_a_gpu_sums_the_outer_axes_of_a_volume():
    shape, axes = (2, 16, 32, 32, 32), (2, 3, 4)
    assert gpu_plan(shape, axes, "linear", scale=2) == [[(nested, axes)]]
    backward = gpu_plan(shape, axes, "linear", transpose=True, scale=2)
    assert backward == [[(nested, (2, 3))], [(gather, (4,))]]


def test_a_gpu_repeats_last():
    plan = gpu_plan((2, 16, 16, 3), (1, 2), "nearest", scale=2)
    assert plan == [[(broadcast, (1,))], [(broadcast, (2,))]]
    operators = {
        1: specs(6, "nearest", scale=2)[0].build(),
        2: specs(6, "linear", scale=1.7)[0].build(),
    }
    plan = gpu_rules.passes(jax.ShapeDtypeStruct((1, 6, 6, 3), "float32"), operators)
    assert plan == [[(gather, (2,))], [(broadcast, (1,))]]


@pytest.mark.parametrize("platform", ["cpu", "cuda", "rocm", "tpu", "METAL", "neuron"])
def test_every_platform_has_a_lowering(platform):
    """Platforms that jaxup has no rules for take the default one."""

    def f(x):
        return jaxup.upsample(x, 2, "linear")

    x = jax.ShapeDtypeStruct((1, 8, 8, 3), jnp.float32)
    lowered = jax.jit(f).trace(x).lower(lowering_platforms=(platform,))
    assert "1x16x16x3" in lowered.as_text()
