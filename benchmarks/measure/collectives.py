"""The bytes that the devices of a compiled program receive from each other."""

from __future__ import annotations

import math
import re

from benchmarks.measure.program_text import ENTRY, array_bytes, computations

_COLLECTIVE = re.compile(
    r" = (.+?) (all-gather|all-reduce|all-to-all|collective-permute|reduce-scatter)\("
)
_WHILE = re.compile(r" while\(.*\bbody=%?([\w.\-]+)")
_TRIPS = re.compile(r'"known_trip_count":\{"n":"(\d+)"\}')
_CALLED = re.compile(r"\b(?:to_apply|true_computation|false_computation)=%?([\w.\-]+)")
_LISTED = re.compile(r"replica_groups=\{\{([\d,]+)\}")
_IOTA = re.compile(r"replica_groups=\[\d+,(\d+)\]<=")
_OF_MESH = re.compile(r"replica_groups=mesh\[(.*?)\][^{]*\{(.*?)\}")


def received(program: str) -> float:
    """Return the bytes that each device receives, of a program that XLA compiled for a CPU.

    A ring is assumed: of ``g`` devices, each receives ``(g - 1) / g`` of an all-gather's result,
    and twice that of an all-reduce's. A loop counts as often as it runs.

    Args:
      program: the text of the optimised program.
    """
    lines = computations(program)

    def count(name: str) -> float:
        total = 0.0
        for line in lines[name]:
            if found := _COLLECTIVE.search(line):
                total += array_bytes(found[1]) * _share(found[2], line)
            elif loop := _WHILE.search(line):
                if moved := count(loop[1]):
                    trips = _TRIPS.search(line)
                    assert trips, f"a loop of unknown length moves bytes: {line}"
                    total += int(trips[1]) * moved
            else:
                total += sum(map(count, _CALLED.findall(line)))
        return total

    return count(ENTRY)


def _share(collective: str, line: str) -> float:
    """Return how much of a collective's result a device receives from others."""
    if collective == "collective-permute":
        return 1.0
    devices = _group(line)
    if collective == "reduce-scatter":
        return devices - 1
    return (2 if collective == "all-reduce" else 1) * (devices - 1) / devices


def _group(line: str) -> int:
    """Return how many devices take part together; XLA writes their groups in three forms."""
    if found := _LISTED.search(line):
        return len(found[1].split(","))
    if found := _IOTA.search(line):
        return int(found[1])
    found = _OF_MESH.search(line)
    assert found, f"cannot read the groups of {line}"
    sizes = dict(re.findall(r"'(\w+)'=(\d+)", found[1]))
    names = re.findall(r"'(\w+)'", found[2])
    return math.prod(int(sizes[name]) for name in names)
