"""``make fuzz``: draw until the time is up, and say what was drawn and found.

FUZZ_SECONDS: how long, 300 by default. FUZZ_SEED: a number; by default a random one, which is said.
"""

from __future__ import annotations

import collections
import os
import resource
import secrets
import sys
import time

import jax

from tests.fuzz import commands, memory, plans
from tests.fuzz.campaign import Finds, turn
from tests.fuzz.pictures import BATCH

MOST_MEMORY = 12 * 2**30  # bytes: what takes more is to fail, and not to have the machine killed


def main() -> int:
    seconds = float(os.environ.get("FUZZ_SECONDS", "300"))
    seed = int(os.environ.get("FUZZ_SEED") or secrets.randbelow(10**6))
    resource.setrlimit(resource.RLIMIT_DATA, (MOST_MEMORY, MOST_MEMORY))
    print(f"jax {jax.__version__}, seed {seed}, {seconds:.0f} s", flush=True)
    start, told, number = time.monotonic(), 0, 0
    finds = Finds()
    finds.draws["plans"] = plans.single(12) + plans.pairs(3)
    while number == 0 or time.monotonic() - start < seconds:
        turn(finds, 10_000 * seed + number, size=4)
        finds.run("memory", memory.large_calls(), memory.holds_little, 4, 10_000 * seed + number)
        for name, (draws, check, count) in commands.CAMPAIGNS.items():
            finds.run(f"command, {name}", draws(), check, count, 10_000 * seed + number)
        number += 1
        for text in list(finds.seen.values())[told:]:
            print(f"\nFIND {text}", flush=True)
        told = len(finds.seen)
        print(f"{time.monotonic() - start:.0f} s: {_total(finds)} draws, {told} finds", flush=True)
    _report(finds)
    return 1 if finds.seen else 0


def _total(finds: Finds) -> int:
    return sum(finds.draws.values()) - finds.draws["plans"]


def _report(finds: Finds) -> None:
    """Say how many draws there were of each kind; a draw of pictures has several."""
    kinds: collections.Counter[str] = collections.Counter()
    for name, count in finds.draws.items():
        kinds[name.rpartition(", ")[2]] += count
    for name, count in kinds.most_common():
        print(f"{count:8,} {name}" + (f", of {BATCH} each" if "pictures" in name else ""))
    print(f"{_total(finds):8,} draws in all, beside the plans; {len(finds.seen)} finds")


if __name__ == "__main__":
    sys.exit(main())
