"""Commands that train, evaluate and export networks: `train`, `evaluate` and `export`."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from .common import CommandError, add_command, positive

if TYPE_CHECKING:
    from ..data import Dataset


def add_train(commands: argparse._SubParsersAction) -> None:
    """Add the `train` command."""
    parser = add_command(
        commands,
        train,
        "train a network on a folder of pictures",
        "data/fer2013 --classes happy sad",
    )
    parser.add_argument(
        "data", metavar="DATA", help="folder or zip with one folder per class, or train/ and test/"
    )
    parser.add_argument("--classes", nargs="+", metavar="NAME", help="class folders; default: all")
    parser.add_argument(
        "--image-size",
        type=positive,
        default=48,
        metavar="PIXELS",
        help="scale the pictures to squares of this side, 16 or more; default: 48",
    )
    parser.add_argument("--color", action="store_true", help="train on RGB instead of gray")
    parser.add_argument("--epochs", type=positive, default=30, help="default: 30")
    parser.add_argument("--batch-size", type=positive, default=64, help="default: 64")
    parser.add_argument("--seed", type=int, default=0, help="default: 0")
    parser.add_argument(
        "--out", metavar="FILE", default="models/my_model.keras", help="default: %(default)s"
    )
    parser.add_argument("--resume", action="store_true", help="continue an interrupted training")


def train(args: argparse.Namespace) -> int:
    """Train a network and write it with its card, curves and split."""
    print(f"Reading the pictures of {args.data} ...", flush=True)
    from ..data import open_folder
    from ..evaluation import percent
    from ..training import train_folder

    card = train_folder(
        open_folder(args.data),
        args.out,
        classes=args.classes,
        epochs=args.epochs,
        batch_size=args.batch_size,
        seed=args.seed,
        resume=args.resume,
        say=lambda text: print(text, flush=True),
        image_size=(args.image_size, args.image_size),
        channels=3 if args.color else 1,
    )
    test = card.figures["test"]
    accuracy = {name: percent(share, 1) for name, share in test["accuracy"].items()}
    print(
        f"Accuracy on {test['n']:,} test pictures: {accuracy['value']} "
        f"(95% interval: {accuracy['low']} to {accuracy['high']}).\nWritten: {args.out}\n"
        f"More: python -m emolib evaluate {args.out} {args.data}"
    )
    return 0


def add_evaluate(commands: argparse._SubParsersAction) -> None:
    """Add the `evaluate` command."""
    parser = add_command(
        commands,
        evaluate,
        "measure how good a model is on labeled face pictures",
        "models/my_model.keras data/fer2013 --save figures",
    )
    parser.add_argument("model", metavar="MODEL", help=".keras, .h5, .onnx or .tflite file")
    parser.add_argument("data", metavar="DATA", help="folder or zip, as for train")
    parser.add_argument(
        "--split",
        choices=("train", "validation", "test", "all"),
        help="which pictures; default: the test set, or all that training did not use",
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--save", metavar="DIR", help="also write the figures to DIR")


def evaluate(args: argparse.Namespace) -> int:
    """Score a model on labeled face pictures."""
    from ..data import load_images, open_folder
    from ..evaluation import evaluate as score
    from ..inference import load_classifier
    from ..model import read_card

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
        from ..plots import save_report_figures

        written = save_report_figures(report, Path(args.save))
        say("\nWritten: " + ", ".join(map(str, written)))
    return 0


def _unseen(
    folder: Path, names: list[str], split: str | None, model: Path, say: Callable[[str], None]
) -> Dataset:
    """Return the readable pictures to score a model on: none that its training used."""
    from ..data import Dataset, class_names_in, scan
    from ..data.splitting import learned_digests

    there = class_names_in(folder)
    left_out = [name for name in there if name not in names]
    if len(left_out) == len(there):
        raise CommandError(f"{folder} has none of this model's classes: {', '.join(names)}.")
    if left_out:
        say(f"Left out, because the model does not know them: {', '.join(left_out)}.")
    dataset = scan(folder, [name for name in names if name in there], sys.stderr.isatty())
    rows = [row for row in dataset.rows if row.digest]
    if split is None and any(row.split == "test" for row in rows):
        split = "test"
    if split is None:
        used = learned_digests(model.with_name(f"{model.stem}_split.csv"))
        before = len(rows)
        rows = [row for row in rows if row.digest not in used]
        if before > len(rows):
            say(f"Left out, because training used them: {before - len(rows)}.")
    elif split != "all":
        rows = [row for row in rows if row.split == split]
    if not rows:
        raise CommandError(f"{folder} has no pictures to score this model on: try --split all.")
    return Dataset(folder, names, rows)


def add_export(commands: argparse._SubParsersAction) -> None:
    """Add the `export` command."""
    parser = add_command(
        commands, export, "write a model in a different format", "models/my_model.keras --to onnx"
    )
    parser.add_argument("model", metavar="MODEL", help=".keras or .h5 file")
    parser.add_argument(
        "--to",
        required=True,
        metavar="FORMAT",
        help="keras, h5, savedmodel, tflite, tflite-dynamic-range or onnx",
    )
    parser.add_argument("--out", metavar="FILE", help="default: beside MODEL, with its name")


def export(args: argparse.Namespace) -> int:
    """Write a model in a different format."""
    from ..model import export_model, read_card

    read_card(args.model)
    print(f"Loading {args.model} ...", flush=True)
    print(f"Written: {export_model(args.model, args.to, args.out)}")
    return 0
