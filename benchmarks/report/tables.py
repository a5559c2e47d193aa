"""Tables: how they are drawn on the screen and in Markdown, and those of a run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from rich.console import Console
from rich.table import Table

from benchmarks.measure.cells import DIRECTIONS
from benchmarks.report.summary import Record

PEERS = {"torch": "/torch", "jax.image": "/jax", "opencv": "/cv2", "floor": "/floor"}
_WIDTH = 180


class Grid(NamedTuple):
    """A table's headings and rows, for the screen or for Markdown."""

    heads: Sequence[str]
    rows: Sequence[Sequence[str]]


def console(*, stderr: bool = False) -> Console:
    """Return a console; that of the tables is wide enough for them, whatever the terminal."""
    made = Console(stderr=stderr)
    return made if stderr else Console(width=max(made.width, _WIDTH))


def screen_table(grid: Grid, title: str | None = None, texts: int = 1) -> Table:
    """Draw a table for the screen. Its first `texts` columns are text, the others numbers."""
    table = Table(title=title, title_justify="left")
    for n, heading in enumerate(grid.heads):
        text, lines = n < texts, heading if n < texts else heading.replace(" ", "\n")
        table.add_column(lines, justify="left" if text else "right", no_wrap=True)
    for row in grid.rows:
        table.add_row(*row)
    return table


def markdown_table(grid: Grid) -> str:
    """Draw a table in Markdown. Its first column is text, the others are numbers."""
    lines = [grid.heads, [":---", *["---:"] * (len(grid.heads) - 1)], *grid.rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def replace_section(page: str, mark: str, text: str) -> str:
    """Replace the text between the comments ``mark: begin`` and ``mark: end`` of a page."""
    begin, end = f"<!-- {mark}: begin -->", f"<!-- {mark}: end -->"
    before, found_begin, rest = page.partition(begin)
    _, found_end, after = rest.partition(end)
    if not (found_begin and found_end):
        raise ValueError(f"expected {begin} and, below it, {end} in the page")
    return f"{before}{begin}\n{text}\n{end}{after}"


def cell_table(records: Iterable[Record]) -> Table:
    """Show a row for each cell: jaxup's minimum in ms, and its ratio to each peer's."""
    heads, rows = ["cell"], []
    for direction in DIRECTIONS:
        peers = [heading for peer, heading in PEERS.items() if _has(peer, direction)]
        heads += [f"{direction} ms", *peers, "temp", "compile s"]
    for record in records:
        row = [short(record["name"])]
        for direction in DIRECTIONS:
            ours, ratios = record["results"][direction]["jaxup"], record["ratios"][direction]
            row.append(f"{ours['min_ms']:.3f}")
            row += [_ratio(ratios.get(peer)) for peer in PEERS if _has(peer, direction)]
            row += _costs(ours)
        rows.append(row)
    title = "jaxup against its peers: ratios of minima, below 1 means faster"
    return screen_table(Grid(heads, rows), title)


def _has(peer: str, direction: str) -> bool:
    return peer != "opencv" or direction == "forward"


def _ratio(reading: Mapping[str, float] | None) -> str:
    if reading is None:
        return "–"
    return f"[red]{reading['min']:.2f}[/]" if reading["min"] > 1 else f"{reading['min']:.2f}"


def summary_tables(lines: Sequence[Record]) -> list[Table]:
    """Show the targets and, if there are any, the cells above a limit."""
    heads, rows = targets(lines)
    marked = []
    for line, row in zip(lines, rows, strict=True):
        *others, mean, mean_limit, worst, cell_limit, above = row
        missed = line["mean_limit"] is not None and min(line["mean"].values()) > line["mean_limit"]
        marked.append(
            [
                *others,
                f"[red]{mean}[/]" if missed else mean,
                mean_limit,
                f"{worst}  {short(line['worst']['name'])}",
                cell_limit,
                f"[red]{above}[/]" if line["above"] else above,
            ]
        )
    title = "targets (two readings: ratio of minima / paired within rounds)"
    tables = [screen_table(Grid(heads, marked), title, texts=2)]
    above = above_limit(lines, unsettled=True)
    if above.rows:
        tables.append(screen_table(above, "? = only one of the two readings is above", texts=2))
    return tables


def targets(lines: Iterable[Record]) -> Grid:
    """Show a row for each target and direction: the mean, the worst cell and their limits."""
    heads = ("target", "direction", "cells", "geometric mean", "limit")
    rows = []
    for line in lines:
        unsettled = f" (+ {len(line['unsettled'])} unsettled)" if line["unsettled"] else ""
        rows.append(
            [
                line["target"],
                line["direction"],
                str(line["cells"]),
                readings(line["mean"]),
                limit(line["mean_limit"]),
                readings(line["worst"]),
                limit(line["cell_limit"]),
                "" if line["cell_limit"] is None else f"{len(line['above'])}{unsettled}",
            ]
        )
    return Grid((*heads, "worst cell", "limit", "above"), rows)


def above_limit(lines: Iterable[Record], *, unsettled: bool = False) -> Grid:
    """Show the cells above a limit, by target, with those that are unsettled if asked for."""
    rows = []
    for line in lines:
        target = f"{line['target']}, {line['direction']}"
        rows += [[entry["name"], target, readings(entry)] for entry in line["above"]]
        if unsettled:
            rows += [[entry["name"], target, readings(entry) + " ?"] for entry in line["unsettled"]]
    return Grid(("cells above their limit", "target", "reading"), rows)


def growth(records: Iterable[Record]) -> Grid:
    """Show nanoseconds per pixel of the result; equal values mean linear cost."""
    peers = ("jaxup", "floor", "jax.image")
    rows = []
    for record in records:
        for direction in DIRECTIONS:
            results = record["results"][direction]
            times = (_per_pixel(record, results.get(peer)) for peer in peers)
            row = [f"{record['name']}, {direction}", *times, *_costs(results["jaxup"])]
            rows.append(row)
    return Grid(("bilinear, ns per output pixel", *peers, "temp", "compile s"), rows)


def _per_pixel(record: Record, result: Mapping[str, float] | None) -> str:
    return f"{1e6 * result['min_ms'] / record['out_pixels']:.2f}" if result else "–"


def _costs(ours: Mapping[str, float]) -> list[str]:
    return [f"{ours[key]:.2f}" if key in ours else "–" for key in ("temp_over_output", "compile_s")]


def eager(records: Iterable[Record]) -> Grid:
    """Show microseconds of an eager call, and their ratio."""
    rows = [
        [
            record["method"],
            *(f"{record[peer]['min_us']:.0f}" for peer in ("jaxup", "jax.image")),
            readings(record["ratio"]),
            limit(record["limit"]),
        ]
        for record in records
    ]
    return Grid(("eager call, tiny image, µs", "jaxup", "jax.image", "ratio", "limit"), rows)


def shrink(records: Iterable[Record]) -> Grid:
    """Show the number of instructions and the compile time of antialiased shrinks."""
    heads = ("antialiased shrink", "instructions lowered", "optimised", "compile s", "limit")
    rows = [
        [
            "{method}, {direction}, {in_size}² → {out_size}²".format(**record),
            str(record["lowered_instructions"]),
            str(record["instructions"]),
            f"{record['compile_s']:.2f}",
            limit(record["limit_s"]),
        ]
        for record in records
    ]
    return Grid(heads, rows)


def points(records: Iterable[Record]) -> Grid:
    """Show milliseconds of interpolations at points, and the ratio of minima to the peer's."""
    rows = []
    for record in records:
        row = [record["name"], next(iter(record["ratios"]["forward"]), "–")]
        for direction in DIRECTIONS:
            times = record["results"].get(direction)
            ratio = record["ratios"].get(direction, {}).get(row[1])
            row.append(f"{times['jaxup']['min_ms']:.2f}" if times else "–")
            row.append(f"{ratio['min']:.2f}" if ratio else "–")
        rows.append(row)
    return Grid(("at points, ms", "peer", "forward", "ratio", "backward", "ratio"), rows)


def point_formulations(records: Sequence[Record]) -> Grid:
    """Show milliseconds of each way to write the sums behind `jaxup.sample`."""
    ways = list(dict.fromkeys(way for record in records for way in record["ms"]))
    rows = [
        [
            record["name"],
            *(f"{record['ms'][way]:.1f}" if way in record["ms"] else "–" for way in ways),
        ]
        for record in records
    ]
    return Grid(("ms", *ways), rows)


def api(records: Iterable[Record]) -> Grid:
    """Show calls beside `upsample`, and the ratio of minima to the fastest peer's."""
    rows = []
    for record in records:
        for direction, results in record["results"].items():
            name = record["name"] if direction == "forward" else f"– {direction}"
            peers = sorted((results[peer]["min_ms"], peer) for peer in results if peer != "jaxup")
            peer = peers[0][1] if peers else "–"
            ratio = record["ratios"][direction].get(peer)
            row = [name, peer, f"{results['jaxup']['min_ms']:.2f}"]
            rows.append([*row, f"{ratio['min']:.2f}" if ratio else "–", *_costs(results["jaxup"])])
    return Grid(("call", "peer", "ms", "ratio", "temp", "compile s"), rows)


GROUPS = {
    "eager": eager,
    "shrink": shrink,
    "points": points,
    "growth": growth,
    "api": api,
}  # by their key in a report


ERRORS = ("largest error", "mean error")


def errors(record: Record, direction: str) -> list[str]:
    """Return both errors as text, jaxup's before jax.image's."""
    if "errors" not in record:
        return ["", ""]
    ours, theirs = (record["errors"][direction][peer] for peer in ("jaxup", "jax.image"))
    return [f"{ours[kind]:.3f}, {theirs[kind]:.3f}" for kind in ("max", "mean")]


def short(name: str) -> str:
    """Return a cell's name without the usual dtype."""
    return name.removesuffix("/float32")


def readings(reading: Mapping[str, float]) -> str:
    """Return the readings of a quantity; the name of their cell is left out."""
    return " / ".join(f"{value:.3g}" for kind, value in reading.items() if kind != "name")


def limit(value: float | None) -> str:
    """Return a limit as text, empty if there is none."""
    return "" if value is None else f"≤ {value:g}"
