"""`coordinates.Cells` and `where=` against xarray-regrid and dinosaur: conservative regridding."""

import jax
import numpy as np
import pytest

import jaxup
from jaxup.coordinates import Cells

RNG = np.random.default_rng(0)


def regridded(x, rows, columns, boundary, **options):
    with jax.enable_x64(True):
        y = jaxup.resize(
            x, method="area", axes=(0, 1), coordinates=(rows, columns), boundary=boundary, **options
        )
        return np.asarray(y)


def midpoints(centres):
    """The edges that xarray-regrid finds between centres."""
    inner = (centres[:-1] + centres[1:]) / 2
    return np.array([2 * centres[0] - inner[0], *inner, 2 * centres[-1] - inner[-1]])


@pytest.mark.parametrize("nan_share", [0.0, 0.4])
def test_xarray_regrid(nan_share):
    """Uneven planar cells, and latitudes whose cells are parts of the coarser ones'.

    For other latitudes it weighs each overlap by the cosine of the whole cell, which conserves
    the integral nearly, and it adds a row at each pole, which only the outer rows read. Missing
    data is left out of the mean.
    """
    xarray = pytest.importorskip("xarray")
    pytest.importorskip("xarray_regrid")
    x = RNG.standard_normal((18, 24))
    x[RNG.random(x.shape) < nan_share] = np.nan
    before = {"y": np.cumsum(RNG.uniform(0.5, 2, 18)), "x": np.cumsum(RNG.uniform(0.5, 2, 24))}
    after = {n: np.sort(RNG.uniform(c[0] + 1, c[-1] - 1, 7)) for n, c in before.items()}
    theirs = xarray.DataArray(x, coords=before, dims=("y", "x")).regrid.conservative(
        xarray.Dataset(coords=after), latitude_coord=None
    )
    rows, columns = (Cells(midpoints(before[n]), midpoints(after[n])) for n in ("y", "x"))
    ours = regridded(x, rows, columns, "renormalize", where=np.isfinite(x))
    np.testing.assert_allclose(ours, theirs.values, atol=1e-12)

    before = {"lat": np.arange(-85.0, 90, 10), "lon": np.arange(7.5, 360, 15)}
    after = {"lat": np.arange(-75.0, 90, 30), "lon": np.arange(22.5, 360, 45)}
    theirs = xarray.DataArray(x, coords=before, dims=("lat", "lon")).regrid.conservative(
        xarray.Dataset(coords=after), latitude_coord="lat"
    )
    rows, columns = ([midpoints(grid[n]) for grid in (before, after)] for n in ("lat", "lon"))
    sines = Cells(*(np.sin(np.radians(edges)) for edges in rows))
    ours = regridded(x, sines, Cells(*columns), ("edge", "wrap"), where=np.isfinite(x))
    np.testing.assert_allclose(ours[1:-1], theirs.values[1:-1], atol=1e-12)


def test_dinosaur():
    """Gaussian latitudes and longitudes across the date line, of cells that share no edges."""
    peer = pytest.importorskip("dinosaur.horizontal_interpolation")
    latitudes = [np.arcsin(np.polynomial.legendre.leggauss(n)[0]) for n in (16, 10)]
    longitudes = [np.arange(n) * 2 * np.pi / n for n in (32, 12)]
    x = RNG.standard_normal((16, 32))
    with jax.enable_x64(True):
        rows = peer.conservative_latitude_weights(*latitudes)
        columns = peer.conservative_longitude_weights(*longitudes)
        theirs = np.asarray(rows) @ x @ np.asarray(columns).T
    poles = [np.array([-np.pi / 2, *(c[:-1] + c[1:]) / 2, np.pi / 2]) for c in latitudes]
    sines = Cells(*map(np.sin, poles))
    around = Cells(*((np.arange(len(c) + 1) - 0.5) * 2 * np.pi / len(c) for c in longitudes))
    ours = regridded(x, sines, around, ("edge", "wrap"))
    np.testing.assert_allclose(ours, theirs, atol=1e-12)
