"""What a call costs outside of jit, where the picture is too small to matter."""

from __future__ import annotations

from collections.abc import Iterable

import jax
import jax.numpy as jnp
from rich.table import Table

import jaxup
from benchmarks.measure.programs import Program
from benchmarks.measure.timing import estimate, interleave, paired_ratio

METHODS = {"nearest": "nearest", "bilinear": "linear", "bicubic": "cubic-pytorch"}
SHAPE = (1, 4, 4, 3)
LIMIT = 1.5


def overheads(rounds: int = 200) -> list[dict]:
    """One record a method: microseconds of a call of `upsample` and of `jax.image.resize`."""
    return [_overhead(method, rounds) for method in METHODS]


def _overhead(method, rounds) -> dict:
    x = jnp.ones(SHAPE)
    larger = (1, 8, 8, 3)
    calls = {
        "jaxup": lambda: jaxup.upsample(x, 2, method),
        "jax.image": lambda: jax.image.resize(x, larger, METHODS[method], antialias=False),
    }
    programs = [
        Program(peer, "forward", call, jax.block_until_ready) for peer, call in calls.items()
    ]
    guesses = [estimate(program) for program in programs]
    ours, theirs = interleave(programs, guesses, seconds=60, rounds=rounds)
    return {
        "method": method,
        "shape": list(SHAPE),
        "limit": LIMIT,
        "jaxup": {"min_us": 1e6 * ours.minimum, "median_us": 1e6 * ours.median},
        "jax.image": {"min_us": 1e6 * theirs.minimum, "median_us": 1e6 * theirs.median},
        "ratio": {"min": ours.minimum / theirs.minimum, "paired": paired_ratio(ours, theirs)},
    }


def eager_table(records: Iterable[dict]) -> Table:
    """Microseconds, and their ratio."""
    table = Table(title=f"eager call, {'×'.join(map(str, SHAPE))} ×2: µs min (median)")
    table.add_column("method")
    for heading in ("jaxup", "jax.image.resize", "ratio of minima | paired", "limit"):
        table.add_column(heading, justify="right", no_wrap=True)
    for record in records:
        table.add_row(
            record["method"],
            *(
                f"{record[peer]['min_us']:.0f} ({record[peer]['median_us']:.0f})"
                for peer in ("jaxup", "jax.image")
            ),
            f"{record['ratio']['min']:.2f} | {record['ratio']['paired']:.2f}",
            f"≤ {record['limit']:g}",
        )
    return table
