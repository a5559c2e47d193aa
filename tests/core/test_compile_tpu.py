"""Lowerings for machines that the tests do not have: compiled for TPU, lowered for CUDA."""

import dataclasses
import functools
import json

import jax
import pytest
from jax.sharding import AxisType, Mesh, NamedSharding, PartitionSpec

import jaxup
from benchmarks.measure.cells import DIRECTIONS, OPERATIONS, Cell
from benchmarks.measure.peers import jaxup_function
from benchmarks.measure.programs import directed, transposed

# Like the benchmarks' cells, but smaller: the compiler's time grows with the image.
CELLS = (
    Cell("channels_last", (1, 128, 128, 3), "bilinear", OPERATIONS["x2"]),
    Cell("channels_first", (2, 32, 32, 16), "bicubic", OPERATIONS["x1.5"]),
    Cell("channels_last", (2, 32, 32, 64), "lanczos3", OPERATIONS["align_corners"]),
    Cell("channels_first", (1, 32, 32, 128), "bilinear", OPERATIONS["half"]),
    Cell("channels_last", (1, 24, 24, 256), "nearest", OPERATIONS["x1.5"]),
    Cell("channels_last", (2, 32, 32, 64), "bicubic", OPERATIONS["x2"], "bfloat16"),
    Cell("channels_last", (8, 512, 64), "linear", OPERATIONS["x3"]),
    Cell("channels_first", (1, 8, 8, 8, 16), "trilinear", OPERATIONS["x2"]),
)
COLLECTIVES = ("all-", "collective-", "reduce-scatter")
IDS = [cell.name for cell in CELLS]


def program(cell, direction):
    function = directed(jaxup_function(cell), cell, direction)
    return function, cell.operand_shape(direction), cell.dtype


@pytest.mark.parametrize("direction", DIRECTIONS)
@pytest.mark.parametrize("cell", CELLS, ids=IDS)
def test_tpu_compiles_without_gather_or_scatter(cell, direction):
    """Guards the TPU's rules: a gather or a scatter there takes one row at a time."""
    pytest.importorskip("libtpu")
    from benchmarks.measure.topology import compile_for_tpu

    compiled = compile_for_tpu(*program(cell, direction))
    assert compiled.bytes_accessed > 0
    assert compiled.indexed == ()


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_tpu_multiplies_a_long_axis_in_blocks(direction):
    """Guards against a whole matrix, whose work grows with the square of the axis."""
    pytest.importorskip("libtpu")
    from benchmarks.measure.topology import compile_for_tpu

    cell = Cell("channels_last", (2, 5000, 8), "linear", OPERATIONS["x2"])
    compiled = compile_for_tpu(*program(cell, direction))
    whole_matrix = 2 * 5000 * 10000 * 2 * 8
    assert compiled.flops < 0.05 * whole_matrix
    assert compiled.indexed == ()


@pytest.mark.parametrize("dtype", ["uint8", "int32"])
def test_tpu_copies_integers_without_gather(dtype):
    """Guards the way of integers, which take no product with a matrix."""
    pytest.importorskip("libtpu")
    from benchmarks.measure.topology import compile_for_tpu

    def f(x):
        return jaxup.upsample(x, 1.7, "nearest")

    assert compile_for_tpu(f, (1, 24, 24, 3), dtype).indexed == ()


@pytest.mark.parametrize("method", ["nearest", "bilinear", "bicubic"])
@pytest.mark.parametrize("transpose", [False, True], ids=DIRECTIONS)
def test_tpu_exchanges_rows_of_a_cut_axis_and_gathers_nothing(method, transpose):
    """The rows of four devices: two collectives, or none of a copy by a whole factor."""
    pytest.importorskip("libtpu")
    from benchmarks.measure.topology import compile_for_tpu, tpu_devices

    mesh = Mesh(tpu_devices(), ("rows",), axis_types=(AxisType.Explicit,))
    place = NamedSharding(mesh, PartitionSpec(None, "rows"))
    f = functools.partial(jaxup.upsample, scale=2, method=method)
    if transpose:
        compiled = compile_for_tpu(
            lambda y: jax.vjp(f, y[:, ::2, ::2])[1](y)[0], (1, 128, 128, 64), "float32", place
        )
    else:
        compiled = compile_for_tpu(f, (1, 64, 64, 64), "float32", place)
    moves = {name: n for name, n in compiled.opcodes.items() if name.startswith(COLLECTIVES)}
    sends = {name: n for name, n in moves.items() if name.endswith(("permute", "permute-start"))}
    assert sum(sends.values()) == (0 if method == "nearest" else 2)
    assert all(name.startswith("collective-permute") for name in moves)
    assert compiled.indexed == ()


def test_tpu_finds_a_gather_and_a_scatter():
    """The check above can fail."""
    pytest.importorskip("libtpu")
    from benchmarks.measure.topology import compile_for_tpu

    def gathered(x):
        return x[:, jax.numpy.array([3, 0, 2])]

    assert compile_for_tpu(gathered, (8, 128), "float32").indexed == ("gather",)
    scattered = transposed(gathered, (8, 128), "float32")
    assert compile_for_tpu(scattered, (8, 3), "float32").indexed == ("scatter",)


def test_tpu_command_writes_json(tmp_path, monkeypatch, capsys):
    pytest.importorskip("libtpu")
    pytest.importorskip("rich")
    from benchmarks import command, tpu

    cell = dataclasses.replace(CELLS[0], image=(1, 8, 8, 3))
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
    """Guards the backward pass: atomic additions are slow and differ from run to run."""
    for cell in CELLS:
        function, shape, dtype = program(cell, direction)
        traced = jax.jit(function).trace(jax.ShapeDtypeStruct(shape, dtype))
        text = traced.lower(lowering_platforms=("cuda",)).as_text()
        assert "stablehlo.scatter" not in text, cell.name
