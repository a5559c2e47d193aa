"""The run on the screen: a row a cell, then a row a target."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Console
from rich.table import Table

PEERS = {"torch": "/torch", "jax.image": "/jax", "opencv": "/cv2", "floor": "/floor"}
_WIDTH = 180


def console(*, stderr: bool = False) -> Console:
    """A console that is wide enough for the tables where it is not a terminal."""
    made = Console(stderr=stderr)
    return made if made.is_terminal else Console(stderr=stderr, width=_WIDTH)


def cell_table(records: Iterable[dict]) -> Table:
    """Jaxup's minimum in ms, then its ratio to each peer (below 1: jaxup is faster)."""
    table = Table(title="jaxup against its peers: ratios of minima, below 1 means faster")
    table.add_column("cell", no_wrap=True)
    for direction in ("forward", "backward"):
        heads = [heading for peer, heading in PEERS.items() if _has(peer, direction)]
        for heading in (f"{direction} ms", *heads, "temp", "compile s"):
            table.add_column(heading, justify="right", no_wrap=True)
    for record in records:
        table.add_row(*_row(record))
    return table


def _row(record) -> list[str]:
    row = [record["name"].removesuffix("/float32")]
    for direction in ("forward", "backward"):
        ours, ratios = record["results"][direction]["jaxup"], record["ratios"][direction]
        row.append(f"{ours['min_ms']:.3f}")
        for peer in PEERS:
            if _has(peer, direction):
                row.append(_ratio(ratios.get(peer)))
        row.append(f"{ours['temp_over_output']:.2f}" if "temp_over_output" in ours else "–")
        row.append(f"{ours['compile_s']:.2f}")
    return row


def _has(peer, direction) -> bool:
    return peer != "opencv" or direction == "forward"


def _ratio(reading) -> str:
    if reading is None:
        return "–"
    return f"[red]{reading['min']:.2f}[/]" if reading["min"] > 1 else f"{reading['min']:.2f}"


def summary_tables(lines: list[dict]) -> list[Table]:
    """The targets, and the cells above them where there are any."""
    missed = any(line["above"] or line["unsettled"] for line in lines)
    return [summary_table(lines), *([above_table(lines)] if missed else [])]


def summary_table(lines: Iterable[dict]) -> Table:
    """Each target with its means and its worst cell; two readings are of minima and paired."""
    table = Table(title="targets (times: ratio of minima | paired within rounds)")
    for name in ("target", "direction", "cells", "geometric mean", "limit"):
        table.add_column(name, no_wrap=True)
    table.add_column("worst", no_wrap=True)
    for name in ("limit", "above"):
        table.add_column(name, justify="right", no_wrap=True)
    for line in lines:
        mean_limit, cell_limit = line["mean_limit"], line["cell_limit"]
        missed = mean_limit is not None and min(line["mean"].values()) > mean_limit
        worst = {kind: value for kind, value in line["worst"].items() if kind != "name"}
        above = f"{len(line['above'])}" + (
            f" (+{len(line['unsettled'])}?)" if line["unsettled"] else ""
        )
        table.add_row(
            line["target"],
            line["direction"],
            str(line["cells"]),
            f"[red]{_readings(line['mean'])}[/]" if missed else _readings(line["mean"]),
            _limit(mean_limit),
            f"{_readings(worst)}  {line['worst']['name'].removesuffix('/float32')}",
            _limit(cell_limit),
            "–" if cell_limit is None else f"[red]{above}[/]" if line["above"] else above,
        )
    return table


def above_table(lines: Iterable[dict]) -> Table:
    """Every cell above a limit by both readings, then (marked ?) by one of them."""
    table = Table(title="cells above their limit (? = by one of the two readings only)")
    for name in ("target", "direction", "reading", "cell"):
        table.add_column(name, no_wrap=True)
    for line in lines:
        for mark, entries in (("", line["above"]), (" ?", line["unsettled"])):
            for entry in entries:
                readings = {kind: value for kind, value in entry.items() if kind != "name"}
                table.add_row(
                    f"{line['target']} ≤ {line['cell_limit']}",
                    line["direction"],
                    _readings(readings) + mark,
                    entry["name"].removesuffix("/float32"),
                )
    return table


def _readings(readings: dict[str, float]) -> str:
    return " | ".join(f"{value:.3g}" for value in readings.values())


def _limit(limit) -> str:
    return "–" if limit is None else f"≤ {limit:g}"
