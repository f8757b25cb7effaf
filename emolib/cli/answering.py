"""Commands that look for faces: `predict` and `crop`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from .common import CommandError, add_command, new_file

if TYPE_CHECKING:
    pass

CROP_SIDE = 224  # pixels; larger crops would only fill the disk


def add_predict(commands: argparse._SubParsersAction) -> None:
    """Add the `predict` command."""
    parser = add_command(
        commands, predict, "say who is happy and who is sad in photos", "holiday/ --save answers"
    )
    parser.add_argument(
        "paths", nargs="*", metavar="PATH", help="photos or folders; none: ten example selfies"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON list")
    parser.add_argument("--csv", metavar="FILE", help="also write one row per face to FILE")
    parser.add_argument("--save", metavar="DIR", help="also write copies with boxes and labels")
    parser.add_argument(
        "--face", action="store_true", help="the pictures are cropped faces already"
    )
    parser.add_argument("--model", metavar="FILE", help="model file; default: the released one")


def predict(args: argparse.Namespace) -> int:
    """Answer for photos; exit status 1 when any could not be used."""
    from ..inference import annotate, load_classifier, output

    paths = output.photos_in(args.paths)
    classifier = load_classifier(args.model)
    table = new_file(args.csv) if args.csv else None
    if not args.paths and not args.json:
        print(
            "No photo given, so here are ten example selfies of people who do not exist.\n"
            "For your own: python -m emolib predict PHOTO_OR_FOLDER\n"
        )
    # a photo takes much longer than its faces: show each answer when it is there
    photos = classifier.predict_many(paths, 64 if args.face else 1, args.face)
    if args.save:
        photos = annotate.save_annotated(photos, Path(args.save))
    if table:
        photos = output.write_csv(photos, table, classifier.class_names)
    bad = 0
    for photo in output.print_results(photos, paths, args.json):
        bad += photo.error is not None
    return 1 if bad else 0


def add_crop(commands: argparse._SubParsersAction) -> None:
    """Add the `crop` command."""
    parser = add_command(
        commands, crop, "cut the faces out of photos, to train on", "photos --to data/mine"
    )
    parser.add_argument("data", metavar="FOLDER", help="photos, in one folder per class")
    parser.add_argument(
        "--to", metavar="DIR", required=True, help="where the crops go, in the same folders"
    )


def crop(args: argparse.Namespace) -> int:
    """Write the largest face of each photo; exit status 1 when any photo gives none."""
    from ..images import map_threaded
    from ..inference.output import photos_in

    source = Path(args.data)
    target = Path(args.to)
    if not source.is_dir():
        raise CommandError(f"{source} is not a folder: give the folder that holds the photos.")
    paths = [Path(path) for path in photos_in([args.data])]

    def write(path: Path) -> str | None:
        return _write_crop(path, (target / path.relative_to(source)).with_suffix(".png"))

    problems = map_threaded(write, paths, "cutting out faces", sys.stderr.isatty())
    problems = [problem for problem in problems if problem]
    print(*problems, sep="\n", file=sys.stderr, end="\n" if problems else "")
    print(f"Written: {len(paths) - len(problems)} faces of {len(paths)} photos, to {target}.")
    return 1 if problems else 0


def _write_crop(path: Path, target: Path) -> str | None:
    """Write the largest face of a photo as PNG; return the sentence that says why not."""
    from ..faces import LOOK_AT, find_faces
    from ..images import ImageError, open_image

    if target.exists():
        return f"{target} exists already: give another --to."
    try:
        image = open_image(path, at_least=LOOK_AT)
    except ImageError as error:
        return str(error)
    faces = find_faces(image)
    if not faces:
        return f"{path}: no face found."
    largest = max(faces, key=lambda face: face.frame[2]).crop(image)
    largest.thumbnail((CROP_SIDE, CROP_SIDE))
    target.parent.mkdir(parents=True, exist_ok=True)
    largest.save(target)
    return None
