"""What MkDocs does beside mkdocs.yml: pages and links that lead out of docs/.

Some pages stand elsewhere in the repository, where GitHub shows them. The site gets a copy of each.
A link to a file of code leads to a page with that file. Other files have no page: a link to one
becomes its text. A link to a notebook leads to a page with its cells.
"""

from __future__ import annotations

import json
import posixpath
import re
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).parents[1]
COPIED = {
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
    "benchmarks/results/README.md": "benchmark-results.md",
    "examples/README.md": "examples.md",
}
_ORIGINS = {page: origin for origin, page in COPIED.items()}
_LINK = re.compile(r"(?P<before>!?\[(?P<text>[^]]*)\]\()(?P<target>[^)#:\s]+)(?P<rest>[^)]*\))")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Adds the pages that stand outside docs/, the pictures that they show, and linked code."""
    for origin, page in COPIED.items():
        files.append(File.generated(config, page, content=(ROOT / origin).read_text()))
    for page in list(files.documentation_pages()):
        for link in _LINK.finditer(page.content_string):
            found = _repository_path(page.src_uri, link["target"])
            copy = _copy_of(found)
            if copy is None or files.get_file_from_path(copy) is not None:
                continue
            if copy.endswith(".md"):
                files.append(File.generated(config, copy, content=_as_page(found)))
            elif (ROOT / found).is_file():
                files.append(File.generated(config, copy, abs_src_path=str(ROOT / found)))
    return files


_SPEED_TABLE = re.compile(r"<!-- speed table: begin -->(.*)<!-- speed table: end -->", re.S)
_ITS_PLACE = "<!-- The site shows the README's speed table here. -->"


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Leads every link to the page that the site has for it; a search lists the API first."""
    if page.file.src_uri.startswith("api/"):
        page.meta["search"] = {"boost": 4}

    def led(link: re.Match[str]) -> str:
        found = _repository_path(page.file.src_uri, link["target"])
        copy = _copy_of(found)
        if copy is None:
            return link[0] if not (ROOT / found).exists() else link["text"]
        start = posixpath.dirname(page.file.src_uri) or "."
        return link["before"] + posixpath.relpath(copy, start) + link["rest"]

    markdown = _LINK.sub(led, markdown)
    if _ITS_PLACE in markdown:
        [table] = _SPEED_TABLE.findall((ROOT / "README.md").read_text())
        markdown = markdown.replace(_ITS_PLACE, _LINK.sub(lambda link: link["text"], table))
    return markdown


def _repository_path(page: str, target: str) -> str:
    """The path, from the repository's root, that a link of a page leads to."""
    origin = _ORIGINS.get(page, f"docs/{page}")
    return posixpath.normpath(posixpath.join(posixpath.dirname(origin), target))


def _as_page(path: str) -> str:
    """A file of code, or a notebook, as Markdown."""
    text = (ROOT / path).read_text()
    if path.endswith(".py"):
        return f"# {path}\n\n```python\n{text}```\n"
    parts = []
    for cell in json.loads(text)["cells"]:
        source = "".join(cell["source"])
        parts.append(source if cell["cell_type"] == "markdown" else f"```python\n{source}\n```")
    return "\n\n".join(parts) + "\n"


def _copy_of(path: str) -> str | None:
    """The place in the site of a file of the repository, or None if it has none."""
    if path.startswith("docs/"):
        return path.removeprefix("docs/")
    if path in COPIED:
        return COPIED[path]
    if (ROOT / path).is_file():
        if path.endswith((".py", ".ipynb")):
            return f"source/{posixpath.splitext(path)[0]}.md"
        if path.endswith((".png", ".json")):
            return f"source/{path}"
    return None
