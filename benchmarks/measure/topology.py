"""Compiling for a TPU where there is none: libtpu knows the machines without owning one."""

from __future__ import annotations

import dataclasses
import functools
import os
import re
import time
from collections.abc import Callable

import jax

TOPOLOGY = "v5e:2x2"
_QUIET = {
    "TPU_SKIP_MDS_QUERY": "1",  # asking a cloud's metadata server for a TPU takes minutes to fail
    "TPU_ACCELERATOR_TYPE": "v5litepod-4",
    "TPU_WORKER_HOSTNAMES": "localhost",
    "ALLOW_MULTIPLE_LIBTPU_LOAD": "1",  # nothing is run, so processes need not take turns
}
_INDEXED = re.compile(r"\b(?:stablehlo\.)?(dynamic_gather|gather|scatter|select_and_scatter)\b")
_OPCODE = re.compile(r"^\s*(?:ROOT )?%?\S+ = .*?[\])}] ([a-z][a-z0-9-]*)\(", re.MULTILINE)


@functools.cache
def tpu_sharding(topology: str = TOPOLOGY) -> jax.sharding.SingleDeviceSharding:
    """The first device of a described TPU; RuntimeError or the like where libtpu is missing."""
    from jax.experimental import topologies

    for name, value in _QUIET.items():
        os.environ.setdefault(name, value)
    devices = topologies.get_topology_desc(topology, "tpu").devices
    return jax.sharding.SingleDeviceSharding(devices[0])


@dataclasses.dataclass(frozen=True)
class Compiled:
    """What a compiled TPU program says of itself.

    Args:
      bytes_accessed: read and written by all of its instructions.
      flops: of all of its instructions.
      temp_bytes: memory beside the argument and the result.
      compile_s: seconds of lowering and compilation.
      indexed: "gather" and "scatter" where they occur, as lowered or as optimised.
      opcodes: how often each instruction occurs in the optimised program.
    """

    bytes_accessed: float
    flops: float
    temp_bytes: int
    compile_s: float
    indexed: tuple[str, ...]
    opcodes: dict[str, int]


def compile_for_tpu(function: Callable, shape, dtype) -> Compiled:
    """Compile a function of one array for a single device of the TPU topology."""
    argument = jax.ShapeDtypeStruct(shape, dtype, sharding=tpu_sharding())
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
    """How often each instruction occurs in the text of an optimised program."""
    counts: dict[str, int] = {}
    for opcode in _OPCODE.findall(program):
        counts[opcode] = counts.get(opcode, 0) + 1
    return counts
