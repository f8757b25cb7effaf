"""The app in Voila, for somebody who knows nothing of notebooks."""

import csv
import shutil
from dataclasses import replace

import pytest
from bad_images import too_large_or_small

from emolib.course.compose import group_photo
from emolib.data import portraits
from emolib.model import read_card

from .conftest import HEIGHT, WIDTH
from .pictures import file, jpeg, photo
from .views import expect, leave, open_app

pytestmark = pytest.mark.browser
SERIOUS = ("serious", "critical")


@pytest.fixture(scope="module")
def app(new_page, voila):
    """One open page, with a second model to choose, and one of the reader's."""
    models = voila.course / "models"
    card = read_card(models / "emotion_model.onnx")
    own = {"name": "rendered", "counts": {"train": {"happy": 420, "sad": 420}}}
    for name, learned in (("second", card.data), ("my_model", own)):
        shutil.copy(models / "emotion_model.onnx", models / f"{name}.onnx")
        replace(card, data=learned).write(models / f"{name}.onnx")
    view = open_app(new_page(), voila)
    yield view
    leave(view)


@pytest.fixture
def view(app):
    """The open page, as if new."""
    app.page.set_viewport_size({"width": WIDTH, "height": HEIGHT})
    return app.forget()


def test_a_photo_is_answered_in_words_and_with_a_picture(view, happy):
    assert view.page.title() == "Happy or sad?"
    view.choose(happy[0])
    [words] = view.answers(1)
    assert "1 face" in words and "happy" in words
    picture = view.cards.locator("img")
    assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") > 99
    assert "1 photo, 1 face found" in view.status.inner_text()


def test_its_kernel_answers_without_tensorflow(view, voila):
    view.button("Show an example").click()
    view.answers(1)
    assert voila.ask("'tensorflow' in __import__('sys').modules") == "False"


def test_a_picture_from_the_camera_is_answered_and_the_camera_goes_off(view):
    view.button("Turn the camera on").click()
    view.button("Take the picture").click()
    [words] = view.answers(1)
    assert "happy" in words
    expect(view.root.locator("video")).to_be_hidden()
    assert view.root.locator("video").evaluate("video => video.srcObject === null")


def test_where_no_camera_may_be_used_a_sentence_says_so(view):
    view.page.context.clear_permissions()
    view.button("Turn the camera on").click()
    expect(view.status).to_contain_text("This page may not use the camera")
    view.page.context.grant_permissions(["camera"])


def test_of_four_examples_in_a_row_some_are_happy_some_sad_and_some_neither(view):
    for _ in range(4):
        view.button("Show an example").click()
    answers = view.answers(4)
    assert all(words.startswith("example P0") and ": 1 face" in words for words in answers)
    found = {words.splitlines()[-1].split()[0] for words in answers}
    assert found == {"happy", "sad", "neither"}


def test_the_list_and_the_table_number_the_faces_as_the_picture_does(view, happy):
    people = [portrait.image for portrait in portraits() if portrait.expression == "happy"][:3]
    group, _ = group_photo(people, width=1200, seed=0)
    view.choose(file("group.jpg", jpeg(group)), photo(happy[0], "me.jpg"))
    view.answers(2)
    group, alone = (view.cards.nth(i).locator("li").all_inner_texts() for i in (0, 1))
    assert [words[:8] for words in group] == ["1 happy ", "2 happy ", "3 happy "]
    assert [words[:6] for words in alone] == ["happy "]
    view.root.locator("summary").click()
    assert view.root.locator("td:nth-child(2)").all_inner_texts() == ["1", "2", "3", ""]


def test_the_menu_and_the_page_speak_of_the_model_that_answers(view, happy):
    menu = view.root.get_by_label("Model")
    names = menu.locator("option").all_inner_texts()
    assert names[0] == "Happy, sad or neither (the course's network)"
    assert {"Seven emotions", "second"} < set(names)
    expect(view.page.locator("body")).to_contain_text(
        "It knows three words: happy, neither and sad."
    )
    view.choose(happy[0])
    fill = view.cards.locator(".emo-fill")
    color = fill.evaluate("bar => bar.style.background")
    menu.select_option("Seven emotions")
    expect(view.page.get_by_role("heading", name="The model: Seven emotions")).to_be_visible()
    expect(view.page.get_by_role("cell", name="83.3%")).to_be_visible()
    expect(view.page.locator("body")).not_to_contain_text("It knows three words")
    expect(view.cards).to_have_count(1)
    assert "happy" in view.answers(1)[0]
    assert fill.evaluate("bar => bar.style.background") == color
    view.forget()
    menu.select_option("emotion_model")


def test_a_network_of_the_reader_says_what_it_learned_from(view):
    menu = view.root.get_by_label("Model")
    menu.select_option("Your network from notebook 03 (my_model)")
    sentence = "This network learned from 840 rendered faces: photographs are new to it."
    expect(view.root).to_contain_text(sentence)
    menu.select_option("emotion_model")
    expect(view.root).not_to_contain_text(sentence)


def test_the_other_model_answers_the_same_photos_again(view, happy):
    view.choose(*happy[:2])
    view.answers(2)
    for model in ("second", "emotion_model"):
        view.root.get_by_label("Model").select_option(model)
        expect(view.status).to_contain_text("2 photos, 2 faces found")
        assert all("happy" in words for words in view.answers(2))


def test_the_answers_can_be_saved_as_a_table(view, happy):
    view.choose(photo(happy[0], "one.jpg"), file("two.jpg", b"no picture"))
    view.answers(2)
    with view.page.expect_download() as download:
        view.button("Download the answers (CSV)").click()
    with open(download.value.path(), newline="", encoding="utf-8-sig") as table:
        one, two = csv.DictReader(table)
    assert one["file"] == "one.jpg" and one["label"] == "happy"
    assert two["file"] == "two.jpg" and two["error"]


def test_forget_all_leaves_nothing_in_the_page(view, happy):
    view.choose(photo(happy[0], "my secret name.jpg"))
    view.answers(1)
    view.forget()
    assert "my secret name" not in view.page.content()
    expect(view.root.locator("img")).to_have_count(0)
    # the keyboard goes on where it makes sense
    expect(view.button("Choose photos")).to_be_focused()


def test_a_huge_file_and_a_bomb_end_in_a_sentence(view, tmp_path):
    with open(tmp_path / "huge.jpg", "wb") as huge:
        huge.truncate(200_000_000)
    (tmp_path / "bomb.png").write_bytes(too_large_or_small()["bomb.png"][0])
    view.choose(tmp_path / "huge.jpg", tmp_path / "bomb.png")
    huge, bomb = view.sentences(2)
    assert huge.startswith("huge.jpg is larger than 50 MB")
    assert bomb.startswith("bomb.png has more than 100 megapixels")


@pytest.mark.parametrize("name", ["../../x.jpg", "<img src=x onerror=alert(1)>.jpg"])
def test_a_hostile_name_is_shown_as_text_and_writes_nothing(view, voila, happy, name):
    before = voila.files()
    view.choose(photo(happy[0], name))
    [sentence] = view.sentences(1)
    assert sentence == f"{name.rpartition('/')[2]}: 1 face"
    expect(view.root.locator("img[src=x]")).to_have_count(0)
    assert voila.files() == before


def test_the_keyboard_reaches_and_works_every_control(view):
    view.button("Show an example").focus()
    view.page.keyboard.press("Enter")
    view.answers(1)
    controls = "button, select, summary"
    there = view.root.locator(controls).locator("visible=true").all_inner_texts()
    reached = []
    view.page.locator("body").click(position={"x": 2, "y": 2})
    for _ in range(3 * len(there)):
        view.page.keyboard.press("Tab")
        reached.append(view.page.evaluate("document.activeElement.innerText"))
    assert len(there) == 7 and set(there) <= set(reached)
    with view.page.expect_file_chooser():
        view.button("Choose photos").focus()
        view.page.keyboard.press("Enter")


@pytest.mark.parametrize("width", [1280, 360])
def test_a_page_of_any_width_shows_all_without_scrolling_sideways(view, happy, width):
    view.page.set_viewport_size({"width": width, "height": HEIGHT})
    view.choose(photo(happy[0], "a_long_name" * 15 + ".jpg"))
    view.answers(1)
    view.root.locator("summary").click()
    assert view.page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_checker_finds_no_serious_barrier(view, happy):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    view.choose(photo(happy[0], "me.jpg"), file("broken.jpg", b"no picture"))
    view.answers(2)
    view.root.locator("summary").click()
    found = axe.run(view.page).response["violations"]
    assert [(one["id"], one["help"]) for one in found if one["impact"] in SERIOUS] == []
