"""The command line: `python -m emolib --help`."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from .. import __version__
from ..course.environment import import_problem
from ..errors import EmolibError
from . import answering, datasets, learning, serving, teaching


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command.

    Args:
        argv: The arguments after `emolib`; by default, those from the shell.

    Returns:
        The exit status: 0 for success, 1 if a file, argument or package could not be used, 2 for
        wrong usage, 130 after Ctrl+C.
    """
    _prepare_console()
    words = sys.argv[1:] if argv is None else argv
    problem = answering.name_like_an_option(words) or datasets.former_command(words)
    if problem:
        print(problem, file=sys.stderr)
        return 2
    args = _parser().parse_args(words)
    try:
        return args.func(args)
    except EmolibError as error:
        print(error, file=sys.stderr)
    except ImportError as error:
        problem = import_problem(error)
        if problem is None:
            raise
        print(problem, file=sys.stderr)
    except KeyboardInterrupt:
        more = " To continue later, add --resume." if args.command == "train" else ""
        print(f"Stopped.{more}", file=sys.stderr)
        return 130
    except BrokenPipeError:
        # whatever read our output is gone, as after `| head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        print(f"{error.filename or 'A file'}: {error.strerror or error}.", file=sys.stderr)
    return 1


def _prepare_console() -> None:
    # TensorFlow's startup messages mean nothing to a learner
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    for stream in (sys.stdout, sys.stderr):
        # a file name that this console cannot show is no reason to stop
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "emolib", description="Tell happy from sad faces in photos, and train networks that do."
    )
    parser.add_argument("--version", action="version", version=f"emolib {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for add in (
        answering.add_predict,
        learning.add_train,
        learning.add_evaluate,
        datasets.add_audit,
        answering.add_crop,
        datasets.add_render,
        datasets.add_download,
        learning.add_export,
        serving.add_serve,
        teaching.add_student,
        teaching.add_doctor,
    ):
        add(commands)
    return parser
