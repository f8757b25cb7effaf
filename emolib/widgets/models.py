"""The networks that a visitor can choose: their files, their names, and what to know about each."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path
from typing import Any

from ..evaluation.metrics import percent
from ..model.card import FORMATS, ModelCard

TITLES = {
    "emotion_model": "Happy, sad or neither (the course's network)",
    "emotion_model_7": "Seven emotions",
    "my_model": "Your network from notebook 03 (my_model)",
}
# a widget's own text is small and its lines are far apart
TEXT = "font-size:var(--jp-content-font-size1,1rem);line-height:1.5;white-space:normal"
HEADING = "font-size:1.6em;font-weight:normal;line-height:1.2;margin:1em 0 0.6em"
CELL = "text-align:left;vertical-align:top;padding:0.2rem 1rem 0.2rem 0"
NUMBERS = {2: "two", 3: "three", 4: "four", 5: "five", 6: "six", 7: "seven", 8: "eight"}
# the split of FER2013 that the released networks learned from, see `Dataset.digest`
FER2013 = "3b9c06ee8186df11dcf400fc7e5c3db784a0244d66597b0230294d55ae5cd076"
NOT_TESTED = (
    "Its card has no test on pictures that it did not learn from: notebook 04 shows how to test "
    "a network."
)
LABELS = (
    "They come from an image search, and people dispute their labels. It was not tested on enough "
    "people of each age, sex and skin tone to promise that it treats them alike."
)
TESTED_ON = (
    "The photographs are those of FER2013's official test set (PrivateTest): faces cropped close, "
    "in gray, each with one label. Everyday photos are harder. The whole card, with known "
    "failures, is in <code>models/README.md</code>."
)


def model_files(folders: Iterable[Path], without: str) -> dict[str, Path]:
    """Return the model files that have a card, by name; `without` is left out."""
    found: dict[str, Path] = {}
    for folder in folders:
        for suffix in reversed(FORMATS):  # .onnx first: it needs no further package
            for path in sorted(folder.glob(f"*{suffix}")):
                if path.stem != without and path.with_suffix(".json").is_file():
                    found.setdefault(path.stem, path)
    return found


def title(name: str) -> str:
    """Return the name that a visitor sees for a model."""
    # notebook 03 keeps the networks of earlier runs
    if re.fullmatch(r"my_model_\d+", name):
        return f"An earlier network from notebook 03 ({name})"
    return TITLES.get(name, name)


def note(card: ModelCard) -> str:
    """Return what to know before believing an answer: pictures that are new to it, no threshold."""
    sentences = [learned_from(card)]
    if _never_unsure(card):
        sentences.append('It is never "not sure": its card sets no threshold.')
    return " ".join(filter(None, sentences))


def learned_from(card: ModelCard) -> str:
    """Return the sentence about the training pictures; "" if the card does not count them."""
    train = card.data.get("counts", {}).get("train")
    if not train:
        return ""
    start = f"This network learned from {sum(train.values()):,}"
    if _is_fer2013(card):
        return f"{start} photographs."
    name = card.data.get("name")
    if name in ("drawn", "rendered"):
        return f"{start} {name} faces: photographs are new to it."
    if name:
        return f"{start} pictures of your own."
    return f"{start} pictures. If they were rendered, photographs are new to it."


def about(name: str, card: ModelCard) -> str:
    """Return what a visitor should know about a model, as HTML.

    Args:
        name: The name of its file, without the suffix.
        card: Its card.
    """
    learned = learned_from(card)
    if learned and _is_fer2013(card):
        learned = f"{learned} {LABELS}"
    points = "".join(f"<li>{escape(text)}</li>" for text in (_words(card), learned) if text)
    rows = _figures(card)
    measured = f"<p>{NOT_TESTED}</p>"
    if rows:
        cells = "".join(
            f'<tr><th scope="row" style="{CELL};font-weight:normal">{escape(what)}</th>'
            f'<td style="{CELL}">{escape(number)}</td></tr>'
            for what, number in rows
        )
        measured = f'<table style="border-collapse:collapse"><tbody>{cells}</tbody></table>'
        measured += f"<p>{TESTED_ON}</p>" if _is_fer2013(card) else ""
    heading = f'<h2 style="{HEADING}">The model: {escape(title(name))}</h2>'
    return f'<div style="{TEXT}">{heading}<ul>{points}</ul>{measured}</div>'


def _is_fer2013(card: ModelCard) -> bool:
    return card.data.get("name") == "fer2013" or card.data.get("sha256") == FER2013


def _never_unsure(card: ModelCard) -> bool:
    """Return whether the most probable class always reaches the threshold."""
    return card.sure_threshold <= 1 / len(card.class_names)


def _words(card: ModelCard) -> str:
    """Return which words a network knows, and what it says about faces that show something else."""
    names = card.class_names
    number = NUMBERS.get(len(names), str(len(names)))
    known = f"It knows {number} words: {_listed(names)}."
    if "neither" in names:
        return f"{known} {card.probability}".rstrip()
    unless = "." if _never_unsure(card) else ', unless the answer is "not sure".'
    return f"{known} Every face is called one of them, whatever it shows{unless}"


def _listed(names: Sequence[str]) -> str:
    return f"{', '.join(names[:-1])} and {names[-1]}"


def _figures(card: ModelCard) -> list[tuple[str, str]]:
    """Return the rows of the card's table; none if the card holds no test."""
    test: dict[str, Any] = card.figures.get("test", {})
    if not test:
        return []
    right, low, high = (percent(test["accuracy"][part], 1) for part in ("value", "low", "high"))
    found = [
        (f"{name} faces found", percent(facts["recall"], 1))
        for name, facts in test["classes"].items()
        if facts["recall"] is not None  # a class without test pictures
    ]
    return [
        *_agreement(card),
        ("pictures it was tested on, none of which it learned from", f"{test['n']:,}"),
        ("right on these", f"{right}; 95% interval: {low} to {high}"),
        *found,
        ('it says "not sure" below a probability of', percent(card.sure_threshold, 1)),
        *_calibration(card, test),
    ]


def _calibration(card: ModelCard, test: dict[str, Any]) -> list[tuple[str, str]]:
    """Return the row on calibration; none if a probability is a share of people: labels are not."""
    off = percent(test["ece"], 1)
    return [] if card.probability else [("how far its probabilities are off on average", off)]


def _agreement(card: ModelCard) -> list[tuple[str, str]]:
    """Return the rows on ten people's votes; none if the card has no such figures."""
    people: dict[str, Any] = card.figures.get("people", {})
    return [
        (f"how often {who} agrees with most of nine people", percent(people[name]["value"], 1))
        for who, name in (("it", "network"), ("a tenth person", "person"))
        if name in people
    ]
