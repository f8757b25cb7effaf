"""What the commands share: the form of a parser, and numbers above 0."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from ..errors import EmolibError


class CommandError(EmolibError):
    """The arguments of a command do not work together; the message says why."""


def add_command(
    commands: argparse._SubParsersAction,
    func: Callable[[argparse.Namespace], int],
    help: str,
    example: str,
) -> argparse.ArgumentParser:
    """Add the parser of a command that is named after a function and runs it."""
    name = func.__name__
    parser = commands.add_parser(
        name,
        help=help,
        description=help[0].upper() + help[1:] + ".",
        epilog=f"example:\n  python -m emolib {name} {example}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(func=func)
    return parser


def positive(text: str) -> int:
    """Read a whole number above 0."""
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return value
