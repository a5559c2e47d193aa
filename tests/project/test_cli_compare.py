"""The page that compares methods, as a file; tests/project/test_cli_browser.py opens it."""

import base64
import io
import json
import re
from html.parser import HTMLParser

import numpy as np
import pytest
from PIL import Image

import jaxup
from jaxup._cli import compare
from jaxup.cli import main
from tests.helpers.pictures import picture, result


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


class Page(HTMLParser):
    """What a browser would find in a page."""

    def __init__(self, name):
        super().__init__()
        self.tags, self.texts, self._inside = [], {}, None
        with open(name, encoding="utf-8") as file:
            self.source = file.read()
        self.feed(self.source)

    def handle_starttag(self, tag, attrs):
        self._inside = (tag, dict(attrs).get("id"))
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.texts.setdefault(self._inside, data)

    @property
    def facts(self):
        return json.loads(self.texts["script", "data"])

    def pixels(self, element):
        [source] = [attrs["src"] for tag, attrs in self.tags if attrs.get("id") == element]
        assert source.startswith("data:image/png;base64,")
        with Image.open(io.BytesIO(base64.b64decode(source.partition(",")[2]))) as image:
            return np.asarray(image)


def test_pictures_of_the_page_are_those_of_the_command(capsys):
    pixels = picture("in.png")
    assert main(["upscale", "in.png", "--compare", "nearest, bicubic,nearest"]) == 0
    line = capsys.readouterr().out
    assert re.fullmatch(r"in_x4\.html: 6x5 -> 24x20, nearest bicubic, \d+\.\d\d s\n", line)
    page = Page("in_x4.html")
    np.testing.assert_array_equal(page.pixels("picture-0"), pixels)
    for index, method in ((1, "nearest"), (2, "bicubic")):
        assert main(["upscale", "in.png", "--method", method, "--force"]) == 0
        np.testing.assert_array_equal(
            page.pixels(f"picture-{index}"), np.asarray(result("in_x4.png"))
        )


def test_numbers_of_the_page():
    picture("in.png")
    assert main(["upscale", "in.png", "--compare", "nearest,bicubic", "--width", "24"]) == 0
    page = Page("in_w24.html")
    facts = page.facts
    original, nearest, bicubic = facts["layers"]
    assert (facts["version"], facts["device"], facts["channels"]) == (jaxup.__version__, "cpu", 3)
    assert (facts["size"], facts["result"]) == ([6, 5], [24, 20])
    assert [layer["name"] for layer in facts["layers"]] == ["original", "nearest", "bicubic"]
    assert [layer["size"] for layer in facts["layers"]] == [[6, 5], [24, 20], [24, 20]]
    assert not original["method"]
    for layer in (nearest, bicubic):
        assert layer["compile"] > layer["run"] > 0
        assert not layer["antialias"]
    apart = np.abs(page.pixels("picture-1").astype(int) - page.pixels("picture-2"))
    assert facts["differences"][1][2] == facts["differences"][2][1]
    assert facts["differences"][1][2]["max"] == apart.max() > 0
    assert facts["differences"][1][2]["mean"] == pytest.approx(apart.mean())
    assert facts["differences"][0][1] is None
    assert facts["differences"][1][1] == {"mean": 0, "max": 0}


def test_shrink_is_antialiased_where_the_method_can():
    picture("in.png", size=(16, 16))
    assert main(["upscale", "in.png", "--compare", "nearest,linear", "--scale", "0.5"]) == 0
    layers = Page("in_x0.5.html").facts["layers"]
    assert [layer["antialias"] for layer in layers[1:]] == [False, True]


@pytest.mark.parametrize(
    ("mode", "colours", "notes"),
    [("L", "L", 1), ("LA", "L", 1), ("RGBA", "RGB", 1), ("I;16", "L", 2), ("P", "RGB", 1)],
)
def test_transparency_is_a_picture_of_its_own(mode, colours, notes):
    pixels = picture("in.png", mode, size=(8, 4))
    assert main(["upscale", "in.png", "--compare", "nearest", "--scale", "1"]) == 0
    page = Page("in_x1.html")
    assert page.pixels("picture-1").ndim == (2 if colours == "L" else 3)
    alphas = [attrs["id"] for tag, attrs in page.tags if attrs.get("id", "").startswith("alpha")]
    assert page.facts["alpha"] == mode.endswith("A")
    assert len(page.facts["notes"]) == notes
    if mode.endswith("A"):
        assert alphas == ["alpha-0", "alpha-1"]
        np.testing.assert_array_equal(page.pixels("alpha-0"), pixels[..., -1])
    else:
        assert alphas == []
    if mode == "I;16":
        np.testing.assert_array_equal(page.pixels("picture-1"), pixels >> 8)


def test_page_stands_alone():
    picture("in.png")
    assert main(["upscale", "in.png", "--compare", "area"]) == 0
    page = Page("in_x4.html")
    assert "{{" not in page.source
    assert re.findall(r"https?://[^\s\"']*|@import|url\(", page.source) == []
    outside = [
        (tag, value)
        for tag, attrs in page.tags
        for name, value in attrs.items()
        if name in ("src", "href", "srcset", "action", "poster") and not value.startswith("data:")
    ]
    assert outside == []
    policies = [attrs["content"] for tag, attrs in page.tags if "http-equiv" in attrs]
    assert policies == [
        "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'"
    ]


def test_name_of_the_picture_is_text():
    name = "<b>&\"'{{data}}.png"
    picture(name)
    assert main(["upscale", name, "--compare", "area", "-o", "page.html"]) == 0
    page = Page("page.html")
    assert page.texts["h1", None] == name
    assert [tag for tag, _ in page.tags if tag == "b"] == []


def test_pages_of_many_pictures_and_existing_ones(capsys):
    for name in ("a.png", "b.png"):
        picture(name)
    words = ["upscale", "a.png", "b.png", "--compare", "area", "-o", "out"]
    assert main(words) == 0
    assert [Page(f"out/{name}_x4.html").texts["h1", None] for name in "ab"] == ["a.png", "b.png"]
    capsys.readouterr()
    assert main(words) == 2
    assert "out/a_x4.html exists; --force replaces it" in capsys.readouterr().err


def test_page_may_go_to_standard_output(capsys):
    picture("in.png")
    assert main(["upscale", "in.png", "--compare", "area", "-o", "-"]) == 0
    out, err = capsys.readouterr()
    assert out.startswith("<!doctype html>")
    assert err.startswith("standard output: 6x5 -> 24x20, area, ")


def test_too_many_pixels_are_refused_before_any_work(capsys, monkeypatch):
    monkeypatch.setattr(compare, "MAX_PIXELS", 2000)
    picture("in.png", size=(20, 10))
    assert main(["upscale", "in.png", "--compare", "area,linear", "--scale", "3"]) == 2
    assert capsys.readouterr().err == (
        "jaxup upscale: in.png: a page of 3800 pixels is above the limit of 2000; "
        "compare fewer methods, or choose a smaller size\n"
    )


def test_floating_point_has_no_page(capsys):
    Image.fromarray(np.ones((4, 4), np.float32)).save("in.tif")
    assert main(["upscale", "in.tif", "--compare", "area"]) == 2
    assert "a page shows no floating point" in capsys.readouterr().err
