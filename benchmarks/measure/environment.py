"""Where the numbers come from: device, versions, threads."""

from __future__ import annotations

import datetime
import importlib.metadata
import os
import pathlib
import platform
import subprocess

import jax

_PACKAGES = ("jaxup", "jax", "jaxlib", "libtpu", "numpy", "torch", "opencv-python-headless")
_REPOSITORY = pathlib.Path(__file__).parents[2]


def environment() -> dict:
    """JSON-ready facts about the machine, the packages and the state of the sources."""
    return {
        "date": datetime.date.today().isoformat(),
        "platform": jax.default_backend(),
        "device": device(),
        "processor": processor(),
        "cores": len(os.sched_getaffinity(0)),
        "python": platform.python_version(),
        "versions": _versions(),
        "threads": _threads(),
        "xla_flags": os.environ.get("XLA_FLAGS", ""),
        "commit": _git("rev-parse", "--short", "HEAD"),
        "modified": bool(_git("status", "--porcelain", "--", "jaxup")),
    }


def device() -> str:
    """The name of the device that the numbers belong to."""
    kind = jax.devices()[0].device_kind
    return processor() if kind == "cpu" else kind


def processor() -> str:
    """The name of the host's processor."""
    try:
        for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def _versions() -> dict[str, str]:
    found = {}
    for package in _PACKAGES:
        try:
            found[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def _threads() -> dict[str, int]:
    threads = {"xla": len(os.sched_getaffinity(0))}
    try:
        import torch

        threads["torch"] = torch.get_num_threads()
    except ImportError:
        pass
    try:
        import cv2

        threads["opencv"] = cv2.getNumThreads()
    except ImportError:
        pass
    return threads


def _git(*arguments) -> str:
    try:
        return subprocess.run(
            ("git", *arguments), cwd=_REPOSITORY, capture_output=True, text=True, check=True
        ).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""
