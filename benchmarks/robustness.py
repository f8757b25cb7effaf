"""How the model copes with faces cropped differently, moved, turned, blurred, dark or compressed.

    python benchmarks/robustness.py data/fer2013

Only happy and sad are compared. Crops are tried on the happy and sad portraits, which are found in
whole pictures; the rest on FER2013's happy and sad validation pictures, because the test pictures
are to be used only once. The last column is about all validation pictures with enough votes: how
often does the model, in place of a person, agree with most of the other people?
"""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
from measure import arguments, print_table
from people import load_faces, opinions
from PIL import Image, ImageEnhance, ImageFilter

from emolib.data import portraits
from emolib.evaluation import Report, Score, agreement_with_others, evaluate, percent
from emolib.faces import CROP_MARGIN, find_faces
from emolib.images import to_array
from emolib.inference import Classifier, load_classifier

CLASSES = ["happy", "sad"]
MARGINS = (CROP_MARGIN, 0.8, 0.9, 1.0, 1.1, 1.2, 1.3, 1.4)  # of the face's box; the usual one first


def jpeg(image: Image.Image) -> Image.Image:
    """Store a picture as a JPEG of quality 20 and open it again."""
    file = io.BytesIO()
    image.save(file, "JPEG", quality=20)
    return Image.open(file)


def turned(image: Image.Image) -> Image.Image:
    """Turn a picture by 20 degrees; its edge is repeated where corners would be empty."""
    wide = Image.fromarray(np.pad(np.asarray(image), 24, mode="edge"))
    return wide.rotate(20, Image.Resampling.BILINEAR).crop((24, 24, 72, 72))


def moved(image: Image.Image) -> Image.Image:
    """Move a picture by one pixel to the right and down; its edge is repeated."""
    return Image.fromarray(np.pad(np.asarray(image), ((1, 0), (1, 0)), mode="edge")[:48, :48])


DAMAGES: dict[str, Callable[[Image.Image], Image.Image]] = {
    "as they are": lambda image: image,
    "blur, 1 pixel": lambda image: image.filter(ImageFilter.GaussianBlur(1)),
    "a quarter of the light": lambda image: ImageEnhance.Brightness(image).enhance(0.25),
    "moved by 1 pixel": moved,
    "turned 20 degrees": turned,
    "JPEG, quality 20": jpeg,
    "half the size": lambda image: image.resize((24, 24)).resize((48, 48)),
    "mirrored": lambda image: image.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
}


def main() -> None:
    parser = arguments("Measure what makes the answers worse.", repeats=1)
    parser.add_argument("folder", help="FER2013: its folder or zip")
    args = parser.parse_args()
    classifier = load_classifier(args.model)
    print_drops("crop, of the face's box", cuts(classifier))
    print()
    faces = load_faces(args.folder, "validation")
    people = opinions(faces, classifier.class_names)
    votes = people.votes[people.enough]
    known, labels = faces.labeled(CLASSES)
    pictures = [Image.fromarray(image[..., 0]) for image in faces.images]
    reports = {}
    agreement = {}
    for name, damage in DAMAGES.items():
        changed = np.stack([to_array(damage(picture)) for picture in pictures])
        two = classifier.predict_arrays(changed[known], classes=CLASSES)
        reports[name] = evaluate(two, labels, CLASSES)
        said = classifier.predict_arrays(changed[people.enough]).argmax(axis=1)
        agreement[name] = agreement_with_others(votes, said)
    print_drops("FER2013 validation", reports, agreement)
    person = percent(agreement_with_others(votes).value, 1)
    print(
        f"\nwith people: {', '.join(classifier.class_names)}, on {len(votes):,} pictures; a person "
        f"agrees with most of the others {person} of the time"
    )


def cuts(classifier: Classifier) -> dict[str, Report]:
    """Evaluate the portraits with each crop."""
    known = [portrait for portrait in portraits() if portrait.expression in CLASSES]
    faces = [max(find_faces(p.image), key=lambda face: face.score) for p in known]
    labels = np.array([CLASSES.index(p.expression) for p in known])
    reports = {}
    for margin in MARGINS:
        cut = [face.crop(p.image, margin) for face, p in zip(faces, known, strict=True)]
        crops = np.stack([to_array(image) for image in cut])
        answers = classifier.predict_arrays(crops, classes=CLASSES)
        reports[f"{margin:.2f}"] = evaluate(answers, labels, CLASSES)
    return reports


def print_drops(
    title: str, reports: dict[str, Report], agreement: dict[str, Score] | None = None
) -> None:
    """Print each report's scores, the points lost against the first, agreement with people."""
    first = next(iter(reports.values())).accuracy.value
    head = [title, "right", "of", "accuracy", "points lost", *CLASSES, "log loss"]
    rows = [
        [name, int(np.trace(report.confusion)), report.n, percent(report.accuracy.value, 1)]
        + [f"{100 * (first - report.accuracy.value):.1f}"]
        + [percent(report.classes[c]["recall"], 1) for c in CLASSES]
        + [f"{report.log_loss:.3f}"]
        for name, report in reports.items()
    ]
    if agreement:
        head.append("with people")
        for row in rows:
            row.append(percent(agreement[row[0]].value, 1))
    print_table(head, rows)


if __name__ == "__main__":
    main()
