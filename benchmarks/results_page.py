"""Write the tables of the pages from the JSON files of benchmarks/results.

Those of sharding.json stand in docs/sharding.md, all others in benchmarks/results/README.md.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Sequence

from benchmarks import sharding
from benchmarks.command import RESULTS
from benchmarks.formulations import RIVALS, SHOWN, excluded, ranking
from benchmarks.report.summary import Record, geometric_mean
from benchmarks.report.tables import (
    GROUPS,
    Grid,
    above_limit,
    markdown_table,
    point_formulations,
    replace_section,
    short,
    targets,
)

PAGE = RESULTS / "README.md"
SHARDING_PAGE = RESULTS.parents[1] / "docs/sharding.md"


def section(report: Record) -> str:
    """Return a report's section: its environment, and its tables."""
    if "resamples" in report:
        return sharding.section(report)
    if "point_formulations" in report:
        records = report["point_formulations"]
        return "\n\n".join([_place(report, records), markdown_table(point_formulations(records))])
    if "tried" in report:
        return "\n\n".join([_place(report, report["tried"]), *_formulations(report["tried"])])
    groups = [
        (report[name], markdown_table(make(report[name])))
        for name, make in GROUPS.items()
        if report.get(name)
    ]
    if "summary" not in report:
        ((records, table),) = groups
        return "\n\n".join([_place(report, records), table])
    grids = [targets(report["summary"])]
    heads, rows = above_limit(report["summary"])
    if rows:
        grids.append(Grid(heads, [[f"`{name}`", *others] for name, *others in rows]))
    tables = [*map(markdown_table, grids), *(table for _, table in groups)]
    return "\n\n".join([_place(report, report["cells"]), *tables])


def _place(report: Record, records: Sequence[Record]) -> str:
    facts = report["environment"]
    versions = ", ".join(f"{name} {version}" for name, version in facts["versions"].items())
    state = "modified from " if facts["modified"] else ""
    return (
        f"{facts['device']}; processor {facts['processor']}, {facts['cores']} cores; {versions};"
        f" Python {facts['python']}; {facts['date']}, {state}commit {facts['commit']};"
        f" {len(records)} cells."
    )


def _formulations(records: Iterable[Record]) -> list[str]:
    """Return a summary of the formulations, and a table with jaxup's plan and the best others."""
    best, again, rows = [], [], []
    for record in records:
        ranked, peers = ranking(record), record["peers_ms"]
        best.append(ranked[0][1])
        again += [ratio for label, ratio in ranked if label == record["chosen"]]
        against = (peers["jaxup"] / peers[peer] if peer in peers else None for peer in RIVALS)
        rows.append(
            [
                f"`{short(record['name'])}` {record['direction']}",
                record["chosen"],
                *(f"{ratio:.2f}" if ratio else "–" for ratio in against),
                str(len(record["formulations_ms"])),
                *_labelled([*ranked[:SHOWN], *[None] * (SHOWN - len(ranked))]),
                *_labelled(excluded(record).values()),
            ]
        )
    heads = ["cell", "chosen", *(f"/ {peer}" for peer in RIVALS), "tried"]
    heads += [f"best {n + 1}" for n in range(SHOWN)]
    heads += ["best that spreads NaN", "best that is larger"]
    return [
        "For each cell and direction, the best formulation takes"
        f" {geometric_mean(best):.2f} times as long as jaxup (geometric mean;"
        f" {min(best):.2f} to {max(best):.2f}). jaxup's own plan, timed a second time among the"
        f" formulations, takes {geometric_mean(again):.2f} times as long"
        f" ({min(again):.2f} to {max(again):.2f}).",
        markdown_table(Grid(heads, rows)),
    ]


def _labelled(ratios: Iterable[tuple[str, float] | None]) -> list[str]:
    return ["–" if found is None else f"{found[0]}: {found[1]:.2f}" for found in ratios]


def main(arguments: list[str] | None = None) -> int:
    """Write the pages' tables, or only compare them; return the exit status."""
    made = argparse.ArgumentParser(prog="python -m benchmarks.results_page", description=__doc__)
    made.add_argument(
        "--check", action="store_true", help="write nothing; exit with 1 if a page is outdated"
    )
    options = made.parse_args(arguments)
    outdated = False
    for result in sorted(RESULTS.glob("*.json")):
        page = SHARDING_PAGE if result.name == "sharding.json" else PAGE
        old = page.read_text()
        new = replace_section(old, result.name, section(json.loads(result.read_text())))
        outdated |= new != old
        if not options.check:
            page.write_text(new)
    return int(options.check and outdated)


if __name__ == "__main__":
    sys.exit(main())
