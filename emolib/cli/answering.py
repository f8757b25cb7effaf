"""Commands that look for faces: `predict` and `crop`."""

from __future__ import annotations

import argparse
import contextlib
import itertools
import os
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from ..files import new_file
from .common import CommandError, add_command

if TYPE_CHECKING:
    from ..inference.resume import PartTable

CROP_SIDE = 224  # pixels; larger crops would only fill the disk
WRITTEN = "written"
THERE = "there already"


def add_predict(commands: argparse._SubParsersAction) -> None:
    """Add the `predict` command."""
    parser = add_command(
        commands, predict, "tell who is happy and who is sad in photos", "holiday/ --save answers"
    )
    parser.add_argument(
        "paths",
        nargs="*",
        metavar="PATH",
        help="photos, folders, or patterns such as *.jpg; default: ten examples",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON list")
    parser.add_argument("--csv", metavar="FILE", help="also write one row per face to FILE")
    parser.add_argument("--save", metavar="DIR", help="also write copies with boxes and labels")
    parser.add_argument(
        "--face", action="store_true", help="the pictures are already cropped faces"
    )
    parser.add_argument(
        "--model",
        metavar="FILE",
        help='model file, or "seven" for seven emotions; default: happy, sad or neither',
    )
    parser.add_argument(
        "--classes",
        nargs="+",
        metavar="NAME",
        help="for a model file without a card: its classes, in the order of its outputs",
    )
    parser.add_argument(
        "--cluster",
        metavar="ADDRESS",
        help='use a Dask cluster: the address of its scheduler, or "local" for one on this machine',
    )
    parser.add_argument(
        "--resume", action="store_true", help="continue the table of an interrupted --cluster run"
    )


def name_like_an_option(words: Sequence[str]) -> str | None:
    """Return the sentence about a file whose name begins with a hyphen, or None if there is none.

    Args:
        words: The whole command line, before the parser mistakes such a name for an option.
    """
    for word in itertools.takewhile("--".__ne__, words):
        if word.startswith("-") and os.path.lexists(word):
            return f"{word} begins with a hyphen like an option: write {os.path.join('.', word)}."
    return None


def predict(args: argparse.Namespace) -> int:
    """Classify the faces in photos; exit status 1 if any photo could not be used."""
    from ..inference import annotate, inputs, load_classifier, output

    if args.cluster or args.resume:
        return _predict_on_cluster(args)
    with contextlib.ExitStack() as stack:
        paths = args.paths or _examples(Path(stack.enter_context(tempfile.TemporaryDirectory())))
        found = inputs.photos_in(paths, Path(args.save) if args.save else None)
        for note in found.notes:
            print(note, file=sys.stderr)
        classifier = load_classifier(args.model, args.classes)
        table = stack.enter_context(new_table(args.csv)) if args.csv else None
        if not args.paths and not args.json:
            print(
                "No photo given, so here are ten examples of people who do not exist.\n"
                "For your own: python -m emolib predict PHOTO_OR_FOLDER\n"
            )
        # a photo takes much longer than its faces: show each answer as soon as it is ready
        photos = classifier.predict_many(found.photos, 64 if args.face else 1, args.face)
        if args.save:
            photos = annotate.save_annotated(photos, Path(args.save))
        if table:
            photos = output.write_csv(photos, table, classifier.class_names)
        printed = output.print_results(photos, found.photos, args.json)
        bad = sum(photo.error is not None for photo in printed)
    return 0 if found.complete and not bad else 1


def _predict_on_cluster(args: argparse.Namespace) -> int:
    """Classify the faces in photos on the workers of a cluster; exit status as for `predict`."""
    _check_cluster_words(args)
    try:
        from ..inference import cluster
    except ModuleNotFoundError as error:
        raise CommandError(
            f'--cluster needs the package {error.name}: run pip install "emolib[cluster]"'
        ) from None
    from ..inference import inputs, load_classifier, output

    found = inputs.photos_in(args.paths)
    for note in found.notes:
        print(note, file=sys.stderr)
    classifier = load_classifier(args.model, args.classes)
    with contextlib.ExitStack() as stack:
        table = stack.enter_context(_lasting_table(args, classifier.class_names, found.photos))
        client = stack.enter_context(cluster.connect(args.cluster))
        left = found.photos[table.done :] if table else found.photos
        if table and table.witness:
            asked_again = [found.photos[table.witness[0]]]
            table.check(*cluster.predict_on_cluster(client, asked_again, classifier, args.face))
        photos = cluster.predict_on_cluster(client, left, classifier, args.face)
        if table:
            photos = output.write_csv(photos, table.file, classifier.class_names, head=False)
        printed = output.print_results(photos, left, args.json)
        bad = sum(photo.error is not None for photo in printed) + (table.errors if table else 0)
    return 0 if found.complete and not bad else 1


def _check_cluster_words(args: argparse.Namespace) -> None:
    if args.resume and not (args.cluster and args.csv):
        raise CommandError("--resume continues a table: add the same --cluster and --csv.")
    if args.resume and args.json:
        raise CommandError("--resume continues a table, not a JSON list: leave out --json.")
    if args.save:
        raise CommandError("With --cluster, the photos stay on the workers: leave out --save.")
    if not args.paths:
        raise CommandError("--cluster needs photos: name a photo, a folder or a pattern.")


@contextlib.contextmanager
def _lasting_table(
    args: argparse.Namespace, class_names: Sequence[str], photos: Sequence[str]
) -> Iterator[PartTable | None]:
    """Open the table of --csv, if given; if it is not finished, print how to continue."""
    from ..inference.resume import lasting_table, part_of

    if not args.csv:
        yield None
        return
    path = Path(args.csv)
    opened = False
    try:
        with lasting_table(path, class_names, photos, args.resume) as table:
            opened = True
            if table.done:
                print(f"Already answered: {_count(table.done, 'photo')}.", file=sys.stderr)
            yield table
    except BaseException:
        if opened and part_of(path).exists():
            print(f"{part_of(path)} keeps the answers: add --resume to continue.", file=sys.stderr)
        raise


def _examples(folder: Path) -> list[str]:
    """Write the example photos into a folder, so that they have names; return their paths."""
    from ..data import example_photos

    paths = []
    for name, picture in example_photos().items():
        path = folder / f"{name}.jpg"
        if isinstance(picture, Path):
            shutil.copy(picture, path)
        else:
            picture.save(path, quality=95)
        paths.append(str(path))
    return paths


@contextlib.contextmanager
def new_table(path: str) -> Iterator[TextIO]:
    """Open a text file that appears when it is complete, or not at all."""
    with new_file(Path(path), CommandError) as part:
        # a name that is not valid Unicode is written as JSON writes it: \udce4
        with open(part, "w", newline="", encoding="utf-8", errors="backslashreplace") as file:
            yield file


def add_crop(commands: argparse._SubParsersAction) -> None:
    """Add the `crop` command."""
    parser = add_command(
        commands, crop, "crop the largest face of each photo, to train on", "photos --to data/mine"
    )
    parser.add_argument("data", metavar="FOLDER", help="photos, in one folder per class")
    parser.add_argument("--to", metavar="DIR", required=True, help="where the crops go, by class")


def crop(args: argparse.Namespace) -> int:
    """Write the largest face of each photo; exit status 1 if any photo has none."""
    from ..images import map_threaded
    from ..inference.inputs import photos_in

    source = Path(args.data)
    target = Path(args.to)
    if not source.is_dir():
        raise CommandError(f"{source} is not a folder: give the folder that holds the photos.")
    found = photos_in([str(source)], target)
    places = crop_places([Path(path).relative_to(source) for path in found.photos])

    def write(photo: Path) -> str:
        return _write_crop(source / photo, target / places[photo])

    said = map_threaded(write, list(places), "cropping faces", sys.stderr.isatty())
    problems = [sentence for sentence in said if sentence not in (WRITTEN, THERE)]
    for sentence in (*found.notes, *problems):
        print(sentence, file=sys.stderr)
    faces = _count(said.count(WRITTEN), "face")
    print(f"Wrote {faces} from {_count(len(said), 'photo')} to {target}.")
    if THERE in said:
        print(f"Already there: {_count(said.count(THERE), 'face')}.")
    return 0 if found.complete and not problems else 1


def crop_places(photos: Sequence[Path]) -> dict[Path, Path]:
    """Return where the crop of each photo goes.

    Args:
        photos: Paths of the photos, relative to the folder that holds them all.

    Returns:
        For each photo, a path ending in .png, relative to the folder of the crops. It has the
        photo's name without the suffix, or with it where several photos would have the same name.
    """
    plain = [photo.with_suffix(".png") for photo in photos]
    # many disks do not distinguish upper and lower case
    count = Counter(str(place).lower() for place in plain)
    return {
        photo: place if count[str(place).lower()] == 1 else photo.with_name(f"{photo.name}.png")
        for photo, place in zip(photos, plain, strict=True)
    }


def _write_crop(path: Path, target: Path) -> str:
    """Write the largest face of a photo as PNG; return the outcome, or why there is none."""
    from ..faces import LOOK_AT, find_faces
    from ..images import ImageError, no_memory, one_line, open_image

    if target.is_file():
        return THERE
    try:
        image = open_image(path, at_least=LOOK_AT)
    except ImageError as error:
        return os.path.join(one_line(str(path.parent)), str(error))
    except MemoryError:
        return str(no_memory(path))
    faces = find_faces(image)
    if not faces:
        return f"{one_line(str(path))}: no face found."
    largest = max(faces, key=lambda face: face.frame[2]).crop(image)
    largest.thumbnail((CROP_SIDE, CROP_SIDE))
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with new_file(target, CommandError) as part:
            largest.save(part, "PNG")
    except OSError as error:
        raise CommandError(f"{target} cannot be written: {error.strerror or error}.") from None
    return WRITTEN


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
