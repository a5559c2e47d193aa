"""A short campaign, always the same draws; `make fuzz` makes others for as long as it may."""

import functools

import pytest
from hypothesis import strategies as st

from tests.fuzz import commands, memory, plans
from tests.fuzz.campaign import CALLS, Finds, turn

SEED = 20


def test_every_small_axis_has_plans_that_fit():
    assert plans.single(6) > 10_000
    assert plans.pairs(2) > 1_000


@functools.cache
def found() -> Finds:
    finds = Finds()
    turn(finds, SEED, size=1)
    return finds


@pytest.mark.parametrize("name", [*CALLS, "run", "resize_matrix", "sizes"])
def test_nothing_is_found(name):
    told = [text for text in found().seen.values() if text.startswith(name)]
    assert told == []


def test_draws_are_made_of_everything():
    kinds = {kind.rpartition(", ")[2] for kind in found().draws}
    assert kinds == {"planned", "explained", "run", "wrong", "resize_matrix", "sizes"}


def test_a_find_is_told_once():
    """A campaign that finds nothing because it cannot would pass every test above."""

    def breaks(number):
        assert number < 5, f"found {number}"

    finds = Finds()
    finds.run("numbers", st.integers(0, 9), breaks, 50, 0)
    assert len(finds.seen) == 1
    (text,) = finds.seen.values()
    assert "numbers, seed" in text
    assert "found" in text


@pytest.mark.one_jax  # as the other tests of commands
@pytest.mark.parametrize("name", commands.CAMPAIGNS)
def test_the_command_line_holds(name):
    finds = Finds()
    draws, check, _ = commands.CAMPAIGNS[name]
    finds.run(name, draws(), check, 3, SEED)
    assert finds.seen == {}


def test_large_calls_hold_little():
    finds = Finds()
    finds.run("memory", memory.large_calls(), memory.holds_little, 2, SEED)
    assert finds.seen == {}
