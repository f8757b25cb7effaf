"""Take the pictures of JupyterLab for the README: docs/notebook.png and docs/face_lab.png.

    python benchmarks/lab_pictures.py

Needs Chromium (EMOLIB_CHROMIUM may name it). Run it again whenever notebook 00 or the face lab
looks different.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

import nbformat
from app import CHROMIUM, ROOT
from PIL import Image
from playwright.sync_api import Page, sync_playwright

PORT = 8899
SERVER = f"http://127.0.0.1:{PORT}"
SIZE = {"width": 1000, "height": 760}
LAB = """\
from emolib import widgets
from emolib.inspection import probing
from emolib.rendering import typical

widgets.face_lab(face=probing.RenderedFace(typical("happy")))
"""


@contextmanager
def jupyter() -> Iterator[None]:
    """Run JupyterLab in the course's folder."""
    words = ["lab", "--no-browser", "--allow-root", f"--port={PORT}", "--IdentityProvider.token="]
    command = [sys.executable, "-m", "jupyter", *words, f"--ServerApp.root_dir={ROOT}"]
    with (
        tempfile.TemporaryDirectory() as settings,
        subprocess.Popen(
            command,
            stderr=subprocess.DEVNULL,
            env=os.environ | {"JUPYTERLAB_SETTINGS_DIR": settings},
        ) as server,
    ):
        news = Path(settings, "@jupyterlab/apputils-extension/notification.jupyterlab-settings")
        news.parent.mkdir(parents=True)
        news.write_text('{"fetchNews": "false"}')
        try:
            for _ in range(120):
                time.sleep(1)
                try:
                    urllib.request.urlopen(f"{SERVER}/api").close()
                    break
                except OSError:
                    continue
            yield
        finally:
            server.terminate()


def notebook(page: Page) -> bytes:
    """Return the picture of a group photo in notebook 00, as it is stored."""
    page.goto(f"{SERVER}/doc/tree/notebooks/00_ten_minutes.ipynb?reset")
    shown = page.locator(".jp-RenderedImage img").nth(1)
    shown.wait_for()
    page.wait_for_timeout(3000)
    shown.evaluate("element => element.closest('.jp-Cell').scrollIntoView({block: 'center'})")
    page.wait_for_timeout(1500)
    return page.screenshot()


def face_lab(page: Page) -> bytes:
    """Return the picture of the face lab at work."""
    path = ROOT / "face_lab_picture.ipynb"
    nb = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(LAB)])
    nb.metadata.kernelspec = {"name": "python3", "display_name": "Python 3"}
    nbformat.write(nb, path)
    try:
        page.goto(f"{SERVER}/doc/tree/{path.name}?reset")
        page.locator(".cm-content").first.click()
        page.keyboard.press("Control+Enter")
        page.get_by_text("The answer changes").first.wait_for()  # the curve is drawn
        page.wait_for_timeout(3000)
        return page.locator(".jp-OutputArea-output").first.screenshot()
    finally:
        path.unlink()


def save(shown: bytes, name: str) -> None:
    """Save a picture with 256 colors, which makes the file a third as large."""
    picture = Image.open(BytesIO(shown)).convert("RGB").quantize(256)
    picture.save(ROOT / "docs" / name, optimize=True)
    print(f"Wrote docs/{name}, {picture.width} x {picture.height} pixels")


def main() -> None:
    found = [os.environ.get("EMOLIB_CHROMIUM"), *map(shutil.which, CHROMIUM)]
    with jupyter(), sync_playwright() as play:
        chromium = next(filter(None, found))
        browser = play.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport=SIZE)
        page.set_default_timeout(120_000)
        save(notebook(page), "notebook.png")
        page.set_viewport_size({"width": 1300, "height": 900})  # all in a row
        save(face_lab(page), "face_lab.png")
        browser.close()


if __name__ == "__main__":
    main()
