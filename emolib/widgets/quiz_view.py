"""The course's questions, one at a time.

    >>> widgets.quiz()  # all twenty
    >>> widgets.quiz("02")  # those of one notebook

Made for ipywidgets 7 and 8. Nothing is stored or sent.
"""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Sequence
from html import escape

import ipywidgets

from ..course.quiz import NOTEBOOKS, Question, questions
from ..plots.style import BLUE, ORANGE

DOUBLE_CLICK = 0.4  # seconds: who clicks twice shall not miss the explanation
# a long answer goes on in a second line, which ipywidgets would lay over the next answer
STYLE = """<style>
.emo-quiz .widget-radio-box label {
    display: flex; align-items: flex-start; height: auto; line-height: 1.4; margin: 0 0 8px;
    white-space: normal; overflow-wrap: anywhere;
}
.emo-quiz .widget-radio-box input { order: -1; flex: none; margin: 0 8px 0 2px; height: 1.4em; }
</style>"""


class Quiz(ipywidgets.VBox):
    """Questions with a button below that checks, goes on and in the end starts over.

    It is one button all the time, so that whoever uses the keyboard stays on it.
    """

    def __init__(self, asked: Sequence[Question]):
        """Build the view; see `quiz`."""
        self._asked = tuple(asked)
        self._pressed = float("-inf")
        self.text, self.said = ipywidgets.HTML(), ipywidgets.HTML(layout={"margin": "10px 2px"})
        self.options = ipywidgets.RadioButtons(layout={"width": "100%", "margin": "4px 2px"})
        self.button = ipywidgets.Button(layout={"width": "130px"})
        self.button.on_click(lambda _: self._press())
        parts = [self.text, self.options, self.button, self.said]
        super().__init__([ipywidgets.HTML(STYLE), *parts], layout={"max_width": "640px"})
        self.add_class("emo-quiz")
        self._begin()

    @property
    def right(self) -> int:
        """How many questions have been answered rightly so far."""
        return self._answered - len(self.missed)

    def __repr__(self) -> str:
        """Return what a page shows in place of the widget, where no kernel runs."""
        return "A quiz to click through stands here while the notebook runs."

    def _begin(self) -> None:
        self.missed: list[Question] = []
        self._answered = 0
        self._ask()

    def _ask(self) -> None:
        question = self._asked[self._answered]
        place = f"Question {self._answered + 1} of {len(self._asked)}, notebook {question.notebook}"
        self.text.value = _paragraphs(escape(place), f"<b>{escape(question.text)}</b>")
        with self.options.hold_sync():
            self.options.options = question.options
            self.options.value = None  # new options come with the first one chosen
            self.options.disabled = False
        self.said.value, self.button.description = "", "Check"

    def _press(self) -> None:
        now = time.monotonic()
        if now - self._pressed < DOUBLE_CLICK:
            return
        self._pressed = now
        if self.button.description == "Check":
            self._check()
        elif self.button.description == "Start over":
            self._begin()
        elif self._answered < len(self._asked):
            self._ask()
        else:
            self._end()

    def _check(self) -> None:
        if self.options.index is None:
            self.said.value = _paragraphs("<b>Choose an answer first.</b>")
            return
        question = self._asked[self._answered]
        if self.options.index != question.right:
            self.missed.append(question)
        self._answered += 1
        self.said.value = verdict(question, self.options.index)
        self.options.disabled = True
        self.button.description = "Next"

    def _end(self) -> None:
        self.text.value = summary(self.missed, len(self._asked))
        self.options.options = ()
        self.said.value, self.button.description = "", "Start over"


def quiz(notebook: str | None = None, seed: int | None = None) -> Quiz:
    """Build a quiz that asks one question after the other, and explains each answer.

    Args:
        notebook: Number of the notebook to ask about, such as "02"; all by default.
        seed: Shuffles the questions, the same seed always alike; None leaves them in the
            course's order.

    Returns:
        The widget; a notebook shows it when a cell ends with it.

    Raises:
        QuizError: There is no such notebook.
    """
    asked = list(questions(notebook))
    if seed is not None:
        random.Random(seed).shuffle(asked)
    return Quiz(asked)


def verdict(question: Question, chosen: int) -> str:
    """Return, as HTML, whether the chosen option is right, which one is, and why."""
    right = f"<b>{escape(question.options[question.right])}</b>"
    if chosen == question.right:
        words, color = f"<b>Right:</b> {right}", BLUE
    else:
        wrong = escape(question.options[chosen])
        words, color = f"<b>Not right:</b> {wrong}<br>The right answer: {right}", ORANGE
    parts = _paragraphs(words, escape(question.why))
    return f'<div style="border-left:5px solid {color};padding-left:10px">{parts}</div>'


def summary(missed: Sequence[Question], n: int) -> str:
    """Return, as HTML, how many of n answers were right, and which notebooks to read again."""
    counts = Counter(question.notebook for question in missed)
    again = [
        f"<li>{escape(NOTEBOOKS[book])}: {counts[book]} not right</li>" for book in sorted(counts)
    ]
    books = f'<ul style="margin:4px 0;padding-left:1.5em">{"".join(again)}</ul>'
    more = f"Worth reading again:{books}" if again else "Nothing to read again."
    return _paragraphs(f"<b>{n - len(missed)} of {n} right.</b>", more)


def _paragraphs(*parts: str) -> str:
    style = "line-height:1.5;margin:0 0 8px;overflow-wrap:anywhere"
    return "".join(f'<div style="{style}">{part}</div>' for part in parts)
