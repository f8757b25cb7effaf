"""Commands that create and check data sets: `audit`, `render` and `download`."""

from __future__ import annotations

import argparse
import contextlib
import sys
from collections.abc import Sequence
from pathlib import Path

from ..files import new_file
from .common import CommandError, add_command, positive


def add_audit(commands: argparse._SubParsersAction) -> None:
    """Add the `audit` command."""
    parser = add_command(
        commands, audit, "find faults in a folder of pictures", "data/mine --csv faults.csv"
    )
    parser.add_argument("data", metavar="DATA", help="folder or zip with one folder per class")
    parser.add_argument("--classes", nargs="+", metavar="NAME", help="classes; default: all")
    parser.add_argument("--csv", metavar="FILE", help="also write one row per fault to FILE")
    parser.add_argument(
        "--quarantine", metavar="DIR", help="move the bad files to DIR, keeping their subfolders"
    )


def audit(args: argparse.Namespace) -> int:
    """Find faults in a data set; move files only if asked to."""
    from ..data import audit as look
    from ..data import open_folder, quarantine

    if args.quarantine and not Path(args.data).is_dir():
        raise CommandError(f"{args.data} is not a folder: unpack it first to move files out of it.")
    fresh = new_file(Path(args.csv), CommandError) if args.csv else contextlib.nullcontext()
    with fresh as table:
        report = look(open_folder(args.data), args.classes, progress=sys.stderr.isatty())
        print(report.text())
        if table:
            report.to_csv(table)
    if args.quarantine:
        moved = quarantine(report, args.quarantine)
        print(f"\nMoved {len(moved)} files to {args.quarantine}.")
    return 0


def add_render(commands: argparse._SubParsersAction) -> None:
    """Add the `render` command."""
    parser = add_command(
        commands,
        render,
        "render faces of people who do not exist",
        "data/more --n 5000 --classes happy sad neutral",
    )
    parser.add_argument("folder", metavar="FOLDER", help="where to create the class folders")
    parser.add_argument("--n", type=positive, default=2000, help="number of faces; default: 2000")
    parser.add_argument(
        "--classes",
        nargs="+",
        metavar="NAME",
        default=["happy", "sad"],
        help="any of happy, sad, surprised, angry, afraid, disgusted, neutral, eyes closed, "
        "winking; default: happy sad",
    )
    parser.add_argument("--seed", type=int, default=0, help="random seed; default: 0")
    parser.add_argument(
        "--size", type=positive, default=48, help="width and height in pixels; default: 48"
    )
    parser.add_argument("--color", action="store_true", help="in color; default: gray")


def render(args: argparse.Namespace) -> int:
    """Render faces into class folders, with a table of what is known about each."""
    from ..rendering import render_faces

    faces = render_faces(
        args.folder,
        args.n,
        args.classes,
        args.seed,
        args.size,
        args.color,
        sys.stderr.isatty(),
    )
    print(f"Rendered {len(faces):,} faces in {args.folder}; faces.csv describes each of them.")
    return 0


def former_command(words: Sequence[str]) -> str | None:
    """Return a sentence for a command that has been renamed, None for any other."""
    if words[:1] == ["draw"]:
        return "The command draw is now called render: see python -m emolib render --help."
    return None


def add_download(commands: argparse._SubParsersAction) -> None:
    """Add the `download` command."""
    parser = add_command(
        commands,
        download,
        "download the photographs of FER2013",
        "fer2013 --from /media/usb/fer2013.zip",
    )
    parser.add_argument("name", choices=("fer2013",), help="the data set")
    parser.add_argument(
        "--from",
        dest="source",
        metavar="FILE_OR_FOLDER",
        help="your own copy: a folder, a zip or tar, or the original fer2013.csv",
    )
    parser.add_argument("--to", metavar="DIR", default="data/fer2013", help="default: %(default)s")


def download(args: argparse.Namespace) -> int:
    """Download a data set, or take it from a copy."""
    from ..data import download_fer2013

    folder = download_fer2013(args.to, args.source)
    print(f"FER2013 is complete in {folder}.")
    return 0
