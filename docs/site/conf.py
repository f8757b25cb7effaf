"""Sphinx's settings for the site; `build.py` runs Sphinx."""

import re
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from api import MOCKED
from pages import URLS
from sphinx.application import Sphinx

project = "Happy or sad?"
language = "en"
extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.autosummary", "sphinx.ext.napoleon"]

# as GitHub reads Markdown, so a $ is a dollar; links may lead to headings
myst_enable_extensions: list[str] = []
myst_heading_anchors = 4
nb_execution_mode = "off"

# single backticks are code in our docstrings
default_role = "literal"
add_module_names = False
autodoc_mock_imports = MOCKED
autodoc_preserve_defaults = True
autodoc_typehints = "description"
autodoc_typehints_description_target = "documented_params"
napoleon_use_ivar = True
autosummary_generate = False

html_theme = "furo"
html_title = project
html_baseurl = URLS["Documentation"]
html_css_files = ["style.css"]
html_static_path = ["style.css"]
html_copy_source = False
html_show_copyright = False
html_use_index = False
html_domain_indices = False


def keep_colons(
    app: Sphinx, what: str, name: str, value: Any, options: Any, lines: list[str]
) -> None:
    """Put a colon in front of what is returned: Napoleon takes the text before one as a type."""
    for number, line in enumerate(lines[:-1]):
        if line.strip() in ("Returns:", "Yields:"):
            lines[number + 1] = re.sub(r"(?=\S)", ": ", lines[number + 1], count=1)


def setup(app: Sphinx) -> None:
    """Read docstrings before Napoleon does, whose priority is 500."""
    app.connect("autodoc-process-docstring", keep_colons, priority=400)
