"""What the environment says about the language: alone, so that a first line can be told at once."""

import os


def language_tag() -> str:
    """STEND_LANG first, then the locale."""
    for variable in ("STEND_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        if tag := os.environ.get(variable):
            return tag
    return "en"
