"""The metadata of a build: the README as an index page shows it, and the project's address.

An index page resolves no relative link, so links and pictures of the README have to be absolute.
The repository's address is not written down in it: a release is built with JAXUP_URL, as in
`make dist URL=https://...`, and what is built from its sdist has the same. Without an address the
README stays as it is, which serves a build for oneself.
"""

from __future__ import annotations

import os
import pathlib
import re

from hatchling.metadata.plugin.interface import MetadataHookInterface

_RELATIVE = r"(?!https?:|mailto:|#)"
_LINK = re.compile(rf"(?P<before>(?P<picture>!\[[^]]*)?\]\(){_RELATIVE}(?P<path>[^)\s]+)")
_ATTRIBUTE = re.compile(
    rf"(?P<before>\b(?:(?P<picture>src|srcset)|href)=\"){_RELATIVE}(?P<path>[^\"]+)"
)


class Metadata(MetadataHookInterface):
    """Fills in ``readme`` and ``urls``."""

    def update(self, metadata: dict) -> None:
        root = pathlib.Path(self.root)
        url = address(root)
        source = (root / "jaxup" / "__init__.py").read_text(encoding="utf-8")
        (version,) = re.findall(r'^__version__ = "(.*)"$', source, re.M)
        readme = (root / "README.md").read_text(encoding="utf-8")
        text = for_an_index(readme, url, f"v{version}") if url else readme
        metadata["readme"] = {"content-type": "text/markdown", "text": text}
        metadata["urls"] = urls(url, f"v{version}") if url else {}


def address(root: pathlib.Path) -> str | None:
    """Return the repository's address without a slash at its end, or None."""
    if given := os.environ.get("JAXUP_URL"):
        if not given.startswith("https://"):
            raise ValueError(f"JAXUP_URL: expected an address with https://, got {given!r}.")
        return given.rstrip("/")
    info = root / "PKG-INFO"
    head = info.read_text(encoding="utf-8").partition("\n\n")[0] if info.is_file() else ""
    found = re.search(r"^Project-URL: Source, (.*)$", head, re.M)
    return found[1] if found else None


def urls(url: str, tag: str) -> dict[str, str]:
    """Return the addresses that an index page lists."""
    return {
        "Source": url,
        "Documentation": f"{url}/tree/{tag}/docs",
        "Changelog": f"{url}/blob/{tag}/CHANGELOG.md",
        "Issues": f"{url}/issues",
    }


def for_an_index(readme: str, url: str, tag: str) -> str:
    """Return the README with absolute links; code stays as it is."""

    def absolute(link: re.Match[str]) -> str:
        return f"{link['before']}{url}/{'raw' if link['picture'] else 'blob'}/{tag}/{link['path']}"

    parts = re.split(r"(^ *```.*?^ *```$)", readme, flags=re.M | re.S)
    parts[::2] = [_LINK.sub(absolute, _ATTRIBUTE.sub(absolute, part)) for part in parts[::2]]
    return "".join(parts)
