"""Right answers are right, each common mistake gets its own hint, no hint gives the answer away."""

import re

import nbformat
import numpy as np
import pytest
import refresh_notebooks
from notebook_files import PATHS, code, read, shown

import emolib
from conftest import slow_cases
from emolib import data
from emolib.course import checks, hints
from emolib.course.checks import EXERCISES

LAYERS = {
    "5x5 convolution, 32 maps": ((48, 48, 32), 800),
    "its batch normalization": ((48, 48, 32), 128),
    "first 3x3 convolution, 64 maps": ((24, 24, 64), 18_432),
    "last convolution, 256 maps": ((6, 6, 256), 294_912),
    "the last layer": ((1,), 257),
}
AREAS = np.linspace(0.9, 1, 500)
MIDDLE = tuple(np.quantile(AREAS, [0.025, 0.975]))
LABELS = [0, 1] * 8
LEARNED = {"accuracy": [0.5, 1.0]}


# what the solution of an exercise needs: cells of its notebook, then code in place of others.
# Solutions that are not here need a training; a slow test runs their whole notebooks.
NEEDED = {
    "01.1": ("c02 c03 c05 c20", ""),
    "01.2": ("c02 c03", ""),
    "01.3": ("c02 c03 c05 c09 c29", ""),
    "02.0": ("c02 c25 c27 c29 c31", ""),
    "02.1": ("c02", ""),
    "02.3": ("c02", ""),
    "03.1": ("c02", ""),
    "04.2": ("c02", ""),
    "05.1": (
        "c02 c05",
        "classifier = emolib.load_classifier()\nanswer = classifier.predict(phone_file)[0]",
    ),
    "05.2": ("c02", "classifier, portraits = emolib.load_classifier(), data.portraits()"),
    "06.3": (
        "c02",
        "released, _ = load_model(course.course_dir() / 'models' / 'emotion_model.keras')\n"
        "people = [p for p in data.portraits() if p.expression == 'happy'][:3]\n"
        "portraits = np.stack([to_array(p.face()) for p in people])",
    ),
}


class Audited:
    def __init__(self, files=117, **left):
        self.files = files
        kinds = ("unreadable", "not a picture", "exact duplicate", "two classes", "two splits")
        self.left = dict.fromkeys(kinds, 0) | {"near duplicate": 3, "wrong extension": 1}
        self.left |= {name.replace("_", " "): n for name, n in left.items()}

    def totals(self):
        return self.left


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


def run_solution(exercise):
    """Run the solution of an exercise and what it needs; return all variables."""
    nb, solution = solution_of(exercise)
    ids, more = NEEDED[exercise]
    cells = {cell.id: cell.source for cell in nb.cells}
    names = {"emolib": emolib}
    for source in (*(cells[id] for id in ids.split()), more, solution.source):
        exec(source, names)
    return names


@pytest.mark.parametrize("exercise", [number for number in NEEDED if number != "05.2"])
@pytest.mark.slow
def test_the_solution_is_right_when_it_runs(exercise, capsys):
    run_solution(exercise)
    assert capsys.readouterr().out.endswith(is_right(exercise))


@pytest.fixture(scope="module")
def networks(tmp_path_factory):
    return tmp_path_factory.mktemp("networks")


@pytest.mark.parametrize("number", sorted({n[:2] for n in EXERCISES if n not in NEEDED}))
@pytest.mark.slow
def test_the_other_solutions_are_right_when_their_notebook_runs(number, networks, monkeypatch):
    monkeypatch.setenv("EMOLIB_MODELS", str(networks))
    [path] = [path for path in PATHS if path.name.startswith(number)]
    nb = read(path)
    refresh_notebooks.execute(nb, path.parent)
    said = "".join(text for cell in code(nb, "solution") for text in shown(cell))
    for exercise in EXERCISES:
        assert not exercise.startswith(number) or is_right(exercise) in said


@pytest.mark.parametrize("exercise", EXERCISES)
def test_each_check_has_one_solution_and_no_answer_is_no_mistake(exercise, capsys):
    solution_of(exercise)
    for nothing in (..., None, (..., ...)):
        assert said(capsys, exercise, nothing) == (
            f"Exercise {exercise}: no answer yet. Hand in {EXERCISES[exercise].wanted}.\n"
        )


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


@pytest.mark.parametrize(
    ("exercise", "answer"),
    [
        ("01.1", Audited()),
        ("01.1", Audited(wrong_extension=0)),
        ("01.2", 0.333),
        ("01.3", ["mirrored"]),
        ("01.3", ("Mirrored", "a tenth of the light")),
        ("02.0", LAYERS),
        ("02.1", 514),
        ("02.1", np.int64(514)),
        ("02.2", (np.array(LABELS), LEARNED)),
        ("02.3", ((18, 28, 16), 416)),
        ("02.3", [[18, 28, 16], 416]),
        ("03.1", (14, 8)),
        ("03.2", {"loss": [0.5], "val_loss": [0.55]}),
        ("04.1", (AREAS, *MIDDLE)),
        ("04.2", 6),
        ("05.1", np.array([[0.01, 0.04, 0.95]])),
        ("06.1", {"yours": 3, "released": 0}),
        ("06.2", (0.95, 0.98)),
        ("06.3", np.stack([np.eye(48), 1 - np.eye(48)])),
    ],
)
def test_right(capsys, exercise, answer):
    assert said(capsys, exercise, answer).startswith(f"Exercise {exercise}: right. ")


@pytest.mark.parametrize(
    ("exercise", "answer", "hint"),
    [
        ("01.1", Audited(unreadable=1), "the audit from before"),
        ("01.1", Audited(exact_duplicate=2), "still there twice"),
        ("01.1", Audited(two_classes=2), "filed under both happy and sad"),
        ("01.1", Audited(files=60), "Many more files are gone"),
        ("01.2", 0.5, "two classes"),
        ("01.2", 33, "between 0 and 1"),
        ("01.2", 0.4, "most frequent class"),
        ("01.3", ["mirrored", "upside down"], "upside-down faces"),
        ("01.3", "a tenth of the light", "left and right swap"),
        ("02.0", LAYERS | {"the last layer": ((1,), 256)}, "one bias"),
        ("02.0", LAYERS | {"its batch normalization": ((48, 48, 32), 64)}, "four numbers per map"),
        ("02.0", LAYERS | {"5x5 convolution, 32 maps": ((48, 48, 32), 832)}, "no bias"),
        ("02.0", LAYERS | {"5x5 convolution, 32 maps": ((44, 44, 32), 800)}, "at the border"),
        ("02.0", LAYERS | {"5x5 convolution, 32 maps": ((32, 48, 48), 800)}, "order is not"),
        (
            "02.0",
            LAYERS | {"first 3x3 convolution, 64 maps": ((48, 48, 64), 18_432)},
            "Pooling halves",
        ),
        (
            "02.0",
            LAYERS | {"last convolution, 256 maps": ((3, 3, 256), 294_912)},
            "once too often",
        ),
        ("02.1", 512, "has a bias"),
        ("02.1", 257, "one more unit"),
        ("02.1", 771, "the new last layer"),
        ("02.1", 574_931, "*added*"),
        ("02.1", 3, "How many numbers reach"),
        ("02.2", (np.sort(LABELS), LEARNED), "in order"),
        ("02.2", (LABELS[:4], LEARNED), "sixteen shuffled labels, not 4"),
        ("02.2", (LABELS, {"accuracy": [0.5, 0.9375]}), "94% of them so far"),
        ("02.3", ((18, 28, 16), 400), "has a bias"),
        ("02.3", ((28, 18, 16), 416), "order is not"),
        ("02.3", ((16, 18, 28), 416), "order is not"),
        ("02.3", ((20, 30, 16), 416), "cannot hang over"),
        ("02.3", ((36, 56, 16), 416), "before pooling"),
        ("02.3", ((19, 29, 16), 416), "two at the bottom"),
        ("02.3", ((18, 28, 1), 416), "counts the maps"),
        ("02.3", ((18, 28, 16), 26), "one filter"),
        ("02.3", ((18, 28, 16), 5), "height x width x input maps"),
        ("03.1", (13, 8), "a step, too"),
        ("03.1", (13.125, 8), "whole numbers"),
        ("03.1", (8, 14), "The other way around"),
        ("03.1", (14, 64), "full batches"),
        ("03.1", (640, 8), "64 per batch"),
        ("03.2", {"loss": [0.1], "val_loss": [1.5]}, "all 600 pictures"),
        ("03.2", {"loss": [0.69], "val_loss": [0.69]}, "learned nothing"),
        ("03.2", {"loss": [np.nan], "val_loss": [np.nan]}, "learned nothing"),
        ("04.1", (AREAS, AREAS.min(), AREAS.max()), "leaves out both ends"),
        ("04.1", (AREAS, *np.quantile(AREAS, [0.05, 0.95])), "90% is left"),
        ("04.1", (AREAS, *MIDDLE[::-1]), "lower end comes first"),
        ("04.1", (AREAS, 0.94, 0.96), "at each end"),
        ("04.1", (AREAS[:100], *MIDDLE), "not 100"),
        ("04.1", (AREAS - 0.45, *MIDDLE), "same indices"),
        ("04.1", (np.full(500, 0.98), 0.98, 0.98), "did you use each draw"),
        ("04.2", 5, "above 5%"),
        ("04.2", 7, "a smaller number is, too"),
        ("05.1", [0.998, 0.001, 0.001], "Squeeze the whole"),
        ("05.1", [0.5, 0.5], "as `predict_arrays` returns them"),
        ("06.1", [25, 0], "even the seed"),
        ("06.1", [0.1, 0.0], "not shares"),
        ("06.1", [3], "two in all"),
        ("06.2", (1.0, 0.02), "drops that far"),
        ("06.2", (95, 98), "between 0 and 1"),
        ("06.2", (0.45, 0.55), "in the same order"),
        ("06.3", np.stack([np.eye(48), np.eye(48)]), "the same question"),
        ("06.3", np.eye(48), "two sets"),
    ],
)
def test_each_mistake_has_its_hint(capsys, exercise, answer, hint):
    out = said(capsys, exercise, answer)
    assert out.startswith(f"Exercise {exercise}: not yet. ") and hint in out
    # never the answer
    for answer in ("514", "416", "(18, 28", "18_432", "14 steps", "0.33", "294", "upside down is"):
        assert answer not in out


@pytest.mark.slow  # asks the network about 160 portraits
def test_expressions_are_counted_not_named(capsys):
    counted = run_solution("05.2")  # in its own way
    assert capsys.readouterr().out.endswith(is_right("05.2"))
    called = set(counted["called_happy"])
    neither = set(counted["called_neither"])
    assert {"happy", "smug"} <= called and "neutral" in neither and not called & neither
    out = said(capsys, "05.2", (called - {"happy"}, neither))
    assert "called_happy: 0 too many, 1 missing" in out and "smug" not in out
    assert "called_neither: 1 too many" in said(capsys, "05.2", (called, neither | {"happy"}))
    assert "Use the names" in said(capsys, "05.2", (called | {"glad"}, neither))


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

    hints._answers_to_portraits.cache_clear()
    yield refuse
    hints._answers_to_portraits.cache_clear()


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
        (None, "Measured: 54%. (You made no guess.)"),
        ("many", "(You made no guess.)"),
        (50, "You guessed 50%, we measured 54%: close."),
        (10, "what made you expect less?"),
        (99.5, "You guessed 99.5%, we measured 54%: what made you expect more?"),
        (np.float32(55), "You guessed 55%, we measured 54%: close."),
        (np.complex128(54), "(You made no guess.)"),
    ],
)
def test_a_guess_is_compared(capsys, guess, words):
    emolib.compare(guess, 54.0, "%")
    assert words in capsys.readouterr().out
