"""What a type checker says to a user's file: pyright is run on one."""

import json
import re
import subprocess
import sys
import typing

import pytest

import jaxup
from tests.helpers.paths import ROOT

CONSUMER = """
from typing import Any

import jax
import numpy as np

import jaxup
from jaxup.typing import Axes, DataFormat, MethodName, ResizeMethodName, Scale, Size


def larger(
    x: jax.Array,
    scale: Scale | None = None,
    size: Size | None = None,
    axes: Axes | None = None,
    method: MethodName = "bicubic",
    data_format: DataFormat = "NHWC",
) -> jax.Array:
    return jaxup.upsample(x, scale, method, size=size, axes=axes, data_format=data_format)


def filtered(x: jax.Array, size: Size, method: ResizeMethodName = "lanczos4") -> jax.Array:
    return jaxup.resize(x, size, method)


def called(x: jax.Array, options: dict[str, Any]) -> None:
    larger(x, np.float32(2))
    larger(x, (np.float64(2), 3), method="linear")
    larger(x, np.array([2.5, 2.5]))
    larger(x, size=np.int64(4))
    larger(x, size=(np.int32(4), 4), axes=np.int64(1))
    filtered(x, np.array([4, 4]))
    jaxup.scale_and_translate(x, np.int64(4), np.float32(2))
    jaxup.pixel_shuffle(x, np.int64(2))
    jaxup.upsample(x, **options)
    jaxup.compat.torch.interpolate(x, scale_factor=2)
    larger(x, "2")  # wrong
    larger(x, size=4.0)  # wrong
    larger(x, 2, method="bilinaer")  # wrong
    filtered(x, 4, "nearest-exact")  # wrong
    jaxup.upsample(x, 2, mode="bilinear")  # wrong
    jaxup.upsample(x, 2, data_format="HWCN")  # wrong
    jaxup.upsampel(x, 2)  # wrong
    jaxup.compat.pytorch  # wrong
"""


def test_a_users_file(tmp_path):
    pytest.importorskip("pyright")
    (tmp_path / "consumer.py").write_text(CONSUMER)
    settings = {"extraPaths": [str(ROOT)], "typeCheckingMode": "standard"}
    (tmp_path / "pyrightconfig.json").write_text(json.dumps(settings))
    command = [sys.executable, "-m", "pyright", "--outputjson", "--pythonpath", sys.executable]
    done = subprocess.run([*command, "-p", tmp_path], capture_output=True, text=True)
    found = json.loads(done.stdout)["generalDiagnostics"]
    lines = {entry["range"]["start"]["line"]: entry["message"] for entry in found}
    wrong = [n for n, line in enumerate(CONSUMER.splitlines()) if line.endswith("# wrong")]
    assert sorted(lines) == wrong, lines
    assert len(wrong) == 8


def test_every_public_type_is_described():
    described = re.findall(r"^``(\w+)``", jaxup.typing.__doc__ or "", re.M)
    assert sorted(described) == jaxup.typing.__all__
    assert typing.get_args(jaxup.typing.MethodName)[0] == "nearest"
