"""Time every plan for a cell against the plan that jaxup chooses, on a CPU or a GPU.

A plan says which strategies compute which axes, in which order, and in how many passes. Each is
compiled, compared with jaxup's result, and timed. A plan that takes far longer than the best gets
only a few calls.
"""

from __future__ import annotations

import argparse
import json
import pathlib
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import jax
from rich.table import Table

from benchmarks import command
from benchmarks.measure import plans
from benchmarks.measure.cells import DIRECTIONS, Cell, Direction
from benchmarks.measure.environment import environment, keep_pages
from benchmarks.measure.peers import noise, programs
from benchmarks.measure.programs import Program, jitted
from benchmarks.measure.timing import estimate, interleave
from benchmarks.report.summary import Record
from benchmarks.report.tables import Grid, screen_table, short

RIVALS = ("torch", "jax.image", "floor")
HOPELESS = 1.5
SECONDS, ROUNDS = 1.5, 24
SHOWN = 2
TOLERANCES = {"float32": 1e-4, "bfloat16": 2e-2}
LARGEST_TEMPORARIES = 4.0  # in outputs, or in what `Cell.allowance` returns: a shrink to a quarter


def main(arguments: list[str] | None = None) -> int:
    """Time the chosen cells and return the exit status."""
    made = argparse.ArgumentParser(prog="python -m benchmarks.formulations", description=__doc__)
    command.add_cell_options(made)
    command.add_random_options(made)
    made.add_argument(
        "--missed",
        type=pathlib.Path,
        metavar="FILE",
        help="only the cells above a limit in this run of python -m benchmarks",
    )
    made.add_argument(
        "--seconds", type=float, default=SECONDS, help="budget of a cell (default: %(default)s)"
    )
    made.add_argument(
        "--platform", choices=("cpu", "cuda"), default="cpu", help="default: %(default)s"
    )
    options = made.parse_args(arguments)
    jax.config.update("jax_platforms", options.platform)
    chosen = command.chosen_cells(made, options)
    try:
        missed = _missed(options.missed) if options.missed else None
    except (OSError, ValueError, KeyError) as error:
        made.error(
            f"--missed: expected JSON of python -m benchmarks, got {options.missed}: {error!r}"
        )
    wanted: dict[Cell, list[Direction]] = {
        cell: [way for way in DIRECTIONS if missed is None or (cell.name, way) in missed]
        for cell in chosen
        if options.platform != "cpu" or cell.dtype == "float32"
    }
    wanted = {cell: directions for cell, directions in wanted.items() if directions}
    if not wanted:
        made.error("none of these cells is in float32 and above a limit")
    if options.list:
        return command.show_list(list(wanted))
    keep_pages()
    output = options.output or command.local_file(f"formulations-{options.platform}")
    report: dict[str, Any] = {
        "environment": environment(),
        "seconds_per_cell": options.seconds,
        "tried": [],
    }
    for cell in command.progress(list(wanted)):
        for direction in wanted[cell]:
            report["tried"].append(measure(cell, direction, options.seconds, options.platform))
            command.write(report, output)
    command.show(report, [table(report["tried"])], output, as_json=options.json)
    return 0


def _missed(path: pathlib.Path) -> set[tuple[str, str]]:
    """Return the cells and directions above a limit in a stored run."""
    summary = json.loads(path.read_text())["summary"]
    return {(entry["name"], line["direction"]) for line in summary for entry in line["above"]}


def measure(
    cell: Cell, direction: Direction, seconds: float, platform: str = "cpu", rounds: int = ROUNDS
) -> dict[str, Any]:
    """Return the record of one direction of a cell: milliseconds of each peer and formulation."""
    x = noise(cell, cell.operand_shape(direction))
    peers = [made for made in programs(cell, platform, RIVALS) if made.direction == direction]
    wanted = next(made() for made in peers if made.peer == "jaxup")
    tolerance = TOLERANCES[cell.dtype]
    tried = []
    for label, function in plans.formulations(cell, direction, x, platform).items():
        made = jitted(label, direction, function, x)
        apart = float(abs(made().astype("float32") - wanted.astype("float32")).max())
        if not apart <= tolerance:
            raise ValueError(f"{cell.name}, {label}: {apart} apart from jaxup's result")
        tried.append(made)
    times = _times([*peers, *tried], seconds, rounds, queued=platform != "cpu")
    return {
        "name": cell.name,
        "direction": direction,
        "chosen": plans.chosen(cell, direction, x, platform),
        "peers_ms": _best(peers, times[: len(peers)]),
        "formulations_ms": _best(tried, times[len(peers) :]),
        "temp_over_output": {
            made.peer: made.facts["temp_bytes"] / cell.allowance(direction) for made in tried
        },
    }


def _times(rivals: Sequence[Program], seconds: float, rounds: int, queued: bool) -> list[float]:
    """Return milliseconds: the minimum, or for a hopeless program its estimate."""
    guesses = [estimate(program) for program in rivals]
    kept = ("jaxup", "floor")
    best = min(guesses[n] for n, program in enumerate(rivals) if program.peer != "floor")
    close = [
        n
        for n, program in enumerate(rivals)
        if guesses[n] <= HOPELESS * best or program.peer in kept
    ]
    timings = interleave(
        [rivals[n] for n in close],
        [guesses[n] for n in close],
        seconds=seconds,
        rounds=rounds,
        queued=queued,
    )
    exact = {n: timing.minimum for n, timing in zip(close, timings, strict=True)}
    return [1e3 * exact.get(n, guess) for n, guess in enumerate(guesses)]


def _best(rivals: Iterable[Program], times: Iterable[float]) -> dict[str, float]:
    """Return the times by name, the fastest first, with the best of a peer's variants."""
    found: dict[str, float] = {}
    for program, value in zip(rivals, times, strict=True):
        found[program.peer] = min(value, found.get(program.peer, value))
    return dict(sorted(found.items(), key=lambda item: item[1]))


def ranking(record: Record) -> list[tuple[str, float]]:
    """Return the formulations that break no rule and their time divided by jaxup's, best first."""
    return [
        (label, ratio)
        for label, ratio in _ratios(record)
        if not any(breaks(record, label) for breaks in RULES.values())
    ]


def excluded(record: Record) -> dict[str, tuple[str, float] | None]:
    """Return, for each rule, the best formulation that breaks it."""
    return {
        rule: next((found for found in _ratios(record) if breaks(record, found[0])), None)
        for rule, breaks in RULES.items()
    }


def _ratios(record: Record) -> list[tuple[str, float]]:
    ours = record["peers_ms"]["jaxup"]
    return [(label, value / ours) for label, value in record["formulations_ms"].items()]


def _spreads_nan(record: Record, label: str) -> bool:
    return plans.spreads_nan(label)


def _is_large(record: Record, label: str) -> bool:
    return record["temp_over_output"][label] > LARGEST_TEMPORARIES


RULES: dict[str, Callable[[Record, str], bool]] = {"spreads NaN": _spreads_nan, "larger": _is_large}


def table(records: Iterable[Record]) -> Table:
    """Show a row for each cell and direction: the chosen plan and the best formulations."""
    heads = ["cell", "direction", "chosen", *(f"best {n + 1}" for n in range(SHOWN))]
    rows = [
        [
            short(record["name"]),
            record["direction"],
            record["chosen"],
            *(f"{label} {ratio:.2f}" for label, ratio in ranking(record)[:SHOWN]),
        ]
        for record in records
    ]
    title = "the best formulations: their time divided by jaxup's"
    return screen_table(Grid(heads, rows), title, texts=len(heads))


if __name__ == "__main__":
    sys.exit(main())
