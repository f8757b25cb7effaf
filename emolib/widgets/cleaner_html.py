"""What the label cleaner shows, as HTML: its words, and pictures enlarged for eyes to judge."""

from __future__ import annotations

from base64 import b64encode
from html import escape
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from ..evaluation import Report
from ..images import ImageError, Source, open_image, printable_name
from ..style import answer

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
