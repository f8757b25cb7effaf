"""The page for people: a field for photos, and the answers below it; works without JavaScript."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from functools import cache
from html import escape
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING

from ..inference.annotate import annotate_photo, face_color
from .answers import encoded

if TYPE_CHECKING:
    from ..inference import Photo, Prediction
    from ..model.card import ModelCard

VIEW = 640  # pixels on the longer side of the picture that is shown
# the page loads nothing and runs nothing
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
}
FORM = """<h1>$title</h1>
<p>A small neural network looks at the faces in a photo and says what people would call each one:
$names. $probability</p>
<form method="post" action="/" enctype="multipart/form-data">
<label>Photos
<input type="file" name="files" accept="image/*,.heic,.heif" multiple required></label>
<label><input type="checkbox" name="face" value="true"> They are cropped faces</label>
<button>Answer</button>
</form>
$answers
<p>Photos go to the computer that runs this service, stay in its memory only until they are
answered, and are never written to disk. Ask the people in a photo before you show it to a
machine.</p>
<h2>What this can and cannot tell</h2>
<ul>
<li>It sees an <strong>expression</strong>. It does not see what someone <strong>feels</strong>:
people smile when they are sad.</li>
<li>It must not be used to judge anyone. The European Union prohibits inferring the emotions of
people at work or in education, except for medical or safety reasons (AI Act, Article 5(1)(f),
since February 2, 2025).</li>
</ul>
<p>For programs: <a href="/docs">the API</a>, and <a href="/model">what was measured about the
model</a>.</p>"""
REFUSAL = """<h1>This did not work</h1>
<p>$sentence</p>
<p><a href="/">Back to the photos</a></p>"""


def form(card: ModelCard, answers: str = "") -> str:
    """Return the page with the field for photos, as HTML.

    Args:
        card: The card of the model that answers.
        answers: From `answer`, one after the other.
    """
    names = sorted(card.class_names, key="neither".__eq__)  # what is left over comes last
    title = "Happy or sad?" if {"happy", "sad"} <= set(card.class_names) else "Which expression?"
    heading = '<h2 id="answers">Answers</h2>' if answers else ""
    body = Template(FORM).substitute(
        title=title,
        names=escape(f"{', '.join(names[:-1])} or {names[-1]}"),
        probability=escape(card.probability),
        answers=heading + answers,
    )
    return _page(title, body)


def refusal(sentence: str) -> str:
    """Return the page that says why there is no answer, as HTML."""
    return _page("This did not work", Template(REFUSAL).substitute(sentence=escape(sentence)))


def answer(photo: Photo, class_names: Sequence[str]) -> str:
    """Return the answer for one photo, as HTML.

    Args:
        photo: From `answers.answer`.
        class_names: The classes of the model.
    """
    if photo.error:
        return f'<article><p class="said">{escape(photo.error)}</p></article>'
    name = escape(photo.file)
    count = f"{len(photo)} face{'s' if len(photo) > 1 else ''}"
    if not photo.faces:
        count = "no face found, so try a photo with larger faces, seen from the front."
    rows = (_row(face, number, len(photo), class_names) for number, face in enumerate(photo, 1))
    listed = f"<ul>{''.join(rows)}</ul>" if photo.faces else ""
    words = f'<div class="words"><p class="said">{name}: {count}</p>{listed}</div>'
    picture = f'<img src="{_drawn(photo)}" alt="{name}, {_seen(photo)}">'
    return f"<article>{picture}{words}</article>"


def _row(face: Prediction, number: int, of: int, class_names: Sequence[str]) -> str:
    said = escape(f"{number} {face}" if of > 1 else str(face))
    style = f"width:{face.probability:.1%};background:{face_color(face, class_names)}"
    return f'<li><span>{said}</span><div class="bar"><span style="{style}"></span></div></li>'


def _seen(photo: Photo) -> str:
    return "with a box around each face" if photo.faces else "no face found"


def _drawn(photo: Photo) -> str:
    """Return a small copy with boxes and labels, as an address that holds the picture itself."""
    assert photo.preview is not None  # every `Classifier.predict` makes one
    # labels are drawn on the small picture, so that they can be read
    photo.preview.thumbnail((VIEW, VIEW))
    content, kind = encoded(annotate_photo(photo.preview, photo))
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"


def _page(title: str, body: str) -> str:
    return _frame().substitute(title=title, body=body)


@cache
def _frame() -> Template:
    return Template(Path(__file__).with_name("page.html").read_text("utf-8"))
