"""The targets, and the comparison of the measured cells with them."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from benchmarks.measure.cells import DIRECTIONS

Record = Mapping[str, Any]
Quantity = Callable[[Record, str], Mapping[str, float] | None]
Applies = Callable[[Record, str], bool]


@dataclasses.dataclass(frozen=True)
class Target:
    """A limit for each cell, for the geometric mean of the cells, or for both.

    Args:
      name: the compared quantity.
      quantity: returns the readings of a record and a direction by name ("min" and "paired" for
        ratios of times), or None if the cell has none.
      applies: returns whether a record and a direction count.
      cell_limit: the maximum for one cell, or None.
      mean_limit: the maximum for the geometric mean, or None.
    """

    name: str
    quantity: Quantity
    applies: Applies
    cell_limit: float | None = None
    mean_limit: float | None = None


def _against(peer: str) -> Quantity:
    return lambda record, direction: record["ratios"][direction].get(peer)


def _fact(name: str) -> Quantity:
    def read(record: Record, direction: str) -> dict[str, float] | None:
        value = record["results"][direction]["jaxup"].get(name)
        return None if value is None else {"value": value}

    return read


def error(kind: str) -> Quantity:
    """Return jaxup's error against jax.image's; 1 if both results are exact."""

    def read(record: Record, direction: str) -> dict[str, float] | None:
        if "errors" not in record:
            return None
        ours, theirs = (record["errors"][direction][peer][kind] for peer in ("jaxup", "jax.image"))
        return {kind: 1.0 if ours == theirs else ours / max(theirs, 1e-9)}

    return read


def of_type(*dtypes: str) -> Applies:
    """Return whether a record is of one of these types."""
    return lambda record, direction: record["dtype"] in dtypes


_float32 = of_type("float32")


def every(record: Record, direction: str) -> bool:
    """Return True: the target applies to every record."""
    return True


def _doubled(method: str, few_channels: bool) -> Applies:
    def applies(record: Record, direction: str) -> bool:
        return (
            _float32(record, direction)
            and record["operation"] == "x2"
            and record["method"] == method
            and (record["picture"][-1] <= 3) == few_channels
        )

    return applies


def _method(name: str) -> Applies:
    return lambda record, direction: _float32(record, direction) and record["method"] == name


def _large(record: Record, direction: str) -> bool:
    return _float32(record, direction) and 1024 in record["picture"]


def _opencv(record: Record, direction: str) -> bool:
    return record["operation"] == "x2" and record["method"] in ("bilinear", "bicubic")


TARGETS = (
    Target("torch", _against("torch"), _float32, 1.0, 0.4),
    Target("torch, same layout", _against("torch, same layout"), _float32, 1.0, 0.4),
    Target("jax.image", _against("jax.image"), _float32, 0.9, 0.15),
    Target("jax.image at 1024²", _against("jax.image"), _large, 0.1),
    Target("floor: nearest", _against("floor"), _method("nearest"), 1.2),
    Target("floor: bilinear ×2, 3 channels", _against("floor"), _doubled("bilinear", True), 2.5),
    Target("floor: bilinear ×2, ≥ 16", _against("floor"), _doubled("bilinear", False), 1.6),
    Target("floor: bicubic ×2, 3 channels", _against("floor"), _doubled("bicubic", True), 5.0),
    Target("floor: bicubic ×2, ≥ 16", _against("floor"), _doubled("bicubic", False), 2.5),
    Target("OpenCV: bilinear, bicubic ×2", _against("opencv"), _opencv, 2.5),
    Target("temporaries / output", _fact("temp_over_output"), every),
    Target("compile time, s", _fact("compile_s"), every, 1.0),
    Target("torch, bfloat16", _against("torch"), of_type("bfloat16")),
    Target("jax.image, bfloat16", _against("jax.image"), of_type("bfloat16")),
    Target("copy bandwidth (GPU)", _against("copy"), every),
)


def summarise(
    records: Iterable[Record], targets: Iterable[Target] = TARGETS
) -> list[dict[str, Any]]:
    """Return a line for each target and direction that applies to any record.

    A cell is above its limit if all of its readings are, and unsettled if only some are.
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


def _line(
    target: Target, direction: str, readings: Mapping[str, Mapping[str, float]]
) -> dict[str, Any]:
    kinds = list(next(iter(readings.values())))
    line: dict[str, Any] = {
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
    """Return the geometric mean, or 0 if any value is 0, as temporaries may be."""
    values = list(values)
    if min(values) <= 0:
        return 0.0
    return math.exp(sum(map(math.log, values)) / len(values))
