"""The tables and figures of the model card, from FER2013's test pictures and the portraits.

    python benchmarks/model_card.py data/fer2013 --save docs/model_card

Run once for a version of the model: whoever looks at test pictures again and again ends up
choosing by them. The figures hold none of FER2013's pictures.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from measure import arguments, print_table

from emolib import plots
from emolib.data import examples, open_folder, portraits, scan, split
from emolib.evaluation import accuracy_by_group, evaluate, percent
from emolib.images import to_array
from emolib.inference import load_classifier
from emolib.inspection import grad_cam
from emolib.model import ModelCard, load_model

Answered = tuple[np.ndarray, np.ndarray]  # calibrated probabilities (n, k), labels (n,)


def main() -> None:
    parser = arguments("Print the model card's tables.", repeats=1)
    parser.add_argument("folder", help="FER2013: its folder or zip")
    parser.add_argument("--save", metavar="DIR", help="also write the figures to DIR")
    args = parser.parse_args()
    classifier = load_classifier(args.model)
    names = classifier.class_names
    dataset = split(scan(open_folder(args.folder)))
    images, labels = examples(dataset, "test", names)
    known = classifier.predict_arrays(images)
    report = evaluate(known, labels, names)
    print(report.text().split("\n\nworst mistakes")[0], "\n")
    others = [name for name in dataset.class_names if name not in names]
    if others:
        images, other_labels = examples(dataset, "test", others)
        other = classifier.predict_arrays(images)
        print_unsure(classifier.card, (known, labels), (other, other_labels), others)
    people = [p for p in portraits() if p.expression in names]
    crops = np.stack([to_array(p.face()) for p in people])
    answers = classifier.predict_arrays(crops)
    said = [names[k] for k in answers.argmax(axis=1)]
    right = [word == p.expression for word, p in zip(said, people, strict=True)]
    for field in ("skin_tone", "age_range", "sex"):
        for one in accuracy_by_group(right, [getattr(p, field) for p in people]):
            print(one)
    if args.save:
        folder = Path(args.save)
        print("\nWritten:", *map(str, plots.save_report_figures(report, folder)))
        if others:
            model, _ = load_model(Path(args.model).with_suffix(".keras"))
            heat = grad_cam(model, crops, answers.argmax(axis=1))
            figure = plots.heat_maps(crops, heat, said, columns=10)
            figure.savefig(folder / "grad_cam.png", dpi=100)


def print_unsure(card: ModelCard, known: Answered, other: Answered, names: list[str]) -> None:
    """Print what each threshold answers and holds back, and what becomes of other emotions."""
    sure = known[0].max(axis=1)
    right = known[0].argmax(axis=1) == known[1]
    others, labels = other
    chosen = card.sure_threshold
    rows = []
    for threshold in sorted([0.3, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, chosen]):
        answered = sure >= threshold
        held_back = (others.max(axis=1) < threshold).mean()
        shares = (answered.mean(), right[answered].mean(), held_back)
        rows.append([percent(threshold, 1), *(percent(share, 1) for share in shares)])
    print_table(["threshold", "answered", "of these right", "others held back"], rows)
    print()
    rows = []
    for k, name in enumerate(names):
        of_it = others[labels == k]
        unsure = of_it.max(axis=1) < chosen
        said = [(~unsure & (of_it.argmax(axis=1) == c)).mean() for c in range(others.shape[1])]
        rows.append([name, len(of_it), *(percent(x, 1) for x in (unsure.mean(), *said))])
    print_table(["", "n", "not sure", *card.class_names], rows)
    print()


if __name__ == "__main__":
    main()
