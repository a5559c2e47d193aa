"""Count the bytes that devices receive from each other to resample an axis cut over them.

Nothing runs: programs are compiled for CPU devices, and their collectives are counted. The axis is
cut over explicit axes of a mesh, where jaxup exchanges the pixels near the borders, and over
automatic ones, where XLA decides. There jax.image is counted too: on explicit axes its nearest
raises, and its other results are no longer cut.
"""

from __future__ import annotations

import argparse
import itertools
import statistics
import sys
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import jax
import jax.numpy as jnp
from jax.sharding import AxisType, NamedSharding
from jax.sharding import PartitionSpec as P

from benchmarks import command
from benchmarks.measure.cells import DATA_FORMATS, DIRECTIONS, METHODS, OPERATIONS, Cell, Shape
from benchmarks.measure.collectives import received
from benchmarks.measure.environment import environment
from benchmarks.measure.peers import jax_image_function, jaxup_function
from benchmarks.report.summary import Record, geometric_mean
from benchmarks.report.tables import Grid, markdown_table, screen_table

IMAGE = (2, 64, 96, 8)
CHANGES = ("x2", "x1.5", "half")
CUTS = ("H", "W", "HW")
COUNTS = (4, 8)
GROWTH = (2, 4, 8, 16)
FEATURES = (1, 64, 64, 128)
OURS = "jaxup, explicit axes"
AUTOMATIC, THEIRS = "jaxup, automatic axes", "jax.image, automatic axes"
Function = Callable[[jax.Array], jax.Array]


def cells() -> list[Cell]:
    """Return the resamples: every method and change of size, in both data formats."""
    return [
        Cell(data_format, IMAGE, method, OPERATIONS[change])
        for data_format, method, change in itertools.product(DATA_FORMATS, METHODS, CHANGES)
    ]


def quick_cells() -> list[Cell]:
    """Return a sample that takes a few seconds."""
    return [cell for cell in cells()[: len(METHODS) * len(CHANGES)] if cell.operation.name == "x2"]


def main(arguments: list[str] | None = None) -> int:
    """Count the bytes and return the exit status."""
    made = argparse.ArgumentParser(prog="python -m benchmarks.sharding", description=__doc__)
    command.add_cell_options(made)
    options = made.parse_args(arguments)
    chosen = command.matching(made, options, quick_cells() if options.quick else cells())
    if options.list:
        return command.show_list(chosen)
    jax.config.update("jax_platforms", "cpu")
    jax.config.update("jax_num_cpu_devices", max(GROWTH))
    output = options.output or command.local_file("sharding")
    report: dict[str, Any] = {
        "environment": environment() | {"device": f"{max(GROWTH)} CPU devices, compiled only"},
        "resamples": [],
    }
    for cell in command.progress(chosen):
        for devices, cut in itertools.product(COUNTS, CUTS):
            report["resamples"].append(resampled(cell, devices, cut))
        command.write(report, output)
    report |= {"growth": list(growth()), "decoder": list(decoder())}
    command.write(report, output)
    command.show(
        report, [screen_table(*titled) for titled in tables(report)], output, as_json=options.json
    )
    return 0


def resampled(cell: Cell, devices: int, cut: str) -> Record:
    """Return the bytes that a resample and its VJP move, by program."""
    programs = {
        OURS: (jaxup_function(cell), AxisType.Explicit),
        AUTOMATIC: (jaxup_function(cell), AxisType.Auto),
        THEIRS: (jax_image_function(cell), AxisType.Auto),
    }
    return {
        "name": cell.name,
        "method": cell.method,
        "change": cell.operation.name,
        "data_format": cell.data_format,
        "devices": devices,
        "cut": cut,
        "forward": {
            name: _forward(function, cell.in_shape, _places(cell, devices, cut, kind))
            for name, (function, kind) in programs.items()
        },
        "backward": {
            name: _backward(function, cell, _places(cell, devices, cut, kind))
            for name, (function, kind) in programs.items()
        },
    }


def _places(cell: Cell, devices: int, cut: str, kind: AxisType) -> NamedSharding:
    """Return how the array lies: one axis over all devices, or the second one over two of them."""
    sizes = (devices // 2, 2) if cut == "HW" else (devices,)
    mesh = jax.make_mesh(
        sizes, tuple(cut), axis_types=(kind,) * len(cut), devices=jax.devices()[:devices]
    )
    spec: list[str | None] = [None] * 4
    for name, axis in zip("HW", cell.axes, strict=True):
        spec[axis] = name if name in cut else None
    return NamedSharding(mesh, P(*spec))


def _forward(function: Function, shape: Shape, place: NamedSharding) -> float:
    x = jax.ShapeDtypeStruct(shape, jnp.float32, sharding=place)
    compiled = jax.jit(function, out_shardings=place).lower(x).compile()
    return received(compiled.as_text() or "")


def _backward(function: Function, cell: Cell, place: NamedSharding) -> float:
    x, y = (
        jax.ShapeDtypeStruct(shape, jnp.float32, sharding=place)
        for shape in (cell.in_shape, cell.out_shape)
    )
    transposed = jax.jit(lambda x, y: jax.vjp(function, x)[1](y)[0], out_shardings=place)
    return received(transposed.lower(x, y).compile().as_text() or "")


def growth() -> Iterator[Record]:
    """Yield the bytes of a bilinear doubling of 64 rows a device, cut along its rows."""
    for devices in GROWTH:
        cell = Cell("channels_last", (1, 64 * devices, 64, 16), "bilinear", OPERATIONS["x2"])
        yield {"devices": devices} | resampled(cell, devices, "H")["forward"]


def decoder() -> Iterator[Record]:
    """Yield the bytes of a decoder's block cut along its width, and of its resample alone.

    The block doubles features by nearest, and convolves them by 3 x 3.
    """
    cell = Cell("channels_last", FEATURES, "nearest", OPERATIONS["x2"])
    kernel = jnp.zeros((3, 3, FEATURES[-1], FEATURES[-1]))

    def block(resample: Function) -> Function:
        layout = ("NHWC", "HWIO", "NHWC")
        return lambda x: jax.lax.conv_general_dilated(
            resample(x), kernel, (1, 1), "SAME", dimension_numbers=layout
        )

    ours, theirs = jaxup_function(cell), jax_image_function(cell)
    for devices in COUNTS:
        explicit = _places(cell, devices, "W", AxisType.Explicit)
        automatic = _places(cell, devices, "W", AxisType.Auto)
        for part, made in {"upsample": lambda f: f, "upsample and convolution": block}.items():
            yield {
                "devices": devices,
                "part": part,
                OURS: _forward(made(ours), cell.in_shape, explicit),
                AUTOMATIC: _forward(made(ours), cell.in_shape, automatic),
                THEIRS: _forward(made(theirs), cell.in_shape, automatic),
            }


def section(report: Record) -> str:
    """Return the report's part of docs/sharding.md."""
    facts = report["environment"]
    titled = "\n\n".join(f"{title}:\n\n{markdown_table(grid)}" for grid, title in tables(report))
    jax_version, date = facts["versions"]["jax"], facts["date"]
    return f"{_sentence(report['resamples'])} (jax {jax_version}, {date})\n\n{titled}"


def _sentence(rows: list[Record]) -> str:
    """Sum up how many times as much the others move."""
    readings = [row[direction] for row in rows for direction in DIRECTIONS]
    moved = [reading for reading in readings if reading[OURS]]
    times = sorted(reading[THEIRS] / reading[OURS] for reading in moved)
    alike = [r[AUTOMATIC] / r[THEIRS] for r in readings if r[AUTOMATIC] and r[THEIRS]]
    return (
        f"Of {len(readings)} programs, jaxup's move nothing in {len(readings) - len(moved)}. In the"
        f" others jax.image moves {times[0]:.1f} to {times[-1]:.0f} times as many bytes (median"
        f" {statistics.median(times):.0f}). On automatic axes, jaxup's programs move"
        f" {geometric_mean(alike):.1f} times the bytes of jax.image's (geometric mean; "
        f"{min(alike):.2f} to {max(alike):.0f})."
    )


def tables(report: Record) -> list[tuple[Grid, str]]:
    """Return the tables and their titles, of arrays that are channels last."""
    image = " × ".join(map(str, IMAGE))
    made = [(_resamples(report["resamples"]), f"KiB that each device receives, {image} float32")]
    if "growth" in report:
        made.append((_programs(report["growth"], ("devices",)), "64 rows a device, bilinear ×2"))
        features = " × ".join(map(str, FEATURES))
        title = f"A decoder's block, features {features} cut along their width, nearest ×2"
        made.append((_programs(report["decoder"], ("part", "devices")), title))
    return made


def _resamples(rows: Iterable[Record]) -> Grid:
    """Show a row for each resample and cut, with jaxup's kibibytes before jax.image's."""
    found: dict[tuple[str, str], dict[tuple[int, str], str]] = {}
    for row in rows:
        if row["data_format"] == "channels_last":
            shown = found.setdefault((f"{row['method']}, {row['change']}", row["cut"]), {})
            for direction in DIRECTIONS:
                ours, theirs = (_kib(row[direction][name]) for name in (OURS, THEIRS))
                shown[row["devices"], direction] = f"{ours} / {theirs}"
    columns = list(itertools.product(COUNTS, DIRECTIONS))
    heads = ["jaxup explicit / jax.image", "cut", *(f"{n} devices, {name}" for n, name in columns)]
    return Grid(heads, [[*key, *(shown[c] for c in columns)] for key, shown in found.items()])


def _programs(rows: Iterable[Record], keys: tuple[str, ...]) -> Grid:
    """Show a row for each record, with the kibibytes of each program."""
    names = (OURS, AUTOMATIC, THEIRS)
    return Grid(
        (*keys, *names),
        [[*(str(row[key]) for key in keys), *(_kib(row[name]) for name in names)] for row in rows],
    )


def _kib(count: float) -> str:
    return f"{count / 1024:.3g}" if count < 100 * 1024 else f"{count / 1024:.0f}"


if __name__ == "__main__":
    sys.exit(main())
