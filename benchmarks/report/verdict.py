"""What a run found, in lines of at most 80 characters: one for each peer, measured or not."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from benchmarks.measure.cells import DIRECTIONS
from benchmarks.report.summary import Record, geometric_mean

WIDTH = 80
_PACKAGES = {"torch": "torch", "opencv": "opencv-python-headless"}
_PLATFORMS = ("cpu", "cuda", "rocm", "tpu")


def verdict(report: Mapping[str, Any], platform: str, missing: Collection[str]) -> Iterator[str]:
    """Yield the lines of a run's cells.

    Args:
      report: what the run will write.
      platform: on which it ran.
      missing: the peers that are not installed.
    """
    environment, records = report["environment"], report["cells"]
    programs = f"jaxup {environment['versions'].get('jaxup', 'from source')} on {platform}"
    machine = f"{environment['device']}, {environment['cores']} cores"
    yield _cut(f"{programs}, JAX {environment['versions']['jax']}: {machine}")
    yield f"{len(records)} cells. How many times as fast as each peer is jaxup: mean (worst cell)"
    for peer in ("jax.image", "torch", "opencv", "copy", "floor"):
        if peer in missing:
            yield f"  {peer:<10} not measured: pip install {_PACKAGES[peer]}"
        elif any(peer in record["ratios"][d] for record in records for d in DIRECTIONS):
            yield f"  {peer:<10} {_against(records, peer)}"
        elif peer != "copy" or platform == "cuda":
            yield f"  {peer:<10} not measured: it computes none of these cells on {platform}"
    others = ", ".join(name for name in _PLATFORMS if name != platform)
    yield f"  Measured on {platform} alone; --platform names another device: {others}."
    above = {entry["name"] for line in report["summary"] for entry in line["above"]}
    yield f"  Cells above a limit that jaxup sets itself: {len(above)}. --table shows them all."


def _against(records: Sequence[Record], peer: str) -> str:
    parts, slower, counted = list[str](), 0, 0
    for direction in DIRECTIONS:
        readings = [
            record["ratios"][direction][peer]
            for record in records
            if peer in record["ratios"][direction]
        ]
        if readings:
            times = [1 / reading["min"] for reading in readings]
            parts.append(f"{_times(geometric_mean(times))} ({_times(min(times))}) {direction}")
            slower += sum(min(reading.values()) > 1 for reading in readings)
            counted += len(readings)
    if peer == "floor":
        return f"{', '.join(parts)} (moves the bytes only)"
    return f"{', '.join(parts)}; slower in {slower} of {counted}"


def _times(ratio: float) -> str:
    return f"{ratio:.0f}" if ratio >= 9.95 else f"{ratio:.2g}"


def _cut(line: str) -> str:
    return line if len(line) <= WIDTH else line[: WIDTH - 1] + "…"
