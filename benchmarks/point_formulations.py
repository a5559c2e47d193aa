"""Time ways to write the sums behind `jaxup.sample` as XLA operations, on a CPU.

All ways compute the same numbers, from the windows that the points read and their weights. jaxup's
own time has both in it. All take turns in one process, and the least time of each is compared.
"""

from __future__ import annotations

import argparse
import itertools
import sys
from typing import Any, NamedTuple

import jax
import numpy as np

from benchmarks import command
from benchmarks.measure.environment import environment, keep_pages
from benchmarks.measure.point_sums import METHODS, WAYS, windows
from benchmarks.measure.points import SIZES
from benchmarks.measure.programs import jitted
from benchmarks.measure.timing import estimate, interleave
from benchmarks.report.tables import point_formulations, screen_table


class Case(NamedTuple):
    """A sum, for images of (batch, height, width, channels) read at as many points as pixels."""

    sums: str
    method: str
    images: tuple[int, int, int, int]

    @property
    def name(self) -> str:
        batch, side, _, channels = self.images
        return f"{self.sums}, {self.method} {batch}×{side}²×{channels}"


CASES = [Case(*parts) for parts in itertools.product(WAYS, METHODS, SIZES)]


def measure(case: Case, seconds: float, rounds: int) -> dict[str, Any]:
    """Compare all ways, and return the milliseconds of each."""
    of = windows(case.images, case.method)
    programs = [jitted(name, "forward", way, of) for name, way in WAYS[case.sums].items()]
    first, *others = (jax.tree.leaves(program()) for program in programs)
    for program, result in zip(programs[1:], others, strict=True):
        for one, other in zip(first, result, strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-4, err_msg=program.peer)
    guesses = [estimate(program) for program in programs]
    timings = interleave(programs, guesses, seconds=seconds, rounds=rounds)
    best = {p.peer: 1e3 * timing.minimum for p, timing in zip(programs, timings, strict=True)}
    return {"name": case.name, "ms": best}


def main(arguments: list[str] | None = None) -> int:
    """Time all ways and return the exit status."""
    made = argparse.ArgumentParser(
        prog="python -m benchmarks.point_formulations", description=__doc__
    )
    command.add_output_options(made)
    made.add_argument("--seconds", type=float, default=3.0, help="budget of a sum (%(default)s)")
    made.add_argument("--rounds", type=int, default=12, help="turns of each way (%(default)s)")
    options = made.parse_args(arguments)
    keep_pages()
    command.use_platform("cpu")
    records = [measure(case, options.seconds, options.rounds) for case in command.progress(CASES)]
    report = {"environment": environment(), "point_formulations": records}
    output = options.output or command.local_file("point_formulations")
    command.write(report, output)
    command.show(report, [screen_table(point_formulations(records))], output, as_json=options.json)
    return 0


if __name__ == "__main__":
    sys.exit(main())
