"""``python -m benchmarks.formulations``: every plan for a cell against the one that jaxup takes.

Which strategies compute which axes, in which order, in one pass or in several: each is compiled,
compared with what jaxup computes, and timed against it. A formulation that takes far longer than
the best gets a few calls only.
"""

from __future__ import annotations

import argparse
import json
import pathlib
import sys
from collections.abc import Iterable, Sequence

import jax
import numpy as np
from rich.table import Table

from benchmarks import command
from benchmarks.measure import plans
from benchmarks.measure.allocator import keep_pages
from benchmarks.measure.cells import DIRECTIONS, Cell, Direction
from benchmarks.measure.environment import environment
from benchmarks.measure.peers import picture, programs
from benchmarks.measure.programs import Program, jitted
from benchmarks.measure.timing import estimate, interleave

RIVALS = ("torch", "jax.image", "floor")
HOPELESS = 1.5
SECONDS, ROUNDS = 1.5, 24
SHOWN = 2
LARGEST_TEMPORARIES = 1.0  # in outputs, as `Cell.allowance` counts them


def main(arguments: list[str] | None = None) -> int:
    """Run what the arguments ask for; returns the exit status."""
    made = argparse.ArgumentParser(prog="python -m benchmarks.formulations", description=__doc__)
    command.add_cell_options(made)
    made.add_argument(
        "--missed",
        type=pathlib.Path,
        metavar="FILE",
        help="only what is above a limit in that run of python -m benchmarks",
    )
    made.add_argument("--seconds", type=float, default=SECONDS, help="budget of a cell (1.5)")
    options = made.parse_args(arguments)
    jax.config.update("jax_platforms", "cpu")
    chosen = command.chosen_cells(made, options)
    try:
        missed = _missed(options.missed) if options.missed else None
    except (OSError, ValueError, KeyError) as error:
        made.error(
            f"--missed: expected JSON of python -m benchmarks, got {options.missed}: {error!r}"
        )
    wanted = {
        cell: [way for way in DIRECTIONS if missed is None or (cell.name, way) in missed]
        for cell in chosen
        if cell.dtype == "float32"
    }
    wanted = {cell: directions for cell, directions in wanted.items() if directions}
    if not wanted:
        made.error("none of these cells is in float32 and above a limit")
    if options.list:
        return command.show_list(list(wanted))
    keep_pages()
    output = options.output or command.local_file("formulations")
    report = {"environment": environment(), "seconds_per_cell": options.seconds, "tried": []}
    for cell in command.progress(list(wanted)):
        for direction in wanted[cell]:
            report["tried"].append(measure(cell, direction, options.seconds))
            command.write(report, output)
    command.show(report, [table(report["tried"])], output, as_json=options.json)
    return 0


def _missed(path: pathlib.Path) -> set[tuple[str, str]]:
    summary = json.loads(path.read_text())["summary"]
    return {(entry["name"], line["direction"]) for line in summary for entry in line["above"]}


def measure(cell: Cell, direction: Direction, seconds: float, rounds: int = ROUNDS) -> dict:
    """One direction of a cell: the milliseconds of jaxup, its peers and every formulation."""
    x = picture(cell, cell.operand_shape(direction))
    peers = [made for made in programs(cell, "cpu", RIVALS) if made.direction == direction]
    wanted = next(made() for made in peers if made.peer == "jaxup")
    tried = []
    for label, function in plans.formulations(cell, direction, x).items():
        made = jitted(label, direction, function, x)
        np.testing.assert_allclose(
            made(), wanted, rtol=1e-4, atol=1e-4, err_msg=f"{cell.name}, {label}"
        )
        tried.append(made)
    times = _times([*peers, *tried], seconds, rounds)
    return {
        "name": cell.name,
        "direction": direction,
        "chosen": plans.chosen(cell, direction, x),
        "peers_ms": _best(peers, times[: len(peers)]),
        "formulations_ms": _best(tried, times[len(peers) :]),
        "temp_over_output": {
            made.peer: made.facts["temp_bytes"] / cell.allowance(direction) for made in tried
        },
    }


def _times(rivals: Sequence[Program], seconds: float, rounds: int) -> list[float]:
    """Milliseconds; of a hopeless one the estimate."""
    guesses = [estimate(program) for program in rivals]
    kept = ("jaxup", "floor")
    best = min(guesses[n] for n, program in enumerate(rivals) if program.peer != "floor")
    close = [
        n
        for n, program in enumerate(rivals)
        if guesses[n] <= HOPELESS * best or program.peer in kept
    ]
    timings = interleave(
        [rivals[n] for n in close], [guesses[n] for n in close], seconds=seconds, rounds=rounds
    )
    exact = {n: timing.minimum for n, timing in zip(close, timings, strict=True)}
    return [1e3 * exact.get(n, guess) for n, guess in enumerate(guesses)]


def _best(rivals: Iterable[Program], times: Iterable[float]) -> dict[str, float]:
    """By name, the fastest first; the best of a peer's variants."""
    found: dict[str, float] = {}
    for program, value in zip(rivals, times, strict=True):
        found[program.peer] = min(value, found.get(program.peer, value))
    return dict(sorted(found.items(), key=lambda item: item[1]))


def ranking(record: dict) -> list[tuple[str, float]]:
    """The formulations that jaxup may take, with their time over its own: the best first."""
    return [
        (label, ratio)
        for label, ratio in _ratios(record)
        if not any(breaks(record, label) for breaks in RULES.values())
    ]


def excluded(record: dict) -> dict[str, tuple[str, float] | None]:
    """By the rule that they break, the best formulations that jaxup may not take."""
    return {
        rule: next((found for found in _ratios(record) if breaks(record, found[0])), None)
        for rule, breaks in RULES.items()
    }


def _ratios(record) -> list[tuple[str, float]]:
    ours = record["peers_ms"]["jaxup"]
    return [(label, value / ours) for label, value in record["formulations_ms"].items()]


def _spreads_nan(record, label) -> bool:
    return plans.spreads_nan(label)


def _is_large(record, label) -> bool:
    return record["temp_over_output"][label] > LARGEST_TEMPORARIES


RULES = {"spreads NaN": _spreads_nan, "larger": _is_large}  # what a formulation may break


def table(records: Iterable[dict]) -> Table:
    """A row a cell and direction: what is chosen, and what comes next to it."""
    records = list(records)
    made = Table(title="time of the best formulations, in jaxup's")
    for heading in ("cell", "direction", "chosen", *(f"best {n + 1}" for n in range(SHOWN))):
        made.add_column(heading)
    for record in records:
        best = [f"{label} {ratio:.2f}" for label, ratio in ranking(record)[:SHOWN]]
        made.add_row(record["name"], record["direction"], record["chosen"], *best)
    return made


if __name__ == "__main__":
    sys.exit(main())
