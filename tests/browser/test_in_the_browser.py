"""The page of docs/in_the_browser.md: the released network inside a browser, without a server."""

import functools
import os
import re
import shutil
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import emolib
from emolib import data, images

from .views import expect

pytestmark = pytest.mark.browser
ROOT = Path(__file__).parents[2]
RUNTIME = ("ort.wasm.min.mjs", "ort-wasm-simd-threaded.mjs", "ort-wasm-simd-threaded.wasm")
NEAR = 0.0015  # the page rounds to a tenth of a percent


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """A folder made as docs/in_the_browser.md says, and served."""
    named = os.environ.get("EMOLIB_ONNXRUNTIME_WEB")
    package = Path(named) if named else ROOT / "node_modules" / "onnxruntime-web"
    if not all((package / "dist" / name).is_file() for name in RUNTIME):
        pytest.skip("onnxruntime-web is not there, and EMOLIB_ONNXRUNTIME_WEB does not name it")
    folder = tmp_path_factory.mktemp("in_the_browser")
    for name in RUNTIME:
        shutil.copy(package / "dist" / name, folder)
    shutil.copy(ROOT / "models" / "emotion_model.onnx", folder)
    shutil.copy(ROOT / "docs" / "in_the_browser.html", folder)
    handler = functools.partial(Quiet, directory=folder)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/in_the_browser.html"
        server.shutdown()


def test_the_browser_gives_the_same_numbers(page, address, tmp_path):
    classifier = emolib.load_classifier()
    page.goto(address)
    answer = page.locator("output")
    expect(answer).to_have_text("Ready.")
    chosen = [one for one in data.portraits() if one.expression in ("happy", "sad", "neutral")][:6]
    for number, portrait in enumerate(chosen):
        pixels = images.to_array(portrait.face())
        file = tmp_path / f"{number}.png"
        Image.fromarray(pixels[..., 0].astype("uint8")).save(file)
        answer.evaluate("output => output.value = ''")
        page.get_by_label("Photo").set_input_files(file)
        expect(answer).to_contain_text("ms")
        shares = [float(one) / 100 for one in re.findall(r"([\d.]+)%", answer.text_content())]
        np.testing.assert_allclose(shares, classifier.predict_arrays(pixels[None])[0], atol=NEAR)


def test_a_file_that_is_no_picture_is_a_sentence(page, address, tmp_path):
    (tmp_path / "letter.jpg").write_text("Dear diary")
    page.goto(address)
    expect(page.locator("output")).to_have_text("Ready.")
    page.get_by_label("Photo").set_input_files(tmp_path / "letter.jpg")
    expect(page.locator("output")).to_contain_text("cannot read that picture")
