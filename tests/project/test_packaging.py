"""What a build makes of the README and of the project's address, and the release's files."""

import importlib.util
import re
import tomllib

import pytest

import jaxup
from tests.helpers.paths import ROOT

pytest.importorskip("hatchling")

URL = "https://example.org/someone/jaxup"
VERSION = jaxup.__version__


@pytest.fixture(scope="module")
def build():
    spec = importlib.util.spec_from_file_location("hatch_build", ROOT / "hatch_build.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_links_become_absolute_and_code_stays(build):
    page = """\
[docs](docs/a.md#b) ![x](docs/images/x.png "title") [same](#page) [out](https://a.org/b)
[![badge](docs/badge.svg)](LICENSE) <img src="docs/y.png"> <a href="docs/z.md">z</a>

```python
table[0](docs), "[x](y)"  # <img src="y">
```
"""
    assert (
        build.for_an_index(page, URL, "v1.0")
        == f"""\
[docs]({URL}/blob/v1.0/docs/a.md#b) ![x]({URL}/raw/v1.0/docs/images/x.png "title") [same](#page) \
[out](https://a.org/b)
[![badge]({URL}/raw/v1.0/docs/badge.svg)]({URL}/blob/v1.0/LICENSE) \
<img src="{URL}/raw/v1.0/docs/y.png"> <a href="{URL}/blob/v1.0/docs/z.md">z</a>

```python
table[0](docs), "[x](y)"  # <img src="y">
```
"""
    )


def test_the_readme_has_no_relative_link_left(build):
    """Each of its links is to a file or to a heading of its own, and the build finds them all."""
    text = build.for_an_index((ROOT / "README.md").read_text(), URL, f"v{VERSION}")
    prose = re.sub(r"^ *```.*?^ *```$", "", text, flags=re.M | re.S)
    targets = re.findall(r"\]\(([^)\s]+)", prose) + re.findall(r"\b(?:src|href)=\"([^\"]+)", prose)
    assert [target for target in targets if not re.match(r"https?://|#", target)] == []
    ours = [re.fullmatch(rf"{URL}/(raw|blob)/v{VERSION}/([^#]+)(?:#.*)?", t) for t in targets]
    files = [(found[1], found[2]) for found in ours if found]
    assert {kind for kind, _ in files} == {"raw", "blob"}
    assert [path for _, path in files if not (ROOT / path).exists()] == []


def test_an_sdist_remembers_the_address(build, tmp_path, monkeypatch):
    monkeypatch.delenv("JAXUP_URL", raising=False)
    assert build.address(tmp_path) is None
    listed = "\n".join(f"Project-URL: {name}, {url}" for name, url in build.urls(URL, "v1").items())
    (tmp_path / "PKG-INFO").write_text(
        f"Metadata-Version: 2.4\n{listed}\n\nProject-URL: Source, no"
    )
    assert build.address(tmp_path) == URL
    monkeypatch.setenv("JAXUP_URL", "https://example.org/other/")
    assert build.address(tmp_path) == "https://example.org/other"
    monkeypatch.setenv("JAXUP_URL", "example.org")
    with pytest.raises(ValueError, match=r"^JAXUP_URL: expected an address with https://, got 'ex"):
        build.address(tmp_path)


def test_metadata_of_a_build(build, monkeypatch):
    monkeypatch.setenv("JAXUP_URL", URL)
    metadata = {}
    build.Metadata(str(ROOT), {}).update(metadata)
    assert metadata["readme"]["text"].startswith("# jaxup")
    assert f"]({URL}/" in metadata["readme"]["text"]
    assert metadata["urls"]["Changelog"] == f"{URL}/blob/v{VERSION}/CHANGELOG.md"
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert {"readme", "urls", "version"} == set(project["dynamic"])


def test_the_changelog_names_this_version():
    changes = (ROOT / "CHANGELOG.md").read_text()
    assert re.search(rf"^## \[{re.escape(VERSION)}\] - \d{{4}}-\d\d-\d\d$", changes, re.M)
