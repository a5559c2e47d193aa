"""The page that compares methods, opened from its file in Chromium without a network.

Skipped where Playwright or a browser is missing: ``pip install --group browser``, and the package
``chromium`` of Debian or ``playwright install chromium``.
"""

import base64
import io
import os
import shutil

import numpy as np
import pytest
from PIL import Image

from jaxup.cli import main
from tests.helpers.pictures import picture, result

playwright = pytest.importorskip("playwright.sync_api")

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
METHODS = ("nearest", "bicubic", "lanczos3")
WIDE, NARROW = {"width": 900, "height": 640}, {"width": 390, "height": 640}


@pytest.fixture(scope="module")
def browser():
    with playwright.sync_playwright() as driver:
        if not CHROMIUM and not os.path.exists(driver.chromium.executable_path):
            pytest.skip("there is no Chromium")
        arguments = ["--no-sandbox"] if getattr(os, "geteuid", lambda: 1)() == 0 else []
        chromium = driver.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with pictures, their pages, and the result of each method."""
    path = tmp_path_factory.mktemp("pages")
    before = os.getcwd()
    os.chdir(path)
    for name, mode in (("plain", "RGB"), ("clear", "RGBA"), ("grey", "L")):
        picture(f"{name}.png", mode, size=(40, 30))
        assert main(["upscale", f"{name}.png", "--compare", ",".join(METHODS)]) == 0
        for method in METHODS:
            words = ["upscale", f"{name}.png", "--method", method, "-o", f"{name}_{method}.png"]
            assert main(words) == 0
    os.chdir(before)
    return path


@pytest.fixture
def open_page(browser, folder):
    """Opens a page, and holds that it said nothing and asked for nothing until it was closed."""
    troubles, contexts = [], []

    def asked_for(url):
        if not url.startswith(("data:", folder.as_uri())):
            troubles.append(url)

    def open_one(name="plain", viewport=WIDE, **options):
        context = browser.new_context(viewport=viewport, offline=True, **options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.on("console", lambda message: troubles.append(message.text))
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("request", lambda asked: asked_for(asked.url))
        page.goto((folder / f"{name}_x4.html").as_uri())
        page.wait_for_selector("html[data-ready]")
        settle(page)
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert troubles == []


def settle(page):
    """Waits until what was asked for is drawn."""
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")


def shown(page, pane=0):
    """The pixels of a canvas on the screen, as an array."""
    settle(page)
    url = page.locator("#stage canvas").nth(pane).evaluate("(canvas) => canvas.toDataURL()")
    with Image.open(io.BytesIO(base64.b64decode(url.partition(",")[2]))) as image:
        return np.asarray(image.convert("RGB"))


def picture_on(canvas, shape):
    """The part of a canvas where a picture lies in the middle, one pixel to one pixel."""
    height, width = shape[:2]
    top, left = round((canvas.shape[0] - height) / 2), round((canvas.shape[1] - width) / 2)
    return canvas[top : top + height, left : left + width]


def method(folder, name, picture_name="plain"):
    return np.asarray(result(folder / f"{picture_name}_{name}.png"))


def close(one, other):
    """Whether pictures are equal but for the cursor's frame and the divider."""
    apart = (one.astype(int) != other).any(-1)
    return apart.mean() < 0.02


def values(page):
    """The table's pixel values, by method."""
    settle(page)
    rows = page.locator("#rows tr").all()
    return {
        row.locator("th").inner_text(): [
            int(word) for word in row.locator(".value").inner_text().split()
        ]
        for row in rows
    }


def test_divider_shows_one_method_on_each_side(open_page, folder):
    page = open_page()
    left, right = method(folder, "nearest"), method(folder, "lanczos3")
    page.locator("#actual").click()
    drawn = picture_on(shown(page), left.shape)
    half = left.shape[1] // 2
    assert close(drawn[:, :half], left[:, :half])
    assert close(drawn[:, half:], right[:, half:])
    box = page.locator("#divider").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - half / 2, y, steps=3)
    page.mouse.up()
    drawn = picture_on(shown(page), left.shape)
    assert close(drawn[:, : half // 2], left[:, : half // 2])
    assert close(drawn[:, half // 2 :], right[:, half // 2 :])
    assert page.locator("#zoom").inner_text() == "100 %"  # the drag moved the divider alone


def test_zoom_and_pan_stay_in_step(open_page):
    page = open_page()
    page.get_by_label("Side by side").check()
    assert page.locator("#stage figure").count() == 4
    box = page.locator("#stage figure").nth(2).bounding_box()
    before = shown(page)
    page.mouse.move(box["x"] + 50, box["y"] + 60)
    page.mouse.wheel(0, -800)
    page.mouse.down()
    page.mouse.move(box["x"] + 90, box["y"] + 80, steps=3)
    page.mouse.up()
    original, nearest, bicubic = (shown(page, pane) for pane in range(3))
    assert not close(before, original)
    assert close(original, nearest)  # the same squares, at the same places
    assert not close(bicubic, nearest)


def test_wheel_keeps_the_point_under_the_pointer(open_page):
    page = open_page()
    box = page.locator("#stage").bounding_box()
    point = box["x"] + box["width"] * 0.45, box["y"] + box["height"] * 0.6
    page.mouse.move(*point)
    before = page.locator("#pixel").inner_text()
    page.mouse.wheel(0, -1200)
    settle(page)
    assert page.locator("#zoom").inner_text() != "100 %"
    page.mouse.move(point[0] + 1, point[1])
    page.mouse.move(*point)
    settle(page)
    x, y = (int(word) for word in before.removeprefix("Pixel ").split(","))
    after = page.locator("#pixel").inner_text()
    now_x, now_y = (int(word) for word in after.removeprefix("Pixel ").split(","))
    assert abs(now_x - x) <= 1
    assert abs(now_y - y) <= 1


@pytest.mark.parametrize("name", ["plain", "clear", "grey"])
def test_values_under_the_pointer_are_those_of_the_files(open_page, folder, name):
    page = open_page(name)
    box = page.locator("#stage").bounding_box()
    page.locator("#actual").click()
    centre = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    seen = set()
    for right, down in ((-60, -40), (-3, 7), (44, 31)):
        page.mouse.move(centre[0] + right, centre[1] + down)
        settle(page)
        x, y = (
            int(word)
            for word in page.locator("#pixel").inner_text().removeprefix("Pixel ").split(",")
        )
        seen.add((x, y))
        wanted = {
            each: np.atleast_1d(method(folder, each, name)[y, x]).tolist() for each in METHODS
        }
        original = np.atleast_1d(np.asarray(result(folder / f"{name}.png"))[y // 4, x // 4])
        assert values(page) == wanted | {"original": original.tolist()}
    assert len(seen) == 3


def test_difference_is_the_difference(open_page, folder):
    page = open_page()
    page.get_by_label("Difference").check()
    page.get_by_label("Left").select_option("bicubic")
    page.get_by_label("Brighter").fill("2")
    page.locator("#actual").click()
    one, other = method(folder, "bicubic").astype(int), method(folder, "lanczos3")
    wanted = np.minimum(4 * np.abs(one - other), 255)
    assert close(picture_on(shown(page), one.shape), wanted)
    assert page.locator("#left option").first.is_disabled()  # the original has another size
    row = page.locator("#rows tr").nth(3).inner_text().split("\t")
    assert row[4] == f"{np.abs(one - other).mean():.2f}"
    assert row[5] == str(np.abs(one - other).max())


def test_keyboard_alone_does_everything(open_page, folder):
    page = open_page()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.value") == "slider"
    reached = []
    for _ in range(11):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.id || document.activeElement.tagName"))
    controls = ["left", "right", "zoom-out", "zoom-in", "fit", "actual", "stage", "divider"]
    assert reached == [*controls, "DIV", "SUMMARY", "BODY"]

    page.locator("#divider").focus()
    share = page.locator("#divider")
    for key, wanted in (("ArrowLeft", "49"), ("PageUp", "59"), ("Home", "0"), ("End", "100")):
        page.keyboard.press(key)
        settle(page)
        assert share.get_attribute("aria-valuenow") == wanted
    assert "nearest" in (share.get_attribute("aria-valuetext") or "")

    page.locator("#stage").focus()
    page.keyboard.press("1")
    before = shown(page)
    page.keyboard.press("+")
    assert page.locator("#zoom").inner_text() == "200 %"
    page.keyboard.press("-")
    page.keyboard.press("ArrowRight")
    moved = shown(page)
    assert close(moved[:, :-40], before[:, 40:])
    page.keyboard.press("0")
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("Shift+ArrowDown")
    assert page.locator("#said").inner_text().startswith("Pixel 81, 61: original ")
    wanted = method(folder, "bicubic")[61, 81].tolist()
    assert values(page)["bicubic"] == wanted
    for _ in range(3):
        page.keyboard.press("]")
    settle(page)
    assert share.get_attribute("aria-valuenow") == "100"

    page.locator("[value=slider]").focus()
    page.keyboard.press("ArrowRight")
    assert page.locator("#stage figure").count() == 4
    page.keyboard.press("ArrowRight")
    assert page.locator("#gain-row").is_visible()


@pytest.mark.parametrize(
    ("scheme", "viewport"), [("light", WIDE), ("dark", NARROW)], ids=["light, wide", "dark, narrow"]
)
def test_page_is_accessible(open_page, scheme, viewport):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    page = open_page("clear", viewport, color_scheme=scheme)
    page.locator("summary").click()
    for mode in ("Slider", "Side by side", "Difference"):
        page.get_by_label(mode).check()
        settle(page)
        violations = axe.Axe().run(page).response["violations"]
        assert [(each["id"], each["nodes"][0]["html"]) for each in violations] == []


@pytest.mark.parametrize("viewport", [WIDE, NARROW], ids=["wide", "narrow"])
def test_page_is_as_wide_as_the_window(open_page, viewport):
    page = open_page(viewport=viewport)
    for mode in ("Slider", "Side by side", "Difference"):
        page.get_by_label(mode).check()
        assert page.evaluate("document.documentElement.scrollWidth") == viewport["width"]


def test_pictures_show_without_scripts(open_page, browser, folder):
    context = browser.new_context(java_script_enabled=False, offline=True)
    page = context.new_page()
    page.goto((folder / "plain_x4.html").as_uri())
    assert [image.is_visible() for image in page.locator("img").all()] == [True] * 4
    assert not page.locator("#controls").is_visible()
    context.close()
