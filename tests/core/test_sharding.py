"""Sharded arrays, in a process of its own: JAX counts its devices once, when it starts."""

import os
import subprocess
import sys

from tests.helpers.paths import ROOT

FOUR_DEVICES = "tests/helpers/on_four_devices.py"


def test_on_four_devices():
    """Guards all that tests/helpers/on_four_devices.py tests: one device would shard nothing."""
    flags = "--xla_force_host_platform_device_count=4"
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", FOUR_DEVICES],
        cwd=ROOT,
        env=os.environ
        | {"JAX_PLATFORMS": "cpu", "XLA_FLAGS": flags, "PYTEST_ADDOPTS": "-p no:xdist"},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
