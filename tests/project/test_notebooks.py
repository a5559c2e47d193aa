"""The notebooks run, and are kept without results; parity/test_torch_port.py runs one more."""

import pytest

from tests.helpers.pages import NOTEBOOKS, cells, run_notebook

ALL = sorted(NOTEBOOKS.glob("*.ipynb"))


@pytest.mark.parametrize("name", ["augmentation", "position_embeddings", "super_resolution"])
def test_notebook_runs(name):
    for package in ("flax", "optax", "skimage"):
        pytest.importorskip(package)
    run_notebook(NOTEBOOKS / f"{name}.ipynb")


def test_every_notebook_is_kept_without_results():
    assert len(ALL) == 4
    for notebook in ALL:
        for cell in cells(notebook):
            assert not cell.get("outputs"), notebook
            assert not cell.get("execution_count"), notebook
