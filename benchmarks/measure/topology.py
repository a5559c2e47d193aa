"""Compile for a TPU on a machine without one. libtpu holds the descriptions of the machines."""

from __future__ import annotations

import dataclasses
import functools
import os
import re
import time
from collections.abc import Callable
from typing import Any

import jax
from jax.typing import DTypeLike

from benchmarks.measure.cells import Shape

TOPOLOGY = "v5e:2x2"
_QUIET = {
    "TPU_SKIP_MDS_QUERY": "1",  # a request for a cloud's metadata takes minutes to fail
    "TPU_ACCELERATOR_TYPE": "v5litepod-4",
    "TPU_WORKER_HOSTNAMES": "localhost",
    "ALLOW_MULTIPLE_LIBTPU_LOAD": "1",  # nothing runs, so processes need not take turns
}
_INDEXED = re.compile(r"\b(?:stablehlo\.)?(dynamic_gather|gather|scatter|select_and_scatter)\b")
_OPCODE = re.compile(r"^\s*(?:ROOT )?%?\S+ = .*?[\])}] ([a-z][a-z0-9-]*)\(", re.MULTILINE)


@functools.cache
def tpu_devices(topology: str = TOPOLOGY) -> list[Any]:
    """Return the devices of a described TPU. Raises if libtpu is missing."""
    from jax.experimental import topologies

    for name, value in _QUIET.items():
        os.environ.setdefault(name, value)
    return list(topologies.get_topology_desc(topology, "tpu").devices)


@dataclasses.dataclass(frozen=True)
class Compiled:
    """The costs of a program compiled for a TPU, as the compiler gives them.

    Args:
      bytes_accessed: bytes that all instructions read and write.
      flops: floating-point operations of all instructions.
      temp_bytes: memory besides the argument and the result.
      compile_s: seconds of lowering and compilation.
      indexed: "gather" and "scatter", if the lowered or the optimised program has them.
      opcodes: the number of each kind of instruction in the optimised program.
    """

    bytes_accessed: float
    flops: float
    temp_bytes: int
    compile_s: float
    indexed: tuple[str, ...]
    opcodes: dict[str, int]


def compile_for_tpu(
    function: Callable[..., Any],
    shape: Shape,
    dtype: DTypeLike,
    place: jax.sharding.Sharding | None = None,
) -> Compiled:
    """Compile a function of one array for the TPU topology.

    Args:
      place: the array's sharding over `tpu_devices`. By default it lies on the first of them.
    """
    place = place or jax.sharding.SingleDeviceSharding(tpu_devices()[0])
    argument = jax.ShapeDtypeStruct(shape, dtype, sharding=place)
    began = time.perf_counter()
    lowered = jax.jit(function).lower(argument)
    compiled = lowered.compile()
    seconds = time.perf_counter() - began
    cost = compiled.cost_analysis()
    memory = compiled.memory_analysis()
    assert cost is not None  # libtpu answers both
    assert memory is not None
    counts = opcodes(compiled.as_text() or "")
    indexed = {
        "scatter" if "scatter" in found else "gather"
        for found in _INDEXED.findall(lowered.as_text())
    }
    indexed |= {name for name in ("gather", "scatter") if name in counts}
    return Compiled(
        cost["bytes accessed"],
        cost.get("flops", 0.0),
        memory.temp_size_in_bytes,
        seconds,
        tuple(sorted(indexed)),
        counts,
    )


def opcodes(program: str) -> dict[str, int]:
    """Return the number of each kind of instruction in the text of an optimised program."""
    counts: dict[str, int] = {}
    for opcode in _OPCODE.findall(program):
        counts[opcode] = counts.get(opcode, 0) + 1
    return counts
