"""`coordinates.Cells`: means over cells of any widths, which conserve the integral."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import export
from jax.test_util import check_grads

import jaxup
from jaxup.coordinates import Cells
from tests.helpers import oracle

NAN = float("nan")


def edges_of(rng, cells, low, high):
    """Random edges from low to high, which may fall."""
    edges = np.concatenate([[low], np.sort(rng.uniform(low, high, cells - 1)), [high]])
    return edges[::-1] if rng.random() < 0.5 else edges


def resized(x, cells, **options):
    return jaxup.resize(x, method="area", axes=0, coordinates=cells, **options)


@pytest.fixture(autouse=True)
def double():
    with jax.enable_x64(True):
        yield


@pytest.mark.parametrize("seed", range(8))
def test_random_edges_round_a_circle(seed):
    """Against overlaps written out; and the integral stays, wherever the outputs begin."""
    rng = np.random.default_rng(seed)
    n, m = rng.integers(1, 25, 2)
    start = rng.uniform(-500, 500)
    before = edges_of(rng, n, 20.0, 380.0)
    begin = 20.0 + start % 360 - 360 * rng.integers(0, 2)
    after = edges_of(rng, m, begin, begin + 360)
    x = rng.standard_normal((n, 2))
    y = resized(x, Cells(before, after), boundary="wrap")
    np.testing.assert_allclose(y, oracle.overlaps(before, after, 360.0) @ x, atol=1e-12)
    np.testing.assert_allclose(abs(np.diff(after)) @ y, abs(np.diff(before)) @ x, atol=1e-10)
    far = resized(x, Cells(before, after + 360 * 1000), boundary="wrap")
    np.testing.assert_allclose(far, y, atol=1e-9)


@pytest.mark.parametrize("seed", range(4))
def test_random_edges_from_end_to_end(seed):
    """Outputs that cover the inputs, and reach beyond them, where 0, a number or nothing lies."""
    rng = np.random.default_rng(seed)
    n, m = rng.integers(2, 25, 2)
    before, after = edges_of(rng, n, -1.0, 1.0), edges_of(rng, m, -1.3, 1.1)
    inner = (np.sort(after)[1] < 1) & (np.sort(after)[-2] > -1)  # each output covers something
    after = after if inner else np.array([-1.3, 0.0, 1.1])
    x = rng.standard_normal(n)
    dense, width = oracle.overlaps(before, after), abs(np.diff(after))
    y = resized(x, Cells(before, after), boundary="constant")
    np.testing.assert_allclose(y, dense @ x, atol=1e-12)
    np.testing.assert_allclose(width @ y, abs(np.diff(before)) @ x, atol=1e-12)
    filled = resized(x, Cells(before, after), boundary="constant", fill_value=2.0)
    np.testing.assert_allclose(filled, dense @ x + 2 * (1 - dense.sum(1)), atol=1e-12)
    longer = np.sort(before)
    longer = np.array([-9, *longer[1:-1], 9])
    longer = longer if before[0] < before[-1] else longer[::-1]
    edge = resized(x, Cells(before, after), boundary="edge")
    np.testing.assert_allclose(edge, oracle.overlaps(longer, after) @ x, atol=1e-12)
    if (dense.sum(1) > 1e-6).all():
        mean = resized(x, Cells(before, after))
        np.testing.assert_allclose(mean, dense @ x / dense.sum(1), atol=1e-12)


def test_equal_cells_are_the_area_of_pixels():
    x = np.random.default_rng(0).standard_normal(12)
    for out in (5, 12, 30):
        wanted = jaxup.resize(x, out, "area", axes=0, boundary="wrap")
        got = resized(x, Cells(np.arange(13), np.linspace(0, 12, out + 1)), boundary="wrap")
        np.testing.assert_allclose(got, wanted, atol=1e-14)


def sphere():
    """A field on latitudes from north to south, and cells of other widths for both axes."""
    rng = np.random.default_rng(3)
    latitude = np.array([90, 71, 40, 33, 2, -20, -65, -90.0])
    coarse = np.array([-90, -45, -10, 5, 62, 90.0])
    longitude, other = np.linspace(0, 360, 25), np.array([-180, -100, -7, 0, 13, 170, 180.0])
    rows = Cells(np.sin(np.radians(latitude)), np.sin(np.radians(coarse)))
    columns = Cells(longitude, other)
    return rng.standard_normal((2, 7, 24, 3)), rows, columns


def areas(rows, columns):
    """The areas of the cells before and after, up to a factor."""
    return (
        np.outer(abs(np.diff(rows.input_edges)), abs(np.diff(columns.input_edges))),
        np.outer(abs(np.diff(rows.output_edges)), abs(np.diff(columns.output_edges))),
    )


def on_the_sphere(x, rows, columns, **options):
    return jaxup.resize(
        x, method="area", axes=(1, 2), coordinates=(rows, columns), boundary=("edge", "wrap"),
        **options,
    )  # fmt: skip


def test_a_sphere_keeps_its_integral():
    x, rows, columns = sphere()
    before, after = areas(rows, columns)
    y = on_the_sphere(x, rows, columns)
    assert y.shape == (2, 5, 6, 3)
    integral = np.einsum("brcd,rc->bd", x, before)
    np.testing.assert_allclose(np.einsum("brcd,rc->bd", y, after), integral, atol=1e-10)
    constant = on_the_sphere(np.ones_like(x), rows, columns)
    np.testing.assert_allclose(constant, 1, atol=1e-14)


def test_missing_data_on_the_sphere():
    """The mean over the part of each cell that is known; its area times it keeps the integral."""
    x, rows, columns = sphere()
    rng = np.random.default_rng(0)
    known = rng.random((7, 24)) > 0.5
    known[5:, 10:13] = False
    hidden = np.where(known[:, :, None], x, NAN)
    y = on_the_sphere(hidden, rows, columns, where=known, fill_value=0.0)
    dense = oracle.overlaps(rows.input_edges, rows.output_edges)
    turned = oracle.overlaps(columns.input_edges, columns.output_edges, 360)
    total = np.einsum("ir,jc,brcd->bijd", dense, turned, np.where(known[..., None], x, 0))
    fraction = dense @ known @ turned.T
    assert (fraction > 1e-6).sum() not in (0, fraction.size)  # one output has nothing
    wanted = np.divide(total, fraction[..., None], out=np.zeros_like(total), where=total != 0)
    np.testing.assert_allclose(y, wanted, atol=1e-12)
    share = on_the_sphere(known[None, :, :, None] * 1.0, rows, columns)
    np.testing.assert_allclose(share[0, :, :, 0], fraction, atol=1e-12)
    before, after = areas(rows, columns)
    integral = np.einsum("brcd,rc->bd", np.where(known[..., None], x, 0), before)
    np.testing.assert_allclose(np.einsum("brcd,rc->bd", y, after * fraction), integral, atol=1e-10)


def test_transforms():
    x, rows, columns = sphere()
    x, known = x[:1], np.random.default_rng(1).random((7, 24)) > 0.4

    def f(x):
        return on_the_sphere(x, rows, columns)

    check_grads(f, (x,), order=2, modes=("fwd", "rev"))
    options = {"where": known, "fill_value": 0.5}
    check_grads(lambda x: on_the_sphere(x, rows, columns, **options), (x,), order=1)
    np.testing.assert_allclose(jax.jit(f)(x), f(x), atol=1e-14)
    np.testing.assert_allclose(jax.vmap(f)(np.stack([x, -x]))[1], -f(x), atol=1e-14)
    again = export.export(jax.jit(f))(jnp.asarray(x)).call(x)
    np.testing.assert_allclose(again, f(x), atol=1e-14)
    with jaxup.as_lax():
        np.testing.assert_allclose(jax.jit(f)(x), f(x), atol=1e-14)
    with jax.numpy_dtype_promotion("strict"):
        narrow = f(jnp.asarray(x, "bfloat16"))
    assert narrow.dtype == "bfloat16"
    np.testing.assert_allclose(narrow.astype("float32"), f(x), atol=0.03)


def test_a_neighbour_that_only_rounding_reaches_is_not_read():
    """Sines of the same latitudes, computed in two ways, differ by rounding."""
    degrees = np.array([-90, -30, 10, 50, 90.0])
    radians = degrees * (np.pi / 180)
    cells = Cells(np.sin(np.radians(degrees)), np.sin(radians[[0, 2, 4]]) * (1 + 2e-16))
    y = resized(np.array([1.0, 2, NAN, 4]), cells, boundary="edge")
    assert np.isfinite(y[0])
    assert np.isnan(y[1])
    third = np.arange(7) * (1 / 3) * 1.0
    y = resized(np.array([1.0, 2, 3, NAN, NAN, NAN]), Cells(third, [0, 1, 2]), boundary="wrap")
    np.testing.assert_allclose(y, [2, NAN], atol=1e-14)
    tiny = Cells([0, 1, 1 + 1e-12, 2], [0, 1, 2])  # but a cell that is small by itself counts
    assert np.isnan(resized(np.array([1.0, NAN, 3]), tiny)[1])


def test_sizes():
    x = np.random.default_rng(0).standard_normal((4, 6, 3))
    rows, columns = Cells([0, 1, 2, 3, 4], [0, 3, 4]), Cells(np.arange(7), [0, 0.5, 5, 6])
    options: dict[str, Any] = {"method": "area", "coordinates": (rows, columns)}
    y = jaxup.resize(x, **options)
    np.testing.assert_array_equal(jaxup.resize(x, (2, 3), **options), y)
    np.testing.assert_allclose(y[1, 2], x[3, 5], atol=1e-14)
    half = jaxup.resize(x, (2, 2), "area", coordinates=(rows, "half_pixel"))
    np.testing.assert_allclose(half[0, 0], x[:3, :3].mean((0, 1)), atol=1e-14)
    both = jaxup.resize(x[:, :4], method="area", axes=(0, 1), coordinates=rows)
    np.testing.assert_allclose(both[1, 0], x[3, :3].mean(0), atol=1e-14)
    kept = Cells(np.arange(5), np.arange(5)[::-1])
    np.testing.assert_array_equal(resized(x, kept), x[::-1])
    np.testing.assert_array_equal(resized(x, Cells(np.arange(5), np.arange(5))), x)


def test_objects():
    first, second = Cells([0, 1, 3], [0, 2, 3]), Cells(np.array([0.0, 1, 3]), jnp.array([0, 2, 3]))
    assert first == second
    assert hash(first) == hash(second)
    assert first != Cells([0, 1, 3], [0, 1, 3])
    assert repr(first) == "Cells(2 to 2)"
    explained = jaxup.explain(resized, np.ones(2), first, boundary="wrap")
    (axis,) = explained.axes
    assert (axis.coordinates, axis.kernel) == ("Cells", "overlap")
    assert (axis.boundary, axis.taps) == ("wrap", 2)
    (axis,) = jaxup.explain(jax.grad(lambda x: resized(x, first).sum()), np.ones(2)).axes[-1:]
    assert axis.kernel == "transposed overlap"


def test_what_does_not_fit_is_refused():
    x = np.ones(3)
    cells = Cells([0, 1, 2, 3], [0, 2, 3])
    for options, said in {
        "method='cubic'": ({"method": "cubic"}, "method='area' for coordinates of"),
        "box": ({"box": (0, 2)}, "no box beside"),
        "scale": ({"scale": np.array([0.5])}, "no scale beside"),
        "precision": ({"precision": "float32"}, "no precision beside"),
        "fill_beyond": ({"fill_beyond": "edges"}, "no fill_beyond beside"),
        "boundary": ({"boundary": "mirror"}, "boundary to be one of 'renormalize'"),
        "size": ({"size": 3}, "coordinates of axis 0 for 3 cells that become 3, got Cells"),
    }.values():
        arguments: dict[str, Any] = {"method": "area", "axes": 0, "coordinates": cells} | options
        with pytest.raises(ValueError, match=rf"^jaxup\.resize: expected {said}"):
            jaxup.resize(x, **arguments)
    with pytest.raises(ValueError, match=r"cover some of 0 to 3, got output_edges from -1 to 3"):
        resized(x, Cells([0, 1, 2, 3], [-1, 0, 2, 3]))
    with pytest.raises(ValueError, match=r"at most one turn of the input_edges, got 0 to 3\.5"):
        resized(x, Cells([0, 1, 2, 3], [0, 3.5]), boundary="wrap")
    mixed: Any = cells, "half_pixel"
    with pytest.raises(ValueError, match=r"a size, or jaxup\.coordinates\.Cells for every axis"):
        jaxup.resize(np.ones((3, 3)), method="area", axes=(0, 1), coordinates=mixed)
    with pytest.raises(TypeError, match=r"^jaxup\.coordinates\.Cells: expected input_edges to be"):
        jax.jit(lambda edges: resized(x, Cells(edges, [0, 3])))(jnp.arange(4))
    many = np.concatenate([np.linspace(0, 1, 40001), np.linspace(2, 3, 40001)[1:]])
    uneven = np.concatenate([[0.0], np.linspace(1.5, 3, 80001)])
    with pytest.raises(ValueError, match="Use cells whose widths differ less, or fewer of them"):
        resized(np.ones(80000), Cells(many[:80001], uneven[:80001]))
