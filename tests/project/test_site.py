"""The documentation site builds without a warning, needs no network, and can be searched."""

import html.parser
import importlib
import json
import os
import pkgutil
import subprocess
import sys
import types
from urllib.parse import unquote, urldefrag, urlparse

import pytest

pytest.importorskip("mkdocs")
pytest.importorskip("mkdocstrings")

import jaxup
import jaxup.compat
import jaxup.layers
from tests.helpers.paths import ROOT

LAYERS = ("PixelShuffle", "PixelUnshuffle", "Upsample")


class Page(html.parser.HTMLParser):
    """What a page links to, what it loads by itself, and the places in it that links can name."""

    def __init__(self, text):
        super().__init__()
        self.links, self.loads, self.places = set(), set(), set()
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        self.places |= {values.get("id"), values.get("name")} - {None}
        if tag == "a" and values.get("href"):
            self.links.add(values["href"])
        elif tag == "link" and values.get("rel") != "canonical":
            self.loads.add(values["href"])
        elif tag in ("script", "img", "iframe", "source") and values.get("src"):
            self.loads.add(values["src"])


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", folder],
        capture_output=True,
        cwd=ROOT,
        env=os.environ | {"NO_MKDOCS_2_WARNING": "1"},
        text=True,
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    return folder


@pytest.fixture(scope="module")
def pages(site):
    return {path: Page(path.read_text()) for path in site.rglob("*.html")}


def public_names():
    """Every name that a user can import, but for the command line's."""
    for name in jaxup.__all__:
        value = getattr(jaxup, name)
        if isinstance(value, types.ModuleType):
            yield from (f"jaxup.{name}.{member}" for member in value.__all__)
        else:
            yield f"jaxup.{name}"
    for module in pkgutil.iter_modules(jaxup.compat.__path__, "jaxup.compat."):
        if not module.name.rpartition(".")[2].startswith("_"):
            members = importlib.import_module(module.name).__all__
            yield from (f"{module.name}.{member}" for member in members)
    yield "jaxup.export.onnx.register"  # importing it takes jax2onnx
    for module in pkgutil.iter_modules(jaxup.layers.__path__, "jaxup.layers."):
        if not module.name.rpartition(".")[2].startswith("_"):
            yield from (f"{module.name}.{member}" for member in LAYERS)


def test_a_search_finds_every_public_name(site):
    index = json.loads((site / "search" / "search_index.json").read_text())
    found = {entry["location"]: entry["title"] for entry in index["docs"]}
    places = {urldefrag(location).fragment: title for location, title in found.items()}
    names = list(public_names())
    assert len(names) > 50
    missing = [name for name in names if name.rpartition(".")[2] not in places.get(name, "")]
    assert missing == []


def test_pages_load_nothing_from_the_network(pages):
    assert len(pages) > 15
    foreign = {load for page in pages.values() for load in page.loads if urlparse(load).netloc}
    assert foreign == set()


def test_links_lead_to_pages_and_places_that_exist(pages):
    dead = []
    for path, page in pages.items():
        for link in page.links | page.loads:
            address, place = urldefrag(link)
            if urlparse(link).scheme in ("http", "https", "mailto", "data"):
                continue
            if path.name == "404.html" and address.startswith("/"):
                continue  # written for the root of a server
            target = (path.parent / unquote(address)).resolve() if address else path
            known = target in pages and place and unquote(place) not in pages[target].places
            if not target.exists() or known:
                dead.append(f"{path.name}: {link}")
    assert dead == []
