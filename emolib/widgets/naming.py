"""Faces to name: one at a time, with a button for each expression.

    >>> game = widgets.face_quiz(faces, ["afraid", "happy", "sad"])
    >>> game  # and in a later cell:
    >>> game.answers

Works with ipywidgets 7 and 8. Nothing is stored or sent. Notebook 07 uses it.
"""

from __future__ import annotations

import time
from base64 import b64encode
from collections.abc import Sequence
from html import escape

import ipywidgets

from ..images import ImageError, Source
from .cleaner import preview

DOUBLE_CLICK = 0.3  # seconds: a double click must not name the next face, too
SIDE = 240  # pixels
TEXT = "line-height: 1.5; margin: 0 2px 6px"


class FaceQuiz(ipywidgets.VBox):
    """One face at a time. The buttons stay, so that they keep the focus for keyboard users."""

    def __init__(self, faces: Sequence[Source], class_names: Sequence[str]) -> None:
        """Build the view; see `face_quiz`."""
        if not len(faces) or not len(class_names):
            raise ImageError("There is nothing to ask: give at least one face and one class name.")
        self._pictures = [preview(face, SIDE) for face in faces]
        self._answers: list[str] = []
        self._pressed = float("-inf")
        self.text = ipywidgets.HTML()
        self.picture = ipywidgets.HTML()
        self.buttons = [_button(name) for name in class_names]
        for button in self.buttons:
            button.on_click(lambda pressed: self._name(pressed.description))
        self.back = _button("Back", icon="arrow-left")
        self.back.on_click(lambda _: self._go_back())
        row = ipywidgets.Box(self.buttons, layout={"flex_flow": "row wrap"})
        super().__init__([self.text, self.picture, row, self.back], layout={"max_width": "640px"})
        self._show()

    @property
    def answers(self) -> list[str]:
        """The names given so far, in the order of the faces."""
        return list(self._answers)

    def __repr__(self) -> str:
        """Return what a page shows instead of the widget when no kernel is running."""
        return "Faces to name appear here while the notebook is running."

    def _name(self, name: str) -> None:
        now = time.monotonic()
        if now - self._pressed >= DOUBLE_CLICK and len(self._answers) < len(self._pictures):
            self._pressed = now
            self._answers.append(name)
            self._show()

    def _go_back(self) -> None:
        if self._answers:
            self._answers.pop()
            self._show()

    def _show(self) -> None:
        answered = len(self._answers)
        n = len(self._pictures)
        over = answered == n
        last = f" Your last answer: {escape(self._answers[-1])}." if answered else ""
        place = f"All {n} faces are named." if over else f"<b>Face {answered + 1} of {n}</b>."
        # a live region: screen readers say what has changed
        self.text.value = f'<div role="status" style="{TEXT}">{place}{last}</div>'
        self.picture.value = "" if over else _html(self._pictures[answered], answered + 1)
        for button in self.buttons:
            button.disabled = over
        self.back.disabled = not answered


def face_quiz(faces: Sequence[Source], class_names: Sequence[str]) -> FaceQuiz:
    """Build a game that shows one face at a time, with a button for each class.

    It says nothing about right and wrong: `.answers` is for the notebook to compare.

    Args:
        faces: Pictures: paths, bytes, `PIL.Image` or arrays.
        class_names: What a face can be called.

    Returns:
        The widget; a notebook shows it when a cell ends with it.

    Raises:
        ImageError: A picture cannot be used, or there are no faces or no names.
    """
    return FaceQuiz(faces, class_names)


def _button(name: str, icon: str = "") -> ipywidgets.Button:
    return ipywidgets.Button(description=name, icon=icon, layout={"width": "110px"})


def _html(png: bytes, number: int) -> str:
    # not an ipywidgets Image, which has no alt text; a fixed height keeps the buttons in place
    picture = f'<img src="data:image/png;base64,{b64encode(png).decode()}" alt="face {number}">'
    return f'<div style="height: {SIDE}px">{picture}</div>'
