"""Interleaved timing: the programs of a cell take turns in one process, round after round.

Each round holds one turn of each program, in a new random order. A slow minute of the machine then
slows all of them alike, and the ratio of two times of one round is meaningful. Before its timed
calls, a turn sleeps for a millisecond and makes one untimed call, because the thread pools of the
peers spin for a while after their last task and would slow the next program. A slow program runs
only in every second, fourth, ... round, to keep the cell's budget.
"""

from __future__ import annotations

import dataclasses
import gc
import random
import statistics
import time
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from benchmarks.measure.cells import DIRECTIONS, Cell, Direction
from benchmarks.measure.peers import PEERS, programs
from benchmarks.measure.programs import Program

PAUSE_S = 0.001
SLOW_S = 0.005
LONG_S = 0.3
CALLS_PER_TURN = 3
ESTIMATE_CALLS, ESTIMATE_S = 5, 0.05
QUEUE_S = 0.002
LONGEST_QUEUE = 32
HOPELESS_VARIANT = 1.5


@dataclasses.dataclass
class Timing:
    """The seconds of one program's calls, by round."""

    rounds: dict[int, list[float]] = dataclasses.field(default_factory=dict)

    @property
    def minimum(self) -> float:
        return min(min(calls) for calls in self.rounds.values())

    @property
    def median(self) -> float:
        return statistics.median(call for calls in self.rounds.values() for call in calls)

    @property
    def calls(self) -> int:
        return sum(map(len, self.rounds.values()))


def measure(
    cell: Cell, platform: str, seconds: float, rounds: int, peers: Collection[str] = PEERS
) -> dict[str, Any]:
    """Time every program of the cell and return the cell's record."""
    allowances: dict[Direction, int] = {each: cell.allowance(each) for each in DIRECTIONS}
    rivals, queued = programs(cell, platform, peers), platform != "cpu"
    times = compared(rivals, allowances, seconds, rounds, queued=queued, layout=cell.data_format)
    return description(cell) | times


def compared(
    rivals: Sequence[Program],
    allowances: Mapping[Direction, int],
    seconds: float,
    rounds: int,
    *,
    queued: bool = False,
    layout: str | None = None,
) -> dict[str, Any]:
    """Time programs against each other: their results, and jaxup's ratios to its peers.

    `allowances` has the directions, each with the bytes that temporaries are divided by. The
    fastest variant of a peer counts. If one is named as jaxup's `layout`, there is a ratio to that
    one, too.
    """
    guesses = [estimate(program) for program in rivals]
    rivals, guesses = _without_hopeless_variants(rivals, guesses, layout)
    timings = interleave(rivals, guesses, seconds=seconds, rounds=rounds, queued=queued)
    results, ratios = {}, {}
    for direction, allowance in allowances.items():
        best = _best_variants(rivals, timings, direction)
        ours = best["jaxup"][1]
        results[direction] = {
            peer: _result(allowance, program, timing) for peer, (program, timing) in best.items()
        }
        others = {peer: theirs for peer, (_, theirs) in best.items() if peer != "jaxup"}
        others |= {
            f"{program.peer}, same layout": theirs
            for program, theirs in zip(rivals, timings, strict=True)
            if program.direction == direction and program.variant == layout
        }
        ratios[direction] = {
            peer: {"min": ours.minimum / theirs.minimum, "paired": paired_ratio(ours, theirs)}
            for peer, theirs in others.items()
        }
    return {"results": results, "ratios": ratios}


def description(cell: Cell) -> dict[str, Any]:
    """Return the properties of the cell, ready for JSON."""
    return {
        "name": cell.name,
        "data_format": cell.data_format,
        "picture": list(cell.image),  # the key of all stored results
        "method": cell.method,
        "operation": cell.operation.name,
        "dtype": cell.dtype,
        "in_shape": list(cell.in_shape),
        "out_shape": list(cell.out_shape),
        "in_bytes": cell.in_bytes,
        "out_bytes": cell.out_bytes,
    }


def paired_ratio(ours: Timing, theirs: Timing) -> float:
    """Return the median ratio of the two medians, over the rounds in which both ran."""
    shared = ours.rounds.keys() & theirs.rounds.keys()
    return statistics.median(
        statistics.median(ours.rounds[n]) / statistics.median(theirs.rounds[n]) for n in shared
    )


def estimate(program: Program) -> float:
    """Return roughly the seconds of a warm call. A program that takes long is called only once."""
    first = _call(program)
    if first > LONG_S:
        return first
    calls = [_call(program)]
    while len(calls) < ESTIMATE_CALLS and sum(calls) < ESTIMATE_S:
        calls.append(_call(program))
    return min(calls)


def interleave(
    programs: Sequence[Program],
    estimates: Sequence[float],
    *,
    seconds: float,
    rounds: int = 24,
    least: int = 3,
    queued: bool = False,
) -> list[Timing]:
    """Time the programs against each other.

    Args:
      programs: the programs.
      estimates: the rough seconds of a call of each.
      seconds: the budget, kept unless `least` rounds of a slow program exceed it.
      rounds: the maximum number of turns of a program.
      least: the minimum number of turns.
      queued: time several calls together, up to the end of the last, instead of one by one. This
        suits devices that work while the host starts the next call.
    """
    fair = seconds / (rounds * len(programs))
    calls = [_calls(guess, queued) for guess in estimates]
    strides = [
        _stride(guess * (count + (guess < SLOW_S)) + PAUSE_S, fair, rounds // least)
        for guess, count in zip(estimates, calls, strict=True)
    ]
    timings = [Timing() for _ in programs]
    order = list(range(len(programs)))
    shuffle = random.Random(0).shuffle
    gc.collect()
    gc.disable()
    try:
        for number in range(rounds):
            shuffle(order)
            for n in order:
                if number % strides[n] == 0:
                    warm = estimates[n] < SLOW_S
                    timings[n].rounds[number] = _turn(programs[n], calls[n], warm, queued)
    finally:
        gc.enable()
    return timings


def _calls(guess: float, queued: bool) -> int:
    """Return the calls of a turn: equal for all but slow programs, so that minima compare."""
    if queued:
        return max(1, min(LONGEST_QUEUE, int(QUEUE_S / guess)))
    return CALLS_PER_TURN if guess < SLOW_S else 1


def _stride(cost: float, fair: float, most: int) -> int:
    """Return a power of two, so that the rounds of two slow programs coincide."""
    stride = 1
    while stride * fair < cost and 2 * stride <= most:
        stride *= 2
    return stride


def _turn(program: Program, calls: int, warm: bool, queued: bool) -> list[float]:
    time.sleep(PAUSE_S)
    if warm:
        program()
    if queued:
        return [_queue(program, calls) / calls]
    return [_call(program) for _ in range(calls)]


def _call(program: Program) -> float:
    began = time.perf_counter()
    result = program()
    seconds = time.perf_counter() - began
    del result  # freeing the memory is not part of the work
    return seconds


def _queue(program: Program, calls: int) -> float:
    began = time.perf_counter()
    for _ in range(calls - 1):
        program.start()
    program()
    return time.perf_counter() - began


def _without_hopeless_variants(
    rivals: Sequence[Program], guesses: Sequence[float], layout: str | None
) -> tuple[list[Program], list[float]]:
    """Drop other layouts than this one that take much longer than the best of their peer."""
    best: dict[tuple[str, str], float] = {}
    for program, guess in zip(rivals, guesses, strict=True):
        key = (program.peer, program.direction)
        best[key] = min(guess, best.get(key, guess))
    kept = [
        (program, guess)
        for program, guess in zip(rivals, guesses, strict=True)
        if program.variant == layout
        or guess <= HOPELESS_VARIANT * best[program.peer, program.direction]
    ]
    return [program for program, _ in kept], [guess for _, guess in kept]


def _best_variants(
    rivals: Sequence[Program], timings: Sequence[Timing], direction: Direction
) -> dict[str, tuple[Program, Timing]]:
    best: dict[str, tuple[Program, Timing]] = {}
    for program, timing in zip(rivals, timings, strict=True):
        if program.direction != direction:
            continue
        if program.peer not in best or timing.minimum < best[program.peer][1].minimum:
            best[program.peer] = program, timing
    return best


def _result(allowance: int, program: Program, timing: Timing) -> dict[str, Any]:
    result: dict[str, Any] = {
        "min_ms": 1e3 * timing.minimum,
        "median_ms": 1e3 * timing.median,
        "calls": timing.calls,
        "rounds": len(timing.rounds),
    }
    if program.variant:
        result["variant"] = program.variant
    if "temp_bytes" in program.facts:
        result["temp_over_output"] = program.facts["temp_bytes"] / allowance
    return result | program.facts
