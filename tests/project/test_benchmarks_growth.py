"""The benchmarks' growth: cells that peers compute too, their table, their picture."""

import json

import numpy as np
import pytest

pytest.importorskip("rich")

import jax
import jax.numpy as jnp

from benchmarks import __main__ as command_line
from benchmarks import results_page
from benchmarks.measure import cells, growth
from benchmarks.plot import growth_lines

SMALL = [growth.grown("×2", 1, 64), growth.grown("÷2", 3, 64), *growth.awkward(13, 17)]


def test_the_cells_grow_by_side_and_by_number():
    listed = growth.cells()
    assert len({cell.name for cell in listed}) == len(listed)
    assert max(cell.side for cell in listed) == max(cell.out_side for cell in listed) == 8192
    assert max(cell.images for cell in listed) == 1024


@pytest.mark.parametrize("cell", SMALL, ids=lambda cell: cell.name)
def test_jax_image_computes_the_same(cell):
    x = jax.random.uniform(jax.random.key(0), (cell.images, cell.side, cell.side, growth.CHANNELS))
    ours, theirs = (f(x, jnp.float32(cell.scale)) for f in (cell.function, cell.peer))
    assert ours.shape == cell.out_shape
    assert not np.array_equal(ours, x)
    np.testing.assert_allclose(ours, theirs, atol=2e-5)


def test_a_run_is_shown_and_drawn(tmp_path, monkeypatch, capsys):
    pytest.importorskip("matplotlib")
    monkeypatch.setattr(growth, "cells", lambda: SMALL)
    monkeypatch.setattr(growth, "LARGEST_DENSE", 63)  # of the first two cells, jaxup alone
    output, image = tmp_path / "growth.json", tmp_path / "growth.png"
    options = ["--growth", "--seconds", "0.01", "--rounds", "3"]
    assert command_line.main([*options, "--output", str(output), "--plot", str(image)]) == 0
    assert image.read_bytes().startswith(b"\x89PNG")
    said, report = capsys.readouterr().out, json.loads(output.read_text())
    assert report["cells"] == []
    for cell, record in zip(SMALL, report["growth"], strict=True):
        peers = {"jaxup", "floor"} if cell.side == 64 else {"jaxup", "floor", "jax.image"}
        assert {*record["results"]} == {*cells.DIRECTIONS}
        for results in record["results"].values():
            assert results.keys() == peers
            assert results["jaxup"].keys() >= {"min_ms", "temp_over_output", "compile_s"}
        assert f"{cell.name}, backward" in results_page.section(report)
        assert f"{cell.name}, backward" in said
    found = {
        key: [each["name"] for each in lines]
        for key, lines in growth_lines(report["growth"]).items()
    }
    one, batch = SMALL[0].name, SMALL[1].name
    assert found["×2, one image", "floor"] == found["×2, 64² images", "jaxup"] == [one]
    assert found["÷2, 64² images", "jaxup"] == [batch]
    assert ("÷2, one image", "jaxup") not in found
    for cell in SMALL[2:]:
        assert found[cell.name, "jaxup"] == [cell.name]


def test_only_the_cells_and_the_growth_have_a_picture(tmp_path, capsys):
    with pytest.raises(SystemExit) as stop:
        command_line.main(["--eager", "--plot", str(tmp_path / "no.png")])
    assert stop.value.code == 2
    assert "--growth" in capsys.readouterr().err
