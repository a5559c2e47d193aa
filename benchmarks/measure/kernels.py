"""The kernels of a program that XLA optimised for a GPU, read from its text."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Mapping

from benchmarks.measure.program_text import ENTRY, array_bytes, computations

_INSTRUCTION = re.compile(r"^\s+(?:ROOT )?%?([\w.\-]+) = (\(.*?\)|\S+) ([a-z][\w\-]*)\((.*)$")
_NAME = re.compile(r"%([\w.\-]+)")
_CALLED = re.compile(r"\b(?:to_apply|body)=%?([\w.\-]+)")
_WORKSPACE = re.compile(r", s8\[\d+\]\{0\}\)$")
_FREE = {"parameter", "constant", "bitcast", "get-tuple-element", "tuple", "after-all"}
_INSIDE = {"call", "while", "async-start"}


@dataclasses.dataclass(frozen=True)
class Kernel:
    """A kernel, or a call of a library.

    Args:
      name: of the instruction.
      opcode: "fusion", "custom-call", "copy" and so on.
      reads: bytes of the operands, each counted whole and once.
      writes: bytes of the results.
    """

    name: str
    opcode: str
    reads: int
    writes: int

    @property
    def bytes(self) -> int:
        return self.reads + self.writes


def kernels(text: str) -> list[Kernel]:
    """Return the kernels in the text of an optimised program, the bodies of its calls included."""
    return list(_of(computations(text), ENTRY))


def _of(lines: Mapping[str, list[str]], name: str) -> Iterator[Kernel]:
    sizes: dict[str, int] = {}
    for found in filter(None, map(_INSTRUCTION.match, lines[name])):
        result, shape, opcode, rest = found.groups()
        # A call of a library returns its workspace beside its result.
        sizes[result] = array_bytes(_WORKSPACE.sub(")", shape))
        if opcode in _INSIDE:
            for called in _CALLED.findall(rest):
                yield from _of(lines, called)
        elif opcode not in _FREE:
            operands = dict.fromkeys(_NAME.findall(_operands(rest)))
            yield Kernel(result, opcode, sum(sizes[each] for each in operands), sizes[result])


def _operands(rest: str) -> str:
    """Return what stands before the bracket that closes the operands."""
    depth = 1
    for end, character in enumerate(rest):
        depth += (character == "(") - (character == ")")
        if not depth:
            return rest[:end]
    return rest
