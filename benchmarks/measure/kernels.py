"""The kernels of a program that XLA optimised for a GPU, read from its text."""

from __future__ import annotations

import dataclasses
import math
import re
from collections.abc import Iterator, Mapping

_ITEM_BITS = re.compile(r"\d+")
_ARRAY = re.compile(r"\b(pred|bf16|[suf]\d+\w*|c64|c128)\[([\d,]*)\]")
_HEAD = re.compile(r"^(?:ENTRY )?%?([\w.\-]+) \(.*\{$")
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
    computations = _computations(text)
    return list(_of(computations, "ENTRY"))


def _computations(text: str) -> dict[str, list[re.Match[str]]]:
    """Return the instructions of each computation; the entry's under the name "ENTRY"."""
    found: dict[str, list[re.Match[str]]] = {}
    body: list[re.Match[str]] = []
    for line in text.splitlines():
        head = _HEAD.match(line)
        if head:
            body = found["ENTRY" if line.startswith("ENTRY") else head[1]] = []
        elif instruction := _INSTRUCTION.match(line):
            body.append(instruction)
    return found


def _of(computations: Mapping[str, list[re.Match[str]]], name: str) -> Iterator[Kernel]:
    sizes: dict[str, int] = {}
    for result, shape, opcode, rest in (found.groups() for found in computations[name]):
        # A call of a library returns its workspace beside its result.
        sizes[result] = array_bytes(_WORKSPACE.sub(")", shape))
        if opcode in _INSIDE:
            for called in _CALLED.findall(rest):
                yield from _of(computations, called)
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


def array_bytes(shape: str) -> int:
    """Return the bytes of the arrays in a shape, which may be a tuple."""
    total = 0
    for dtype, sizes in _ARRAY.findall(shape):
        bits = _ITEM_BITS.search(dtype)
        bits_of_item = max(8, int(bits[0])) if bits else 8  # pred has no number
        total += bits_of_item // 8 * math.prod(map(int, filter(None, sizes.split(","))))
    return total
