"""Sharded arrays, in processes of their own: JAX counts its devices once, when it starts."""

import os
import subprocess
import sys

import pytest

from tests.helpers.paths import ROOT


@pytest.mark.parametrize(("count", "file"), [(4, "on_four_devices"), (8, "on_eight_devices")])
def test_on_several_devices(count, file):
    """Guards all that these files test: one device would shard nothing."""
    flags = f"--xla_force_host_platform_device_count={count} --xla_backend_optimization_level=0"
    flags = f"{os.environ.get('XLA_FLAGS', '')} {flags}"  # what is tested is cut, not vectorised
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:cacheprovider",
            f"tests/helpers/{file}.py",
        ],
        cwd=ROOT,
        env=os.environ
        | {"JAX_PLATFORMS": "cpu", "XLA_FLAGS": flags, "PYTEST_ADDOPTS": "-p no:xdist"},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
