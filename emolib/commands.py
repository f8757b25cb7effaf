"""What each command of the command line does; `__main__` reads its arguments."""

from __future__ import annotations

import json
import sys
from argparse import Namespace
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from .errors import EmolibError

if TYPE_CHECKING:
    from .data import Dataset

CROP_SIDE = 224  # pixels; larger crops would only fill the disk


class CommandError(EmolibError):
    """The arguments of a command do not work together; the message says why."""


def predict(args: Namespace) -> int:
    """Answer for photos; exit status 1 when any could not be used."""
    from . import answers
    from .classifier import load_classifier

    paths = answers.photos_in(args.paths)
    classifier = load_classifier(args.model)
    table = _new_file(args.csv) if args.csv else None
    if not args.paths and not args.json:
        print(
            "No photo given, so here are ten example selfies of people who do not exist.\n"
            "For your own: python -m emolib predict PHOTO_OR_FOLDER\n"
        )
    # a photo takes much longer than its faces: show each answer when it is there
    photos = classifier.predict_many(paths, 64 if args.face else 1, args.face)
    if args.save:
        photos = answers.saving(photos, Path(args.save), classifier.class_names)
    if table:
        photos = answers.tabling(photos, table, classifier.class_names)
    bad = 0
    for photo in answers.printed(photos, paths, args.json):
        bad += photo.error is not None
    return 1 if bad else 0


def _new_file(path: str) -> TextIO:
    """Open a file to write that is not there yet."""
    try:
        return open(path, "x", newline="", encoding="utf-8", errors="surrogateescape")
    except FileExistsError:
        raise CommandError(f"{path} exists already: give the name of a new file.") from None
    except OSError as error:
        raise CommandError(f"{path} cannot be written: {error.strerror}.") from error


def train(args: Namespace) -> int:
    """Train a network and write it with its card, curves and split."""
    print(f"Reading the pictures of {args.data} ...", flush=True)
    from .archives import open_folder
    from .recipes import train_folder

    card = train_folder(
        open_folder(args.data),
        args.out,
        classes=args.classes,
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
    from .archives import open_folder
    from .classifier import load_classifier
    from .data import load_images
    from .evaluation import evaluate as score
    from .model import read_card

    card = read_card(args.model)
    if args.save:
        Path(args.save).mkdir(parents=True, exist_ok=True)
    say = (lambda text: None) if args.json else (lambda text: print(text, flush=True))
    say(f"Reading the pictures of {args.data} ...")
    dataset = _unseen(open_folder(args.data), card.class_names, args.split, Path(args.model), say)
    images = load_images(dataset.rows, card.image_size, card.channels)
    probabilities = load_classifier(args.model).predict_arrays(images)
    files = [row.path.relative_to(dataset.folder).as_posix() for row in dataset.rows]
    report = score(probabilities, dataset.labels(dataset.rows), card.class_names, files)
    if args.json:
        print(json.dumps(report.to_dict(), indent=1))
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
    from .splitting import learned_digests

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
        learned = learned_digests(model.with_name(f"{model.stem}_split.csv"))
        rows, before = [row for row in rows if row.digest not in learned], len(rows)
        if before > len(rows):
            say(f"Left out, because the model has learned from them: {before - len(rows)}.")
    elif split != "all":
        rows = [row for row in rows if row.split == split]
    if not rows:
        raise CommandError(f"{folder} has no pictures to judge this model with: try --split all.")
    return Dataset(folder, names, rows)


def audit(args: Namespace) -> int:
    """Look for faults in a data set; move them only when asked to."""
    from .archives import open_folder
    from .audit import audit as look
    from .audit import quarantine

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


def crop(args: Namespace) -> int:
    """Write the largest face of each photo; exit status 1 when any photo gives none."""
    from .answers import photos_in
    from .workers import on_all_cores

    source, target = Path(args.data), Path(args.to)
    if not source.is_dir():
        raise CommandError(f"{source} is not a folder: give the folder that holds the photos.")
    paths = [Path(path) for path in photos_in([args.data])]

    def write(path: Path) -> str | None:
        return _write_crop(path, (target / path.relative_to(source)).with_suffix(".png"))

    problems = on_all_cores(write, paths, "cutting out faces", sys.stderr.isatty())
    problems = [problem for problem in problems if problem]
    print(*problems, sep="\n", file=sys.stderr, end="\n" if problems else "")
    print(f"Written: {len(paths) - len(problems)} faces of {len(paths)} photos, to {target}.")
    return 1 if problems else 0


def _write_crop(path: Path, target: Path) -> str | None:
    """Write the largest face of a photo as PNG; return the sentence that says why not."""
    from .faces import LOOK_AT, find_faces
    from .images import ImageError, open_image

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


def draw(args: Namespace) -> int:
    """Draw faces into class folders."""
    from .drawing import draw_faces

    drawn = draw_faces(args.folder, args.n, args.classes, args.seed, sys.stderr.isatty())
    print(f"Written: {len(drawn)} faces, to {args.folder}.")
    return 0


def download(args: Namespace) -> int:
    """Fetch a data set, or take it from a copy."""
    from .download import download_fer2013

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


def student(args: Namespace) -> int:
    """Write the notebooks without solutions, for learners."""
    from .student import write_learner_copies

    for path in write_learner_copies(args.folder):
        print(path)
    return 0


def doctor(args: Namespace) -> int:
    """Say whether this computer is ready for the course; exit status 1 when something is broken."""
    from .doctor import BROKEN, examine, summary

    findings = []
    for finding in examine():
        print(finding, flush=True)
        findings.append(finding)
    print(f"\nTo send to your teacher:\n{summary(findings)}")
    return 1 if any(finding.state == BROKEN for finding in findings) else 0
