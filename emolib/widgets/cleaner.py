"""The pictures that a network contradicts most, for eyes to decide about.

    >>> view = widgets.label_cleaner(report)
    >>> view  # and in a later cell:
    >>> cleaning.apply_decisions("data/mine", view.decisions, "data/clean")

Made for ipywidgets 7 and 8. Notebook 01 uses it.
"""

from __future__ import annotations

from base64 import b64encode
from collections import Counter
from collections.abc import Callable
from html import escape
from io import BytesIO
from pathlib import Path

import ipywidgets
import numpy as np
from PIL import Image, ImageOps

from ..data.cleaning import ACTIONS, Decision, tally
from ..evaluation.metrics import EvaluationError
from ..evaluation.report import Report
from ..images import ImageError, Source, open_image, printable_name
from ..inference.output import answer

SIDE = 144  # pixels: a face of 48, three times as large
TEXT = "line-height: 1.4; overflow-wrap: anywhere"  # names can be long


def preview(source: Source) -> bytes:
    """Return a picture as a PNG of about `SIDE` pixels, enlarged without blur.

    Raises:
        ImageError: The picture cannot be used.
    """
    image = open_image(source, at_least=SIDE)
    image = ImageOps.scale(image, max(1, SIDE // max(image.size)), Image.Resampling.NEAREST)
    image.thumbnail((SIDE, SIDE))
    file = BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def head(report: Report) -> str:
    """Return how many labels the network contradicts, and how many of them are listed."""
    wrong, listed = report.n - int(np.trace(report.confusion)), len(report.mistakes)
    if not wrong:
        return "The network contradicts no label."
    which = "all of them" if listed == wrong else f"the {listed} that it is surest about"
    return (
        f'<div style="{TEXT}">The network contradicts {wrong:,} of {report.n:,} labels; here are '
        f"{which}. It may be wrong, and the label right: look, then decide.</div>"
    )


def legend(number: int, mistake: dict) -> str:
    """Return the words over one of a report's mistakes, number 0 and up."""
    says = answer(mistake["predicted"], mistake["probability"], sure=True)
    return (
        f'<div style="{TEXT}"><b>Picture {number + 1}</b>: filed under '
        f"{escape(mistake['true'])}, the network says <b>{escape(says)}</b></div>"
    )


def picture(number: int, file: str | int, source: Source) -> str:
    """Return HTML with the picture, or with the sentence that says why there is none."""
    box = f"width: {SIDE}px; min-height: {SIDE}px; {TEXT}"
    try:
        png = b64encode(preview(source)).decode()
    except ImageError as error:
        return f'<div style="{box}">{escape(str(error))}</div>'
    # the file's name shows under the mouse only: eyes, not names, are to decide
    words = f'alt="picture {number + 1}" title="{escape(_name(file))}"'
    # not ipywidgets' own Image, which has no words for those who do not see it
    image = f'<img src="data:image/png;base64,{png}" {words} style="display: block">'
    return f'<div style="{box}">{image}</div>'


def _name(file: str | int) -> str:
    if isinstance(file, int):
        return f"row {file}"
    return "/".join(printable_name(part) for part in Path(file).parts[-2:])


PAGE = 9  # pictures at a time: three rows of three in JupyterLab
UNDECIDED = "undecided"
EVERY = ""  # the class filter's value for all classes


class LabelCleaner(ipywidgets.VBox):
    """A gallery of contradicted labels, a page at a time; it writes nothing.

    The pictures of the page stay in the widget, and in a notebook saved with its widgets.
    """

    def __init__(self, report: Report, images: np.ndarray | None = None):
        """Build the view; see `label_cleaner`."""
        self._mistakes, self._sources = report.mistakes, _sources(report, images)
        self._decided: dict[int, Decision] = {}
        self._first = 0  # of the numbers on this page
        self.only = ipywidgets.Dropdown(options=_filters(report.mistakes), description="show")
        self.only.style.description_width = "initial"
        width = {"width": "110px"}
        self.previous = ipywidgets.Button(description="Previous", icon="arrow-left", layout=width)
        self.next = ipywidgets.Button(description="Next", icon="arrow-right", layout=width)
        self.place, self.status = ipywidgets.HTML(), ipywidgets.HTML()
        some = range(min(PAGE, len(self._mistakes)))
        self.doubts = [_Doubt(report.class_names, self._decide) for _ in some]
        self.gallery = ipywidgets.Box(layout={"flex_flow": "row wrap"})
        self.only.observe(lambda _: self._turn_to(0), "value")
        self.previous.on_click(lambda _: self._turn_to(self._first - PAGE))
        self.next.on_click(lambda _: self._turn_to(self._first + PAGE))
        layout = {"flex_flow": "row wrap", "align_items": "center"}
        bar = ipywidgets.Box([self.only, self.previous, self.next, self.place], layout=layout)
        super().__init__([ipywidgets.HTML(head(report)), bar, self.status, self.gallery])
        self._turn_to(0)
        self._count()

    @property
    def decisions(self) -> list[Decision]:
        """What has been decided so far, in the order of the report's mistakes."""
        return [self._decided[number] for number in sorted(self._decided)]

    def __repr__(self) -> str:
        """Return what a page shows in place of the widget, where no kernel runs."""
        return (
            "A gallery to keep, relabel or set pictures aside stands here while the notebook runs."
        )

    def _turn_to(self, first: int) -> None:
        """Show the page that begins with this one of the pictures let through by the filter."""
        numbers = [
            number
            for number, mistake in enumerate(self._mistakes)
            if self.only.value in (EVERY, mistake["true"])
        ]
        last = max(0, (len(numbers) - 1) // PAGE * PAGE)
        self._first = first = min(max(0, first), last)  # a button may be clicked twice, quickly
        page = numbers[first : first + PAGE]
        for doubt, number in zip(self.doubts, page, strict=False):
            source, decision = self._sources[number], self._decided.get(number)
            doubt.show(number, self._mistakes[number], source, decision)
        self.gallery.children = self.doubts[: len(page)]
        self.previous.disabled = first == 0
        self.next.disabled = first == last
        self.place.value = f"{first + 1} to {first + len(page)} of {len(numbers)}" if page else ""

    def _decide(self, number: int, decision: Decision | None) -> None:
        self._decided.pop(number, None)
        if decision:
            self._decided[number] = decision
        self._count()

    def _count(self) -> None:
        self.status.value = f"<b>{tally(self.decisions, len(self._mistakes))}</b>"


class _Doubt(ipywidgets.VBox):
    """A picture and its controls; filled anew for each page, as new widgets would pile up."""

    def __init__(self, class_names: list[str], decide: Callable[[int, Decision | None], None]):
        self._class_names, self._decide = class_names, decide
        self._number: int | None = None
        self._file: str | int = ""
        self.legend, self.picture = ipywidgets.HTML(), ipywidgets.HTML()
        self.action = ipywidgets.RadioButtons(options=[UNDECIDED, *ACTIONS])
        self.label = ipywidgets.Dropdown(description="relabel as")
        self.action.layout.width, self.label.layout.width = "110px", "250px"
        if len(class_names) == 2:
            self.label.layout.display = "none"
        self.action.observe(lambda _: self._decided(), "value")
        self.label.observe(lambda _: self._relabelled(), "value")
        row = ipywidgets.HBox([self.picture, self.action])
        layout = {"width": "272px", "border": "1px solid gray", "margin": "4px", "padding": "4px"}
        super().__init__([self.legend, row, self.label], layout=layout)

    def show(self, number: int, mistake: dict, source: Source, decision: Decision | None) -> None:
        """Show one of a report's mistakes, with what has been decided about it."""
        self._number = None  # what is set from here on is nobody's decision
        self._file = mistake["file"]
        self.legend.value = legend(number, mistake)
        self.picture.value = picture(number, self._file, source)
        self.action.value = decision.action if decision else UNDECIDED
        self.label.options = [name for name in self._class_names if name != mistake["true"]]
        self.label.value = (decision and decision.label) or mistake["predicted"]
        self._number = number

    def _relabelled(self) -> None:
        if self._number is not None:
            self.action.value = "relabel"
            self._decided()

    def _decided(self) -> None:
        if self._number is None:
            return
        action, decision = self.action.value, None
        if action != UNDECIDED:
            label = self.label.value if action == "relabel" else None
            decision = Decision(self._file, action, label)
        self._decide(self._number, decision)


def label_cleaner(report: Report, images: np.ndarray | None = None) -> LabelCleaner:
    """Build a gallery of the pictures whose label a network contradicts, the surest first.

    Each can be kept, relabelled (as the network says, or as any other class) or set aside.
    `.decisions` of the view lists what was decided, for `emolib.cleaning.apply_decisions`.

    Args:
        report: From `emolib.evaluation.evaluate`, with `files`; its `worst` says how many
            pictures the gallery has.
        images: For a report without files: the pictures it was made from, uint8 or float array
            (n, height, width, channels), values 0-255.

    Returns:
        The widget; a notebook shows it when a cell ends with it.

    Raises:
        EvaluationError: The report has no files, and there is not one array for each picture.
    """
    return LabelCleaner(report, images)


def _sources(report: Report, images: np.ndarray | None) -> list[Source]:
    """Return what to open for each of a report's mistakes."""
    files = [mistake["file"] for mistake in report.mistakes]
    if not any(isinstance(file, int) for file in files):
        return files
    if images is None or len(images) != report.n:
        raise EvaluationError(
            f"This report has row numbers, no files: give the {report.n} pictures as images=."
        )
    return [images[row] for row in files]


def _filters(mistakes: list[dict]) -> list[tuple[str, str]]:
    counts = Counter(mistake["true"] for mistake in mistakes)
    every = (f"all classes ({len(mistakes)})", EVERY)
    return [every, *((f"filed under {name} ({counts[name]})", name) for name in sorted(counts))]
