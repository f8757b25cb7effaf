"""Twenty questions about the course, for `widgets.quiz()` and for paper (`teaching/quiz.md`).

`python -m emolib.course.quiz teaching` writes the two files for paper anew.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..errors import EmolibError

NOTEBOOKS = {
    "01": "01_data_loading.ipynb",
    "02": "02_building_the_cnn.ipynb",
    "03": "03_training.ipynb",
    "04": "04_evaluation.ipynb",
    "05": "05_inference.ipynb",
    "06": "06_looking_inside.ipynb",
}
LETTERS = "abcd"
QUIZ, ANSWERS = "quiz.md", "quiz_answers.md"


class QuizError(EmolibError):
    """The quiz has no such questions."""


@dataclass(frozen=True)
class Question:
    """One question with one right answer.

    Attributes:
        notebook: Number of the notebook that answers it, such as "02".
        text: The question.
        options: What to choose from.
        right: Index of the right option.
        why: What makes it right, and what is wrong with the tempting others.
    """

    notebook: str
    text: str
    options: tuple[str, ...]
    right: int
    why: str


# each place of an option is right equally often; numbers stand in their order
QUESTIONS = (
    Question(
        "01",
        "A gray picture of 48 x 48 pixels goes into the network. How many numbers is that?",
        ("96", "2,304", "6,912", "589,824"),
        1,
        "48 x 48 = 2,304, one number a pixel. In color it would be three: 6,912. That each can "
        "have one of 256 values does not make them more.",
    ),
    Question(
        "01",
        "A photo is in the training set, and a slightly brighter copy of it in the test set. What "
        "follows?",
        (
            "Nothing: the two files differ.",
            "The network cannot learn this face.",
            "The test score comes out too high.",
            "The training loss comes out too low.",
        ),
        2,
        "The network is asked about what it has seen. A near copy leaks nearly as much as an "
        "exact one, so the score says less about new faces than it seems to.",
    ),
    Question(
        "01",
        "When are pictures split into those for training, for validation and for the test?",
        (
            "Once, as a list of files, before anything is shuffled or changed.",
            "Anew before each epoch, so that each picture is used for each purpose.",
            "After augmentation, so that all three have the same kinds of pictures.",
            "After training, with the pictures that the network got wrong as the test.",
        ),
        0,
        "What is drawn anew in each epoch mixes the three in time, and changed copies of one "
        "picture would land in several of them. What is chosen by its mistakes is no fair test.",
    ),
    Question(
        "01",
        "Which of these changes does not suit the augmentation of happy and sad faces?",
        ("mirroring", "turning by a few degrees", "a little less light", "turning upside down"),
        3,
        "Upside down the mouth curves the other way, and nobody will ask about a face on its head. "
        "The others keep the expression, and cameras take such pictures.",
    ),
    Question(
        "02",
        "A convolution has 64 filters of 3 x 3 over 32 maps, without bias. How many weights has "
        "it?",
        ("576", "2,048", "18,432", "36,864"),
        2,
        "3 x 3 x 32 x 64 = 18,432. Each filter reaches through all 32 maps, which 576 forgets; "
        "2,048 forgets the 3 x 3.",
    ),
    Question(
        "02",
        "The picture becomes twice as high and twice as wide. How many weights has a convolution "
        "then?",
        (
            "twice as many",
            "four times as many",
            "that depends on the padding",
            "as many as before",
        ),
        3,
        "The same few weights serve every place of the picture. There is four times the work, and "
        "not one weight more.",
    ),
    Question(
        "02",
        "What does ReLU do to a feature map?",
        (
            "It turns what is below zero into zero.",
            "It keeps the largest number of each 2 x 2 square.",
            "It brings it to mean 0 and variance 1.",
            "It squeezes each number between 0 and 1.",
        ),
        0,
        "The largest of each square is max pooling, mean 0 and variance 1 is batch normalisation, "
        "and between 0 and 1 is what a sigmoid gives.",
    ),
    Question(
        "02",
        "Before training, the loss of a network with two classes is 4.1. What do you do?",
        (
            "Nothing: it has learned nothing yet.",
            "Train for more epochs than planned.",
            "Look for a mistake in scaling or labels.",
            "Begin with a higher learning rate.",
        ),
        2,
        "Whoever knows nothing and says one half pays ln 2 = 0.69. A loss far above means that the "
        "network is sure of something that it cannot know: scaling, labels or the last layer.",
    ),
    Question(
        "02",
        "Of 100 pictures to judge with, 60 are happy. A network gets 61 of them right. It is ...",
        (
            "good: it is right more often than not.",
            "overfitted: it has learned its pictures by heart.",
            "of no use: a coin would be right more often.",
            "hardly better than answering happy each time.",
        ),
        3,
        "Answering happy each time gets 60, and no picture has to be looked at for that. A score "
        "means something only beside such a baseline. A coin would get about 50.",
    ),
    Question(
        "03",
        "The training loss jumps up and down and then becomes huge. What do you try first?",
        ("more epochs", "a lower learning rate", "more dropout", "a larger network"),
        1,
        "The steps are so long that they leap from one slope of the valley to the other, and out "
        "of it. More epochs would be more of the same steps.",
    ),
    Question(
        "03",
        "The training loss falls from epoch to epoch, the validation loss rises. What is "
        "happening?",
        (
            "The network learns by heart.",
            "The learning rate is too low.",
            "The network is too small.",
            "The validation set is too large.",
        ),
        0,
        "Overfitting: what it learns holds for the training pictures only. Stop, augment, add "
        "dropout or data. With too low a rate or too small a network the training loss would "
        "hardly fall.",
    ),
    Question(
        "03",
        "All of 840 training pictures are used in each epoch, 16 in a batch. How many steps has "
        "an epoch?",
        ("16", "52", "53", "840"),
        2,
        "840 / 16 = 52.5: 52 full batches, and one of 8.",
    ),
    Question(
        "03",
        "What does early stopping watch to decide when to stop?",
        ("the training loss", "the training accuracy", "the test accuracy", "the validation loss"),
        3,
        "On the training pictures all gets better and better while the network learns by heart. "
        "And whoever stops by the test pictures has chosen with them.",
    ),
    Question(
        "04",
        "Of 1,000 faces 950 are happy, the others sad. A program that says happy each time has ...",
        (
            "an accuracy of 95% and a balanced accuracy of 50%.",
            "an accuracy of 95% and a balanced accuracy of 95%.",
            "an accuracy of 50% and a balanced accuracy of 95%.",
            "an accuracy of 50% and a balanced accuracy of 50%.",
        ),
        0,
        "Balanced accuracy is the mean of the recalls: 100% of the happy faces are found and 0% "
        "of the sad ones.",
    ),
    Question(
        "04",
        "A network gets 18 of 20 test pictures right. What can you honestly say?",
        (
            "It gets 90% of all pictures of this kind right.",
            "It gets about 70 to 97% of such pictures right.",
            "It is better than one that got 17 of them right.",
            "Nothing at all: 20 pictures are too few for that.",
        ),
        1,
        "Twenty pictures leave a wide 95% interval: 70 to 97% by Wilson's formula. That is "
        "little, but not nothing. 17 of 20, 85%, lies well inside it.",
    ),
    Question(
        "04",
        "A network is well calibrated. What does that mean?",
        (
            "It is right for at least 80% of the test pictures.",
            "It finds as many of the happy faces as of the sad ones.",
            "It is never surer than 80% of an answer that is wrong.",
            "Of the answers that it gives with 80%, about 80% are right.",
        ),
        3,
        "Calibration asks whether it is as sure as it is right. A network can be weak and well "
        "calibrated: then it is seldom sure.",
    ),
    Question(
        "04",
        "You choose the threshold that makes mistakes cheapest. On which pictures?",
        (
            "on the training pictures",
            "on the validation pictures",
            "on the test pictures",
            "on all of them together",
        ),
        1,
        "The network does better on training pictures than it will on new ones, and pictures that "
        "something was chosen with cannot judge it fairly any more.",
    ),
    Question(
        "05",
        "Without a face finder and a threshold around it, a network that knows happy and sad gets "
        "a picture of a teapot. What does it answer?",
        (
            "nothing, as there is no face",
            "not sure, as it knows no teapots",
            "happy or sad, perhaps very surely",
            "one half for each of the two",
        ),
        2,
        "It has seen nothing but faces, and gives one of its answers to anything. Only what stands "
        "around it can hold one back: a face finder before it, a threshold after it.",
    ),
    Question(
        "05",
        'The network says "happy 97%" of a photo. What do you know?',
        (
            "The face resembles those that people labelled happy.",
            "The person felt happy when the photo was taken.",
            "Of 100 people, 97 would call this face happy.",
            "The person was 97% happy and 3% sad.",
        ),
        0,
        "It has seen pictures with labels, never a feeling: people smile when they are sad. The "
        "97% say how sure the network is, not what people would say, nor how happy somebody was.",
    ),
    Question(
        "06",
        "In a data set all happy people stand before a bright wall, all sad ones before a dark "
        "wall. Trained and tested on it, a network gets 100%. What do you do next?",
        (
            "Trust it: no test picture was in training.",
            "Test it on faces with the walls swapped.",
            "Test it on more faces of the same data set.",
            "Train it longer, until it sees the faces.",
        ),
        1,
        "A test set with the same shortcut cannot show it, however large. Change what should not "
        "matter and see whether the answer changes.",
    ),
)


def questions(notebook: str | None = None) -> tuple[Question, ...]:
    """Return the questions of one notebook, or all.

    Args:
        notebook: Its number, such as "02"; None for all.

    Raises:
        QuizError: There is no such notebook.
    """
    if notebook is None:
        return QUESTIONS
    if notebook not in tuple(NOTEBOOKS):
        raise QuizError(
            f"There are no questions on notebook {notebook!r}: give one of {', '.join(NOTEBOOKS)}, "
            "as text."
        )
    return tuple(question for question in QUESTIONS if question.notebook == notebook)


def as_markdown() -> str:
    """Return the questions as a page to print, without the answers."""
    parts = [
        "# Quiz",
        "Name: ________________________________",
        f"{len(QUESTIONS)} questions with one right answer each. The notebook beside a question "
        "answers it.",
    ]
    for number, question in enumerate(QUESTIONS, start=1):
        # a backslash breaks the line inside a list's item
        lines = [f"{number}. **{question.text}** ({_link(question)})"]
        lines += [
            f"{letter}) {option}" for letter, option in zip(LETTERS, question.options, strict=False)
        ]
        parts.append("\\\n    ".join(lines))
    return "\n\n".join(parts) + "\n"


def answers_as_markdown() -> str:
    """Return the right answers with their explanations, for whoever corrects."""
    letters = [LETTERS[question.right] for question in QUESTIONS]
    parts = [
        "# Answers of the quiz",
        f"For whoever corrects [the questions]({QUIZ}). In a notebook, "
        "`from emolib import widgets; widgets.quiz()` asks them one by one and explains.",
        _table(letters),
    ]
    for number, question in enumerate(QUESTIONS, start=1):
        answer = f"{LETTERS[question.right]}) {question.options[question.right]}"
        lines = [f"{number}. **{answer}** ({_link(question)})", question.why]
        parts.append("\\\n    ".join(lines))
    return "\n\n".join(parts) + "\n"


def main(arguments: Sequence[str] | None = None) -> None:
    """Write questions and answers into a folder; the two files that are there are replaced.

    Args:
        arguments: Words of the command line.
    """
    parser = argparse.ArgumentParser(
        prog="python -m emolib.course.quiz", description=f"Write {QUIZ} and {ANSWERS}."
    )
    parser.add_argument("folder", type=Path, help="an existing folder, such as teaching")
    folder = parser.parse_args(arguments).folder
    if not folder.is_dir():
        parser.error(f"{folder} is not a folder: make it first.")
    for name, text in ((QUIZ, as_markdown()), (ANSWERS, answers_as_markdown())):
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
        print("Written:", folder / name)


def _link(question: Question) -> str:
    return f"[notebook {question.notebook}](../notebooks/{NOTEBOOKS[question.notebook]})"


def _table(letters: list[str]) -> str:
    """Return all letters at one glance, ten in a row."""
    rows = []
    for start in range(0, len(letters), 10):
        some = letters[start : start + 10]
        rows.append(" ".join(f"{start + i}{one}" for i, one in enumerate(some, start=1)))
    return "```text\n" + "\n".join(rows) + "\n```"


if __name__ == "__main__":
    main()
