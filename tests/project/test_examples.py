"""The examples that need no PyTorch, in a reduced form; core/test_processes.py runs one more."""

import json

import pytest

from tests.helpers.examples import load


def test_random_crops_agree_with_a_second_way_to_the_same_numbers():
    assert all(error < 1e-5 for error in load("random_crops").main().values())


def test_an_onnx_file_gives_the_same_values(tmp_path):
    for package in ("flax", "jax2onnx", "onnxruntime"):
        pytest.importorskip(package)
    result = load("onnx_export").main(["--out", str(tmp_path / "unet.onnx")])
    assert result["difference"] < 1e-5
    assert result["nodes"]["Resize"] == 4


def test_super_resolution_beats_bicubic_and_shows_it(tmp_path):
    for package in ("flax", "optax", "skimage", "matplotlib", "rich"):
        pytest.importorskip(package)
    result = load("super_resolution").main(["--steps", "150", "--out", str(tmp_path)])
    assert result["loss"]["last"] < 0.97 < result["loss"]["first"]
    for found in result["psnr"].values():
        assert found["network"] > found["bicubic"]
    assert json.loads((tmp_path / "result.json").read_text()) == result
    for name in ("loss.png", "comparison.png"):
        assert (tmp_path / name).read_bytes().startswith(b"\x89PNG")
