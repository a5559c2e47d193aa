"""Sharded arrays, in a process of its own: JAX counts its devices once, when it starts."""

import os
import pathlib
import subprocess
import sys


def test_on_four_devices():
    here = pathlib.Path(__file__).parent
    flags = "--xla_force_host_platform_device_count=4"
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "on_four_devices.py"],
        cwd=here,
        env=os.environ
        | {"JAX_PLATFORMS": "cpu", "XLA_FLAGS": flags, "PYTEST_ADDOPTS": "-p no:xdist"},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
