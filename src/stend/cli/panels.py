"""The headings that typer itself writes around the help, in the session's language."""

from typer import rich_utils

from stend.cli.texts import T
from stend.kit.languages import Language


def translate(language: Language) -> None:
    """Typer takes its own words from these names each time it prints a help page."""
    rich_utils.ARGUMENTS_PANEL_TITLE = T.ARGUMENTS(language)
    rich_utils.OPTIONS_PANEL_TITLE = T.OPTIONS(language)
    rich_utils.COMMANDS_PANEL_TITLE = T.COMMANDS(language)
    rich_utils.REQUIRED_LONG_STRING = f"[{T.REQUIRED(language)}]"
