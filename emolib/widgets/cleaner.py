"""The pictures whose labels a network contradicts most, for a person to decide about.

    >>> view = widgets.label_cleaner(report)
    >>> view  # and in a later cell:
    >>> data.apply_decisions("data/mine", view.decisions, "data/clean")

Works with ipywidgets 7 and 8. Notebook 08 uses it.
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

PAGE = 9  # pictures at a time: three rows of three in JupyterLab
UNDECIDED = "undecided"
EVERY = ""  # the class filter's value for all classes
SIDE = 144  # pixels: a 48-pixel face, three times as large
TEXT = "line-height: 1.4; overflow-wrap: anywhere"  # names can be long
Decide = Callable[[int, Decision | None], None]  # called with a mistake's number


def label_cleaner(report: Report, images: np.ndarray | None = None) -> LabelCleaner:
    """Build a gallery of the pictures whose labels a network contradicts, most confident first.

    Each can be kept, relabeled (as the network says, or as any other class) or set aside. The
    view's `.decisions` lists the decisions, for `emolib.data.apply_decisions`.

    Args:
        report: A report from `emolib.evaluation.evaluate` with `files`; its `worst` is the number
            of pictures in the gallery.
        images: For a report without files: the pictures it was made from, uint8 or float array
            (n, height, width, channels), values 0-255.

    Returns:
        The widget; a notebook shows it when a cell ends with it.

    Raises:
        EvaluationError: The report has no files, and `images` does not have one array per picture.
    """
    return LabelCleaner(report, images)


class LabelCleaner(ipywidgets.VBox):
    """A gallery of contradicted labels, one page at a time; it writes no files.

    The pictures of the page are part of the widget, and of a notebook saved with its widgets.
    """

    def __init__(self, report: Report, images: np.ndarray | None = None) -> None:
        """Build the view; see `label_cleaner`."""
        self._mistakes = report.mistakes
        self._sources = _sources(report, images)
        self._decided: dict[int, Decision | None] = {}
        self._first = 0  # of the numbers on this page
        self.only = ipywidgets.Dropdown(options=_filters(report.mistakes), description="show")
        self.only.style.description_width = "initial"
        width = {"width": "110px"}
        self.previous = ipywidgets.Button(description="Previous", icon="arrow-left", layout=width)
        self.next = ipywidgets.Button(description="Next", icon="arrow-right", layout=width)
        self.place = ipywidgets.HTML()
        self.status = ipywidgets.HTML()
        self.doubts = [_Doubt(report.class_names, self._decide) for _ in self._mistakes[:PAGE]]
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
        """The decisions so far, in the order of the report's mistakes."""
        return [decision for _, decision in sorted(self._decided.items()) if decision]

    def __repr__(self) -> str:
        """Return what a page shows instead of the widget when no kernel is running."""
        return "A gallery of doubtful labels appears here while the notebook is running."

    def _turn_to(self, first: int) -> None:
        """Show the page that starts with this picture, counting those that match the filter."""
        only = self.only.value
        numbers = [i for i, m in enumerate(self._mistakes) if only in (EVERY, m["true"])]
        last = max(0, (len(numbers) - 1) // PAGE * PAGE)
        self._first = first = min(max(0, first), last)  # a quick double click may go too far
        page = numbers[first : first + PAGE]
        for doubt, number in zip(self.doubts, page, strict=False):
            decision = self._decided.get(number)
            doubt.show(number, self._mistakes[number], self._sources[number], decision)
        self.gallery.children = self.doubts[: len(page)]
        self.previous.disabled = first == 0
        self.next.disabled = first == last
        self.place.value = f"{first + 1} to {first + len(page)} of {len(numbers)}" if page else ""

    def _decide(self, number: int, decision: Decision | None) -> None:
        self._decided[number] = decision
        self._count()

    def _count(self) -> None:
        self.status.value = f"<b>{tally(self.decisions, len(self._mistakes))}</b>"


class _Doubt(ipywidgets.VBox):
    """A picture and its controls, filled again for each page, so that widgets do not pile up."""

    def __init__(self, class_names: list[str], decide: Decide) -> None:
        self._class_names = class_names
        self._decide = decide
        self._number: int | None = None
        self._file: str | int = ""
        self.legend = ipywidgets.HTML()
        self.picture = ipywidgets.HTML()
        self.action = ipywidgets.RadioButtons(options=[UNDECIDED, *ACTIONS])
        self.label = ipywidgets.Dropdown(description="relabel as")
        self.action.layout.width = "110px"
        self.label.layout.width = "250px"
        if len(class_names) == 2:
            self.label.layout.display = "none"
        self.action.observe(lambda _: self._act(), "value")
        self.label.observe(lambda _: self._relabel(), "value")
        row = ipywidgets.HBox([self.picture, self.action])
        layout = {"width": "272px", "border": "1px solid gray", "margin": "4px", "padding": "4px"}
        super().__init__([self.legend, row, self.label], layout=layout)

    def show(self, number: int, mistake: dict, source: Source, decision: Decision | None) -> None:
        """Show one of a report's mistakes and the decision about it."""
        self._number = None  # the changes below are not decisions
        self._file = mistake["file"]
        self.legend.value = legend(number, mistake)
        self.picture.value = picture(number, self._file, source)
        self.action.value = decision.action if decision else UNDECIDED
        self.label.options = [name for name in self._class_names if name != mistake["true"]]
        self.label.value = (decision and decision.label) or mistake["predicted"]
        self._number = number

    def _relabel(self) -> None:
        if self._number is not None:
            self.action.value = "relabel"
            self._act()

    def _act(self) -> None:
        if self._number is None:
            return
        action = self.action.value
        label = self.label.value if action == "relabel" else None
        decision = None if action == UNDECIDED else Decision(self._file, action, label)
        self._decide(self._number, decision)


def _sources(report: Report, images: np.ndarray | None) -> list[Source]:
    """Return what to open for each of a report's mistakes."""
    files = [mistake["file"] for mistake in report.mistakes]
    if not any(isinstance(file, int) for file in files):
        return files
    if images is None or len(images) != report.n:
        raise EvaluationError(
            f"This report has row numbers, not files: give its {report.n} pictures as images=."
        )
    return [images[row] for row in files]


def _filters(mistakes: list[dict]) -> list[tuple[str, str]]:
    counts = Counter(mistake["true"] for mistake in mistakes)
    every = (f"all classes ({len(mistakes)})", EVERY)
    return [every, *((f"filed under {name} ({counts[name]})", name) for name in sorted(counts))]


def head(report: Report) -> str:
    """Return HTML that says how many labels the network contradicts and how many are listed."""
    wrong = report.n - int(np.trace(report.confusion))
    listed = len(report.mistakes)
    if not wrong:
        return "The network contradicts no labels."
    which = "all of them" if listed == wrong else f"the {listed} it is most confident about"
    return (
        f'<div style="{TEXT}">The network contradicts {wrong:,} of {report.n:,} labels; here are '
        f"{which}. It may be wrong and the label right: look, then decide.</div>"
    )


def legend(number: int, mistake: dict) -> str:
    """Return the HTML above one of a report's mistakes, number 0 and up."""
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
    parts = [f"row {file}"] if isinstance(file, int) else Path(file).parts[-2:]
    name = "/".join(printable_name(part) for part in parts)
    # the file's name is only a tooltip: people should judge the picture, not its name
    words = f'alt="picture {number + 1}" title="{escape(name)}"'
    # not an ipywidgets Image, which has no alt text
    image = f'<img src="data:image/png;base64,{png}" {words} style="display: block">'
    return f'<div style="{box}">{image}</div>'


def preview(source: Source, side: int = SIDE) -> bytes:
    """Return a picture as a PNG of about `side` pixels, enlarged without blur.

    Raises:
        ImageError: The picture cannot be used.
    """
    image = open_image(source, at_least=side)
    image = ImageOps.scale(image, max(1, side // max(image.size)), Image.Resampling.NEAREST)
    image.thumbnail((side, side))
    file = BytesIO()
    image.save(file, "PNG")
    return file.getvalue()
