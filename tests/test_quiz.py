"""The quiz's questions are sound, its view works, and the paper version says the same."""

import importlib
import math
import re
from collections import Counter
from pathlib import Path

import pytest

from conftest import one_sentence
from emolib import widgets
from emolib.course.quiz import (
    ANSWERS,
    LETTERS,
    NOTEBOOKS,
    QUESTIONS,
    QUIZ,
    QuizError,
    answers_as_markdown,
    as_markdown,
    main,
    questions,
)
from emolib.evaluation import evaluate, wilson_interval

ROOT = Path(__file__).parents[1]
view_of = importlib.import_module("emolib.widgets.quiz_view")  # the function hides its module


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """Tests click faster than people do."""
    monkeypatch.setattr(view_of, "DOUBLE_CLICK", 0)


def question(words):
    [found] = [q for q in QUESTIONS if words in q.text]
    return found


def answer(words):
    found = question(words)
    return found.options[found.right]


def step(view, choice=None):
    """Choose an option, if any, and press the button."""
    if choice is not None:
        view.options.index = choice
    view.button.click()


def play(view, choose):
    """Answer all questions of a view; return them in the order in which they came."""
    came = []
    while view.button.description == "Check":
        [shown] = [q for q in QUESTIONS if f"<b>{view_of.escape(q.text)}</b>" in view.text.value]
        came.append(shown)
        assert view.options.options == shown.options and view.options.index is None
        step(view, choose(shown))
        assert view.button.description == "Next"
        step(view)
    return came


def right(shown):
    return shown.right


def wrong(shown):
    return (shown.right + 1) % len(shown.options)


def test_forty_questions_with_different_options_on_all_notebooks():
    assert len(QUESTIONS) == len({q.text for q in QUESTIONS}) == 40
    assert {q.notebook for q in QUESTIONS} == set(NOTEBOOKS)
    for q in QUESTIONS:
        assert 3 <= len(q.options) == len(set(q.options)) <= len(LETTERS), q.text
        assert 0 <= q.right < len(q.options), q.text
        assert q.text.endswith(("?", " ...")) and q.why.endswith("."), q.text


def test_each_notebook_is_there():
    files = sorted(path.name for path in (ROOT / "notebooks").glob("[0-9]*.ipynb"))
    assert files == list(NOTEBOOKS.values())
    assert all(name.startswith(number) for number, name in NOTEBOOKS.items())


def test_neither_place_nor_length_gives_an_answer_away():
    assert max(Counter(q.right for q in QUESTIONS).values()) <= 11
    alone = [q for q in QUESTIONS if longest_alone(q)]
    assert len(alone) <= 10, [q.text for q in alone]


def longest_alone(q):
    lengths = sorted(map(len, q.options))
    return len(q.options[q.right]) == lengths[-1] > lengths[-2]


def test_sums_are_right():
    assert answer("48 x 48 pixels") == f"{48 * 48:,}"
    assert question("48 x 48 pixels").options[2:] == (f"{3 * 48 * 48:,}", f"{256 * 48 * 48:,}")
    assert answer("64 filters") == f"{3 * 3 * 32 * 64:,}"
    tempting = f"{3 * 3 * 64}", f"{32 * 64:,}", f"{3 * 3 * 64 * 64:,}"
    assert set(tempting) < set(question("64 filters").options)
    assert answer("840 training pictures") == str(math.ceil(840 / 16))
    assert divmod(840, 16) == (52, 8) and "52 full batches, and one of 8" in why("840")
    assert f"ln 2 = {math.log(2):.2f}" in why("loss of a network")
    assert answer("without padding") == f"{16 - 2} x {28 - 2}"
    assert answer("quarter of its width") == str(tuple(4 * edge for edge in (50, 60, 150, 180)))
    assert answer("seven emotions has learned nothing") == f"{math.log(7):.2f}"
    assert answer("40 of them are") == f"precision {40 / 50:.0%}, recall {40 / 160:.0%}"
    assert answer("store each weight in 8 bits") == f"{3.5 * 8 / 32:.1f} MB"
    assert answer("divides the pixels by 255").startswith("a picture that is black")
    assert -0.993 < 1 / 127.5 - 1 < -0.99 and "between -1 and -0.99" in why("divides the pixels")
    assert answer("A tenth of a job") == f"{1 / (1 / 10):.0f} times"


def why(words):
    return question(words).why


def test_what_the_notebooks_measure_is_what_is_asked_about():
    text = (ROOT / "notebooks" / NOTEBOOKS["03"]).read_text(encoding="utf-8")
    assert "53 steps per epoch" in text and math.ceil(833 / 16) == 53


def test_scores_are_right():
    low, high = wilson_interval(18, 20)
    assert (
        answer("18 of 20")
        == f"It gets about {100 * low:.0f}% to {100 * high:.0f}% of such pictures right."
    )
    assert low < 17 / 20 < high
    happy = evaluate([[0.9, 0.1]] * 1000, [0] * 950 + [1] * 50, ["happy", "sad"], worst=0)
    found = re.findall(r"\d+", answer("950 are happy"))
    assert found == [f"{100 * happy.accuracy.value:.0f}", f"{100 * happy.balanced_accuracy:.0f}"]


def test_all_right_gives_forty_of_forty():
    view = widgets.quiz()
    assert play(view, right) == list(QUESTIONS)
    assert view.right == 40 and view.missed == []
    assert "40 of 40 right." in view.text.value and "Nothing to reread." in view.text.value
    assert view.options.options == () and view.button.description == "Start over"


def test_all_wrong_gives_none_and_names_all_notebooks():
    view = widgets.quiz()
    play(view, wrong)
    assert view.right == 0 and view.missed == list(QUESTIONS)
    assert "0 of 40 right." in view.text.value
    for number, name in NOTEBOOKS.items():
        n = sum(q.notebook == number for q in QUESTIONS)
        assert f"<li>{name}: {n} wrong</li>" in view.text.value


def test_only_notebooks_with_mistakes_are_named():
    view = widgets.quiz()
    play(view, lambda q: wrong(q) if q.notebook == "03" else right(q))
    assert re.findall(r"\d\d_\w+\.ipynb", view.text.value) == [NOTEBOOKS["03"]]


def test_an_answer_is_called_right_or_not_in_words_and_explained():
    view = widgets.quiz("01")
    first, second = questions("01")[:2]
    assert "Question 1 of 5, notebook 01" in view.text.value
    step(view, right(first))
    assert f"<b>Right:</b> <b>{first.options[first.right]}</b>" in view.said.value
    assert first.why in view.said.value and view.options.disabled
    step(view)
    assert view.said.value == "" and not view.options.disabled
    assert "Question 2 of 5, notebook 01" in view.text.value
    step(view, wrong(second))
    assert f"<b>Wrong:</b> {second.options[wrong(second)]}<br>" in view.said.value
    assert f"The right answer: <b>{second.options[second.right]}</b>" in view.said.value
    assert second.why in view.said.value and view.right == 1


def test_an_answer_must_be_chosen_first():
    view = widgets.quiz()
    step(view)
    assert "Choose an answer first." in view.said.value and view.button.description == "Check"
    assert not view.options.disabled and view.right == 0 and view.missed == []
    step(view, QUESTIONS[0].right)
    assert view.right == 1 and "Choose" not in view.said.value


def test_a_double_click_does_not_skip_the_explanation(monkeypatch):
    monkeypatch.setattr(view_of, "DOUBLE_CLICK", 1000)
    view = widgets.quiz()
    step(view, 0)
    step(view)
    assert view.button.description == "Next" and QUESTIONS[0].why in view.said.value


def test_starting_over_forgets_all():
    view = widgets.quiz("02")
    play(view, wrong)
    step(view)
    assert view.missed == [] and view.right == 0 and view.said.value == ""
    assert "Question 1 of 6" in view.text.value
    play(view, right)
    assert "6 of 6 right." in view.text.value


@pytest.mark.parametrize("number", NOTEBOOKS)
def test_one_notebook(number):
    came = play(widgets.quiz(number), right)
    assert came == [q for q in QUESTIONS if q.notebook == number]


@pytest.mark.parametrize("number", ["99", "2", "", 2, ["02"], "<b>"])
def test_a_notebook_that_is_not_there_gives_one_sentence(number):
    with pytest.raises(QuizError) as error:
        widgets.quiz(number)
    one_sentence(error, repr(number), ", ".join(NOTEBOOKS))


def test_a_seed_shuffles_the_questions_and_keeps_their_options():
    orders = [play(widgets.quiz(seed=seed), right) for seed in (0, 0, 1)]
    assert orders[0] == orders[1] != orders[2] and list(QUESTIONS) not in orders
    assert all(set(order) == set(QUESTIONS) for order in orders)


def test_texts_are_no_html(monkeypatch):
    odd = view_of.Question("01", "<i>?", ("<a>", "<b>", "&"), 1, "<u>.")
    view = view_of.Quiz([odd])
    assert "&lt;i&gt;?" in view.text.value
    step(view, 0)
    for words in ("&lt;a&gt;", "&lt;b&gt;", "&lt;u&gt;."):
        assert words in view.said.value


def test_questions_make_no_new_widgets(monkeypatch):
    view, made = widgets.quiz(), []
    monkeypatch.setattr(view_of.ipywidgets.Widget, "open", lambda self: made.append(self))
    play(view, right)
    step(view)
    assert made == []


def test_where_no_kernel_runs_a_page_shows_words():
    assert repr(widgets.quiz()).startswith("A quiz")


def test_the_paper_is_in_step():
    """If not: `python -m emolib.course.quiz teaching`."""
    teaching = ROOT / "teaching"
    assert (teaching / QUIZ).read_text(encoding="utf-8") == as_markdown()
    assert (teaching / ANSWERS).read_text(encoding="utf-8") == answers_as_markdown()


def test_the_questions_on_paper_give_no_answer_away():
    text = as_markdown()
    assert "Name: ___" in text and not any(q.why in text for q in QUESTIONS)
    for number, q in enumerate(QUESTIONS, start=1):
        link = f"[notebook {q.notebook}](../notebooks/{NOTEBOOKS[q.notebook]})"
        assert f"\n{number}. **{q.text}** ({link})\\\n    a) {q.options[0]}\\\n" in text


def test_the_answers_on_paper_are_the_right_ones():
    text = answers_as_markdown()
    key = re.findall(r"\b(\d+)([a-d])\b", text.split("```")[1])
    assert key == [(str(i), LETTERS[q.right]) for i, q in enumerate(QUESTIONS, start=1)]
    for (number, letter), q in zip(key, QUESTIONS, strict=True):
        assert f"\n{number}. **{letter}) {q.options[q.right]}** (" in text and q.why in text


def test_no_word_is_markdown_by_chance():
    for q in QUESTIONS:
        assert not re.search(r"[*_`\\<>\[\]#|]", " ".join((q.text, *q.options, q.why))), q.text


def test_the_command_writes_two_files_and_touches_no_other(tmp_path, capsys):
    (tmp_path / "mine.md").write_text("mine")
    (tmp_path / QUIZ).write_text("old")
    main([str(tmp_path)])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mine.md", QUIZ, ANSWERS]
    assert (tmp_path / "mine.md").read_text() == "mine"
    assert (tmp_path / QUIZ).read_bytes() == as_markdown().encode()
    assert capsys.readouterr().out.count("Wrote ") == 2


def test_the_command_needs_a_folder(tmp_path, capsys):
    with pytest.raises(SystemExit):
        main([str(tmp_path / "nowhere")])
    assert "nowhere is not a folder: create it first." in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
