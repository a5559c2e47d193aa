"""`sample_position_embedding` against whole grids, and what it promises of padding and memory."""

import re
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import export
from jax.test_util import check_grads

from jaxup import resize_position_embedding, sample_position_embedding

RNG = np.random.default_rng(0)


def table(rows, channels=3, *lead):
    return jnp.asarray(RNG.uniform(size=(*lead, rows, channels)), jnp.float32)


def whole(grid):
    """Every patch of a grid, row by row."""
    return np.stack(np.divmod(np.arange(grid[0] * grid[1]), grid[1]), -1)


OPTIONS: list[dict[str, Any]] = [
    {},
    {"antialias": False},
    {"align_corners": True},
    {"antialias": False, "align_corners": True},
    {"antialias": False, "offset": 0.1},
    {"method": "bilinear"},
    {"method": "bilinear", "antialias": False},
    {"method": "lanczos3"},
    {"method": "area", "antialias": False},
    {"method": "nearest", "antialias": False},
    {"method": "nearest-exact", "antialias": False},
]


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_a_whole_grid_is_that_of_resize(options):
    x = table(2 + 54, 3, 1)

    @jax.jit
    def positions(x, grid, patches):
        return sample_position_embedding(x, (9, 6), grid, patches, prefix=2, **options)

    for new in ((3, 11), (9, 6), (1, 2)):
        patches = np.full((60, 2), -1)
        patches[: new[0] * new[1]] = whole(new)
        result = positions(x, jnp.array(new), patches)
        expected = resize_position_embedding(x, (9, 6), new, prefix=2, **options)
        count = expected.shape[1]
        np.testing.assert_allclose(result[:, :count], expected, rtol=0, atol=1e-5)
        np.testing.assert_array_equal(result[:, :2], x[:, :2])
        assert (result[:, count:] == 0).all()


def test_a_table_that_is_read_in_blocks_of_rows():
    """Tall enough that a token's weights are more than its channels and than 256."""
    x = table(45 * 20, 4)
    for new in ((7, 30), (60, 3)):
        result = sample_position_embedding(x, (45, 20), new, whole(new), prefix=0)
        expected = resize_position_embedding(x, (45, 20), new, prefix=0)
        np.testing.assert_allclose(result, expected, rtol=0, atol=1e-5)
    gradient = jax.grad(
        lambda x: (sample_position_embedding(x, (45, 20), new, whole(new), prefix=0) ** 2).sum()
    )(x)
    wanted = jax.grad(lambda x: (resize_position_embedding(x, (45, 20), new, prefix=0) ** 2).sum())(
        x
    )
    np.testing.assert_allclose(gradient, wanted, rtol=0, atol=1e-5 * abs(wanted).max())


GRIDS = np.array([[4, 2], [3, 7], [1, 1]])
PATCHES = np.stack([RNG.permutation(whole(grid).repeat(9, 0))[:9] for grid in GRIDS])


def test_batches_broadcast_and_are_vmap():
    x = table(1 + 20, 5, 1)
    result = jax.jit(lambda *a: sample_position_embedding(x, (4, 5), *a))(GRIDS, PATCHES)
    assert result.shape == (3, 10, 5)

    def one(grid, patches):
        return sample_position_embedding(x[0], (4, 5), grid, patches)

    mapped = jax.vmap(one)(jnp.asarray(GRIDS), jnp.asarray(PATCHES))
    np.testing.assert_allclose(result, mapped, rtol=0, atol=1e-6)
    for n, grid in enumerate(GRIDS):
        all_rows = resize_position_embedding(x[0], (4, 5), grid)[1:].reshape(*grid, 5)
        expected = all_rows[PATCHES[n, :, 0], PATCHES[n, :, 1]]
        np.testing.assert_allclose(result[n, 1:], expected, rtol=0, atol=1e-5)
    tables = jnp.stack([x[0], 2 * x[0], x[0] - 1])
    each = sample_position_embedding(tables, (4, 5), GRIDS, PATCHES)
    np.testing.assert_allclose(each[1], 2 * result[1], rtol=0, atol=1e-5)
    square = sample_position_embedding(x, (4, 5), 3, PATCHES[2])
    np.testing.assert_array_equal(square, sample_position_embedding(x, (4, 5), (3, 3), PATCHES[2]))


def test_integers_of_every_width():
    x = table(16)
    grid, patches = np.array([200, 3]), np.array([[199, 0], [5, 2], [3, 3]])
    wanted = sample_position_embedding(x, 4, grid, patches, prefix=0)
    for dtype in ("uint8", "int16", "uint32"):
        for narrow in ("uint8", "int32"):
            result = sample_position_embedding(
                x, 4, grid.astype(narrow), patches.astype(dtype), prefix=0
            )
            np.testing.assert_array_equal(result, wanted)
    far = np.array([[2**31 - 1, 0], [-(2**31), 0], [0, -1]])
    assert (sample_position_embedding(x, 4, grid, far, prefix=0) == 0).all()


def test_derivatives_in_the_table_leave_padding_out():
    x = table(16)
    patches = jnp.array([[0, 1], [2, 2], [-1, -1], [3, 0]])  # the last two are padding

    def f(x):
        return sample_position_embedding(x, 4, (3, 5), patches, prefix=0)

    check_grads(f, (x,), order=2, modes=("fwd", "rev"), atol=1e-2, rtol=1e-2)
    _, pullback = jax.vjp(f, x)
    cotangent = jnp.ones((4, 3)).at[2:].set(jnp.nan)
    wanted = pullback(jnp.ones((4, 3)).at[2:].set(0.0))[0]
    np.testing.assert_array_equal(pullback(cotangent)[0], wanted)
    assert abs(wanted).max() > 0.1


def test_no_scatter():
    x = table(16)
    gradient = jax.grad(
        lambda x: sample_position_embedding(x, 4, (3, 5), PATCHES[0], prefix=0).sum()
    )
    assert "scatter" not in jax.jit(gradient).lower(x).as_text()


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_reaches_its_readers_alone(bad):
    x = table(36).at[0, 1].set(bad)
    for rows in (1, 40):  # read whole, and in blocks of rows
        tall = jnp.concatenate([x, table(36 * (rows - 1))])
        new = (6 * rows, 6)
        result = sample_position_embedding(
            tall, (6 * rows, 6), new, whole(new), prefix=0, method="bilinear"
        )
        finite = np.isfinite(result).reshape(*new, 3)
        assert not finite[0, 0, 1]
        assert finite[2:].all()
        assert finite[:, 2:].all()
        assert finite[..., [0, 2]].all()


def test_half_precision_is_computed_in_float32():
    x = table(16).astype(jnp.bfloat16)
    result = sample_position_embedding(x, 4, (3, 5), whole((3, 5)), prefix=0)
    wanted = sample_position_embedding(x.astype(jnp.float32), 4, (3, 5), whole((3, 5)), prefix=0)
    np.testing.assert_array_equal(result, wanted.astype(jnp.bfloat16))


def test_float64_and_complex():
    with jax.enable_x64(True):
        x = jnp.asarray(RNG.uniform(size=(16, 2)))
        result = sample_position_embedding(x, 4, (3, 5), whole((3, 5)), prefix=0)
        expected = resize_position_embedding(x, 4, (3, 5), prefix=0)
        np.testing.assert_allclose(result, expected, rtol=0, atol=1e-7)
        spun = sample_position_embedding(x * 1j, 4, (3, 5), whole((3, 5)), prefix=0)
        np.testing.assert_allclose(spun, result * 1j, rtol=0, atol=1e-12)


def test_export_with_symbolic_examples_and_tokens():
    batch, tokens = export.symbolic_shape("b, n")
    x = table(16)
    program = export.export(jax.jit(lambda *a: sample_position_embedding(x, 4, *a, prefix=0)))(
        jax.ShapeDtypeStruct((batch, 2), "int32"), jax.ShapeDtypeStruct((batch, tokens, 2), "int32")
    )
    grids, patches = GRIDS.astype("int32"), PATCHES.astype("int32")
    wanted = sample_position_embedding(x, 4, grids, patches, prefix=0)
    np.testing.assert_allclose(program.call(grids, patches), wanted, rtol=0, atol=1e-6)


@pytest.mark.parametrize("grid", [16, 64])
def test_memory_is_that_of_the_tokens(grid):
    """Temporary bytes grow with tokens x channels: no grid, and no table for every example."""
    channels = 128

    def bytes_of(examples, tokens):
        def loss(x, sizes, patches):
            return sample_position_embedding(x, grid, sizes, patches, prefix=0).sum()

        arguments = (
            jax.ShapeDtypeStruct((grid * grid, channels), "float32"),
            jax.ShapeDtypeStruct((examples, 2), "int32"),
            jax.ShapeDtypeStruct((examples, tokens, 2), "int32"),
        )
        compiled = jax.jit(jax.value_and_grad(loss)).lower(*arguments).compile()
        analysis: Any = compiled.memory_analysis()
        return analysis.temp_size_in_bytes

    more = bytes_of(8, 512) - bytes_of(4, 256)
    assert more < 16 * 4 * channels * (8 * 512 - 4 * 256)
    assert bytes_of(64, 64) < 1.2 * bytes_of(8, 512)


@pytest.mark.parametrize(
    ("options", "error", "text"),
    [
        ({"grid": 3}, ValueError, "expected a table of shape (..., 10, channels)"),
        ({"new_grid": (0, 4)}, ValueError, "expected a new_grid of 1 or more, got new_grid=[0, 4]"),
        ({"new_grid": (2, 3, 4)}, ValueError, "expected new_grid of shape (..., 2)"),
        ({"new_grid": (2.5, 3)}, TypeError, "expected new_grid in whole patches"),
        ({"patches": np.zeros((2, 3), int)}, ValueError, "patches of shape (..., tokens, 2), got"),
        ({"patches": np.zeros((2, 2))}, TypeError, "expected patches in whole patches, got dtype"),
        ({"new_grid": np.ones((3, 2), int), "patches": np.ones((2, 5, 2), int)}, ValueError,
         "that broadcast, got (), (3,) and (2,) for"),
        ({"table": np.ones((13, 2), int)}, TypeError, "a floating-point or complex table"),
        ({"coords": 1}, TypeError, "For coords= write patches= ((row, column) of every token)."),
    ],
    ids=str,
)  # fmt: skip
def test_bad_arguments(options, error, text):
    arguments = {"grid": (3, 4), "new_grid": (4, 4), "patches": [[0, 1]]} | options
    x = arguments.pop("table", table(13))
    pattern = f"^jaxup.sample_position_embedding: .*{re.escape(text)}"
    with pytest.raises(error, match=pattern):
        sample_position_embedding(x, **arguments)
