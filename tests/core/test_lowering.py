"""Every strategy in ``jaxup._lowering`` against the dense matrix, forced one by one.

A strategy is a module with ``apply(x, operator, axis)`` and, where it does not take every map,
``fits(operator)``; new files are found by themselves.
"""

import functools
import importlib
import inspect
import itertools
import pkgutil

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxup
from jaxup import _lowering
from jaxup._lowering import gather
from jaxup._lowering.cpu import plane, vectors
from jaxup._lowering.cpu.shifts import Tap, find_shifts
from jaxup._lowering.gpu import nested
from jaxup._lowering.pattern import find_pattern
from jaxup._lowering.tpu import matmul, matrix
from jaxup._recipe.banded import banded_from_entries
from tests.helpers import oracle
from tests.helpers.cases import numbers
from tests.helpers.rows import operator

MODULES = (
    importlib.import_module(found.name)
    for found in pkgutil.walk_packages(_lowering.__path__, f"{_lowering.__name__}.")
)
STRATEGIES = {
    module.__name__.rpartition(".")[2]: module for module in MODULES if hasattr(module, "apply")
}
AXES = {0: lambda n: (n, 3, 5), 1: lambda n: (2, n, 3), 2: lambda n: (3, 2, n)}


def sparse():
    """A map with empty rows, a pixel that nobody reads, repeated and negative weights."""
    row, column = np.array([0, 0, 2, 2, 2, 5]), np.array([4, 1, 0, 1, 4, 1])
    return banded_from_entries(row, column, np.array([2.0, -1, 3, 0.5, 1, -2]), (6, 5))


def doubled_behind_an_empty_row():
    """Rows 0 0 | 1 1 | ... one place later: what would be row 0 continues to pixel -1."""
    row = np.arange(1, 12)
    return banded_from_entries(row, (row - 1) // 2, np.ones(11), (12, 6))


FORWARD = {
    "nearest-x2": operator(6, "nearest", scale=2),
    "nearest-x3": operator(1, "nearest", scale=3),
    "nearest-1.7": operator(7, "nearest", scale=1.7),
    "nearest-shrink": operator(9, "nearest-exact", scale=0.4),
    "nearest-halves-dilated": operator(7, "nearest", scale=0.5).T,
    "nearest-thirds-dilated": operator(9, "nearest-exact", size=3).T,
    "nearest-to-1-dilated": operator(5, "nearest", size=1).T,
    "linear-x2": operator(6, "linear", scale=2),
    "linear-x3": operator(5, "linear", scale=3),
    "linear-x4-of-1": operator(1, "linear", scale=4),
    "linear-x2-of-2": operator(2, "linear", scale=2),
    "linear-5-to-12": operator(5, "linear", size=12),
    "nearest-6-to-8": operator(6, "nearest", size=8),
    "linear-1.7": operator(7, "linear", scale=1.7),
    "linear-corners": operator(7, "linear", size=13, align_corners=True),
    "linear-halve": operator(8, "linear", scale=0.5),
    "linear-shrink": operator(12, "linear", scale=0.3),
    "linear-long": operator(150, "linear", scale=2),
    "cubic-x2": operator(6, "cubic", scale=2),
    "cubic-x3": operator(3, "cubic", scale=3),
    "cubic-x4": operator(8, "cubic", scale=4),
    "cubic-x2-of-1": operator(1, "cubic", scale=2),
    "cubic-2.37": operator(9, "cubic", scale=2.37),
    "cubic-long": operator(130, "cubic", size=301),
    "cubic-antialias-x2": operator(6, "cubic", scale=2, antialias=True),
    "cubic-antialias-shrink": operator(40, "cubic", size=7, antialias=True),
    "cubic-antialias-third": operator(21, "cubic", size=7, antialias=True),
    "lanczos3-x2": operator(8, "lanczos3", scale=2),
    "lanczos3-antialias-long": operator(400, "lanczos3", size=150, antialias=True),
    "lanczos3-antialias": operator(64, "lanczos3", size=5, antialias=True),
    "area-halve": operator(8, "area", scale=0.5),
    "area-x2": operator(6, "area", scale=2),
    "area-7-to-3": operator(7, "area", size=3),
    "area-to-1": operator(50, "area", size=1),
    "kernel-with-empty-rows": operator(4, jaxup.kernels.Kernel(lambda d: d * 0 + 1, 0.3), size=9),
    "sparse": sparse(),
    "doubled-behind-an-empty-row": doubled_behind_an_empty_row(),
}
OPERATORS = FORWARD | {f"{name}-transposed": found.T for name, found in FORWARD.items()}


def fits(strategy, found):
    return strategy.fits(found) if hasattr(strategy, "fits") else True


@pytest.mark.parametrize(
    ("strategy", "found", "axis"),
    [
        pytest.param(strategy, found, n % 3, id=f"{name}-{operator_name}-axis{n % 3}")
        for name, strategy in STRATEGIES.items()
        for n, (operator_name, found) in enumerate(OPERATORS.items())
        if fits(strategy, found)
    ],
)
def test_equals_dense(strategy, found, axis):
    x = numbers(AXES[axis](found.in_size))
    y = jax.jit(lambda x: strategy.apply(x, found, axis))(x)
    assert y.dtype == np.float32
    dense = found.to_dense()
    atol = 1e-6 * max(1, np.abs(dense).sum(1).max())
    np.testing.assert_allclose(y, oracle.along(x, axis, dense), rtol=0, atol=atol)


@pytest.mark.parametrize("axis", AXES)
@pytest.mark.parametrize("name", STRATEGIES)
def test_every_axis(name, axis):
    """The table above takes the axes in turn; here a strategy meets each with one map."""
    strategy = STRATEGIES[name]
    found = OPERATORS["linear-x2"]
    if not fits(strategy, found):
        found = next(found for found in OPERATORS.values() if fits(strategy, found))
    x = numbers(AXES[axis](found.in_size))
    y = jax.jit(lambda x: strategy.apply(x, found, axis))(x)
    np.testing.assert_allclose(y, oracle.along(x, axis, found.to_dense()), rtol=0, atol=3e-6)


@pytest.mark.parametrize("name", STRATEGIES)
@pytest.mark.parametrize("dtype", [np.float64, np.complex64, np.complex128])
def test_wide_and_complex_dtypes(name, dtype):
    strategy = STRATEGIES[name]
    found = next(found for found in OPERATORS.values() if fits(strategy, found) and found.taps < 9)
    if fits(strategy, OPERATORS["cubic-x2"]):
        found = OPERATORS["cubic-x2"]
    x = numbers((found.in_size, 3), dtype)
    if np.iscomplexobj(x):
        x = x - 1j * numbers(x.shape, dtype, seed=77)
    with jax.enable_x64(True):
        y = jax.jit(lambda x: strategy.apply(x, found, 0))(x)
    assert y.dtype == dtype
    wanted = oracle.along(x.astype(np.complex128), 0, found.to_dense())
    atol = 1e-14 if np.finfo(dtype).bits == 64 else 1e-6
    np.testing.assert_allclose(y, wanted, rtol=0, atol=atol)


@pytest.mark.parametrize("name", STRATEGIES)
def test_has_the_form_of_a_strategy(name):
    strategy = STRATEGIES[name]
    assert list(inspect.signature(strategy.apply).parameters)[:3] == ["x", "operator", "axis"]
    assert any(fits(strategy, found) for found in FORWARD.values()), "no case exercises it"
    assert strategy.__doc__


@pytest.mark.parametrize("name", OPERATORS)
def test_the_program_makes_the_matrix(name):
    made = jax.jit(lambda: matrix.matrix_of(OPERATORS[name], np.float32))()
    dense = OPERATORS[name].to_dense()
    atol = 3e-7 * max(1, np.abs(dense).max())
    np.testing.assert_allclose(made, dense, rtol=0, atol=atol)


@pytest.mark.parametrize(
    "found",
    [
        operator(size, method, scale=scale)
        for size in (64, 128)
        for method in ("linear", "cubic", "lanczos3")
        for scale in ((2, 3) if method == "lanczos3" else (2, 3, 1.5))
    ],
)
def test_a_matrix_by_places_keeps_its_tolerance(found):
    """Coordinates are rounded to float32, more the longer the axis; places ignore that."""
    for each in found, found.T:
        made = matrix.matrix_of(each, np.float32)
        np.testing.assert_allclose(made, each.to_dense(), rtol=0, atol=1.1 * matrix.TOLERANCE)


@pytest.mark.parametrize(
    "found",
    [
        OPERATORS["linear-x2"],
        OPERATORS["linear-long-transposed"],
        OPERATORS["cubic-x4-transposed"],
        operator(512, "lanczos3", scale=2),
        operator(64, "lanczos3", scale=1.5),
    ],
)
def test_a_periodic_matrix_reads_no_constant(found):
    jaxpr = jax.make_jaxpr(lambda: matrix.matrix_of(found, np.float32))()
    assert not [constant for constant in jaxpr.consts if np.size(constant) > 1]


@pytest.mark.parametrize("size", [5, 512, 5000])
@pytest.mark.parametrize("align_corners", [False, True])
def test_a_matrix_of_triangles_reads_one_constant(size, align_corners):
    found = operator(size, "linear", size=2 * size + 1, align_corners=align_corners)
    jaxpr = jax.make_jaxpr(lambda: matrix.matrix_of(found, np.float32))()
    assert [np.shape(constant) for constant in jaxpr.consts] == [(found.out_size, 1)]
    made = np.asarray(matrix.matrix_of(found, np.float32))
    for start in range(0, found.out_size, 500):  # of the longest, the matrix in float64 is 400 MB
        dense = found.rows(start, start + 500).to_dense()
        assert np.abs(made[start : start + 500] - dense).max() <= 2e-7


@pytest.mark.parametrize("axes", [(1, 2), (2, 1), (0, 2), (0, 1, 2)])
def test_dense_products_together_leave_the_axes_in_place(axes):
    found = [OPERATORS[name] for name in ("linear-x2", "cubic-2.37", "area-halve")][: len(axes)]
    shape = [4, 4, 4]
    for axis, each in zip(axes, found, strict=True):
        shape[axis] = each.in_size
    x = numbers(shape)
    y = jax.jit(lambda x: matmul.apply_together(x, found, axes))(x)
    wanted = x
    for axis, each in zip(axes, found, strict=True):
        wanted = oracle.along(wanted, axis, each.to_dense())
    np.testing.assert_allclose(y, wanted, rtol=0, atol=1e-5)


SHORT = [name for name, found in OPERATORS.items() if found.in_size < 20]
PAIRS = [  # a quarter of those that fit, in which every one is met in both places
    pytest.param(OPERATORS[outer], OPERATORS[inner], id=f"{outer}-by-{inner}")
    for (n, outer), (k, inner) in itertools.product(enumerate(SHORT), repeat=2)
    if plane.fits(OPERATORS[outer], OPERATORS[inner]) and (n + k) % 4 == 0
]


def test_what_lengthens_a_loop_keeps_every_bit():
    """Also of NaNs, of both zeros, and of the smallest numbers."""
    bits = np.arange(32 * 33, dtype=np.uint32).reshape(32, 33) * np.uint32(4070993)
    bits[0, :4] = 0, 1, 1 << 31, 0x7FC00001
    y = jax.jit(vectors.over_channels)(bits.view(np.float32))
    np.testing.assert_array_equal(np.asarray(y).view(np.uint32), bits)


def test_every_operator_that_fits_a_plane_is_met_in_one():
    fit = {(a, b) for a in SHORT for b in SHORT if plane.fits(OPERATORS[a], OPERATORS[b])}
    met = [str(pair.id).split("-by-") for pair in PAIRS]
    assert {a for a, _ in met} == {a for a, _ in fit}
    assert {b for _, b in met} == {b for _, b in fit}


@pytest.mark.parametrize(("rows", "columns"), PAIRS)
def test_a_plane_equals_dense(rows, columns):
    x = numbers((2, rows.in_size, columns.in_size))
    y = jax.jit(lambda x: plane.apply_together(x, (rows, columns), (1, 2)))(x)
    wanted = oracle.along(oracle.along(x, 1, rows.to_dense()), 2, columns.to_dense())
    size = np.abs(rows.to_dense()).sum(1).max() * np.abs(columns.to_dense()).sum(1).max()
    np.testing.assert_allclose(y, wanted, rtol=0, atol=1e-6 * max(1, size))


@pytest.mark.parametrize(("rows", "columns"), PAIRS)
def test_a_plane_reads_each_pixel_only_where_its_operators_do(rows, columns):
    """Also the pixels of weight 0, which a clamped border reads, and none that is put beside it."""
    pixels = rows.in_size * columns.in_size
    x = np.where(np.eye(pixels), np.nan, 1).astype(np.float32)
    x = x.reshape(pixels, rows.in_size, columns.in_size)
    y = jax.jit(lambda x: plane.apply_together(x, (rows, columns), (1, 2)))(x)

    def reads(found):
        return (found.indices[:, :, None] == np.arange(found.in_size)).any(1)

    wanted = np.einsum("ij,kl->jlik", reads(rows), reads(columns)).reshape(y.shape)
    np.testing.assert_array_equal(np.isnan(y), wanted)


FEW = [name for name, found in OPERATORS.items() if nested.fits(found, found)]
NESTED = [
    pytest.param(OPERATORS[outer], OPERATORS[inner], id=f"{outer}-by-{inner}")
    for outer, inner in zip(FEW[::2], FEW[1::2], strict=False)
    if OPERATORS[outer].taps * OPERATORS[inner].taps <= 64
]


@pytest.mark.parametrize(("rows", "columns"), NESTED)
def test_nested_sums_equal_dense_and_two_passes(rows, columns):
    """The sums are those of two passes, in the same order; only the columns' are not rounded."""
    x = numbers((2, rows.in_size, columns.in_size, 3))
    along = (rows, columns), (1, 2)
    y = jax.jit(lambda x: nested.apply_together(x, *along))(x)
    wanted = oracle.along(oracle.along(x, 1, rows.to_dense()), 2, columns.to_dense())
    size = np.abs(rows.to_dense()).sum(1).max() * np.abs(columns.to_dense()).sum(1).max()
    np.testing.assert_allclose(y, wanted, rtol=0, atol=1e-6 * max(1, size))
    passes = jax.jit(lambda x: gather.apply(gather.apply(x, columns, 2), rows, 1))(x)
    np.testing.assert_allclose(y, passes, rtol=0, atol=1e-6 * max(1, size))
    narrow = jax.jit(lambda x: nested.apply_together(x, *along))(x.astype(jnp.bfloat16))
    assert narrow.dtype == jnp.bfloat16
    exact = nested.apply_together(jnp.asarray(x, jnp.bfloat16), *along, dtype=jnp.float32)
    np.testing.assert_allclose(narrow, exact, rtol=2**-8, atol=1e-6 * max(1, size))


@pytest.mark.parametrize(("rows", "columns"), NESTED[::3])
def test_nested_sums_keep_nan_where_it_is_read(rows, columns):
    pixels = rows.in_size * columns.in_size
    x = np.where(np.eye(pixels), np.nan, 1).astype(np.float32)
    x = x.reshape(pixels, rows.in_size, columns.in_size)
    y = jax.jit(lambda x: nested.apply_together(x, (rows, columns), (1, 2)))(x)
    wanted = jax.jit(lambda x: gather.apply(gather.apply(x, columns, 2), rows, 1))(x)
    np.testing.assert_array_equal(np.isnan(y), np.isnan(wanted))


@pytest.mark.parametrize(
    ("found", "period", "segments"),
    [
        (operator(64, "linear", scale=1.75), 7, 3),  # of 2 rows: 15
        (operator(64, "cubic", scale=2), 2, 5),  # of 4: 3, but twice the program
        (operator(512, "linear", scale=1.5), 3, 3),
    ],
)
def test_a_period_has_few_segments_and_phases(found, period, segments):
    pattern = find_pattern(found)
    assert pattern is not None
    assert (pattern.period, len(pattern.segments())) == (period, segments)


SHIFTED = [name for name, found in OPERATORS.items() if find_shifts(found)]


@pytest.mark.parametrize("name", SHIFTED)
def test_shifts_are_the_operator(name):
    operator, found = OPERATORS[name], find_shifts(OPERATORS[name])
    assert found is not None
    dense = np.zeros((operator.out_size, operator.in_size))
    for phase, taps in enumerate(found.phases):
        for tap in taps:
            for shift, where in tap.rows.items():
                (period,) = np.nonzero(where)
                row = period * len(found.phases) + phase
                dense[row, period * found.advance + shift] += tap.weights[period]
    np.testing.assert_array_equal(dense, operator.to_dense())


@pytest.mark.parametrize(
    ("name", "shifts"),
    [
        ("nearest-x2", [[{0}], [{0}]]),
        ("linear-x2", [[{-1, 1}, {0}], [{0}, {0, 1}]]),
        ("linear-halve-transposed", [[{0}], [{0}]]),
    ],
)
def test_most_rows_read_at_one_shift(name, shifts):
    """A clamped linear border reads its second pixel with weight 0, or its last one twice."""
    found = find_shifts(OPERATORS[name])
    assert found is not None
    assert [[set(tap.rows) for tap in taps] for taps in found.phases] == shifts


@pytest.mark.parametrize("name", ["linear-1.7", "sparse", "cubic-antialias-shrink"])
def test_no_shifts(name):
    assert find_shifts(OPERATORS[name]) is None


@pytest.mark.parametrize("dtype", ["bool", "uint8", "int64", "float8_e4m3fn", "float16", "float64"])
def test_a_tap_picks_every_dtype(dtype):
    with jax.enable_x64(True):
        x = jnp.asarray([[1, 0, 1], [0, 1, 1]], dtype)
        rows = {0: np.array([True, False, False]), 1: np.array([False, True, False])}
        found = Tap(np.ones(3), rows).pick(lambda shift: x[shift], axis=0)
    assert found.dtype == dtype
    np.testing.assert_array_equal(found.astype("float32"), [1, 1, 0])


PICTURES = [(1, 64, 64, 3), (1, 3, 64, 64), (2, 32, 20, 64)]


@pytest.mark.parametrize(
    ("shape", "dtype"),
    [
        ((2, 8, 9, 64), "float32"),
        *itertools.product(PICTURES, ["float32", "bfloat16"]),
        # jaxup treats the two half precisions alike: on every JAX one will do
        *(pytest.param(shape, "float16", marks=pytest.mark.one_jax) for shape in PICTURES),
    ],
)
@pytest.mark.parametrize(
    ("method", "scale"),
    [
        ("nearest", 2),
        ("bilinear", 2),
        ("bicubic", 2),
        ("bicubic", 1.5),
        ("bilinear", 0.5),
        ("lanczos3", 0.5),
    ],
)
def test_temporaries_are_no_larger_than_input_or_result(method, scale, shape, dtype):
    """Nor, in 16 bits, than three times that: the sums are float32, and bits may be written out."""
    most = 1 if dtype == "float32" else 3
    data_format = "channels_first" if shape[1] == 3 else "channels_last"
    f = functools.partial(
        jaxup.upsample, scale=scale, method=method, antialias=scale < 1, data_format=data_format
    )
    x = jax.ShapeDtypeStruct(shape, dtype)
    backward = jax.linear_transpose(f, x)
    for function, operand in ((f, x), (backward, jax.eval_shape(f, x))):
        memory = jax.jit(function).lower(operand).compile().memory_analysis()
        assert memory is not None
        larger = max(memory.argument_size_in_bytes, memory.output_size_in_bytes)
        assert memory.temp_size_in_bytes <= most * larger
