"""Forty questions about the course, for `widgets.quiz()` and on paper (`teaching/quiz.md`).

The questions are in `quiz.toml`; `python -m emolib.course.quiz teaching` updates the paper.
"""

from __future__ import annotations

import argparse
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..errors import EmolibError

NOTEBOOKS = {
    "00": "00_ten_minutes.ipynb",
    "01": "01_data_loading.ipynb",
    "02": "02_building_the_cnn.ipynb",
    "03": "03_training.ipynb",
    "04": "04_evaluation.ipynb",
    "05": "05_inference.ipynb",
    "06": "06_looking_inside.ipynb",
    "07": "07_more_emotions.ipynb",
    "08": "08_wrong_labels.ipynb",
    "09": "09_your_own_pictures.ipynb",
    "10": "10_small_and_everywhere.ipynb",
    "11": "11_many_photos.ipynb",
}
LETTERS = "abcd"
QUIZ, ANSWERS = "quiz.md", "quiz_answers.md"


class QuizError(EmolibError):
    """There is no quiz on that notebook."""


@dataclass(frozen=True)
class Question:
    """One question with one right answer.

    Attributes:
        notebook: The number of the notebook with the answer, such as "02".
        text: The question.
        options: The answers to choose from.
        right: The index of the right option.
        why: Why it is right, and what is wrong with the tempting ones.
    """

    notebook: str
    text: str
    options: tuple[str, ...]
    right: int
    why: str


def _load(path: Path) -> tuple[Question, ...]:
    """Read the questions; a line break in a text is a space."""
    with path.open("rb") as file:
        rows = tomllib.load(file)["question"]
    return tuple(
        Question(
            row["notebook"],
            " ".join(row["text"].split()),
            tuple(row["options"]),
            LETTERS.index(row["right"]),
            " ".join(row["why"].split()),
        )
        for row in rows
    )


QUESTIONS = _load(Path(__file__).with_name("quiz.toml"))


def questions(notebook: str | None = None) -> tuple[Question, ...]:
    """Return the questions about one notebook, or all of them.

    Args:
        notebook: The notebook's number, such as "02"; None for all.

    Raises:
        QuizError: There is no such notebook.
    """
    if notebook is None:
        return QUESTIONS
    if notebook not in tuple(NOTEBOOKS):
        raise QuizError(
            f"There are no questions about notebook {notebook!r}: give one of "
            f"{', '.join(NOTEBOOKS)} as a string."
        )
    return tuple(question for question in QUESTIONS if question.notebook == notebook)


def as_markdown() -> str:
    """Return the questions without the answers, as a Markdown page to print."""
    parts = [
        "# Quiz",
        "Name: ________________________________",
        f"{len(QUESTIONS)} questions, each with one right answer. The notebook next to a question "
        "has the answer.",
    ]
    for number, question in enumerate(QUESTIONS, start=1):
        # a backslash breaks the line inside a list item
        lines = [f"{number}. **{question.text}** ({_link(question)})"]
        lines += [
            f"{letter}) {option}" for letter, option in zip(LETTERS, question.options, strict=False)
        ]
        parts.append("\\\n    ".join(lines))
    return "\n\n".join(parts) + "\n"


def answers_as_markdown() -> str:
    """Return the right answers with their explanations, as a Markdown page for teachers."""
    letters = [LETTERS[question.right] for question in QUESTIONS]
    parts = [
        "# Quiz answers",
        f"For grading [the quiz]({QUIZ}). In a notebook, `from emolib import widgets; "
        "widgets.quiz()` asks the questions one at a time and explains the answers.",
        _table(letters),
    ]
    for number, question in enumerate(QUESTIONS, start=1):
        answer = f"{LETTERS[question.right]}) {question.options[question.right]}"
        lines = [f"{number}. **{answer}** ({_link(question)})", question.why]
        parts.append("\\\n    ".join(lines))
    return "\n\n".join(parts) + "\n"


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the questions and the answers into a folder, replacing the two files.

    Args:
        arguments: The command-line arguments; by default, those from the shell.
    """
    parser = argparse.ArgumentParser(
        prog="python -m emolib.course.quiz", description=f"Write {QUIZ} and {ANSWERS}."
    )
    parser.add_argument("folder", type=Path, help="an existing folder, such as teaching")
    folder = parser.parse_args(arguments).folder
    if not folder.is_dir():
        parser.error(f"{folder} is not a folder: create it first.")
    for name, text in ((QUIZ, as_markdown()), (ANSWERS, answers_as_markdown())):
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
        print("Wrote", folder / name)


def _link(question: Question) -> str:
    return f"[notebook {question.notebook}](../notebooks/{NOTEBOOKS[question.notebook]})"


def _table(letters: list[str]) -> str:
    """Return all right letters at a glance, ten per row."""
    rows = []
    for start in range(0, len(letters), 10):
        some = letters[start : start + 10]
        rows.append(" ".join(f"{start + i}{one}" for i, one in enumerate(some, start=1)))
    return "```text\n" + "\n".join(rows) + "\n```"


if __name__ == "__main__":
    main()
