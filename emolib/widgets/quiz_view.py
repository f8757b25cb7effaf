"""The course's quiz, one question at a time.

    >>> widgets.quiz()  # all forty questions
    >>> widgets.quiz("02")  # those about one notebook

Works with ipywidgets 7 and 8. Nothing is stored or sent.
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

DOUBLE_CLICK = 0.4  # seconds: a double click must not skip the explanation
# a long answer wraps onto a second line, which ipywidgets would draw over the next answer
STYLE = """<style>
.emo-quiz .widget-radio-box label {
    display: flex; align-items: flex-start; height: auto; line-height: 1.4; margin: 0 0 8px;
    white-space: normal; overflow-wrap: anywhere;
}
.emo-quiz .widget-radio-box input { order: -1; flex: none; margin: 0 8px 0 2px; height: 1.4em; }
</style>"""


class Quiz(ipywidgets.VBox):
    """Questions, and one button for all steps, so that it keeps the focus for keyboard users."""

    def __init__(self, asked: Sequence[Question]) -> None:
        """Build the view; see `quiz`."""
        self._asked = tuple(asked)
        self._pressed = float("-inf")
        self.text = ipywidgets.HTML()
        self.said = ipywidgets.HTML(layout={"margin": "10px 2px"})
        self.options = ipywidgets.RadioButtons(layout={"width": "100%", "margin": "4px 2px"})
        self.button = ipywidgets.Button(layout={"width": "130px"})
        self.button.on_click(lambda _: self._press())
        parts = [self.text, self.options, self.button, self.said]
        super().__init__([ipywidgets.HTML(STYLE), *parts], layout={"max_width": "640px"})
        self.add_class("emo-quiz")
        self._begin()

    @property
    def right(self) -> int:
        """The number of questions answered correctly so far."""
        return self._answered - len(self.missed)

    def __repr__(self) -> str:
        """Return what a page shows instead of the widget when no kernel is running."""
        return "A quiz appears here while the notebook is running."

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
            self.options.value = None  # new options start with the first one selected
            self.options.disabled = False
        self._say("", "Check")

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
        self.options.disabled = True
        self._say(verdict(question, self.options.index), "Next")

    def _end(self) -> None:
        self.text.value = summary(self.missed, len(self._asked))
        self.options.options = ()
        self._say("", "Start over")

    def _say(self, said: str, button: str) -> None:
        self.said.value = said
        self.button.description = button


def quiz(notebook: str | None = None, seed: int | None = None) -> Quiz:
    """Build a quiz that asks one question at a time and explains each answer.

    Args:
        notebook: The number of the notebook to ask about, such as "02"; all by default.
        seed: Shuffles the questions, always the same way for the same seed; None keeps the
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
    """Return HTML that says whether the chosen option is right, which one is, and why."""
    right = f"<b>{escape(question.options[question.right])}</b>"
    if chosen == question.right:
        color = BLUE
        words = f"<b>Right:</b> {right}"
    else:
        color = ORANGE
        words = f"<b>Wrong:</b> {escape(question.options[chosen])}<br>The right answer: {right}"
    parts = _paragraphs(words, escape(question.why))
    return f'<div style="border-left:5px solid {color};padding-left:10px">{parts}</div>'


def summary(missed: Sequence[Question], n: int) -> str:
    """Return HTML that says how many of n answers were right and which notebooks to reread."""
    counts = Counter(question.notebook for question in missed)
    again = [f"<li>{escape(NOTEBOOKS[book])}: {counts[book]} wrong</li>" for book in sorted(counts)]
    books = f'<ul style="margin:4px 0;padding-left:1.5em">{"".join(again)}</ul>'
    more = f"Worth rereading:{books}" if again else "Nothing to reread."
    return _paragraphs(f"<b>{n - len(missed)} of {n} right.</b>", more)


def _paragraphs(*parts: str) -> str:
    style = "line-height:1.5;margin:0 0 8px;overflow-wrap:anywhere"
    return "".join(f'<div style="{style}">{part}</div>' for part in parts)
