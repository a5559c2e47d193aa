"""``python -m benchmarks.results_page``: the tables of results/README.md, from its JSON."""

from __future__ import annotations

import argparse
import json
import sys

from benchmarks.command import RESULTS
from benchmarks.formulations import RIVALS, SHOWN, excluded, ranking
from benchmarks.measure.curve import per_pixel
from benchmarks.report.markdown import markdown_table, replace_section
from benchmarks.report.summary import geometric_mean

PAGE = RESULTS / "README.md"


def section(report: dict) -> str:
    """A report's place, and what it has: targets, the cells above them, other groups."""
    if "tried" in report:
        return "\n\n".join([_place(report, report["tried"]), *_formulations(report["tried"])])
    parts = [
        _place(report, report["cells"]),
        _targets(report["summary"]),
        *_above(report["summary"]),
    ]
    for name, make in (("curve", _curve), ("eager", _eager), ("shrink", _shrink)):
        if report.get(name):
            parts.append(make(report[name]))
    return "\n\n".join(parts)


def _place(report, records) -> str:
    facts = report["environment"]
    versions = ", ".join(f"{name} {version}" for name, version in facts["versions"].items())
    state = "modified from " if facts["modified"] else ""
    return (
        f"{facts['device']}; processor {facts['processor']}, {facts['cores']} cores; {versions};"
        f" Python {facts['python']}; {facts['date']}, {state}commit {facts['commit']};"
        f" {len(records)} cells."
    )


def _formulations(records) -> list[str]:
    """What all of them come to, and each: jaxup's plan, and what takes the least time beside it."""
    best, again, rows = [], [], []
    for record in records:
        ranked, peers = ranking(record), record["peers_ms"]
        best.append(ranked[0][1])
        again += [ratio for label, ratio in ranked if label == record["chosen"]]
        against = (peers["jaxup"] / peers[peer] if peer in peers else None for peer in RIVALS)
        rows.append(
            [
                f"`{record['name'].removesuffix('/float32')}` {record['direction']}",
                record["chosen"],
                *(f"{ratio:.2f}" if ratio else "–" for ratio in against),
                str(len(record["formulations_ms"])),
                *_labelled([*ranked[:SHOWN], *[None] * (SHOWN - len(ranked))]),
                *_labelled(excluded(record).values()),
            ]
        )
    heads = ["cell", "chosen", *(f"/ {peer}" for peer in RIVALS), "tried"]
    heads += [
        *(f"best {n + 1}" for n in range(SHOWN)),
        "best that spreads NaN",
        "best that is larger",
    ]
    return [
        f"The best formulation of each takes {geometric_mean(best):.2f} times as long as jaxup"
        f" (geometric mean, {min(best):.2f} to {max(best):.2f}); jaxup's own plan, timed a second"
        f" time among them, {geometric_mean(again):.2f} times"
        f" ({min(again):.2f} to {max(again):.2f}).",
        markdown_table(heads, rows),
    ]


def _labelled(ratios) -> list[str]:
    return ["–" if found is None else f"{found[0]}: {found[1]:.2f}" for found in ratios]


def _targets(lines) -> str:
    heads = [
        "target",
        "direction",
        "cells",
        "geometric mean",
        "limit",
        "worst cell",
        "limit",
        "above",
    ]
    rows = []
    for line in lines:
        limited = line["cell_limit"] is not None
        unsettled = f" (+ {len(line['unsettled'])} unsettled)" if line["unsettled"] else ""
        rows.append(
            [
                line["target"],
                line["direction"],
                str(line["cells"]),
                _readings(line["mean"]),
                _limit(line["mean_limit"]),
                _readings(line["worst"]),
                _limit(line["cell_limit"]),
                f"{len(line['above'])}{unsettled}" if limited else "",
            ]
        )
    return markdown_table(heads, rows)


def _above(lines) -> list[str]:
    rows = [
        [f"`{entry['name']}`", f"{line['target']}, {line['direction']}", _readings(entry)]
        for line in lines
        for entry in line["above"]
    ]
    return [markdown_table(["cells above their limit", "target", "reading"], rows)] if rows else []


def _curve(records) -> str:
    heads = ["×2, 3 channels: ns per enlarged pixel", "forward", "floor", "backward", "floor"]
    rows = []
    for record in records:
        values = [
            f"{per_pixel(record, direction, peer):.2f}"
            for direction in ("forward", "backward")
            for peer in ("jaxup", "floor")
        ]
        rows.append([f"{record['method']}, {record['picture'][1]}²", *values])
    return markdown_table(heads, rows)


def _eager(records) -> str:
    heads = ["eager call, tiny picture, µs", "jaxup", "jax.image", "ratio", "limit"]
    rows = [
        [
            record["method"],
            *(f"{record[peer]['min_us']:.0f}" for peer in ("jaxup", "jax.image")),
            _readings(record["ratio"]),
            _limit(record["limit"]),
        ]
        for record in records
    ]
    return markdown_table(heads, rows)


def _shrink(records) -> str:
    heads = ["antialiased shrink", "instructions lowered", "optimised", "compile s", "limit"]
    rows = [
        [
            "{method}, {direction}, {in_size}² → {out_size}²".format(**record),
            str(record["lowered_instructions"]),
            str(record["instructions"]),
            f"{record['compile_s']:.2f}",
            _limit(record["limit_s"]),
        ]
        for record in records
    ]
    return markdown_table(heads, rows)


def _readings(reading) -> str:
    return " / ".join(f"{value:.3g}" for kind, value in reading.items() if kind != "name")


def _limit(limit) -> str:
    return "" if limit is None else f"≤ {limit:g}"


def main(arguments: list[str] | None = None) -> int:
    """Write the page's tables, or with --check only compare; returns the exit status."""
    made = argparse.ArgumentParser(prog="python -m benchmarks.results_page", description=__doc__)
    made.add_argument("--check", action="store_true", help="change nothing; 1 if it is out of date")
    options = made.parse_args(arguments)
    old = new = PAGE.read_text()
    for result in sorted(RESULTS.glob("*.json")):
        new = replace_section(new, result.name, section(json.loads(result.read_text())))
    if options.check:
        return int(new != old)
    PAGE.write_text(new)
    return 0


if __name__ == "__main__":
    sys.exit(main())
