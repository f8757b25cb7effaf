"""The command line: `python -m emolib --help`."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from . import __version__
from .errors import EmolibError
from .export import FORMATS


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command.

    Args:
        argv: The words after `emolib`; those of the shell by default.

    Returns:
        The exit status: 0 done; 1 a file or argument could not be used; 2 wrong usage.
    """
    # TensorFlow's start-up lines tell a learner nothing
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    for stream in (sys.stdout, sys.stderr):
        # a file name that this console cannot write is no reason to stop
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    args = _parser().parse_args(argv)
    try:
        from . import commands

        return getattr(commands, args.command)(args)
    except EmolibError as error:
        print(error, file=sys.stderr)
    except KeyboardInterrupt:
        more = " To go on later, add --resume." if args.command == "train" else ""
        print(f"Stopped.{more}", file=sys.stderr)
        return 130
    except BrokenPipeError:
        # the reader of our output went away, as `| head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        print(f"{error.filename or 'A file'}: {error.strerror or error}.", file=sys.stderr)
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "emolib", description="Tell happy from sad faces in photos, and train networks that do."
    )
    parser.add_argument("--version", action="version", version=f"emolib {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    learning = (_predict, _train, _evaluate, _audit, _crop, _draw, _download, _export)
    for add in (*learning, _student, _doctor):
        add(commands)
    return parser


def _add(commands, name: str, help: str, example: str) -> argparse.ArgumentParser:
    return commands.add_parser(
        name,
        help=help,
        description=help[0].upper() + help[1:] + ".",
        epilog=f"example:\n  python -m emolib {name} {example}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )


def _predict(commands) -> None:
    predict = _add(
        commands, "predict", "say who is happy and who is sad in photos", "holiday/ --save answers"
    )
    predict.add_argument(
        "paths", nargs="*", metavar="PATH", help="photos or folders; none: ten example selfies"
    )
    predict.add_argument("--json", action="store_true", help="print one JSON list")
    predict.add_argument("--csv", metavar="FILE", help="also write one line a face to FILE")
    predict.add_argument("--save", metavar="DIR", help="also write copies with boxes and labels")
    predict.add_argument(
        "--face", action="store_true", help="the pictures are already cropped faces"
    )
    predict.add_argument("--model", metavar="FILE", help="model file; default: the released one")


def _train(commands) -> None:
    train = _add(
        commands,
        "train",
        "train a network on a folder of pictures",
        "data/fer2013 --classes happy sad",
    )
    train.add_argument(
        "data", metavar="DATA", help="folder or zip with one folder a class, or train/ and test/"
    )
    train.add_argument("--classes", nargs="+", metavar="NAME", help="class folders; default: all")
    train.add_argument("--epochs", type=_positive, default=30, help="default: 30")
    train.add_argument("--batch-size", type=_positive, default=64, help="default: 64")
    train.add_argument("--seed", type=int, default=0, help="default: 0")
    train.add_argument(
        "--out", metavar="FILE", default="models/my_model.keras", help="default: %(default)s"
    )
    train.add_argument(
        "--resume", action="store_true", help="go on where an interrupted training stopped"
    )


def _evaluate(commands) -> None:
    evaluate = _add(
        commands,
        "evaluate",
        "measure how good a model is on labelled face pictures",
        "models/my_model.keras data/fer2013 --save figures",
    )
    evaluate.add_argument("model", metavar="MODEL", help=".keras, .h5, .onnx or .tflite file")
    evaluate.add_argument("data", metavar="DATA", help="folder or zip, as for train")
    evaluate.add_argument(
        "--split",
        choices=("train", "validation", "test", "all"),
        help="which pictures; default: the test set, or all that the model has not seen",
    )
    evaluate.add_argument("--json", action="store_true", help="print JSON")
    evaluate.add_argument("--save", metavar="DIR", help="also write the figures to DIR")


def _audit(commands) -> None:
    audit = _add(
        commands, "audit", "look for faults in a folder of pictures", "data/mine --csv faults.csv"
    )
    audit.add_argument("data", metavar="DATA", help="folder or zip, as for train")
    audit.add_argument("--classes", nargs="+", metavar="NAME", help="class folders; default: all")
    audit.add_argument("--csv", metavar="FILE", help="also write one line a fault to FILE")
    audit.add_argument(
        "--quarantine", metavar="DIR", help="move the bad files to DIR, keeping their folders"
    )


def _crop(commands) -> None:
    crop = _add(
        commands, "crop", "cut the faces out of whole photos, to train on", "photos --to data/mine"
    )
    crop.add_argument("data", metavar="FOLDER", help="photos, in one folder a class")
    crop.add_argument("--to", metavar="DIR", required=True, help="where the crops go, same folders")


def _draw(commands) -> None:
    draw = _add(
        commands,
        "draw",
        "draw faces of nobody, to train on",
        "data/more --n 5000 --classes happy sad neutral",
    )
    draw.add_argument("folder", metavar="FOLDER", help="where the class folders go")
    draw.add_argument("--n", type=_positive, default=2000, help="faces in all; default: 2000")
    draw.add_argument(
        "--classes",
        nargs="+",
        metavar="NAME",
        default=["happy", "sad"],
        help="expressions; default: happy sad",
    )
    draw.add_argument("--seed", type=int, default=0, help="default: 0")


def _download(commands) -> None:
    download = _add(
        commands,
        "download",
        "fetch the photographs of FER2013",
        "fer2013 --from /media/usb/fer2013.zip",
    )
    download.add_argument("name", choices=("fer2013",), help="the data set")
    download.add_argument("--from", dest="source", metavar="ZIP_OR_FOLDER", help="a copy you have")
    download.add_argument(
        "--to", metavar="DIR", default="data/fer2013", help="default: %(default)s"
    )


def _export(commands) -> None:
    export = _add(
        commands, "export", "write a model in another format", "models/my_model.keras --to onnx"
    )
    export.add_argument("model", metavar="MODEL", help=".keras or .h5 file")
    export.add_argument("--to", required=True, choices=FORMATS, help="the format")
    export.add_argument("--out", metavar="FILE", help="default: beside MODEL, same name")


def _student(commands) -> None:
    student = _add(
        commands, "student", "write the notebooks for learners, without solutions", "learners"
    )
    student.add_argument("folder", metavar="OUT", help="a new folder; OUT.zip is written too")


def _doctor(commands) -> None:
    _add(commands, "doctor", "say whether this computer is ready for the course", "")


def _positive(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return value


if __name__ == "__main__":
    sys.exit(main())
