"""Shared by the commands: the choice of cells, a progress bar, and the output of a report."""

from __future__ import annotations

import argparse
import datetime
import json
import pathlib
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Protocol, TypeVar

import jax
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from benchmarks.measure import cells
from benchmarks.measure.cells import Cell
from benchmarks.report.tables import console, short


class Named(Protocol):
    """What a progress bar names."""

    @property
    def name(self) -> str: ...


NamedT = TypeVar("NamedT", bound=Named)

RESULTS = pathlib.Path(__file__).parent / "results"


def add_cell_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of every command that measures cells."""
    parser.add_argument("--quick", action="store_true", help="only a sample of the cells")
    parser.add_argument("--filter", metavar="REGEX", help="only cells whose name matches")
    parser.add_argument("--list", action="store_true", help="print the names of the cells and stop")
    add_output_options(parser)


def add_output_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of every command that writes a report."""
    parser.add_argument(
        "--output",
        type=pathlib.Path,
        metavar="FILE",
        help="the JSON to write (default: a new file in benchmarks/results/local)",
    )
    parser.add_argument("--json", action="store_true", help="print the JSON instead of the tables")


def add_reuse_option(parser: argparse.ArgumentParser) -> None:
    """Add the option of the commands that only compile."""
    parser.add_argument(
        "--reuse",
        type=pathlib.Path,
        metavar="FILE",
        help="take jax.image's results from a stored run with equal versions",
    )


def known(
    options: argparse.Namespace, report: dict[str, Any], packages: Sequence[str]
) -> dict[str, dict[str, Any]]:
    """Return the records of the run to reuse by the cell's name, or none without that option.

    What is taken from them does not depend on jaxup, but on the versions of the packages.
    """
    if options.reuse is None:
        return {}
    earlier = json.loads(options.reuse.read_text())
    before, now = (each["environment"]["versions"] for each in (earlier, report))
    if any(before.get(name) != now.get(name) for name in packages):
        raise SystemExit(f"{options.reuse} was made with other versions of {', '.join(packages)}")
    return {record["name"]: record for record in earlier["cells"]}


def add_random_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of every command that `chosen_cells` serves."""
    parser.add_argument(
        "--random", type=int, metavar="N", help="N cells drawn at random instead of the list"
    )
    parser.add_argument(
        "--seed", type=int, default=0, help="of the random cells (default: %(default)s)"
    )
    parser.add_argument(
        "--batch",
        type=int,
        default=1,
        metavar="N",
        help="N times as many images in each cell, so that a GPU is filled",
    )


def chosen_cells(parser: argparse.ArgumentParser, options: argparse.Namespace) -> list[Cell]:
    """Return the cells that the options select. Exit with an error if there are none."""
    if options.random is not None:
        if options.random < 1 or options.quick:
            parser.error("--random takes a number of cells from 1 on, and not --quick")
        chosen = cells.random_cells(options.random, options.seed)
    else:
        chosen = cells.quick_cells() if options.quick else cells.cells()
    if options.batch < 1:
        parser.error(f"--batch takes a number from 1 on, got {options.batch}")
    return matching(parser, options, [cell.with_batch(options.batch) for cell in chosen])


def matching(
    parser: argparse.ArgumentParser, options: argparse.Namespace, chosen: list[Cell]
) -> list[Cell]:
    """Return the cells that --filter selects. Exit with an error if there are none."""
    try:
        pattern = re.compile(options.filter or "")
    except re.error as error:
        parser.error(f"--filter {options.filter!r} is no regular expression: {error}")
    chosen = [cell for cell in chosen if pattern.search(cell.name)]
    if not chosen:
        parser.error(f"--filter {options.filter!r} matches no cell's name; --list shows them")
    return chosen


def show_list(chosen: Sequence[Cell]) -> int:
    """Print the names of the cells and return the exit status."""
    print(*(cell.name for cell in chosen), sep="\n")
    return 0


def progress(chosen: Sequence[NamedT]) -> Iterator[NamedT]:
    """Yield the cells one by one and show a progress bar on the error stream."""
    columns = (
        TextColumn("{task.description}", justify="left"),
        BarColumn(bar_width=12),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console(stderr=True)) as bar:
        task = bar.add_task("", total=len(chosen))
        for cell in chosen:
            bar.update(task, description=short(cell.name))
            yield cell
            bar.advance(task)


def use_platform(platform: str) -> None:
    """Let JAX run on this platform, or exit with one line if it has no device there."""
    jax.config.update("jax_platforms", platform)
    try:
        jax.devices()
    except (AssertionError, RuntimeError) as error:  # the former where the plugin is not installed
        needed = {"cuda": "jax[cuda12]", "tpu": "jax[tpu]", "rocm": "jax[rocm]"}.get(platform)
        advice = f" It needs one, and pip install '{needed}'." if needed else ""
        raise SystemExit(f"JAX finds no {platform} device on this machine.{advice}") from error


def local_file(platform: str) -> pathlib.Path:
    """Return a new file name in a folder that git ignores."""
    stamp = datetime.datetime.now().strftime("%Y%m%d-%H%M%S")
    return RESULTS / "local" / f"{platform}-{stamp}.json"


def json_text(record: dict[str, Any]) -> str:
    """Return the record as compact JSON: a line for each key, and for each entry of a list."""
    return "{\n" + ",\n".join(map(_json_line, record, record.values())) + "\n}\n"


def _json_line(key: str, value: Any) -> str:
    if isinstance(value, list) and value:
        text = "[\n" + ",\n".join(f"  {json.dumps(entry)}" for entry in value) + "\n ]"
    else:
        text = json.dumps(value)
    return f" {json.dumps(key)}: {text}"


def write(report: dict[str, Any], output: pathlib.Path) -> None:
    """Write the report as JSON. Create the folder if it is missing."""
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(json_text(report))


def show(
    report: dict[str, Any], parts: Iterable[Table | str], output: pathlib.Path, *, as_json: bool
) -> None:
    """Print the report: its tables and lines, or the JSON itself."""
    if as_json:
        print(json_text(report), end="")
        return
    screen = console()
    path = output.relative_to(here) if output.is_relative_to(here := pathlib.Path.cwd()) else output
    for part in [*parts, f"JSON: {path}"]:
        screen.print(part, soft_wrap=isinstance(part, str), highlight=not isinstance(part, str))
