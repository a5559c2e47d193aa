"""examples/port: models carried over from a live PyTorch give its outputs and gradients."""

import importlib
import re
import sys

import jax.numpy as jnp
import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("flax")

import torch
from flax import nnx

import jaxup
from jaxup.layers import nnx as layers
from tests.helpers.pages import NOTEBOOKS, run_notebook
from tests.helpers.paths import ROOT

FOLDER = ROOT / "examples" / "port"
MODULES = ("compare", "linen_models", "nnx_models", "torch_models", "weights")


@pytest.fixture(scope="module")
def port():
    """The example's script, imported as if it were run."""
    sys.path.insert(0, str(FOLDER))
    try:
        yield importlib.import_module("compare")
    finally:
        sys.path.remove(str(FOLDER))
        for name in MODULES:
            sys.modules.pop(name, None)


def test_every_port_is_within_the_limit(port, capsys):
    assert port.LIMIT == 1e-4
    assert port.main(["--small"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line[:14].strip() for line in lines[1:-1]] == ["U-Net, NNX", "U-Net, Linen", "DPT, NNX"]


def test_values_are_large_enough_for_the_limit_to_mean_something(port, monkeypatch):
    torch.manual_seed(0)
    shape = (1, 16, 24, 3)
    good = port.unet_nnx(4, shape)
    assert min(good.output_scale, good.gradient_scale) > 0.1

    # the commonest slip of a port: align_corners forgotten
    class Slipped(port.nnx_models.UNet):
        def __init__(self, *arguments, rngs):
            super().__init__(*arguments, rngs=rngs)
            self.grow = layers.Upsample(2, "bilinear")

    monkeypatch.setattr(port.nnx_models, "UNet", Slipped)
    torch.manual_seed(0)
    slipped = port.unet_nnx(4, shape)
    assert slipped.output > 10 * port.LIMIT
    assert slipped.gradient > 10 * port.LIMIT


def test_the_notebook_runs(port, monkeypatch):
    monkeypatch.chdir(NOTEBOOKS)
    monkeypatch.setattr(sys, "path", [*sys.path])
    run_notebook(NOTEBOOKS / "unet_port.ipynb")


def test_weights_without_a_place_are_an_error(port):
    weights = port.torch_models.UNet(2).state_dict()
    weights["extra.weight"] = torch.zeros(1)
    with pytest.raises(ValueError, match=r"without a place in the model: extra\.weight"):
        port.nnx_model(lambda: port.nnx_models.UNet(2, rngs=nnx.Rngs(0)), weights)
    with pytest.raises(ValueError, match=r"without a place in the model: extra\.weight"):
        port.linen_variables(port.linen_models.UNet(2), jnp.zeros((1, 8, 8, 3)), weights)


def test_weights_of_another_shape_are_an_error(port):
    weights = port.torch_models.UNet(4).state_dict()
    with pytest.raises(ValueError, match=r"expected shape \(.*\), got"):
        port.nnx_model(lambda: port.nnx_models.UNet(2, rngs=nnx.Rngs(0)), weights)
    with pytest.raises(ValueError, match=r"expected shape \(.*\), got"):
        port.linen_variables(port.linen_models.UNet(2), jnp.zeros((1, 8, 8, 3)), weights)


FOUND = re.search(
    r"<!-- table of calls: begin -->(.*)<!-- table of calls: end -->",
    (ROOT / "docs" / "coming-from-pytorch.md").read_text(),
    re.S,
)
assert FOUND is not None
TABLE = FOUND[1]
CALLS = re.findall(r"^\| `(.*)` \| `(.*)` \|$", TABLE, re.M)


@pytest.mark.parametrize(("theirs", "ours"), CALLS)
def test_both_columns_of_the_pages_table_are_equal(theirs, ours):
    x = np.random.default_rng(0).standard_normal((2, 4, 6, 8)).astype(np.float32)
    expected = eval(
        theirs, {"F": torch.nn.functional, "nn": torch.nn, "x": torch.tensor(x)}
    ).numpy()
    y = eval(ours, vars(jaxup) | vars(layers) | {"x": jnp.asarray(x.transpose(0, 2, 3, 1))})
    np.testing.assert_allclose(y.transpose(0, 3, 1, 2), expected, rtol=0, atol=2e-6)


def test_every_row_of_the_table_is_found():
    assert len(CALLS) == TABLE.count("\n|") - 2 > 10
