"""A campaign: draws of one kind after another until the time is up, each find told once."""

from __future__ import annotations

import collections
import dataclasses
import re
import traceback
import warnings
from collections.abc import Callable
from typing import Any

import hypothesis
import jax
from hypothesis import strategies as st

from tests.fuzz import boxes, checks, foreign, masked, memory, own, peers, rows
from tests.fuzz.drawn import Draw
from tests.fuzz.nonsense import refused_well, slips

CALLS: dict[str, Callable[[], Any]] = {
    "upsample": own.upsamples,
    "resize": own.resizes,
    "scale_and_translate": own.moves,
    "sample": own.samples,
    "resize_position_embedding": own.embeddings,
    "pixel_shuffle": own.shuffles,
    "dtype": masked.conversions,
    "where": masked.maskings,
    "crop_and_resize": boxes.crops,
    "cells": rows.cells,
    "upfirdn": rows.filters,
    "sample_position_embedding": rows.patches,
    "compat.torch": foreign.interpolations,
    "compat.jax_image": lambda: foreign.image_resizes() | foreign.image_moves(),
    "compat.tensorflow": foreign.tensorflow_resizes,
    "compat.onnx": foreign.onnx_resizes,
    **peers.CALLS,
    "compat.boxes": lambda: boxes.tensorflow_crops() | boxes.roi_aligns(),
}
TRACED = (  # which have no plan to look at
    *("sample", "resize_position_embedding", "pixel_shuffle", "where", "crop_and_resize"),
    *("sample_position_embedding", "compat.boxes", *peers.CALLS),
)
LOCATED = re.compile(r"\d+\.?\d*(e-?\d+)?")


def signature(error: BaseException) -> str:
    """What tells finds apart: where the error arose, its type, and its text without numbers."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [
        frame for frame in frames if "jaxup" in frame.filename or "tests/fuzz" in frame.filename
    ]
    where = f"{ours[-1].name}" if ours else ""
    text = LOCATED.sub("#", str(error).partition("\n")[0].partition(": [")[0]).replace(" ", "")[:60]
    return f"{where}: {type(error).__name__}: {text}"


class Finds:
    """Each find once, by its signature, and how many draws were made of each kind."""

    def __init__(self) -> None:
        self.draws: collections.Counter[str] = collections.Counter()
        self.seen: dict[str, str] = {}

    def run(self, kind: str, strategy: Any, check: Callable[[Any], None], count: int, seed: int):
        """Make a number of draws; an error that is new is made small, and kept as text."""

        @hypothesis.seed(seed)
        @hypothesis.settings(
            max_examples=count,
            database=None,
            deadline=None,
            derandomize=False,
            suppress_health_check=list[Any](hypothesis.HealthCheck),
            report_multiple_bugs=False,
            print_blob=False,
            verbosity=hypothesis.Verbosity.quiet,
            phases=(
                hypothesis.Phase.generate,
            ),  # a draw is small as it is, and shrinking takes minutes
        )
        @hypothesis.given(strategy)
        def each(draw: Any) -> None:
            self.draws[kind] += 1
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("error")
                    warnings.filterwarnings("ignore", ".* looks like channels first")
                    check(draw)
            except Exception as error:
                known = signature(error)
                if known in self.seen:
                    return
                last[:] = [known, draw, error]
                raise

        last: list[Any] = []
        while True:
            try:
                each()
            except Exception:
                if not last:
                    raise
                known, draw, error = last
                told = "".join(traceback.format_exception(error)[-6:])
                self.seen[known] = f"{kind}, seed {seed}\n  {draw}\n{told}"
                last.clear()
                seed += 1
                continue
            return


def turn(finds: Finds, number: int, size: int) -> None:
    """Draw once from everything: without compiling, compiled for a promise, and with a slip."""
    seed = 1000 * number
    for name, strategy in CALLS.items():
        if name not in TRACED:
            finds.run(f"{name}, planned", strategy(), checks.matrices_and_plans, 15 * size, seed)
        finds.run(f"{name}, explained", strategy(), checks.explained, 2 * size, seed + 1)
        finds.run(f"{name}, wrong", slips(strategy()), refused_well, 4 * size, seed + 3)
    # Together, for the first draw of hypothesis is always the smallest.
    calls = st.one_of([strategy() for strategy in CALLS.values()])
    promised = st.builds(Promised, calls, st.sampled_from(list(checks.PROMISES)))
    finds.run("run", promised, kept, 5 * size, seed + 2)
    finds.run("resize_matrix", own.matrices(), checks.matrix, 4 * size, seed)
    finds.run("sizes", memory.long_calls(), memory.shape_is_cheap, 4 * size, seed)
    jax.clear_caches()


@dataclasses.dataclass(frozen=True)
class Promised:
    """A call, and the name of what must hold for it."""

    draw: Draw
    promise: str

    def __str__(self) -> str:
        return f"{self.draw}\n  {self.promise}"


def kept(drawn: Promised) -> None:
    checks.PROMISES[drawn.promise](drawn.draw)
