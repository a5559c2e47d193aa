"""Generated sections of Markdown pages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def replace_section(page: str, mark: str, text: str) -> str:
    """The page with what stands between the comments ``mark: begin`` and ``mark: end`` replaced."""
    begin, end = f"<!-- {mark}: begin -->", f"<!-- {mark}: end -->"
    before, found_begin, rest = page.partition(begin)
    _, found_end, after = rest.partition(end)
    if not (found_begin and found_end):
        raise ValueError(f"expected {begin} and, below it, {end} in the page")
    return f"{before}{begin}\n{text}\n{end}{after}"


def markdown_table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table whose first column is text and whose others are numbers."""
    lines = [heads, [":---", *["---:"] * (len(heads) - 1)], *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
