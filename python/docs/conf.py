"""The documentation of the Python package, made by `make docs`."""

from __future__ import annotations

from typing import Any

import libfw

project = "libfw"
author = copyright = "the libfw authors"
release = version = libfw.__version__
extensions = ["myst_parser", "sphinx.ext.autodoc"]
#: What stands between single backquotes.
default_role = "code"
html_theme = "furo"
html_title = "libfw"
myst_heading_anchors = 3
autodoc_member_order = "bysource"
autodoc_default_options = {"members": True, "undoc-members": False, "show-inheritance": True}
exclude_patterns = ["_build"]
# Docstrings are plain text with literal blocks, whose examples the tests run.
nitpicky = False
# REFERENCE.md has anchors of HTML; `type` in an annotation is Python's, not the option of several parts.
suppress_warnings = ["myst.xref_missing", "ref.python"]


def plain(app: Any, what: str, name: str, thing: object, options: Any, lines: list[str]) -> None:
    """Docstrings are plain text: what is indented is code, and options are a list."""
    made: list[str] = []
    told: str | None = ""
    in_option = False
    for line in lines:
        is_code = line.startswith("    ")
        if is_code and told is not None and made[-1:] != [""]:
            made.append("")
        if is_code and told is not None and not told.endswith("::"):
            made += [".. code-block:: python", ""]
        option, colon, rest = line.partition(": ``--")
        is_option = bool(colon) and option.isidentifier()
        if is_option:
            line = f"- ``{option}``: ``--{rest}"
        elif in_option and line and not is_code:
            # A description of two lines.
            made.append(f"  {line}")
            continue
        elif not is_code and told is None and line and made[-1:] != [""]:
            made.append("")
        in_option = is_option
        made.append(line)
        if line.strip():
            # Within code there is nothing to announce.
            told = None if is_code else line
    lines[:] = made


def setup(app: Any) -> None:
    app.connect("autodoc-process-docstring", plain)
