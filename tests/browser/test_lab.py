"""The widgets in JupyterLab, and what a saved notebook then holds."""

import base64
from ast import literal_eval

import numpy as np
import pytest
from PIL import Image

from emolib import load_classifier
from emolib.widgets.photos import card

from .notebooks import cell, open_notebook, run_all, run_for, save
from .pictures import HEAD, file, jpeg, photo, traces
from .servers import ROOT, copy
from .views import PhotoView, expect

pytestmark = pytest.mark.browser
CHECK = "check_your_install.ipynb"
UPLOAD, FACE_LAB, CLEANER = "widgets.upload(", "face_lab(", "label_cleaner("
SERIOUS = ("serious", "critical")
DROP = """(zone, [name, letters]) => {
    const bytes = Uint8Array.from(atob(letters), letter => letter.charCodeAt(0));
    const dropped = new DataTransfer();
    dropped.items.add(new File([bytes], name, {type: "image/jpeg"}));
    const facts = {dataTransfer: dropped, bubbles: true, cancelable: true};
    for (const type of ["dragenter", "dragover", "drop"])
        zone.dispatchEvent(new DragEvent(type, facts));
}"""


@pytest.fixture(scope="module")
def inference(new_page, lab):
    """Notebook 05, all of it run."""
    page = new_page()
    open_notebook(page, lab, "05_inference.ipynb")
    run_all(page)
    yield page
    page.context.close()


@pytest.fixture
def view(inference):
    cell(inference, UPLOAD).scroll_into_view_if_needed()
    return PhotoView(inference).forget()


def test_a_selfie_is_called_happy(view, happy):
    view.choose(photo(happy[0], "me.jpg"))
    [words] = view.answers(1)
    assert words.startswith("me.jpg: 1 face") and "happy" in words


def test_the_first_notebook_answers_a_readers_photo_in_its_first_cells(new_page, lab, happy):
    page = new_page()
    open_notebook(page, lab, "00_ten_minutes.ipynb")
    run_for(page, lab.course / "notebooks" / "00_ten_minutes.ipynb", UPLOAD)
    view = PhotoView(page)
    view.choose(photo(happy[0], "me.jpg"))
    assert "happy" in view.answers(1)[0]
    page.context.close()


def test_of_five_photos_at_once_a_broken_one_gets_its_sentence(view, happy):
    photos = [photo(path, f"{number}.jpg") for number, path in enumerate(happy)]
    photos[2]["buffer"] = photos[2]["buffer"][:2000]
    view.choose(*photos)
    answers = view.answers(5)
    assert [words.partition(".jpg")[0] for words in answers] == list("01234")
    assert ["happy" in words for words in answers] == [True, True, False, True, True]
    assert answers[2].startswith("2.jpg is damaged") and answers[2].endswith(".")


def test_a_picture_from_the_camera_is_answered(view):
    view.button("Turn the camera on").click()
    view.button("Take the picture").click()
    assert "happy" in view.answers(1)[0]


def test_where_no_camera_may_be_used_a_sentence_says_so(view):
    view.page.context.clear_permissions()
    view.button("Turn the camera on").click()
    expect(view.status).to_contain_text("This page may not use the camera")
    view.page.context.grant_permissions(["camera"])


def test_the_keyboard_works_the_view_and_not_the_notebook(view):
    view.button("Show an example").focus()
    view.page.keyboard.press("Enter")
    view.answers(1)
    menu = view.root.get_by_label("Model")
    first = menu.input_value()
    menu.focus()
    view.page.keyboard.press("ArrowDown")
    expect(menu).not_to_have_value(first)
    view.page.keyboard.press("ArrowUp")
    expect(menu).to_have_value(first)
    expect(menu).to_be_focused()
    view.answers(1)


def test_a_dropped_photo_is_answered_and_is_no_new_file(view, happy, lab):
    before = lab.files("course")
    letters = base64.b64encode(photo(happy[1], "")["buffer"]).decode()
    view.root.locator(".emo-drop").evaluate(DROP, ["dropped.jpg", letters])
    assert "dropped.jpg: 1 face" in view.answers(1)[0]
    assert lab.files("course") == before


def test_a_saved_notebook_holds_nothing_of_a_photo_nor_of_its_answer(view, happy, lab, tmp_path):
    pixels = np.asarray(Image.open(happy[0]).reduce(2)).astype(int)
    noise = np.random.default_rng(0).integers(-9, 10, pixels.shape)
    mine = jpeg(Image.fromarray((pixels + noise).clip(0, 255).astype("uint8")))
    answered = card(load_classifier(), mine, "mine.jpg").picture
    before = lab.files("tmp")
    view.choose(file("mine.jpg", mine))
    view.answers(1)
    save(view.page)
    written = lab.course / "notebooks" / "05_inference.ipynb"
    assert '"application/vnd.jupyter.widget-state+json"' in written.read_text("utf-8")
    assert traces(mine, lab.files()) == traces(answered, lab.files()) == []
    assert lab.files("tmp") == before
    # the search itself: it finds a piece in what an upload button would have left
    (tmp_path / "left").write_bytes(base64.b64encode(b"ab" + mine[HEAD + 99 : HEAD + 180]))
    assert traces(mine, [tmp_path / "left"])


def test_a_slider_moves_face_answer_and_curve_by_keyboard_and_by_mouse(page, lab):
    open_notebook(page, lab, "06_looking_inside.ipynb")
    inside = run_for(page, lab.course / "notebooks" / "06_looking_inside.ipynb", FACE_LAB)
    slider = inside.get_by_role("slider", name="lip corner puller")
    slider.scroll_into_view_if_needed()

    def by_keyboard():
        slider.focus()
        for _ in range(20):
            page.keyboard.press("ArrowRight")

    def by_mouse():
        box = slider.bounding_box()
        middle = box["y"] + box["height"] / 2
        page.mouse.move(box["x"] + box["width"] / 2, middle)
        page.mouse.down()
        page.mouse.move(box["x"] + box["width"], middle, steps=5)
        page.mouse.up()

    curve = inside.locator("img[alt^=Probability]")
    shown = {"img": "src", "span[style*=background]": "style", "img[alt^=Probability]": "src"}
    for move in (by_keyboard, by_mouse):
        parts = [(inside.locator(where).first, fact) for where, fact in shown.items()]
        before = [part.get_attribute(fact) for part, fact in parts]
        move()
        for (part, fact), old in zip(parts, before, strict=True):
            expect(part).not_to_have_attribute(fact, old)
        # the kernel has caught up with the slider
        stands = float(slider.input_value())
        assert any(float(lab.ask("_.face.value(12)")) == stands for _ in range(100))
    expect(inside).to_contain_text("The answer")
    expect(curve).to_be_visible()
    assert curve.evaluate("image => image.complete && image.naturalWidth") > 300
    check_names(page, inside)


def check_names(page, inside):
    """Every control has a name that a screen reader can say."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    group = inside.get_by_role("combobox", name="What to move")
    for name in group.locator("option").all_inner_texts():
        group.select_option(name)
        expect(inside.get_by_role("slider").first).to_be_visible()
        found = axe.run(page, ".jp-OutputArea-output .widget-box").response["violations"]
        assert [(one["id"], one["help"]) for one in found if one["impact"] in SERIOUS] == []


def test_two_labels_decided_by_clicks_are_decisions_in_the_kernel(page, lab):
    notebook = lab.course / "notebooks" / "08_wrong_labels.ipynb"
    open_notebook(page, lab, notebook.name)
    inside = run_for(page, notebook, CLEANER)
    inside.get_by_role("radio", name="keep").nth(0).check()
    inside.get_by_role("radio", name="set aside").nth(1).check()
    expect(inside).to_contain_text("1 kept")
    everything = "__import__('gc').get_objects()"
    views = f"[o for o in {everything} if type(o).__name__ == 'LabelCleaner']"
    decided = lab.ask(f"[one.action for view in {views} for one in view.decisions]")
    assert literal_eval(decided) == ["keep", "set aside"]


def test_the_install_check_runs_through_and_its_question_is_answered_by_clicks(page, lab):
    copy(ROOT / "teaching" / CHECK, lab.course / "notebooks" / CHECK)
    open_notebook(page, lab, CHECK)
    run_all(page)
    expect(cell(page, "doctor.summary(")).to_contain_text("TensorFlow 2.")
    quiz = cell(page, "widgets.quiz(")
    quiz.get_by_role("button", name="Check").click()
    expect(quiz).to_contain_text("Choose an answer first")
    quiz.get_by_role("radio", name="2,304").check()
    page.wait_for_timeout(500)  # a second click right after the first does not count
    quiz.get_by_role("button", name="Check").click()
    expect(quiz).to_contain_text("Right: 2,304")
    page.wait_for_timeout(500)
    quiz.get_by_role("button", name="Next").click()
    expect(quiz).to_contain_text("Question 2 of 5")
