"""From a photo to its answer, warm, stage by stage: open, find, crop, score.

    python benchmarks/photo.py

The baseline is Pillow decoding the same file in full. The 12-megapixel photo is a selfie made
larger, with a sensor's noise so that it takes as long to decode as a phone's photo.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from statistics import median

import numpy as np
from measure import arguments, in_turns, print_table, ratio, seconds
from PIL import Image

from emolib.data import selfies
from emolib.faces import LOOK_AT, find_faces
from emolib.images import open_image, to_array
from emolib.inference import Classifier, load_classifier

DECODE, WHOLE = "Pillow, full decode", "photo to answer"


def main() -> None:
    args = arguments("Measure the stages from photo to answer.", repeats=9).parse_args()
    classifier = load_classifier(args.model)
    with tempfile.TemporaryDirectory() as folder:
        for path in (selfies()[0], twelve_megapixels(selfies()[1], Path(folder))):
            report(path, classifier, args.repeats)


def twelve_megapixels(selfie: Path, folder: Path) -> Path:
    """Write a photo of 3024 x 4032 pixels with noise of 4 gray levels."""
    image = Image.open(selfie).convert("RGB").resize((3024, 4032), Image.Resampling.BICUBIC)
    noise = np.random.default_rng(0).normal(0, 4, (4032, 3024, 3)).astype(np.float32)
    pixels = (np.asarray(image) + noise).clip(0, 255).astype(np.uint8)
    path = folder / "twelve_megapixels.jpg"
    Image.fromarray(pixels).save(path, quality=90)
    return path


def report(path: Path, classifier: Classifier, repeats: int) -> None:
    """Print the table of one photo."""
    cases = stages(path, classifier)
    times = in_turns({name: lambda c=call: seconds(c) for name, call in cases.items()}, repeats)
    width, height = Image.open(path).size
    print(
        f"{path.name}: {width} x {height} pixels, {path.stat().st_size / 1e6:.1f} MB, "
        f"{len(classifier.predict(path))} face"
    )
    print_table(
        ["", "ms", "of the whole", "of full decode"],
        [
            [
                name,
                f"{1000 * median(times[name]):.1f}",
                f"{ratio(times[name], times[WHOLE]):.0%}",
                f"{ratio(times[name], times[DECODE]):.2f}",
            ]
            for name in cases
        ],
    )
    print()


def stages(path: Path, classifier: Classifier) -> dict[str, Callable[[], object]]:
    """Return the stages, each ready to be called again and again."""
    size = (classifier.card.image_size, classifier.card.channels)
    image = open_image(path, at_least=LOOK_AT)
    faces = find_faces(image)

    def crop() -> np.ndarray:
        return np.stack([to_array(face.crop(image), *size) for face in faces])

    crops = crop()
    return {
        "open": lambda: open_image(path, at_least=LOOK_AT),
        "find": lambda: find_faces(image),
        "crop": crop,
        "score": lambda: classifier.predict_arrays(crops),
        WHOLE: lambda: classifier.predict(path),
        DECODE: lambda: Image.open(path).load(),
    }


if __name__ == "__main__":
    main()
