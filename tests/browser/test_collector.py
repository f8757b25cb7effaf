"""The collector of notebook 09: its camera alone in a page, and its pictures in the kernel."""

import json

import pytest

from emolib.widgets import collector

from .notebooks import open_notebook, run_for
from .test_camera import PROBLEMS, REFUSE
from .views import expect

pytestmark = pytest.mark.browser
NOTEBOOK = "09_your_own_pictures.ipynb"
NAMES = ["eyes closed", "winking"]
PAGE = """<!doctype html><main></main><script type="module">
import view from "/collector.js";
const state = STATE;
window.sent = [];
window.hear = {};
const model = {
  get: (name) => state[name],
  on: (event, call) => (hear[event] = call),
  off() {},
  send: (message, _, buffers) => sent.push({ ...message, bytes: buffers?.[0].byteLength }),
};
window.state = state;
window.leave = view.render({ model, el: document.querySelector("main") });
</script>"""
# the stream is remembered, to see when it ends
WATCH = """() => {
  const real = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = async (wanted) => (window.stream = await real(wanted));
}"""
ENDED = "() => stream.getTracks().every((track) => track.readyState === 'ended')"
KEEP = "([label, counts]) => { state.counts = counts; hear['change:counts'](); }"


@pytest.fixture
def open_view(page):
    """A function that opens the view without a kernel; `sent` holds what it says."""

    def answer(route):
        if route.request.url.endswith("collector.js"):
            script = str(collector(NAMES)._esm)
            route.fulfill(body=script, content_type="text/javascript")
        else:
            state = json.dumps({"class_names": NAMES, "counts": [0, 0], "faces": faces[-1]})
            route.fulfill(body=PAGE.replace("STATE", state), content_type="text/html")

    def open_view(for_faces=True):
        faces.append(for_faces)
        page.goto("https://course.test/")
        page.add_style_tag(content=str(collector(NAMES)._css))
        root = page.locator(".emo-photos")
        root.get_by_role("button", name="Turn the camera on").wait_for()
        page.evaluate(WATCH)
        return root

    faces = []
    page.route("**/*", answer)
    return open_view


@pytest.fixture
def view(open_view):
    return open_view()


def press(view, name):
    view.get_by_role("button", name=name, exact=True).click()


def test_each_press_sends_a_picture_of_its_class_while_the_camera_stays_on(view, page):
    expect(view.get_by_role("button", name="winking")).to_be_disabled()
    press(view, "Turn the camera on")
    for name in ("winking", "winking", "eyes closed"):
        press(view, name)
    page.wait_for_function("sent.length === 4")
    sent = page.evaluate("sent")
    assert [(one["type"], one.get("label")) for one in sent[1:]] == [
        ("picture", 1),
        ("picture", 1),
        ("picture", 0),
    ]
    assert sent[0]["type"] == "show" and all(one["bytes"] > 5_000 for one in sent[1:])
    assert not page.evaluate(ENDED)
    press(view, "Turn the camera off")
    assert page.evaluate(ENDED)


def test_counts_and_sentences_are_shown_and_undo_waits_for_a_picture(view, page):
    undo = view.get_by_role("button", name="Undo the last picture")
    expect(undo).to_be_disabled()
    page.evaluate(KEEP, [1, [0, 1]])
    expect(view).to_contain_text("1 picture")
    undo.click()
    assert page.evaluate("sent.at(-1).type") == "undo"
    page.evaluate("hear['msg:custom']({ type: 'said', sentence: '<b>No face</b>' })")
    expect(view.get_by_role("status")).to_have_text("<b>No face</b>")


@pytest.mark.parametrize("for_faces", [True, False])
def test_the_camera_shows_what_is_kept_of_a_thing_its_middle(open_view, for_faces):
    view = open_view(for_faces)
    press(view, "Turn the camera on")
    expect(view.get_by_role("button", name="winking")).to_be_enabled()
    box = view.locator("video").bounding_box()
    assert (box["width"] == pytest.approx(box["height"])) != for_faces


def test_a_view_that_goes_turns_the_camera_off(view, page):
    press(view, "Turn the camera on")
    expect(view.get_by_role("button", name="winking")).to_be_enabled()
    page.evaluate("() => leave()")
    assert page.evaluate(ENDED)


@pytest.mark.parametrize("name", PROBLEMS)
def test_each_problem_of_a_camera_has_its_own_sentence(view, page, name):
    page.evaluate(REFUSE, name)
    press(view, "Turn the camera on")
    expect(view.get_by_role("status")).to_contain_text(PROBLEMS[name])
    expect(view.get_by_role("button", name="Turn the camera on")).to_be_enabled()


def test_faces_taken_in_the_page_are_examples_in_the_kernel(page, lab):
    open_notebook(page, lab, NOTEBOOK)
    view = run_for(page, lab.course / "notebooks" / NOTEBOOK, "widgets.collector(")
    press(view, "Turn the camera on")
    expect(view.get_by_role("button", name="surprised")).to_be_enabled()
    for number, name in enumerate(("frowning", "surprised", "surprised"), start=1):
        press(view, name)
        expect(view.get_by_role("status")).to_contain_text(f"{number} in all.")
    expect(view.get_by_role("img", name="surprised, picture 2 of 2")).to_be_visible()
    press(view, "Undo the last picture")
    expect(view.get_by_role("status")).to_contain_text("2 in all.")
    assert lab.ask("view.examples()[1].tolist()") == "[0, 1]"
