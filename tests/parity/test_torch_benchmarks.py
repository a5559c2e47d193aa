"""The benchmarks time torch on the same work, forward and backward."""

import dataclasses

import numpy as np
import pytest

pytest.importorskip("rich")
torch = pytest.importorskip("torch")

from benchmarks.measure import cells, peers


def test_torch_computes_the_same():
    chosen = [
        dataclasses.replace(cell, image=(1, 6, 7, 2))
        for cell in cells.cells()
        if (cell.data_format, cell.dtype, len(cell.in_sizes)) == ("channels_first", "float32", 2)
        and cell.operation.name != "x3"
        and peers.torch_has(cell, "cpu")
    ]
    assert {cell.method for cell in chosen} == set(cells.METHODS)
    for cell in dict.fromkeys(chosen):
        x = peers.noise(cell, cell.in_shape)
        theirs = peers.torch_function(cell)(torch.from_numpy(np.array(x)))
        ours = peers.jaxup_function(cell)(x)
        np.testing.assert_allclose(ours, theirs, atol=2e-6, err_msg=cell.name)


def test_torch_has_a_program_for_each_direction_and_layout():
    cell = dataclasses.replace(cells.cells()[0], image=(1, 6, 7, 2), method="bilinear")
    made = [program for program in peers.programs(cell, "cpu") if program.peer == "torch"]
    assert {(program.direction, program.variant) for program in made} == {
        (direction, layout)
        for direction in cells.DIRECTIONS
        for layout in ("channels_first", "channels_last")
    }
    for program in made:
        shape = tuple(program().shape)
        assert shape == ((1, 2, 12, 14) if program.direction == "forward" else (1, 2, 6, 7))
