"""Commands that train, evaluate and export networks: `train`, `evaluate` and `export`."""

from __future__ import annotations

import argparse
import json
import math
from pathlib import Path

from .common import add_command, positive
from .scoring import choose_pictures


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
        help="width and height that the pictures are scaled to, at least 16; default: 48",
    )
    parser.add_argument("--color", action="store_true", help="train on RGB instead of gray")
    parser.add_argument("--epochs", type=positive, default=30, help="default: 30")
    parser.add_argument(
        "--batch-size",
        type=positive,
        default=64,
        metavar="N",
        help="pictures per batch, on each GPU; default: 64",
    )
    parser.add_argument(
        "--seed",
        type=int,
        default=0,
        help="the same seed gives the same network on the same machine; default: 0",
    )
    parser.add_argument(
        "--learning-rate", type=positive_number, default=2e-3, metavar="RATE", help="default: 0.002"
    )
    parser.add_argument(
        "--class-weights",
        choices=("balanced",),
        help="make all classes count the same, however many pictures they have",
    )
    parser.add_argument(
        "--out", metavar="FILE", default="models/trained.keras", help="default: %(default)s"
    )
    parser.add_argument("--resume", action="store_true", help="continue an interrupted run")


def positive_number(text: str) -> float:
    """Read a finite number above 0."""
    value = float(text)
    if not 0 < value < math.inf:
        raise argparse.ArgumentTypeError("must be above 0")
    return value


def train(args: argparse.Namespace) -> int:
    """Train a network and write it with its card, curves, history and split."""
    print(f"Reading the pictures in {args.data} ...", flush=True)
    from ..data import open_folder
    from ..evaluation import summary_text
    from ..training import train_folder, written_files

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
        learning_rate=args.learning_rate,
        class_weights=args.class_weights,
    )
    print(f"\n{summary_text(card.figures['test'], 'test pictures')}\n\nWrote:")
    for what, path in written_files(args.out).items():
        print(f"  {path} ({what})")
    print(f"For more details: python -m emolib evaluate {args.out} {args.data}")
    return 0


def add_evaluate(commands: argparse._SubParsersAction) -> None:
    """Add the `evaluate` command."""
    parser = add_command(
        commands,
        evaluate,
        "measure how good a model is on labeled face pictures",
        "models/trained.keras data/fer2013 --save figures",
    )
    parser.add_argument("model", metavar="MODEL", help=".keras, .h5, .hdf5, .onnx or .tflite file")
    parser.add_argument("data", metavar="DATA", help="folder or zip, as for train")
    parser.add_argument(
        "--split",
        choices=("train", "validation", "test", "all"),
        help="which pictures; default: the test set, or all that training did not use",
    )
    parser.add_argument(
        "--map",
        nargs="+",
        default=[],
        metavar="FOLDER=CLASS",
        help="which of the model's classes a class folder holds, such as Happy=happy "
        "happiness=happy",
    )
    _add_classes(parser)
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--save", metavar="DIR", help="also write the figures to DIR")


def evaluate(args: argparse.Namespace) -> int:
    """Score a model on labeled face pictures."""
    from ..data import load_images, open_folder
    from ..evaluation import evaluate as score
    from ..inference import load_classifier
    from ..model import read_card

    names = read_card(args.model, args.classes).class_names
    if args.save:
        Path(args.save).mkdir(parents=True, exist_ok=True)
    say = (lambda text: None) if args.json else (lambda text: print(text, flush=True))
    say(f"Reading the pictures in {args.data} ...")
    chosen = choose_pictures(open_folder(args.data), names, args.split, Path(args.model), args.map)
    for note in chosen.notes:
        say(note)
    dataset = chosen.dataset
    classifier = load_classifier(args.model, args.classes)
    images = load_images(dataset.rows, classifier.card.image_size, classifier.card.channels)
    files = [row.path.relative_to(dataset.folder).as_posix() for row in dataset.rows]
    probabilities = classifier.predict_arrays(images)
    report = score(probabilities, dataset.labels(dataset.rows), names, files)
    if args.json:
        warnings = chosen.notes + report.caveats()
        more = {"used_in_training": chosen.used, "warnings": warnings}
        print(json.dumps(report.to_dict() | more, indent=1))
    else:
        print(report.text())
    if args.save:
        from ..plots import save_report_figures

        written = save_report_figures(report, Path(args.save))
        say("\nWrote " + ", ".join(map(str, written)))
    return 0


def add_export(commands: argparse._SubParsersAction) -> None:
    """Add the `export` command."""
    parser = add_command(
        commands, export, "write a model in a different format", "models/trained.keras --to onnx"
    )
    parser.add_argument("model", metavar="MODEL", help=".keras, .h5 or .hdf5 file")
    parser.add_argument(
        "--to",
        required=True,
        metavar="FORMAT",
        help="keras, h5, savedmodel, tflite, tflite-dynamic-range or onnx",
    )
    parser.add_argument("--out", metavar="FILE", help="default: beside MODEL, with its name")
    _add_classes(parser)


def export(args: argparse.Namespace) -> int:
    """Write a model in a different format."""
    from ..model import export_model, read_card

    read_card(args.model, args.classes)
    print(f"Loading {args.model} ...", flush=True)
    print(f"Wrote {export_model(args.model, args.to, args.out, args.classes)}")
    return 0


def _add_classes(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--classes",
        nargs="+",
        metavar="NAME",
        help="for a model file without a card: its classes, in the order of its outputs",
    )
