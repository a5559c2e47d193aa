"""`AxisSpec` and `Banded`: rows against the oracle, transposes against dense, invariants."""

import dataclasses
import tracemalloc

import jax
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import jaxup
from jaxup import boundary, kernels
from jaxup._arguments.call import Call
from jaxup._arguments.torch_methods import plan
from jaxup._recipe.axis import BLOCK, AxisSpec
from jaxup._recipe.banded import Banded, banded_from_entries
from jaxup.coordinates import half_pixel
from tests.helpers import oracle
from tests.helpers.rows import operator, specs

METHODS = ("nearest", "nearest-exact", "linear", "cubic", "area", "lanczos3")
SMOOTH = ("linear", "cubic", "lanczos3")
SIZES = (
    (1, 1),
    (1, 4),
    (5, 1),
    (2, 3),
    (3, 2),
    (4, 8),
    (7, 21),
    (9, 5),
    (12, 4),
    (31, 200),
    (300, 77),
)


def options(method):
    yield {}
    if method in SMOOTH:
        yield {"align_corners": True}
        yield {"antialias": True}
        yield {"antialias": True, "align_corners": True}


def every_operator(dtype):
    """(what it is, the operator, the oracle's matrix) for each method, option and size."""
    for method in METHODS:
        for option in options(method):
            for in_size, out_size in SIZES:
                found = operator(in_size, method, dtype=dtype, size=out_size, **option)
                if found is not None:
                    dense = oracle.matrix(method, in_size, out_size, **option)
                    yield (method, option, in_size, out_size), found, dense
            for in_size in (1, 6, 37):
                for scale in (0.5, 0.83, 1.3, 2, 3, 4.0):
                    if int(in_size * scale) < 1:
                        continue
                    found = operator(in_size, method, dtype=dtype, scale=scale, **option)
                    if found is not None:
                        dense = oracle.matrix(method, in_size, found.out_size, scale, **option)
                        yield (method, option, in_size, scale), found, dense


def invariants(found: Banded):
    assert found.indices.shape == found.weights.shape
    assert found.indices.dtype.kind == "i"
    assert found.weights.dtype == np.float64
    assert found.indices.min() >= 0
    assert found.indices.max() <= found.in_size
    absent = ~found.present
    assert not found.weights[absent].any()
    assert not (absent[:, :-1] & found.present[:, 1:]).any()  # absent taps come last
    assert found.taps == 1 or found.present[:, -1].any()  # no column of absent taps only


def test_float64_rows_equal_the_oracle():
    with jax.enable_x64(True):
        for what, found, dense in every_operator(np.float64):
            invariants(found)
            error = np.abs(found.to_dense() - dense).max()
            assert error < 2e-13, (what, error)


def test_float32_rows_equal_the_oracle_up_to_their_coordinates():
    for what, found, dense in every_operator(np.float32):
        invariants(found)
        tolerance = 2.0**-22 * (what[2] + 8)  # half an ulp of the largest coordinate, times slope
        if "nearest" in what[0] or what[0] == "area":
            tolerance = 1e-15
        error = np.abs(found.to_dense() - dense).max()
        assert error < tolerance, (what, error)


def test_rows_sum_to_one():
    for what, found, _ in every_operator(np.float32):
        np.testing.assert_allclose(found.weights.sum(1), 1, rtol=0, atol=1e-14, err_msg=str(what))


def test_transpose_is_the_dense_transpose():
    for what, found, _ in every_operator(np.float32):
        invariants(found.T)
        assert found.T.in_size == found.out_size, what
        assert found.T.out_size == found.in_size, what
        np.testing.assert_array_equal(found.T.to_dense(), found.to_dense().T, err_msg=str(what))
        np.testing.assert_array_equal(found.T.T.to_dense(), found.to_dense(), err_msg=str(what))


def test_recipes_transpose_and_compare():
    (spec,) = specs(7, "cubic", scale=1.7)
    (same,) = specs(7, "cubic", scale=1.7)
    (other,) = specs(7, "cubic", scale=1.6)
    assert spec == same
    assert hash(spec) == hash(same)
    assert spec != other
    assert spec == spec.T.T
    assert spec.T == same.T
    assert spec != spec.T
    assert (spec.T.in_size, spec.T.out_size) == (spec.out_size, spec.in_size)
    assert spec.build() is same.build()  # one cache for equal recipes
    np.testing.assert_array_equal(spec.T.build().to_dense(), spec.build().to_dense().T)


def test_nearest_copies_and_nothing_else_does():
    for method in ("nearest", "nearest-exact"):
        assert operator(5, method, scale=1.7).selects
    for method in ("linear", "cubic", "area", "lanczos3"):
        assert not operator(5, method, scale=1.7).selects
    assert operator(8, "linear", size=4, align_corners=False).taps == 2
    assert operator(5, "nearest", scale=0.4).T.selects  # some pixels are read by nobody: zero
    assert not operator(5, "nearest", scale=2).T.selects


def test_taps_are_those_torch_reads():
    # weight 0 is read all the same, so that a NaN under it spreads as far as in PyTorch
    by_two = operator(4, "bilinear", size=7, align_corners=True)
    assert by_two.present.all()
    assert by_two.taps == 2
    assert by_two.weights[0].tolist() == [1, 0]
    by_four = operator(4, "bicubic", size=7, align_corners=True)
    assert by_four.present.all()
    assert by_four.taps == 4
    shrunk = operator(9, "bicubic", size=3, antialias=True)  # 12 pixels wide: [-4.5, 7.5), ...
    assert shrunk.present.sum(1).tolist() == [8, 9, 7]
    assert shrunk.weights[0, 7] == 0  # the pixel at the very end of the support


def test_kernels_of_finite_radius_read_only_within_it():
    kernel = jaxup.kernels.Kernel(lambda d: 1 + 0 * d, 1.5)
    (spec,) = specs(8, kernel, scale=2)
    found = spec.build()
    centre = (np.arange(16) + 0.5) / 2 - 0.5
    for i, c in enumerate(centre):
        inside = [k for k in range(8) if -1.5 < k - c <= 1.5]
        assert found.indices[i][found.present[i]].tolist() == inside
        np.testing.assert_allclose(found.weights[i][found.present[i]], 1 / len(inside))


entries = st.integers(1, 6).flatmap(
    lambda m: st.integers(1, 6).flatmap(
        lambda n: st.tuples(
            st.just((m, n)),
            st.lists(
                st.tuples(st.integers(0, m - 1), st.integers(0, n - 1), st.integers(-4, 4)),
                max_size=12,
            ),
        )
    )
)


@given(entries)
@settings(derandomize=True, max_examples=80, deadline=None)
def test_any_entries_are_added_up(case):
    shape, triples = case
    dense = np.zeros(shape)
    for row, column, weight in triples:
        dense[row, column] += weight
    row, column, weight = np.array(triples, float).reshape(-1, 3).T
    found = banded_from_entries(row.astype(int), column.astype(int), weight, shape)
    invariants(found)
    np.testing.assert_array_equal(found.to_dense(), dense)
    np.testing.assert_array_equal(found.T.to_dense(), dense.T)


@given(
    in_size=st.integers(1, 40),
    out_size=st.integers(1, 60),
    method=st.sampled_from(METHODS),
    antialias=st.booleans(),
    align_corners=st.booleans(),
)
@settings(derandomize=True, max_examples=150, deadline=None)
def test_any_size_equals_the_oracle(in_size, out_size, method, antialias, align_corners):
    option = {}
    if method in SMOOTH:
        option = {"antialias": antialias, "align_corners": align_corners}
    with jax.enable_x64(True):
        found = operator(in_size, method, dtype=np.float64, size=out_size, **option)
    dense = oracle.matrix(method, in_size, out_size, **option)
    got = np.eye(in_size) if found is None else found.to_dense()
    np.testing.assert_allclose(got, dense, rtol=0, atol=2e-13)


@pytest.mark.parametrize("method", [m for m in METHODS if "nearest" not in m])
def test_mirror_image(method):
    for in_size, out_size in ((5, 9), (9, 4), (6, 7), (8, 24)):
        with jax.enable_x64(True):
            dense = operator(in_size, method, dtype=np.float64, size=out_size).to_dense()
        np.testing.assert_allclose(dense, dense[::-1, ::-1], rtol=0, atol=1e-12)


@pytest.mark.parametrize("scale", [2, 3, 1.5])
@pytest.mark.parametrize("method", ["nearest", "nearest-exact", "linear"])
def test_an_axis_longer_than_float32_can_count(method, scale):
    """Coordinates were rounded to float32, so that the last outputs read their neighbours."""
    in_size = 2**24 + 3
    options = {"scale": scale, "size": None, "axes": 0, "method": method}
    (spec,) = plan(Call("jaxup.upsample", (in_size,)), np.dtype(np.float32), **options).specs
    assert isinstance(spec, AxisSpec)
    last = np.arange(spec.out_size - 50, spec.out_size, dtype=np.float64)
    got = spec.coordinates(last, in_size, spec.out_size, spec.step)
    wanted = last / scale if method == "nearest" else (last + 0.5) / scale - 0.5
    np.testing.assert_allclose(got, wanted, rtol=0, atol=1e-7)


def test_a_long_axis_is_planned_in_blocks():
    """The rows of several blocks, among them a short one, are those of one block."""
    in_size = out_size = 2 * BLOCK + 5
    spec = AxisSpec(in_size, out_size, half_pixel, kernels.linear, boundary.edge, 1.0)
    shifted = dataclasses.replace(spec, coordinates=lambda i, n, m, step: i + 0.25)
    banded = shifted.build()
    row = np.arange(out_size)
    np.testing.assert_array_equal(banded.indices[:, 0], row)
    np.testing.assert_array_equal(banded.indices[:, 1], np.minimum(row + 1, in_size - 1))
    np.testing.assert_array_equal(banded.weights, [[0.75, 0.25]] * out_size)


def test_planning_takes_little_memory_beside_the_weights():
    spec = AxisSpec(2**18, 2**19, half_pixel, kernels.cubic(), boundary.edge, 0.5)
    tracemalloc.start()
    banded = spec.build()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    kept = banded.indices.nbytes + banded.weights.nbytes
    assert peak < 1.5 * kept + 2**24
