"""The web service: the answers of `Classifier` over HTTP, and a page for a browser.

    >>> from emolib.service import create_app
    >>> app = create_app(emolib.load_classifier())  # for any ASGI server

`python -m emolib serve` runs it. Needs the extra `service`: `pip install "emolib[service]"`. An
uploaded picture stays in memory and is dropped once it is answered.
"""

from .app import Settings, create_app

__all__ = ["Settings", "create_app"]
