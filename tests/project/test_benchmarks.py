"""The benchmarks: their cells, that peers compute the same thing, a run that writes JSON."""

import dataclasses
import io
import json
import math
import subprocess
import sys

import numpy as np
import pytest

pytest.importorskip("rich")

import jax
import jax.numpy as jnp
from rich.console import Console

import jaxup
from benchmarks import __main__ as command_line
from benchmarks import (
    command,
    filters,
    formulations,
    gpu,
    plot,
    point_formulations,
    readme_table,
    results_page,
    sharding,
)
from benchmarks.measure import (
    accuracy,
    cells,
    eager,
    environment,
    gpu_topology,
    kernels,
    peers,
    plans,
    point_sums,
    points,
    shrink,
    timing,
)
from benchmarks.measure.collectives import received
from benchmarks.measure.floor import floor
from benchmarks.measure.programs import Program, jitted
from benchmarks.report import summary, tables, verdict
from tests.helpers.paths import ROOT

TINY = {2: (1, 8, 8, 3), 3: (1, 6, 6, 6, 2), 1: (1, 12, 4)}


def tiny(cell):
    return dataclasses.replace(cell, image=TINY[len(cell.in_sizes)])


def tiny_images(data_format, operations):
    """Each method and operation once, on an image of a few pixels."""
    chosen = [
        tiny(cell)
        for cell in cells.cells()
        if cell.dtype == "float32"
        and len(cell.in_sizes) == 2
        and cell.data_format == data_format
        and cell.operation.name in operations
    ]
    return dict.fromkeys(chosen)


@pytest.mark.parametrize("table", [cells.cells(), cells.random_cells(60, 1)], ids=["all", "random"])
def test_cells_are_well_formed(table):
    assert len({cell.name for cell in table}) == len(table)
    assert {cell.method for cell in table} == {*cells.METHODS, "linear", "trilinear"}
    assert {cell.dtype for cell in table} == {"float32", "bfloat16"}
    for cell in table:
        shape = jax.eval_shape(
            peers.jaxup_function(cell), jax.ShapeDtypeStruct(cell.in_shape, cell.dtype)
        )
        assert shape.shape == cell.out_shape, cell.name
        assert math.prod(cell.in_shape) == math.prod(cell.image), cell.name
        if cell.operation.align_corners:
            assert all(size % 2 for size in cell.out_sizes), cell.name


def test_cells_of_a_run():
    assert set(cells.quick_cells()) <= set(cells.cells())
    assert cells.random_cells(5, 1) == cells.random_cells(9, 1)[:5] != cells.random_cells(5, 2)
    for wrong in (["--random", "0"], ["--random", "3", "--quick"]):
        with pytest.raises(SystemExit):
            command_line.main(wrong)


def test_jax_image_computes_the_same():
    """Nearest apart, whose pixel jax.image chooses otherwise where the ratio is no integer."""
    for cell in tiny_images("channels_first", {"x1.5", "align_corners", "half"}):
        if cell.method != "nearest":
            x = peers.noise(cell, cell.in_shape)
            ours, theirs = peers.jaxup_function(cell)(x), peers.jax_image_function(cell)(x)
            np.testing.assert_allclose(ours, theirs, atol=2e-5, err_msg=cell.name)


def test_opencv_computes_the_same():
    """Its area apart, a box where an antialiased bilinear has a triangle."""
    pytest.importorskip("cv2")
    chosen = [cell for cell in tiny_images("channels_last", {"x1.5"}) if peers.opencv_has(cell)]
    assert len(chosen) == 3
    for cell in chosen:
        x = peers.noise(cell, cell.in_shape)
        ours, theirs = peers.jaxup_function(cell)(x), peers.opencv_function(cell)(np.array(x[0]))
        np.testing.assert_allclose(ours[0], theirs, atol=2e-5, err_msg=cell.name)
        most = dataclasses.replace(cell, image=(*cell.image[:-1], peers.OPENCV_CHANNELS))
        assert peers.opencv_has(most)
        peers.opencv_function(most)(np.array(peers.noise(most, most.in_shape)[0]))
        assert not peers.opencv_has(
            dataclasses.replace(most, image=(*cell.image[:-1], peers.OPENCV_CHANNELS + 1))
        )


@pytest.mark.parametrize("item_bytes", [2, 4])
@pytest.mark.parametrize("sizes", [(48000, 192000), (48000, 138720), (12000, 108000)])
def test_the_floor_moves_the_bytes_and_no_fewer(sizes, item_bytes):
    for in_elements, out_elements in (sizes, sizes[::-1]):
        function, x = floor(in_elements, out_elements, item_bytes)
        out_size = math.prod(jax.eval_shape(function, x).shape)
        moved = x.size + out_size
        assert in_elements + out_elements <= moved <= 1.2 * (in_elements + out_elements)
        np.testing.assert_allclose(out_size / x.size, out_elements / in_elements, rtol=0.02)


@pytest.mark.parametrize("sizes", [(8192, 18432), (18432, 8192)])
def test_the_floor_reads_every_element(sizes):
    function, x = floor(sizes[0], sizes[1], 4)
    reads = np.array(function(jnp.arange(x.size, dtype=x.dtype).reshape(x.shape)))
    for element in range(0, x.size, 1021):
        changed = jnp.arange(x.size, dtype=x.dtype).at[element].set(1 << 30).reshape(x.shape)
        assert (np.array(function(changed)) != reads).any(), element


def test_interleaving_gives_each_program_its_turns():
    calls = {"quick": 0, "slow": 0}

    def program(name):
        def start():
            calls[name] += 1

        return Program(name, "forward", start, lambda result: result)

    quick, slow = timing.interleave(
        [program("quick"), program("slow")], [1e-5, 1.0], seconds=0.1, rounds=8, least=2
    )
    assert len(quick.rounds) == 8
    assert len(slow.rounds) == 2
    assert slow.rounds.keys() <= quick.rounds.keys()
    assert (quick.calls, slow.calls) == (8 * timing.CALLS_PER_TURN, 2)
    assert calls == {"quick": 8 * (timing.CALLS_PER_TURN + 1), "slow": 2}


def test_ratios_pair_the_rounds_in_which_both_ran():
    ours = timing.Timing({0: [2.0], 1: [100.0], 2: [4.0, 6.0, 5.0]})
    theirs = timing.Timing({0: [4.0], 2: [10.0]})
    assert timing.paired_ratio(ours, theirs) == 0.5
    assert ours.minimum == 2.0


@pytest.mark.parametrize(("layout", "same"), [("channels_first", 0.5), ("channels_last", 2.0)])
def test_a_peer_is_compared_in_its_better_layout_and_in_ours(monkeypatch, layout, same):
    """Also where its better layout is so much faster that others would not be timed."""
    names = [("jaxup", ""), ("torch", "channels_first"), ("torch", "channels_last")]
    seconds = dict(zip(names, [2.0, 4.0, 1.0], strict=True))
    rivals = [
        Program(peer, "forward", int, lambda result: result, variant=variant, facts={})
        for peer, variant in names
    ]

    def time_of(program):
        return seconds[program.peer, program.variant]

    def interleave(programs, *_, **__):
        return [timing.Timing({0: [time_of(program)]}) for program in programs]

    monkeypatch.setattr(timing, "estimate", time_of)
    monkeypatch.setattr(timing, "interleave", interleave)
    ratios = timing.compared(rivals, {"forward": 1}, 1, 1, layout=layout)["ratios"]["forward"]
    assert {peer: ratio["min"] for peer, ratio in ratios.items()} == {
        "torch": 2.0,
        "torch, same layout": same,
    }


def test_summary_tells_missed_from_unsettled():
    target = summary.Target("rival", lambda record, _: record["reading"], lambda *_: True, 1.0)
    records = [
        {"name": "fast", "reading": {"min": 0.5, "paired": 0.5}},
        {"name": "noisy", "reading": {"min": 0.9, "paired": 1.2}},
        {"name": "slow", "reading": {"min": 2.0, "paired": 4.0}},
        {"name": "absent", "reading": None},
    ]
    line, _backward = summary.summarise(records, [target])
    assert line["cells"] == 3
    assert [entry["name"] for entry in line["above"]] == ["slow"]
    assert [entry["name"] for entry in line["unsettled"]] == ["noisy"]
    assert line["worst"]["name"] == "slow"
    np.testing.assert_allclose(line["mean"]["min"], 0.9 ** (1 / 3))


def test_memory_and_compile_time_are_known():
    program = jitted("jaxup", "forward", lambda x: jnp.sort(x) + 1, jnp.ones(64))
    assert program.facts["compile_s"] > 0
    assert program.facts["temp_bytes"] >= 0


def test_temporaries_are_counted_in_the_output_or_the_larger_gradient():
    double, half = (
        next(cell for cell in cells.cells() if f"/{name}/" in cell.name) for name in ("x2", "half")
    )
    assert double.allowance("forward") == double.allowance("backward") == double.out_bytes
    assert half.allowance("forward") == half.out_bytes
    assert half.allowance("backward") == half.in_bytes == 4 * half.out_bytes


def test_a_run_writes_json(tmp_path, monkeypatch, capsys):
    cell = next(tiny(cell) for cell in cells.cells() if cell.method == "bilinear")
    monkeypatch.setattr(command.cells, "cells", lambda: [cell])
    output = tmp_path / "new" / "run.json"
    options = ["--filter", "x2", "--seconds", "0.05", "--rounds", "3", "--output", str(output)]
    assert command_line.main([*options, "--table"]) == 0
    said = capsys.readouterr().out
    assert cell.name.removesuffix("/float32") in said
    assert "  jax.image  " in said
    report = json.loads(output.read_text())
    assert report["environment"]["versions"]["jax"] == jax.__version__
    (record,) = report["cells"]
    assert record["name"] == cell.name
    for direction in cells.DIRECTIONS:
        assert record["results"][direction].keys() >= {"jaxup", "jax.image", "floor"}
        for result in record["results"][direction].values():
            assert 0 < result["min_ms"] <= result["median_ms"]
        assert record["ratios"][direction]["jax.image"].keys() == {"min", "paired"}
    assert {line["target"] for line in report["summary"]} >= {"jax.image", "temporaries / output"}


def test_json_has_a_line_for_each_cell():
    cells_of_a_run = [{"name": f"cell {n}", "ratios": {"torch": {"min": n / 3}}} for n in range(3)]
    record = {"environment": {"versions": {"jax": "1"}}, "cells": cells_of_a_run, "summary": []}
    text = command.json_text(record)
    assert json.loads(text) == record
    first, second, third, *others = text.splitlines()
    assert (first, third) == ("{", ' "cells": [')
    assert second.startswith(' "environment": ')
    assert [json.loads(line.rstrip(",")) for line in others[:3]] == cells_of_a_run
    assert others[3:] == [" ],", ' "summary": []', "}"]


@pytest.mark.parametrize("path", sorted(command.RESULTS.glob("*.json")), ids=lambda path: path.name)
def test_committed_results_are_compact(path):
    assert path.read_text() == command.json_text(json.loads(path.read_text()))


PROGRAM = """HloModule jit_f

%fused (p: f32[8,4], q: s32[3,1]) -> f32[3,4] {
  %p = f32[8,4]{1,0} parameter(0)
  ROOT %taken = f32[3,4]{1,0} gather(%p, %q), slice_sizes={1,4}
}

%inside (p: bf16[6]) -> bf16[6] {
  %p = bf16[6]{0} parameter(0)
  ROOT %again = bf16[6]{0} copy(%p)
}

ENTRY %main (x: f32[8,4]) -> f32[3,4] {
  %rows = s32[3,1]{1,0} constant({...})
  %x = f32[8,4]{1,0} parameter(0)
  %fusion = f32[3,4]{1,0} fusion(%x, %rows, /*index=2*/%x), kind=kLoop, calls=%fused
  %product = (f32[3,4]{1,0}, s8[4096]{0}) custom-call(%fusion), custom_call_target="gemm"
  %of = f32[3,4]{1,0} get-tuple-element(%product), index=0
  %small = bf16[6]{0} bitcast(%of)
  %call = bf16[6]{0} call(%small), to_apply=%inside
  ROOT %result = f32[3,4]{1,0} bitcast(%call)
}
"""


def test_kernels_are_read_from_the_text_of_a_program():
    found = kernels.kernels(PROGRAM)
    assert [(kernel.opcode, kernel.reads, kernel.writes) for kernel in found] == [
        ("fusion", 4 * 8 * 4 + 4 * 3, 4 * 3 * 4),  # every array once
        ("custom-call", 4 * 3 * 4, 4 * 3 * 4),  # without its workspace
        ("copy", 2 * 6, 2 * 6),
    ]
    assert kernels.array_bytes("(pred[5]{0}, f8e4m3fn[3,2], u16[], s4[2])") == 5 + 6 + 2 + 2


def test_errors_are_in_units_of_the_last_place():
    exact = np.array([1.0, 1.0, 3.0, 0.0])
    found = jnp.array([1.0, 1.0 + 2**-7, 3.0 - 2**-6, 0.0], jnp.bfloat16)
    assert accuracy.errors(found, exact) == {"max": 1.0, "mean": 0.5}


@pytest.mark.parametrize("platform", ["cuda", "tpu"])
def test_16_bit_results_are_nearer_than_those_of_jax_image(platform):
    """The array between two axes is float32, or there is none."""
    for method in ("bilinear", "lanczos3"):
        for direction in cells.DIRECTIONS:
            cell = cells.Cell(
                "channels_last", (1, 12, 12, 4), method, cells.OPERATIONS["x1.5"], "bfloat16"
            )
            found = accuracy.accuracy(cell, direction, platform)
            assert found["jaxup"]["max"] < 0.51
            for kind in ("max", "mean"):
                assert found["jaxup"][kind] < found["jax.image"][kind]


def test_no_compiler_for_a_gpu_is_one_line(monkeypatch):
    def missing(*_, **__):
        raise NotImplementedError("topology not implemented for cuda")

    monkeypatch.setattr("jax.experimental.topologies.get_topology_desc", missing)
    gpu_topology.gpu_sharding.cache_clear()
    with pytest.raises(SystemExit, match=r"^python -m benchmarks.gpu: .*pip install jax-cuda12-"):
        gpu.main(["--quick"])


def test_a_filter_that_matches_nothing_says_so(capsys):
    with pytest.raises(SystemExit) as stop:
        command_line.main(["--filter", "no such cell"])
    assert stop.value.code == 2
    assert "--list" in capsys.readouterr().err


def test_eager_calls_are_compared():
    records = eager.overheads(rounds=2)
    assert [record["method"] for record in records] == [call.name for call in eager.calls()]
    for record in records:
        assert record["ratio"]["min"] == pytest.approx(
            record["jaxup"]["min_us"] / record["jax.image"]["min_us"]
        )


@pytest.mark.parametrize("direction", cells.DIRECTIONS)
def test_a_shrink_of_hundreds_of_taps_is_a_short_program(direction):
    record = shrink.shrink("lanczos3", direction, 4000)  # 648 taps an output, 24 of them written
    assert 0 < record["lowered_instructions"] < 900
    assert 0 < record["instructions"] < 1800


@pytest.mark.parametrize(
    ("data_format", "direction", "method"),
    [  # each two of the three meet once
        ("channels_first", "forward", "nearest"),
        ("channels_first", "backward", "bilinear"),
        ("channels_last", "forward", "bilinear"),
        ("channels_last", "backward", "nearest"),
    ],
)
def test_every_formulation_computes_the_cell(data_format, direction, method):
    """The record holds what jaxup takes, once more; measuring compares what each computes."""
    chosen = [cell for cell in tiny_images(data_format, {"half"}) if cell.method == method]
    assert chosen
    for cell in chosen:
        record = formulations.measure(cell, direction, seconds=0.01, rounds=3)
        tried = record["formulations_ms"]
        assert {"jaxup", "jax.image", "floor"} <= record["peers_ms"].keys()
        assert record["chosen"] in tried, cell.name
        assert tried.keys() >= {"gather H → gather W", "gather W + gather H", "matmul HW"}
        allowed = dict(formulations.ranking(record))
        assert allowed.keys() <= tried.keys() == record["temp_over_output"].keys()
        assert not [label for label in allowed if "matmul" in label or "block_matmul" in label]
        best = formulations.excluded(record)["spreads NaN"]
        assert best is not None
        spreads, _ratio = best
        assert "matmul" in spreads or "block_matmul" in spreads


def test_orders_of_products_are_those_of_one_resample():
    cell = cells.Cell("channels_first", (1, 6, 4, 2), "bilinear", cells.OPERATIONS["x2"], "float32")
    x = peers.noise(cell, cell.operand_shape("forward"))
    made = plans.formulations(cell, "forward", x, "tpu")
    assert len(made) == 8
    assert {"matmul HW", "batched_matmul W → matmul H"} <= made.keys()
    for function in made.values():
        assert jnp.allclose(function(x), peers.jaxup_function(cell)(x), atol=1e-6)


def test_filters_are_compared_with_convolutions_of_equal_values():
    for up, down in ((2, 1), (1, 2)):
        cell = filters.Cell((1, 6, 8, 2), taps=5, up=up, down=down, padding=(2, 1))
        assert min(filters.ratios(cell, seconds=0.01, rounds=3)) > 0


def test_formulations_are_ranked_within_the_rules():
    record = {
        "peers_ms": {"jaxup": 2.0},
        "formulations_ms": {"gather H → gather W": 1.0, "matmul HW": 1.5, "plane HW": 3.0},
        "temp_over_output": {"gather H → gather W": 5.0, "matmul HW": 0.0, "plane HW": 0.5},
    }
    assert formulations.ranking(record) == [("plane HW", 1.5)]
    assert formulations.excluded(record) == {
        "spreads NaN": ("matmul HW", 0.75),
        "larger": ("gather H → gather W", 0.5),
    }


def test_formulations_of_what_missed_a_limit(tmp_path, monkeypatch, capsys):
    missed, kept = (tiny(cell) for cell in cells.cells()[:2])
    monkeypatch.setattr(command.cells, "cells", lambda: [missed, kept])
    summary_of_a_run = [{"direction": "backward", "above": [{"name": missed.name}]}]
    run, output = tmp_path / "run.json", tmp_path / "tried.json"
    run.write_text(json.dumps({"summary": summary_of_a_run}))
    options = ["--missed", str(run), "--seconds", "0.01", "--output", str(output)]
    assert formulations.main(options) == 0
    report = json.loads(output.read_text())
    assert [(r["name"], r["direction"]) for r in report["tried"]] == [(missed.name, "backward")]
    assert report["tried"][0]["chosen"] in results_page.section(report)
    assert missed.name.removesuffix("/float32") in results_page.section(report)
    (tmp_path / "other.json").write_text("{}")
    (tmp_path / "page.md").write_text("# Results")
    for name in ("none.json", "other.json", "page.md"):
        with pytest.raises(SystemExit) as stop:
            formulations.main(["--missed", str(tmp_path / name)])
        assert stop.value.code == 2
        assert "python -m benchmarks" in capsys.readouterr().err


def report(ratio):
    """A report of two cells, of which the second lacks torch."""
    records = []
    for cell in (cells.cells()[0], cells.cells()[-1]):
        ratios = {"jax.image": {"min": ratio, "paired": ratio}}
        if not records:
            ratios["torch"] = {"min": 2 * ratio, "paired": 2 * ratio}
        facts = {"min_ms": 1.0, "temp_over_output": 0.5, "compile_s": 0.1}
        record = {
            "name": cell.name,
            "picture": list(cell.image),
            "method": cell.method,
            "operation": cell.operation.name,
            "dtype": "float32",
            "results": {direction: {"jaxup": facts} for direction in cells.DIRECTIONS},
            "ratios": dict.fromkeys(cells.DIRECTIONS, ratios),
        }
        records.append(record)
    return {
        "environment": environment.environment(),
        "cells": records,
        "summary": summary.summarise(records),
    }


def test_verdict_is_a_line_for_each_peer_in_80_columns():
    lines = list(verdict.verdict(report(0.25), "cpu", ["opencv"]))
    assert max(map(len, lines)) <= 80
    assert lines[0].startswith(f"jaxup {jaxup.__version__} on cpu, JAX {jax.__version__}: ")
    assert lines[1:] == [
        "2 cells. How many times as fast as each peer is jaxup: mean (worst cell)",
        "  jax.image  4 (4) forward, 4 (4) backward; slower in 0 of 4",
        "  torch      2 (2) forward, 2 (2) backward; slower in 0 of 2",
        "  opencv     not measured: pip install opencv-python-headless",
        "  floor      not measured: it computes none of these cells on cpu",
        "  Measured on cpu alone; --platform names another device: cuda, rocm, tpu.",
        "  Cells above a limit that jaxup sets itself: 0. --table shows them all.",
    ]
    slow = list(verdict.verdict(report(40.0), "cuda", ["torch", "opencv"]))
    assert slow[2] == "  jax.image  0.025 (0.025) forward, 0.025 (0.025) backward; slower in 4 of 4"
    assert max(map(len, slow)) <= 80


POINTS = {
    "name": points.CELLS[-1].name,
    "results": {"forward": {"jaxup": {"min_ms": 1234.5}, "scipy": {"min_ms": 2469.0}}},
    "ratios": {"forward": {"scipy": {"min": 0.5, "paired": 0.5}}},
}


@pytest.mark.parametrize("cell", [points.CELLS[n] for n in (0, 2, 4, 8)], ids=str)
def test_points_of_peers_are_the_same(cell):
    peer = "scipy" if cell.method == "bspline3" else "torch"
    pytest.importorskip(peer)
    record = points.measure(cell._replace(images=(2, 8, 8, cell.images[-1])), 0.01, 3)
    assert set(record["results"]["forward"]) == {"jaxup", peer}
    ours, *others = (
        np.asarray(program())
        for program in points.programs(cell._replace(images=(2, 8, 8, cell.images[-1])))
        if program.direction == "forward"
    )
    for theirs in others:
        layout = np.moveaxis(ours, -1, 1) if ours.shape != theirs.shape else ours
        np.testing.assert_allclose(layout, theirs, atol=2e-5)


@pytest.mark.parametrize("method", point_sums.METHODS)
def test_ways_to_sum_at_points_are_compared(method, monkeypatch, tmp_path):
    cases = [point_formulations.Case(sums, method, (2, 8, 8, 3)) for sums in point_sums.WAYS]
    monkeypatch.setattr(point_formulations, "CASES", cases)
    output = tmp_path / "run.json"
    assert not point_formulations.main(["--seconds", "0.01", "--output", str(output)])
    report = json.loads(output.read_text())
    assert [set(record["ms"]) for record in report["point_formulations"]] == [
        set(ways) for ways in point_sums.WAYS.values()
    ]
    assert f"| read pixels, {method} 2×8²×3 |" in results_page.section(report)
    monkeypatch.setitem(point_sums.WAYS["read pixels"], "loop", lambda of: of.cotangent)
    with pytest.raises(AssertionError, match="loop"):
        point_formulations.measure(cases[0], 0.01, 1)


def test_a_page_of_points_alone():
    report = {"environment": environment.environment(), "points": [POINTS]}
    (row,) = [line for line in results_page.section(report).splitlines() if "bspline3" in line]
    assert row == "| sample bspline3 1×1024²×1 | scipy | 1234.50 | 0.50 | – | – |"


@pytest.mark.parametrize("group", tables.GROUPS)
def test_tables_of_groups_fit_in_80_columns(group):
    alone = command.RESULTS / f"{group}.json"
    run = json.loads((alone if alone.exists() else command.RESULTS / "cpu.json").read_text())
    screen = Console(width=300, record=True, file=io.StringIO())
    screen.print(tables.screen_table(tables.GROUPS[group](run[group])))
    assert 60 < max(map(len, screen.export_text().splitlines())) <= 80


def test_a_platform_without_a_device_is_one_line(monkeypatch):
    def missing():
        raise AssertionError  # what JAX says without the plugin

    monkeypatch.setattr(jax.config, "update", lambda *_: None)
    monkeypatch.setattr(jax, "devices", missing)
    with pytest.raises(SystemExit, match=r"^JAX finds no cuda device on this machine\. It ne.*\.$"):
        command_line.main(["--platform", "cuda"])


def test_speed_table_has_means_and_worst_cases():
    text = readme_table.speed_table(report(0.25), "results.json")
    assert "| nearest | 2.0 (2.0) | 2.0 (2.0) | 4.0 (4.0) | 4.0 (4.0) |" in text
    assert "| lanczos3 | – | – | 4.0 (4.0) | 4.0 (4.0) |" in text
    assert f"JAX {jax.__version__}" in text


def test_results_page_names_the_cells_above_their_limit():
    text = results_page.section(report(0.75))
    first, last = cells.cells()[0].name, cells.cells()[-1].name
    assert f"| `{first}` | torch, forward | 1.5 / 1.5 |" in text
    assert f"| `{last}` | torch" not in text


def test_a_section_is_replaced_between_its_marks():
    page = "a\n<!-- x: begin -->\nold\n<!-- x: end -->\nb\n"
    new = tables.replace_section(page, "x", "new")
    assert new == page.replace("old", "new")
    assert tables.replace_section(new, "x", "new") == new
    with pytest.raises(ValueError, match="y: begin"):
        tables.replace_section(page, "y", "new")


def test_generated_tables_are_those_of_the_committed_results():
    if readme_table.RESULT.exists():
        assert readme_table.main(["--check"]) == 0
    assert results_page.main(["--check"]) == 0


def test_plot_draws_an_image(tmp_path):
    pytest.importorskip("matplotlib")
    image = tmp_path / "ratios.png"
    plot.plot(report(0.5), image)
    assert image.read_bytes().startswith(b"\x89PNG")
    assert plot.sorted_ratios(report(0.5), "forward", "torch") == [1.0]


def test_bytes_received_are_those_of_the_program_s_collectives():
    """Each kind of collective, each way to write its groups, tuples, and a loop of five."""
    program = """\
HloModule jit_f

%body (arg: (s32[], f32[8])) -> (s32[], f32[8]) {
  %p = f32[8]{0} collective-permute(%x), channel_id=1, source_target_pairs={{0,1}}
}

%condition (arg: (s32[], f32[8])) -> pred[] {
  ROOT %less = pred[] compare(%a, %b), direction=LT
}

ENTRY %main (x: f32[4]) -> f32[4] {
  %g = bf16[16]{0} all-gather(%x), channel_id=1, replica_groups=[1,4]<=[4], dimensions={0}
  %r = (f32[4]{0}, f32[4]{0}) all-reduce(%x, %x), replica_groups={{0,1},{2,3}}, to_apply=%add
  %s = f32[2]{0} reduce-scatter(%x), replica_groups=mesh['a'=2,'b'=3] {'b'}, dimensions={0}
  %t = u8[4]{0} all-to-all(%x), replica_groups=mesh['a'=2,'b'=3], device_ids=(T(1,0)) {'a','b'}
  %w = (s32[], f32[8]{0}) while(%i), condition=%condition, body=%body,\
 backend_config={"known_trip_count":{"n":"5"}}
  ROOT %y = f32[4]{0} add(%x, %x)
}
"""
    assert received(program) == 16 * 2 * 3 / 4 + 2 * 32 / 2 + 2 * 8 + 4 * 5 / 6 + 5 * 32


def test_plot_draws_the_bytes_of_more_devices(tmp_path):
    pytest.importorskip("matplotlib")
    names = (sharding.OURS, sharding.AUTOMATIC, sharding.THEIRS)
    image = tmp_path / "bytes.png"
    rows = [{"devices": devices} | dict.fromkeys(names, 1024.0) for devices in (2, 4)]
    image.with_suffix(".json").write_text(json.dumps({"resamples": [], "growth": rows}))
    assert plot.main([str(image.with_suffix(".json")), str(image)]) == 0
    assert image.read_bytes().startswith(b"\x89PNG")


def test_kept_pages_are_not_faulted_in_again():
    """Ten arrays of 64 MiB one after another: without it each costs 16384 faults."""
    program = """
import resource
import numpy as np
from benchmarks.measure.environment import keep_pages
kept = keep_pages()
np.ones(2**23)
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(10):
    np.ones(2**23)
print(kept, resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""
    run = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    kept, faults = run.stdout.split()
    if kept == "False":
        pytest.skip("the C library has no such setting")
    assert int(faults) < 16384
