"""Cost against pixels: ×2 of square pictures from 256² to 4096², against the floor."""

from __future__ import annotations

from collections.abc import Iterable

from rich.table import Table

from benchmarks.measure.cells import DIRECTIONS, OPERATIONS, Cell
from benchmarks.measure.measure import measure

SIDES = (256, 512, 1024, 2048, 4096)
METHODS = ("nearest", "bilinear", "bicubic")
CHANNELS = 3


def curve_cells() -> list[Cell]:
    """Channels last, three channels, float32."""
    return [
        Cell("channels_last", (1, side, side, CHANNELS), method, OPERATIONS["x2"])
        for method in METHODS
        for side in SIDES
    ]


def point(cell: Cell, platform: str, seconds: float, rounds: int) -> dict:
    """One point: the cell's record with jaxup and the floor only."""
    return measure(cell, platform, seconds, rounds, peers=("jaxup", "floor"))


def curve_table(records: Iterable[dict]) -> Table:
    """Nanoseconds for each pixel of the enlarged picture; level lines mean linear cost."""
    table = Table(title="cost curve, ×2: ns per enlarged pixel (level = linear in pixels)")
    for heading in ("picture", "method"):
        table.add_column(heading, no_wrap=True)
    for direction in DIRECTIONS:
        for heading in (direction, "floor", "/floor"):
            table.add_column(heading, justify="right", no_wrap=True)
    for record in records:
        side = record["picture"][1]
        row = [f"{side}²", record["method"]]
        for direction in DIRECTIONS:
            results = record["results"][direction]
            row += [f"{per_pixel(record, direction, peer):.3f}" for peer in ("jaxup", "floor")]
            row.append(f"{results['jaxup']['min_ms'] / results['floor']['min_ms']:.2f}")
        table.add_row(*row)
    return table


def per_pixel(record: dict, direction: str, peer: str) -> float:
    """Nanoseconds for each pixel of the enlarged picture."""
    pixels = 4 * record["picture"][1] ** 2
    return 1e6 * record["results"][direction][peer]["min_ms"] / pixels
