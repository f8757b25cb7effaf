"""One browser, one JupyterLab and one Voila for all tests in this folder."""

import os
import re
import shutil
from pathlib import Path

import pytest

from . import notebooks, pictures
from .servers import Server
from .views import PATIENCE

APP = "voila notebooks/app.ipynb"  # as in the README
LAB = "jupyter lab notebooks --IdentityProvider.token=check"
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-dev-shm-usage",
    "--use-fake-device-for-media-stream",
)
# course.test: a page that a test itself answers for
INSIDE = re.compile(r"(http|ws)://127\.0\.0\.1:|https?://course\.test/|data:|blob:")
BADGE = "https://colab.research.google.com/assets/colab-badge.svg"  # each notebook shows it
WIDTH = 1280
HEIGHT = 900


@pytest.fixture(scope="session")
def program():
    """The browser's path; without a browser, all these tests are skipped."""
    pytest.importorskip("playwright", reason="playwright is not installed")
    found = [os.environ.get("EMOLIB_CHROMIUM"), *map(shutil.which, CHROMIUM)]
    if not any(found):
        pytest.skip("Chromium is not installed, and EMOLIB_CHROMIUM does not name it")
    return next(filter(None, found))


@pytest.fixture(scope="session")
def happy():
    """Five selfies that the released model calls happy."""
    return pictures.happy_selfies(5)


@pytest.fixture(scope="session")
def chromium(program, happy, tmp_path_factory):
    """A browser with a camera that sees a happy face."""
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=PATIENCE)
    film = pictures.camera_film(happy[0], tmp_path_factory.mktemp("camera") / "face.mjpeg")
    flags = [*FLAGS, f"--use-file-for-fake-video-capture={film}"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=flags)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def faults():
    """What has gone wrong in the pages since the last test."""
    return []


@pytest.fixture(scope="session")
def new_page(chromium, faults):
    """A function that opens a page, as if in a browser of its own."""

    def new_page():
        size = {"width": WIDTH, "height": HEIGHT}
        page = chromium.new_context(viewport=size, permissions=["camera"]).new_page()
        page.set_default_timeout(PATIENCE)
        page.on("pageerror", lambda error: faults.append(f"{error.message}\n{error.stack}"))
        page.on("dialog", lambda dialog: (faults.append(dialog.message), dialog.dismiss()))
        page.on("requestfinished", check_place)
        page.on("requestfailed", check_place)
        return page

    def check_place(request):
        # "csp": the page was not allowed to send the request
        if not INSIDE.match(request.url) and request.url != BADGE and request.failure != "csp":
            faults.append(f"The page asks a different machine for {request.url}")

    return new_page


@pytest.fixture
def visits():
    """The pages opened by this test alone."""
    return []


@pytest.fixture
def page(new_page, visits):
    visits.append(new_page())
    return visits[0]


@pytest.fixture(scope="session")
def screenshots(request, tmp_path_factory):
    wanted = os.environ.get("EMOLIB_SCREENSHOTS")
    folder = Path(wanted) if wanted else tmp_path_factory.mktemp("screenshots")
    folder.mkdir(parents=True, exist_ok=True)
    request.config.get_terminal_writer().line(f"\nScreenshots are in {folder}")
    return folder


@pytest.fixture(autouse=True)
def watched(request, chromium, faults, visits, screenshots):
    """Save a screenshot of each open page after each test; fail if something went wrong in one."""
    yield
    pages = [page for context in chromium.contexts for page in context.pages]
    name = re.sub(r"\W+", "_", request.node.name)
    for number, page in enumerate(pages, start=1):
        page.screenshot(path=screenshots / f"{name}_{number}.png")
    for page in visits:
        page.context.close()
    seen = faults[:]
    faults.clear()
    assert not seen, "\n\n".join(seen)


@pytest.fixture(scope="session")
def lab(tmp_path_factory):
    place = tmp_path_factory.mktemp("lab")
    notebooks.write_settings(place / "config")
    root = ["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    yield from running(Server(LAB, place, *root))


@pytest.fixture(scope="session")
def voila(tmp_path_factory):
    yield from running(Server(APP, tmp_path_factory.mktemp("voila")))


def running(server):
    try:
        yield server.wait()
    finally:
        server.stop()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item):
    """Show the server's log if a test fails."""
    report = yield
    for name in ("lab", "voila"):
        server = getattr(item, "funcargs", {}).get(name)
        if report.failed and server:
            report.sections.append((f"log of {name}", server.log.read_text()[-5000:]))
    return report
