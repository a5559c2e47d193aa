"""The benchmarks of the calls beside `upsample`: that peers compute the same, and their table."""

import json
from typing import get_args

import numpy as np
import pytest

pytest.importorskip("rich")

from benchmarks import __main__ as command_line
from benchmarks import results_page
from benchmarks.measure import api
from benchmarks.report import tables
from jaxup.typing import BoundaryName

SMALL = {call.name: call for call in api.calls(16)}
GEOMETRY = "scale_and_translate", "learned"
DENSE = {"resize, renormalize", "resize, 1-D", "resize, 3-D", "resize_position_embedding"}


def test_every_boundary_stands_in_the_list():
    assert len(SMALL) == len(api.calls(16))
    assert {f"resize, {name}" for name in get_args(BoundaryName)} <= SMALL.keys()


@pytest.mark.parametrize("name", SMALL)
def test_peers_compute_the_same(name):
    made = api.programs(SMALL[name])
    peers = {program.peer for program in made}
    assert ("jax.image" in peers) == (name in DENSE or name.startswith(GEOMETRY))
    ours, *others = (np.asarray(each()) for each in made if each.direction == "forward")
    for theirs in others:
        layout = ours if ours.shape == theirs.shape else np.moveaxis(ours, -1, 1)
        np.testing.assert_allclose(layout, theirs, atol=5e-5)
    gradients = [np.asarray(each()) for each in made if each.direction == "backward"]
    assert bool(gradients) == (not name.startswith("uint8"))
    for gradient in gradients:
        assert gradient.shape in (SMALL[name].arguments[0].shape, (1, 3, 16, 16), (1, 12, 16, 16))


def test_a_run_is_shown(tmp_path, monkeypatch, capsys):
    chosen = [SMALL[name] for name in ("resize, edge", "resize, renormalize", "uint8 bilinear ×2")]
    monkeypatch.setattr(api, "calls", lambda: chosen)
    output = tmp_path / "api.json"
    options = ["--api", "--seconds", "0.01", "--rounds", "3", "--output", str(output)]
    assert command_line.main(options) == 0
    said, report = capsys.readouterr().out, json.loads(output.read_text())
    for call, record in zip(chosen, report["api"], strict=True):
        assert call.name in said
        assert f"| {call.name} | " in results_page.section(report)
        for results in record["results"].values():
            assert results["jaxup"].keys() >= {"min_ms", "temp_over_output", "compile_s"}
    assert [list(record["results"]) for record in report["api"]] == [
        ["forward", "backward"],
        ["forward", "backward"],
        ["forward"],
    ]


def test_the_table_names_the_fastest_peer():
    ours = {"min_ms": 2.0, "temp_over_output": 0.5, "compile_s": 0.1}
    peers = {"slow": {"min_ms": 8.0}, "fast": {"min_ms": 4.0}}
    record = {
        "name": "call",
        "results": {"forward": {"jaxup": ours, **peers}, "backward": {"jaxup": ours}},
        "ratios": {"forward": {"slow": {"min": 0.25}, "fast": {"min": 0.5}}, "backward": {}},
    }
    assert tables.api([record]).rows == [
        ["call", "fast", "2.00", "0.50", "0.50", "0.10"],
        ["– backward", "–", "2.00", "–", "0.50", "0.10"],
    ]
