"""The process that measures: its device, versions and threads, and its allocator."""

from __future__ import annotations

import ctypes
import datetime
import importlib.metadata
import os
import pathlib
import platform
import subprocess
from typing import Any

import jax

_PACKAGES = (
    "jaxup",
    "jax",
    "jaxlib",
    "libtpu",
    "jax-cuda12-plugin",
    "jax-cuda13-plugin",
    "nvidia-cuda-nvcc-cu12",
    "numpy",
    "torch",
    "opencv-python-headless",
    "scipy",
)
_REPOSITORY = pathlib.Path(__file__).parents[2]
_TRIM_THRESHOLD, _MMAP_MAX, _ARENA_MAX = -1, -4, -8  # of glibc's malloc.h
_NEVER = 2**31 - 1


def environment() -> dict[str, Any]:
    """Return facts about the machine, the packages and the sources, ready for JSON."""
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
    """Return the name of the device that runs the programs."""
    kind = jax.devices()[0].device_kind
    return processor() if kind == "cpu" else kind


def processor() -> str:
    """Return the name of the host's processor."""
    try:
        for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def keep_pages() -> bool:
    """Tell the C library's allocator to keep freed memory; return whether it agreed.

    Call this before the devices start their threads.

    By default glibc maps every block above 32 MiB afresh and returns it to the system when it is
    freed. It does so with smaller blocks too if a thread's own arena is full. A large result then
    costs a page fault for every 4 KiB, which takes several times as long as computing it, and it
    depends on the allocating thread which library pays. With one arena, no mapping and no trimming
    none of them does, as in a training step, which holds its memory.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is None:
        return False
    settings = (_ARENA_MAX, 1), (_MMAP_MAX, 0), (_TRIM_THRESHOLD, _NEVER)
    return all(mallopt(*setting) for setting in settings)


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


def _git(*arguments: str) -> str:
    try:
        return subprocess.run(
            ("git", *arguments), cwd=_REPOSITORY, capture_output=True, text=True, check=True
        ).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""
