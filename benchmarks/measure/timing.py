"""Interleaved timing: all programs of a cell take turns in one process, round after round.

A round holds one turn of each program, in an order drawn anew, so that a slow minute of the
machine falls on all of them alike and the ratio of two times within a round means something.
Before its timed calls a turn sleeps a millisecond and makes one untimed call: thread pools of the
peers spin for a while after their last task, and would otherwise be billed to whoever comes next.
Slow programs sit out all but every second, fourth, ... round, so that a cell keeps its budget.
"""

from __future__ import annotations

import dataclasses
import gc
import random
import statistics
import time
from collections.abc import Sequence

from benchmarks.measure.programs import Program

PAUSE_S = 0.001
SLOW_S = 0.005
LONG_S = 0.3
CALLS_PER_TURN = 3
ESTIMATE_CALLS, ESTIMATE_S = 5, 0.05
QUEUE_S = 0.002
LONGEST_QUEUE = 32


@dataclasses.dataclass
class Timing:
    """Seconds of one program's calls, by round."""

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


def paired_ratio(ours: Timing, theirs: Timing) -> float:
    """The median, over the rounds in which both ran, of the ratio of their medians there."""
    shared = ours.rounds.keys() & theirs.rounds.keys()
    return statistics.median(
        statistics.median(ours.rounds[n]) / statistics.median(theirs.rounds[n]) for n in shared
    )


def estimate(program: Program) -> float:
    """Seconds of a warm call, roughly; of a long one the first call says enough."""
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
      estimates: seconds that a call of each takes, roughly.
      seconds: the budget, kept unless `least` rounds of a slow program overrun it.
      rounds: the most turns that a program gets.
      least: the fewest.
      queued: time several calls up to the last one's end rather than one by one, for devices
        that work while the host starts the next call.
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


def _calls(guess, queued) -> int:
    """As many calls a turn for all but slow programs, so that no minimum is of more draws."""
    if queued:
        return max(1, min(LONGEST_QUEUE, int(QUEUE_S / guess)))
    return CALLS_PER_TURN if guess < SLOW_S else 1


def _stride(cost, fair, most) -> int:
    """A power of two, so that the rounds of two slow programs coincide."""
    stride = 1
    while stride * fair < cost and 2 * stride <= most:
        stride *= 2
    return stride


def _turn(program, calls, warm, queued) -> list[float]:
    time.sleep(PAUSE_S)
    if warm:
        program()
    if queued:
        return [_queue(program, calls) / calls]
    return [_call(program) for _ in range(calls)]


def _call(program) -> float:
    began = time.perf_counter()
    result = program()
    seconds = time.perf_counter() - began
    del result  # giving the memory back is not part of the work
    return seconds


def _queue(program, calls) -> float:
    began = time.perf_counter()
    for _ in range(calls - 1):
        program.start()
    program()
    return time.perf_counter() - began
