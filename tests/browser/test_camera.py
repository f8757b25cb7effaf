"""The camera of the photo view, alone in a page without a kernel."""

import json

import pytest

from emolib.widgets import photos

from .views import PhotoView, expect

pytestmark = pytest.mark.browser
PAGE = """<!doctype html><main></main><script type="module">
import view from "/photos.js";
const state = STATE;
const model = { get: (name) => state[name], on() {}, off() {} };
window.leave = view.render({ model, el: document.querySelector("main") });
</script>"""
STATE = {
    "models": ["m"],
    "titles": ["M"],
    "model": "m",
    "note": "",
    "limit": 9_000_000,
    "faces": True,
}
REFUSE = """name => navigator.mediaDevices.getUserMedia = async () => {
  await new Promise((go) => setTimeout(go, 300));
  throw new DOMException("", name);
}"""
# the browser's question stays open until the test answers it
ASK = """() => {
  const real = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = async (wanted) => {
    window.stream = await real(wanted);
    await new Promise((answer) => (window.allow = answer));
    return window.stream;
  };
}"""
ENDED = "() => stream.getTracks().every((track) => track.readyState === 'ended')"
PROBLEMS = {
    "NotAllowedError": "allow it in the browser's address bar",
    "NotFoundError": "No camera was found: connect one",
    "NotReadableError": "in use: close the program or tab that uses it",
    "OverconstrainedError": "connect a different one",
    "UnknownError": "could not be started",
}


@pytest.fixture
def open_view(page):
    """A function that opens a page with nothing but the view in it, under a given address."""

    def answer(route):
        if route.request.url.endswith("photos.js"):
            script = (photos.HERE / "photos.js").read_text("utf-8")
            route.fulfill(body=script, content_type="text/javascript")
        else:
            html = PAGE.replace("STATE", json.dumps(STATE | {"ways": ways}))
            route.fulfill(body=html, content_type="text/html")

    ways = []

    def open_view(address="https://course.test/", offers=("files", "examples", "camera")):
        ways[:] = offers
        page.route("**/*", answer)
        page.goto(address)
        return PhotoView(page).wait()

    return open_view


@pytest.fixture
def asking(open_view):
    """A view whose camera was turned on; the browser still asks, until `allow()`."""
    view = open_view()
    view.page.evaluate(ASK)
    view.button("Turn the camera on").click()
    view.page.wait_for_function("() => window.allow")
    return view


def test_a_view_that_goes_while_the_browser_asks_leaves_no_camera_on(asking):
    asking.page.evaluate("() => { leave(); allow(); }")
    asking.page.wait_for_function(ENDED, timeout=5000)
    assert asking.root.locator("video").evaluate("video => video.srcObject === null")


def test_a_view_that_goes_turns_the_camera_off(asking):
    asking.page.evaluate("() => allow()")
    asking.button("Take the picture").wait_for()
    assert not asking.page.evaluate(ENDED)
    asking.page.evaluate("() => leave()")
    assert asking.page.evaluate(ENDED)


@pytest.mark.parametrize("name", PROBLEMS)
def test_each_problem_of_a_camera_has_its_own_sentence(open_view, name):
    view = open_view()
    view.page.evaluate(REFUSE, name)
    view.button("Turn the camera on").click()
    expect(view.status).to_contain_text(PROBLEMS[name])
    said = view.status.inner_text()
    assert said.endswith(", or choose a photo instead.")
    assert [other for other, words in PROBLEMS.items() if words in said] == [name]
    # it can be tried again at once, by keyboard too
    expect(view.button("Turn the camera on")).to_be_enabled()
    expect(view.button("Turn the camera on")).to_be_focused()


def test_without_https_a_sentence_says_why_there_is_no_camera(open_view):
    view = open_view("http://course.test/")
    assert view.page.evaluate("navigator.mediaDevices === undefined")
    view.button("Turn the camera on").click()
    expect(view.status).to_contain_text("begins with https or localhost: open the page that way")


def test_a_view_with_a_camera_alone_sends_nobody_to_a_button_that_it_lacks(open_view):
    view = open_view(offers=["camera"])
    view.page.evaluate(REFUSE, "NotFoundError")
    view.button("Turn the camera on").click()
    expect(view.status).to_have_text("No camera was found: connect one.")
