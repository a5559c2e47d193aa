"""The targets, and how the measured cells stand against them."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Iterable, Mapping

from benchmarks.measure.cells import DIRECTIONS


@dataclasses.dataclass(frozen=True)
class Target:
    """A figure that each cell must keep, and perhaps one for their geometric mean.

    Args:
      name: what is compared.
      quantity: of a record and a direction: readings by name ("min" and "paired" for ratios of
        times), or None where the cell lacks it.
      applies: whether a record counts, given the direction.
      cell_limit: the most for one cell, or None.
      mean_limit: the most for the geometric mean, or None.
    """

    name: str
    quantity: Callable[[dict, str], Mapping[str, float] | None]
    applies: Callable[[dict, str], bool]
    cell_limit: float | None = None
    mean_limit: float | None = None


def _against(peer):
    return lambda record, direction: record["ratios"][direction].get(peer)


def _fact(name):
    def read(record, direction):
        value = record["results"][direction]["jaxup"].get(name)
        return None if value is None else {"value": value}

    return read


def _float32(record, direction):
    return record["dtype"] == "float32"


def _bfloat16(record, direction):
    return record["dtype"] == "bfloat16"


def _every(record, direction):
    return True


def _doubled(method, few_channels):
    def applies(record, direction):
        return (
            _float32(record, direction)
            and record["operation"] == "x2"
            and record["method"] == method
            and (record["picture"][-1] <= 3) == few_channels
        )

    return applies


def _method(name):
    return lambda record, direction: _float32(record, direction) and record["method"] == name


def _large(record, direction):
    return _float32(record, direction) and 1024 in record["picture"]


def _opencv(record, direction):
    return record["operation"] == "x2" and record["method"] in ("bilinear", "bicubic")


TARGETS = (
    Target("torch", _against("torch"), _float32, 1.0, 0.4),
    Target("jax.image", _against("jax.image"), _float32, 0.9, 0.15),
    Target("jax.image at 1024²", _against("jax.image"), _large, 0.1),
    Target("floor: nearest", _against("floor"), _method("nearest"), 1.2),
    Target("floor: bilinear ×2, 3 channels", _against("floor"), _doubled("bilinear", True), 2.5),
    Target("floor: bilinear ×2, ≥ 16", _against("floor"), _doubled("bilinear", False), 1.6),
    Target("floor: bicubic ×2, 3 channels", _against("floor"), _doubled("bicubic", True), 5.0),
    Target("floor: bicubic ×2, ≥ 16", _against("floor"), _doubled("bicubic", False), 2.5),
    Target("OpenCV: bilinear, bicubic ×2", _against("opencv"), _opencv, 2.5),
    Target("temporaries / output", _fact("temp_over_output"), _every, 1.0),
    Target("compile time, s", _fact("compile_s"), _every, 1.0),
    Target("torch, bfloat16", _against("torch"), _bfloat16),
    Target("jax.image, bfloat16", _against("jax.image"), _bfloat16),
    Target("copy bandwidth (GPU)", _against("copy"), _every),
)


def summarise(records: Iterable[dict], targets: Iterable[Target] = TARGETS) -> list[dict]:
    """One line per target and direction that any record bears on.

    A cell stands above its limit when every reading does; it is unsettled when only some do.
    """
    records = list(records)
    lines = []
    for target in targets:
        for direction in DIRECTIONS:
            readings = {
                record["name"]: reading
                for record in records
                if target.applies(record, direction)
                and (reading := target.quantity(record, direction)) is not None
            }
            if readings:
                lines.append(_line(target, direction, readings))
    return lines


def _line(target, direction, readings) -> dict:
    kinds = list(next(iter(readings.values())))
    line = {
        "target": target.name,
        "direction": direction,
        "cells": len(readings),
        "cell_limit": target.cell_limit,
        "mean_limit": target.mean_limit,
        "mean": {kind: geometric_mean(r[kind] for r in readings.values()) for kind in kinds},
    }
    worst = max(readings, key=lambda name: readings[name][kinds[0]])
    line["worst"] = {"name": worst, **readings[worst]}
    line["above"], line["unsettled"] = [], []
    if target.cell_limit is not None:
        for name, reading in sorted(readings.items(), key=lambda item: -max(item[1].values())):
            over = [value > target.cell_limit for value in reading.values()]
            if all(over):
                line["above"].append({"name": name, **reading})
            elif any(over):
                line["unsettled"].append({"name": name, **reading})
    return line


def geometric_mean(values: Iterable[float]) -> float:
    """0 when any value is 0, as temporaries may be."""
    values = list(values)
    if min(values) <= 0:
        return 0.0
    return math.exp(sum(map(math.log, values)) / len(values))
