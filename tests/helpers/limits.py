"""What docs/limits.md measures: errors against float64, and the memory of temporaries.

`python -m tests.helpers.limits` writes its two tables anew; tests/project/test_limits.py measures
them again and holds them against the page.
"""

import functools
import math
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

import jaxup
from tests.helpers import oracle
from tests.helpers.cases import numbers
from tests.helpers.paths import ROOT

PAGE = ROOT / "docs" / "limits.md"
PRECISION, MEMORY = "precision", "memory"  # what the page calls its tables
Table = dict[str, dict[str, float]]  # row, column: number

# Precision: along the middle axis.

X = (2 * numbers((2, 40, 3), np.float64) - 1) / 3  # thirds: no sum of them is exact
DTYPES = ("float64", "float32", "bfloat16", "float16", "float8_e4m3fn")
FRACTIONAL = "float32 ×1.7"
METHODS: dict[str, tuple[Any, tuple[float, ...], dict[str, Any]]] = {
    "nearest": ("nearest", (2, 0.5), {}),
    "linear": ("linear", (2, 0.5), {}),
    "linear, `align_corners`": ("linear", (2, 0.5), {"align_corners": True}),
    "linear, `antialias`": ("linear", (0.5,), {"antialias": True}),
    "cubic": ("cubic", (2, 0.5), {}),
    "cubic, `antialias`": ("cubic", (0.5,), {"antialias": True}),
    "lanczos3": ("lanczos3", (2, 0.5), {}),
    "lanczos3, `antialias`": ("lanczos3", (0.5,), {"antialias": True}),
    "area": ("area", (2, 0.5), {}),
}


def precision() -> Table:
    """The largest error of each method and dtype, in eps of the dtype times the largest pixel."""
    columns = (*DTYPES, FRACTIONAL)
    return {name: {column: _error(name, column) for column in columns} for name in METHODS}


def _error(name: str, column: str) -> float:
    dtype = column.partition(" ")[0]
    method, scales, options = METHODS[name]
    if column == FRACTIONAL:
        scales = (1 / 1.7 if options.get("antialias") else 1.7,)

    def resampled(x: jax.Array) -> list[jax.Array]:
        return [jaxup.upsample(x, scale, method, axes=1, **options) for scale in scales]

    with jax.enable_x64(dtype == "float64"):
        x = jnp.asarray(X, dtype)
        results = jax.jit(resampled)(x)
    exact = np.asarray(x, np.float64)
    errors: list[float] = []
    for scale, y in zip(scales, results, strict=True):
        wanted = oracle.upsample(exact, method, (1,), y.shape[1:2], (scale,), **options)
        errors.append(np.abs(np.asarray(y, np.float64) - wanted).max())
    return max(errors) / (float(jnp.finfo(dtype).eps) * np.abs(exact).max())


# Memory: on the CPU, of pictures.

PLAIN_CODE: dict[str, str | bool] = {"xla_backend_optimization_level": "0"}  # the same memory
PICTURE = (1, 96, 96, 3)
POINTS = numbers((2, 192, 192)) * 95
CALLS: dict[str, Callable[[jax.Array], jax.Array]] = {
    "nearest ×2": functools.partial(jaxup.upsample, scale=2),
    "bilinear ×2": functools.partial(jaxup.upsample, scale=2, method="bilinear"),
    "bicubic ×1.5": functools.partial(jaxup.upsample, scale=1.5, method="bicubic"),
    "lanczos3 ×2": functools.partial(jaxup.upsample, scale=2, method="lanczos3"),
    "area ×0.5": functools.partial(jaxup.upsample, scale=0.5, method="area"),
    "bilinear ×0.5, `antialias`": functools.partial(
        jaxup.upsample, scale=0.5, method="bilinear", antialias=True
    ),
    "lanczos3 ×0.25, `antialias`": functools.partial(
        jaxup.upsample, scale=0.25, method="lanczos3", antialias=True
    ),
    "`resize`, bspline3 ×2": functools.partial(
        jaxup.resize, scale=2, method="bspline3", axes=(1, 2)
    ),
    "`sample`, linear": lambda x: jaxup.sample(x[0], jnp.asarray(POINTS), "linear", axes=(0, 1)),
    "`scale_and_translate`, traced ×2": lambda x: jaxup.scale_and_translate(
        x, (192, 192), 2 + 0 * x[0, 0, 0, 0].real.astype("float32"), 0.0, "linear", axes=(1, 2)
    ),
}


def memory() -> Table:
    """The temporaries of compiled calls, as a multiple of the larger of input and result."""
    columns = ("float32", "float32, backward", "bfloat16", "bfloat16, backward")
    return {
        name: {column: _temporaries(f, column) for column in columns} for name, f in CALLS.items()
    }


def _temporaries(f: Callable[[jax.Array], jax.Array], column: str) -> float:
    x = jax.ShapeDtypeStruct(PICTURE, column.partition(",")[0])
    y = jax.eval_shape(f, x)
    if column.endswith("backward"):
        lowered = jax.jit(lambda x, ct: jax.vjp(f, x)[1](ct)).lower(x, y)
    else:
        lowered = jax.jit(f).lower(x)
    found = lowered.compile(PLAIN_CODE).memory_analysis()
    assert found is not None
    return found.temp_size_in_bytes / max(a.size * a.dtype.itemsize for a in (x, y))


# The page.

MEASURES = {PRECISION: precision, MEMORY: memory}


def written(table: Table) -> str:
    """A table as the page has it, every number rounded up."""
    columns = list(next(iter(table.values())))
    rows = [["", *columns], ["---", *["--:"] * len(columns)]]
    rows += [[name, *map(_rounded_up, row.values())] for name, row in table.items()]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def _rounded_up(number: float) -> str:
    digits = 2 if number < 10 else 0
    return f"{math.ceil(number * 10**digits - 1e-9) / 10**digits:g}"


def on_the_page(name: str) -> Table:
    """The numbers of one of the page's tables."""
    lines = _between(PAGE.read_text(), name)[1].splitlines()
    _, *columns = _cells(lines[0])
    rows = (_cells(line) for line in lines[2:])
    return {row[0]: dict(zip(columns, map(float, row[1:]), strict=True)) for row in rows}


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def _between(page: str, name: str) -> tuple[str, str, str]:
    start, end = f"<!-- {name} -->\n", f"<!-- end of {name} -->\n"
    before, _, rest = page.partition(start)
    table, _, after = rest.partition(end)
    return before + start, table, end + after


def main() -> None:
    """Measure, and write the tables in the page anew."""
    for name, measure in MEASURES.items():
        before, _, after = _between(PAGE.read_text(), name)
        PAGE.write_text(before + written(measure()) + after)


if __name__ == "__main__":
    main()
