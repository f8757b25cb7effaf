"""The command that runs the web service: `serve`."""

from __future__ import annotations

import argparse
import importlib.util

from .common import CommandError, add_command, positive

PACKAGES = ("fastapi", "fastapi_offline", "python_multipart", "uvicorn")


def add_serve(commands: argparse._SubParsersAction) -> None:
    """Add the `serve` command."""
    parser = add_command(
        commands, serve, "answer over HTTP, with a page for a browser", "--port 8080"
    )
    parser.add_argument(
        "--host", default="127.0.0.1", help="address to listen on; default: this machine only"
    )
    parser.add_argument("--port", type=port, default=8000, help="default: 8000")
    parser.add_argument(
        "--model",
        metavar="FILE",
        help='model file, or "seven" for seven emotions; default: happy, sad or neither',
    )
    parser.add_argument(
        "--workers", type=positive, default=1, metavar="N", help="processes; default: 1"
    )
    parser.add_argument(
        "--max-mb",
        type=positive,
        default=50,
        metavar="MB",
        help="largest size of a request; default: 50",
    )


def port(text: str) -> int:
    """Read a port number; 0 means any free port."""
    value = int(text)
    if not 0 <= value < 2**16:
        raise argparse.ArgumentTypeError("must be from 0 to 65535")
    return value


def serve(args: argparse.Namespace) -> int:
    """Answer requests until SIGTERM or Ctrl+C."""
    from .. import inference  # noqa: F401  (if emolib's own packages are missing, say so first)

    missing = [name for name in PACKAGES if importlib.util.find_spec(name) is None]
    if missing:
        raise CommandError(
            f"The web service needs {', '.join(missing)}: run "
            'pip install "emolib[service]", then try again.'
        )
    from ..service import serving

    serving.serve(args.model, args.host, args.port, args.workers, args.max_mb)
    return 0
