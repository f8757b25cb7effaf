"""`python -m emolib` runs the command line."""

import sys

from . import _TOO_OLD, OLDEST_PYTHON

if sys.version_info < OLDEST_PYTHON:
    sys.exit(_TOO_OLD)

from .cli import main

if __name__ == "__main__":
    sys.exit(main())
