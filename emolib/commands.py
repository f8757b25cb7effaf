"""What each command of the command line does; `__main__` reads its arguments."""

from __future__ import annotations

import csv
import json
import os
import sys
from argparse import Namespace
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from .errors import EmolibError

if TYPE_CHECKING:
    from .classifier import Photo
    from .data import Dataset

MANY_FILES = 5


class CommandError(EmolibError):
    """The arguments of a command do not work together; the message says why."""


def predict(args: Namespace) -> int:
    """Answer for photos; exit status 1 when any could not be used."""
    paths = _photos(args.paths)
    table = _new_file(args.csv) if args.csv else None
    from .classifier import load_classifier

    classifier = load_classifier(args.model)
    if not args.paths and not args.json:
        print(
            "No photo given, so here are ten example selfies of people who do not exist.\n"
            "For your own: python -m emolib predict PHOTO_OR_FOLDER\n"
        )
    photos = classifier.predict_many(paths, face=args.face)
    if args.save:
        photos = _saving(photos, Path(args.save), classifier.class_names)
    if table:
        photos = _tabling(photos, table, classifier.class_names)
    bad = 0
    for photo in _printed(_with_progress(photos, len(paths)), args.json):
        bad += photo.error is not None
    return 1 if bad else 0


def _photos(paths: list[str]) -> list[str]:
    """Return the files named, and the pictures in the folders named."""
    if not paths:
        from .sources import selfies

        return [os.fspath(path) for path in selfies()]
    from .images import is_picture

    found = []
    for path in paths:
        if not os.path.isdir(path):
            found.append(path)
            continue
        inside = [p for p in sorted(Path(path).rglob("*")) if p.is_file() and is_picture(p)]
        if not inside:
            raise CommandError(f"{path} holds no pictures: give a photo, or a folder of photos.")
        found += [os.fspath(p) for p in inside]
    return found


def _with_progress(photos: Iterator[Photo], n: int) -> Iterable[Photo]:
    if n <= MANY_FILES or not sys.stderr.isatty():
        return photos
    from tqdm import tqdm

    return tqdm(photos, "looking", n, unit="photo", leave=False)


def _printed(photos: Iterable[Photo], as_json: bool) -> Iterator[Photo]:
    """Print each answer as it comes; a list of any length needs no memory."""
    before = "["
    for photo in photos:
        if as_json:
            print(before, json.dumps(photo.to_dict(), ensure_ascii=False), sep="\n", end="")
            before = ","
        else:
            print(photo, file=sys.stderr if photo.error else sys.stdout)
        yield photo
    if as_json:
        print("[]" if before == "[" else "\n]")


def _saving(photos: Iterable[Photo], folder: Path, names: list[str]) -> Iterator[Photo]:
    """Write a copy of each answered photo with boxes and labels; overwrite nothing."""
    from .images import open_image
    from .plots import annotate

    folder.mkdir(parents=True, exist_ok=True)
    for photo in photos:
        if not photo.error:
            stem, number = Path(photo.file).stem, 1
            target = folder / f"{stem}.jpg"
            while target.exists():
                number += 1
                target = folder / f"{stem}_{number}.jpg"
            annotate(open_image(photo.file), photo.faces, names).save(target, quality=92)
        yield photo


def _tabling(photos: Iterable[Photo], file: TextIO, names: list[str]) -> Iterator[Photo]:
    """Write one CSV line a face, and one for each photo without any."""
    head = ["file", "width", "height", "face", "label", "probability", "sure"]
    box = ["left", "top", "right", "bottom"]
    with file:
        table = csv.writer(file)
        table.writerow([*head, *box, "score", *(f"p_{name}" for name in names), "error"])
        for photo in photos:
            start = [photo.file, photo.width, photo.height]
            for i, face in enumerate(photo.faces, 1):
                answer = [face.label, face.probability, face.sure, *face.box, face.score]
                table.writerow([*start, i, *answer, *face.probabilities.values(), ""])
            if not photo.faces:
                table.writerow([*start, 0, *[""] * (8 + len(names)), photo.error or ""])
            yield photo


def _new_file(path: str) -> TextIO:
    """Open a file to write that is not there yet."""
    try:
        return open(path, "x", newline="", encoding="utf-8")
    except FileExistsError:
        raise CommandError(f"{path} exists already: give the name of a new file.") from None
    except OSError as error:
        raise CommandError(f"{path} cannot be written: {error.strerror}.") from error


def train(args: Namespace) -> int:
    """Train a network and write it with its card, curves and split."""
    print(f"Reading the pictures of {args.data} ...", flush=True)
    from .recipes import train_folder
    from .sources import open_folder

    card = train_folder(
        open_folder(args.data),
        args.out,
        classes=args.classes,
        recipe=args.recipe,
        epochs=args.epochs,
        batch_size=args.batch_size,
        seed=args.seed,
        resume=args.resume,
        say=lambda text: print(text, flush=True),
    )
    test = card.figures["test"]
    low, high = test["accuracy"]["low"], test["accuracy"]["high"]
    print(
        f"On {test['n']:,} test pictures: {test['accuracy']['value']:.1%} right, "
        f"95 % interval {low:.1%} to {high:.1%}.\nWritten: {args.out}\n"
        f"More: python -m emolib evaluate {args.out} {args.data}"
    )
    return 0


def evaluate(args: Namespace) -> int:
    """Score a model on labelled face pictures."""
    from .classifier import load_classifier
    from .data import load_images
    from .evaluation import evaluate as score
    from .model import read_card
    from .sources import open_folder

    card = read_card(args.model)
    say = (lambda text: None) if args.json else (lambda text: print(text, flush=True))
    say(f"Reading the pictures of {args.data} ...")
    dataset = _unseen(open_folder(args.data), card.class_names, args.split, Path(args.model), say)
    images = load_images(dataset.rows, card.image_size, card.channels)
    probabilities = load_classifier(args.model).predict_arrays(images)
    files = [row.path.relative_to(dataset.folder).as_posix() for row in dataset.rows]
    report = score(probabilities, dataset.labels(dataset.rows), card.class_names, files)
    if args.json:
        print(json.dumps(report.to_dict(), indent=1, ensure_ascii=False))
    else:
        print(report.text())
    if args.save:
        from .plots import save_report_figures

        written = save_report_figures(report, Path(args.save))
        say("\nWritten: " + ", ".join(map(str, written)))
    return 0


def _unseen(
    folder: Path, names: list[str], split: str | None, model: Path, say: Callable[[str], None]
) -> Dataset:
    """Return the readable pictures to judge a model with: none that it has learned from."""
    from .data import Dataset, class_names_in, scan

    there = class_names_in(folder)
    left_out = [name for name in there if name not in names]
    if len(left_out) == len(there):
        raise CommandError(f"{folder} has no class of this model, which knows {', '.join(names)}.")
    if left_out:
        say(f"Left out, because the model does not know them: {', '.join(left_out)}.")
    dataset = scan(folder, [name for name in names if name in there], sys.stderr.isatty())
    rows = [row for row in dataset.rows if row.digest]
    if split is None and any(row.split == "test" for row in rows):
        split = "test"
    if split is None:
        learned = _learned_digests(model.with_name(f"{model.stem}_split.csv"))
        rows, before = [row for row in rows if row.digest not in learned], len(rows)
        if before > len(rows):
            say(f"Left out, because the model has learned from them: {before - len(rows)}.")
    elif split != "all":
        rows = [row for row in rows if row.split == split]
    if not rows:
        raise CommandError(f"{folder} has no pictures to judge this model with: try --split all.")
    return Dataset(folder, names, rows)


def _learned_digests(path: Path) -> set[str]:
    """Return the digests that a training wrote down as its training and validation pictures."""
    if not path.is_file():
        return set()
    with open(path, newline="", encoding="utf-8") as file:
        return {row["digest"] for row in csv.DictReader(file) if row["split"] != "test"}


def audit(args: Namespace) -> int:
    """Look for faults in a data set; move them only when asked to."""
    from .audit import audit as look
    from .audit import quarantine
    from .sources import open_folder

    if args.quarantine and not Path(args.data).is_dir():
        raise CommandError(f"{args.data} is not a folder: unpack it to move files out of it.")
    if args.csv:
        _new_file(args.csv).close()
    report = look(open_folder(args.data), args.classes, progress=sys.stderr.isatty())
    print(report.text())
    if args.csv:
        report.to_csv(args.csv)
    if args.quarantine:
        moved = quarantine(report, args.quarantine)
        print(f"\nMoved {len(moved)} files to {args.quarantine}.")
    return 0


def download(args: Namespace) -> int:
    """Fetch a data set, or take it from a copy."""
    from .sources import download_fer2013

    folder = download_fer2013(args.to, args.source)
    print(f"FER2013 is complete in {folder}.")
    return 0


def export(args: Namespace) -> int:
    """Write a model in another format."""
    from .export import export_model
    from .model import read_card

    read_card(args.model)
    print(f"Loading {args.model} ...", flush=True)
    print(f"Written: {export_model(args.model, args.to, args.out)}")
    return 0
