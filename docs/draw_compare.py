"""Draws ``images/compare.png``, the page of ``jaxup upscale --compare``: ``python docs/draw_compare.py``.

Needs Chromium, and ``pip install --group browser``.
"""

import shutil
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from jaxup.cli import main

PICTURE = Path(__file__).with_name("images") / "compare.png"


def draw():
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as driver:
        page_file = Path(folder, "compare.html")
        main(["upscale", "--compare", "nearest,bicubic,lanczos3", "-o", str(page_file)])
        chromium = driver.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        page = chromium.new_page(viewport={"width": 720, "height": 700}, color_scheme="light")
        page.goto(page_file.as_uri())
        page.wait_for_selector("html[data-ready]")
        box = page.locator("#stage").bounding_box()
        assert box
        boat = box["x"] + 240, box["y"] + 245
        page.mouse.move(*boat)
        page.mouse.wheel(0, -733)  # 3 times
        page.mouse.down()
        page.mouse.move(boat[0] + 105, boat[1])
        page.mouse.up()
        page.mouse.move(boat[0] + 50, boat[1] - 42)
        page.screenshot(path=PICTURE, full_page=True)
        chromium.close()


if __name__ == "__main__":
    draw()
    print(PICTURE)
