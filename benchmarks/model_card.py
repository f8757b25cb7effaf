"""The tables and figures of the model card, from FER2013's test pictures and the portraits.

    python benchmarks/model_card.py data/fer2013 --save docs/model_card

The right answer is what most of ten people say. `peers.py` compares with fer, and with FER2013's
labels. Run this once per version of the model: anyone who looks at the test pictures again and
again ends up choosing by them. The figures contain none of FER2013's pictures.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from measure import arguments, print_table
from people import People, load_faces, opinions

from emolib import plots
from emolib.data import Portrait, portraits
from emolib.evaluation import Report, accuracy_by_group, evaluate, percent
from emolib.images import to_array
from emolib.inference import Classifier, load_classifier
from emolib.inspection import grad_cam
from emolib.model import load_model
from emolib.plots import style

if TYPE_CHECKING:
    from matplotlib.figure import Figure

THRESHOLDS = [0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95]
TWO = ["happy", "sad"]
BINS = 10


def main() -> None:
    parser = arguments("Print the model card's tables.", repeats=1)
    parser.add_argument("folder", help="FER2013: its folder or zip")
    parser.add_argument("--save", metavar="DIR", help="also write the figures to DIR")
    args = parser.parse_args()
    classifier = load_classifier(args.model)
    names = classifier.class_names
    faces = load_faces(args.folder, "test")
    people = opinions(faces, names)
    answers = classifier.predict_arrays(faces.images)
    clear = people.choice >= 0
    report = evaluate(answers[clear], people.choice[clear], names)
    share, low, high = (percent(x, 1) for x in report.accuracy)
    print(f"As more than half of the people answer: {share} ({low} to {high}) of {report.n:,}\n")
    print_thresholds(report, classifier.card.sure_threshold)
    groups = {name: people.choice == k for k, name in enumerate(names)}
    print_answers("most people say", groups, answers, classifier)
    groups = {label: faces.labels == label for label in np.unique(faces.labels).tolist()}
    print_answers("FER2013's label", groups, answers, classifier)
    shown = portraits()
    crops = np.stack([to_array(portrait.face()) for portrait in shown])
    print_portraits(classifier, shown, crops)
    if args.save:
        folder = Path(args.save)
        folder.mkdir(parents=True, exist_ok=True)
        two = np.array([portrait.expression in TWO for portrait in shown])
        figures = {
            "reliability": reliability(answers, people, names),
            "coverage": plots.coverage_curve(report),
            "grad_cam": heat(Path(args.model), classifier, crops[two]),
        }
        for name, figure in figures.items():
            figure.savefig(folder / f"{name}.png", dpi=100 if name == "grad_cam" else 150)
        print("\nWrote", *(folder / f"{name}.png" for name in figures))


def print_thresholds(report: Report, chosen: float) -> None:
    """Print how many answers reach each threshold, and how many of these are right."""
    sure = report.probabilities.max(axis=1)
    right = report.probabilities.argmax(axis=1) == report.labels
    rows = []
    for threshold in sorted({*THRESHOLDS, chosen}):
        answered = sure >= threshold
        shares = (threshold, answered.mean(), right[answered].mean())
        rows.append([percent(share, 1) for share in shares])
    print_table(["threshold", "answered", "of these right"], rows)
    print()


def print_answers(
    title: str, groups: dict[str, np.ndarray], answers: np.ndarray, classifier: Classifier
) -> None:
    """Print how the pictures of each group, {name: bool (n,)}, are answered."""
    said = np.where(is_sure(answers, classifier), answers.argmax(axis=1), -1)
    rows = []
    for group, inside in groups.items():
        of_it = said[inside]
        shares = [(of_it == k).mean() for k in (*range(answers.shape[1]), -1)]
        digits = 1 if len(of_it) > 100 else 0  # ten pictures have no tenths of a percent
        rows.append([group, len(of_it), *(percent(share, digits) for share in shares)])
    print_table([title, "n", *classifier.class_names, "not sure"], rows)
    print()


def print_portraits(classifier: Classifier, shown: list[Portrait], crops: np.ndarray) -> None:
    """Print the answers to each expression, and what is right for each group of people."""
    answers = classifier.predict_arrays(crops)
    expressions = np.array([portrait.expression for portrait in shown])
    groups = {name: expressions == name for name in dict.fromkeys(expressions.tolist())}
    print_answers("portraits", groups, answers, classifier)
    two = np.isin(expressions, TWO)
    said = np.array(classifier.class_names)[answers.argmax(axis=1)]
    alone = np.array(TWO)[classifier.predict_arrays(crops, classes=TWO).argmax(axis=1)]
    right = (said == expressions)[two]
    fine = ~(is_sure(answers, classifier) & np.isin(said, TWO))[expressions == "neutral"]
    print(f"happy and sad portraits: {right.sum()} of {two.sum()} right")
    print(f"the same, happy against sad alone: {(alone == expressions)[two].sum()} of {two.sum()}")
    print(f"neutral portraits: {fine.sum()} of {len(fine)} neither happy nor sad, or not sure\n")
    people = [portrait for portrait in shown if portrait.expression in TWO]
    for field in ("skin_tone", "age_range", "sex"):
        for one in accuracy_by_group(right, [getattr(p, field) for p in people]):
            print(one)


def is_sure(answers: np.ndarray, classifier: Classifier) -> np.ndarray:
    """Return which answers are sure, bool (n,)."""
    return answers.max(axis=1) >= classifier.card.sure_threshold


def reliability(answers: np.ndarray, people: People, names: list[str]) -> Figure:
    """Draw the share of people against the probability, and below it how many pictures have it."""
    figure = style.figure(5.6, 6)
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=[3, 1])
    upper.plot([0, 1], [0, 1], color=style.GRAY, ls=":", lw=2, label="perfectly calibrated")
    edges = np.linspace(0, 1, BINS + 1)
    for emotion, marker in zip(TWO, style.MARKERS, strict=False):
        said = answers[people.enough, names.index(emotion)]
        shares = people.shares[people.enough, names.index(emotion)]
        place = np.digitize(said, edges[1:-1])
        count = np.bincount(place, minlength=BINS)
        used = np.unique(place)
        x = np.bincount(place, said)[used] / count[used]
        y = np.bincount(place, shares)[used] / count[used]
        look = {"color": style.EMOTION_COLORS[emotion], "lw": 2.5}
        upper.plot(x, y, marker=marker, ms=8, label=emotion, **look)
        lower.stairs(count, edges, **look)
    lower.set_yscale("log")
    lower.yaxis.set_major_formatter("{x:,.0f}")
    lower.set_xlim(0, 1)
    style.percent_axes(upper, "y")
    style.percent_axes(lower, "x")
    style.name_axes(upper, "", "share of people who say so", "Reliability, by people's votes")
    style.name_axes(lower, "probability of happy, or of sad", "pictures", "")
    upper.legend(fontsize=style.FONT_SIZE, loc="upper left")
    return figure


def heat(model: Path, classifier: Classifier, crops: np.ndarray) -> Figure:
    """Draw where the network looks in faces, with its answers."""
    answers = classifier.predict_arrays(crops).argmax(axis=1)
    keras_model, _ = load_model(model.with_suffix(".keras"))
    said = [classifier.class_names[k] for k in answers]
    return plots.heat_maps(crops, grad_cam(keras_model, crops, answers), said, columns=10)


if __name__ == "__main__":
    main()
