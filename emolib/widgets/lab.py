"""The face lab: sliders that change one rendered face, and a network's answers to it."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from functools import partial
from typing import TYPE_CHECKING, Any

import ipywidgets
import numpy as np

from ..inspection.probing import (
    CONTROLS,
    GROUPS,
    Control,
    Probe,
    RenderedFace,
    Sweep,
    control,
    typical,
    variants,
)
from ..rendering import random_look
from . import lab_html
from .slider import Slider

if TYPE_CHECKING:
    import keras

    from ..model.card import ModelCard

EXPRESSIONS = ("happy", "sad", "neutral")
FIRST = 12  # the control whose curve is shown before one is moved
PAUSE = 0.25  # seconds without a move before the large picture is rendered again
BREATH = 0.01  # seconds between two faces of a curve, so that the kernel notices the next move
NAMED = {"style": {"description_width": "11em"}, "layout": {"width": "auto"}}


class FaceLab(ipywidgets.Box):
    """A rendered face that sliders move, with the answer, where it comes from, and a curve.

    Each move renders one small face and asks the network once. The large picture in color follows
    when nothing moves for a moment. The curve belongs to the control moved last. Its faces are
    rendered one by one between the moves, so that dragging never waits for them.
    """

    def __init__(self, probe: Probe, face: RenderedFace) -> None:
        """Build the view; see `face_lab`."""
        self._probe = probe
        self._face = face
        self._last: int | str = FIRST
        self._tasks: set[asyncio.Task] = set()
        self._setting = False  # the sliders are being set to a face, not moved by the user
        self._curve_of: tuple[int | str, RenderedFace] | None = None
        self.sliders = {one.name: _slider(one) for one in CONTROLS}
        for name, slider in self.sliders.items():
            slider.observe(partial(self._moved, name), "value")
        self.group = ipywidgets.Dropdown(options=GROUPS, description="What to move", **NAMED)
        self.group.observe(lambda _: self._list_sliders(), "value")
        self.buttons = {
            name: ipywidgets.Button(description=f"Make it {name}") for name in EXPRESSIONS
        }
        for name, button in self.buttons.items():
            button.on_click(partial(self._express, name))
        self.random = ipywidgets.Button(description="Random face")
        self.random.on_click(self._another)
        self.portrait, self.pictures, self.answer, self.plot = (ipywidgets.HTML() for _ in range(4))
        super().__init__(self._columns(), layout={"flex_flow": "row wrap"})
        self._list_sliders()
        self._set(face)

    def __repr__(self) -> str:
        """Return what a page shows instead of the widget when no kernel is running."""
        return "A face with sliders appears here while the notebook is running."

    @property
    def face(self) -> RenderedFace:
        """The face that is shown, ready for `Probe.answer`."""
        return self._face

    def _columns(self) -> list[ipywidgets.Widget]:
        """Return face and answer, controls, and curve, side by side where there is room."""
        buttons = ipywidgets.HBox([*self.buttons.values(), self.random])
        buttons.layout.flex_flow = "row wrap"
        for button in buttons.children:
            button.layout = {"flex": "1 1 8em", "width": "auto"}
        self._sliders_shown = ipywidgets.VBox()
        faces = ipywidgets.HBox([self.portrait, self.pictures])
        faces.layout.flex_flow = "row wrap"
        self.portrait.layout = {"flex": "1 1 120px", "min_width": "0", "max_width": "288px"}
        self.pictures.layout = {"flex": "2 1 248px", "min_width": "0"}
        columns = [
            ipywidgets.VBox([faces, self.answer]),
            ipywidgets.VBox([buttons, self.group, self._sliders_shown]),
            ipywidgets.VBox([self.plot]),
        ]
        for column, flex in zip(columns, ("9 1 300px", "1 1 395px", "1 1 300px"), strict=True):
            column.layout = {"flex": flex, "min_width": "0", "max_width": "600px"}
        return columns

    def _list_sliders(self) -> None:
        group = [one.name for one in CONTROLS if one.group == self.group.value]
        self._sliders_shown.children = [self.sliders[name] for name in group]

    def _moved(self, name: int | str, change: dict[str, Any]) -> None:
        # a browser rounds values to a slider's steps and sends them back: that is no move
        away = abs(change["new"] - self._face.value(name)) > control(name).step / 2
        if away and not self._setting:
            self._face = self._face.moved(name, change["new"])
            self._last = name
            self._show()

    def _express(self, name: str, _: ipywidgets.Button) -> None:
        self._set(RenderedFace(typical(name), self._face.look, self._face.seed))

    def _another(self, _: ipywidgets.Button) -> None:
        seed = self._face.seed + 1
        self._set(RenderedFace(self._face.actions, random_look(seed), seed))

    def _set(self, face: RenderedFace) -> None:
        self._face = face
        self._setting = True
        for name, slider in self.sliders.items():
            slider.value = face.value(name)
        self._setting = False
        self._show()

    def _show(self) -> None:
        shown = self._probe.answer(self._face)
        self._probabilities = shown.probabilities
        self.pictures.value = lab_html.pictures(shown, self._probe.card.class_names)
        self.answer.value = lab_html.bars(shown.probabilities, self._probe.card)
        self._do(self._follow(self._face))
        # the curve stays while only its own control moves
        curve_of = (self._last, self._face.moved(self._last, control(self._last).low))
        if curve_of != self._curve_of:
            self._curve_of = curve_of
            self._curve = lab_html.Curve(control(self._last), None, self._probe.card)
            self._task = self._do(self._draw_curve(curve_of))
        self._show_curve()

    def _show_curve(self) -> None:
        self.plot.value = self._curve.html(self._face.value(self._last), self._probabilities)

    def _do(self, work: Coroutine[Any, Any, None]) -> asyncio.Task | None:
        """Run something between the moves."""
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:  # no kernel, so nobody is dragging
            asyncio.run(work)
            return None
        task = loop.create_task(work)
        self._tasks.add(task)  # or it could be garbage-collected before it ends
        task.add_done_callback(self._tasks.discard)
        return task

    async def _follow(self, face: RenderedFace) -> None:
        """Render the large picture, unless something moves meanwhile."""
        await asyncio.sleep(PAUSE if self.portrait.value else 0)
        if self._face is not face:
            return
        # in a thread, so that a move need not wait for it
        pixels = await asyncio.to_thread(face.portrait)
        if self._face is face:
            self.portrait.value = lab_html.portrait(pixels)

    async def _draw_curve(self, curve_of: tuple[int | str, RenderedFace]) -> None:
        name, face = curve_of
        values, faces = variants(face, name)
        pictures = []
        for one in faces:
            await asyncio.sleep(BREATH)
            if self._curve_of is not curve_of:  # something else was moved meanwhile
                return
            pictures.append(one.picture())
        swept = Sweep(values, self._probe.ask(np.stack(pictures))[0])
        self._curve = lab_html.Curve(control(name), swept, self._probe.card)
        self._show_curve()


def face_lab(
    model: keras.Sequential | None = None,
    card: ModelCard | None = None,
    face: RenderedFace | None = None,
) -> FaceLab:
    """Build a face to move with sliders, and show how a network answers.

    Args:
        model: Takes gray pictures of 48 x 48 pixels; by default the released one, whose `.keras`
            file comes with the course but not with the installed package.
        card: Its card, from `emolib.model.load_model`.
        face: The face to begin with; a sad one by default.

    Returns:
        The widget; a notebook shows it when it ends a cell. Its `face` is the one shown.

    Raises:
        EmolibError: The model takes different pictures or has no convolutions, the card does
            not fit, or the face cannot be rendered.
    """
    return FaceLab(Probe(model, card), RenderedFace(typical("sad")) if face is None else face)


def _slider(one: Control) -> ipywidgets.DOMWidget:
    """Return a slider, or a list for a control with choices."""
    if one.choices:
        options = [(choice, i) for i, choice in enumerate(one.choices)]
        return ipywidgets.Dropdown(options=options, description=one.label, **NAMED)
    return Slider(
        description=one.label,
        min=one.low,
        max=one.high,
        step=one.step,
        value=one.low,
        digits=0 if one.step >= 1 else 2,
    )
