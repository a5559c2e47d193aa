"""One cell, measured: its record as it stands in the JSON."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from benchmarks.measure.cells import DIRECTIONS, Cell
from benchmarks.measure.peers import PEERS, programs
from benchmarks.measure.programs import Program
from benchmarks.measure.timing import Timing, estimate, interleave, paired_ratio

HOPELESS_VARIANT = 1.5


def measure(
    cell: Cell, platform: str, seconds: float, rounds: int, peers: Collection[str] = PEERS
) -> dict:
    """Times every program of the cell against every other one."""
    rivals = programs(cell, platform, peers)
    guesses = [estimate(program) for program in rivals]
    rivals, guesses = _without_hopeless_variants(rivals, guesses)
    timings = interleave(rivals, guesses, seconds=seconds, rounds=rounds, queued=platform != "cpu")
    results, ratios = {}, {}
    for direction in DIRECTIONS:
        best = _best(rivals, timings, direction)
        results[direction] = {
            peer: _result(cell, direction, program, timing)
            for peer, (program, timing) in best.items()
        }
        ours = best["jaxup"][1]
        ratios[direction] = {
            peer: {
                "min": ours.minimum / theirs.minimum,
                "paired": paired_ratio(ours, theirs),
            }
            for peer, (_, theirs) in best.items()
            if peer != "jaxup"
        }
    return {**description(cell), "results": results, "ratios": ratios}


def description(cell: Cell) -> dict:
    """The cell's own facts, JSON-ready."""
    return {
        "name": cell.name,
        "data_format": cell.data_format,
        "picture": list(cell.picture),
        "method": cell.method,
        "operation": cell.operation.name,
        "dtype": cell.dtype,
        "in_shape": list(cell.in_shape),
        "out_shape": list(cell.out_shape),
        "in_bytes": cell.in_bytes,
        "out_bytes": cell.out_bytes,
    }


def _without_hopeless_variants(rivals, guesses):
    """Drops the variants of a peer that its best variant beats by far."""
    best: dict[tuple[str, str], float] = {}
    for program, guess in zip(rivals, guesses, strict=True):
        key = (program.peer, program.direction)
        best[key] = min(guess, best[key]) if key in best else guess
    kept = [
        (program, guess)
        for program, guess in zip(rivals, guesses, strict=True)
        if guess <= HOPELESS_VARIANT * best[program.peer, program.direction]
    ]
    return [program for program, _ in kept], [guess for _, guess in kept]


def _best(
    rivals: Sequence[Program], timings: Sequence[Timing], direction
) -> dict[str, tuple[Program, Timing]]:
    best = {}
    for program, timing in zip(rivals, timings, strict=True):
        if program.direction != direction:
            continue
        if program.peer not in best or timing.minimum < best[program.peer][1].minimum:
            best[program.peer] = program, timing
    return best


def _result(cell, direction, program, timing) -> dict:
    result = {
        "min_ms": 1e3 * timing.minimum,
        "median_ms": 1e3 * timing.median,
        "calls": timing.calls,
        "rounds": len(timing.rounds),
    }
    if program.variant:
        result["variant"] = program.variant
    if "temp_bytes" in program.facts:
        temp = program.facts["temp_bytes"]
        result["temp_over_output"] = temp / cell.allowance(direction)
    return result | program.facts
