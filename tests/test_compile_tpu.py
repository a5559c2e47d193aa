"""Lowerings for machines that the tests do not have: compiled for TPU, lowered for CUDA."""

import dataclasses
import json

import jax
import pytest

from benchmarks.cells import DIRECTIONS, cells
from benchmarks.peers import jaxup_function
from benchmarks.programs import transposed

CELLS = (
    "channels_last/1x512x512x3/bilinear/x2/float32",
    "channels_first/8x64x64x64/bicubic/x1.5/float32",
    "channels_last/8x64x64x64/lanczos3/align_corners/float32",
    "channels_first/4x32x32x256/bilinear/half/float32",
    "channels_last/4x32x32x256/nearest/x1.5/float32",
    "channels_last/8x64x64x64/bicubic/x2/bfloat16",
    "channels_last/8x4096x64/linear/x3/float32",
    "channels_first/2x32x32x32x16/trilinear/x2/float32",
)
TABLE = {cell.name: cell for cell in cells()}


def program(name, direction):
    cell = TABLE[name]
    function = jaxup_function(cell)
    if direction == "forward":
        return function, cell.in_shape, cell.dtype
    return transposed(function, cell.in_shape, cell.dtype), cell.out_shape, cell.dtype


@pytest.mark.parametrize("direction", DIRECTIONS)
@pytest.mark.parametrize("name", CELLS)
def test_tpu_compiles_without_gather_or_scatter(name, direction):
    pytest.importorskip("libtpu")
    from benchmarks.topology import compile_for_tpu

    compiled = compile_for_tpu(*program(name, direction))
    assert compiled.bytes_accessed > 0
    assert compiled.indexed == ()


def test_tpu_finds_a_gather_and_a_scatter():
    """The check above can fail."""
    pytest.importorskip("libtpu")
    from benchmarks.topology import compile_for_tpu

    def gathered(x):
        return x[:, jax.numpy.array([3, 0, 2])]

    assert compile_for_tpu(gathered, (8, 128), "float32").indexed == ("gather",)
    scattered = transposed(gathered, (8, 128), "float32")
    assert compile_for_tpu(scattered, (8, 3), "float32").indexed == ("scatter",)


def test_tpu_command_writes_json(tmp_path, monkeypatch, capsys):
    pytest.importorskip("libtpu")
    pytest.importorskip("rich")
    from benchmarks import command, tpu

    cell = dataclasses.replace(TABLE[CELLS[0]], picture=(1, 8, 8, 3))
    monkeypatch.setattr(command.cells, "cells", lambda: [cell])
    output = tmp_path / "tpu.json"
    assert tpu.main(["--output", str(output)]) == 0
    assert "bytes / jax.image" in capsys.readouterr().out
    (record,) = json.loads(output.read_text())["cells"]
    for direction in DIRECTIONS:
        ours, theirs = (record["results"][direction][peer] for peer in ("jaxup", "jax.image"))
        assert ours.keys() == theirs.keys()
        ratio = ours["bytes_accessed"] / theirs["bytes_accessed"]
        assert record["ratios"][direction]["jax.image"] == pytest.approx(ratio)


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_cuda_lowers_without_scatter(direction):
    for name in CELLS:
        function, shape, dtype = program(name, direction)
        traced = jax.jit(function).trace(jax.ShapeDtypeStruct(shape, dtype))
        text = traced.lower(lowering_platforms=("cuda",)).as_text()
        assert "stablehlo.scatter" not in text, name
