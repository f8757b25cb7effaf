"""The app in a browser: from opening the page, and from choosing a photo, to the answer.

    python benchmarks/app.py

Needs Chromium (EMOLIB_CHROMIUM may name it). In each turn, a new reader opens the page and so
gets a new kernel. The baseline is the same photo given to `Classifier.predict`, without a browser.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

import psutil
from measure import arguments, print_table, ratio, seconds
from photo import twelve_megapixels
from playwright.sync_api import Browser, sync_playwright

from emolib.data import selfies
from emolib.inference import load_classifier

ROOT = Path(__file__).resolve().parent.parent
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
PORT = 8899
PATIENCE = 60  # seconds
BUTTONS, FIRST = "page opened to buttons", "page opened to first answer"
LARGE, ALONE = "12 megapixels chosen to answer", "12 megapixels, no browser"
MEMORY = "memory of the kernel, MB"


def main() -> None:
    args = arguments("Measure the app in a browser.", repeats=5, model=False).parse_args()
    classifier = load_classifier()
    found = [os.environ.get("EMOLIB_CHROMIUM"), *map(shutil.which, CHROMIUM)]
    with tempfile.TemporaryDirectory() as folder, voila() as server, sync_playwright() as play:
        large = twelve_megapixels(selfies()[1], Path(folder))
        browser = play.chromium.launch(
            executable_path=next(filter(None, found)), args=["--no-sandbox"]
        )
        turns = [
            visit(browser, server, large) | {ALONE: seconds(lambda: classifier.predict(large))}
            for _ in range(args.repeats + 1)
        ]
        browser.close()
        print(f"{large.name}: {large.stat().st_size / 1e6:.1f} MB")
    report(turns[1:])  # the first one warms up


def report(turns: list[dict[str, float]]) -> None:
    """Print the medians and the slowest turn; times also as multiples of the baseline."""
    rows = []
    for name in turns[0]:
        values = [turn[name] for turn in turns]
        times = f"{ratio(values, [turn[ALONE] for turn in turns]):.1f}" if name != MEMORY else ""
        digits = 0 if name == MEMORY else 2
        rows.append([name, f"{median(values):.{digits}f}", f"{max(values):.{digits}f}", times])
    print_table(["", "median", "most", "x no browser"], rows)


@contextmanager
def voila() -> Iterator[psutil.Process]:
    """Start the app as the README does, and wait until it listens."""
    command = [sys.executable, "-m", "voila", "notebooks/app.ipynb", "--no-browser"]
    process = subprocess.Popen(
        [*command, f"--port={PORT}"], cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        for _ in range(10 * PATIENCE):
            with socket.socket() as door:
                if door.connect_ex(("127.0.0.1", PORT)) == 0:
                    break
            time.sleep(0.1)
        yield psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait()


def visit(browser: Browser, server: psutil.Process, large: Path) -> dict[str, float]:
    """Open the app, ask about a selfie and about a large photo, and measure."""
    context = browser.new_context()
    context.set_default_timeout(1000 * PATIENCE)
    page = context.new_page()
    cards, chooser = page.locator(".emo-card"), page.locator(".emo-photos input[type=file]")
    start = time.perf_counter()
    page.goto(f"http://127.0.0.1:{PORT}")
    page.get_by_role("button", name="Choose photos").wait_for()
    buttons = time.perf_counter() - start
    chooser.set_input_files(selfies()[0])
    cards.nth(0).wait_for()
    first = time.perf_counter() - start
    start = time.perf_counter()
    chooser.set_input_files(large)
    cards.nth(1).wait_for()
    answered = time.perf_counter() - start
    kernel = max(server.children(recursive=True), key=lambda child: child.create_time())
    memory = kernel.memory_info().rss / 1e6
    with page.expect_event("close"):
        page.close(run_before_unload=True)  # the kernel ends
    context.close()
    return {BUTTONS: buttons, FIRST: first, LARGE: answered, MEMORY: memory}


if __name__ == "__main__":
    main()
