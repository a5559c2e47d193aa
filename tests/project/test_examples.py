"""The examples that need no PyTorch, in a reduced form; core/test_processes.py runs one more."""

import json

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from tests.helpers.examples import load


def test_random_crops_agree_with_a_second_way_to_the_same_numbers():
    assert all(error < 1e-5 for error in load("random_crops").main().values())


def test_a_pyramid_gives_its_picture_back(tmp_path):
    pytest.importorskip("PIL")
    pyramid = load("pyramid")
    result = pyramid.main(["--size", "61", "84", "--out", str(tmp_path / "pyramid.png")])
    assert result["error"] < 1e-6
    assert result["blended"] < result["cut"] / 2
    assert (tmp_path / "pyramid.png").read_bytes().startswith(b"\x89PNG")


def test_pyramids_halve_and_keep_what_is_constant():
    pytest.importorskip("PIL")
    pyramid = load("pyramid")
    levels = pyramid.gaussian_pyramid(jnp.full((2, 13, 20, 3), 0.7), 4)
    assert [x.shape[1:3] for x in levels] == [(13, 20), (7, 10), (4, 5), (2, 3)]
    for level in levels:
        np.testing.assert_allclose(level, 0.7, rtol=1e-6)
    x = jax.random.uniform(jax.random.key(0), (13, 20, 3))
    *lost, smallest = pyramid.laplacian_pyramid(x, 4)
    assert max(float(jnp.abs(level).max()) for level in lost) > 0.1
    blurred = pyramid.reconstruct([*(0 * level for level in lost), smallest])
    assert blurred.shape == x.shape
    assert float(blurred.std()) < float(x.std()) / 2


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
