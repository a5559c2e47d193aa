"""Rows that lie in two real processes, as examples/two_processes.py trains on them."""

import socket
import sys
import time

import numpy as np
import pytest

from tests.helpers.examples import load
from tests.helpers.paths import ROOT

SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]


@pytest.fixture(scope="module")
def example():
    return load("two_processes")


def test_two_processes_train_as_one_device_does(example, monkeypatch):
    """Guards the rows that cross between processes: in one process nothing has to be sent."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))  # the processes import this jaxup
    try:
        one, two = example.main()
    except RuntimeError as error:
        if "make_gloo_tcp_collectives only implemented for" in str(error):
            pytest.skip("JAX has no gloo on this platform")
        raise
    assert len(one["losses"]) == 10
    assert one["losses"][-1] < one["losses"][0] / 10
    assert len(two) == 2
    for found in two:
        assert found.keys() == one.keys() > {"losses"}
        for name, wanted in one.items():
            close = 1e-5 * np.abs(wanted).max()
            np.testing.assert_allclose(found[name], wanted, rtol=0, atol=close, err_msg=name)


def test_a_process_that_fails_ends_the_other_and_says_why(example):
    """Guards against processes that stay behind, waiting for one that is gone."""
    start = time.monotonic()
    with pytest.raises(RuntimeError, match=r"(?s)out of luck.*\[None, 1\]"):
        example.run_together([SLEEP, [sys.executable, "-c", "exit('out of luck')"]])
    assert time.monotonic() - start < 30


def test_processes_that_take_too_long_are_ended(example):
    start = time.monotonic()
    with pytest.raises(RuntimeError, match=r"\[None, None\]"):
        example.run_together([SLEEP, SLEEP], seconds=0.1)
    assert time.monotonic() - start < 30


def test_another_port_is_tried_where_one_is_taken(example, monkeypatch):
    """Guards the words by which the example knows that another program has taken its port."""
    attempts = []

    def run_together(commands):
        attempts.append(commands)
        address = commands[0][-2].split(":")
        with socket.create_server((address[0], int(address[1]))):
            run(commands[:1])

    run = example.run_together
    monkeypatch.setattr(example, "run_together", run_together)
    with pytest.raises(RuntimeError, match="Failed to add port"):
        example.on_two_processes(attempts=2)
    assert len(attempts) == 2
