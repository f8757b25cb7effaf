"""Right answers are right, each common mistake gets its own hint, no hint gives the answer away."""

import re
import runpy
from pathlib import Path

import nbformat
import numpy as np
import pytest
import refresh_notebooks
from notebook_files import PATHS, code, read, shown

import emolib
from conftest import slow_cases
from emolib import data
from emolib.course import checks
from emolib.course.checks import EXERCISES
from emolib.course.exercises import notebook_05

# right answers and usual mistakes, one file per notebook
BOOKS = [
    runpy.run_path(str(path)) for path in sorted((Path(__file__).parent / "answers").glob("*.py"))
]
RIGHT = [row for book in BOOKS for row in book["RIGHT"]]
MISTAKES = [row for book in BOOKS for row in book["MISTAKES"]]


def said(capsys, exercise, answer):
    emolib.check(exercise, answer)
    return capsys.readouterr().out


def solution_of(exercise):
    """Return the notebook and the cell with the solution of an exercise."""
    notebooks = [read(path) for path in PATHS]
    cells = [(nb, cell) for nb in notebooks for cell in code(nb, "solution")]
    [found] = [(nb, c) for nb, c in cells if f'emolib.check("{exercise}"' in c.source]
    return found


def is_right(exercise):
    return f"Exercise {exercise}: right. {EXERCISES[exercise].why}\n"


@pytest.fixture(scope="module")
def networks(tmp_path_factory):
    return tmp_path_factory.mktemp("networks")


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
@pytest.mark.slow
def test_solutions_are_right_and_facts_hold_when_a_notebook_runs(path, networks, monkeypatch):
    monkeypatch.setenv("EMOLIB_MODELS", str(networks))  # 03 saves the network that later ones use
    nb = read(path)
    refresh_notebooks.execute(nb, path.parent, refresh_notebooks.facts(path.name))
    said = "".join(text for cell in code(nb, "solution") for text in shown(cell))
    for exercise in EXERCISES:
        assert not exercise.startswith(path.name[:2]) or is_right(exercise) in said


@pytest.mark.parametrize("exercise", EXERCISES)
def test_each_check_has_one_solution_and_no_answer_is_no_mistake(exercise, capsys):
    solution_of(exercise)
    for nothing in (..., None, (..., ...)):
        assert said(capsys, exercise, nothing) == (
            f"Exercise {exercise}: no answer yet. Hand in {EXERCISES[exercise].wanted}.\n"
        )


@pytest.mark.parametrize("exercise", [number for number in EXERCISES if number != "02.0"])
def test_the_stored_solution_is_right(exercise):
    _, cell = solution_of(exercise)
    assert is_right(exercise) in "".join(shown(cell))


def test_each_exercise_of_the_course_has_a_check_and_says_so():
    titles = [
        (number, cell.source)
        for path in PATHS
        for cell in nbformat.read(path, 4).cells
        for number in re.findall(r"^### Exercise (\S+)", cell.source, re.MULTILINE)
    ]
    assert [number for number, _ in titles] == [n for n in EXERCISES if n != "02.0"]
    for number, source in titles:
        assert f'Check: `emolib.check("{number}", ' in source


@pytest.mark.parametrize(("exercise", "answer"), RIGHT)
def test_right(capsys, exercise, answer):
    assert said(capsys, exercise, answer).startswith(f"Exercise {exercise}: right. ")


@pytest.mark.parametrize(("exercise", "answer", "hint"), MISTAKES)
def test_each_mistake_has_its_hint(capsys, exercise, answer, hint):
    out = said(capsys, exercise, answer)
    assert out.startswith(f"Exercise {exercise}: not yet. ") and hint in out
    # never the answer
    for answer in ("514", "416", "(18, 28", "18_432", "14 steps", "0.33", "294", "upside down is"):
        assert answer not in out


@pytest.mark.parametrize(
    "exercise", [*(number for number in EXERCISES if number != "05.2"), *slow_cases("05.2")]
)
@pytest.mark.parametrize("answer", ["?", 3 + 1j, [[]], {"a": 1}, object(), b"", np.zeros((2, 0))])
def test_whatever_is_handed_in_a_sentence_comes_back(capsys, exercise, answer):
    out = said(capsys, exercise, answer)
    assert out.count("\n") == 1 and ": right" not in out


@pytest.mark.parametrize("answer", [(1e400, 8), (10**400, 8)])
def test_a_number_without_bounds_is_a_sentence_too(capsys, answer):
    assert ": right" not in said(capsys, "03.1", answer)


@pytest.mark.parametrize("exercise", ["7", 2.1, ["02.1"]])
def test_an_unknown_exercise_is_a_sentence(capsys, exercise):
    assert f"There is no check for exercise {exercise!r}" in said(capsys, exercise, 1)


@pytest.fixture
def no_portraits(monkeypatch):
    """Have the portraits raise something, and forget what was said about them."""

    def refuse(error):
        def portraits():
            raise error

        monkeypatch.setattr("emolib.data.sources.portraits", portraits)

    notebook_05._answers_to_portraits.cache_clear()
    yield refuse
    notebook_05._answers_to_portraits.cache_clear()


def test_missing_portraits_are_not_a_wrong_form(capsys, no_portraits):
    no_portraits(data.DataError("The portraits are not installed: run pip install openpeople."))
    assert said(capsys, "05.2", (["happy"], ["neutral"])) == (
        "Exercise 05.2: your answer cannot be checked. The portraits are not installed: run pip "
        "install openpeople.\n"
    )


@pytest.mark.parametrize(
    "error", [MemoryError(), ModuleNotFoundError("cv2"), TypeError("our own"), KeyError("ours")]
)
def test_what_is_not_the_answers_fault_is_not_called_its_form(capsys, no_portraits, error):
    no_portraits(error)
    with pytest.raises(type(error)):
        emolib.check("05.2", (["happy"], ["neutral"]))
    assert capsys.readouterr().out == ""


def test_a_full_memory_while_an_answer_is_examined_is_not_its_form(capsys, monkeypatch):
    def examine(answer):
        raise MemoryError

    exercise = checks.Exercise("this", "that", examine, lambda: None)
    monkeypatch.setitem(EXERCISES, "06.3", exercise)
    with pytest.raises(MemoryError):
        emolib.check("06.3", 1)


@pytest.mark.parametrize(
    ("guess", "words"),
    [
        (None, "Measured: 54%.\n"),
        ("many", "Measured: 54%.\n"),
        (50, "You guessed 50%, we measured 54%: close."),
        (10, "what made you expect less?"),
        (99.5, "You guessed 99.5%, we measured 54%: what made you expect more?"),
        (np.float32(55), "You guessed 55%, we measured 54%: close."),
        (np.complex128(54), "Measured: 54%.\n"),
    ],
)
def test_a_guess_is_compared(capsys, guess, words):
    emolib.compare(guess, 54.0, "%")
    assert words in capsys.readouterr().out
