"""Take the picture of the app for the README: docs/app.png.

    python benchmarks/app_picture.py

Needs Chromium (EMOLIB_CHROMIUM may name it). Run it again whenever the app looks different.
"""

from __future__ import annotations

import os
import shutil
from io import BytesIO

from app import CHROMIUM, PATIENCE, PORT, ROOT, voila
from PIL import Image
from playwright.sync_api import sync_playwright

WIDTH = 1000  # pixels
HEIGHT = 3000  # pixels; all of the page fits in
EXAMPLES = 3  # a happy face, a sad one, and one that is neither
MARGIN = 15  # pixels below the last button
TARGET = ROOT / "docs" / "app.png"


def main() -> None:
    found = [os.environ.get("EMOLIB_CHROMIUM"), *map(shutil.which, CHROMIUM)]
    with voila(), sync_playwright() as play:
        browser = play.chromium.launch(
            executable_path=next(filter(None, found)), args=["--no-sandbox"]
        )
        page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
        page.set_default_timeout(1000 * PATIENCE)
        page.goto(f"http://127.0.0.1:{PORT}")
        for number in range(EXAMPLES):
            page.get_by_role("button", name="Show an example").click()
            page.locator(".emo-card img").nth(number).wait_for()
        # the last button is the end of what the picture shows
        last = page.get_by_role("button", name="Forget all").bounding_box()
        page.mouse.move(0, 0)
        bottom = round(last["y"] + last["height"]) + MARGIN
        shown = page.screenshot(clip={"x": 0, "y": 0, "width": WIDTH, "height": bottom})
        browser.close()
    # 256 colors make the file a third as large
    picture = Image.open(BytesIO(shown)).convert("RGB").quantize(256)
    picture.save(TARGET, optimize=True)
    print(f"Wrote {TARGET.relative_to(ROOT)}, {picture.width} x {picture.height} pixels")


if __name__ == "__main__":
    main()
