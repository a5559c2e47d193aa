"""The GPU's rules, compiled for described GPUs. Nothing runs on one.

Skipped without the CUDA compiler, which is 1.2 GB: `python -m benchmarks.gpu` says what to install.
It also needs JAX_PLATFORMS=cpu, unless the machine has a GPU.
"""

import dataclasses
import json

import jax
import jax.numpy as jnp
import pytest

pytest.importorskip("jax_plugins.xla_cuda12")

from benchmarks.measure.cells import DIRECTIONS, OPERATIONS, Cell
from benchmarks.measure.gpu_topology import GPUS, compile_for_gpu, gpu_sharding
from benchmarks.measure.peers import jaxup_function
from benchmarks.measure.programs import directed, transposed

CELLS = {  # a cell, and its kernels forward and backward
    Cell("channels_last", (1, 128, 128, 3), "bilinear", OPERATIONS["x2"]): (1, 1),
    Cell("channels_last", (2, 32, 32, 64), "bicubic", OPERATIONS["x2"]): (1, 1),
    Cell("channels_first", (2, 32, 32, 64), "bicubic", OPERATIONS["x1.5"]): (2, 2),
    Cell("channels_first", (2, 32, 32, 64), "bicubic", OPERATIONS["x2"], "bfloat16"): (1, 1),
    Cell("channels_last", (2, 32, 32, 64), "lanczos3", OPERATIONS["align_corners"]): (2, 2),
    Cell("channels_last", (1, 64, 64, 64), "nearest", OPERATIONS["x1.5"], "bfloat16"): (1, 1),
    Cell("channels_first", (1, 8, 8, 8, 16), "trilinear", OPERATIONS["x2"]): (1, 2),
}
MAX_TABLES = 0.1  # of the floor: what indices and weights add to the bytes of small arrays


@pytest.fixture(autouse=True, scope="module")
def _described_gpu():
    try:
        gpu_sharding("h100")
    except NotImplementedError as error:
        pytest.skip(str(error))


@pytest.mark.parametrize("gpu", GPUS)
@pytest.mark.parametrize("cell", CELLS, ids=[cell.name for cell in CELLS])
def test_few_kernels_and_no_scatter(cell, gpu):
    """Guards what the rules rest on: XLA makes one kernel of one sum, for each GPU."""
    for direction, wanted in zip(DIRECTIONS, CELLS[cell], strict=True):
        function = directed(jaxup_function(cell), cell, direction)
        made = compile_for_gpu(function, cell.operand_shape(direction), cell.dtype, gpu)
        assert (len(made.kernels), made.indexed["scatter"]) == (wanted, 0)
        if wanted == 1:
            assert made.bytes_accessed <= (1 + MAX_TABLES) * (cell.in_bytes + cell.out_bytes)
            assert made.temp_bytes == 0


def test_gathers_scatters_and_kernels_are_counted():
    """The checks above can fail."""

    def gathered(x):
        return x[:, jnp.array([3, 0, 2])]

    made = compile_for_gpu(transposed(gathered, (8, 128), "float32"), (8, 3), "float32")
    assert made.indexed["scatter"] == 1
    twice = compile_for_gpu(lambda x: jnp.sort(jnp.sort(x, 0) + 1, 1), (64, 256), "float32")
    assert len(twice.kernels) >= 2
    (copy,) = compile_for_gpu(lambda x: x + 1, (64, 256), "float32").kernels
    assert (copy.reads, copy.writes) == (4 * 64 * 256, 4 * 64 * 256)


def test_command_writes_json(tmp_path, monkeypatch, capsys):
    pytest.importorskip("rich")
    from benchmarks import command, gpu, results_page

    cells = [
        dataclasses.replace(cell, image=(1, 16, 16, 64))
        for cell in CELLS
        if (cell.method, cell.operation.name) == ("bicubic", "x2")
    ]
    monkeypatch.setattr(command.cells, "cells", lambda: cells)
    output = tmp_path / "gpu.json"
    assert gpu.main(["--output", str(output)]) == 0
    assert "bytes / jax.image" in capsys.readouterr().out
    report = json.loads(output.read_text())
    wide, narrow = report["cells"]
    assert "errors" not in wide
    for direction in DIRECTIONS:
        ours, theirs = (narrow["errors"][direction][peer] for peer in ("jaxup", "jax.image"))
        assert ours["max"] < theirs["max"]
        assert wide["results"][direction].keys() == GPUS.keys()
        for name, programs in wide["results"][direction].items():
            ratio = programs["jaxup"]["bytes"] / programs["jax.image"]["bytes"]
            assert wide["ratios"][direction][name]["jax.image"] == pytest.approx(ratio)
    assert "not run on" in results_page.section(report)
    again = tmp_path / "again.json"
    assert gpu.main(["--output", str(again), "--reuse", str(output)]) == 0
    results = json.loads(again.read_text())["cells"][0]["results"]["forward"]["h100"]
    assert results["jax.image"] == wide["results"]["forward"]["h100"]["jax.image"]
    assert jax.default_backend() == "cpu"
